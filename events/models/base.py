from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any, TypeVar
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models, router
from django.utils.text import slugify
from django.utils.translation import gettext as _

from events.changes import changes

Row = TypeVar("Row", bound=models.Model)


class Identified(models.Model):
    """What every planned object has: an identity for the outside, and its times."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Exchanged(Identified):
    """What schedules carry: known to them by the id of the file that it came from, or our own."""

    external_id: str

    class Meta:
        abstract = True

    @property
    def guid(self) -> str:
        """Under which it stands in exported schedules, and is found again in imported ones."""
        return self.external_id or str(self.uuid)

    @property
    def is_imported(self) -> bool:
        """Whether it came from a schedule; what was made by hand is not an import's to remove."""
        return bool(self.external_id)


class ProgrammeQuerySet(models.QuerySet[Row]):
    """Rows of the programme; however many are deleted, each is told once."""

    def delete(self) -> tuple[int, dict[str, int]]:
        with changes(self.db, savepoint=False):
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class ProgrammeModel(models.Model):
    """A part of the programme: its saves and deletions are told to other apps (changes.py)."""

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, using: str | None = None, **kwargs: Any) -> None:
        using = using or router.db_for_write(type(self), instance=self)
        with changes(using, savepoint=False):
            super().save(*args, using=using, **kwargs)

    def delete(
        self, using: str | None = None, keep_parents: bool = False
    ) -> tuple[int, dict[str, int]]:
        using = using or router.db_for_write(type(self), instance=self)
        with changes(using, savepoint=False):
            return super().delete(using, keep_parents)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """As Django's, which would ask the database whether each related object exists.

        One that was read a moment ago does; if it is deleted just now, its foreign key
        refuses the save.
        """
        read = {
            field.name
            for field in self._meta.concrete_fields
            if isinstance(field, models.ForeignKey)
            and field.is_cached(self)
            and _is_saved(getattr(self, field.name))
        }
        super().clean_fields({*(exclude or ()), *read})


def _is_saved(thing: models.Model | None) -> bool:
    return thing is not None and thing.pk is not None


def validate_timezone(name: str) -> None:
    """Raise ValidationError unless ``name`` is an IANA zone such as Europe/Berlin."""
    if name not in available_timezones():
        raise ValidationError(
            _(
                "“%(name)s” is not a time zone. Use a name such as Europe/Berlin "
                "or America/New_York."
            )
            % {"name": name}
        )


class FreeSlugs:
    """Slugs that no row holds yet, at most 80 characters; each is given away once."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._used = set(taken)
        self._last: dict[str, int] = {}

    def take(self, wanted: str, fallback: str) -> str:
        """A slug made of ``wanted``, with a number at its end when others have it already."""
        base = slugify(wanted)[:80].strip("-") or fallback
        slug, stem = base, base[:74]
        while slug in self._used:
            self._last[stem] = self._last.get(stem, 1) + 1
            slug = f"{stem}-{self._last[stem]}"
        self._used.add(slug)
        return slug


def free_slug(wanted: str, taken: models.QuerySet[models.Model], fallback: str) -> str:
    """One such slug for a row that is not among ``taken``."""
    base = slugify(wanted)[:80].strip("-") or fallback
    alike = taken.filter(slug__startswith=base[:70]).values_list("slug", flat=True)
    return FreeSlugs(alike).take(wanted, fallback)
