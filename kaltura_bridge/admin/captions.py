"""The captions of an event in the admin: its rules, its orders, what they cost, single orders.

The web process never calls Kaltura: it shows what a worker read, writes down what people want,
and wakes the worker. Orders cost money, so all of it is for owners and managers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.admin import extensions
from events.admin.scope import user_of
from events.characters import clean_line
from events.models import Event, Session
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.admin import caption_tracks
from kaltura_bridge.admin.base import NO_WORKER, ReadOnlyAdmin, render_page
from kaltura_bridge.admin.caption_forms import CaptionRuleForm
from kaltura_bridge.captions import asking, catalogue, desk, plan
from kaltura_bridge.captions.catalogue import Catalogue, OrderableItem
from kaltura_bridge.captions.desk import CaptionFilter, CaptionSearch
from kaltura_bridge.captions.languages import kaltura_name
from kaltura_bridge.captions.pricing import CaptionQuote, quote
from kaltura_bridge.captions.rules import CaptionNeed, delete_rule
from kaltura_bridge.labels import since
from kaltura_bridge.models import (
    CaptionOrder,
    CaptionRule,
    CaptionService,
    CaptionTrack,
    OrderState,
    OrderWish,
    PlanChange,
    ReachCatalogue,
    Recording,
    RecordingStatus,
    TrackWish,
)
from kaltura_bridge.models.captions import ORDER_ENDS
from kaltura_bridge.queue import TaskName, enqueue
from kaltura_bridge.recordings.desk import register_column

PAGE: Final = "admin:kaltura_bridge_captions"
ORDER: Final = "admin:kaltura_bridge_captions_session"
SHOWN: Final = 200  # orders of one session, or of deleted ones
_ICONS: Final = {
    OrderState.READY: "✓",
    OrderState.HELD: "!",
    OrderState.REFUSED: "✗",
    OrderState.ERROR: "✗",
    OrderState.REJECTED: "✗",
    OrderState.ABORTED: "−",
    OrderState.WITHDRAWN: "−",
}


@dataclass(frozen=True)
class OrderRow:
    """An order as the page shows it."""

    order: CaptionOrder
    icon: str
    wishes: Sequence[tuple[str, str]]
    plan: str


@dataclass(frozen=True)
class OfferRow:
    """Something that can be ordered for a session."""

    need: CaptionNeed
    offer: CaptionQuote
    by: str
    ready: str


@admin.register(CaptionOrder)
class CaptionOrderAdmin(ReadOnlyAdmin):
    """One page per event instead of a list of orders."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("of/<int:pk>/", wrap(self.page), name="kaltura_bridge_captions"),
            path("of/<int:pk>/read/", wrap(self.read), name="kaltura_bridge_captions_read"),
            path("of/<int:pk>/rule/", wrap(self.add_rule), name="kaltura_bridge_caption_rule_add"),
            path("rule/<int:pk>/", wrap(self.rule), name="kaltura_bridge_caption_rule"),
            path("session/<int:pk>/", wrap(self.session), name="kaltura_bridge_captions_session"),
            path("<int:pk>/wish/", wrap(self.wish), name="kaltura_bridge_caption_wish"),
            *caption_tracks.urls(self),
        ]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # reached from its event's page

    # --- The event's page ----------------------------------------------------

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Credit and rules of one event, and a list of its sessions with captions and orders."""
        event = get_object_or_404(_own_events(request), pk=pk)
        known = catalogue.remembered()
        _read_if_old(known)
        search = CaptionSearch.of(request.GET)
        pages = Paginator(desk.sessions_for(event, search, timezone.now()), desk.PAGE)
        page = pages.get_page(search.page)
        cost, spent = desk.costs_of(event)
        rules = CaptionRule.objects.filter(event=event).select_related("track")
        lines = desk.lines_for(page.object_list)
        links = plan.links_of(line.session.uuid for line in lines)
        context = {
            "event": event,
            "known": known,
            "read": since(known.read_at) if known.read_at else "",
            "rules": [(rule, spent.get(rule.pk, 0)) for rule in rules],
            "search": search,
            "filters": list(CaptionFilter),
            "page": page,
            "total": pages.count,
            "lines": [(line, [_row(order, links) for order in line.orders]) for line in lines],
            "cost": cost,
            "orphaned": _rows(CaptionOrder.objects.filter(event=event, session=None)[:SHOWN]),
        }
        return render_page(
            self, request, "captions", _("Captions of “%(event)s”") % {"event": event}, context
        )

    def read(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the worker read catalogue and credit anew."""
        event = get_object_or_404(_own_events(request), pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if enqueue(TaskName.CAPTIONS, True):
            messages.info(request, _("The catalogue is being read. Reload this page in a moment."))
        else:
            messages.error(request, NO_WORKER)
        return redirect(PAGE, event.pk)

    # --- Rules ---------------------------------------------------------------

    def add_rule(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new rule of an event."""
        event = get_object_or_404(_own_events(request), pk=pk)
        return self._rule(request, CaptionRule(event=event))

    def rule(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change a rule, or delete it; its orders stay."""
        rule = get_object_or_404(CaptionRule.objects.select_related("event"), pk=pk)
        get_object_or_404(_own_events(request), pk=rule.event_id)
        return self._rule(request, rule)

    def _rule(self, request: HttpRequest, rule: CaptionRule) -> HttpResponse:
        user, event = user_of(request), rule.event
        is_new = rule.pk is None
        if request.method == "POST" and "delete" in request.POST and not is_new:
            asking.note(user, event, f"Deleted the rule “{rule}”.")
            delete_rule(rule)
            return redirect(PAGE, event.pk)
        form = CaptionRuleForm(
            request.POST if request.method == "POST" else None,
            instance=rule,
            languages=catalogue.remembered().languages,
        )
        if request.method == "POST" and form.is_valid():
            with transaction.atomic():
                saved = form.save()
                asking.show_as_ruled(saved)
            word = "Added" if is_new else "Changed"
            asking.note(user, event, f"{word} the rule “{saved}”: {', '.join(form.changed_data)}.")
            enqueue(TaskName.CAPTIONS)
            messages.success(request, _("Saved. The worker orders what the rule asks for."))
            return redirect(PAGE, event.pk)
        context = {"event": event, "form": form, "rule": rule, "is_new": is_new}
        title = _("New caption rule") if is_new else _("Caption rule")
        return render_page(self, request, "caption_rule", title, context)

    # --- One order -----------------------------------------------------------

    def session(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What can be ordered for a session, with its price; a POST asks for it, then does it."""
        session = _own_session(request, pk)
        known = catalogue.remembered()
        _read_if_old(known)
        now = timezone.now()
        needs = asking.needs_of_session(session, now)
        if request.method == "POST":
            chosen = _chosen(request, known, [need for need, _name in needs])
            if chosen is None:
                messages.error(request, _("This cannot be ordered any more. Choose again."))
                return redirect(ORDER, session.pk)
            if answer := self._order(request, session, chosen):
                return answer
            return self._confirm(request, session, chosen, known)
        asked = _asked_for(request, needs)
        context = {
            "event": session.event,
            "session": session,
            "known": known,
            "read": since(known.read_at) if known.read_at else "",
            "needs": [(name, need, _offers(need, known)) for need, name in asked],
            "others": len(needs) - len(asked),
            "orders": _rows(CaptionOrder.objects.filter(session=session)[:SHOWN]),
            "waits_for_plan": session.session_type in plan.BROADCASTS
            and session.starts_at > now
            and not plan.may_have_live(session),
            "tracks": CaptionTrack.objects.filter(transcript__session=session)
            .defer("cues", "words")
            .select_related("transcript"),
        }
        title = _("Order captions for “%(session)s”") % {"session": session}
        return render_page(self, request, "captions_session", title, context)

    def _order(
        self, request: HttpRequest, session: Session, chosen: OfferRow
    ) -> HttpResponse | None:
        """Order what was confirmed at the price that was shown; None: it is to be confirmed."""
        if "confirmed" not in request.POST or chosen.offer.problems:
            return None
        if request.POST.get("price", "") != _price_text(chosen.offer.price):
            messages.warning(request, _("The price has changed meanwhile. Look at it again."))
            return None
        key = _uuid(request.POST.get("key", ""))
        at_once = not chosen.offer.arrives_hidden or "shows_at_once" in request.POST
        if key and asking.order(
            user_of(request), chosen.need, chosen.offer, key, shows_at_once=at_once
        ):
            enqueue(TaskName.CAPTIONS)
            messages.success(request, _("Ordered. The worker tells Kaltura now."))
        else:
            messages.info(request, _("This was ordered already; nothing was ordered twice."))
        return redirect(PAGE, session.event_id)

    def _confirm(
        self, request: HttpRequest, session: Session, chosen: OfferRow, known: Catalogue
    ) -> HttpResponse:
        context = {
            "event": session.event,
            "session": session,
            "row": chosen,
            "known": known,
            "read": since(known.read_at) if known.read_at else "",
            "price": _price_text(chosen.offer.price),
            "key": uuid4(),
        }
        title = _("Order captions for “%(session)s”?") % {"session": session}
        return render_page(self, request, "captions_confirm", title, context)

    def wish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Abort, approve or reject an order."""
        order = get_object_or_404(CaptionOrder.objects.select_related("session", "event"), pk=pk)
        event = get_object_or_404(_own_events(request), pk=order.event_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        what = request.POST.get("do", "")
        reason = clean_line(request.POST.get("reason", ""))[:200]
        if what in OrderWish.values and asking.wish(user_of(request), order, what, reason):
            enqueue(TaskName.CAPTIONS)
            messages.success(request, _("The worker tells Kaltura now."))
        else:
            messages.warning(request, _("The order has moved on meanwhile. Look at it again."))
        query = CaptionSearch.of(request.GET).query
        return redirect(f"{reverse(PAGE, args=[event.pk])}{query and '?'}{query}#orders")


def register() -> None:
    """Lead to these pages from events and sessions."""
    may = "events.change_event"
    extensions.register_object_tool(Event, PAGE, gettext_lazy("Captions"), may)
    register_column(gettext_lazy("Captions"), caption_cells)
    extensions.register_object_tool(
        Session, ORDER, gettext_lazy("Captions"), "events.change_session"
    )


def caption_cells(recordings: Sequence[Recording]) -> dict[int, str]:
    """For the recordings desk: in which languages there are captions, what is ordered, and where
    to order more for this very recording.
    """
    ids = {recording.entry_id for recording in recordings}
    tracks = CaptionTrack.objects.filter(transcript__entry_id__in=ids)
    orders = CaptionOrder.objects.filter(entry_id__in=ids).exclude(state__in=ORDER_ENDS)
    told: dict[tuple[int, str], list[str]] = {}
    about = (
        "transcript__session",
        "transcript__entry_id",
        "language",
        "is_shown",
        "wish",
        "is_outdated",
    )
    for session, entry, language, is_shown, wish, is_outdated in tracks.values_list(*about):
        hidden = is_outdated or not is_shown or wish == TrackWish.HIDE
        words = _("%(language)s (hidden)") % {"language": language} if hidden else language
        told.setdefault((session, entry), []).append(words)
    for order in orders.filter(session__isnull=False):
        words = f"{order.language}: {order.get_state_display()}"
        told.setdefault((order.session_id or 0, order.entry_id), []).append(words)
    return {
        recording.pk: _cell(recording, told.get((recording.session_id, recording.entry_id), []))
        for recording in recordings
    }


def _cell(recording: Recording, told: Sequence[str]) -> str:
    words = ", ".join(dict.fromkeys(told))
    if recording.state != RecordingStatus.READY:
        return words
    url = f"{reverse(ORDER, args=[recording.session_id])}?recording={recording.entry_id}"
    return format_html('{} <a href="{}">{}</a>', words, url, _("Order captions…"))


def _asked_for(
    request: HttpRequest, needs: Sequence[tuple[CaptionNeed, str]]
) -> Sequence[tuple[CaptionNeed, str]]:
    """The one recording that a link asks for, if there is such; else all of the session."""
    asked = request.GET.get("recording", "")
    return [each for each in needs if each[0].entry_id == asked] or needs


def _own_events(request: HttpRequest) -> Any:
    return events_for_team(request.user, PLANNERS).distinct()


def _own_session(request: HttpRequest, pk: int) -> Session:
    sessions = Session.objects.select_related("event", "track")
    return get_object_or_404(sessions.filter(event__in=_own_events(request)), pk=pk)


def _read_if_old(known: Catalogue) -> None:
    """Have prices and credit read for the next look at the page, if nobody has done so lately."""
    if known.read_at is None or timezone.now() - known.read_at > ReachCatalogue.FRESH_FOR:
        enqueue(TaskName.CAPTIONS, True)


def _rows(orders: QuerySet[CaptionOrder]) -> list[OrderRow]:
    found = list(orders.select_related("session__event", "rule", "ordered_by", "replaced_by"))
    links = plan.links_of({order.session_uuid for order in found})
    return [_row(order, links) for order in found]


def _row(order: CaptionOrder, links: plan.Links) -> OrderRow:
    wishes = [(what, str(OrderWish(what).label)) for what in asking.allowed_wishes(order)]
    icon = _ICONS.get(OrderState(order.state), "…")
    return OrderRow(order, icon, wishes, _plan_words(order, links))


def _plan_words(order: CaptionOrder, links: plan.Links) -> str:
    """What becomes of an order whose session is not as it was when this was ordered."""
    if order.is_over:
        if order.plan_change and hasattr(order, "replaced_by"):
            return _("Another order took its place.")
        if plan.is_to_be_ordered_again(order):
            return _(
                "It is ordered again once the broadcast is at Kaltura and the REACH catalogue can "
                "be read."
            )
        return ""
    change = plan.change_of(order, links)
    if change is None:
        return ""
    said = {"change": PlanChange(change).label}
    if not plan.can_be_given_up(order):
        return (
            _(
                "%(change)s, but the vendor is at work: this can no longer be aborted and is "
                "charged, for what was planned before. Order again if you want more."
            )
            % said
        )
    if change in plan.AGAIN:
        return _("%(change)s, so this is aborted and then ordered again.") % said
    return _("%(change)s, so this is aborted.") % said


def _offers(need: CaptionNeed, known: Catalogue) -> list[OfferRow]:
    """What the catalogue has for it: the session's own languages first, then by name."""
    own = [kaltura_name(code) for code in need.session.languages]
    items = sorted(
        known.of(need.feature),
        key=lambda item: (item.language not in own, item.language, item.name, item.id),
    )
    return [_offer(need, item, known) for item in items]


def _offer(need: CaptionNeed, item: OrderableItem, known: Catalogue) -> OfferRow:
    offer = quote(known, item, need.seconds, timezone.now(), starts_at=need.starts_at)
    by = (
        CaptionService(item.service_type).label
        if item.service_type in CaptionService.values
        else ""
    )
    return OfferRow(need, offer, str(by), _ready_within(item))


def _ready_within(item: OrderableItem) -> str:
    if item.turnaround_s is None:
        return _("no time promised")
    if item.turnaround_s == 0:
        return _("at once")
    hours = -(-item.turnaround_s // 3600)
    if hours % 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = timedelta(hours=hours).days
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def _chosen(
    request: HttpRequest, known: Catalogue, needs: Sequence[CaptionNeed]
) -> OfferRow | None:
    """What a form asks for, as it stands now; None when there is no such thing."""
    number = request.POST.get("item", "")
    item = (
        known.item(int(number))
        if number.isascii() and number.isdigit() and len(number) < 19
        else None
    )
    wanted = (request.POST.get("entry", ""), item.feature if item else "")
    need = next((each for each in needs if (each.entry_id, each.feature) == wanted), None)
    return _offer(need, item, known) if need and item else None


def _price_text(price: Decimal | None) -> str:
    return "" if price is None else str(price)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
