"""baseEntry and media: complaints about an entry, and what a moderator makes of them."""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries

APPROVED, REJECTED, FLAGGED_FOR_REVIEW = 2, 3, 5


@action("baseentry.flag")
def flag(call: Call, moderationFlag: Given) -> None:
    """Count a complaint about an entry; whoever names the account may make one."""
    moderationFlag.refuse_read_only()
    moderationFlag.need("flaggedEntryId", "flagType")
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
    """An entry may stay; the complaints are settled."""
    _settle(call, entryId, APPROVED)


@action("baseentry.reject")
@action("media.reject")
def reject(call: Call, entryId: str) -> None:
    """An entry is not to be shown; the complaints are settled."""
    _settle(call, entryId, REJECTED)
