"""The vendor's account at Kaltura: its session, its tasks, and what it tells about them.

Calls about a task itself are made with the vendor's own KS; whatever touches the customer's
account with the access key of that one task (``TaskAccess``). Neither is ever kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api.client import (
    PAGE,
    AppToken,
    ForeignCaller,
    call_as,
    is_set,
    new,
    session_by_token,
    wire,
)
from kaltura_bridge.api.errors import KalturaError, RemoteRejected
from kaltura_bridge.api.lists import joined, listed
from kaltura_bridge.models import ErrorClass
from kaltura_bridge.reach.features import Feature

PENDING: Final = 1
READY: Final = 2
PROCESSING: Final = 3
ERROR: Final = 6
SCHEDULED: Final = 9
# Nobody has more orders waiting; lists end there at Kaltura as well.
MOST_JOBS: Final = 10_000
USER_ID: Final = "reach-vendor"
PROFILE: Final = "reach_vendor"
NEEDED_PRIVILEGE: Final = "disableentitlement"
_DAY_S: Final = 86_400
_LEAST_KEY: Final = timedelta(days=7)
_MOST_DAYS: Final = 10


class VendorNotSetUp(KalturaError):
    """The settings or the application token do not make a vendor; the text says what to do."""


def _refused(error: RemoteRejected) -> VendorNotSetUp:
    return VendorNotSetUp(
        f"Kaltura refuses the vendor account ({error.code}). Check REACH_VENDOR_PARTNER_ID, "
        "REACH_VENDOR_APP_TOKEN_ID and REACH_VENDOR_APP_TOKEN."
    )


@dataclass(frozen=True)
class VendorTask:
    """One order, as the vendor sees it."""

    id: int
    customer_id: int
    entry_id: str
    status: int
    feature: Feature
    item_id: int
    access_key: str = field(repr=False)
    external_id: str = ""
    output_id: str = ""
    made_at: datetime | None = None
    turnaround: int = 0
    words: tuple[str, ...] = ()
    notes: str = ""
    event_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def key_life(self) -> timedelta:
        """How long an access key is good: twice the promised time, at least a week."""
        promised = max(0, self.turnaround)
        seconds = promised * _DAY_S if promised <= _MOST_DAYS else promised
        return max(timedelta(seconds=2 * seconds), _LEAST_KEY)


def task_of(raw: Any) -> VendorTask:
    """A task as Kaltura's client has it."""
    job = raw.taskJobData if is_set(raw.taskJobData) else None
    event = wire(getattr(job, "scheduledEventId", None))
    return VendorTask(
        id=int(raw.id),
        customer_id=int(raw.partnerId),
        entry_id=wire(raw.entryId),
        status=_number(raw.status),
        feature=Feature(_number(raw.serviceFeature)),
        item_id=_number(raw.catalogItemId),
        access_key=wire(raw.accessKey),
        external_id=wire(raw.externalTaskId),
        output_id=wire(raw.outputObjectId),
        made_at=_moment(raw.createdAt),
        turnaround=_number(raw.turnAroundTime),
        words=tuple(word.strip() for word in wire(raw.dictionary).splitlines() if word.strip()),
        notes=wire(raw.notes) or wire(raw.context),
        event_id=int(event) if event else None,
        starts_at=_moment(getattr(job, "startDate", None)),
        ends_at=_moment(getattr(job, "endDate", None)),
    )


def _number(value: Any) -> int:
    text = wire(value)
    return int(text) if text.lstrip("-").isdecimal() else 0


def _moment(value: Any) -> datetime | None:
    seconds = _number(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


@dataclass(frozen=True)
class CatalogueItem:
    """What was ordered: languages by Kaltura's names, and the form of the captions (1, 2, 3)."""

    language: str = ""
    target_language: str = ""
    form: str = ""


def _get_jobs(wanted: Any, pager: Any, client: Any) -> object:
    answer: object = client.reach.entryVendorTask.getJobs(wanted, pager)
    return answer


def _list_tasks(wanted: Any, pager: Any, client: Any) -> object:
    answer: object = client.reach.entryVendorTask.list(wanted, pager)
    return answer


class VendorAccount:
    """The vendor's account, by the settings. Raises VendorNotSetUp where they hold none."""

    def __init__(self) -> None:
        if not settings.REACH_VENDOR_PARTNER_ID:
            raise VendorNotSetUp(
                "This installation is no vendor: set REACH_VENDOR_PARTNER_ID, "
                "REACH_VENDOR_APP_TOKEN_ID and REACH_VENDOR_APP_TOKEN."
            )
        self.id = int(settings.REACH_VENDOR_PARTNER_ID)
        self.name = str(settings.REACH_VENDOR_NAME)
        self._ks = ""
        self._items: dict[int, CatalogueItem] = {}

    def call(self, call: Callable[[Any], object], task_id: int | None = None) -> Any:
        """Make one call with the vendor's KS, once more when that ran out.

        Raises VendorNotSetUp when the account refuses us altogether.
        """
        try:
            return call_as(self._caller(task_id), call)
        except RemoteRejected as error:
            if error.error_class is ErrorClass.STOP:
                raise _refused(error) from None
            if error.error_class is not ErrorClass.NEW_KS:
                raise
        self._ks = ""
        return call_as(self._caller(task_id), call)

    def _caller(self, task_id: int | None) -> ForeignCaller:
        self._ks = self._ks or self._new_ks()
        return ForeignCaller(self.id, self._ks, self.tag(task_id))

    def tag(self, task_id: int | None = None) -> str:
        """By which Kaltura follows a task through all calls; one form for each kind of call."""
        if task_id is None:
            return f"{self.name}_{self.id}"
        return f"{self.name}-{self.id}-{task_id}"

    def _new_ks(self) -> str:
        token = AppToken(
            self.id, settings.REACH_VENDOR_APP_TOKEN_ID, settings.REACH_VENDOR_APP_TOKEN
        )
        try:
            session = session_by_token(token, USER_ID, self.tag())
        except RemoteRejected as error:
            raise _refused(error) from None
        granted = {part.partition(":")[0] for part in wire(session.privileges).split(",")}
        if NEEDED_PRIVILEGE not in granted:
            raise VendorNotSetUp(
                f"The application token lacks the privilege {NEEDED_PRIVILEGE}. Make one that "
                "has it: Kaltura drops it when it is asked for with the session."
            )
        return str(session.ks)

    # ----------------------------------------------------------------------- reading
    def waiting(self) -> Iterator[VendorTask]:
        """The tasks that wait for this vendor, oldest first."""
        wanted = new(
            "KalturaEntryVendorTaskFilter",
            vendorPartnerIdEqual=self.id,
            statusEqual=PENDING,
            orderBy="+createdAt",
        )
        for page in range(1, MOST_JOBS // PAGE + 1):
            pager = new("KalturaFilterPager", pageSize=PAGE, pageIndex=page)
            answer = self.call(partial(_get_jobs, wanted, pager))
            found = [task_of(raw) for raw in listed(answer)]
            # A list that lags still holds what is no longer so.
            yield from (task for task in found if task.status == PENDING)
            if len(found) < PAGE:
                return

    def tasks(self, ids: Sequence[int]) -> dict[int, VendorTask]:
        """Tasks of this vendor by their ids, whatever their status, with living access keys."""
        found: dict[int, VendorTask] = {}
        for some in joined([str(each) for each in ids], PAGE):
            wanted = new("KalturaEntryVendorTaskFilter", idIn=some, vendorPartnerIdEqual=self.id)
            pager = new("KalturaFilterPager", pageSize=PAGE, pageIndex=1)
            answer = self.call(partial(_list_tasks, wanted, pager))
            found |= {task.id: task for task in map(task_of, listed(answer))}
        return found

    def item(self, item_id: int) -> CatalogueItem:
        """What was ordered; asked once. An item that is gone says nothing."""
        if item_id not in self._items:
            self._items[item_id] = self._ask_for_item(item_id)
        return self._items[item_id]

    def _ask_for_item(self, item_id: int) -> CatalogueItem:
        try:
            raw = self.call(lambda c: c.reach.vendorCatalogItem.get(item_id))
        except RemoteRejected as error:
            if error.code != "CATALOG_ITEM_NOT_FOUND":
                raise
            return CatalogueItem()
        return CatalogueItem(
            wire(raw.sourceLanguage),
            wire(getattr(raw, "targetLanguage", None)),
            wire(getattr(raw, "outputFormat", None)),
        )

    # ----------------------------------------------------------------------- telling
    def tell(self, task: VendorTask, **said: Any) -> VendorTask:
        """Tell what became of a task: ``status``, ``outputObjectId``, ``errDescription`` ..."""
        told = new("KalturaEntryVendorTask", **said)
        answer = self.call(lambda c: c.reach.entryVendorTask.updateJob(task.id, told), task.id)
        return task_of(answer)

    def extend(self, task: VendorTask) -> VendorTask:
        """The task with a new access key; only for work that has begun."""
        answer = self.call(lambda c: c.reach.entryVendorTask.extendAccessKey(task.id), task.id)
        return task_of(answer)


class TaskAccess:
    """Calls into the customer's account with the access key of one task."""

    def __init__(self, account: VendorAccount, task: VendorTask) -> None:
        self._account, self.task = account, task
        self.has_new_key = False

    def call(self, call: Callable[[Any], object], profile: str = "") -> Any:
        """Make one call; when the key has run out, once more with a new one."""
        try:
            return call_as(self._caller(), call, profile=profile)
        except RemoteRejected as error:
            if error.error_class is not ErrorClass.NEW_KS:
                raise
        self.extend()
        return call_as(self._caller(), call, profile=profile)

    def extend(self) -> None:
        """Have a new key made."""
        self.task = self._account.extend(self.task)
        self.has_new_key = True

    def _caller(self) -> ForeignCaller:
        task = self.task
        return ForeignCaller(task.customer_id, task.access_key, self._account.tag(task.id))

    def details(self) -> VendorTask:
        """The task as its customer has it, with what only the vendors' profile shows."""
        answer = self.call(lambda c: c.reach.entryVendorTask.get(self.task.id), PROFILE)
        return task_of(answer)

    def entry(self) -> Any:
        """The entry that the order is for."""
        return self.call(lambda c: c.baseEntry.get(self.task.entry_id))
