"""When the worker looks again for a session's recordings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from events.models import Session
from kaltura_bridge.models import Recording, RecordingStatus

SOON: Final = timedelta(seconds=30)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_DURING: Final = timedelta(minutes=5)
#: How long after the end something may still come or change often.
_WEEK, _MONTH = timedelta(days=7), timedelta(days=30)


def next_look_after(
    session: Session,
    recordings: Sequence[Recording],
    now: datetime,
    *,
    asked_at: datetime | None,
) -> timedelta:
    """How long from ``now``. ``asked_at``: when the last change was ordered that is not done yet.

    Often while something is being processed or may come, ever more rarely as time passes; what
    is ready is looked at a few times a day for deletions, lengths and views.
    """
    usual = _usual(session, recordings, now)
    if asked_at is None:
        return usual
    return min(usual, _between(SOON, (now - asked_at) / 20, _HOUR))


def _usual(session: Session, recordings: Sequence[Recording], now: datetime) -> timedelta:
    if now < session.starts_at:
        return session.starts_at - now + _DURING
    since_end = now - session.ends_at
    if since_end < timedelta(0):
        return min(_DURING, -since_end + SOON)
    if any(_is_busy(each) for each in recordings):
        newest = max((each.recorded_at for each in recordings), default=session.ends_at)
        age = now - max(newest, session.ends_at)
        return _between(SOON, age / 20, _HOUR)
    if not any(each.state == RecordingStatus.READY for each in recordings):
        return _between(_MINUTE, since_end / 10, _DAY if since_end < _MONTH else _WEEK)
    if since_end < _WEEK:
        return _between(10 * _MINUTE, since_end / 4, 6 * _HOUR)
    return _DAY if since_end < _MONTH else _WEEK


def after_failure(failures: int) -> timedelta:
    """Half a minute, then twice as long each time, an hour at most."""
    doubled: int = 2 ** min(failures, 10)
    return min(SOON * doubled, _HOUR)


def _is_busy(recording: Recording) -> bool:
    return recording.state == RecordingStatus.PROCESSING or recording.is_changing


def _between(least: timedelta, wanted: timedelta, most: timedelta) -> timedelta:
    return min(max(least, wanted), most)
