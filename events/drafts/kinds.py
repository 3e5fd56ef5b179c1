"""Which objects gather changes, with which fields, and how a value is kept until its release."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import models

from events.models import (
    Event,
    EventTranslation,
    InfoBlock,
    Partner,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionTranslation,
    Speaker,
    SpeakerLink,
    Track,
    TrackTranslation,
)


@dataclass(frozen=True)
class GatheredKind:
    """A model; its ``fields`` wait for a release, all others are live with each save.

    ``parent`` is what a part of an object belongs to. What has an identity of its own has none:
    a new one is saved at once, for attendees see it with the first session that they see.
    """

    model: type[models.Model]
    fields: tuple[str, ...]
    parent: str = ""

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)

    def field(self, name: str) -> Any:
        return self.model._meta.get_field(name)

    def owner_id(self, thing: Any) -> int | None:
        """The primary key of what it is a part of."""
        return getattr(thing, f"{self.parent}_id") if self.parent else None


_TEXTS: Final = ("title", "subtitle", "abstract", "description")

# Left out: what decides who comes in and how many, and to whom accounts belong. That is no
# programme, and nobody who closes the registration means "with the next release".
KINDS: Final = {
    kind.model: kind
    for kind in (
        GatheredKind(
            Event,
            (
                *("title", "tagline", "description", "language", "location"),
                *("starts_on", "ends_on", "doors_open_minutes", "overrun_minutes"),
                *("accent_color", "picture", "picture_alt", "attendance_mode", "main_stages"),
            ),
        ),
        GatheredKind(Track, ("name", "slug", "description", "color", "position", "main_stage")),
        GatheredKind(
            Session,
            (
                *("title", "subtitle", "starts_at", "ends_at", "location", "track"),
                *("status", "session_type", "language", "abstract", "description", "slug"),
            ),
        ),
        GatheredKind(Speaker, ("name", "title", "biography", "picture", "slug")),
        GatheredKind(SessionSpeaker, ("speaker", "role", "position"), "session"),
        GatheredKind(
            SessionMaterial,
            ("title", "file", "filename", "size", "url", "audience", "position"),
            "session",
        ),
        GatheredKind(SessionTranslation, ("language", *_TEXTS), "session"),
        GatheredKind(SpeakerLink, ("label", "url", "position"), "speaker"),
        GatheredKind(EventTranslation, ("language", "title", "tagline", "description"), "event"),
        GatheredKind(TrackTranslation, ("track", "language", "name"), "event"),
        GatheredKind(Partner, ("name", "level", "website", "logo", "position"), "event"),
        GatheredKind(InfoBlock, ("title", "text", "position"), "event"),
    )
}
BY_NAME: Final = {kind.name: kind for kind in KINDS.values()}
#: Columns that hold the name of a file.
FILES: Final = {
    (kind.name, name)
    for kind in KINDS.values()
    for name in kind.fields
    if isinstance(kind.field(name), models.FileField)
}


def event_of(thing: Any) -> Event:
    """The event that an object is, or belongs to."""
    if isinstance(thing, Event):
        return thing
    parent = KINDS[type(thing)].parent or "event"
    owner = getattr(thing, parent)
    event: Event = owner if parent == "event" else owner.event
    return event


def value_of(kind: GatheredKind, thing: models.Model, name: str) -> Any:
    """A field's value as JSON can keep it."""
    field = kind.field(name)
    value = field.get_prep_value(getattr(thing, field.attname))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def values_of(kind: GatheredKind, thing: models.Model) -> dict[str, Any]:
    return {name: value_of(kind, thing, name) for name in kind.fields}


def put_value(kind: GatheredKind, thing: models.Model, name: str, value: Any) -> None:
    """Give an object the value that was kept."""
    field = kind.field(name)
    is_plain = not field.is_relation and not isinstance(field, models.FileField)
    setattr(thing, field.attname, field.to_python(value) if is_plain else value)
