"""What Kaltura refuses about one thing: nothing else stops, and nothing is paid for twice."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, new
from kaltura_bridge.captions import service
from kaltura_bridge.doctor.base import DoctorRun
from kaltura_bridge.doctor.captions import check_profile
from kaltura_bridge.models import (
    Account,
    CaptionOrder,
    CaptionTrack,
    OrderState,
    ReachCatalogue,
    Transcript,
)
from kaltura_bridge.sync import pause
from kaltura_simulator.constants import REACH_HUMAN_CAPTIONS, REACH_PROFILE
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.captioning import (
    OTHER_VIDEO,
    VIDEO,
    look_again,
    recorded,
    rule_of,
    tasks_at,
)
from tests.kaltura_bridge.support.joining import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def no_lag(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0


def captions_by_hand(entry_id: str = VIDEO, language: str = "English") -> str:
    asset = new("KalturaCaptionAsset", language=language, format="1", label="By hand")
    made = at_kaltura(lambda c: c.caption.captionAsset.add(entry_id, asset))
    text = new("KalturaStringResource", content="1\n00:00:01,000 --> 00:00:02,000\nHi\n")
    at_kaltura(lambda c: c.caption.captionAsset.setContent(made.id, text))
    return str(made.id)


@pytest.mark.parametrize("how", ["refused", "busy", "page lost"])
def test_list_that_is_no_whole_list_deletes_and_orders_nothing(simulator, how):
    rule_of(recorded().session)
    captions_by_hand()
    look_again()
    looked_at = Transcript.objects.get().looked_at
    if how == "page lost":
        simulator.lose_page("captionAsset.list")
    else:
        code = {"refused": "SERVICE_FORBIDDEN", "busy": "INTERNAL_SERVERL_ERROR"}[how]
        simulator.answer_with("captionAsset.list", code, SERVICE="caption", ACTION="list")
    Transcript.objects.update(look_at=timezone.now())

    look_again()

    row = Transcript.objects.get()
    assert row.error and row.looked_at == looked_at
    assert row.look_at > timezone.now()
    assert CaptionTrack.objects.get().label == "By hand"
    assert not CaptionOrder.objects.exists() and not tasks_at(simulator)
    Transcript.objects.update(look_at=timezone.now())
    look_again()
    assert Transcript.objects.get().error == ""


def test_captions_deleted_at_kaltura_are_deleted_here(simulator):
    recorded()
    made = captions_by_hand()
    look_again()
    at_kaltura(lambda c: c.caption.captionAsset.delete(made))
    Transcript.objects.update(look_at=timezone.now())

    look_again()

    assert not CaptionTrack.objects.exists()
    assert Transcript.objects.get().error == ""


def test_unreadable_file_waits_at_its_recording_alone(simulator):
    recorded()
    two = recorded(OTHER_VIDEO)
    captions_by_hand()
    rule_of(two.session)
    simulator.fault("captionAsset.serve", "status_5xx", status=500, times=None)

    look_again()

    assert [order.session for order in CaptionOrder.objects.all()] == [two.session]
    assert len(tasks_at(simulator)) == 1
    assert (Account.objects.get().failures, pause.is_paused()) == (0, False)
    row = Transcript.objects.get(entry_id=VIDEO)
    assert row.error == "The file “By hand” cannot be read (HTTP 500); it is tried again."
    assert row.look_at > timezone.now()
    simulator.clear_faults()
    Transcript.objects.update(look_at=timezone.now())
    look_again()
    assert CaptionTrack.objects.get().words.strip() == "hi"
    assert not Transcript.objects.exclude(error="").exists()


def test_file_that_no_longer_opens_keeps_what_was_read(simulator):
    rule_of(recorded().session)
    made = captions_by_hand()
    look_again()
    text = new("KalturaStringResource", content="1\n00:00:01,000 --> 00:00:02,000\nNew\n")
    at_kaltura(lambda c: c.caption.captionAsset.setContent(made, text))
    CaptionTrack.objects.update(version="older")
    simulator.fault("captionAsset.serve", "status_5xx", status=500, times=None)
    Transcript.objects.update(look_at=timezone.now())

    look_again()

    assert CaptionTrack.objects.get().words.strip() == "hi"
    assert not tasks_at(simulator)


@pytest.mark.parametrize("action", ["entryVendorTask.list", "reachProfile.list"])
def test_refused_stage_pauses_nobody(simulator, action):
    rule_of(recorded().session)
    simulator.answer_with(action, "SERVICE_FORBIDDEN", times=None, SERVICE="r", ACTION="l")

    look_again()

    assert (Account.objects.get().failures, pause.is_paused()) == (0, False)
    order = CaptionOrder.objects.get()
    assert "SERVICE_FORBIDDEN" in order.reason and not tasks_at(simulator)
    simulator.clear_faults()
    service.catalogue.expire()
    look_again()
    look_again()
    assert CaptionOrder.objects.get().state == OrderState.PENDING


def test_emptied_catalogue_is_believed_after_a_day(simulator):
    before = service.catalogue.refresh(Kaltura())
    at_kaltura(lambda c: c.reach.reachProfile.updateStatus(REACH_PROFILE, 1))

    doubted = service.catalogue.refresh(Kaltura())

    assert (doubted.profiles, doubted.items, doubted.read_at, doubted.error) == (
        before.profiles,
        before.items,
        before.read_at,
        service.catalogue.EMPTY,
    )
    since = ReachCatalogue.objects.get().empty_since
    ReachCatalogue.objects.update(empty_since=since - service.catalogue.EMPTY_FOR)
    believed = service.catalogue.refresh(Kaltura())
    assert (believed.profiles, believed.items, believed.error) == ((), before.items, "")
    assert ReachCatalogue.objects.get().empty_since is None


def test_pages_say_why_the_catalogue_is_old_and_how_old(simulator):
    session = recorded().session
    service.catalogue.refresh(Kaltura())
    ReachCatalogue.objects.update(read_at=timezone.now() - timedelta(hours=5))
    simulator.answer_with("reachProfile.list", "FEATURE_FORBIDDEN", times=None, FEATURE="reach")

    service.catalogue.refresh(Kaltura())
    rule_of(session)
    line = check_profile(DoctorRun())

    client = signed_in(TeamMemberFactory(event=session.event).user)
    at = "/admin/kaltura_bridge/captionorder"
    chosen = {"entry": VIDEO, "item": str(REACH_HUMAN_CAPTIONS)}
    pages = [
        client.get(f"{at}/of/{session.event.pk}/"),
        client.get(f"{at}/session/{session.pk}/"),
        client.post(f"{at}/session/{session.pk}/", chosen),
    ]
    error = service.catalogue.remembered().error
    for page in pages:
        text = unescape(page.content.decode()).replace("\xa0", " ")
        assert f"{error} What is shown was read 5 hours ago." in text
    assert (line.verdict, line.seen.replace("\xa0", " ")) == (
        "failed",
        f"{error} The portal goes by what it read 5 hours ago.",
    )


def test_no_answer_pauses_everything(simulator):
    rule_of(recorded().session)
    simulator.refuse("reachProfile.list", times=1)

    look_again()

    assert pause.is_paused() and not tasks_at(simulator)
