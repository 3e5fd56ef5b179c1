"""Live captions follow the plan: what was ordered for a time or a broadcast that is no more.

REACH moves no order: the times and the calendar event of a task are fixed when it is added
(KalturaScheduledVendorTaskData, insert-only). So it is aborted, which Kaltura allows until the
vendor begins, and ordered again once it is certain that it was: by its rule, or in the name of
who ordered it, for no more than they said yes to. Nothing here speaks to Kaltura.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation

from events.models import EventStatus, Session, SessionStatus, SessionType
from kaltura_bridge.captions.catalogue import Catalogue, remembered
from kaltura_bridge.captions.pricing import quote
from kaltura_bridge.models import (
    CaptionFeature,
    CaptionOrder,
    OrderState,
    OrderWish,
    PlanChange,
    RemoteLink,
)
from kaltura_bridge.models.captions import ABORTABLE, FREE_STATES, ORDER_ENDS, UNSENT
from kaltura_bridge.specs import Kind, key_for

#: Rooms are no broadcasts: REACH captions live entries.
BROADCASTS: Final = (SessionType.WEBCAST, SessionType.STUDIO, SessionType.SIMULIVE)
#: What stands in the way of these is ordered again.
AGAIN: Final = (PlanChange.MOVED, PlanChange.RENEWED)
UNREAD: Final = "The REACH catalogue could not be read before the session began."

#: Links of sessions by kind and key.
Links = Mapping[tuple[str, str], RemoteLink]


def links_of(session_uuids: Iterable[UUID]) -> Links:
    """Of these sessions, the entries and the calendar events at Kaltura."""
    keys = {key_for(each) for each in session_uuids}
    found = RemoteLink.objects.filter(kind__in=(Kind.ENTRY, Kind.SCHEDULE_EVENT), key__in=keys)
    return {(link.kind, link.key): link for link in found}


def change_of(order: CaptionOrder, links: Links) -> PlanChange | None:
    """What has changed since live captions were ordered, so that they are no longer right."""
    session = order.session
    if session is None:
        return PlanChange.DELETED
    if order.feature != CaptionFeature.LIVE:
        return None
    return (
        _of_session(session)
        or _of_time(order, session)
        or (PlanChange.RENEWED if _is_made_anew(order, links) else None)
    )


def may_have_live(session: Session) -> bool:
    """Whether live captions of it can be ordered: of a broadcast that takes place."""
    return _of_session(session) is None


def _of_session(session: Session) -> PlanChange | None:
    event = session.event
    if SessionStatus.CANCELLED in (session.status, event.status):
        return PlanChange.CANCELLED
    if session.status != SessionStatus.PUBLISHED or event.status != EventStatus.PUBLISHED:
        return PlanChange.UNPUBLISHED
    if session.session_type not in BROADCASTS:
        return PlanChange.UNFIT
    return None


def _of_time(order: CaptionOrder, session: Session) -> PlanChange | None:
    if order.starts_at is None:
        return None
    ordered, planned = (order.starts_at, order.ends_at), (session.starts_at, session.ends_at)
    return PlanChange.MOVED if ordered != planned else None


def _is_made_anew(order: CaptionOrder, links: Links) -> bool:
    """Whether entry or calendar event are others by now, or known to be gone."""
    key = key_for(order.session_uuid)
    entry, event = links.get((Kind.ENTRY, key)), links.get((Kind.SCHEDULE_EVENT, key))
    there = str(order.scheduled_event_id or "")
    return _is_other(entry, order.entry_id) or bool(there and _is_other(event, there))


def _is_other(link: RemoteLink | None, remote_id: str) -> bool:
    return link is not None and (link.gone or link.remote_id != remote_id)


# --- Giving up -----------------------------------------------------------------------


def can_be_given_up(order: CaptionOrder) -> bool:
    """Whether it can be aborted or withdrawn as it stands; what the vendor has begun cannot."""
    return order.state in ABORTABLE or order.task_id is None


def follow_plan(only: Collection[UUID] | None = None) -> int:
    """Give up orders that are no longer right, take up again what is. Returns how many.

    ``only``: the orders of these sessions, by UUID.
    """
    about = Q(feature=CaptionFeature.LIVE) | Q(session=None, state__in=UNSENT)
    orders = CaptionOrder.objects.filter(about).exclude(state__in=ORDER_ENDS)
    if only is not None:
        orders = orders.filter(session_uuid__in=only)
    found = list(orders.select_related("session__event"))
    links = links_of(order.session_uuid for order in found) if found else {}
    return sum(_follow(order, change_of(order, links)) for order in found)


def _follow(order: CaptionOrder, change: PlanChange | None) -> int:
    if order.plan_change and order.wish == OrderWish.ABORT:
        return 0 if change else _take_back(order)
    if change is None or order.wish or order.plan_change:
        return 0
    return _give_up(order, change)


def _give_up(order: CaptionOrder, change: PlanChange) -> int:
    same = CaptionOrder.objects.filter(
        pk=order.pk, state=order.state, task_id=order.task_id, wish="", plan_change=""
    )
    if order.task_id is not None:
        # What the vendor has begun can no longer be aborted: the page says so.
        abortable = same.filter(state__in=ABORTABLE)
        reason = english(change)
        return abortable.update(
            wish=OrderWish.ABORT, wish_reason=reason, plan_change=change, look_at=timezone.now()
        )
    unsent = same.filter(state__in=UNSENT, holder="", adding_since=None)
    if order.state == OrderState.HELD and order.rule_id:
        # Its rule decides anew; where the session asks for none any more, nothing is left.
        return 0 if change in AGAIN else unsent.delete()[0]
    return unsent.update(state=OrderState.WITHDRAWN, plan_change=change, reason=english(change))


def _take_back(order: CaptionOrder) -> int:
    """The plan is as before, and nobody has told Kaltura anything."""
    same = CaptionOrder.objects.filter(
        pk=order.pk, wish=OrderWish.ABORT, plan_change=order.plan_change, holder=""
    )
    return same.update(wish="", wish_reason="", plan_change="")


def english(change: str) -> str:
    """What has changed, as a worker writes it down for everybody."""
    with translation.override("en"):
        return f"{PlanChange(change).label}."


# --- Ordering again ------------------------------------------------------------------


def to_order_again() -> QuerySet[CaptionOrder]:
    """Orders of people that were given up, are certainly over, and have none in their place.

    What a rule had ordered, it decides anew by itself.
    """
    over = CaptionOrder.objects.filter(
        plan_change__in=AGAIN, state__in=FREE_STATES, rule=None, replaced_by=None
    )
    return over.exclude(ordered_by=None).exclude(session=None)


def is_to_be_ordered_again(order: CaptionOrder) -> bool:
    """The same of one order, whose replacement has been looked for."""
    is_over = order.plan_change in AGAIN and order.state in FREE_STATES
    by_person = order.rule_id is None and order.ordered_by_id is not None
    return is_over and by_person and bool(order.session_id) and not hasattr(order, "replaced_by")


def order_again() -> int:
    """Write down what takes their place; a worker sends it. Returns how many."""
    found = list(to_order_again().select_related("session__event"))
    if not found:
        return 0
    links, known = links_of(order.session_uuid for order in found), remembered()
    return sum(_order_again(order, links, known) for order in found)


def _order_again(order: CaptionOrder, links: Links, known: Catalogue) -> int:
    session, key = order.session, key_for(order.session_uuid)
    entry_id, event_id = _id_at(links, Kind.ENTRY, key), _id_at(links, Kind.SCHEDULE_EVENT, key)
    if session is None or not (entry_id and event_id):
        return 0  # It is being made; then.
    if _may_be_there(order, session, known):
        return 0
    try:
        with transaction.atomic():
            CaptionOrder.objects.create(
                replaces=order,
                session=session,
                ordered_by=order.ordered_by,
                entry_id=entry_id,
                feature=order.feature,
                language=order.language,
                catalog_item_id=order.catalog_item_id,
                item_name=order.item_name,
                shows_at_once=order.shows_at_once,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
                **_terms(order, session, known),
            )
    except IntegrityError:
        return 0  # Another worker has done it.
    return 1


def _may_be_there(order: CaptionOrder, session: Session, known: Catalogue) -> bool:
    """Whether the item is only unknown while the catalogue cannot be read: that may pass."""
    is_known = known.item(order.catalog_item_id) is not None
    return not (is_known or known.is_certain or session.starts_at <= timezone.now())


def _id_at(links: Links, kind: Kind, key: str) -> str:
    """Under which id this is at Kaltura; "" while it is not there."""
    link = links.get((kind, key))
    return "" if link is None or link.gone else link.remote_id or ""


def _terms(order: CaptionOrder, session: Session, known: Catalogue) -> dict[str, Any]:
    """State and price: it is ordered only on terms that the person has agreed to."""
    item, now = known.item(order.catalog_item_id), timezone.now()
    if change := _of_session(session):
        return _not_again(order, english(change))
    if item is None:
        return _not_again(
            order, "The catalogue no longer has this item." if known.is_certain else UNREAD
        )
    length = int(session.duration.total_seconds())
    with translation.override("en"):
        offer = quote(known, item, length, now, starts_at=session.starts_at)
    if offer.problems:
        return _not_again(order, offer.problems[0])
    if _is_dearer(offer.price, order.price):
        costs = "nobody knows what" if offer.price is None else f"{offer.price:f}"
        return _not_again(order, f"It would cost {costs} instead of {order.price:f}.")
    return {"state": OrderState.WAITING, "price": offer.price}


def _is_dearer(price: Decimal | None, agreed: Decimal | None) -> bool:
    return agreed is not None and (price is None or price > agreed)


def _not_again(order: CaptionOrder, why: str) -> dict[str, Any]:
    return {
        "state": OrderState.WITHDRAWN,
        "price": order.price,
        "reason": f"{english(order.plan_change)} It was not ordered again. {why}",
    }
