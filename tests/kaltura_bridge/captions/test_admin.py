"""The captions pages of the admin: price before the order, one order for each yes, rules, wishes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry

from events.copying import clone_event
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.captions import catalogue, service
from kaltura_bridge.models import CaptionOrder, CaptionRule, OrderState
from kaltura_simulator import constants
from tests.events.pages import form_values
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.captioning import (
    VIDEO,
    look_again,
    recorded,
    rule_of,
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
    assert "Waits for the vendor" in listed and "Together they cost 5.00" in listed
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
