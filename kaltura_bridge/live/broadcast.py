"""One live entry at Kaltura, read and changed while a producer waits.

Sources: api_v3/lib/types/entry/KalturaLiveEntry.php and alpha/lib/model/LiveEntry.php of
kaltura/server, and what a running one answered (22.19): ``viewMode`` means something only with
``explicitLive``; USER sessions change a live entry with the producer's role and ``edit`` for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from kaltura_bridge.api import ks
from kaltura_bridge.api.errors import CredentialsMissing, KalturaError, RemoteUnavailable
from kaltura_bridge.api.light import LightCall, call, call_all
from kaltura_bridge.live.state import STATES, BroadcastState, forget_state

# KalturaViewMode and KalturaRecordingStatus.
PREVIEW, EVERYBODY = "0", "1"
STOPPED, RECORDING = "0", "2"
_YES: Final = frozenset({"1", "true"})


@dataclass(frozen=True)
class BroadcastFacts:
    """How the entry stands at Kaltura at this moment.

    ``explicit``: viewers wait until a producer opens it. ``redirect_id``: what players show
    while nothing is on air; empty also while something is.
    """

    state: BroadcastState
    explicit: bool
    is_open: bool
    records: bool
    redirect_id: str = ""


def control_ks(entry_id: str) -> str:
    """The KS for calls about this entry. Raises CredentialsMissing where none can be signed."""
    if not ks.can_mint():
        raise CredentialsMissing(
            _("The portal needs KALTURA_ADMIN_SECRET to change what viewers see.")
        )
    return ks.live_control_ks(entry_id)


def read_broadcast(entry_id: str) -> BroadcastFacts:
    """Ask Kaltura now. Raises KalturaError."""
    details, entry = call_all(
        [
            LightCall("livestream", "getDetails", {"id": entry_id}),
            LightCall("livestream", "get", {"entryId": entry_id}, control_ks(entry_id)),
        ]
    )
    for answer in (details, entry):
        if isinstance(answer, KalturaError):
            raise answer
        if not isinstance(answer, dict):
            raise RemoteUnavailable("an answer that cannot be read", sent=True)
    return BroadcastFacts(
        state=STATES.get(str(details.get("broadcastStatus")), BroadcastState.UNKNOWN),
        explicit=_text(entry, "explicitLive") in _YES,
        is_open=_text(entry, "viewMode") == EVERYBODY,
        records=_text(entry, "recordStatus") not in ("", "0"),
        redirect_id=str(entry.get("redirectEntryId") or ""),
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    return str(entry.get(name, "")).lower()


def change_broadcast(entry_id: str, fields: Mapping[str, str]) -> None:
    """Write these fields of the entry. Raises KalturaError; then whoever looks asks again."""
    sent = {"objectType": "KalturaLiveStreamEntry", **fields}
    params = {"entryId": entry_id, "liveStreamEntry": sent}
    try:
        call(LightCall("livestream", "update", params, control_ks(entry_id)))
    finally:
        forget_state(entry_id)
