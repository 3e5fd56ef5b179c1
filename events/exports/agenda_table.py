"""The whole programme as a table, a row for each session: drafts and cancelled ones too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from events.exports.tables import CellValue
from events.models import Event, Session, SessionSpeaker, SpeakerRole

#: Columns are added at the end only, for scripts rely on the order.
AGENDA_COLUMNS: Final = (
    *("session_id", "title", "subtitle", "status", "type", "track", "room", "language"),
    *("start_local", "end_local", "timezone", "start_utc", "end_utc"),
    *("speakers", "moderators", "abstract", "description", "url"),
)
_LOCAL: Final = "%Y-%m-%dT%H:%M"


def agenda_rows(event: Event, site_url: str) -> Iterator[tuple[CellValue, ...]]:
    """The rows by start, in three queries. ``session_id`` is the one a schedule carries."""
    people = _people(event)
    sessions = event.sessions.select_related("track").order_by("starts_at", "title", "pk")
    for session in sessions.iterator(chunk_size=500):
        session.event = event
        yield _row(session, people.get(session.pk, {}), site_url)


def _row(session: Session, people: dict[str, list[str]], site_url: str) -> tuple[CellValue, ...]:
    zone = session.event.zone
    return (
        session.guid,
        session.title,
        session.subtitle,
        session.status,
        session.session_type,
        session.track.name if session.track else "",
        session.location,
        session.language,
        f"{session.starts_at.astimezone(zone):{_LOCAL}}",
        f"{session.ends_at.astimezone(zone):{_LOCAL}}",
        session.event.timezone,
        session.starts_at,
        session.ends_at,
        ", ".join(people.get(SpeakerRole.SPEAKER, ())),
        ", ".join(people.get(SpeakerRole.MODERATOR, ())),
        session.abstract,
        session.description,
        site_url + session.get_absolute_url(),
    )


def _people(event: Event) -> dict[int, dict[str, list[str]]]:
    """Names by session and role, in their order."""
    found: dict[int, dict[str, list[str]]] = {}
    rows = SessionSpeaker.objects.filter(session__event=event).order_by("position", "pk")
    for pk, role, name in rows.values_list("session_id", "role", "speaker__name"):
        found.setdefault(pk, {}).setdefault(role, []).append(name)
    return found
