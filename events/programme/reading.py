"""What is known of the programme's changes, for pages and feeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from events.i18n.dates import short_day
from events.models import AnnouncedSession, Event, ProgrammeVersion
from events.zones import clock, span_dash, zone_label


def programme_version(event: Event) -> ProgrammeVersion:
    """The version that the programme is in; 0 for an event that nobody changed yet."""
    found = getattr(event, "programme_version", None)
    return found or ProgrammeVersion(event=event, number=0, changed_at=event.updated_at)


def version_name(event: Event) -> str:
    """What names this very state of the programme, also after a restored backup."""
    version = programme_version(event)
    return f"{event.uuid} {version.number} {version.changed_at.timestamp()}"


def sequences_of(event: Event) -> dict[int, int]:
    """How often each session changed for attendees, by primary key."""
    rows = AnnouncedSession.objects.filter(session__event=event)
    return dict(rows.values_list("session_id", "sequence"))


def sentences(
    before: dict[str, Any] | None, after: dict[str, Any] | None, zone: ZoneInfo
) -> list[str]:
    """What happened to one session, in words; at least one sentence."""
    if after is None:
        return [
            _("No longer in the programme; it was planned for %(when)s.")
            % {"when": _when(before or {}, zone)}
        ]
    if before is None:
        return [_("New in the programme: %(when)s.") % {"when": _when(after, zone) + _place(after)}]
    told = [*_status(before, after), *_times(before, after, zone), *_room(before, after)]
    if before["title"] != after["title"]:
        told.append(_("It was called “%(before)s”.") % {"before": before["title"]})
    return told


def _status(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    if before["is_cancelled"] == after["is_cancelled"]:
        return []
    return [_("Cancelled.")] if after["is_cancelled"] else [_("It takes place after all.")]


def _times(before: dict[str, Any], after: dict[str, Any], zone: ZoneInfo) -> list[str]:
    old, new = _moments(before), _moments(after)
    if old == new:
        return []
    if old[0] == new[0]:
        return [
            _("It ends at %(new)s instead of %(old)s.")
            % {"new": clock(new[1], zone), "old": clock(old[1], zone)}
        ]
    if _day(old[0], zone) == _day(new[0], zone):
        return [
            _("Moved from %(old)s to %(new)s.")
            % {"old": clock(old[0], zone), "new": _span(new, zone)}
        ]
    return [
        _("Moved from %(old)s to %(new)s.")
        % {"old": _when(before, zone), "new": _when(after, zone)}
    ]


def _room(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    old, new = before["location"], after["location"]
    if old == new:
        return []
    if not new:
        return [_("It is no longer in %(old)s.") % {"old": old}]
    return [
        _("Now in %(new)s instead of %(old)s.") % {"new": new, "old": old}
        if old
        else _("Now in %(new)s.") % {"new": new}
    ]


def _place(seen: dict[str, Any]) -> str:
    return f", {seen['location']}" if seen.get("location") else ""


def _moments(seen: dict[str, Any]) -> tuple[datetime, datetime]:
    start, end = (datetime.fromisoformat(seen[name]) for name in ("starts_at", "ends_at"))
    return start, end


def _when(seen: dict[str, Any], zone: ZoneInfo) -> str:
    moments = _moments(seen)
    return f"{_day(moments[0], zone)}, {_span(moments, zone)}"


def _span(moments: tuple[datetime, datetime], zone: ZoneInfo) -> str:
    start, end = moments
    return (
        f"{clock(start, zone)}{span_dash(start, end, zone)}{clock(end, zone)} "
        f"{zone_label(start, zone)}"
    )


def _day(moment: datetime, zone: ZoneInfo) -> str:
    return short_day(moment.astimezone(zone))
