"""What an event's rules ask for: orders for each recording that is published, or for each
broadcast that is planned.

A rule orders once for a session, recording and language, whatever becomes of the order, and
nothing that another rule or a person has on order already. What
cannot be ordered yet (no such item, no budget left, no language) is an order that is HELD, with
the reason, and is tried again with every pass.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from events.models import EventStatus, Session, SessionStatus
from kaltura_bridge.captions.catalogue import Catalogue, OrderableItem
from kaltura_bridge.captions.languages import language_of
from kaltura_bridge.captions.plan import BROADCASTS
from kaltura_bridge.captions.pricing import CaptionQuote, quote
from kaltura_bridge.captions.retiming import awaited
from kaltura_bridge.models import (
    CaptionFeature,
    CaptionOrder,
    CaptionRule,
    OrderState,
    Recording,
    RecordingStatus,
    RemoteLink,
    Transcript,
)
from kaltura_bridge.models.captions import FREE_STATES, UNSENT
from kaltura_bridge.specs import Kind, key_for

NO_LANGUAGE: Final = "The session says no language that Kaltura has captions for."
NO_CATALOGUE: Final = "The REACH catalogue has not been read yet."


@dataclass(frozen=True)
class CaptionNeed:
    """Something that is to be captioned. ``seconds`` None: how long it is, is not known."""

    session: Session
    entry_id: str
    language: str
    seconds: int | None
    feature: str

    @property
    def starts_at(self) -> datetime | None:
        """Of live captions, when the work begins."""
        return self.session.starts_at if self.feature == CaptionFeature.LIVE else None

    @property
    def ends_at(self) -> datetime | None:
        return self.session.ends_at if self.feature == CaptionFeature.LIVE else None


def active_rules() -> QuerySet[CaptionRule]:
    """Rules of events that take place."""
    rules = CaptionRule.objects.filter(is_active=True, event__status=EventStatus.PUBLISHED)
    return rules.select_related("event", "track")


def apply_rules(catalogue: Catalogue) -> int:
    """Order what the rules ask for. Returns how many orders are new or were held."""
    return sum(apply_rule(rule, catalogue) for rule in active_rules())


def apply_rule(rule: CaptionRule, catalogue: Catalogue) -> int:
    """Order what one rule asks for now."""
    decided = CaptionOrder.objects.filter(rule=rule, plan_change="").exclude(state=OrderState.HELD)
    known = set(decided.values_list("session_id", "entry_id", "language"))
    wanted = [
        need
        for need in needs_of(rule)
        if (need.session.pk, need.entry_id, need.language) not in known
    ]
    ordered = _languages_on_order(wanted)
    held = set(rule.orders.filter(state=OrderState.HELD).values_list("session_id", "entry_id"))
    # What was held, and is on order by now, has to be forgotten.
    undecided = [
        need
        for need in wanted
        if (need.session.pk, need.entry_id) in held or not _is_on_order(need, ordered)
    ]
    return sum(_decide(rule, need, catalogue) for need in undecided)


def _languages_on_order(needs: Collection[CaptionNeed]) -> dict[tuple[Any, ...], set[str]]:
    """In which languages captions are on order or were delivered, whoever ordered them.

    Before they can be read from the recording nothing else says that they come. By entry,
    feature and, of live captions, times; of those that are not over by session, too: until what
    was ordered for another time is aborted, nothing is ordered in its place.
    """
    unsent_by_rule = Q(state=OrderState.HELD) & (Q(ordered_by=None) | Q(rule__isnull=False))
    of_entries = Q(entry_id__in={need.entry_id for need in needs})
    live = {need.session for need in needs if need.feature == CaptionFeature.LIVE}
    orders = CaptionOrder.objects.filter(of_entries | Q(session__in=live))
    paid = orders.exclude(state__in=FREE_STATES).exclude(unsent_by_rule).order_by()
    found: dict[tuple[Any, ...], set[str]] = {}
    for language, session_id, state, *about in paid.values_list(
        "language", "session_id", "state", "entry_id", "feature", "starts_at", "ends_at"
    ):
        found.setdefault(tuple(about), set()).add(language)
        if state != OrderState.READY:
            found.setdefault((session_id, about[1]), set()).add(language)
    return found


def _is_on_order(need: CaptionNeed, ordered: Mapping[tuple[Any, ...], set[str]]) -> bool:
    about = (need.entry_id, need.feature, need.starts_at, need.ends_at)
    languages = ordered.get(about, set())
    if need.feature == CaptionFeature.LIVE:
        languages = languages | ordered.get((need.session.pk, need.feature), set())
    return _is_spoken_in(need.language, languages)


def sessions_of(rule: CaptionRule) -> QuerySet[Session]:
    """The published sessions that it is about."""
    sessions = Session.objects.filter(event=rule.event_id, status=SessionStatus.PUBLISHED)
    if rule.session_type:
        sessions = sessions.filter(session_type=rule.session_type)
    if rule.track_id:
        sessions = sessions.filter(track=rule.track_id)
    if rule.title_has:
        sessions = sessions.filter(title__icontains=rule.title_has)
    return sessions.select_related("event")


def needs_of(rule: CaptionRule) -> Iterator[CaptionNeed]:
    """What it wants captioned now."""
    found = _broadcasts(rule) if rule.feature == CaptionFeature.LIVE else _recordings(rule)
    for session, entry_id, seconds in found:
        language = rule.language or language_of(session.languages)
        yield CaptionNeed(session, entry_id, language, seconds, rule.feature)


def _broadcasts(rule: CaptionRule) -> Iterator[tuple[Session, str, int | None]]:
    """Broadcasts that are to come, and are at Kaltura already."""
    ahead = sessions_of(rule).filter(starts_at__gt=timezone.now(), session_type__in=BROADCASTS)
    sessions = {key_for(session.uuid): session for session in ahead}
    links = RemoteLink.objects.filter(kind=Kind.ENTRY, key__in=sessions, gone=False)
    for key, remote_id in links.exclude(remote_id=None).values_list("key", "remote_id"):
        session = sessions[key]
        yield session, str(remote_id), int(session.duration.total_seconds())


def _recordings(rule: CaptionRule) -> Iterator[tuple[Session, str, int | None]]:
    """Published recordings whose captions have been looked at, and that have none such yet."""
    shown = Recording.objects.filter(
        session__in=sessions_of(rule), state=RecordingStatus.READY, is_published=True
    )
    # While they cannot be read, or Kaltura copies them after a cut, nobody knows whether there
    # are some: nothing is paid twice.
    seen = Transcript.objects.filter(
        session__in=sessions_of(rule), looked_at__isnull=False, error=""
    ).exclude(awaited())
    captioned = {
        (row.session_id, row.entry_id): {track.language for track in row.tracks.all()}
        for row in seen.prefetch_related("tracks")
    }
    for recording in shown.select_related("session__event"):
        languages = captioned.get((recording.session_id, recording.entry_id))
        wanted = rule.language or language_of(recording.session.languages)
        if languages is not None and not _is_spoken_in(wanted, languages):
            yield recording.session, recording.entry_id, recording.seconds or None


def _is_spoken_in(wanted: str, languages: Iterable[str]) -> bool:
    """Whether there are captions in this language; those in English (British) are in English."""
    return any(name == wanted or name.startswith(f"{wanted} (") for name in languages if wanted)


def fitting_items(rule: CaptionRule, language: str, catalogue: Catalogue) -> list[OrderableItem]:
    """What of the catalogue a rule takes for this language."""
    most_s = rule.within_hours * 3600 if rule.within_hours else None
    return [
        item
        for item in catalogue.of(rule.feature, language)
        if rule.service_type in (None, item.service_type)
        # Live captions have no time to be ready in: they are written while people speak.
        and (
            most_s is None
            or rule.feature == CaptionFeature.LIVE
            or (item.turnaround_s is not None and item.turnaround_s <= most_s)
        )
    ]


def cheapest(
    items: Iterable[OrderableItem], need: CaptionNeed, catalogue: Catalogue, now: datetime
) -> CaptionQuote | None:
    """The best offer: one that Kaltura would take before one that it would not, then by price."""
    offers = [quote(catalogue, item, need.seconds, now, starts_at=need.starts_at) for item in items]
    return min(offers, key=_rank, default=None)


def _rank(offer: CaptionQuote) -> tuple[bool, bool, Decimal, int]:
    price = offer.price
    return bool(offer.problems), price is None, price or Decimal(0), offer.item.id


@transaction.atomic
def _decide(rule: CaptionRule, need: CaptionNeed, catalogue: Catalogue) -> int:
    """Make the order of a rule for one need, or say why it is held."""
    # Whoever orders by a rule of this event waits here, so that its budget is spent once, and
    # no two rules order the same.
    rules = CaptionRule.objects.select_for_update().filter(event=rule.event_id).order_by("pk")
    locked = next((each for each in rules if each.pk == rule.pk and each.is_active), None)
    if locked is None:
        return 0
    same = CaptionOrder.objects.filter(
        rule=rule, session=need.session, entry_id=need.entry_id, plan_change=""
    )
    # What was held under another language is about this one now.
    same.filter(state=OrderState.HELD).exclude(language=need.language).delete()
    order = same.filter(language=need.language).first()
    if order and order.state != OrderState.HELD:
        return 0
    if _is_on_order(need, _languages_on_order([need])):
        same.filter(state=OrderState.HELD).delete()
        return 0
    fields = _decision(locked, need, catalogue, timezone.now())
    if order is None:
        CaptionOrder.objects.create(
            rule=rule,
            session=need.session,
            entry_id=need.entry_id,
            language=need.language,
            feature=need.feature,
            **fields,
        )
        return 1
    CaptionOrder.objects.filter(pk=order.pk, state=OrderState.HELD).update(**fields)
    return int(fields["state"] != OrderState.HELD)


def _decision(
    rule: CaptionRule, need: CaptionNeed, catalogue: Catalogue, now: datetime
) -> dict[str, Any]:
    """State, item and price of the order."""
    if not need.language:
        return _held(NO_LANGUAGE)
    if catalogue.read_at is None:
        return _held(catalogue.error or NO_CATALOGUE)
    offer = cheapest(fitting_items(rule, need.language, catalogue), need, catalogue, now)
    if offer is None:
        nothing = f"The catalogue has nothing that fits the rule in {need.language}."
        return _held(f"{nothing} {catalogue.error}".strip())
    about = {
        "catalog_item_id": offer.item.id,
        "item_name": offer.item.name,
        "price": offer.price,
        "starts_at": need.starts_at,
        "ends_at": need.ends_at,
        "shows_at_once": rule.shows_at_once,
    }
    if reason := next(iter(offer.problems), "") or _over_budget(rule, offer.price):
        return _held(reason) | about
    return {"state": OrderState.WAITING, "reason": "", "look_at": now, **about}


def _held(reason: str) -> dict[str, Any]:
    return {"state": OrderState.HELD, "reason": reason}


def spent_by(rule: CaptionRule) -> Decimal:
    """What the orders of a rule cost, as far as it is known."""
    orders = CaptionOrder.objects.filter(rule=rule).exclude(
        state__in=[*FREE_STATES, OrderState.HELD]
    )
    return sum((price for price in orders.values_list("price", flat=True) if price), Decimal(0))


def _over_budget(rule: CaptionRule, price: Decimal | None) -> str:
    if rule.budget is None:
        return ""
    if price is None:
        return "Nobody knows yet what it costs, and the rule has a budget."
    if spent_by(rule) + price > rule.budget:
        return f"It would exceed the budget of the rule ({rule.budget})."
    return ""


def delete_rule(rule: CaptionRule) -> None:
    """With what it has not ordered yet; what was sent is followed to its end."""
    with transaction.atomic():
        CaptionRule.objects.select_for_update().filter(pk=rule.pk).first()
        for order in CaptionOrder.objects.filter(rule=rule, state__in=UNSENT):
            withdraw(order)
        CaptionOrder.objects.filter(rule=rule, state=OrderState.HELD).delete()
        rule.delete()


def withdraw(order: CaptionOrder) -> bool:
    """Take back an order that was not sent; False when it was, or may have been."""
    unsent = CaptionOrder.objects.filter(
        pk=order.pk, state__in=UNSENT, holder="", adding_since=None, task_id=None
    )
    return bool(unsent.update(state=OrderState.WITHDRAWN, reason=""))
