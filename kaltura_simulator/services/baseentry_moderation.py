"""baseEntry and media: flagging, approving and rejecting entries.

Kaltura's: api_v3/services/BaseEntryService.php, MediaService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entries

APPROVED, REJECTED, FLAGGED_FOR_REVIEW = 2, 3, 5


@action("baseentry.flag")
def flag(call: Call, moderationFlag: SentObject) -> None:
    """Flag an entry; no session is needed."""
    moderationFlag.refuse_read_only()
    moderationFlag.require("flaggedEntryId", "flagType")
    row = entries.find(call, str(moderationFlag.get("flaggedEntryId")))
    changes = {"moderationCount": row["moderationCount"] + 1}
    call.change("entry", row["id"], moderationStatus=FLAGGED_FOR_REVIEW, **changes)


def _settle(call: Call, key: str, status: int) -> None:
    entries.find(call, key)
    now = call.clock.now()
    call.change("entry", key, moderationStatus=status, moderationCount=0, updatedAt=now)


@action("baseentry.approve")
@action("media.approve")
def approve(call: Call, entryId: str) -> None:
    """Approve an entry; its flags are cleared."""
    _settle(call, entryId, APPROVED)


@action("baseentry.reject")
@action("media.reject")
def reject(call: Call, entryId: str) -> None:
    """Reject an entry; its flags are cleared."""
    _settle(call, entryId, REJECTED)
