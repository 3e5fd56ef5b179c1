"""What can go wrong at Kaltura, and what to do about it: one table for everyone.

The error decides the retry, not the caller. What the table does not know waits for a
person: never a silent loop. Sources: api_v3/lib/KalturaErrors.php and
alpha/apps/kaltura/lib/webservices/APIErrors.class.php of kaltura/server, and answers
recorded at a running one, 22.19 (tests/kaltura_simulator/recordings).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kaltura_bridge.models import ErrorClass, ErrorKind


class KalturaError(Exception):
    """Base of everything that a call to Kaltura may raise here."""

    kind = ErrorKind.UNKNOWN

    @property
    def error_class(self) -> ErrorClass:
        """What to do after it."""
        return self.kind.error_class


class RemoteUnavailable(KalturaError):
    """No usable answer. ``sent``: the request may have reached Kaltura and been done."""

    kind = ErrorKind.UNAVAILABLE

    def __init__(self, reason: str, *, sent: bool, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.sent, self.retry_after_s = sent, retry_after_s


class RemoteRejected(KalturaError):
    """Kaltura understood and refused: nothing was done. Carries Kaltura's code and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code, self.message = code, message
        self.rule = rule_for(code, message)
        self.kind = self.rule.kind

    @property
    def error_class(self) -> ErrorClass:
        return self.rule.error_class


class CredentialsMissing(KalturaError):
    """No KS can be made from the settings; the text names them."""

    kind = ErrorKind.CREDENTIALS


class NotOurs(KalturaError):
    """It does not carry the key that its link has, so it is not the portal's to delete."""

    kind = ErrorKind.NOT_OURS


class NotEmpty(KalturaError):
    """A category that holds others, which would be deleted with it."""

    kind = ErrorKind.NOT_OURS


@dataclass(frozen=True)
class Rule:
    """What an error code means, and what a person can do about it.

    ``override``: where the code asks for something else than its kind usually does.
    """

    kind: ErrorKind
    advice: str
    override: ErrorClass | None = None

    @property
    def error_class(self) -> ErrorClass:
        return self.override or self.kind.error_class


_BUSY = Rule(ErrorKind.BUSY, "Kaltura is busy with this; we keep trying.")
_LIMIT = Rule(ErrorKind.RATE_LIMIT, "Kaltura limits our calls; we keep trying, slower.")
_FAULT = Rule(ErrorKind.SERVER_ERROR, "Kaltura had an error of its own; we keep trying.")
_EXISTS = Rule(ErrorKind.EXISTS, "It exists at Kaltura already.")
_DONE = Rule(ErrorKind.DONE, "It is already so.")
_STOP = Rule(
    ErrorKind.CREDENTIALS,
    "Check KALTURA_PARTNER_ID and KALTURA_ADMIN_SECRET (or the application token).",
)
_FORBIDDEN = Rule(
    ErrorKind.FORBIDDEN,
    "The account or its role lacks this permission. Ask Kaltura to switch it on, then Retry.",
)
_LIVE = Rule(
    ErrorKind.ON_AIR,
    "It is on air or its recording is not ready; Kaltura takes this change afterwards.",
)
_SETTING = Rule(
    ErrorKind.SETTING,
    "Kaltura does not know an id from the settings. Correct it, then choose Retry.",
)
_REFUSED = Rule(ErrorKind.REFUSED, "Correct what it names, then choose Retry.")
_GONE = Rule(ErrorKind.GONE, "Someone deleted it at Kaltura. Choose Recreate, or delete it here.")
_EXPIRED = Rule(ErrorKind.EXPIRED, "Our Kaltura Session ran out; we make a new one.")
_NOT_OURS = Rule(ErrorKind.NOT_OURS, "This object belongs to another user at Kaltura.")

FROZEN_ON_AIR = "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING"
RULES: dict[str, Rule] = {
    "INTERNAL_SERVERL_ERROR": _FAULT,  # Kaltura's own spelling
    "INTERNAL_SERVER_ERROR": _FAULT,
    "LOCK_TIMED_OUT": _BUSY,
    "CATEGORIES_LOCKED": _BUSY,
    "RESOURCE_IS_RESERVED": _BUSY,  # another add on the same room at this moment
    "METADATA_TRANSFORMING": _BUSY,
    "ACTION_BLOCKED": _LIMIT,
    "METADATA_ALREADY_EXISTS": _EXISTS,
    "SYSTEM_NAME_ALREADY_EXISTS": _EXISTS,
    "SCHEDULE_TIME_IN_USE": Rule(
        ErrorKind.TIME_IN_USE, "Another event holds this time on the entry at Kaltura."
    ),
    # It may be our own, made by an add whose reply was lost: look for it first.
    "DUPLICATE_CATEGORY": Rule(
        ErrorKind.NAME_TAKEN,
        "Another category there has this name. Rename one of the two, then Retry.",
        override=ErrorClass.EXISTS,
    ),
    # The first two have no field of their own, so what exists is what we wanted.
    "CATEGORY_ENTRY_ALREADY_EXISTS": _DONE,
    "SCHEDULE_EVENT_RESOURCE_ALREADY_EXISTS": _DONE,
    # Its level is compared at the next look.
    "CATEGORY_USER_ALREADY_EXISTS": _DONE,
    FROZEN_ON_AIR: _LIVE,
    "CANNOT_DELETE_LIVE_ENTRY_WHILE_STREAMING": _LIVE,
    "RECORDED_NOT_READY": _LIVE,
    "RECORDING_FLOW_NOT_COMPLETE": _LIVE,
    "RECORDING_CONTENT_NOT_YET_SET": _LIVE,
    "CANNOT_UPDATE_FIELDS_RECORDED_ENTRY_STILL_NOT_READY": _LIVE,
    "SERVICE_FORBIDDEN": _FORBIDDEN,
    "FEATURE_FORBIDDEN": _FORBIDDEN,
    "RECORDING_DISABLED": _FORBIDDEN,
    # Of every call, even of those that are open to everyone.
    "SERVICE_FORBIDDEN_CONTENT_BLOCKED": Rule(
        ErrorKind.CREDENTIALS,
        "Kaltura knows no such account, or has blocked it. Check KALTURA_PARTNER_ID; if it is "
        "right, ask Kaltura whether the account is blocked.",
    ),
    "PARTNER_ACCESS_FORBIDDEN": _STOP,
    "START_SESSION_ERROR": _STOP,
    "MISSING_KS": _STOP,
    "INVALID_ACTIONS_LIMIT": _STOP,  # our KS carries a limit, by an application token
    "APP_TOKEN_ID_NOT_FOUND": _STOP,
    "APP_TOKEN_NOT_ACTIVE": _STOP,
    "APP_TOKEN_EXPIRED": _STOP,
    "INVALID_APP_TOKEN_HASH": _STOP,
    "THUMB_ASSET_DOWNLOAD_FAILED": Rule(
        ErrorKind.NO_PICTURE,
        "Kaltura cannot fetch the picture. See that everybody can open its address, then choose "
        "Retry.",
    ),
    "CONVERSION_PROFILE_ID_NOT_FOUND": _SETTING,
    "PARENT_CATEGORY_NOT_FOUND": _SETTING,
    "METADATA_PROFILE_NOT_FOUND": _SETTING,
    "ENTRY_ID_NOT_FOUND": _GONE,
    "INVALID_ENTRY_ID": _GONE,
    "INVALID_OBJECT_ID": _GONE,
    "CATEGORY_NOT_FOUND": _GONE,
    "METADATA_NOT_FOUND": _GONE,
    "INVALID_CATEGORY_USER_ID": _GONE,
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
        "INVALID_CATEGORY_USER_ID",
        "INVALID_USER_ID",  # of a membership: Kaltura has deleted the person
    }
)

_QUOTED_KS = re.compile(r'Invalid KS "(?P<quoted>[^"]*)", Error "(?P<number>-?\d+)')


# Of each property one, all for a category whose parent has not got its context yet.
_NO_CONTEXT = re.compile(r"CANNOT_SET_[A-Z_]+_FIELD_WITH_NO_PRIVACY_CONTEXT")
_CONTEXT_FIRST = Rule(
    ErrorKind.BUSY, "The event's category gets its privacy context first; we keep trying."
)


def rule_for(code: str, message: str) -> Rule:
    """The rule for one API error; unknown codes wait for a person."""
    if code == "INVALID_KS":
        return _rule_for_invalid_ks(message)
    if _NO_CONTEXT.fullmatch(code):
        return _CONTEXT_FIRST
    return RULES.get(code, _REFUSED)


def _rule_for_invalid_ks(message: str) -> Rule:
    """INVALID_KS says three things; the quoted word tells them apart, then the number.

    EXPIRED: mint a new one. An empty quote with -4: a good KS, but not for this object.
    Anything else (LOGOUT, our own KS quoted): the account refuses us.
    """
    found = _QUOTED_KS.search(message)
    quoted, number = (found["quoted"], found["number"]) if found else ("", "")
    if quoted == "EXPIRED":
        return _EXPIRED
    if found and not quoted and number == "-4":
        return _NOT_OURS
    return _STOP


def user_message(what: str, error: KalturaError) -> str:
    """What a manager reads: what failed, on which object, the remote code, what to do next."""
    if isinstance(error, RemoteRejected):
        if error.code == "INVALID_KS":
            return f"Kaltura refused {what} (INVALID_KS). {error.rule.advice}"
        return f"Kaltura refused {what} ({error.code}: {error.message}). {error.rule.advice}"
    if isinstance(error, RemoteUnavailable):
        return f"Kaltura does not answer ({error}); we keep trying."
    if isinstance(error, NotEmpty):
        return f"{error} Move or delete them at Kaltura, then Retry."
    return str(error)
