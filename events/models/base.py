from __future__ import annotations

import uuid
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import slugify


class Identified(models.Model):
    """What every planned object has: an identity for the outside, and its times."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


def validate_timezone(name: str) -> None:
    """Raise ValidationError unless ``name`` is an IANA zone such as Europe/Berlin."""
    if name not in available_timezones():
        raise ValidationError(
            f"“{name}” is not a time zone. Use a name such as Europe/Berlin or America/New_York."
        )


def free_slug(wanted: str, taken: models.QuerySet[models.Model], fallback: str) -> str:
    """A slug made of ``wanted`` that no row of ``taken`` holds yet, at most 80 characters."""
    base = slugify(wanted)[:80].strip("-") or fallback
    used = set(taken.filter(slug__startswith=base[:70]).values_list("slug", flat=True))
    if base not in used:
        return base
    number = 2
    while f"{base[:74]}-{number}" in used:
        number += 1
    return f"{base[:74]}-{number}"
