"""Placing orders with REACH, each exactly once.

Every order carries our key in its ``partnerData``. Whoever places one looks first whether
Kaltura has a task with that key. Before the add is sent, the order says so in the database
(``adding_since``); if nobody knows how that ended, the next worker waits until Kaltura's lists
must show the task, and looks again before it orders.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, Request, new, wire
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.captions import catalogue
from kaltura_bridge.captions.catalogue import decimal
from kaltura_bridge.captions.plan import change_of, english, links_of
from kaltura_bridge.captions.refusals import DUPLICATE, PASSING, sentence
from kaltura_bridge.leases import LeaseLost, Leases
from kaltura_bridge.models import (
    CaptionFeature,
    CaptionOrder,
    ErrorClass,
    OrderState,
    RemoteLink,
)
from kaltura_bridge.models.captions import ASSET_ID, TASK_STATES
from kaltura_bridge.specs import Kind, key_for

logger = logging.getLogger(__name__)

KEY: Final = "portal"  # in partnerData
LEASES: Final = Leases(
    CaptionOrder, lambda: settings.KALTURA_LEASE_S, "session__event", "session__track"
)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 60, 3600


def place_due(kaltura: Kaltura) -> int:
    """Place every order that waits and whose time has come. Returns how many it looked at.

    What Kaltura refuses one order leaves the others alone. Raises KalturaError when it does not
    answer or refuses the account, with that order let go of.
    """
    LEASES.free_dead()
    looked_at = 0
    while order := LEASES.take(_due()):
        looked_at += 1
        try:
            _place_or_put_off(kaltura, order)
        except LeaseLost:
            logger.info("Order %s of captions is another worker's by now.", order.key)
    return looked_at


def _place_or_put_off(kaltura: Kaltura, order: CaptionOrder) -> None:
    try:
        place(kaltura, order)
    except RemoteRejected as error:
        if error.error_class is ErrorClass.STOP:
            _after_trouble(order, error)
            raise
        _again_later(order, sentence(error))
    except KalturaError as error:
        _after_trouble(order, error)
        raise


def _due() -> QuerySet[CaptionOrder]:
    waiting = CaptionOrder.objects.filter(state=OrderState.WAITING, look_at__lte=timezone.now())
    return waiting.order_by("look_at", "pk")


def place(kaltura: Kaltura, order: CaptionOrder) -> None:
    """Place one claimed order, or find that it was placed; lets go of it. Raises LeaseLost."""
    if order.adding_since and timezone.now() < _shown_by(order.adding_since):
        LEASES.release(order, look_at=_shown_by(order.adding_since))
        return
    if (found := _own_task(order, tasks_of(kaltura, order))) is not None:
        _adopt(order, found)
        return
    if change := change_of(order, links_of([order.session_uuid])):
        LEASES.release(
            order,
            state=OrderState.WITHDRAWN,
            adding_since=None,
            plan_change=change,
            reason=english(change),
        )
        return
    event_id = scheduled_event_id(order)
    asked = _task_for(order, event_id)
    if asked is None:
        LEASES.release(
            order,
            state=OrderState.HELD,
            reason="The session is not at Kaltura yet, so there is nothing to order for.",
        )
        return
    LEASES.keep(order, adding_since=timezone.now(), scheduled_event_id=event_id)
    add = Request(lambda client: client.reach.entryVendorTask.add(asked), write=True)
    answer = kaltura.ask_once([add])[0]
    if isinstance(answer, KalturaError):
        _refused(kaltura, order, answer)
    else:
        _adopt(order, answer)


def _shown_by(since: datetime) -> datetime:
    return since + timedelta(seconds=settings.KALTURA_INDEX_DELAY_S)


def tasks_of(kaltura: Kaltura, order: CaptionOrder) -> list[Any]:
    """Kaltura's tasks for the same entry and item, as rows; aborted ones are never listed."""
    same = new(
        "KalturaEntryVendorTaskFilter",
        entryIdEqual=order.entry_id,
        catalogItemIdEqual=order.catalog_item_id,
    )
    answer = kaltura.one(lambda c: c.reach.entryVendorTask.list(same, pager()), as_row=True)
    return listed(answer)


def _own_task(order: CaptionOrder, tasks: Iterable[Any]) -> Any | None:
    return next((task for task in tasks if _key_of(task) == str(order.key)), None)


def _key_of(task: Any) -> str:
    """Our key in a task's partnerData; "" in one that somebody else ordered."""
    try:
        said = json.loads(wire(task.partnerData))
    except ValueError:
        return ""
    return str(said.get(KEY, "")) if isinstance(said, dict) else ""


def _task_for(order: CaptionOrder, event_id: int | None) -> Any | None:
    """What is sent; None for live captions of a session without an event at Kaltura."""
    fields: dict[str, Any] = {
        "entryId": order.entry_id,
        "catalogItemId": order.catalog_item_id,
        "partnerData": json.dumps({KEY: str(order.key)}),
    }
    known = catalogue.remembered()
    item = known.item(order.catalog_item_id)
    if item and (profile := known.profile_for(item)):
        fields["reachProfileId"] = profile.id
    if order.feature == CaptionFeature.LIVE:
        if event_id is None:
            return None
        fields["taskJobData"] = new(
            "KalturaScheduledVendorTaskData",
            startDate=_unix(order.starts_at),
            endDate=_unix(order.ends_at),
            scheduledEventId=event_id,
        )
    return new("KalturaEntryVendorTask", **fields)


def scheduled_event_id(order: CaptionOrder) -> int | None:
    """The event in Kaltura's calendar that live captions hang on; None: there is none yet."""
    if order.feature != CaptionFeature.LIVE:
        return None
    links = RemoteLink.objects.filter(
        kind=Kind.SCHEDULE_EVENT, key=key_for(order.session_uuid), gone=False
    )
    remote_id = links.values_list("remote_id", flat=True).first()
    return int(remote_id) if remote_id and remote_id.isdecimal() else None


def _unix(moment: datetime | None) -> int:
    return int(moment.timestamp()) if moment else 0


# --- What came of it -----------------------------------------------------------------


def task_fields(task: Any) -> dict[str, Any]:
    """What an order takes over of its task, a row of a reply."""
    state = TASK_STATES.get(wire(task.status), OrderState.PENDING)
    due = wire(task.expectedFinishTime)
    failed = state in (OrderState.ERROR, OrderState.REJECTED, OrderState.ABORTED)
    fields: dict[str, Any] = {
        "state": state,
        "looked_at": timezone.now(),
        # What is at work, or done, is paid: nothing is ordered in its place.
        **({"plan_change": ""} if state in (OrderState.PROCESSING, OrderState.READY) else {}),
        "reason": wire(task.errDescription)[:2000] if failed else "",
        "expected_at": datetime.fromtimestamp(int(due), UTC) if due.isdecimal() else None,
        "output_id": wire(task.outputObjectId)[:ASSET_ID],
    }
    if not failed and (price := decimal(wire(task.price))) is not None:
        fields["price"] = round(price, 4)
    return fields


def _adopt(order: CaptionOrder, task: Any) -> None:
    task_id = int(wire(task.id))
    try:
        with transaction.atomic():
            LEASES.release(
                order,
                task_id=task_id,
                adding_since=None,
                attempts=0,
                look_at=timezone.now(),
                **task_fields(task),
            )
    except IntegrityError:  # Another order of ours has this very task.
        LEASES.release(
            order,
            state=OrderState.REFUSED,
            adding_since=None,
            reason="The same is ordered already; see the other order.",
        )
    catalogue.expire()


def _refused(kaltura: Kaltura, order: CaptionOrder, error: KalturaError) -> None:
    if isinstance(error, RemoteUnavailable):
        raise error
    if isinstance(error, RemoteRejected) and error.code == DUPLICATE:
        _found_elsewhere(kaltura, order, error)
        return
    passing = isinstance(error, RemoteRejected) and error.code in PASSING
    if passing or error.error_class is ErrorClass.RETRY:
        _again_later(order, sentence(error))
    elif error.error_class is ErrorClass.STOP:
        raise error
    else:
        LEASES.release(order, state=OrderState.REFUSED, adding_since=None, reason=sentence(error))


def _found_elsewhere(kaltura: Kaltura, order: CaptionOrder, error: KalturaError) -> None:
    """Kaltura has the same order: ours after all, or one that somebody placed there by hand."""
    tasks = tasks_of(kaltura, order)
    same = [task for task in tasks if _is_for_its_time(order, task)]
    found = _own_task(order, tasks) or next(iter(_in_the_way(same)), None)
    if found is not None:
        _adopt(order, found)
    elif order.attempts < 2:  # Lists may not show it yet.
        _again_later(order, sentence(error), since=timezone.now())
    else:
        LEASES.release(order, state=OrderState.REFUSED, adding_since=None, reason=sentence(error))


def _in_the_way(tasks: Iterable[Any]) -> list[Any]:
    """Those for which Kaltura takes no other, what is still under way first.

    One that failed or was rejected, which may be an order of ours before this one, is not.
    """
    states = {OrderState.ERROR, OrderState.REJECTED, OrderState.ABORTED}
    found = [(TASK_STATES.get(wire(task.status)), task) for task in tasks]
    alive = [(state == OrderState.READY, task) for state, task in found if state not in states]
    return [task for _, task in sorted(alive, key=lambda pair: pair[0])]


def _is_for_its_time(order: CaptionOrder, task: Any) -> bool:
    """Whether live captions are for the same hours; what has none fits."""
    starts = wire(getattr(task.taskJobData, "startDate", None))
    return order.feature != CaptionFeature.LIVE or starts in ("", str(_unix(order.starts_at)))


def _again_later(order: CaptionOrder, reason: str, since: datetime | None = None) -> None:
    pause = min(_FIRST_PAUSE_S * 2**order.attempts, _LONGEST_PAUSE_S)
    LEASES.release(
        order,
        adding_since=since,
        attempts=order.attempts + 1,
        reason=reason,
        look_at=_shown_by(since) if since else timezone.now() + timedelta(seconds=pause),
    )


def _after_trouble(order: CaptionOrder, error: KalturaError) -> None:
    """Let go of it; whether something was sent stays written down where nobody knows."""
    sent = isinstance(error, RemoteUnavailable) and error.sent
    LEASES.release(order, **({} if sent else {"adding_since": None}))
