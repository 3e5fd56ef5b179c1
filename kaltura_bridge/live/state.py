"""What Kaltura says of a broadcast: whether anything arrives there, and whether viewers see it.

Asked without a KS, as anybody would: with the KS of the sync, which may watch previews,
``liveStream.isLive`` is true before viewers see anything.
Source: api_v3/services/LiveStreamService.php and alpha/lib/model/LiveEntry.php of
kaltura/server.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api.errors import KalturaError, RemoteUnavailable
from kaltura_bridge.api.light import LightCall, call_all
from kaltura_bridge.live.shared import SharedAnswer, ask_anew, shared_answer, shared_answers

FRESH_S: Final = 5
# Broadcasts that are asked about in one request.
_AT_ONCE: Final = 25


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
    return _read(shared_answer(_name(entry_id), lambda: _ask(entry_id), fresh_s=FRESH_S))


def live_states(entry_ids: Iterable[str]) -> dict[str, LiveState]:
    """The same of many broadcasts, by their entries: a request for each 25 of them.

    Answers at once, or within a third of a second, however many they are.
    """
    names = {_name(entry_id): entry_id for entry_id in entry_ids}

    def ask(due: Sequence[str]) -> dict[str, Any]:
        return dict(zip(due, _ask_all([names[name] for name in due]), strict=True))

    found = shared_answers(list(names), ask, fresh_s=FRESH_S, at_once=_AT_ONCE)
    return {names[name]: _read(answer) for name, answer in found.items()}


def _read(found: SharedAnswer) -> LiveState:
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
    said = _ask_all([entry_id])[0]
    if isinstance(said, KalturaError):
        raise said
    return said


def _ask_all(entry_ids: Sequence[str]) -> list[tuple[str, bool] | KalturaError]:
    """The same of several, in one request: each its two answers, or what went wrong with it."""
    calls = [call for entry_id in entry_ids for call in _questions(entry_id)]
    answers = call_all(calls)
    return [_pair(*answers[at : at + 2]) for at in range(0, len(answers), 2)]


def _questions(entry_id: str) -> tuple[LightCall, LightCall]:
    return (
        LightCall("livestream", "getDetails", {"id": entry_id}),
        LightCall("livestream", "isLive", {"id": entry_id, "protocol": "auto"}),
    )


def _pair(details: Any, is_live: Any) -> tuple[str, bool] | KalturaError:
    for answer in (details, is_live):
        if isinstance(answer, KalturaError):
            return answer
    if not isinstance(details, dict) or not isinstance(is_live, bool):
        return RemoteUnavailable("an answer that cannot be read", sent=True)
    return str(details.get("broadcastStatus")), is_live
