"""What to look at before, where to go in, and what is left afterwards: from our own tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.access import Phase, status_of
from events.i18n.languages import Words
from events.models import SessionStatus, SessionType
from events.remote import RoomState
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk
from kaltura_bridge.models import RecordingMode

_TEMPLATES: Final = "kaltura_bridge/live"
_BROADCASTS: Final = frozenset({SessionType.WEBCAST, SessionType.STUDIO})


@dataclass(frozen=True)
class DeskCheck:
    """One line of the list: ``good`` or something to see to, with the place where to."""

    good: bool
    text: str
    url: str = ""
    link: str = ""


def check_panel(desk: LiveDesk) -> DeskPanel:
    """What has to be right before anybody comes."""
    lines = [*_status(desk), *_at_kaltura(desk), *_times(desk), *_stage(desk), *_delivery(desk)]
    context = {"lines": lines, "to_do": sum(not line.good for line in lines)}
    return DeskPanel("check", DeskStep.CHECK, f"{_TEMPLATES}/_check.html", context, follows=True)


def _status(desk: LiveDesk) -> Iterator[DeskCheck]:
    status = status_of(desk.session)
    if status == SessionStatus.PUBLISHED:
        yield DeskCheck(True, _("It is published."))
    elif status == SessionStatus.CANCELLED:
        yield DeskCheck(False, _("It is cancelled, or its event is."))
    else:
        yield DeskCheck(False, _("It is a draft, or its event is: attendees do not see it."))


_AT_KALTURA: Final[dict[RoomState, Words]] = {
    RoomState.READY: gettext_lazy("Kaltura has everything for it."),
    RoomState.PREPARING: gettext_lazy(
        "Kaltura does not have it yet. That takes seconds, rarely minutes."
    ),
    RoomState.FAILED: gettext_lazy("Kaltura refused it, and somebody has to look."),
    RoomState.NOT_CONFIGURED: gettext_lazy(
        "The portal's Kaltura settings are not complete, so nobody can enter."
    ),
}


def _at_kaltura(desk: LiveDesk) -> Iterator[DeskCheck]:
    room = desk.destination.state.room
    good = room is RoomState.READY
    may_look = not good and desk.rights.produces and desk.user.is_staff
    url = reverse("admin:events_session_change", args=[desk.session.pk]) if may_look else ""
    yield DeskCheck(good, str(_AT_KALTURA[room]), url, _("See its sync state") if url else "")


def _times(desk: LiveDesk) -> Iterator[DeskCheck]:
    session = desk.session
    yield DeskCheck(
        True,
        _(
            "From %(starts)s to %(ends)s; doors open at %(opens)s and close at %(closes)s "
            "(%(zone)s)."
        )
        % {
            "starts": _clock(desk, session.starts_at),
            "ends": _clock(desk, session.ends_at),
            "opens": _clock(desk, session.doors_open_at),
            "closes": _clock(desk, session.doors_close_at),
            "zone": desk.event.timezone,
        },
    )


def _clock(desk: LiveDesk, moment: datetime) -> str:
    return f"{moment.astimezone(desk.event.zone):%H:%M}"


def _stage(desk: LiveDesk) -> Iterator[DeskCheck]:
    """Whoever has no account here cannot enter as what they are."""
    appearances = desk.session.on_stage  # type: ignore[attr-defined]  # read by visible_session
    if not appearances:
        yield DeskCheck(True, _("Nobody is named on its stage."))
        return
    names = ", ".join(each.speaker.name for each in appearances)
    yield DeskCheck(True, _("On stage: %(names)s.") % {"names": names})
    without = [each.speaker.name for each in appearances if each.speaker.user_id is None]
    if without and desk.rights.produces:
        text = _("No account yet, so they would enter as attendees: %(names)s.")
        yield DeskCheck(False, text % {"names": ", ".join(without)})


_RECORDINGS: Final[dict[str, Words]] = {
    RecordingMode.NONE: gettext_lazy("It is not recorded."),
    RecordingMode.APPENDED: gettext_lazy("It is recorded, all of it as one video."),
    RecordingMode.PER_SESSION: gettext_lazy("Each broadcast is recorded as a video of its own."),
}


def _delivery(desk: LiveDesk) -> Iterator[DeskCheck]:
    if desk.session.session_type == SessionType.SIMULIVE:
        chosen = bool(desk.options.source_entry_id)
        text = _("Its video is chosen.") if chosen else _("No video is chosen for it.")
        yield DeskCheck(chosen, text)
    if desk.session.session_type in _BROADCASTS:
        yield DeskCheck(
            True,
            _("Preview is on: viewers see nothing until a producer chooses “Go live”.")
            if desk.options.preview
            else _("Preview is off: viewers see the picture as soon as it arrives."),
        )
        yield DeskCheck(True, str(_RECORDINGS[desk.options.recording]))


def stage_panel(desk: LiveDesk) -> DeskPanel:
    """Where this person goes in, and from when."""
    access = desk.access
    context = {
        "lets_in": access.lets_in and access.phase is not Phase.OVER,
        "join_url": reverse("kaltura:join", args=[desk.event.slug, desk.session.slug]),
        "opens_at": _clock(desk, access.opens_at) if access.opens_at else "",
        "is_stage": desk.is_room or desk.session.session_type == SessionType.STUDIO,
        "access": access,
    }
    return DeskPanel("stage", DeskStep.PREPARE, f"{_TEMPLATES}/_stage.html", context, follows=True)


def recording_panel(desk: LiveDesk) -> DeskPanel | None:
    """What is left of it, once the planned time is over."""
    if desk.access.phase not in (Phase.OVERRUN, Phase.OVER):
        return None
    context = {
        "is_there": bool(desk.destination.recording_id),
        "is_planned": desk.is_room or desk.options.recording != RecordingMode.NONE,
        "watch_url": reverse("kaltura:join", args=[desk.event.slug, desk.session.slug]),
        "can_watch": desk.access.phase is Phase.OVER and desk.access.lets_in,
    }
    template = f"{_TEMPLATES}/_recording.html"
    return DeskPanel("recording", DeskStep.RECORDING, template, context, follows=True)
