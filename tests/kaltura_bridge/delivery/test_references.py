"""What a team may point to at Kaltura: what is nobody's, and its own; all else is not there."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from events.models import Event, EventStatus, Session, SessionType
from kaltura_bridge.api.client import new
from kaltura_bridge.delivery.room_tags import ROOM_TAGS, TagKind
from kaltura_bridge.models import EventDelivery, RemoteLink, SessionDelivery, SyncTarget
from kaltura_bridge.models.delivery import validate_entry_id
from kaltura_bridge.repair import actions
from kaltura_bridge.sync import service
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    SimuliveFactory,
    TeamMemberFactory,
    TrackFactory,
    WebcastFactory,
)
from tests.kaltura_bridge.admin.test_delivery import as_sent, page_of
from tests.kaltura_bridge.support.at_kaltura import at_kaltura, held_there, link_of
from tests.kaltura_bridge.support.planning import settle, states
from tests.kaltura_bridge.support.recipe_cases import decide

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

VIDEO, OTHER_VIDEO, DOCUMENT, ROOM = "0_videoone", "0_videotwo", "0_videoone", "0_tmplroom"
NOTHING: dict[str, Any] = {"room_tags": {}, "room_template_id": "", "slides_entry_id": ""}
NOT_THERE = {"entry": "0_zzzzzzzz", "category": "999999999"}
# Each setting, the type of session that sends it, and where it stands.
SETTINGS = {
    "source_entry_id": (SessionType.SIMULIVE, "entry"),
    "pre_clip_id": (SessionType.SIMULIVE, "entry"),
    "post_clip_id": (SessionType.SIMULIVE, "entry"),
    "slides_entry_id": (SessionType.WEBCAST, "entry"),
    "room_template_id": (SessionType.INTERACTIVE, "entry"),
    "recording_entry_id": (SessionType.WEBINAR, "entry"),
    "custom_live_entry": (SessionType.INTERACTIVE, "entry"),
    "custom_cat_id": (SessionType.WEBINAR, "category"),
}
# Where each is sent: with the session, with its time in the room of its track, with that room.
PLACES = [
    *((name, "session") for name in SETTINGS),
    *(
        (name, place)
        for name in SETTINGS
        if name.startswith("custom_")
        for place in ("time", "track")
    ),
]
FOREIGN = ("not there", "theirs", "of a draft", "of nothing here")
REFUSED = [
    *((name, "session", whose) for name in SETTINGS for whose in FOREIGN),
    *((name, place, "theirs") for name, place in PLACES if place != "session"),
]
WORDS = {
    "slides_entry_id": "document",
    "room_template_id": "template room",
    "recording_entry_id": "entry for the recording",
    "custom_live_entry": "live entry",
    "custom_cat_id": "category",
}


@pytest.fixture
def event(simulator: Any) -> Event:
    return EventFactory(title="Mine")


def set_up(event: Event, name: str, value: str, place: str = "session") -> Session:
    """What is called “Pointing” points to this by that setting, and lacks nothing else."""
    session_type, _ = SETTINGS[name]
    titles = ("Talk", "Pointing") if place == "track" else ("Pointing", "Ethics")
    track = None if place == "session" else TrackFactory(event=event, name=titles[1])
    session = WebcastFactory(event=event, title=titles[0], track=track, session_type=session_type)
    own: dict[str, Any] = {name: value}
    if session_type == SessionType.SIMULIVE:
        own = {"source_entry_id": VIDEO, **own}
    if name.startswith("custom_"):
        own = {"room_tags": own}
    older: dict[str, Any] = {"room_form": "legacy", "room_sharing": "track" if track else "session"}
    if place == "track":
        EventDelivery.objects.create(event=event, **older, **own)
        return session
    if name.startswith(("custom_", "recording_")):
        EventDelivery.objects.create(event=event, **older)
    SessionDelivery.objects.create(session=session, **own)
    return session


def theirs(status: str = EventStatus.PUBLISHED) -> Event:
    """Another team's event with a webcast and a room, all of it at Kaltura."""
    other = EventFactory(title="Board", is_public=False)
    WebcastFactory(event=other, title="Losses")
    InteractiveFactory(event=other, title="Salaries")
    settle(other)
    if status != EventStatus.PUBLISHED:
        other.status = status
        other.save()
        settle(other)
    return other


def entry_of_nobody(**fields: Any) -> str:
    made = new("KalturaLiveStreamEntry", name="Made by hand", mediaType=201, **fields)
    return str(at_kaltura(lambda c: c.liveStream.add(made, 32)).id)


def error_of(event: Event) -> tuple[str, str]:
    return SyncTarget.objects.values_list("state", "error").get(
        event_uuid=event.uuid, title="Pointing"
    )


def test_every_setting_that_points_somewhere_is_tried_here():
    fields = {
        field.name
        for field in SessionDelivery._meta.concrete_fields
        if validate_entry_id in field.validators
    }
    tags = {tag.name for tag in ROOM_TAGS.values() if tag.kind is TagKind.ENTRY}

    assert SETTINGS.keys() == fields | tags | {"custom_cat_id"}


@pytest.mark.parametrize(("name", "place", "whose"), REFUSED)
def test_what_is_not_the_teams_is_refused_as_what_is_not_there(
    simulator, event, name, place, whose
):
    kind = SETTINGS[name][1]
    if whose == "not there":
        remote_id = NOT_THERE[kind]
    elif whose == "of nothing here":
        key = f"portal:{uuid.uuid4()}"
        category = new("KalturaCategory", name="Lost", referenceId=key)
        remote_id = (
            entry_of_nobody(referenceId=key)
            if kind == "entry"
            else str(at_kaltura(lambda c: c.category.add(category)).id)
        )
    else:
        theirs(EventStatus.DRAFT if whose == "of a draft" and kind == "entry" else "published")
        title = "Losses" if kind == "entry" else "Board"
        remote_id = str(link_of(kind, title).remote_id)
    set_up(event, name, remote_id, place)
    simulator.forget_requests()

    settle(event)

    what = WORDS.get(name, "video")
    assert error_of(event) == (
        "failed",
        f"There is no {what} {remote_id} that you may choose. Choose another one under Delivery.",
    )
    sent = [c["params"] for c in simulator.requests() if c["action"].lower() in ("add", "update")]
    assert [params for params in sent if remote_id in str(params)] == []


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_what_is_nobodys_may_be_used(simulator, event, name, place):
    category = new("KalturaCategory", name="Recordings")
    remote_id = (
        str(at_kaltura(lambda c: c.category.add(category)).id)
        if SETTINGS[name][1] == "category"
        else ROOM
        if name == "room_template_id"
        else OTHER_VIDEO
    )
    set_up(event, name, remote_id, place)

    settle(event)

    assert states(event)["Pointing"] == ("synced", "")


@pytest.mark.parametrize("name", ["slides_entry_id", "custom_live_entry", "custom_cat_id"])
def test_what_is_the_events_own_may_be_used(simulator, event, name):
    WebcastFactory(event=event, title="Opening")
    settle(event)
    kind = SETTINGS[name][1]
    remote_id = str(link_of(kind, "Opening" if kind == "entry" else "Mine").remote_id)
    set_up(event, name, remote_id)

    settle(event)

    assert states(event)["Pointing"] == ("synced", "")


def test_event_may_not_lend_itself_anothers_entry_for_all_its_rooms(simulator, event):
    theirs()
    tags = {"custom_live_entry": link_of("entry", "Losses").remote_id}
    EventDelivery.objects.create(event=event, room_form="legacy", room_tags=tags)
    InteractiveFactory(event=event, title="Pointing")

    settle(event)

    assert error_of(event)[0] == "failed"


def test_recording_belongs_to_whom_the_broadcast_belongs(simulator, event):
    theirs()
    broadcast = link_of("entry", "Losses")
    simulator.switch(broadcast.remote_id, "on_air")
    simulator.advance(60)
    simulator.switch(broadcast.remote_id, "off")
    (recording,) = [
        row for row in simulator.recordings() if row["rootEntryId"] == broadcast.remote_id
    ]
    set_up(event, "source_entry_id", recording["id"])

    settle(event)

    assert error_of(event) == (
        "failed",
        f"There is no video {recording['id']} that you may choose. Choose another one under "
        "Delivery.",
    )


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("slides_entry_id", "session"),
        ("recording_entry_id", "session"),
        *(("custom_live_entry", place) for place in ("session", "time", "track")),
    ],
)
def test_what_was_sent_before_does_not_stop_a_session_when_it_is_gone(
    simulator, event, name, place
):
    chosen = entry_of_nobody()
    session = set_up(event, name, chosen, place)
    settle(event)
    at_kaltura(lambda c: c.baseEntry.delete(chosen))

    if place == "track":
        session.track.name = "Pointing still"
        session.track.save()
    else:
        session.title = "Pointing still"
        session.save()
    settle(event)

    assert states(event)["Pointing still"] == ("synced", "")


@pytest.mark.parametrize(
    ("session_type", "before", "after"),
    [
        (
            SessionType.INTERACTIVE,
            {"room_tags": {"custom_playlist_name": "ID"}},
            {"room_tags": {"custom_live_entry": "ID"}},
        ),
        # A room takes no other template once it is there.
        (
            SessionType.STUDIO,
            {"room_template_id": "ID"},
            {"room_template_id": "ID", "slides_entry_id": "ID"},
        ),
    ],
)
def test_what_went_to_kaltura_as_something_else_is_looked_at(
    simulator, event, session_type, before, after
):
    theirs()
    their_id = str(link_of("entry", "Losses").remote_id)
    EventDelivery.objects.create(event=event, room_form="legacy")
    session = WebcastFactory(event=event, title="Pointing", session_type=session_type)
    settle(event)

    for options in (before, after):
        decided = json.loads(json.dumps(options).replace("ID", their_id))
        decide(session, **{name: decided.get(name, empty) for name, empty in NOTHING.items()})
        settle(event)

    assert error_of(event)[0] == "failed"


def test_who_plans_both_events_lends_for_all_rooms_of_a_track(simulator, event):
    theirs()
    lent = str(link_of("entry", "Losses").remote_id)
    set_up(event, "custom_live_entry", lent, "track")
    EventDelivery.objects.update(lent_ids=[lent])

    settle(event)

    (room,) = (r for r in simulator.objects("scheduleResource") if r["name"] == "Pointing")
    assert (states(event)["Pointing"], room["tags"].split(",")[-1]) == (
        ("synced", ""),
        f"custom_live_entry:{lent}",
    )


# --- In the admin -----------------------------------------------------------------


def save_in_admin(user: Any, session: Session, entry_id: str) -> Any:
    """Choose the video of a simulive on the session's page."""
    client = Client()
    client.force_login(user)
    fresh = Session.objects.get(pk=session.pk)
    return client.post(page_of(fresh), as_sent(fresh, {"source_entry_id": entry_id}))


@pytest.fixture
def simulive(event: Event) -> Session:
    session = SimuliveFactory(event=event, title="Pointing")
    SessionDelivery.objects.create(session=session, source_entry_id=VIDEO)
    settle(event)
    return session


def test_who_plans_both_events_lends_from_one_to_the_other(simulator, event, simulive):
    both = TeamMemberFactory(event=event).user
    TeamMemberFactory(event=theirs(), user=both)
    lent = str(link_of("entry", "Losses").remote_id)

    saved = save_in_admin(both, simulive, lent)
    settle(event)

    calendar = link_of("schedule_event", "Pointing", ending=str(simulive.uuid))
    assert (saved.status_code, states(event)["Pointing"]) == (302, ("synced", ""))
    assert held_there(simulator, "scheduleEvent", calendar.remote_id)["sourceEntryId"] == lent


def test_page_answers_alike_whatever_stands_behind_an_id(simulator, event, simulive):
    manager = TeamMemberFactory(event=event).user
    theirs()
    answers = {}
    for remote_id in (NOT_THERE["entry"], str(link_of("entry", "Losses").remote_id)):
        saved = save_in_admin(manager, simulive, remote_id)
        service.settle(SyncTarget.objects.all(), 20)
        state, error = error_of(event)
        answers[remote_id] = (
            saved.status_code,
            saved.headers.get("Location"),
            saved.content,
            state,
            error.replace(remote_id, "ID"),
        )

    first, second = answers.values()
    assert (first == second, first[0], first[3]) == (True, 302, "failed")
    assert SessionDelivery.objects.get(session=simulive).lent_ids == []


def test_what_one_person_lent_stays_when_another_saves(simulator, event, simulive):
    both = TeamMemberFactory(event=event).user
    other = TeamMemberFactory(event=event).user
    TeamMemberFactory(event=theirs(), user=both)
    lent = str(link_of("entry", "Losses").remote_id)
    save_in_admin(both, simulive, lent)

    save_in_admin(other, simulive, VIDEO)
    dropped = SessionDelivery.objects.get(session=simulive).lent_ids
    save_in_admin(other, simulive, lent)
    actions.retry(SyncTarget.objects.all())
    settle(event)

    assert (dropped, error_of(event)[0]) == ([], "failed")
    assert RemoteLink.objects.filter(remote_id=lent).count() == 1
