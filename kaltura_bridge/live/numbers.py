"""Numbers for those who produce a session: each with its source and its moment, none invented.

Kaltura counts who watches (liveReports, some 20 s behind, and its realtime reports); it is asked
at most once in 30 s for all desks, as its guide asks. The portal counts who came in and who was
turned away. Other apps add what they count with ``register``. Whoever counts, an event's privacy
says how it is told (join/privacy.py): where it shows groups only, Kaltura's reports about the
audience are left out, for their numbers tell of each other.
Source: "Kaltura Analytics Reports API", on liveReports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _

from events.access import Phase
from events.models import Session
from kaltura_bridge.audience.definitions import PLATFORMS, REPORTS
from kaltura_bridge.audience.live import LiveAudience, ReadReport, ask_audience
from kaltura_bridge.join.denial_counts import denials_of
from kaltura_bridge.join.privacy import ShowCount, count_rules_of, tells_groups_only
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk
from kaltura_bridge.live.shared import WAIT_S, SharedAnswer, shared_answer
from kaltura_bridge.models import LaunchTicket

FRESH_S: Final = 30
RECENT: Final = timedelta(minutes=5)
_DEVICES: Final = 5
# Who is there before the planned start counts too.
_EARLY: Final = timedelta(hours=1)
_SHOWN: Final = frozenset({Phase.SOON, Phase.OPEN, Phase.LIVE, Phase.OVERRUN})


@dataclass(frozen=True)
class LiveNumber:
    """One number. ``value`` None: nobody could say. ``source``: who counted, and when or since.

    ``unit``: what one of it is; people where it says nothing. ``is_withheld``: it is known, and
    too small to be told.
    """

    label: str
    value: float | None
    source: str
    as_of: datetime | None = None
    unit: str = ""
    is_withheld: bool = False


CountLive = Callable[[LiveDesk], Iterable[LiveNumber]]
_counters: list[CountLive] = []


def register(count: CountLive) -> None:
    """Ask ``count`` for numbers whenever a producer looks at the desk."""
    if count not in _counters:
        _counters.append(count)


def numbers_panel(desk: LiveDesk) -> DeskPanel | None:
    """While it is on, and shortly before."""
    if not desk.rights.produces or desk.access.phase not in _SHOWN:
        return None
    rule = count_rules_of([desk.event])[desk.event.pk]
    people = [_watching(desk, rule), *(count(desk) for count in _counters), _coming_in(desk)]
    numbers = [_told(number, rule) for counted in people for number in counted]
    context = {"numbers": [*numbers, *_rates(desk, numbers)]}
    template = "kaltura_bridge/live/_numbers.html"
    return DeskPanel("numbers", DeskStep.NUMBERS, template, context, follows=True)


def _told(number: LiveNumber, rule: ShowCount) -> LiveNumber:
    """A number of people as the event tells it."""
    if number.value is None:
        return number
    value = rule(int(number.value))
    return replace(number, value=value, is_withheld=value is None)


def _watching(desk: LiveDesk, rule: ShowCount) -> Iterator[LiveNumber]:
    """Kaltura's own count; rooms have none while they are open."""
    if not desk.broadcast_id:
        return
    found = audience_of(desk.session, desk.broadcast_id)
    audience: LiveAudience = found.value or LiveAudience()
    source = _("Kaltura's live report, about 20 seconds behind")
    if found.trouble:
        source = _("Kaltura's live report; no answer since then (%(reason)s)") % {
            "reason": found.trouble
        }
    yield LiveNumber(_("Watching now"), audience.now, source, found.moment)
    yield LiveNumber(_("Most at one time"), audience.peak, source, found.moment)
    if tells_groups_only(rule):
        return
    for report in audience.reports:
        yield from _of_report(report, found.moment)


def audience_of(session: Session, entry_id: str, wait_s: float = WAIT_S) -> SharedAnswer:
    """What Kaltura said last of who watches: a ``LiveAudience``, once in 30 s for all who ask."""
    since = int((session.starts_at - _EARLY).timestamp())
    until = int(session.doors_close_at.timestamp())
    name = f"audience:{settings.KALTURA_PARTNER_ID}:{entry_id}"
    return shared_answer(
        name, lambda: ask_audience(entry_id, since, until), fresh_s=FRESH_S, wait_s=wait_s
    )


def _of_report(read: ReadReport, as_of: datetime | None) -> Iterator[LiveNumber]:
    """The numbers of one realtime report, or what kept it from us."""
    report = REPORTS[read.name]
    about = {"report": report.label, "number": report.number}
    if read.trouble:
        text = _("Kaltura's report %(report)s (%(number)s) could not be read: %(reason)s")
        yield LiveNumber(str(report.label), None, text % {**about, "reason": read.trouble})
        return
    if read.is_lacking:
        text = _("The account does not have Kaltura's report %(report)s (%(number)s)")
        yield LiveNumber(str(report.label), None, text % about)
        return
    source = _("Kaltura's realtime report %(report)s (%(number)s)") % about
    if report is PLATFORMS:
        for device, numbers in read.rows[:_DEVICES]:
            label = _("Watched on: %(device)s") % {"device": device}
            yield LiveNumber(label, numbers.get("view_unique_audience"), source, as_of)
        return
    if not read.rows:
        return
    audience = [numbers.get("view_unique_audience", 0) for _at, numbers in read.rows]
    yield LiveNumber(_("Most within a minute"), max(audience), source, as_of)
    # The last minute is not over; the one before it is.
    _at, last = read.rows[-2 if len(read.rows) > 1 else -1]
    engaged = last.get("view_unique_engaged_users")
    yield LiveNumber(_("Engaged in the last whole minute"), engaged, source, as_of)


def _coming_in(desk: LiveDesk) -> Iterator[LiveNumber]:
    """Whom the portal has let in lately."""
    entered = LaunchTicket.objects.filter(
        session=desk.session, redeemed_at__gt=desk.now - RECENT
    ).aggregate(people=Count("user", distinct=True))
    yield LiveNumber(_("People who came in"), int(entered["people"]), _lately(), desk.now)


def _rates(desk: LiveDesk, told: Sequence[LiveNumber]) -> Iterator[LiveNumber]:
    """What is no number of people: how quick they came, as it was told, and who was turned away."""
    minutes, came_in = int(RECENT.total_seconds() // 60), told[-1]
    rate = None if came_in.value is None else round(came_in.value / minutes, 1)
    unit = _("people a minute")
    yield replace(came_in, label=_("Join rate"), value=rate, unit=unit)
    denials = denials_of(desk.session, minutes)
    label = _("Not let in, or met an error")
    yield LiveNumber(label, denials, _lately(), desk.now, _("times"))


def _lately() -> str:
    minutes = int(RECENT.total_seconds() // 60)
    return _("this portal, in the last %(minutes)d minutes") % {"minutes": minutes}
