"""In whose time a page speaks: the event's, unless the visitor asked for another.

The choice is made with ``?zone=`` and remembered in a cookie, so every page is
written in the right zone by the server, with or without JavaScript. Who chose none has the
zone of their profile.
"""

from __future__ import annotations

from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from events.i18n.dates import short_day, weekday
from events.models import Event

COOKIE = "zone"
COOKIE_AGE_S = 365 * 24 * 3600
# The value of ``?zone=`` that goes back to each event's own zone.
EVENT = "event"
DAYS_OF_WEEK = 7


@cache
def known_zones() -> frozenset[str]:
    """Every zone there is. Python reads them from disk, so once is enough."""
    return frozenset(available_timezones())


def chosen_zone(request: HttpRequest) -> str:
    """The zone that the visitor asked for, now or earlier or in the profile; "" for the event's."""
    asked = request.GET.get("zone") or request.COOKIES.get(COOKIE, "")
    if asked == EVENT:
        return ""
    return asked if asked in known_zones() else profile_zone(request)


def profile_zone(request: HttpRequest) -> str:
    """The zone in the profile of who is signed in; "" for none."""
    # The exporters of feeds ask about requests that nobody has signed in to.
    zone = getattr(getattr(request, "user", None), "timezone", "")
    return zone if zone in known_zones() else ""


def zone_for(request: HttpRequest, event: Event) -> ZoneInfo:
    return ZoneInfo(chosen_zone(request) or event.timezone)


def remember_zone(request: HttpRequest, response: HttpResponse) -> None:
    """Keep a choice made in this request; ``event`` forgets the earlier one.

    Where a profile names a zone, going back to the event's is a choice to be kept, too.
    """
    asked = request.GET.get("zone", "")
    if asked == EVENT and not profile_zone(request):
        response.delete_cookie(COOKIE, samesite="Lax")
    elif asked == EVENT or asked in known_zones():
        response.set_cookie(
            COOKIE, asked, max_age=COOKIE_AGE_S, samesite="Lax", secure=request.is_secure()
        )


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """Hours and minutes, such as 09:30."""
    local = instant.astimezone(zone)
    return f"{local.hour:02}:{local.minute:02}"


def span_dash(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """What stands between the two clocks: "–", or " – Sun " when the end's day must be told.

    A night needs no day: 23:00–01:00 is understood. What ends later than five in the
    morning of another date, or more than a day later, is not.
    """
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    days = (end.date() - start.date()).days
    if not days or (days == 1 and end.time() <= time(5)):
        return "–"
    return f" – {weekday(end) if days < DAYS_OF_WEEK else short_day(end)} "


def zone_label(instant: datetime, zone: ZoneInfo) -> str:
    """What people call the zone at that moment: CEST, or UTC+5:30 where it has no letters."""
    local = instant.astimezone(zone)
    name = local.tzname() or ""
    return name if name.isalpha() else offset_label(local)


def offset_label(local: datetime) -> str:
    """The distance from UTC, such as UTC+2 or UTC−3:30."""
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


def day_shift(instant: datetime, zone: ZoneInfo, day: date) -> str:
    """A mark such as "+1 day" when ``instant`` is not on ``day`` in this zone."""
    days = (instant.astimezone(zone).date() - day).days
    if not days:
        return ""
    sign = "+" if days > 0 else "−"
    text = ngettext("%(sign)s%(n)d day", "%(sign)s%(n)d days", abs(days))
    return text % {"sign": sign, "n": abs(days)}
