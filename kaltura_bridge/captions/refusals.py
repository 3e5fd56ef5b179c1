"""What Kaltura's refusals of an order mean, in sentences. Codes: KalturaReachErrors.php."""

from __future__ import annotations

from typing import Final

from kaltura_bridge.api.errors import KalturaError, RemoteRejected, user_message

DUPLICATE: Final = "ENTRY_VENDOR_TASK_DUPLICATION"
ABSENT: Final = "ENTRY_VENDOR_TASK_NOT_FOUND"
#: It becomes possible by itself: try again later.
PASSING: Final = frozenset({"ENTRY_NOT_READY", "TASK_NOT_CREATED"})

SENTENCES: Final = {
    "REACH_PROFILE_NOT_FOUND": "The account has no such REACH profile any more. Order again.",
    "CATALOG_ITEM_NOT_FOUND": "The catalogue no longer has this item. Order another one.",
    "CATALOG_ITEM_NOT_ENABLED_FOR_ACCOUNT": (
        "The account may not order this item. Ask Kaltura to switch it on, or order another one."
    ),
    DUPLICATE: "The same is ordered already, or was delivered and may not be ordered again.",
    "EXCEEDED_MAX_CREDIT_ALLOWED": "The credit left is less than this costs. Ask for more credit.",
    "CREDIT_EXPIRED": "The account's REACH credit has run out in time. Ask for more credit.",
    "ENTRY_TOO_SHORT": "The recording is shorter than ten seconds.",
    "ENTRY_TYPE_NOT_SUPPORTED": "REACH does not work on this kind of object.",
    "FEATURE_TYPE_NOT_SUPPORTED_FOR_ENTRY": "This item is not for this kind of object.",
    "REQUIRE_CAPTION": "This item needs captions to begin with.",
    "ENTRY_NOT_READY": "The recording is not ready yet; it is tried again.",
    "TASK_NOT_CREATED": "Kaltura made no task of it; it is tried again.",
    "TOO_LATE_ORDER": "It is too late for live captions of this session.",
    "TOO_LONG_SCHEDULED_TASK": "The session is longer than this item allows.",
    "CATALOG_ITEM_AND_JOB_DATA_MISMATCH": "Only items for live captions have times.",
    "TASK_EVENT_ENTRY_ID_MISMATCH": (
        "Kaltura's calendar leads to another entry than the session's. Sync the session first."
    ),
    "ENTRY_ID_NOT_FOUND": "Kaltura no longer has this recording.",
    "FEATURE_FORBIDDEN": "The account has no REACH. Ask Kaltura to switch it on.",
    "CANNOT_ABORT_NOT_MODERATED_TASK": "The vendor is at work: it can no longer be aborted.",
    "CANNOT_APPROVE_NOT_MODERATED_TASK": "It does not wait for approval any more.",
    "CANNOT_REJECT_NOT_MODERATED_TASK": "It does not wait for approval any more.",
    "ENTRY_VENDOR_TASK_ACTION_NOT_ALLOWED": "Another user at Kaltura ordered it.",
}


def sentence(error: KalturaError) -> str:
    """What people read: the sentence and Kaltura's code; what is not known, as Kaltura says it."""
    if isinstance(error, RemoteRejected) and error.code in SENTENCES:
        return f"{SENTENCES[error.code]} ({error.code})"
    return user_message("the order", error)
