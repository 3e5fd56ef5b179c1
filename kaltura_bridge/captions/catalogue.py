"""What the account can order: its REACH profiles and catalogue items.

A worker reads them; pages show what it read last, and when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import timezone

from kaltura_bridge.api.errors import KalturaError, RemoteRejected, user_message
from kaltura_bridge.models import CaptionFeature, ReachCatalogue

if TYPE_CHECKING:
    from kaltura_bridge.api.client import Kaltura

# VendorServiceFeature.
FEATURES: Final = {"1": CaptionFeature.RECORDING, "8": CaptionFeature.LIVE}
_ACTIVE: Final = 2  # of profiles and of items
_UNLIMITED: Final = Decimal(-9999)
_DAY_S: Final = 86_400
#: An empty list is believed when it has been so for this long: lists come empty by mistake, too.
EMPTY_FOR: Final = timedelta(days=1)
EMPTY: Final = "Kaltura's REACH catalogue came empty, or not whole; it is read again."
# Kaltura counts days up to here (VendorServiceTurnAroundTime); larger numbers are seconds.
_MOST_DAYS: Final = 10
_WORK: Final = {1: "Human", 2: "Machine", 3: "Hybrid"}


@dataclass(frozen=True)
class OrderableItem:
    """Something that can be ordered.

    ``turnaround_s``: None when the vendor promises no time. ``price_per``: Second, Minute,
    Hour, or "" for what cannot be reckoned beforehand. ``least_notice_min`` and
    ``most_minutes`` are for live captions.
    """

    id: int
    name: str
    feature: str
    service_type: int
    language: str
    turnaround_s: int | None
    price_per: str = ""
    unit_price: str = ""
    allows_again: bool = False
    least_notice_min: int = 0
    most_minutes: int = 0
    profile_id: int = 0

    @property
    def price(self) -> Decimal | None:
        """Of one unit; None: not known."""
        return decimal(self.unit_price) if self.price_per else None


@dataclass(frozen=True)
class CreditAccount:
    """A REACH profile: its credit, whose orders wait for approval, whose captions show at once.

    ``credit``: None when it is unlimited; ``until`` in Unix seconds, 0 for no end. ``moderated``
    and ``shown`` are kinds of work (CaptionService); ``shown`` None: not read yet.
    """

    id: int
    name: str
    credit: str | None
    used: str
    since: int
    until: int
    moderated: tuple[int, ...] = ()
    shown: tuple[int, ...] | None = None

    @property
    def left(self) -> Decimal | None:
        """Credit less what is used; None: unlimited."""
        if self.credit is None:
            return None
        return (decimal(self.credit) or Decimal(0)) - (decimal(self.used) or Decimal(0))

    def is_current(self, now: datetime) -> bool:
        """Whether the period of its credit includes this moment."""
        moment = now.timestamp()
        return self.since <= moment and (not self.until or moment <= self.until)

    def hides(self, service_type: int) -> bool:
        """Whether captions of this work arrive hidden from viewers, as far as is known."""
        return self.shown is not None and service_type not in self.shown

    @property
    def ends(self) -> datetime | None:
        """When its credit runs out; None: never."""
        return datetime.fromtimestamp(self.until, UTC) if self.until else None


@dataclass(frozen=True)
class Catalogue:
    """All of it, and when it was read; ``error`` says why it could not be read since.

    What was read before stays then: a refusal does not tell that there is nothing to order.
    """

    profiles: tuple[CreditAccount, ...] = ()
    items: tuple[OrderableItem, ...] = ()
    read_at: datetime | None = None
    error: str = ""

    def item(self, item_id: int | None) -> OrderableItem | None:
        return next((item for item in self.items if item.id == item_id), None)

    def of(self, feature: str, language: str = "") -> list[OrderableItem]:
        """The items for one thing, and for one language where that is given."""
        fitting = (item for item in self.items if item.feature == feature)
        return [item for item in fitting if language in ("", item.language)]

    def profile_for(self, item: OrderableItem) -> CreditAccount | None:
        """Who pays for an item: its own profile, else the first that is active."""
        own = (profile for profile in self.profiles if profile.id == item.profile_id)
        return next(own, self.profiles[0] if self.profiles else None)

    @property
    def is_certain(self) -> bool:
        """Whether what is not in it is not there."""
        return self.read_at is not None and not self.error

    @property
    def languages(self) -> list[str]:
        return sorted({item.language for item in self.items})


def decimal(text: object) -> Decimal | None:
    """A number of a reply; None for what is none."""
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def remembered() -> Catalogue:
    """As a worker read it last; asks nobody."""
    row = ReachCatalogue.objects.filter(partner_id=settings.KALTURA_PARTNER_ID).first()
    if row is None:
        return Catalogue()
    profiles = (CreditAccount(**_tuples(each)) for each in row.profiles)
    items = (OrderableItem(**each) for each in row.items)
    return Catalogue(tuple(profiles), tuple(items), row.read_at, row.error)


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = row.get("shown")
    return {
        **row,
        "moderated": tuple(row.get("moderated", ())),
        "shown": None if shown is None else tuple(shown),
    }


def refresh(kaltura: Kaltura) -> Catalogue:
    """Read it anew and keep it. What Kaltura refuses is kept as a sentence, beside what was read
    before.

    Raises RemoteUnavailable when there is no answer.
    """
    row, _ = ReachCatalogue.objects.get_or_create(partner_id=settings.KALTURA_PARTNER_ID)
    row.tried_at = timezone.now()
    try:
        found = _ask(kaltura)
    except RemoteRejected as error:
        row.error = user_message("to show its REACH catalogue", error)
    else:
        _take(row, found, row.tried_at)
    row.save()
    return remembered()


def _take(row: ReachCatalogue, found: _Found, now: datetime) -> None:
    was_emptied = (row.profiles and not found.profiles) or (row.items and not found.items)
    row.empty_since = (row.empty_since or now) if was_emptied else None
    if not found.is_whole or (row.empty_since and now - row.empty_since < EMPTY_FOR):
        row.error = EMPTY
        return
    row.profiles = [asdict(each) for each in found.profiles]
    row.items = [asdict(each) for each in found.items]
    row.read_at, row.error, row.empty_since = now, "", None


def refresh_if_old(kaltura: Kaltura) -> Catalogue:
    """The same, unless somebody has just done it."""
    row = ReachCatalogue.objects.filter(partner_id=settings.KALTURA_PARTNER_ID).first()
    if row and row.tried_at and timezone.now() - row.tried_at < ReachCatalogue.FRESH_FOR:
        return remembered()
    return refresh(kaltura)


def expire() -> None:
    """Have it read anew by whoever looks next: an order has used credit."""
    ReachCatalogue.objects.filter(partner_id=settings.KALTURA_PARTNER_ID).update(tried_at=None)


@dataclass(frozen=True)
class _Found:
    profiles: list[CreditAccount]
    items: list[OrderableItem]
    is_whole: bool


def _ask(kaltura: Kaltura) -> _Found:
    # The web process never loads the client.
    from kaltura_bridge.api.client import PAGE, Request, new
    from kaltura_bridge.api.lists import listed, pager

    active = new("KalturaReachProfileFilter", statusEqual=_ACTIVE)
    ours = new(
        "KalturaVendorCatalogItemFilter", statusEqual=_ACTIVE, serviceFeatureIn=",".join(FEATURES)
    )
    answers = kaltura.ask(
        [
            Request(lambda c: c.reach.reachProfile.list(active, pager()), as_row=True),
            Request(lambda c: c.reach.vendorCatalogItem.list(ours, pager()), as_row=True),
        ]
    )
    for answer in answers:
        if isinstance(answer, KalturaError):
            raise answer
    profiles, items = (listed(answer) for answer in answers)
    pairs = zip(answers, (profiles, items), strict=True)
    return _Found(
        [_profile(raw) for raw in profiles],
        [_item(raw) for raw in items if _text(raw, "serviceFeature") in FEATURES],
        is_whole=all(min(_number(raw, "totalCount"), PAGE) <= len(rows) for raw, rows in pairs),
    )


def _text(raw: Any, name: str) -> str:
    value = getattr(raw, name, None)
    return value if isinstance(value, str) else ""


def _number(raw: Any, name: str) -> int:
    return int(decimal(_text(raw, name)) or 0)


def _item(raw: Any) -> OrderableItem:
    pricing = getattr(raw, "pricing", None)
    function = _text(pricing, "priceFunction")
    per = function.rpartition("Per")[2]
    paid_by_use = _text(raw, "payPerUse") == "1"
    return OrderableItem(
        id=_number(raw, "id"),
        name=_text(raw, "name")[:200],
        feature=FEATURES[_text(raw, "serviceFeature")],
        service_type=_number(raw, "serviceType"),
        language=_text(raw, "sourceLanguage"),
        turnaround_s=_turnaround_s(_number(raw, "turnAroundTime")),
        # What is paid by use, or by token, is known when the work is done.
        price_per=per if per in ("Second", "Minute", "Hour") and not paid_by_use else "",
        unit_price=_text(pricing, "pricePerUnit"),
        allows_again=_text(raw, "allowResubmission") == "1",
        least_notice_min=_number(raw, "minimalOrderTime"),
        most_minutes=_number(raw, "durationLimit"),
        profile_id=_number(raw, "defaultReachProfileId"),
    )


def _turnaround_s(promised: int) -> int | None:
    if promised < 0:
        return None  # best effort
    return promised * _DAY_S if promised <= _MOST_DAYS else promised


def _work_with(raw: Any, flag: str) -> tuple[int, ...]:
    return tuple(n for n, work in _WORK.items() if _text(raw, flag.format(work)) == "1")


def _profile(raw: Any) -> CreditAccount:
    credit = getattr(raw, "credit", None)
    total = decimal(_text(credit, "credit"))
    more = sum((decimal(_text(credit, n)) or Decimal(0)) for n in ("overageCredit", "addOn"))
    unlimited = total is None or total == _UNLIMITED
    return CreditAccount(
        id=_number(raw, "id"),
        name=_text(raw, "name")[:200],
        credit=None if unlimited else str((total or Decimal(0)) + more),
        used=_text(raw, "usedCredit"),
        since=_number(credit, "fromDate"),
        until=_number(credit, "toDate"),
        moderated=_work_with(raw, "enable{}Moderation"),
        shown=_work_with(raw, "autoDisplay{}CaptionsOnPlayer"),
    )
