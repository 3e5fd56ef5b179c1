"""The pause of the whole account after a failure that is nobody's object's fault.

Trouble on the way to Kaltura befalls every object alike, so the account pauses instead of
each of them, with growing waits, and all catch up together when it ends.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from kaltura_bridge.api.account import account
from kaltura_bridge.api.errors import KalturaError, RemoteUnavailable, user_message
from kaltura_bridge.models import Account, ErrorClass
from kaltura_bridge.sync.outcome import back_off_s

# Credentials that were refused are not right a second later.
STOPPED_FOR = timedelta(minutes=5)
UNAVAILABLE_CAP_S = 30.0


def is_paused() -> bool:
    """Whether the account is left alone for now."""
    until = account().paused_until
    return until is not None and until > timezone.now()


def reason() -> str:
    """What is wrong with the account or the way to it; "" when nothing is."""
    row = account()
    return row.error if row.failures else ""


def record_result(error: KalturaError | None) -> None:
    """After a batch: a failure pauses the account, longer each time; a success ends that."""
    row = account()
    mine = Account.objects.filter(pk=row.pk)
    if error is not None:
        now = timezone.now()
        mine.update(
            paused_until=now + _pause_after(error, row.failures),
            failures=row.failures + 1,
            error_kind=error.kind,
            error=user_message("the account", error),
            failing_since=row.failing_since or now,
        )
    elif row.failures:
        mine.update(paused_until=None, failures=0, error_kind="", error="", failing_since=None)


def _pause_after(error: KalturaError, failures: int) -> timedelta:
    if error.error_class is ErrorClass.STOP:
        return STOPPED_FOR
    if isinstance(error, RemoteUnavailable) and error.retry_after_s:
        return timedelta(seconds=error.retry_after_s)
    return timedelta(seconds=back_off_s(failures, 1.0, UNAVAILABLE_CAP_S))
