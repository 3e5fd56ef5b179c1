"""Which sessions are tested when: planned from their starts, claimed, looked at, written down.

A claim moves ``next_at`` on by a conditional update, so of two workers one looks; when that one
dies, another takes over after the lease. An outcome is written only by whoever still has the
claim, in one transaction with the alarm that it causes. So a crash costs a look, and tells
nobody twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from events.access import status_of
from events.models import EventStatus, Session, SessionStatus
from kaltura_bridge.join_tests import alarms
from kaltura_bridge.join_tests.looking import LookOutcome, carry_out, prepare
from kaltura_bridge.models import JoinTest

logger = logging.getLogger(__name__)

#: How long before the start a session is tested, the first of them also when it is planned later.
BEFORE: Final = (timedelta(minutes=60), timedelta(minutes=15))
# A fault counts when a second look finds it too, soon after.
_AGAIN: Final = timedelta(seconds=20)
# While the team knows of one, and nobody has mended it.
_FOLLOW: Final = timedelta(minutes=1)
_LEASE: Final = timedelta(minutes=2)
_BATCH, _AT_ONCE = 16, 8


def run_due(for_s: float) -> int:
    """Plan, and test what is due, for at most so many seconds. Returns how many were tested."""
    until, done = time.monotonic() + for_s, 0
    plan(timezone.now())
    while time.monotonic() < until and (claimed := claim(timezone.now())):
        done += _test(claimed)
    return done


def plan(now: datetime) -> None:
    """A row for each session that begins within the hour, renewed when its start moves."""
    coming = Session.objects.filter(
        status=SessionStatus.PUBLISHED,
        event__status=EventStatus.PUBLISHED,
        starts_at__gt=now,
        starts_at__lte=now + BEFORE[0],
    ).select_related("join_test")
    new = []
    for session in coming.order_by("starts_at", "pk"):
        row: JoinTest | None = getattr(session, "join_test", None)
        if row is None:
            new.append(JoinTest(session=session, for_start=session.starts_at, next_at=now))
        elif row.for_start != session.starts_at:
            mine = JoinTest.objects.filter(pk=row.pk, for_start=row.for_start)
            mine.update(for_start=session.starts_at, next_at=now)
    JoinTest.objects.bulk_create(new, ignore_conflicts=True)


def ask_now(session: Session) -> None:
    """Somebody wants to know now: whoever comes next tests it."""
    JoinTest.objects.update_or_create(
        session=session,
        defaults={"next_at": timezone.now(), "for_start": session.starts_at},
    )


def claim(now: datetime) -> list[JoinTest]:
    """Up to 16 that are due, with ``next_at`` as the end of this claim."""
    due = JoinTest.objects.filter(next_at__lte=now).order_by("next_at", "pk")
    lease, mine = now + _LEASE, []
    for row in due.select_related("session__event__delivery", "session__delivery")[:_BATCH]:
        taken = JoinTest.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=lease)
        if taken:
            row.next_at = lease
            mine.append(row)
    return mine


def _test(rows: Sequence[JoinTest]) -> int:
    """Look at several at once: what reads the database comes first, one after the other."""
    now = timezone.now()
    live = [row for row in rows if _is_tested(row, now)]
    for row in rows:
        if row not in live:
            JoinTest.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=None, told="")
    looks = [prepare(row.session) for row in live]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="join-test") as viewers:
        outcomes = list(viewers.map(carry_out, looks))
    for row, outcome in zip(live, outcomes, strict=True):
        write_down(row, outcome, timezone.now())
    return len(live)


def _is_tested(row: JoinTest, now: datetime) -> bool:
    session = row.session
    is_planned = status_of(session) == SessionStatus.PUBLISHED
    # One that was moved away is tested before its new start; what was asked for, at once.
    # What runs late can be entered for a while, and somebody may ask whether it can.
    return is_planned and session.doors_close_at > now and row.for_start == session.starts_at


def write_down(row: JoinTest, outcome: LookOutcome, now: datetime) -> bool:
    """Keep the outcome, and tell the team what is new. False when another worker took over."""
    is_confirmed = bool(outcome.fault) and outcome.fault == row.fault
    is_new = is_confirmed and outcome.fault != row.told
    has_recovered = not outcome.fault and bool(row.told)
    tells = is_new or has_recovered
    with transaction.atomic():
        written = JoinTest.objects.filter(pk=row.pk, next_at=row.next_at).update(
            looked_at=now,
            what=outcome.what,
            fault=outcome.fault,
            detail=outcome.detail,
            next_at=_next_look(row.session, outcome, now, is_confirmed=is_confirmed),
            told=outcome.fault if tells else row.told,
            alarms=row.alarms + tells,
        )
        if written and tells:
            row.refresh_from_db()
            alarms.tell_team(row)
    if written and outcome.fault:
        logger.warning("Join test of session %s: %s", row.session_id, outcome.fault)
    return bool(written)


def _next_look(
    session: Session, outcome: LookOutcome, now: datetime, *, is_confirmed: bool
) -> datetime | None:
    if outcome.fault:
        again = now + (_FOLLOW if is_confirmed else _AGAIN)
        return again if again < session.ends_at else None
    moments = [session.starts_at - before for before in BEFORE]
    return next((moment for moment in moments if moment > now), None)
