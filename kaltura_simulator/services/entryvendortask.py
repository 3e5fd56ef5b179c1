"""reach_entryVendorTask: orders of captions and the like, and the vendors' work on them.

Kaltura's: plugins/reach/services/EntryVendorTaskService.php
"""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entries
from kaltura_simulator.reach import catalogue, live, orders, profile, tasks
from kaltura_simulator.state.store import Data

RESPONSE = "KalturaEntryVendorTaskListResponse"
#: The statuses of tasks that vendors can get as jobs.
_JOB_STATES = frozenset({tasks.PENDING, tasks.SCHEDULED})


@action("reach_entryvendortask.add")
def add(call: Call, entryVendorTask: SentObject) -> Data:
    """Order work on an entry."""
    features.require(call, features.REACH)
    sent = entryVendorTask
    sent.refuse_read_only()
    sent.require("catalogItemId", "entryId")
    for name in orders.VENDOR_FIELDS:
        sent.pop(name)
    entry = orders.entry_for(call, sent.get("entryId"))
    orders.check_partner_data(sent)
    item, chosen = _item_and_profile(call, sent)
    orders.refuse_duplicate(call, entry["id"], item)
    orders.check_fit(call, sent, entry, item)
    order = tasks.Order(entry, item, chosen, _duration_ms(call, sent, entry, item))
    _check_credit(call, order)
    return tasks.new(call, sent, order)


def _duration_ms(call: Call, sent: SentObject, entry: Data, item: Data) -> int:
    """The length of the work: that of the video, or of the live captions."""
    if item["serviceFeature"] not in catalogue.LIVE:
        return int(entry.get("msDuration") or 0)
    job = live.job_data(call, sent.get("taskJobData") or {}, entry, item)
    sent.values["taskJobData"] = job
    return int(job["entryDuration"])


def _item_and_profile(call: Call, sent: SentObject) -> tuple[Data, Data]:
    """The catalogue item and the REACH profile; without one, the item's default."""
    key, named = sent.get("catalogItemId"), sent.get("reachProfileId")
    enabled = call.get(catalogue.ENABLED, key) or {}
    if named is not None:
        chosen = profile.active(call, named)
        return catalogue.orderable(call, key), chosen
    item = catalogue.orderable(call, key)
    return item, profile.active(call, enabled.get("defaultReachProfileId") or 0)


def _check_credit(call: Call, order: tasks.Order) -> None:
    named = {"ENTRY_ID": order.entry["id"], "CATALOG_ITEM_ID": order.item["id"]}
    if not profile.is_credit_current(order.profile, call.clock.now()):
        raise ApiError("CREDIT_EXPIRED", **named)
    if not profile.can_afford(order.profile, order.price):
        raise ApiError("EXCEEDED_MAX_CREDIT_ALLOWED", **named)


@action("reach_entryvendortask.get")
def get(call: Call, id: int) -> Data:
    """One task of this account."""
    features.require(call, features.REACH)
    return tasks.find(call, id)


@action("reach_entryvendortask.list")
def list_tasks(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The account's orders; for a vendor, the tasks from its customers."""
    features.require(call, features.REACH)
    if features.has(call, features.REACH_VENDOR):
        return _listing(tasks.jobs_of(call.store, call.partner), filter, pager)
    return _listing(list(tasks.visible(call.store, call.partner, listed=True)), filter, pager)


@action("reach_entryvendortask.getJobs")
def get_jobs(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The tasks that wait for this vendor."""
    features.require_permission(call, features.REACH_VENDOR)
    features.require(call, features.REACH)
    sent_filter = filter or SentObject("KalturaEntryVendorTaskFilter")
    if sent_filter.get("statusEqual") not in _JOB_STATES:
        sent_filter.values["statusEqual"] = tasks.PENDING
    sent_filter.values["vendorPartnerIdEqual"] = call.partner
    return _listing(tasks.jobs_of(call.store, call.partner), sent_filter, pager)


def _listing(rows: list[Data], sent_filter: SentObject | None, pager: SentObject | None) -> Data:
    found = lists.sorted_by(lists.filtered(rows, sent_filter, _FILTER_RULES), sent_filter)
    return lists.list_response(RESPONSE, lists.page_of(found, pager, indexed=True), len(found))


def _mentions(row: Data, wanted: object) -> bool:
    return lists.contains_words(row, wanted, "entryId", "userId", "notes", "context", "id")


_FILTER_RULES = {"freeText": _mentions}


@action("reach_entryvendortask.update")
def update(call: Call, id: int, entryVendorTask: SentObject) -> Data:
    """Change a task as its customer; properties of the vendor are ignored."""
    features.require(call, features.REACH)
    task = tasks.find(call, id)
    entries.find(call, task["entryId"])
    orders.check_partner_data(entryVendorTask)
    for name in orders.VENDOR_FIELDS:
        entryVendorTask.pop(name)
    entryVendorTask.refuse_read_only_changes(task)
    return tasks.change(call, task, entryVendorTask)


@action("reach_entryvendortask.updateJob")
def update_job(call: Call, id: int, entryVendorTask: SentObject) -> Data:
    """Report the progress of a task, as its vendor."""
    features.require_permission(call, features.REACH_VENDOR)
    features.require(call, features.REACH)
    task = tasks.find_job(call, id)
    orders.check_partner_data(entryVendorTask)
    return tasks.report_progress(call, task, entryVendorTask)


@action("reach_entryvendortask.extendAccessKey")
def extend_access_key(call: Call, id: int) -> Data:
    """Give the vendor a new access key."""
    features.require_permission(call, features.REACH_VENDOR)
    features.require(call, features.REACH)
    return tasks.extend_key(call, tasks.find_job(call, id))


@action("reach_entryvendortask.approve")
def approve(call: Call, id: int) -> Data:
    """Approve a task that waits for approval."""
    return tasks.approve(call, _with_entry(call, id))


@action("reach_entryvendortask.reject")
def reject(call: Call, id: int, rejectReason: str | None) -> Data:
    """Reject a task that waits for approval."""
    return tasks.reject(call, _with_entry(call, id), rejectReason or "")


@action("reach_entryvendortask.abort")
def abort(call: Call, id: int, abortReason: str | None) -> Data:
    """Abort a task."""
    return tasks.abort(call, _with_entry(call, id), abortReason or "")


def _with_entry(call: Call, key: int) -> Data:
    """A task of this account whose entry was not deleted."""
    features.require(call, features.REACH)
    task = tasks.find(call, key)
    entries.find(call, task["entryId"])
    return task
