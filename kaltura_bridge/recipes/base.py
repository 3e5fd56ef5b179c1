from __future__ import annotations

from dataclasses import dataclass

from events.models import Session, SessionStatus
from kaltura_bridge import texts
from kaltura_bridge.specs import Kind, Ref, Spec, key_for


class UnsupportedSession(Exception):
    """No recipe knows how to make this type of session at Kaltura."""

    def __init__(self, session: Session) -> None:
        super().__init__(
            f"Sessions of type “{session.get_session_type_display()}” cannot be sent to Kaltura "
            "yet. Choose Webcast, Interactive room or Webinar, or keep it as a plan."
        )


@dataclass(frozen=True)
class Context:
    """What recipes must know of the account, looked up or set beforehand."""

    parent_category_id: str
    conversion_profile_id: str = ""
    room_template_interactive: str = ""
    room_template_webinar: str = ""
    dvr_window_minutes: int = 60


def unix(moment: object) -> str:
    """A moment as Kaltura's Unix seconds, in text."""
    return str(int(moment.timestamp()))  # type: ignore[attr-defined]


def place(session: Session, entry: Ref) -> list[Spec]:
    """The entry's place in its track's category, or in the event's when it has no track.

    The category is part of the key: a session that moves to another track gets its new
    place before it loses the old one. A cancelled session has no place.
    """
    if session.status == SessionStatus.CANCELLED:
        return []
    home = (session.track or session.event).uuid
    key = f"{key_for(session.uuid)}@{home}"
    fields = {"categoryId": Ref(Kind.CATEGORY, key_for(home)), "entryId": entry}
    label = f"place of “{session.title}” in “{session.track or session.event}”"
    return [Spec(Kind.CATEGORY_ENTRY, key, label, {}, create_only=fields)]


def schedule(session: Session, entry: Ref, variant: str) -> list[Spec]:
    """The calendar event of an entry. A cancelled session has none."""
    if session.status == SessionStatus.CANCELLED:
        return []
    return [
        Spec(
            Kind.SCHEDULE_EVENT,
            key_for(session.uuid),
            f"schedule of “{session.title}”",
            {
                "summary": texts.summary(session.title) or str(session.uuid),
                "startDate": unix(session.starts_at),
                "endDate": unix(session.ends_at),
                "templateEntryId": entry,
            },
            create_only={"recurrenceType": "0"},
            variant=variant,
        )
    ]


def entry_fields(session: Session) -> dict[str, str]:
    """What every entry says of its session, whatever its type."""
    words = [session.event.slug, session.track.name if session.track else "", session.language]
    return {
        "name": texts.line(session.title, 250) or str(session.uuid),
        "description": texts.plain(session.abstract or session.description),
        "tags": texts.tags(words),
    }
