"""People on stage get a calendar file of their sessions by mail, whenever it is another one.

What counts is what attendees were last shown (``AnnouncedSession``), with its SEQUENCE, as in the
feeds: so a calendar that has both takes them for one. What was last owed to a person is kept
(``StageCalendar``), and compared once the programme has been quiet for some minutes, or at the
latest after half an hour: so publishing, moving and cancelling, and coming to a stage or leaving
one, are told however they came about, together, and once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import get_language, gettext, gettext_lazy

from events.access import status_of
from events.agenda.days import is_over
from events.i18n.content import content_in
from events.models import (
    AnnouncedSession,
    Event,
    EventStatus,
    OutgoingMail,
    ProgrammeVersion,
    Session,
    SessionSpeaker,
    SessionStatus,
    StageCalendar,
    StageRules,
    User,
)
from events.news.items import item_of
from events.outbox.enqueue import enqueue_mail
from events.outbox.kinds import Attached, Items, MailKind, register_kind
from events.programme.reading import sequences_of
from events.queries import speaker_names

#: So long the programme is quiet before people are told; several edits make one mail.
QUIET: Final = timedelta(minutes=5)
#: A programme that is never quiet is told of so often.
AT_LATEST: Final = timedelta(minutes=30)
_AT_A_TIME: Final = 10


def tell_stage_calendars(now: datetime) -> None:
    """Owe a mail to everybody on a stage whose sessions are not what they were last told."""
    while _tell_some(now):
        pass


@transaction.atomic
def _tell_some(now: datetime) -> bool:
    version = F("event__programme_version__number")
    is_quiet = Q(event__programme_version__changed_at__lte=now - QUIET)
    is_late = Q(calendar_at=None) | Q(calendar_at__lte=now - AT_LATEST)
    rows = StageRules.objects.filter(
        sends_calendar=True, event__programme_version__announced_at__isnull=False
    )
    due = rows.exclude(calendar_version=version).filter(is_quiet | is_late)
    held = due.select_for_update(of=("self",), skip_locked=True).order_by("pk")
    chosen = list(held[:_AT_A_TIME])
    for rules in chosen:
        # Read before the sessions: what changes meanwhile is another version.
        number = ProgrammeVersion.objects.get(event=rules.event_id).number
        _tell_event(rules.event, now)
        rules.calendar_version, rules.calendar_at = number, now
        rules.save(update_fields=["calendar_version", "calendar_at"])
    return bool(chosen)


def _tell_event(event: Event, now: datetime) -> None:
    if event.status == EventStatus.DRAFT or is_over(event.ends_on, event.zone, now):
        return
    present = _on_stage(event)
    rows = StageCalendar.objects.filter(event=event).select_related("user")
    known = {row.user_id: row for row in rows}
    people = User.objects.in_bulk([*present, *known])
    for pk, user in sorted(people.items()):
        before = known.get(pk) or StageCalendar(event=event, user=user)
        sessions = present.get(pk, {})
        if before.sessions == sessions:
            continue
        told, before.sessions = before.sessions, sessions
        before.number += 1
        before.save()
        enqueue_mail(
            STAGE_CALENDAR,
            user,
            f"calendar:{event.pk}:{before.number}",
            event=event,
            context={"before": told, "number": before.number},
            due_at=now,
        )


def _on_stage(event: Event) -> dict[int, dict[str, int]]:
    """By account: the sessions on whose stage they are and that attendees see, with SEQUENCE."""
    seen = AnnouncedSession.objects.filter(session__event=event, is_shown=True)
    shown = dict(seen.values_list("session_id", "sequence"))
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = SessionSpeaker.objects.filter(session__event=event, speaker__user__isnull=False)
    for user, session in rows.values_list("speaker__user_id", "session_id"):
        if session in shown:
            found[user][str(session)] = shown[session]
    return dict(found)


def _as_it_is_now(mails: Sequence[OutgoingMail]) -> Items:
    """The last of an event's mails to one person; those before it say nothing new."""
    first = mails[0]
    if first.user is None or first.event is None:
        return {}
    last = max(mails, key=lambda mail: mail.context.get("number", 0))
    row = StageCalendar.objects.filter(event=first.event, user=first.user).first()
    if row is None or row.number != last.context.get("number"):
        return {}
    before: dict[str, int] = min(mails, key=lambda mail: mail.context["number"]).context["before"]
    if before == row.sessions:
        return {}
    sessions = _sessions(first.event, row.sessions)
    sequences = sequences_of(first.event)
    gone = Session.objects.filter(
        event=first.event, pk__in=[int(pk) for pk in before if pk not in row.sessions]
    )
    return {
        last.pk: {
            "sessions": [
                {**item_of(session, last), "news": _news(session, before, sequences)}
                for session in sessions
            ],
            "gone": [str(session) for session in gone],
            "rows": sessions,
        }
    }


def _sessions(event: Event, chosen: dict[str, int]) -> list[Session]:
    rows = Session.objects.filter(event=event, pk__in=[int(pk) for pk in chosen])
    found = list(rows.select_related("track").order_by("starts_at", "pk"))
    for session in found:
        session.event = event
    return found


def _news(session: Session, before: dict[str, int], sequences: dict[int, int]) -> str:
    """What is new about a session since the last mail, in a word; empty for nothing."""
    pk = str(session.pk)
    if status_of(session) == SessionStatus.CANCELLED:
        return gettext("Cancelled")
    if pk not in before:
        return gettext("New")
    return gettext("Changed") if sequences.get(session.pk, 0) != before[pk] else ""


def _calendar_file(mail: OutgoingMail, item: dict[str, Any]) -> list[Attached]:
    """The sessions as RFC 5545, METHOD:PUBLISH, under the UIDs of the feeds."""
    event = mail.event
    if event is None or not item["rows"]:
        return []
    from events.exports.calendars import Calendar  # Which loads icalendar, as feeds.py says.

    language = get_language() or ""
    calendar = Calendar(
        title=content_in(event, language).text(event, "title"),
        zone=event.timezone,
        sessions=item["rows"],
        site_url=settings.SITE_URL,
        speakers=speaker_names(event),
        sequences=sequences_of(event),
        language=language,
    )
    content = calendar.to_ical().decode()
    return [Attached(f"{event.slug}.ics", content, "text/calendar; method=PUBLISH")]


STAGE_CALENDAR: Final = register_kind(
    MailKind(
        "stage_calendar",
        gettext_lazy("You get this mail because you are on stage at {event}."),
        gather_s=60,
        items_of=_as_it_is_now,
        attached=_calendar_file,
    )
)
