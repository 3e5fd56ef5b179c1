"""Who sees what is on air now: what Kaltura shows to everybody, people see once they are let in."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from events.access import opens_for, roles_let_in
from events.i18n.dates import moment
from events.roles import StageRole
from kaltura_bridge.live.panels import LiveDesk


def viewers_come_in(desk: LiveDesk) -> bool:
    """Whether the doors are open for those who watch."""
    return StageRole.ATTENDEE in roles_let_in(desk.access.phase)


def who_sees(desk: LiveDesk) -> str:
    """In words, who sees a broadcast that is open, and from when on others will."""
    inside = roles_let_in(desk.access.phase)
    if StageRole.ATTENDEE in inside:
        return _("Viewers see it.")
    if not inside:
        return _("Whoever is inside still sees it. The doors are closed: nobody else comes in.")
    viewers = _opening(desk, StageRole.ATTENDEE)
    if StageRole.SPEAKER in inside:
        text = _("Producers and people on stage see it. Viewers come in from %(viewers)s on.")
        return text % {"viewers": viewers}
    text = _(
        "Only producers see it yet. People on stage come in from %(stage)s on, viewers from "
        "%(viewers)s on."
    )
    return text % {"stage": _opening(desk, StageRole.SPEAKER), "viewers": viewers}


def _opening(desk: LiveDesk, role: StageRole) -> str:
    """When people of this role come in, with the day where that is another one."""
    zone = desk.event.zone
    opens = opens_for(desk.session, role)
    if opens is None:
        return ""
    local = opens.astimezone(zone)
    return f"{_time(local, desk.now.astimezone(zone))} ({desk.event.timezone})"


def _time(local: datetime, now: datetime) -> str:
    return f"{local:%H:%M}" if local.date() == now.date() else moment(local)
