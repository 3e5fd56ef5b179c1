"""The captions pages of the admin: price before the order, one order for each yes, rules, wishes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from events.copying import clone_event
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.captions import catalogue, service
from kaltura_bridge.models import CaptionOrder, CaptionRule, CaptionTrack, OrderState
from kaltura_simulator import constants
from tests.events.pages import form_values
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.captioning import (
    VIDEO,
    CaptionVendor,
    look_again,
    recorded,
    rule_of,
    show_in_player,
    tasks_at,
)
from tests.kaltura_bridge.support.joining import signed_in

pytestmark = pytest.mark.django_db
ADMIN = "/admin/kaltura_bridge/captionorder"


@pytest.fixture
def recording(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0
    catalogue.refresh(Kaltura())
    return recorded()


@pytest.fixture
def manager(recording):
    return signed_in(TeamMemberFactory(event=recording.session.event).user)


def test_price_and_credit_are_said_before_the_one_order(simulator, recording, manager):
    url = f"{ADMIN}/session/{recording.session.pk}/"
    chosen = {"entry": VIDEO, "item": str(constants.REACH_HUMAN_CAPTIONS)}

    offers = manager.get(url).content.decode()
    page = manager.post(url, chosen).content.decode()
    form = form_values(page) | chosen | {"confirmed": "1"}
    cheaper = manager.post(url, form | {"price": "0.5"}).content.decode()
    asked = CaptionOrder.objects.count()
    for _ in range(2):
        manager.post(url, form)
    service.look_after_captions()
    listed = manager.get(f"{ADMIN}/of/{recording.session.event.pk}/").content.decode()

    assert all(words in offers for words in ("English captions by people", "5.00", "2 days"))
    assert ("5.00" in page, "unlimited" in page, form["price"]) == (True, True, "5.0000")
    assert ("The price has changed meanwhile" in cheaper, asked) == (True, 0)
    order = CaptionOrder.objects.get()
    assert (order.state, order.price) == (OrderState.PENDING, Decimal(5))
    assert len(tasks_at(simulator)) == 1
    assert "Waits for the vendor" in listed and "together cost 5.00" in listed
    assert LogEntry.objects.get().change_message.startswith("Captions: Ordered English captions")


def test_wishes_are_written_down_and_carried_out(simulator, recording, manager):
    rule_of(recording.session)
    look_again()
    order = CaptionOrder.objects.get()
    url = f"{ADMIN}/{order.pk}/wish/"

    stale = manager.post(url, {"do": "approve"}, follow=True).content.decode()
    manager.post(url, {"do": "abort", "reason": "Not\nneeded"})
    wished = CaptionOrder.objects.get()
    twice = manager.post(url, {"do": "abort"}, follow=True).content.decode()
    look_again()

    assert "The order has moved on meanwhile" in stale and "has moved on" in twice
    assert (wished.wish, wished.wish_reason) == ("abort", "Not needed")
    assert CaptionOrder.objects.get().state == OrderState.ABORTED
    (task,) = tasks_at(simulator)
    assert (task["status"], task["errDescription"]) == (7, "Not needed")


def test_rules_are_made_changed_copied_and_deleted(recording, manager):
    event = recording.session.event
    add = f"{ADMIN}/of/{event.pk}/rule/"
    wanted = form_values(manager.get(add).content.decode())
    refused = manager.post(add, wanted | {"name": "", "budget": "-1"})
    manager.post(add, wanted | {"name": "All", "language": "English", "within_hours": "24"})
    rule = CaptionRule.objects.get()
    own = f"{ADMIN}/rule/{rule.pk}/"
    changed = form_values(manager.get(own).content.decode())
    manager.post(own, changed | {"feature": "live", "is_active": ""})
    copy = clone_event(event, title="Next year", starts_on=event.starts_on)
    manager.post(own, {"delete": "1"})

    assert (refused.status_code, "This field is required" in refused.content.decode()) == (
        200,
        True,
    )
    assert (rule.is_active, rule.language, rule.within_hours) == (True, "English", 24)
    (copied,) = CaptionRule.objects.all()
    assert (copied.event, copied.name, copied.feature, copied.within_hours, copied.is_active) == (
        copy,
        "All",
        "live",
        None,
        False,
    )


def test_deleted_rule_orders_nothing_any_more(simulator, recording, manager):
    rule = rule_of(recording.session, budget=Decimal(0))
    look_again()
    held = CaptionOrder.objects.get()

    manager.post(f"{ADMIN}/rule/{rule.pk}/", {"delete": "1"})
    look_again()

    assert (held.state, held.item_name) == (OrderState.HELD, "English captions")
    assert [order.state for order in CaptionOrder.objects.all()] == [OrderState.WITHDRAWN]
    assert tasks_at(simulator) == []


def test_it_is_said_before_an_order_that_captions_arrive_hidden(simulator, recording, manager):
    url = f"{ADMIN}/session/{recording.session.pk}/"
    chosen = {"entry": VIDEO, "item": str(constants.REACH_MACHINE_CAPTIONS)}
    ordered = []
    for checked in (True, False):
        page = manager.post(url, chosen).content.decode()
        form = form_values(page) | chosen | {"confirmed": "1"}
        if not checked:
            del form["shows_at_once"]
        manager.post(url, form)
        ordered.append(CaptionOrder.objects.first().shows_at_once)
    hidden = (manager.get(url).content.decode().count("arrives hidden"), "arrive hidden" in page)
    show_in_player()
    catalogue.refresh(Kaltura())
    manager.post(url, form_values(manager.post(url, chosen).content.decode()) | chosen)
    page = manager.post(url, chosen).content.decode()

    assert (ordered, hidden) == ([True, False], (2, True))
    assert "arrive hidden" not in page
    assert manager.get(url).content.decode().count("arrives hidden") == 1  # by people


def test_rule_that_changes_its_mind_shows_what_is_not_delivered_yet(recording, manager):
    rule = rule_of(recording.session, shows_at_once=False)
    look_again()
    before = CaptionOrder.objects.get().shows_at_once
    own = f"{ADMIN}/rule/{rule.pk}/"
    form = form_values(manager.get(own).content.decode())

    manager.post(own, form | {"shows_at_once": "on"})

    assert (before, CaptionOrder.objects.get().shows_at_once) == (False, True)


def test_hidden_captions_are_read_by_the_team_shown_and_hidden_again(simulator, recording, manager):
    rule_of(recording.session, shows_at_once=False)
    look_again()
    CaptionVendor(simulator).deliver()
    look_again()
    track = CaptionTrack.objects.get()
    own, door = f"{ADMIN}/track/{track.pk}/", f"{ADMIN}/track/{track.pk}/show/"

    def page() -> list[str]:
        text = manager.get(own).content.decode()
        words = ("hidden from viewers", "is being shown", "viewers see them", "Show to viewers")
        return [word for word in words if word in text]

    text = manager.get(own).content.decode()
    desk = manager.get(
        reverse("admin:kaltura_bridge_recordings", args=[recording.session.event.pk])
    )
    hidden = page()
    manager.post(door, {"do": "nothing"})
    unchanged = CaptionTrack.objects.get().wish
    manager.post(door, {"do": "show"})
    asked = page()
    service.look_after_captions()
    shown = page()
    manager.post(door, {"do": "hide"})
    service.look_after_captions()

    assert "Good morning &amp; welcome to Zürich." in text and "<script>alert" not in text
    assert (
        "English (hidden) "
        f'<a href="{ADMIN}/session/{recording.session.pk}/?recording={VIDEO}">Order captions…</a>'
    ) in desk.content.decode()
    assert (hidden, unchanged, asked) == (
        ["hidden from viewers", "Show to viewers"],
        "",
        ["is being shown"],
    )
    assert shown == ["viewers see them"]
    assert page() == hidden
    told = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(told) == [
        f"Captions: {verb} English ({track.asset_id})." for verb in ("Show", "Hide")
    ]
