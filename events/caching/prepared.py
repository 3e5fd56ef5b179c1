"""Queries whose SQL is written once, and asked again and again with other values.

Django takes longer to write a query with several subqueries than PostgreSQL to answer it, and
a few of them stand before every page. The query is the same as ever, and Django makes its
rows; only the writing is left out. Web processes also let PostgreSQL plan it only once for each
connection (``portal.postgresql``), which takes longer than running it.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import connections, models, router
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=models.Model)
# Which value is asked for in place of each stand-in.
Values = Mapping[Any, Any]


class _Prepared:
    """``build`` makes the query, with stand-ins for the values that differ each time.

    A stand-in is a value that nothing else in the query can be equal to.
    """

    def __init__(self, model: type[models.Model], build: Callable[[], QuerySet[Any, Any]]) -> None:
        self._model, self._build = model, build
        self._written = cache(self._write)

    def _asking(self, values: Values) -> tuple[str, Any]:
        """The database, and Django's compiler as if it had just written the SQL."""
        using = router.db_for_read(self._model)
        compiler, sql, params = self._written(using)
        asked = copy.copy(compiler)
        connection = connections[using]
        asked.connection = _planned_once(connection)
        known = {_sent(stand_in, connection): value for stand_in, value in values.items()}
        given = tuple(_sent(known.get(param, param), connection) for param in params)
        asked.as_sql = lambda *_, **__: (sql, given)
        return using, asked

    def _write(self, using: str) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self._build().query.get_compiler(using=using)
        sql, params = compiler.as_sql()
        return compiler, sql, tuple(params)


class _PlannedOnce:
    """A connection whose cursors are those for statements that come again and again."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def cursor(self) -> Any:
        return self._connection.prepared_cursor()


def _planned_once(connection: Any) -> Any:
    is_offered = hasattr(connection, "prepared_cursor")
    return _PlannedOnce(connection) if is_offered else connection


class PreparedQuery(_Prepared, Generic[Row]):
    """One object at most."""

    def __init__(self, model: type[Row], build: Callable[[], QuerySet[Row]]) -> None:
        super().__init__(model, lambda: build()[:1])

    def first(self, values: Values) -> Row | None:
        """The first row, with each stand-in replaced by its value; None when there is none."""
        using, asked = self._asking(values)
        source = SimpleNamespace(
            db=using,
            query=SimpleNamespace(get_compiler=lambda using: asked),
            _known_related_objects={},
        )
        rows: list[Row] = list(ModelIterable(source))  # type: ignore[arg-type]
        return rows[0] if rows else None


class PreparedRows(_Prepared):
    """The rows of a query that ends in ``values_list``."""

    def rows(self, values: Values) -> list[tuple[Any, ...]]:
        """All of them, with each stand-in replaced by its value."""
        _, asked = self._asking(values)
        return list(asked.results_iter(tuple_expected=True))


def _sent(value: Any, connection: Any) -> Any:
    """A value as fields hand it to the database."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
