"""How far times may go: one rule for forms, actions, imports and the database.

Within these bounds every page can count days, change zones and look a year ahead without
leaving the calendar of Python, and a slip of the keyboard, such as 9999 or 0203, is noticed
where it is made.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)
FIRST_MOMENT: Final = datetime.combine(FIRST_DAY, time(), UTC)
#: Every zone's LAST_DAY is over by then.
LAST_MOMENT: Final = datetime.combine(LAST_DAY, time(), UTC) + timedelta(days=2)
LONGEST_EVENT_DAYS: Final = 400
LONGEST_SESSION: Final = timedelta(days=14)
#: More than any event of ours holds, and within what every database counts.
MOST_PLACES: Final = 1_000_000
YEARS: Final = f"{FIRST_DAY.year} to {LAST_DAY.year}"


def check_event_days(starts_on: date | None, ends_on: date | None) -> None:
    """Raise ValidationError by field unless an event may take place on these days.

    What could not be read as a day is somebody else's to refuse.
    """
    days = {"starts_on": starts_on, "ends_on": ends_on}
    errors = {
        name: _("Choose a day in the years %(years)s.") % {"years": YEARS}
        for name, day in days.items()
        if isinstance(day, date) and not FIRST_DAY <= day <= LAST_DAY
    }
    if not errors and days_of(starts_on, ends_on) > LONGEST_EVENT_DAYS:
        errors["ends_on"] = _(
            "An event lasts at most %(longest_event_days)s days. Check the "
            "year, or plan several events."
        ) % {"longest_event_days": LONGEST_EVENT_DAYS}
    if errors:
        raise ValidationError(errors)


def days_of(starts_on: date | None, ends_on: date | None) -> int:
    """How many days an event has, the first and the last included; 0 when one is not known."""
    if not isinstance(starts_on, date) or not isinstance(ends_on, date):
        return 0
    return (ends_on - starts_on).days + 1


def check_session_times(starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raise ValidationError by field unless a session may take place at these times.

    What could not be read as an aware time is somebody else's to refuse.
    """
    times = {"starts_at": starts_at, "ends_at": ends_at}
    moments = {name: m for name, m in times.items() if isinstance(m, datetime) and m.tzinfo}
    errors = {
        name: _("Choose a time in the years %(years)s.") % {"years": YEARS}
        for name, moment in moments.items()
        if not FIRST_MOMENT <= moment < LAST_MOMENT
    }
    start, end = moments.get("starts_at"), moments.get("ends_at")
    if not errors and start and end and end - start > LONGEST_SESSION:
        errors["ends_at"] = _(
            "A session lasts at most %(days)s days. Check the dates, or plan several sessions."
        ) % {"days": LONGEST_SESSION.days}
    if errors:
        raise ValidationError(errors)


def check_moment(moment: datetime) -> None:
    """Raise ValidationError unless it lies in the years that are planned and reported."""
    if not FIRST_MOMENT <= moment < LAST_MOMENT:
        raise ValidationError(_("Choose a time in the years %(years)s.") % {"years": YEARS})
