"""What is in the join page's frame, and what that may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kaltura_bridge.join import embeds
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.models import PlayerChoice
from kaltura_bridge.watch import addresses
from kaltura_bridge.watch.player import player_of

# A player needs neither camera nor microphone. Sandboxed, our page has no origin that could be
# named; only it is ever in that frame.
_PLAYS: Final = ("autoplay", "fullscreen", "picture-in-picture", "encrypted-media")
_DENIED: Final = ("camera", "microphone", "display-capture", "geolocation", "payment", "usb")


@dataclass(frozen=True)
class FrameLook:
    """``origin`` of what the frame ends up with; ``is_ours``: a page of the portal.

    ``allow`` is the frame's attribute, ``permissions_policy`` the header of the page around it.
    """

    origin: str
    allow: str
    permissions_policy: str
    is_ours: bool = False
    is_player: bool = False


def look_of(asked: JoinRequest) -> FrameLook:
    """What the frame of this join page needs."""
    chosen = player_of(asked)
    if chosen is None:
        return FrameLook(embeds.kaf_origin(), embeds.iframe_allow(), embeds.permissions_policy())
    is_ours = chosen.choice is PlayerChoice.V7
    allow = "; ".join(f"{name} *" for name in _PLAYS)
    handed_on = [f"{name}=*" for name in _PLAYS]
    policy = ", ".join([*handed_on, *(f"{name}=()" for name in _DENIED)])
    return FrameLook(addresses.cdn_origin(), allow, policy, is_ours=is_ours, is_player=True)
