"""reach_entryVendorTask: orders of captions and the like, and the vendors' work on them."""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries
from kaltura_simulator.reach import catalogue, live, orders, profile, tasks
from kaltura_simulator.state.store import Data

RESPONSE = "KalturaEntryVendorTaskListResponse"
#: What of a vendor's tasks can be asked for as jobs.
_JOB_STATES = frozenset({tasks.PENDING, tasks.SCHEDULED})


@action("reach_entryvendortask.add")
def add(call: Call, entryVendorTask: Given) -> Data:
    """Order work on an entry."""
    features.need(call, features.REACH)
    sent = entryVendorTask
    sent.refuse_read_only()
    sent.need("catalogItemId", "entryId")
    for name in orders.VENDORS_OWN:
        sent.pop(name)
    entry = orders.entry_for(call, sent.get("entryId"))
    orders.check_partner_data(sent)
    item, chosen = _item_and_profile(call, sent)
    orders.refuse_twin(call, entry["id"], item)
    orders.check_fit(call, sent, entry, item)
    order = tasks.Order(entry, item, chosen, _duration_ms(call, sent, entry, item))
    _check_credit(call, order)
    return tasks.new(call, sent, order)


def _duration_ms(call: Call, sent: Given, entry: Data, item: Data) -> int:
    """How long the work is: the video, or the time that is to be captioned live."""
    if item["serviceFeature"] not in catalogue.LIVE:
        return int(entry.get("msDuration") or 0)
    job = live.job_data(call, sent.get("taskJobData") or {}, entry, item)
    sent.values["taskJobData"] = job
    return int(job["entryDuration"])


def _item_and_profile(call: Call, sent: Given) -> tuple[Data, Data]:
    """What is ordered and on whose account; without a profile, the item's own."""
    key, named = sent.get("catalogItemId"), sent.get("reachProfileId")
    enabled = call.get(catalogue.ENABLED, key) or {}
    if named is not None:
        chosen = profile.active(call, named)
        return catalogue.orderable(call, key), chosen
    item = catalogue.orderable(call, key)
    return item, profile.active(call, enabled.get("defaultReachProfileId") or 0)


def _check_credit(call: Call, order: tasks.Order) -> None:
    named = {"ENTRY_ID": order.entry["id"], "CATALOG_ITEM_ID": order.item["id"]}
    if not profile.credit_lives(order.profile, call.clock.now()):
        raise ApiError("CREDIT_EXPIRED", **named)
    if not profile.affords(order.profile, order.price):
        raise ApiError("EXCEEDED_MAX_CREDIT_ALLOWED", **named)


@action("reach_entryvendortask.get")
def get(call: Call, id: int) -> Data:
    """One task of this account."""
    features.need(call, features.REACH)
    return tasks.find(call, id)


@action("reach_entryvendortask.list")
def list_tasks(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's orders; for a vendor, the work it was given by others."""
    features.need(call, features.REACH)
    if features.has(call, features.REACH_VENDOR):
        return _listing(tasks.jobs_of(call.store, call.partner), filter, pager)
    return _listing(list(tasks.visible(call.store, call.partner, listed=True)), filter, pager)


@action("reach_entryvendortask.getJobs")
def get_jobs(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The work that waits for this vendor."""
    features.need_permission(call, features.REACH_VENDOR)
    features.need(call, features.REACH)
    asked = filter or Given("KalturaEntryVendorTaskFilter")
    if asked.get("statusEqual") not in _JOB_STATES:
        asked.values["statusEqual"] = tasks.PENDING
    asked.values["vendorPartnerIdEqual"] = call.partner
    return _listing(tasks.jobs_of(call.store, call.partner), asked, pager)


def _listing(rows: list[Data], asked: Given | None, pager: Given | None) -> Data:
    found = lists.ordered(lists.chosen(rows, asked, _SPECIAL), asked)
    return lists.response(RESPONSE, lists.paged(found, pager, indexed=True), len(found))


def _mentions(row: Data, wanted: object) -> bool:
    return lists.mentions(row, wanted, "entryId", "userId", "notes", "context", "id")


_SPECIAL = {"freeText": _mentions}


@action("reach_entryvendortask.update")
def update(call: Call, id: int, entryVendorTask: Given) -> Data:
    """Change what the orderer says of a task; what the vendor says is left out."""
    features.need(call, features.REACH)
    task = tasks.find(call, id)
    entries.find(call, task["entryId"])
    orders.check_partner_data(entryVendorTask)
    for name in orders.VENDORS_OWN:
        entryVendorTask.pop(name)
    entryVendorTask.refuse_changed(task)
    return tasks.change(call, task, entryVendorTask)


@action("reach_entryvendortask.updateJob")
def update_job(call: Call, id: int, entryVendorTask: Given) -> Data:
    """The vendor reports."""
    features.need_permission(call, features.REACH_VENDOR)
    features.need(call, features.REACH)
    task = tasks.find_job(call, id)
    orders.check_partner_data(entryVendorTask)
    return tasks.work(call, task, entryVendorTask)


@action("reach_entryvendortask.extendAccessKey")
def extend_access_key(call: Call, id: int) -> Data:
    """The vendor asks for a new key."""
    features.need_permission(call, features.REACH_VENDOR)
    features.need(call, features.REACH)
    return tasks.extend_key(call, tasks.find_job(call, id))


@action("reach_entryvendortask.approve")
def approve(call: Call, id: int) -> Data:
    """Let the vendor have an order."""
    return tasks.approve(call, _with_entry(call, id))


@action("reach_entryvendortask.reject")
def reject(call: Call, id: int, rejectReason: str | None) -> Data:
    """Refuse an order."""
    return tasks.reject(call, _with_entry(call, id), rejectReason or "")


@action("reach_entryvendortask.abort")
def abort(call: Call, id: int, abortReason: str | None) -> Data:
    """Take an order back."""
    return tasks.abort(call, _with_entry(call, id), abortReason or "")


def _with_entry(call: Call, key: int) -> Data:
    """A task of this account, whose entry is still there."""
    features.need(call, features.REACH)
    task = tasks.find(call, key)
    entries.find(call, task["entryId"])
    return task
