"""How a session stands, in words, and how soon to look again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.access import Phase
from events.models import SessionType
from kaltura_bridge.live.panels import LiveDesk
from kaltura_bridge.live.seen_by import viewers_come_in, who_sees
from kaltura_bridge.live.state import BroadcastState

_BUSY: Final = frozenset({Phase.OPEN, Phase.LIVE, Phase.OVERRUN})
# How often the page asks, in seconds; its script varies that by a fifth, within 2 to 15.
_ASK_S: Final = {Phase.SOON: 8}
_BUSY_S, _QUIET_S = 4, 15
NUMBERS_S: Final = 30


@dataclass(frozen=True)
class DeskState:
    """The state at the head of the desk.

    ``name`` is a word for scripts and styles, ``title`` and ``detail`` are for people. ``parts``
    changes when something else on the page is no longer true. ``as_of`` says when Kaltura was
    asked, "" where nothing is asked of it; ``trouble`` why it has said no more since then.
    """

    name: str
    title: str
    detail: str
    as_of: str
    trouble: str
    parts: str
    ask_s: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def state_of(desk: LiveDesk) -> DeskState:
    """How the session stands for those who run it."""
    name, title, detail = _words(desk)
    ends = int(desk.session.ends_at.timestamp())
    # Numbers are renewed as often as Kaltura may be asked for them.
    numbers = int(desk.now.timestamp() // NUMBERS_S) if desk.rights.produces else 0
    return DeskState(
        name=name,
        title=str(title),
        detail=str(detail),
        as_of=_as_of(desk),
        trouble=_trouble(desk),
        parts=f"{name} {desk.access.phase} {ends} {int(desk.state.viewers_see)} {numbers}",
        ask_s=_BUSY_S if desk.access.phase in _BUSY else _ASK_S.get(desk.access.phase, _QUIET_S),
    )


def _words(desk: LiveDesk) -> tuple[str, str, str]:
    phase = desk.access.phase
    if phase in (Phase.CANCELLED, Phase.DRAFT):
        return str(phase), *_TEXTS[str(phase)]
    if desk.is_room:
        return "room", _("Room"), _room_words(phase)
    if not desk.broadcast_id:
        return "preparing", *_TEXTS["preparing"]
    state = desk.state
    name = str(state.broadcast)
    if state.broadcast is BroadcastState.LIVE:
        return name, _("Live"), _live_words(desk)
    if state.broadcast is BroadcastState.OFFLINE and phase is Phase.OVER:
        return "over", *_TEXTS["over"]
    if state.broadcast is BroadcastState.OFFLINE and _plays_video(desk):
        return name, _("Off air"), _("The video starts by itself at the planned time.")
    return name, *_TEXTS[name]


def _live_words(desk: LiveDesk) -> str:
    if viewers_come_in(desk) and not desk.state.viewers_see:
        # Kaltura keeps the answer for viewers some seconds longer than its status.
        return _("It is open; the first viewers see it within some seconds.")
    return who_sees(desk)


def _plays_video(desk: LiveDesk) -> bool:
    return desk.session.session_type == SessionType.SIMULIVE


def _room_words(phase: Phase) -> str:
    if phase in _BUSY:
        return _("The doors are open. In a room nothing is on air: who is inside sees each other.")
    if phase is Phase.OVER:
        return _("The doors are closed.")
    return _("The doors are still closed for attendees.")


_TEXTS: Final[dict[str, tuple[Any, Any]]] = {
    "cancelled": (
        gettext_lazy("Cancelled"),
        gettext_lazy("This session will not take place."),
    ),
    "draft": (
        gettext_lazy("Not published yet"),
        gettext_lazy("Publish the session and its event before it can go on air."),
    ),
    "preparing": (
        gettext_lazy("Being prepared"),
        gettext_lazy("Kaltura does not have the broadcast yet."),
    ),
    "unknown": (
        gettext_lazy("Not known"),
        gettext_lazy("Kaltura has not said yet how the broadcast stands."),
    ),
    "offline": (
        gettext_lazy("Off air"),
        gettext_lazy("Nothing arrives at Kaltura: no encoder is connected."),
    ),
    "preview": (
        gettext_lazy("Preview"),
        gettext_lazy("The picture arrives at Kaltura. Viewers do not see it yet."),
    ),
    "over": (
        gettext_lazy("Over"),
        gettext_lazy("The planned time is over, and nothing is on air."),
    ),
}


def _as_of(desk: LiveDesk) -> str:
    moment = desk.state.as_of
    if moment is None:
        return ""
    local = moment.astimezone(desk.event.zone)
    return _("As of %(time)s (%(zone)s)") % {
        "time": f"{local:%H:%M:%S}",
        "zone": desk.event.timezone,
    }


def _trouble(desk: LiveDesk) -> str:
    if not desk.state.trouble:
        return ""
    text = (
        _("Kaltura has not answered since (%(reason)s); we keep asking.")
        if desk.state.as_of
        else _("Kaltura has not answered yet (%(reason)s); we keep asking.")
    )
    return text % {"reason": desk.state.trouble}
