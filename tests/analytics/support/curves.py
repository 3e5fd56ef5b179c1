"""What the stored curves say of sessions and events, to be held against the definitions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analytics.figures.minutes import MINUTE, Curve
from analytics.figures.summary import current, current_event
from analytics.match import schedule_of
from analytics.metrics import Headcount, Interval
from events.models import Event, Session


def curve_of(session: Session) -> Curve:
    """The session's people in each minute, in all and by source. One statement when stored."""
    return next((Curve.from_json(row.curve) for row in current([session.pk])), Curve())


def concurrency(
    of: Session | Event, step: timedelta = MINUTE, window: Interval | None = None
) -> list[Headcount]:
    """The most people present in each ``step`` (whole minutes); empty when nobody came.

    Of a session over its window; of an event from the first minute that any session covers
    to the last, with somebody in two sessions at once counted once. ``window`` narrows it.
    """
    if isinstance(of, Session):
        return curve_of(of).samples(window or schedule_of(of).window, step)
    curve = Curve.from_json(current_event(of).curve.get("event", {}))
    return curve.samples(window or _covered(curve), step)


def _covered(curve: Curve) -> Interval:
    start = datetime.fromtimestamp(curve.start * 60, UTC)
    return Interval(start, start + len(curve.present) * MINUTE)
