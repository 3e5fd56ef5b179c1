"""Numbers for those who produce a session: each with its source and its moment, none invented.

Kaltura counts who watches (liveReports, some 20 s behind); it is asked at most once in 30 s for
all desks, as its guide asks. The portal counts who came in and who was turned away. Other apps
add what they count with ``register``.
Source: "Kaltura Analytics Reports API", on liveReports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _

from events.access import Phase
from kaltura_bridge.api.errors import RemoteUnavailable
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.join.denial_counts import denials_of
from kaltura_bridge.live.broadcast import control_ks
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk
from kaltura_bridge.live.shared import shared_answer
from kaltura_bridge.models import LaunchTicket

FRESH_S: Final = 30
RECENT: Final = timedelta(minutes=5)
# Who is there before the planned start counts too.
_EARLY: Final = timedelta(hours=1)
_SHOWN: Final = frozenset({Phase.SOON, Phase.OPEN, Phase.LIVE, Phase.OVERRUN})


@dataclass(frozen=True)
class LiveNumber:
    """One number. ``value`` None: nobody could say. ``source``: who counted, and when or since."""

    label: str
    value: int | None
    source: str
    as_of: datetime | None = None


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
    counters: tuple[CountLive, ...] = (_watching, *_counters, _coming_in)
    context = {"numbers": [number for count in counters for number in count(desk)]}
    template = "kaltura_bridge/live/_numbers.html"
    return DeskPanel("numbers", DeskStep.NUMBERS, template, context, follows=True)


def _watching(desk: LiveDesk) -> Iterator[LiveNumber]:
    """Kaltura's own count; rooms have none while they are open."""
    if not desk.broadcast_id:
        return
    entry_id, since = desk.broadcast_id, int((desk.session.starts_at - _EARLY).timestamp())
    name = f"audience:{settings.KALTURA_PARTNER_ID}:{entry_id}"
    found = shared_answer(name, lambda: _ask(entry_id, since), fresh_s=FRESH_S)
    now, peak = found.value or (None, None)
    source = _("Kaltura's live report, about 20 seconds behind")
    if found.trouble:
        source = _("Kaltura's live report; no answer since then (%(reason)s)") % {
            "reason": found.trouble
        }
    yield LiveNumber(_("Watching now"), now, source, found.moment)
    yield LiveNumber(_("Most at one time"), peak, source, found.moment)


def _ask(entry_id: str, since: int) -> tuple[int, int]:
    """How many watch now, live or rewound, and the most who did at one time."""
    asked = {
        "objectType": "KalturaLiveReportInputFilter",
        "entryIds": entry_id,
        "fromTime": str(since),
    }
    params = {"reportType": "ENTRY_TOTAL", "filter": asked}
    answer = call(LightCall("livereports", "getReport", params, control_ks(entry_id)))
    rows = answer.get("objects") if isinstance(answer, dict) else None
    if not isinstance(rows, list):
        raise RemoteUnavailable("an answer that cannot be read", sent=True)
    row: dict[str, Any] = next((r for r in rows if r.get("entryId") == entry_id), {})
    return (
        int(row.get("audience", 0)) + int(row.get("dvrAudience", 0)),
        int(row.get("peakAudience", 0)) + int(row.get("peakDvrAudience", 0)),
    )


def _coming_in(desk: LiveDesk) -> Iterator[LiveNumber]:
    """Whom the portal has let in lately, and whom not."""
    minutes = int(RECENT.total_seconds() // 60)
    entered = LaunchTicket.objects.filter(
        session=desk.session, redeemed_at__gt=desk.now - RECENT
    ).aggregate(people=Count("user", distinct=True))
    source = _("this portal, in the last %(minutes)d minutes") % {"minutes": minutes}
    yield LiveNumber(_("People who came in"), entered["people"], source, desk.now)
    yield LiveNumber(
        _("Not let in, or met an error"), denials_of(desk.session, minutes), source, desk.now
    )
