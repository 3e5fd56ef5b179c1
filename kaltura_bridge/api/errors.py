"""What can go wrong at Kaltura, and what to do about it: one table for everyone.

The error decides the retry, not the caller. What the table does not know waits for a
person: never a silent loop. Sources: the server's KalturaErrors.php and
APIErrors.class.php, and answers recorded at a running one (tests/kaltura_simulator/recordings).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum


class ErrorClass(Enum):
    """What to do after an error."""

    RETRY = "retry"  # passes by itself; try again with back-off
    NEW_KS = "new session"  # our Kaltura Session ran out; mint anew, once
    STOP = "account"  # the account refuses us; pause everything, tell a person
    PERSON = "person"  # this object needs a person
    DONE = "done"  # what we wanted is already so
    EXISTS = "exists"  # an object of this identity exists; find it and compare


class KalturaError(Exception):
    """Base of everything that a call to Kaltura may raise here."""

    error_class = ErrorClass.PERSON
    kind = "unknown"


class RemoteUnavailable(KalturaError):
    """No usable answer. ``sent``: the request may have reached Kaltura and been done."""

    error_class = ErrorClass.RETRY
    kind = "unavailable"

    def __init__(self, reason: str, *, sent: bool, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.sent, self.retry_after_s = sent, retry_after_s


class RemoteRejected(KalturaError):
    """Kaltura understood and refused: nothing was done. Carries Kaltura's code and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code, self.message = code, message
        self.rule = rule_for(code, message)
        self.error_class, self.kind = self.rule.error_class, self.rule.kind


class CredentialsMissing(KalturaError):
    """No KS can be made from the settings; the text names them."""

    error_class = ErrorClass.STOP
    kind = "credentials"


@dataclass(frozen=True)
class Rule:
    error_class: ErrorClass
    kind: str
    advice: str


_BUSY = Rule(ErrorClass.RETRY, "busy", "Kaltura is busy with this; we keep trying.")
_LIMIT = Rule(ErrorClass.RETRY, "rate limit", "Kaltura limits our calls; we keep trying, slower.")
_FAULT = Rule(ErrorClass.RETRY, "server error", "Kaltura had an error of its own; we keep trying.")
_EXISTS = Rule(ErrorClass.EXISTS, "exists", "It exists at Kaltura already.")
_DONE = Rule(ErrorClass.DONE, "done", "It is already so.")
_STOP = Rule(
    ErrorClass.STOP,
    "credentials",
    "Check KALTURA_PARTNER_ID and KALTURA_ADMIN_SECRET (or the application token).",
)
_FORBIDDEN = Rule(
    ErrorClass.PERSON,
    "forbidden",
    "The account or its role lacks this permission. Ask Kaltura to switch it on, then Retry.",
)
_LIVE = Rule(
    ErrorClass.RETRY,
    "on air",
    "It is on air or its recording is not ready; Kaltura takes this change afterwards.",
)
_TAKEN = Rule(
    ErrorClass.PERSON,
    "name taken",
    "Another category there has this name. Rename one of the two, then Retry.",
)
_SETTING = Rule(
    ErrorClass.PERSON,
    "setting",
    "Kaltura does not know an id from the settings. Correct it, then choose Retry.",
)
_REFUSED = Rule(ErrorClass.PERSON, "refused", "Correct what it names, then choose Retry.")
_GONE = Rule(
    ErrorClass.PERSON, "gone", "Someone deleted it at Kaltura. Choose Recreate, or delete it here."
)

RULES: dict[str, Rule] = {
    "INTERNAL_SERVERL_ERROR": _FAULT,
    "INTERNAL_SERVER_ERROR": _FAULT,
    "LOCK_TIMED_OUT": _BUSY,
    "CATEGORIES_LOCKED": _BUSY,
    "RESOURCE_IS_RESERVED": _BUSY,
    "METADATA_TRANSFORMING": _BUSY,
    "ACTION_BLOCKED": _LIMIT,
    "METADATA_ALREADY_EXISTS": _EXISTS,
    "SYSTEM_NAME_ALREADY_EXISTS": _EXISTS,
    "SCHEDULE_TIME_IN_USE": Rule(
        ErrorClass.EXISTS, "time in use", "Another event holds this time on the entry at Kaltura."
    ),
    "DUPLICATE_CATEGORY": Rule(ErrorClass.EXISTS, _TAKEN.kind, _TAKEN.advice),
    "CATEGORY_ENTRY_ALREADY_EXISTS": _DONE,
    "SCHEDULE_EVENT_RESOURCE_ALREADY_EXISTS": _DONE,
    "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING": _LIVE,
    "CANNOT_DELETE_LIVE_ENTRY_WHILE_STREAMING": _LIVE,
    "RECORDED_NOT_READY": _LIVE,
    "RECORDING_FLOW_NOT_COMPLETE": _LIVE,
    "RECORDING_CONTENT_NOT_YET_SET": _LIVE,
    "CANNOT_UPDATE_FIELDS_RECORDED_ENTRY_STILL_NOT_READY": _LIVE,
    "SERVICE_FORBIDDEN": _FORBIDDEN,
    "FEATURE_FORBIDDEN": _FORBIDDEN,
    "RECORDING_DISABLED": _FORBIDDEN,
    "PARTNER_ACCESS_FORBIDDEN": _STOP,
    "START_SESSION_ERROR": _STOP,
    "MISSING_KS": _STOP,
    "INVALID_ACTIONS_LIMIT": _STOP,
    "APP_TOKEN_ID_NOT_FOUND": _STOP,
    "APP_TOKEN_NOT_ACTIVE": _STOP,
    "APP_TOKEN_EXPIRED": _STOP,
    "INVALID_APP_TOKEN_HASH": _STOP,
    "CONVERSION_PROFILE_ID_NOT_FOUND": _SETTING,
    "PARENT_CATEGORY_NOT_FOUND": _SETTING,
    "METADATA_PROFILE_NOT_FOUND": _SETTING,
    "ENTRY_ID_NOT_FOUND": _GONE,
    "INVALID_ENTRY_ID": _GONE,
    "INVALID_OBJECT_ID": _GONE,
    "CATEGORY_NOT_FOUND": _GONE,
    "METADATA_NOT_FOUND": _GONE,
}

# On a delete these say that there is nothing left to delete.
ABSENT = frozenset(
    {
        "ENTRY_ID_NOT_FOUND",
        "INVALID_ENTRY_ID",
        "INVALID_OBJECT_ID",
        "CATEGORY_NOT_FOUND",
        "METADATA_NOT_FOUND",
        "METADATA_OBJECT_ID_NOT_FOUND",
        "ENTRY_IS_NOT_ASSIGNED_TO_CATEGORY",
        "SCHEDULE_EVENT_ID_NOT_FOUND",
    }
)

_QUOTED_KS = re.compile(r'Invalid KS "(?P<quoted>[^"]*)", Error "(?P<number>-?\d+)')


def rule_for(code: str, message: str) -> Rule:
    """The rule for one API error; unknown codes wait for a person."""
    if code == "INVALID_KS":
        return _rule_for_invalid_ks(message)
    return RULES.get(code, _REFUSED)


def _rule_for_invalid_ks(message: str) -> Rule:
    """INVALID_KS says three things; the quoted word tells them apart, then the number.

    EXPIRED: mint anew. An empty quote with -4: a good KS, but not for this object.
    Anything else (LOGOUT, our own KS quoted): the account refuses us.
    """
    found = _QUOTED_KS.search(message)
    quoted, number = (found["quoted"], found["number"]) if found else ("", "")
    if quoted == "EXPIRED":
        return Rule(ErrorClass.NEW_KS, "expired", "Our Kaltura Session ran out; we make a new one.")
    if found and not quoted and number == "-4":
        return Rule(
            ErrorClass.PERSON, "not ours", "This object belongs to another user at Kaltura."
        )
    return _STOP


def user_message(what: str, error: KalturaError) -> str:
    """What a manager reads: what failed, on which object, the remote code, what to do next."""
    if isinstance(error, RemoteRejected):
        if error.code == "INVALID_KS":
            return f"Kaltura refused {what} (INVALID_KS). {error.rule.advice}"
        return f"Kaltura refused {what} ({error.code}: {error.message}). {error.rule.advice}"
    if isinstance(error, RemoteUnavailable):
        return f"Kaltura does not answer ({error}); we keep trying."
    return str(error)
