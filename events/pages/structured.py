"""Events and sessions in the words of schema.org, for search engines and calendars.

Source: https://schema.org/Event, https://developers.google.com/search/docs/appearance/structured-data/event
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from events.agenda.outline import OutlinedSession, outline_of
from events.i18n.content import content_of, shown_title
from events.models import AttendanceMode, Event, EventStatus, Session, SessionStatus
from events.pages.social import summary_of
from events.roles import EventMembership

SCHEMA: Final = "https://schema.org"
_MODES: Final = {
    AttendanceMode.ONLINE: "OnlineEventAttendanceMode",
    AttendanceMode.MIXED: "MixedEventAttendanceMode",
    AttendanceMode.ON_SITE: "OfflineEventAttendanceMode",
}
# As HTML sees it, the text must not end the element that it stands in.
_ESCAPES: Final = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}
_ANYBODY: Final = EventMembership()


def json_ld(document: dict[str, Any]) -> SafeString:
    """The document as it may stand within ``<script type="application/ld+json">``."""
    text = json.dumps({"@context": SCHEMA, **document}, ensure_ascii=False)
    return mark_safe(text.translate(_ESCAPES))  # noqa: S308  (it holds none of HTML's signs)


def event_as_json_ld(event: Event, image: str = "") -> dict[str, Any]:
    """An event as anybody may see it; ``image`` is an address, empty for none."""
    described = {"description": summary_of(event), "image": [image] if image else []}
    return {
        **_happening(
            event,
            content_of(event).text(event, "title"),
            event.get_absolute_url(),
            _is_cancelled(event),
        ),
        **_days(event),
        **{name: value for name, value in described.items() if value},
    }


def session_as_json_ld(session: Session) -> dict[str, Any]:
    """A session of a public event, with who is on stage."""
    event = session.event
    is_cancelled = session.status == SessionStatus.CANCELLED or _is_cancelled(event)
    content = content_of(event)
    people = [appearance.speaker.name for appearance in session.on_stage]  # type: ignore[attr-defined]
    described = {
        "description": summary_of(session),
        "inLanguage": session.languages[0] if session.languages else "",
        "performer": [{"@type": "Person", "name": name} for name in people],
    }
    return {
        **_happening(
            event, content.text(session, "title"), session.get_absolute_url(), is_cancelled
        ),
        "startDate": session.starts_at.astimezone(event.zone).isoformat(),
        "endDate": session.ends_at.astimezone(event.zone).isoformat(),
        "superEvent": {"@type": "Event", "name": content.text(event, "title"), **_days(event)},
        **{name: value for name, value in described.items() if value},
    }


def _happening(event: Event, name: str, path: str, is_cancelled: bool) -> dict[str, Any]:
    mode = attendance_mode_of(event)
    status = "EventCancelled" if is_cancelled else "EventScheduled"
    url = settings.SITE_URL + path
    online = {"@type": "VirtualLocation", "url": url}
    places: list[dict[str, Any]] = [] if mode == AttendanceMode.ON_SITE else [online]
    if mode != AttendanceMode.ONLINE:
        where = event.location or shown_title(event)
        places.append({"@type": "Place", "name": where, "address": where})
    return {
        "@type": "Event",
        "name": name,
        "url": url,
        "eventStatus": f"{SCHEMA}/{status}",
        "eventAttendanceMode": f"{SCHEMA}/{_MODES[mode]}",
        "location": places[0] if len(places) == 1 else places,
    }


def attendance_mode_of(event: Event) -> AttendanceMode:
    """As the manager says, or else as the place does: every session is streamed."""
    if event.attendance_mode:
        return AttendanceMode(event.attendance_mode)
    return AttendanceMode.MIXED if event.location else AttendanceMode.ONLINE


def _is_cancelled(event: Event) -> bool:
    return event.status == EventStatus.CANCELLED


def _days(event: Event) -> dict[str, str]:
    """From the first session to the last with their offsets; days alone where there is none."""
    listed = [each for each in outline_of(event, _ANYBODY) if not each.is_cancelled]
    if not listed:
        return {"startDate": event.starts_on.isoformat(), "endDate": event.ends_on.isoformat()}
    return {"startDate": _first(event, listed), "endDate": _last(event, listed)}


def _first(event: Event, listed: list[OutlinedSession]) -> str:
    return min(each.starts_at for each in listed).astimezone(event.zone).isoformat()


def _last(event: Event, listed: list[OutlinedSession]) -> str:
    return max(each.ends_at for each in listed).astimezone(event.zone).isoformat()
