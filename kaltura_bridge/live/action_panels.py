"""Where a producer finds the actions on the desk: those that make sense as it stands now."""

from __future__ import annotations

from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from events.access import Phase
from events.models import SessionType
from events.programme.extending import MOST_MINUTES
from kaltura_bridge.live.actions import CUT, GO_LIVE, DeskAction
from kaltura_bridge.live.ending import END, EXTEND, USUAL_MINUTES
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk
from kaltura_bridge.live.state import BroadcastState
from kaltura_bridge.live.swapping import BACK, SWAP

_BEGUN: Final = frozenset({Phase.LIVE, Phase.OVERRUN})
_NOT_ON: Final = frozenset({Phase.DRAFT, Phase.CANCELLED})


def action_url(desk: LiveDesk, action: DeskAction) -> str:
    """The page of an action of this session."""
    name = f"kaltura:live_{action.slug.replace('-', '_')}"
    return reverse(name, args=[desk.event.slug, desk.session.slug])


def go_live_panel(desk: LiveDesk) -> DeskPanel | None:
    """Open the preview, close it, or show something else."""
    if not desk.rights.produces or desk.is_room or desk.access.phase in _NOT_ON:
        return None
    state = desk.state.broadcast
    is_simulive = desk.session.session_type == SessionType.SIMULIVE
    has_preview = desk.options.preview and not is_simulive
    actions: list[DeskAction] = []
    if has_preview and state is not BroadcastState.LIVE:
        actions.append(GO_LIVE)
    if has_preview and state is not BroadcastState.OFFLINE and state is not BroadcastState.PREVIEW:
        actions.append(CUT)
    actions += [SWAP] if is_simulive else [SWAP, BACK]
    context = {
        "text": _text(desk, has_preview, is_simulive),
        "main": _buttons(desk, [a for a in actions if a in (GO_LIVE, CUT)]),
        "others": _buttons(desk, [a for a in actions if a in (SWAP, BACK)]),
        "can_open": state is BroadcastState.PREVIEW,
    }
    template = "kaltura_bridge/live/_go_live.html"
    return DeskPanel("go-live", DeskStep.GO_LIVE, template, context, follows=True)


def _text(desk: LiveDesk, has_preview: bool, is_simulive: bool) -> str:
    if is_simulive:
        return _("The video plays by itself from the planned start on. There is nothing to switch.")
    if not has_preview:
        return _(
            "This broadcast has no preview: viewers see it as soon as the encoder sends, and until "
            "it stops."
        )
    return {
        BroadcastState.LIVE: _("You are live."),
        BroadcastState.PREVIEW: _("The picture is there. Go live when everybody is ready."),
        BroadcastState.OFFLINE: _("Start the encoder first; then you can go live from here."),
    }.get(desk.state.broadcast, _("As soon as Kaltura says how it stands, you can go live here."))


def _buttons(desk: LiveDesk, actions: list[DeskAction]) -> list[dict[str, object]]:
    return [{"url": action_url(desk, a), "title": a.title, "opens": a is GO_LIVE} for a in actions]


def end_panel(desk: LiveDesk) -> DeskPanel | None:
    """More time, or no more."""
    if not desk.rights.produces or desk.access.phase in _NOT_ON | {Phase.OVER}:
        return None
    context = {
        "extend_url": action_url(desk, EXTEND),
        "end_url": action_url(desk, END) if desk.access.phase in _BEGUN else "",
        "minutes": USUAL_MINUTES,
        "most": MOST_MINUTES,
        "ends_at": f"{desk.session.ends_at.astimezone(desk.event.zone):%H:%M}",
    }
    return DeskPanel("end", DeskStep.END, "kaltura_bridge/live/_end.html", context, follows=True)
