"""What became of a step, channel by channel: agenda, calendars, mails, and what other apps add.

An app calls ``register_channel`` from its ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.i18n.languages import Words
from events.models import (
    AnnouncedSession,
    EventStatus,
    PlannerStep,
    ProgrammeChange,
    Session,
    SessionStatus,
)
from events.programme.recording import announced_from


@dataclass(frozen=True)
class ReceiptLine:
    """One sentence, and whether it has come to pass."""

    text: str
    is_done: bool = True


ReadChannel = Callable[[Sequence[Session], datetime], Iterator[ReceiptLine]]
_channels: dict[str, tuple[Words, ReadChannel]] = {}


def register_channel(name: str, label: Words, read: ReadChannel) -> None:
    """``read`` gets the sessions as they are now, and when they were changed."""
    _channels[name] = (label, read)


@dataclass(frozen=True)
class ReceiptPart:
    """What one channel says."""

    label: str
    lines: list[ReceiptLine]


def receipt_of(step: PlannerStep) -> list[ReceiptPart]:
    """All channels, in the order in which they were registered."""
    pks = [change["session"] for change in step.changes]
    rows = Session.objects.filter(pk__in=pks).select_related("event", "event__programme_version")
    sessions = list(rows.order_by("starts_at", "title"))
    return [
        ReceiptPart(str(label), list(read(sessions, step.made_at)))
        for label, read in _channels.values()
    ]


# --- Our own ---------------------------------------------------------------------------------


def _seen(sessions: Sequence[Session]) -> list[Session]:
    """Those that attendees know."""
    return [
        session
        for session in sessions
        if session.event.status != EventStatus.DRAFT and session.status == SessionStatus.PUBLISHED
    ]


def _agenda(sessions: Sequence[Session], since: datetime) -> Iterator[ReceiptLine]:
    seen, now = _seen(sessions), timezone.now()
    known = AnnouncedSession.objects.in_bulk([session.pk for session in seen])
    for session in seen:
        announced, wanted = known.get(session.pk), announced_from(session, now)
        is_there = announced is not None and _place(announced) == _place(wanted)
        yield ReceiptLine(
            _("“%(session)s”: %(from)s to %(to)s.") % {"session": session, **_clocks(session)},
            is_there,
        )
    if hidden := len(sessions) - len(seen):
        text = ngettext(
            "%(n)d session is a draft, which attendees do not see.",
            "%(n)d sessions are drafts, which attendees do not see.",
            hidden,
        )
        yield ReceiptLine(text % {"n": hidden})


def _place(row: AnnouncedSession) -> tuple[datetime, datetime, str]:
    return row.starts_at, row.ends_at, row.location


def _clocks(session: Session) -> dict[str, str]:
    start, end = (m.astimezone(session.event.zone) for m in (session.starts_at, session.ends_at))
    return {"from": f"{start:%Y-%m-%d %H:%M}", "to": f"{end:%H:%M}"}


def _calendars(sessions: Sequence[Session], since: datetime) -> Iterator[ReceiptLine]:
    known = AnnouncedSession.objects.in_bulk([session.pk for session in _seen(sessions)])
    for session in _seen(sessions):
        if announced := known.get(session.pk):
            text = _("“%(session)s” is change %(n)d in calendars: they take it at their next look.")
            yield ReceiptLine(text % {"session": session, "n": announced.sequence})


def _mails(sessions: Sequence[Session], since: datetime) -> Iterator[ReceiptLine]:
    coming = [session for session in _seen(sessions) if session.starts_at > timezone.now()]
    stars = dict(
        Session.objects.filter(pk__in=[session.pk for session in coming])
        .annotate(n=Count("bookmarks"))
        .values_list("pk", "n")
    )
    changes = ProgrammeChange.objects.filter(session__in=coming, changed_at__gte=since)
    waiting = set(changes.filter(told_at=None).values_list("session_id", flat=True))
    for session in coming:
        if people := stars.get(session.pk):
            yield _mail_line(session, people, session.pk in waiting)
    if begun := [session for session in _seen(sessions) if session not in coming]:
        yield ReceiptLine(
            _("Nobody is sent a mail about what has begun: %(named)s.")
            % {"named": ", ".join(f"“{session}”" for session in begun)}
        )


def _mail_line(session: Session, people: int, is_waiting: bool) -> ReceiptLine:
    text = (
        ngettext(
            "“%(session)s”: %(n)d person with a star is told within minutes, and reminded before "
            "the new start, as they wish.",
            "“%(session)s”: %(n)d people with a star are told within minutes, and reminded before "
            "the new start, as they wish.",
            people,
        )
        if is_waiting
        else ngettext(
            "“%(session)s”: %(n)d person with a star is reminded before the new start, as they "
            "wish.",
            "“%(session)s”: %(n)d people with a star are reminded before the new start, as they "
            "wish.",
            people,
        )
    )
    return ReceiptLine(text % {"session": session, "n": people}, not is_waiting)


_OURS: Final = (
    ("agenda", gettext_lazy("Agenda"), _agenda),
    ("calendars", gettext_lazy("Calendars"), _calendars),
    ("mails", gettext_lazy("Mails and reminders"), _mails),
)
for each in _OURS:
    register_channel(*each)
