"""What Kaltura says of a broadcast: whether anything arrives there, and whether viewers see it.

Asked without a KS, as anybody would: with the KS of the sync, which may watch previews,
``liveStream.isLive`` is true before viewers see anything.
Source: api_v3/services/LiveStreamService.php and alpha/lib/model/LiveEntry.php of
kaltura/server.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.conf import settings

from kaltura_bridge.api.errors import KalturaError, RemoteUnavailable
from kaltura_bridge.api.light import LightCall, call_all
from kaltura_bridge.live.shared import ask_anew, shared_answer

FRESH_S: Final = 5


class BroadcastState(StrEnum):
    """How a broadcast stands."""

    UNKNOWN = "unknown"  # Kaltura has not said yet
    OFFLINE = "offline"  # nothing arrives from an encoder
    PREVIEW = "preview"  # something arrives, and only those who produce it see it
    LIVE = "live"


# KalturaLiveStreamBroadcastStatus.
STATES: Final = {
    "1": BroadcastState.OFFLINE,
    "2": BroadcastState.PREVIEW,
    "3": BroadcastState.LIVE,
}


@dataclass(frozen=True)
class LiveState:
    """How a broadcast stood at ``as_of``; ``trouble``: why Kaltura has said no more since then.

    ``viewers_see`` is what anybody without rights is told: whether there is something to watch.
    """

    broadcast: BroadcastState = BroadcastState.UNKNOWN
    viewers_see: bool = False
    as_of: datetime | None = None
    trouble: str = ""

    @property
    def is_on_air(self) -> bool:
        """Whether there is something to go in for: whichever of its two answers says so first.

        Kaltura keeps ``isLive`` for 5 s while it is off and for 30 s while it is on.
        """
        return self.viewers_see or self.broadcast is BroadcastState.LIVE


def live_state(entry_id: str) -> LiveState:
    """How the broadcast of this entry stands, the same for all who ask within five seconds.

    Answers at once, or within a third of a second for the one whose turn it is to ask Kaltura.
    """
    found = shared_answer(_name(entry_id), lambda: _ask(entry_id), fresh_s=FRESH_S)
    if found.value is None:
        return LiveState(trouble=found.trouble)
    status, viewers_see = found.value
    state = STATES.get(status, BroadcastState.UNKNOWN)
    return LiveState(state, viewers_see, found.moment, found.trouble)


def forget_state(entry_id: str) -> None:
    """Somebody changed it: ask Kaltura again at the next look."""
    ask_anew(_name(entry_id))


def _name(entry_id: str) -> str:
    return f"broadcast:{settings.KALTURA_PARTNER_ID}:{entry_id}"


def _ask(entry_id: str) -> tuple[str, bool]:
    """Kaltura's status of the broadcast, and whether viewers see it, in one request."""
    answers = call_all(
        [
            LightCall("livestream", "getDetails", {"id": entry_id}),
            LightCall("livestream", "isLive", {"id": entry_id, "protocol": "auto"}),
        ]
    )
    for answer in answers:
        if isinstance(answer, KalturaError):
            raise answer
    details, is_live = answers
    if not isinstance(details, dict) or not isinstance(is_live, bool):
        raise RemoteUnavailable("an answer that cannot be read", sent=True)
    return str(details.get("broadcastStatus")), is_live
