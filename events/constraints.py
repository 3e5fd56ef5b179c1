"""Database constraints that Django lacks.

A composite foreign key: ``Session.track`` must be a track *of the same event*. A check
constraint cannot look at another table; a foreign key over both columns can, on SQLite and
on PostgreSQL. It stands beside Django's own foreign key, which still does the joins and the
deletions.

Check constraints that ask the database nothing when a form is checked, because the model
says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils.functional import Promise

from events.characters import UNWANTED_IN_LINE, UNWANTED_IN_TEXT


class SameParent(models.BaseConstraint):
    """The object that ``field`` names has the same ``parent`` as the row itself.

    The named model needs a unique constraint over (parent, id). Rows whose ``field`` is
    null pass: a foreign key is checked only when all its columns hold something (MATCH
    SIMPLE, https://www.postgresql.org/docs/current/sql-createtable.html).
    """

    def __init__(
        self,
        *,
        field: str,
        parent: str,
        name: str,
        violation_error_message: str | Promise | None = None,
    ) -> None:
        self.field, self.parent = field, parent
        message: Any = violation_error_message  # Django writes lazy texts as well.
        super().__init__(name=name, violation_error_message=message)

    def _clause(self, model: type[models.Model], editor: BaseDatabaseSchemaEditor) -> str:
        quote = editor.quote_name
        field, parent = (_foreign_key(model, name) for name in (self.field, self.parent))
        other = field.related_model._meta
        other_parent = _foreign_key(field.related_model, self.parent)
        return (
            f"CONSTRAINT {quote(self.name)} "
            f"FOREIGN KEY ({quote(parent.column)}, {quote(field.column)}) "
            f"REFERENCES {quote(other.db_table)} "
            f"({quote(other_parent.column)}, {quote(other.pk.column)}) "
            # Checked at the commit: rows of one transaction may come in any order.
            "DEFERRABLE INITIALLY DEFERRED"
        )

    def constraint_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        """The clause within CREATE TABLE; SQLite makes a table anew with it to add one."""
        assert model and schema_editor  # Django's types allow None, its callers give both.
        return self._clause(model, schema_editor)

    def create_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model and schema_editor
        table = schema_editor.quote_name(model._meta.db_table)
        return f"ALTER TABLE {table} ADD {self._clause(model, schema_editor)}"

    def remove_sql(
        self, model: type[models.Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model and schema_editor
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: set[str] | None = None,
        using: str = "default",
    ) -> None:
        if exclude and {self.field, self.parent} & set(exclude):
            return
        named = getattr(instance, self.field)
        parent_id = f"{self.parent}_id"
        if named is not None and getattr(named, parent_id) != getattr(instance, parent_id):
            raise ValidationError({self.field: self.get_violation_error_message()})

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, (*args,), {**kwargs, "field": self.field, "parent": self.parent}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SameParent) and self.deconstruct() == other.deconstruct()

    __hash__ = None  # type: ignore[assignment]


class Backstop(models.CheckConstraint):
    """A rule that the model's ``clean`` states in words; this one stops who goes round it.

    Django would check it with a query each time a form is validated.
    """

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The model has said it already."""


class PlainText(Backstop):
    """``lines`` and ``texts`` hold none of the characters that events/characters.py folds away.

    A migration names the columns, not the characters: whoever changes those removes these
    constraints and adds them again in a migration that folds what is stored.
    """

    def __init__(self, *, name: str, lines: Sequence[str] = (), texts: Sequence[str] = ()) -> None:
        self.lines, self.texts = tuple(lines), tuple(texts)
        unwanted = models.Q()
        for columns, pattern in ((lines, UNWANTED_IN_LINE), (texts, UNWANTED_IN_TEXT)):
            for column in columns:
                unwanted |= models.Q(**{f"{column}__regex": pattern})
        super().__init__(condition=~unwanted, name=name)

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        del kwargs["condition"]
        return path, (*args,), {**kwargs, "lines": self.lines, "texts": self.texts}


def _foreign_key(model: type[models.Model], name: str) -> Any:
    """A foreign key as a field with a column; the types of ``get_field`` say less."""
    return model._meta.get_field(name)
