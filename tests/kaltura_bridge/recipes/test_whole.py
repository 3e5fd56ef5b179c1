"""Each type of session, whole: what Kaltura holds of it, however it got there, and when it goes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from events import actions
from events.models import Session
from kaltura_bridge.api.client import Kaltura, Request
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.sync import service
from tests.kaltura_bridge.support.oracle import Store, differences, pictures
from tests.kaltura_bridge.support.picture_server import PICTURES
from tests.kaltura_bridge.support.planning import settle, states
from tests.kaltura_bridge.support.recipe_cases import (
    CASES,
    CHANGES,
    SIMULIVE_PROFILE,
    TWO,
    become,
    decide,
    decide_event,
    planned,
)
from tests.kaltura_bridge.support.whole import outcome

pytestmark = [pytest.mark.django_db(transaction=True)]

WHOLE = Path(__file__).resolve().parents[2] / "data" / "whole"
HOUR = timedelta(hours=1)
BROADCASTS = [name for name, case in CASES.items() if "thumbnail_url" in case.own]


@pytest.fixture(autouse=True)
def simulive_profile(settings):
    settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID = SIMULIVE_PROFILE


@pytest.fixture
def lagging(simulator, settings):
    """Kaltura's lists lag, and we know by how much at most."""
    settings.KALTURA_INDEX_DELAY_S = 0.2
    simulator.set_index_delay(0.15)


def errors():
    return sorted(SyncTarget.objects.exclude(error="").values_list("title", "error"))


def verdict(simulator, event):
    """What differs from the plan, what is told to people, and what a second look would write."""
    settle(event)
    found = differences(simulator, event), errors()
    return *found, service.sync_event(event, 20).writes, errors()


EXACT = ([], [], 0, [])


@pytest.mark.parametrize("name", CASES)
def test_session_with_every_option_is_held_whole(simulator, name, request):
    session = planned(name)
    path = WHOLE / f"{name.replace(' ', '_')}.json"

    told = verdict(simulator, session.event)
    held = outcome(simulator, session)

    if request.config.getoption("--rewrite"):
        path.write_text(json.dumps(held, indent=1) + "\n")
    assert held == json.loads(path.read_text())
    assert told == EXACT


@pytest.mark.parametrize("name", BROADCASTS)
def test_picture_is_fetched_once_and_again_for_another_address(simulator, name):
    session = planned(name)
    key = f"portal:{session.uuid}"
    seen = []

    for url in (PICTURES.url("one.png"), PICTURES.url("two.png"), ""):
        decide(session, thumbnail_url=url)
        settle(session.event)
        service.sync_event(session.event, 20)
        seen.append(pictures(simulator))

    assert seen == [{key: 1}, {key: 2}, {key: 2}]
    assert not RemoteLink.objects.filter(kind="thumbnail").exists()


@pytest.mark.parametrize("name", CASES)
@pytest.mark.proof
def test_each_option_can_change_and_reaches_kaltura(simulator, name):
    session = planned(name)
    settle(session.event)
    own = CASES[name].own
    steps = [(option, value) for option in own for value in CHANGES[option]]

    told = {}
    for option, value in steps:
        decide(session, **{option: value})
        told[option, str(value)] = verdict(simulator, session.event)
        decide(session, **{option: own[option]})
        settle(session.event)

    assert told == {(option, str(value)): EXACT for option, value in steps}


def others(first: str, most: int) -> list[str]:
    """The cases after this one, in a ring; with four of eight every pair is there."""
    ring = [*CASES, *CASES][list(CASES).index(first) + 1 :]
    return ring[:most]


@pytest.mark.parametrize(
    ("first", "others"),
    [
        *((name, others(name, 1)) for name in CASES),
        *(pytest.param(n, others(n, len(CASES) // 2), marks=pytest.mark.proof) for n in CASES),
    ],
)
def test_session_becomes_each_other_type_and_comes_back(simulator, lagging, first, others):
    session = planned(first)
    settle(session.event)

    told = {}
    for other in others:
        become(session, other)
        told[first, other] = verdict(simulator, session.event)
        become(session, first)
        told[other, first] = verdict(simulator, session.event)

    assert told == dict.fromkeys(told, EXACT)
    assert len(told) == 2 * len(others)


@pytest.mark.parametrize("name", CASES)
def test_event_may_change_what_it_decides_for_its_sessions(simulator, name):
    session = planned(name)
    settle(session.event)

    told = []
    for decided in ({"channel": True}, {"room_form": "legacy"}, {"channel": False}):
        decide_event(session.event, **decided)
        told.append(verdict(simulator, session.event))

    assert told == [EXACT] * 3


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(
    "by_minutes",
    [30, -300, *(pytest.param(each, marks=pytest.mark.proof) for each in (-30, 300))],
)
def test_session_moves_to_times_that_overlap_its_old_ones(simulator, lagging, name, by_minutes):
    """A simulive's replay stands in the way of its own main event, until it was moved too."""
    session = planned(name)
    settle(session.event)
    by = timedelta(minutes=by_minutes)

    actions.move_session(session, session.starts_at + by, session.ends_at + by)

    assert verdict(simulator, session.event) == EXACT


@pytest.mark.parametrize("name", CASES)
def test_names_of_all_that_is_said_reach_the_session(simulator, name):
    session = planned(name)
    settle(session.event)

    session.track.name = "Law"
    session.track.save()
    renamed = verdict(simulator, session.event)
    session.event.title, session.event.timezone = "Autumn", "America/New_York"
    session.event.save()

    assert (renamed, verdict(simulator, session.event)) == (EXACT, EXACT)


def test_place_of_a_session_reaches_kaltura(simulator):
    session = planned("legacy interactive")
    session.location = "Great Hall"
    session.save()
    settle(session.event)

    (event,) = simulator.objects("scheduleEvent")
    assert event["location"] == "Great Hall"


@pytest.mark.parametrize("name", CASES)
def test_cancelled_session_keeps_its_entry_alone_and_comes_back(simulator, lagging, name):
    session = planned(name)
    settle(session.event)

    actions.cancel_session(session)
    cancelled = verdict(simulator, session.event)
    kinds = {str(kind) for kind, key in Store(simulator).ours if str(session.uuid) in key}
    actions.publish_session(session)

    assert kinds.isdisjoint({"schedule_event", "category_entry", "schedule_event_resource"})
    assert (cancelled, verdict(simulator, session.event)) == (EXACT, EXACT)


@pytest.mark.parametrize("name", CASES)
def test_deleted_session_leaves_nothing_but_its_event(simulator, name):
    session = planned(name)
    event = session.event
    settle(event)

    session.delete()
    told = verdict(simulator, event)
    event.delete()
    service.settle(SyncTarget.objects.all(), 20)

    assert told == EXACT
    assert dict(Store(simulator).ours) == {}
    assert (SyncTarget.objects.count(), RemoteLink.objects.count()) == (0, 0)


def test_cancelled_and_published_at_once_waits_for_the_lists(simulator, settings):
    """What was deleted a moment ago still shows in lists; it is not taken for the new one."""
    settings.KALTURA_INDEX_DELAY_S = 1.0
    simulator.set_index_delay(0.9)
    session = planned("webcast")
    settle(session.event)
    actions.cancel_session(session)
    settle(session.event)

    actions.publish_session(session)
    settle(session.event, 0)
    waiting = states(session.event)["Keynote"]

    assert waiting == ("pending", "waiting")
    assert verdict(simulator, session.event) == EXACT


def test_what_a_lost_reply_hid_is_not_taken_for_another_type(simulator):
    """Its calendar event plays the video, which no update takes away."""
    session = planned("simulive")
    simulator.lose_reply("scheduleEvent.add")
    settle(session.event, 0)

    become(session, "webcast")

    assert verdict(simulator, session.event) == EXACT


# Simulive and the video it plays


def missing(source):
    session = planned("simulive")
    decide(session, source_entry_id=source, pre_clip_id="", post_clip_id="")
    return session


def test_video_that_is_not_there_is_told_by_name(simulator):
    session = missing("0_nosuch00")

    settle(session.event)

    assert states(session.event)["Keynote"] == ("failed", "no video")
    assert errors() == [
        (
            "Keynote",
            "There is no video 0_nosuch00 that you may choose. Choose another one under Delivery.",
        )
    ]
    decide(session, source_entry_id=TWO)
    assert verdict(simulator, session.event) == EXACT


def new_video(simulator):
    """A clip without content: Kaltura has nothing to play yet."""
    from kaltura_bridge.api.client import new

    entry = new("KalturaMediaEntry", name="Later", mediaType=1)
    return Kaltura().ask([Request(lambda c: c.media.add(entry))])[0].id


def test_video_that_is_not_ready_is_waited_for(simulator):
    """Kaltura would take it without a word, and play nothing."""
    source = new_video(simulator)
    session = missing(source)

    settle(session.event, 0)
    waiting = states(session.event)["Keynote"]
    simulator.set_features(draftEntries=True)
    ready = new_video(simulator)
    decide(session, source_entry_id=ready)

    assert waiting == ("pending", "video not ready")
    assert verdict(simulator, session.event) == EXACT


def test_video_deleted_later_holds_up_only_what_plays_it(simulator):
    session = planned("simulive")
    settle(session.event)
    Kaltura().ask([Request(lambda c: c.baseEntry.delete(TWO))])

    service.sync_event(session.event, 5)
    told = states(session.event)
    actions.cancel_session(Session.objects.get(pk=session.pk))

    assert told == {
        "Spring": ("synced", ""),
        "Ethics": ("synced", ""),
        "Keynote": ("failed", "no video"),
    }
    assert verdict(simulator, session.event) == EXACT
