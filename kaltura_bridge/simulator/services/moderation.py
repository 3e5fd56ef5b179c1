"""baseEntry.flag: somebody who watches says that an entry should be looked at."""

from __future__ import annotations

from kaltura_bridge.simulator import entries
from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.given import Given

FLAGGED_FOR_REVIEW = 5


@action("baseentry.flag")
def flag(call: Call, moderationFlag: Given) -> None:
    """Count a complaint about an entry; whoever names the account may make one."""
    moderationFlag.refuse_read_only()
    moderationFlag.need("flaggedEntryId", "flagType")
    row = entries.find(call, str(moderationFlag.get("flaggedEntryId")))
    changes = {"moderationCount": row["moderationCount"] + 1}
    call.change("entry", row["id"], moderationStatus=FLAGGED_FOR_REVIEW, **changes)
