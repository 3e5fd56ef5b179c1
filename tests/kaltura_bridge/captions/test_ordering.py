"""Orders by rule and by hand: placed once, followed to their end, whatever happens between."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone
from KalturaClient import KalturaClient, KalturaConfiguration

from kaltura_bridge.api.client import Kaltura, new
from kaltura_bridge.captions import asking, catalogue, ordering, service
from kaltura_bridge.captions.ordering import LEASES, place_due
from kaltura_bridge.captions.pricing import quote
from kaltura_bridge.captions.rules import apply_rules
from kaltura_bridge.models import (
    Account,
    CaptionFeature,
    CaptionOrder,
    CaptionTrack,
    OrderState,
    Recording,
    RecordingStatus,
    Transcript,
)
from kaltura_bridge.queue import enqueue
from kaltura_bridge.recordings.showing import hide, publish
from kaltura_simulator import constants
from portal.celery import app
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.captioning import (
    VIDEO,
    CaptionVendor,
    look_again,
    recorded,
    rule_of,
    show_in_player,
    tasks_at,
)
from tests.kaltura_bridge.support.recorded import look

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def recording(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0
    return recorded()


@pytest.fixture
def vendor(simulator):
    return CaptionVendor(simulator)


def the_order() -> CaptionOrder:
    return CaptionOrder.objects.get()


def test_recording_is_captioned_by_a_rule_once_and_read_back(simulator, recording, vendor):
    show_in_player()
    rule = rule_of(recording.session)

    service.look_after_captions()
    look_again()
    ordered = the_order()
    vendor.deliver()
    look_again()

    (task,) = tasks_at(simulator)
    assert (task["entryId"], task["catalogItemId"]) == (VIDEO, constants.REACH_MACHINE_CAPTIONS)
    assert json.loads(task["partnerData"]) == {"portal": str(ordered.key)}
    assert (ordered.rule, ordered.state, ordered.language) == (rule, OrderState.PENDING, "English")
    assert the_order().state == OrderState.READY
    track = CaptionTrack.objects.get()
    assert track.is_shown and track.cues == [
        [1000, 4000, "Ada", "Good morning & welcome to Zürich."],
        [5000, 8000, "", "We speak of photosynthesis today."],
        [65000, 68000, "Ben", "Photosynthesis alert(1) again."],
    ]
    assert "zurich" in track.words
    # The credit is read once more; then there is nothing left to do, at no call.
    service.look_after_captions()
    calls = simulator.calls()
    service.look_after_captions()
    assert simulator.calls() == calls


def test_recording_with_captions_is_not_captioned_again(simulator, recording):
    asset = new("KalturaCaptionAsset", language="English (British)", format="1", label="By hand")
    made = at_kaltura(lambda c: c.caption.captionAsset.add(VIDEO, asset))
    text = new("KalturaStringResource", content="1\n00:00:01,000 --> 00:00:02,000\nHi\n")
    at_kaltura(lambda c: c.caption.captionAsset.setContent(made.id, text))
    rule_of(recording.session)

    look_again()
    look_again()

    assert not CaptionOrder.objects.exists()
    assert [track.label for track in CaptionTrack.objects.all()] == ["By hand"]


@pytest.mark.parametrize("by", ["another rule", "a person"])
def test_what_is_on_order_already_is_not_paid_twice(simulator, recording, by):
    # In the cheapest rule's way stands its own held order, too.
    cheapest = rule_of(recording.session, name="All, cheapest", budget=Decimal(0))
    look_again()
    held = the_order().state
    if by == "another rule":
        rule_of(recording.session, name="By people", service_type=1, within_hours=None)
    else:
        known = catalogue.remembered()
        item = known.item(constants.REACH_HUMAN_CAPTIONS)
        ((need, _name),) = asking.needs_of_session(recording.session, timezone.now())
        offer = quote(known, item, need.seconds, timezone.now(), starts_at=None)
        member = TeamMemberFactory(event=recording.session.event)
        asking.order(member.user, need, offer, uuid.uuid4())
    look_again()
    cheapest.budget = None
    cheapest.save()

    look_again()
    look_again()

    assert held == OrderState.HELD
    assert [task["catalogItemId"] for task in tasks_at(simulator)] == [
        constants.REACH_HUMAN_CAPTIONS
    ]
    assert (the_order().state, the_order().rule == cheapest) == (OrderState.PENDING, False)
    # The vendor failed, and nothing was paid: now the other rule has its turn.
    CaptionOrder.objects.update(state=OrderState.ERROR)
    look_again()
    assert [task["catalogItemId"] for task in tasks_at(simulator)] == [
        constants.REACH_HUMAN_CAPTIONS,
        constants.REACH_MACHINE_CAPTIONS,
    ]


@pytest.mark.parametrize("moment", ["before the add", "after the add"])
def test_killed_worker_loses_and_doubles_nothing(simulator, recording, monkeypatch, moment):
    rule_of(recording.session)
    whole = ordering._adopt
    add = Kaltura.ask_once

    class Killed(BaseException):
        pass

    def die(*_args):
        raise Killed

    if moment == "before the add":
        monkeypatch.setattr(
            Kaltura,
            "ask_once",
            lambda self, calls: die() if calls[0].write else add(self, calls),
        )
    else:
        monkeypatch.setattr(ordering, "_adopt", die)
    with pytest.raises(Killed):
        service.look_after_captions()
    assert the_order().adding_since and the_order().task_id is None
    monkeypatch.setattr(ordering, "_adopt", whole)
    monkeypatch.setattr(Kaltura, "ask_once", add)
    CaptionOrder.objects.update(lease_until=timezone.now())  # It ran out.

    look_again()

    (task,) = tasks_at(simulator)
    assert (the_order().task_id, the_order().state) == (task["id"], OrderState.PENDING)
    assert the_order().adding_since is None


def test_lost_reply_is_looked_up_when_lists_must_show_it(simulator, recording, settings):
    settings.KALTURA_INDEX_DELAY_S = 60
    rule_of(recording.session)
    simulator.lose_reply("entryVendorTask.add")

    service.look_after_captions()
    look_again()
    waiting = the_order()
    CaptionOrder.objects.update(adding_since=F("adding_since") - timezone.timedelta(seconds=61))
    Account.objects.update(paused_until=None)
    look_again()

    assert (waiting.state, waiting.task_id) == (OrderState.WAITING, None)
    (task,) = tasks_at(simulator)
    assert (the_order().task_id, the_order().state) == (task["id"], OrderState.PENDING)


def test_what_was_ordered_by_hand_at_kaltura_is_followed(simulator, recording):
    task = new(
        "KalturaEntryVendorTask",
        entryId=VIDEO,
        catalogItemId=constants.REACH_MACHINE_CAPTIONS,
        reachProfileId=constants.REACH_PROFILE,
    )
    there = at_kaltura(lambda c: c.reach.entryVendorTask.add(task))
    rule_of(recording.session)

    service.look_after_captions()

    assert (the_order().task_id, the_order().state) == (there.id, OrderState.PENDING)
    assert len(tasks_at(simulator)) == 1


def test_refusals_become_sentences_and_held_orders_are_tried_again(simulator, recording):
    rule_of(recording.session, language="Greek")
    dear = rule_of(recording.session, name="Cheap", budget=Decimal("0.5"))
    service.look_after_captions()
    held = {order.rule.name: order.reason for order in CaptionOrder.objects.all()}
    dear.budget = None
    dear.save()

    look_again()

    assert held == {
        "Every recording": "The catalogue has nothing that fits the rule in Greek.",
        "Cheap": "It would exceed the budget of the rule (0.50).",
    }
    assert CaptionOrder.objects.get(rule=dear).state == OrderState.PENDING
    simulator.answer_with("entryVendorTask.add", "CREDIT_EXPIRED", ENTRY_ID="", CATALOG_ITEM_ID="")
    CaptionOrder.objects.filter(rule=dear).update(
        task_id=None, state=OrderState.WAITING, key=uuid.uuid4()
    )
    look_again()
    refused = CaptionOrder.objects.get(rule=dear)
    assert (refused.state, refused.reason) == (
        OrderState.REFUSED,
        "The account's REACH credit has run out in time. Ask for more credit. (CREDIT_EXPIRED)",
    )
    assert refused.cost == 0


def test_vendor_fails_and_the_credit_comes_back(simulator, recording, vendor):
    rule_of(recording.session)
    look_again()
    (job,) = vendor.jobs()
    used = catalogue.refresh(Kaltura()).profiles[0].used
    vendor.report(job.id, 3)
    look_again()
    at_work = the_order().state
    vendor.report(job.id, 6, errDescription="Too noisy")

    look_again()

    assert (float(used) > 0, at_work) == (True, OrderState.PROCESSING)
    assert (the_order().state, the_order().reason) == (OrderState.ERROR, "Too noisy")
    assert (the_order().cost, float(catalogue.refresh(Kaltura()).profiles[0].used)) == (0, 0.0)


def test_order_of_a_person_is_approved_aborted_or_refused_its_wish(simulator, recording, vendor):
    person = TeamMemberFactory(event=recording.session.event).user
    ordered = order_by(person, recording)
    again = order_by(person, recording, key=ordered.key)
    look_again()
    (job,) = vendor.jobs()
    vendor.report(job.id, 3)

    late = asking.wish(person, the_order(), "abort", "too dear")
    look_again()

    assert (again, late, the_order().reason) == (
        None,
        True,
        "The vendor is at work: it can no longer be aborted. (CANNOT_ABORT_NOT_MODERATED_TASK)",
    )
    vendor.report(job.id, 6)
    look_again()
    second = order_by(person, recording)
    look_again()
    second.refresh_from_db()
    simulator.lose_reply("entryVendorTask.abort")
    assert asking.wish(person, second, "abort", "not needed")
    look_again()
    Account.objects.update(paused_until=None)
    look_again()
    second.refresh_from_db()
    assert (second.state, second.wish) == (OrderState.ABORTED, "")
    assert not asking.wish(person, second, "abort")
    # One that was never sent is withdrawn here, without a word to Kaltura.
    third = order_by(person, recording)
    calls = simulator.calls()
    assert asking.wish(person, third, "abort")
    third.refresh_from_db()
    assert (third.state, simulator.calls()) == (OrderState.WITHDRAWN, calls)


class Editor:
    """Somebody who orders in Kaltura's own pages, where what machines do waits for approval."""

    def __init__(self, simulator, settings) -> None:
        changed = new("KalturaReachProfile", enableMachineModeration=True)
        at_kaltura(lambda c: c.reach.reachProfile.update(constants.REACH_PROFILE, changed))
        self.client = KalturaClient(KalturaConfiguration(simulator.url))
        secret, partner = settings.KALTURA_ADMIN_SECRET, simulator.partner_id
        made = self.client.generateSessionV2(secret, "editor", 0, partner, 3600, "")
        self.client.setKs(made.decode())
        self.client.setPartnerId(partner)

    def order(self) -> int:
        task = new(
            "KalturaEntryVendorTask",
            entryId=VIDEO,
            catalogItemId=constants.REACH_MACHINE_CAPTIONS,
            reachProfileId=constants.REACH_PROFILE,
        )
        return int(self.client.reach.entryVendorTask.add(task).id)


def test_order_that_waits_for_approval_is_approved_or_rejected(
    simulator, recording, vendor, settings
):
    editor = Editor(simulator, settings)
    person = TeamMemberFactory(event=recording.session.event).user

    def moderated(wish: str, reason: str = "") -> CaptionOrder:
        there = editor.order()
        ordered = order_by(person, recording)  # Kaltura has it already: that one is followed.
        look_again()
        ordered.refresh_from_db()
        assert (ordered.task_id, ordered.state) == (there, OrderState.MODERATION)
        assert vendor.jobs() == []
        assert asking.wish(person, ordered, wish, reason)
        look_again()
        ordered.refresh_from_db()
        return ordered

    rejected = moderated("reject", "Not this one")
    approved = moderated("approve")

    assert (rejected.state, rejected.wish, rejected.reason) == (
        OrderState.REJECTED,
        "",
        "Not this one",
    )
    assert (approved.state, approved.wish) == (OrderState.PENDING, "")
    assert [job.id for job in vendor.jobs()] == [approved.task_id]
    told = {
        task["id"]: (task["status"], bool(task["moderatingUser"])) for task in tasks_at(simulator)
    }
    assert told == {rejected.task_id: (5, True), approved.task_id: (1, True)}
    vendor.deliver()
    look_again()
    approved.refresh_from_db()
    assert approved.state == OrderState.READY


@pytest.fixture
def workers(settings, django_capture_on_commit_callbacks):
    """Who is woken after a commit works at once."""
    app.loader.import_default_modules()
    app.conf.task_always_eager = True
    yield partial(django_capture_on_commit_callbacks, execute=True)
    app.conf.task_always_eager = False


def test_rules_order_as_soon_as_a_recording_is_published(simulator, recording, workers):
    rule = rule_of(recording.session)
    hide(recording)
    recording.refresh_from_db()

    with workers():
        assert publish(recording)

    assert (the_order().rule, the_order().state) == (rule, OrderState.PENDING)
    (task,) = tasks_at(simulator)
    assert task["entryId"] == VIDEO


def test_rules_order_as_soon_as_a_look_finds_a_recording_ready(simulator, recording, workers):
    rule = rule_of(recording.session)
    Recording.objects.update(state=RecordingStatus.PROCESSING, is_main=False)

    with workers():
        look(recording.session)
    with workers() as twice:
        look(recording.session)

    assert (the_order().rule, the_order().state) == (rule, OrderState.PENDING)
    assert (len(tasks_at(simulator)), twice) == (1, [])


def test_nobody_is_woken_for_events_without_rules(simulator, recording, workers):
    rule_of(recording.session, is_active=False)

    with workers() as woken:
        hide(recording)

    # The sync learns of it, for Kaltura's gallery; nobody orders captions.
    assert [each.args for each in woken if each.func is enqueue] == []


def test_signed_message_about_a_task_is_followed_at_once(
    simulator, recording, vendor, workers, settings
):
    settings.KALTURA_WEBHOOK_SECRET = "a-secret-of-the-account"
    rule_of(recording.session)
    look_again()
    ordered = the_order()
    vendor.report(ordered.task_id, 3)
    # The worker would not look again for hours.
    CaptionOrder.objects.update(look_at=timezone.now() + timedelta(hours=3))
    thing = {"objectType": "KalturaEntryVendorTask", "id": ordered.task_id, "status": 3}
    body = json.dumps({"object": thing, "eventType": 2}).encode()

    def told(secret: str) -> int:
        digest = hashlib.sha256(secret.encode() + body).hexdigest()
        headers = {"X-Kaltura-Signature": digest, "X-Kaltura-Hash-Algo": "sha256"}
        answer = Client().post(
            "/webhooks/kaltura/", body, content_type="application/json", headers=headers
        )
        return answer.status_code

    with workers():
        assert told("another") == 403
    assert the_order().state == OrderState.PENDING
    with workers():
        assert told(settings.KALTURA_WEBHOOK_SECRET) == 200
    assert the_order().state == OrderState.PROCESSING
    with workers() as twice:
        assert told(settings.KALTURA_WEBHOOK_SECRET) == 200
    assert twice == []


def order_by(person, recording, **more) -> CaptionOrder | None:
    known = catalogue.refresh(Kaltura())
    item = known.item(constants.REACH_MACHINE_CAPTIONS)
    (need, _name), *_rest = asking.needs_of_session(recording.session, timezone.now())
    offer = quote(known, item, need.seconds, timezone.now())
    return asking.order(person, need, offer, more.get("key") or uuid.uuid4())


def test_two_workers_order_once(recording, simulator):
    rule_of(recording.session)
    service._expect_captions()
    Transcript.objects.update(looked_at=timezone.now())
    catalogue.refresh(Kaltura())
    made = [apply_rules(catalogue.remembered()) for _ in range(2)]
    waiting = CaptionOrder.objects.filter(state=OrderState.WAITING)
    mine, theirs = LEASES.take(waiting), LEASES.take(waiting)
    place_due(Kaltura())

    assert (made, mine.state, theirs) == ([1, 0], OrderState.WAITING, None)
    assert tasks_at(simulator) == []
    assert mine.feature == CaptionFeature.RECORDING
