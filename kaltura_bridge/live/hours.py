"""When the tools of producers and moderators may be opened: each hands out a KS.

Producers prepare as early as they like. Moderators come when people on stage do. For an hour
after the doors have closed there is work left; later nobody needs a key to the broadcast.
"""

from __future__ import annotations

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from events.access import Phase, phase_of, status_of, timeline_of
from events.i18n.dates import long_day
from events.models import SessionStatus
from kaltura_bridge.api.broadcast_ks import AFTER_DOORS
from kaltura_bridge.live.panels import LiveDesk


def closed_to_producers(desk: LiveDesk) -> str:
    """Why the Studio and the ingest addresses are not there now, in one sentence; "": they are."""
    if status_of(desk.session) == SessionStatus.CANCELLED:
        return _("This session will not take place.")
    is_over = desk.now >= desk.session.doors_close_at + AFTER_DOORS
    return _("This session is over.") if is_over else ""


def closed_to_moderators(desk: LiveDesk) -> str:
    """Why the moderator view is not there now, in one sentence; "": it is."""
    if closed := closed_to_producers(desk):
        return closed
    timeline = timeline_of(desk.session)
    if not timeline:
        return _("This session is not published yet.")
    if phase_of(desk.session, timeline, desk.now) is not Phase.PLANNED:
        return ""
    opens_at = localtime(timeline[0][0], desk.event.zone)
    return _("This opens on {day} at {time} ({zone}).").format(
        day=long_day(opens_at), time=f"{opens_at:%H:%M}", zone=desk.event.zone.key
    )
