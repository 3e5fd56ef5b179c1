"""Why an object is not in sync: every kind of problem, and what ends it.

The kind is what the database keeps and what managers filter by. It knows what to do by
default; where Kaltura's error code says more than the kind, its rule says so
(api/errors.py).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from events.i18n.languages import Words


class ErrorClass(Enum):
    """What to do after an error."""

    RETRY = "retry"  # it passes by itself: try again with back-off
    NEW_KS = "new session"  # our Kaltura Session ran out: mint a new one, once
    STOP = "account"  # the account refuses us: pause everything, tell a person
    PERSON = "person"  # this object needs a person
    DONE = "done"  # what we wanted is already so
    EXISTS = "exists"  # an object of this identity exists: find it and compare

    @property
    def waits_for_person(self) -> bool:
        """Whether what it befell stays as it is until somebody chooses."""
        return self not in (ErrorClass.RETRY, ErrorClass.NEW_KS, ErrorClass.STOP)


class ErrorKind(models.TextChoices):
    """A kind of problem; the label follows "Failed:" or "Waiting:"."""

    # Kaltura, or the way to it
    UNAVAILABLE = "unavailable", _("Kaltura does not answer")
    BUSY = "busy", _("Kaltura is busy")
    RATE_LIMIT = "rate limit", _("rate limit")
    SERVER_ERROR = "server error", _("error inside Kaltura")
    EXPIRED = "expired", _("Kaltura Session expired")
    # The account
    CREDENTIALS = "credentials", _("credentials refused")
    SETTING = "setting", _("setting not valid")
    # One object
    FORBIDDEN = "forbidden", _("permission missing")
    NOT_OURS = "not ours", _("belongs to another user")
    REFUSED = "refused", _("refused by Kaltura")
    ON_AIR = "on air", _("on air")
    NAME_TAKEN = "name taken", _("name taken")
    TIME_IN_USE = "time in use", _("time in use")
    EXISTS = "exists", _("exists already")
    DONE = "done", _("nothing to do")
    GONE = "gone", _("deleted at Kaltura")
    CANCELLED = "cancelled", _("cancelled at Kaltura")
    CONFLICT = "conflict", _("changed on both sides")
    DUPLICATES = "doubles", _("duplicates at Kaltura")
    SHARED = "shared", _("linked twice")
    # The plan
    INCOMPLETE = "incomplete", _("incomplete")
    NO_VIDEO = "no video", _("video missing")
    VIDEO_NOT_READY = "video not ready", _("video not ready")
    NO_PICTURE = "no picture", _("picture not usable")
    PLAN_CHANGED = "plan changed", _("plan changed")
    # The portal
    WAITING = "waiting", _("not ready yet")
    BLOCKED = "blocked", _("another object has failed")
    INTERNAL = "internal", _("error inside the portal")
    UNKNOWN = "unknown", _("unknown error")

    @classmethod
    def _missing_(cls, value: object) -> ErrorKind:
        """Rows may outlive the version that wrote them."""
        return cls.UNKNOWN

    @property
    def error_class(self) -> ErrorClass:
        """What to do by default."""
        return _CLASSES.get(self, ErrorClass.PERSON)

    @property
    def waits_for_person(self) -> bool:
        """Whether the object stays as it is until somebody chooses, by default."""
        return self.error_class.waits_for_person

    @property
    def needs_decision(self) -> bool:
        """Whether only a person's choice ends it: trying again would find the same."""
        return self in _DECISIONS


_CLASSES: Final = {
    **dict.fromkeys(
        (
            ErrorKind.UNAVAILABLE,
            ErrorKind.BUSY,
            ErrorKind.RATE_LIMIT,
            ErrorKind.SERVER_ERROR,
            ErrorKind.ON_AIR,
            ErrorKind.VIDEO_NOT_READY,
            ErrorKind.WAITING,
        ),
        ErrorClass.RETRY,
    ),
    ErrorKind.EXPIRED: ErrorClass.NEW_KS,
    ErrorKind.CREDENTIALS: ErrorClass.STOP,
    ErrorKind.EXISTS: ErrorClass.EXISTS,
    ErrorKind.TIME_IN_USE: ErrorClass.EXISTS,
    ErrorKind.DONE: ErrorClass.DONE,
}
_DECISIONS: Final = frozenset(
    {
        ErrorKind.GONE,
        ErrorKind.CANCELLED,
        ErrorKind.CONFLICT,
        ErrorKind.DUPLICATES,
        ErrorKind.SHARED,
    }
)


def error_kind_choices() -> list[tuple[str, Words]]:
    """For fields: as a function, so that a label may change without a migration."""
    return list(ErrorKind.choices)
