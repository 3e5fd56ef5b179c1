"""Stays on a join page: begun, kept up, ended.

Several processes serve one person's pages, and messages may come late, twice or never. Each
write repeats its condition, so the order in which they arrive changes nothing: an ended stay
stays ended, and a sign of life never moves backwards.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet

from analytics.figures.renewal import renew
from analytics.figures.versions import note_changed
from analytics.match import in_batches
from analytics.models import Coverage, MatchedBy, RoomRun, RunRule, Source, Stay
from events.models import Event, Session, User
from kaltura_bridge.join.identity import kaltura_user_id

# The page says this often that somebody is still there.
BEAT_S: Final = 45
# What comes sooner is not written: a page may be told to hurry, the database is not.
SHORTEST: Final = timedelta(seconds=30)
# A process may be this late to commit what it noted.
MARGIN: Final = timedelta(seconds=10)
# Browsers slow the timers of hidden pages to one a minute; two may get lost.
SILENCE: Final = timedelta(seconds=150)


def begin(session: Session, user: User, now: datetime) -> str:
    """A new stay of a person on a session's page; answers with what only its page knows."""
    run = _page_of(session, now)
    token = secrets.token_urlsafe(24)
    Stay.objects.create(
        source=Source.PORTAL,
        run=run,
        remote_key=token,
        remote_user_id=kaltura_user_id(user),
        user=user,
        matched_by=MatchedBy.USER_ID,
        joined_at=now,
        open_interval=True,
        pulled_at=now,
    )
    return token


def _page_of(session: Session, now: datetime) -> RoomRun:
    """The row that holds the stays on a session's page. Its ``pulled_at``: last counted."""
    run, _ = RoomRun.objects.get_or_create(
        source=Source.PORTAL,
        remote_id=str(session.uuid),
        defaults={
            "room_name": "Join page",
            "started_at": now,
            "session": session,
            "matched_by": RunRule.PAGE,
            "event_id": session.event_id,
            "pulled_at": now - timedelta(seconds=1),
        },
    )
    return run


def keep_up(session: Session, user: User, token: str, now: datetime) -> bool:
    """Note a sign of life. False when the stay is over, or is none of this person's here.

    Who was silent for too long has been away meanwhile: the page begins a new stay.
    """
    stay = _open_stay(session, user, token).filter(pulled_at__gt=now - SILENCE)
    late_enough = stay.filter(pulled_at__lte=now - SHORTEST)
    return bool(late_enough.update(pulled_at=now)) or stay.exists()


def end(session: Session, user: User, token: str, now: datetime) -> None:
    """The page was left. Whoever was silent for too long left at the last sign of life."""
    stay = _open_stay(session, user, token).first()
    if stay is not None:
        _end(stay, now)


def end_all(event: Event, user: User, now: datetime) -> None:
    """The person is noted no longer at this event, whatever pages they have open."""
    mine = Stay.objects.filter(source=Source.PORTAL, user=user, left_at=None)
    for stay in mine.filter(run__session__event=event):
        _end(stay, now)


def _end(stay: Stay, now: datetime) -> None:
    left_at = now if stay.pulled_at > now - SILENCE else stay.pulled_at
    _close(stay, max(left_at, stay.joined_at), now)


def _open_stay(session: Session, user: User, token: str) -> QuerySet[Stay]:
    return Stay.objects.filter(
        source=Source.PORTAL,
        remote_key=token,
        user=user,
        run__remote_id=str(session.uuid),
        left_at=None,
    )


def _close(stay: Stay, left_at: datetime, now: datetime) -> None:
    """End a stay, unless something else was noted since it was read."""
    unchanged = Stay.objects.filter(pk=stay.pk, left_at=None, pulled_at=stay.pulled_at)
    seconds = Decimal(str((left_at - stay.joined_at).total_seconds()))
    unchanged.update(
        left_at=left_at,
        open_interval=False,
        minutes=(seconds / 60).quantize(Decimal("0.0001")),
        pulled_at=now,
    )


# --- In the background -------------------------------------------------------------------


def close_silent(now: datetime) -> int:
    """End the stays whose pages are gone, at their last sign of life. Returns how many."""
    silent = Stay.objects.filter(
        source=Source.PORTAL, left_at=None, pulled_at__lte=now - SILENCE
    ).only("pk", "joined_at", "pulled_at")
    closed = 0
    for stay in silent.iterator(chunk_size=500):
        _close(stay, stay.pulled_at, now)
        closed += 1
    return closed


def count_presence(now: datetime) -> set[int]:
    """Compute the sessions on whose pages something was noted since they were last counted.

    Returns their pks. Safe to repeat, and to run twice at a time.
    """
    close_silent(now)
    pages = RoomRun.objects.filter(source=Source.PORTAL, session__isnull=False)
    news = pages.filter(Q(stays__pulled_at__gt=F("pulled_at"))).order_by().distinct()
    found = {pk: session for pk, session in news.values_list("pk", "session_id") if session}
    touched = set(found.values())
    with transaction.atomic():
        note_changed(touched)
        # A little earlier than now: what is noted meanwhile is counted the next time.
        for batch in in_batches(sorted(found)):
            RoomRun.objects.filter(pk__in=batch).update(pulled_at=now - MARGIN)
        for pk, session in found.items():
            _note_coverage(pk, session, now)
    renew(touched)
    return touched


def _note_coverage(page: int, session: int, now: datetime) -> None:
    """The portal's own rows are all there, by their nature."""
    rows = Stay.objects.filter(run=page).count()
    Coverage.objects.update_or_create(
        session_id=session,
        source=Source.PORTAL,
        defaults={
            "attempted_at": now,
            "pulled_at": now,
            "expected_rows": rows,
            "pulled_rows": rows,
        },
    )
