"""Tasks: the states of an order, and what each transition brings with it.

::

    PENDING_MODERATION ─approve▶ PENDING ─▶ (SCHEDULED) ─▶ PROCESSING ─▶ READY or ERROR
            └─reject▶ REJECTED      └─abort▶ ABORTED, which is no longer listed

An order for a recording in progress begins as PENDING_ENTRY_READY and continues when the
recording is ready. Kaltura's: plugins/reach/services/EntryVendorTaskService.php in
https://github.com/kaltura/server.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kaltura_simulator.api import sessions
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import recordings
from kaltura_simulator.reach import catalogue, keys, live, profile
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data, Store
from kaltura_simulator.state.world import World

KIND = "vendor_task"
PENDING, READY, PROCESSING, PENDING_MODERATION, REJECTED = 1, 2, 3, 4, 5
ERROR, ABORTED, PENDING_ENTRY_READY, SCHEDULED = 6, 7, 8, 9
FINAL = frozenset({READY, REJECTED, ERROR, ABORTED})
#: While a task is in one of these the same order is refused, whatever the item allows.
OPEN = frozenset({PENDING, PROCESSING, PENDING_MODERATION})
#: From these a vendor may start or abort a task.
WAITING = frozenset({PENDING, PENDING_MODERATION, PENDING_ENTRY_READY, SCHEDULED})
ABORTABLE = frozenset({PENDING, PENDING_MODERATION, SCHEDULED})
EXTENDABLE = frozenset({PROCESSING, SCHEDULED})
MANUAL, ENTRY_OBJECT = 1, 1


# ------------------------------------------------------------------------ reading
def visible(store: Store, partner: int, listed: bool = False) -> Iterator[Data]:
    """An account's tasks, without aborted ones and those whose entry was deleted meanwhile."""
    rows = store.listed(partner, KIND) if listed else store.all(partner, KIND)
    return (row for row in rows if _is_visible(store, row))


def _is_visible(store: Store, task: Data) -> bool:
    if task["status"] == ABORTED:
        return False
    if task["status"] not in WAITING:
        return True
    entry = store.get(task["partnerId"], "entry", task["entryId"])
    return entry is not None and entry["status"] != entry_types.DELETED


def find(call: Call, key: int) -> Data:
    """A task of the calling account."""
    return _found(call.store, call.get(KIND, key), key)


def find_job(call: Call, key: int) -> Data:
    """A task of the calling vendor, from any customer."""
    for partner in call.store.partners():
        row = call.store.get(partner, KIND, key)
        if row is not None and row["vendorPartnerId"] == call.partner:
            return _found(call.store, row, key)
    raise ApiError("ENTRY_VENDOR_TASK_NOT_FOUND", ID=key)


def _found(store: Store, row: Data | None, key: int) -> Data:
    if row is None or not _is_visible(store, row):
        raise ApiError("ENTRY_VENDOR_TASK_NOT_FOUND", ID=key)
    return row


def jobs_of(store: Store, vendor: int) -> list[Data]:
    """The tasks of a vendor from all customers, as lists show them."""
    rows = (row for partner in store.partners() for row in visible(store, partner, listed=True))
    return [row for row in rows if row["vendorPartnerId"] == vendor]


# ------------------------------------------------------------------------ creation
@dataclass(frozen=True)
class Order:
    """An order: entry, catalogue item, REACH profile, and the length of the work."""

    entry: Data
    item: Data
    profile: Data
    duration_ms: int

    @property
    def price(self) -> float:
        """The price."""
        return catalogue.price(self.item, self.duration_ms)


def new(call: Call, sent: SentObject, order: Order) -> Data:
    """Create a task of an order; one by a USER session may have to wait for approval."""
    item, service_type = order.item, int(order.item.get("serviceType") or 0)
    waits = not call.is_admin and profile.moderates(order.profile, service_type)
    hidden = profile.hides_captions(order.profile, service_type)
    turnaround = catalogue.turnaround_s(item)
    row = _row(call, order) | {
        "status": PENDING_MODERATION if waits else PENDING,
        "accessKey": keys.mint(call.world, call.partner, order.entry["id"], turnaround, hidden),
    }
    row |= {name: value for name, value in sent.values.items() if value is not None}
    if recordings.is_in_progress(order.entry):
        row |= {"status": PENDING_ENTRY_READY, "price": 0.0, "_moderated": waits}
        return call.put(KIND, row["id"], row)
    return call.put(KIND, row["id"], row if waits else row | _queued(call, row, item))


def _row(call: Call, order: Order) -> Data:
    """The properties that a task takes from its order."""
    now, entry, item = call.clock.now(), order.entry, order.item
    return {
        "objectType": "KalturaEntryVendorTask",
        "id": call.store.next_id(KIND),
        "partnerId": call.partner,
        "vendorPartnerId": item["vendorPartnerId"],
        "createdAt": now,
        "updatedAt": now,
        "entryId": entry["id"],
        "reachProfileId": order.profile["id"],
        "catalogItemId": item["id"],
        "price": order.price,
        "userId": call.user,
        "entryObjectType": ENTRY_OBJECT,
        "unitsUsed": order.duration_ms,
        "version": int(entry.get("version") or 0),
        "creationMode": MANUAL,
        "serviceType": item.get("serviceType"),
        "serviceFeature": item["serviceFeature"],
        "turnAroundTime": item.get("turnAroundTime"),
    }


def _queued(call: Call, row: Data, item: Data) -> Data:
    """What changes when the vendor may have a task: price, times, the feature of a live event."""
    live.announce(call, row, item)
    return _payable(call.world, row, item)


def _payable(world: World, row: Data, item: Data) -> Data:
    """Charge a task that waits for the vendor; returns its status and times."""
    now, turnaround = world.clock.now(), catalogue.turnaround_s(item)
    profile.charge(world.store, row["partnerId"], row["reachProfileId"], row["price"])
    due = {} if turnaround is None else {"expectedFinishTime": now + turnaround}
    return {"status": PENDING, "queueTime": now, "_charged": True} | due


def resume_orders(world: World, entry: Data) -> None:
    """Continue the orders of a recording that is ready: they have a price now."""
    if entry["status"] != entry_types.READY:
        return
    for task in world.store.all(entry["partnerId"], KIND):
        if (task["entryId"], task["status"]) == (entry["id"], PENDING_ENTRY_READY):
            _resume(world, entry, task)


def _resume(world: World, entry: Data, task: Data) -> None:
    partner, length = task["partnerId"], int(entry.get("msDuration") or 0)
    item = catalogue.find_anywhere(world.store, task["catalogItemId"]) or {}
    task = task | {"price": catalogue.price(item, length), "unitsUsed": length}
    status = {"status": PENDING_MODERATION} if task["_moderated"] else _payable(world, task, item)
    world.store.put(partner, KIND, task["id"], task | status | {"updatedAt": world.clock.now()})


background.on_change("entry", resume_orders)


# ------------------------------------------------------------------- transitions
def approve(call: Call, task: Data) -> Data:
    """Approve a task: the vendor may have it, if the credit covers it."""
    if task["status"] != PENDING_MODERATION:
        raise ApiError("CANNOT_APPROVE_NOT_MODERATED_TASK")
    chosen, item = (
        profile.find(call, task["reachProfileId"]),
        catalogue.find(call, task["catalogItemId"]),
    )
    if not profile.can_afford(chosen, task["price"]):
        raise ApiError(
            "EXCEEDED_MAX_CREDIT_ALLOWED", ENTRY_ID=task["entryId"], CATALOG_ITEM_ID=item["id"]
        )
    return _write(call, task, moderatingUser=call.user, **_queued(call, task, item))


def reject(call: Call, task: Data, reason: str) -> Data:
    """Reject a task that waits for approval."""
    if task["status"] != PENDING_MODERATION:
        raise ApiError("CANNOT_REJECT_NOT_MODERATED_TASK")
    return _write(call, task, moderatingUser=call.user, status=REJECTED, errDescription=reason)


def abort(call: Call, task: Data, reason: str) -> Data:
    """Abort a task before work begins; its price is refunded."""
    if task["status"] not in ABORTABLE:
        raise ApiError("CANNOT_ABORT_NOT_MODERATED_TASK")
    if not call.is_admin and call.user != task["userId"]:
        raise ApiError("ENTRY_VENDOR_TASK_ACTION_NOT_ALLOWED", ID=task["id"], USER_ID=call.user)
    return _write(call, task, errDescription=reason, **_moved(call, task, ABORTED))


def report_progress(call: Call, task: Data, sent: SentObject) -> Data:
    """Store what the vendor reports about a task: its status and its output."""
    status = sent.get("status", task["status"])
    if status != task["status"]:
        _check_move(task, status)
    sent.refuse_read_only_changes(task)
    changes = {name: value for name, value in sent.values.items() if name != "status"}
    return _write(call, task, **changes | _moved(call, task, status))


def _check_move(task: Data, status: int) -> None:
    old = task["status"]
    if old in FINAL:
        raise ApiError(
            "CANNOT_UPDATE_STATUS_OF_TASK_WHICH_IS_IN_FINAL_STATE",
            ID=task["id"],
            OLD_STATUS=old,
            NEW_STATUS=status,
        )
    if status in {PROCESSING, ABORTED} and old not in WAITING:
        reason = f"Cannot update entry vendor task [{task['id']}] from status [{old}] to [{status}]"
        raise ApiError("ENTRY_VENDOR_TASK_ITEM_COULD_NOT_BE_UPDATED", REASON=reason)


def _moved(call: Call, task: Data, status: int) -> Data:
    """The new status and its effects: finish time, ended access key, refund."""
    if status == task["status"]:
        return {}
    if status == READY:
        keys.revoke(call.world, task)
    # What the vendor began before it was approved was never charged.
    if status in {ERROR, ABORTED} and task.get("_charged"):
        profile.charge(call.store, task["partnerId"], task["reachProfileId"], -task["price"])
    end = {"finishTime": call.clock.now()} if status in {READY, ERROR} else {}
    refund = {"price": 0} if status in {ERROR, ABORTED} else {}
    return {"status": status} | end | refund


def extend_key(call: Call, task: Data) -> Data:
    """Give a task that takes longer a new access key."""
    if task["status"] not in EXTENDABLE:
        raise ApiError("CANNOT_EXTEND_ACCESS_KEY")
    item = catalogue.find(call, task["catalogItemId"])
    hidden = (
        "enablecaptionmoderation" in sessions.read_any(call.world, task["accessKey"]).privileges
    )
    turnaround = catalogue.turnaround_s(item)
    key = keys.mint(call.world, task["partnerId"], task["entryId"], turnaround, hidden)
    return _write(call, task, accessKey=key)


def change(call: Call, task: Data, sent: SentObject) -> Data:
    """Store what the customer may still change: notes, context, partner data."""
    return _write(call, task, **sent.values)


def _write(call: Call, task: Data, **changes: object) -> Data:
    fields = changes | {"updatedAt": call.clock.now()}
    return call.store.change(task["partnerId"], KIND, task["id"], **fields)
