"""What becomes of placed orders: read in batches, and what people want of them told to Kaltura."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, Request, new, wire
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.api.lists import KEYS_A_LIST, listed, pager
from kaltura_bridge.captions import catalogue, plan, results
from kaltura_bridge.captions.ordering import LEASES, task_fields
from kaltura_bridge.captions.refusals import ABSENT, sentence
from kaltura_bridge.leases import LeaseLost
from kaltura_bridge.models import CaptionFeature, CaptionOrder, ErrorClass, OrderState, OrderWish
from kaltura_bridge.models.captions import ORDER_ENDS

logger = logging.getLogger(__name__)

# How soon to look again: what a vendor does takes hours, what moves on its own seconds.
PAUSE: Final = timedelta(minutes=1)
LONG_PAUSE: Final = timedelta(minutes=5)
_QUIET: Final = frozenset({OrderState.PROCESSING, OrderState.SCHEDULED, OrderState.MODERATION})
GONE: Final = "Kaltura has this order no longer: it was aborted there, or deleted."
NO_ENTRY: Final = (
    "Kaltura no longer has what this was ordered for. Whether its price was given back, is said "
    "nowhere but in the account's credit."
)
_ENTRY_ABSENT: Final = "ENTRY_ID_NOT_FOUND"


def follow_due(kaltura: Kaltura) -> int:
    """Read the tasks whose time has come. Returns how many changed their state.

    Raises KalturaError when Kaltura cannot be read.
    """
    due = CaptionOrder.objects.filter(task_id__isnull=False, look_at__lte=timezone.now())
    orders = list(due.exclude(state__in=ORDER_ENDS).order_by("look_at")[:KEYS_A_LIST])
    if not orders:
        return 0
    found = _tasks(kaltura, orders)
    known = [order for order in orders if order.task_id in found]
    return sum(_take(order, found[order.task_id]) for order in known)


def _tasks(kaltura: Kaltura, orders: Sequence[CaptionOrder]) -> dict[int | None, Any]:
    """The tasks by id; None for one that is not there any more, nothing for an unreadable one."""
    ids = ",".join(str(order.task_id) for order in orders)
    wanted = new("KalturaEntryVendorTaskFilter", idIn=ids)
    answer = kaltura.one(lambda c: c.reach.entryVendorTask.list(wanted, pager()), as_row=True)
    found: dict[int | None, Any] = {int(wire(task.id)): task for task in listed(answer)}
    # Lists lag, and never show what was aborted; a read by id tells which it is.
    missing = [order for order in orders if order.task_id not in found]
    answers = kaltura.ask([Request(_getter(order), as_row=True) for order in missing])
    for order, task in zip(missing, answers, strict=True):
        if isinstance(task, RemoteRejected) and task.code == ABSENT:
            found[order.task_id] = None
        elif isinstance(task, RemoteRejected) and task.error_class is not ErrorClass.STOP:
            look_at = timezone.now() + LONG_PAUSE
            CaptionOrder.objects.filter(pk=order.pk).update(look_at=look_at)
        elif isinstance(task, KalturaError):
            raise task
        else:
            found[order.task_id] = task
    return found


def _getter(order: CaptionOrder) -> Any:
    return lambda client: client.reach.entryVendorTask.get(order.task_id)


def _take(order: CaptionOrder, task: Any | None) -> bool:
    """Write down how a task stands; True when that is news."""
    now = timezone.now()
    if task is None:
        fields: dict[str, Any] = {"state": OrderState.ABORTED, "looked_at": now}
        fields["reason"] = _why(order, GONE)
    else:
        fields = task_fields(task)
    if fields["state"] in ORDER_ENDS:
        fields["wish"] = ""
    else:
        del fields["reason"]  # What it says may be why a wish was refused.
    pause = LONG_PAUSE if fields["state"] in _QUIET else PAUSE
    # What a person did meanwhile, or another worker read, is not undone.
    same = CaptionOrder.objects.filter(pk=order.pk, state=order.state)
    if not same.update(**fields, look_at=now + pause):
        return False
    if fields["state"] == order.state:
        return False
    is_recording = order.feature == CaptionFeature.RECORDING
    if order.session and is_recording and fields["state"] == OrderState.READY:
        results.expect(order.session, order.entry_id)
    if fields["state"] in ORDER_ENDS:
        catalogue.expire()
    return True


# --- What people want of it ----------------------------------------------------------


def abort_outdated(kaltura: Kaltura, session_uuids: Collection[UUID]) -> None:
    """Before anything of these sessions is written: abort live captions that are no longer right.

    Once a broadcast is deleted, Kaltura knows no order of it any more, and gives nothing back.
    So what another worker has left to abort is told here, too. What does not succeed is tried
    again by the worker for captions.
    """
    if not session_uuids:
        return
    plan.follow_plan(session_uuids)
    try:
        carry_out_wishes(kaltura, session_uuids)
    except KalturaError as error:
        logger.warning("Live captions of what is sent now are not aborted yet: %s", error)


def carry_out_wishes(kaltura: Kaltura, only: Collection[UUID] | None = None) -> int:
    """Abort, approve and reject what was chosen. Returns how many.

    ``only``: of these sessions, by UUID. Raises RemoteUnavailable when Kaltura does not answer;
    the wish stays.
    """
    done = 0
    while order := LEASES.take(_wished(only)):
        done += 1
        try:
            _carry_out(kaltura, order)
        except LeaseLost:
            logger.info("Order %s of captions is another worker's by now.", order.key)
        catalogue.expire()
    return done


def _carry_out(kaltura: Kaltura, order: CaptionOrder) -> None:
    try:
        answer = kaltura.ask_once([Request(_act(order), write=True)])[0]
    except RemoteUnavailable as error:
        _unanswered(order, error)
        raise
    if isinstance(answer, KalturaError):
        _wish_refused(order, answer)
    else:
        fields = task_fields(answer)
        LEASES.release(order, wish="", look_at=timezone.now(), **fields)


def _unanswered(order: CaptionOrder, error: RemoteUnavailable) -> None:
    """It may be sent again at once: before its broadcast goes, nothing waits for a lease.

    What may have been done keeps its holder, so that nobody takes it back (plan.py).
    """
    if error.sent:
        LEASES.write(order, lease_until=timezone.now())
    else:
        LEASES.release(order)


def _wished(only: Collection[UUID] | None) -> QuerySet[CaptionOrder]:
    due = CaptionOrder.objects.filter(task_id__isnull=False, look_at__lte=timezone.now())
    if only is not None:
        due = due.filter(session_uuid__in=only)
    return due.exclude(wish="").exclude(state__in=ORDER_ENDS).order_by("look_at", "pk")


def _act(order: CaptionOrder) -> Any:
    def act(client: Any) -> object:
        tasks = client.reach.entryVendorTask
        if order.wish == OrderWish.ABORT:
            return tasks.abort(order.task_id, order.wish_reason)
        if order.wish == OrderWish.REJECT:
            return tasks.reject(order.task_id, order.wish_reason)
        return tasks.approve(order.task_id)

    return act


def _wish_refused(order: CaptionOrder, error: KalturaError) -> None:
    """A wish that cannot be granted is dropped, with a sentence; trouble leaves it."""
    code = error.code if isinstance(error, RemoteRejected) else ""
    if code == ABSENT or (code == _ENTRY_ABSENT and order.wish == OrderWish.ABORT):
        # Nobody can read what was aborted: an abort whose reply was lost ends here.
        reason = _why(order, GONE if code == ABSENT else NO_ENTRY)
        LEASES.release(order, wish="", state=OrderState.ABORTED, reason=reason)
    elif isinstance(error, RemoteUnavailable) or error.error_class in (
        ErrorClass.RETRY,
        ErrorClass.STOP,
    ):
        LEASES.release(order, look_at=timezone.now() + PAUSE)
        raise error
    else:
        # The order stands: what the plan asks for is looked at again once its state is known.
        reason = _why(order, sentence(error))
        LEASES.release(order, wish="", plan_change="", reason=reason, look_at=timezone.now())


def _why(order: CaptionOrder, what: str) -> str:
    """With what has changed in the plan, where that is why it was asked for."""
    return f"{plan.english(order.plan_change)} {what}" if order.plan_change else what
