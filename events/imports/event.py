"""What an import makes of the event itself: its name, where it comes from, and its days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from events.agenda.days import NIGHT_ENDS
from events.bounds import LONGEST_EVENT_DAYS, days_of
from events.exports.schedule import acronym_of
from events.imports.plan import ChangeKind, FieldChange, ImportPlan, SessionPlan
from events.imports.schedule import Agenda, BrokenFile
from events.models import Event, Session


def is_export_of(event: Event, agenda: Agenda, known: Mapping[str, Session]) -> bool:
    """Whether the file is this event's own: under its acronym, with a session that it has."""
    if event.pk is None or agenda.header.acronym != acronym_of(event):
        return False
    return any(talk.external_id in known for talk in agenda.talks)


def plan_event(plan: ImportPlan, agenda: Agenda, *, is_our_own: bool) -> None:
    """Name a new event; widen an old one so that every talk falls on one of its days.

    An export of ``is_our_own`` says nothing new of where the programme comes from.
    """
    event, header = plan.event, agenda.header
    days = _days(plan, agenda)
    if plan.is_new_event:
        event.title = header.title or header.acronym
        event.external_id = header.acronym
        event.starts_on, event.ends_on = min(days), max(days)
        _check_event(event)
        return
    wanted = {
        "external_id": (not is_our_own and header.acronym) or event.external_id,
        "starts_on": min([event.starts_on, *days]),
        "ends_on": max([event.ends_on, *days]),
    }
    for name, new in wanted.items():
        if (old := getattr(event, name)) != new:
            plan.event_changes.append(FieldChange(name, str(old), str(new)))
            setattr(event, name, new)
    _check_event(event)


def _days(plan: ImportPlan, agenda: Agenda) -> list[date]:
    """The local dates on which something begins or ends; a new event has the file's days too."""
    zone = plan.event.zone
    days = [
        day
        for p in plan.sessions
        if p.kind is not ChangeKind.REMOVED and not _is_untouched(p)
        for day in (p.session.starts_at.astimezone(zone).date(), _last_day(p.session, zone))
    ]
    if plan.is_new_event:
        texts = [day.date for day in agenda.days]
        written = [text for text in texts if text] or [agenda.header.start, agenda.header.end]
        days += [day for text in written if (day := _date_or_none(text))]
        if not days:
            raise BrokenFile("The file names no day on which the event takes place.")
    return days


def _is_untouched(planned: SessionPlan) -> bool:
    """Made by hand, and left alone: on which days of the event is its manager's to say."""
    return planned.kind is ChangeKind.UNCHANGED and not planned.session.is_imported


def _last_day(session: Session, zone: ZoneInfo) -> date:
    """The date on which it ends; a night up to five still belongs to the day before."""
    start, end = (t.astimezone(zone) for t in (session.starts_at, session.ends_at))
    night = timedelta(hours=NIGHT_ENDS.hour, microseconds=1)
    return max(start.date(), (end - night).date())


def _date_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _check_event(event: Event) -> None:
    try:
        event.clean_fields()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise BrokenFile(f"The conference's {name} cannot be used: {messages[0]}") from error
    if days_of(event.starts_on, event.ends_on) > LONGEST_EVENT_DAYS:
        raise BrokenFile(
            f"The event would reach from {event.starts_on} to {event.ends_on}, more than "
            f"{LONGEST_EVENT_DAYS} days. Check the dates in the file."
        )
