"""Each choice of a person, and what is then at Kaltura and here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from events.models import Event, Session, SessionType
from kaltura_bridge.api.client import new
from kaltura_bridge.models import RelinkLookup, RemoteLink, SessionDelivery, SyncAttempt, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.repair.actions import CannotRepair
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from tests.factories import TrackFactory, WebcastFactory
from tests.kaltura_bridge.support.at_kaltura import (
    at_kaltura,
    held_there,
    link_of,
    page_of,
    someone_cancels,
    someone_deletes,
    someone_moves,
    someone_renames,
)
from tests.kaltura_bridge.support.looking import looked_at
from tests.kaltura_bridge.support.planning import (
    exactly_planned,
    in_step,
    planned_event,
    settle,
    states,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

# The keynote runs from 9:00 UTC on; someone at Kaltura starts it at 9:10.
PLANNED, MOVED = 1904288400, 1904289000


@pytest.fixture
def event(simulator):
    planned = planned_event()
    settle(planned)
    return planned


def keynote() -> Session:
    return Session.objects.get(session_type=SessionType.WEBCAST)


def target(title="Keynote"):
    return SyncTarget.objects.filter(title=title)


def times_there(simulator, title="Keynote"):
    """Start in the calendar and on the event page."""
    calendar = held_there(simulator, "scheduleEvent", link_of("schedule_event", title).remote_id)
    page = held_there(simulator, "metadata", page_of(title).remote_id)
    return calendar["startDate"], int(re.findall(r"<StartTime>(\d+)<", page["xml"])[0])


def seen_after(event):
    service.sync_event(event, 20)


# --- Fields ------------------------------------------------------------------


def test_push_writes_the_chosen_field_and_leaves_the_other(simulator, event):
    link = link_of("entry")
    change = new("KalturaLiveStreamEntry", name="Renamed", description="Rewritten")
    at_kaltura(lambda c: c.liveStream.update(link.remote_id, change))
    seen_after(event)

    number = actions.push_fields(link, ["name"])
    work = service.settle(service.targets_of(event), 20)

    there = held_there(simulator, "entry", link.remote_id)
    assert (number, work.writes, there["name"], there["description"]) == (
        1,
        1,
        "Keynote",
        "Rewritten",
    )
    assert link_of("entry").drift == {"description": ("", "Rewritten")}


def test_push_settles_what_changed_on_both_sides(simulator, event):
    link = link_of("entry")
    someone_renames(link, "Renamed there")
    session = keynote()
    session.title = "Renamed here"
    session.save()
    settle(event)
    told = states(event)["Renamed here"]

    actions.push_fields(link, ["name"])
    settle(event)

    assert (told, in_step(event)) == (("failed", "conflict"), True)
    assert held_there(simulator, "entry", link.remote_id)["name"] == "Renamed here"


def test_adopting_a_start_moves_the_session_and_the_event_page_in_one_write(simulator, event):
    link = link_of("schedule_event")
    someone_moves(link, startDate=MOVED)
    seen_after(event)

    number = actions.adopt_fields(link, ["startDate"])
    work = service.settle(service.targets_of(event), 20)

    assert (number, keynote().starts_at) == (1, datetime.fromtimestamp(MOVED, UTC))
    assert (work.writes, times_there(simulator), in_step(event)) == (1, (MOVED, MOVED), True)
    assert RemoteLink.objects.get(pk=link.pk).drift == {}


def test_adopting_settles_what_changed_on_both_sides(simulator, event):
    link = link_of("schedule_event")
    someone_moves(link, startDate=MOVED)
    session = keynote()
    session.starts_at -= timedelta(minutes=5)
    session.save()
    settle(event)
    told = states(event)["Keynote"]

    actions.adopt_fields(link, ["startDate"])
    settle(event)

    assert (told, keynote().starts_at.timestamp()) == (("failed", "conflict"), MOVED)
    assert (times_there(simulator), in_step(event)) == ((MOVED, MOVED), True)


def test_adopting_an_end_moves_the_replay_of_a_simulive(simulator):
    event = planned_event()
    session = keynote()
    session.session_type = SessionType.SIMULIVE
    SessionDelivery.objects.create(session=session, source_entry_id="0_videoone")
    session.save()
    settle(event)
    link = link_of("schedule_event", ending=str(session.uuid))
    sooner = PLANNED + 1800
    someone_moves(link, endDate=sooner)
    seen_after(event)

    actions.adopt_fields(link, ["endDate"])
    settle(event)

    replay = link_of("schedule_event", ending="/redirect")
    assert in_step(event)
    assert held_there(simulator, "scheduleEvent", replay.remote_id)["startDate"] == sooner


def test_adopting_a_switch_decides_it_for_the_session(simulator, event):
    link = link_of("entry")
    change = new("KalturaLiveStreamEntry", dvrStatus="0", description="Said there")
    at_kaltura(lambda c: c.liveStream.update(link.remote_id, change))
    seen_after(event)

    number = actions.adopt_fields(link, ["dvrStatus", "description"])
    settle(event)

    session = keynote()
    assert (number, session.delivery.dvr, session.abstract) == (2, False, "Said there")
    assert (in_step(event), target().get().changed_there) == (True, "")


@pytest.mark.parametrize(("title", "kind"), [("Ethics", "track"), ("Spring", "event")])
def test_adopting_the_name_of_a_category_renames_what_it_stands_for(simulator, event, title, kind):
    link = link_of("category", title)
    change = new("KalturaCategory", name="Renamed there")
    at_kaltura(lambda c: c.category.update(link.remote_id, change))
    seen_after(event)

    actions.adopt_fields(link, ["name"])
    settle(event)

    named = {"track": event.tracks.get().name, "event": Event.objects.get().title}
    assert (named[kind], in_step(event)) == ("Renamed there", True)
    assert list(SyncTarget.objects.exclude(changed_there="")) == []


def test_adopting_what_is_planned_no_more_is_refused(simulator, event):
    link = link_of("entry")
    someone_renames(link, "Renamed there")
    seen_after(event)
    keynote().delete()

    with pytest.raises(CannotRepair) as refused:
        actions.adopt_fields(link, ["name"])

    assert str(refused.value) == (
        "This cannot be adopted (name: it is deleted here). Push or ignore it."
    )


def test_adopting_what_cannot_be_planned_changes_nothing(simulator, event):
    link = link_of("schedule_event")
    someone_moves(link, startDate=PLANNED + 7200, endDate=PLANNED + 9000)
    seen_after(event)

    with pytest.raises(ValidationError):
        actions.adopt_fields(link, ["startDate"])  # it would begin after its end

    assert keynote().starts_at.timestamp() == PLANNED
    assert set(link_of("schedule_event").drift) == {"startDate", "endDate"}


def test_adopting_what_the_portal_does_not_plan_is_refused_by_name(simulator, event):
    link = link_of("entry")
    change = new("KalturaLiveStreamEntry", tags="other")
    at_kaltura(lambda c: c.liveStream.update(link.remote_id, change))
    seen_after(event)

    with pytest.raises(CannotRepair) as refused:
        actions.adopt_fields(link, ["tags"])

    assert str(refused.value) == (
        "This cannot be adopted (tags: it is not part of the plan). Push or ignore it."
    )


def test_adopting_a_time_that_is_missing_there_is_refused(simulator, event):
    link = page_of()
    RemoteLink.objects.filter(pk=link.pk).update(seen={**link.seen, "StartTime": ""})

    with pytest.raises(ValidationError) as refused:
        actions.adopt_fields(link, ["StartTime"])

    assert refused.value.messages == ["Kaltura's value “” cannot be planned here."]


def test_ignored_field_is_neither_told_nor_written_until_it_is_compared_again(simulator, event):
    link = link_of("entry")
    someone_renames(link, "Renamed there")
    seen_after(event)

    ignored = actions.ignore_fields(link, ["name", "nothing"])
    session = keynote()
    session.abstract = "About it"
    session.save()
    settle(event)
    quiet = (target().get().changed_there, held_there(simulator, "entry", link.remote_id)["name"])
    unignored = actions.unignore_fields(link, ["name"])
    settle(event)

    assert (ignored, quiet, unignored) == (1, ("", "Renamed there"), 1)
    assert target().get().changed_there == "Live entry name"


def test_same_change_on_both_sides_is_no_difference_any_more(simulator, event):
    link = link_of("entry")
    someone_renames(link, "Better name")
    session = keynote()
    session.title = "Better name"
    session.save()

    settle(event)

    link.refresh_from_db()
    assert (in_step(event), link.drift, link.pushed["name"]) == (True, {}, "Better name")


def test_choices_stand_in_the_history(simulator, event):
    link = link_of("entry")
    someone_renames(link, "Renamed there")
    seen_after(event)
    SyncAttempt.objects.all().delete()

    actions.push_fields(link, ["name"])
    actions.ignore_fields(link, ["name"])
    actions.unignore_fields(link, ["name"])

    assert list(SyncAttempt.objects.values_list("message", flat=True)) == [
        "Stop ignoring: name of the live entry.",
        "Ignore: name of the live entry.",
        "Push: name of the live entry.",
    ]


# --- Objects -----------------------------------------------------------------


def test_recreate_of_a_cancelled_event_deletes_it_and_makes_it_anew(simulator, event):
    link = link_of("schedule_event")
    someone_cancels(link)
    seen_after(event)
    told = states(event)["Keynote"]

    number = actions.recreate(target())
    settle(event)

    anew = link_of("schedule_event")
    assert (told, number, anew.remote_id != link.remote_id) == (("failed", "cancelled"), 1, True)
    assert held_there(simulator, "scheduleEvent", link.remote_id) == {}
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


@pytest.mark.parametrize("title", ["Ethics", "Spring"])
def test_recreate_of_a_category_brings_back_the_places_in_it(simulator, event, title):
    someone_deletes(link_of("category", title))
    seen_after(event)

    actions.recreate(service.targets_of(event))
    settle(event)

    assert (states(event), exactly_planned(event, simulator)) == (
        dict.fromkeys(["Spring", "Ethics", "Keynote", "Workshop"], ("synced", "")),
        True,
    )


def test_recreate_of_the_track_alone_brings_back_its_sessions_places(simulator, event):
    someone_deletes(link_of("category", "Ethics"))
    seen_after(event)

    actions.recreate(target("Ethics"))
    settle(event)

    assert (in_step(event), exactly_planned(event, simulator)) == (True, True)


@pytest.mark.parametrize("title", ["Ethics", "Spring"])
def test_recreate_of_a_session_brings_back_the_categories_it_needs(simulator, event, title):
    someone_deletes(link_of("category", title))
    seen_after(event)

    actions.recreate(target("Keynote"))
    settle(event)

    assert states(event)["Keynote"] == ("synced", "")
    place = link_of("category_entry")
    entry, track = link_of("entry").remote_id, link_of("category", "Ethics").remote_id
    assert place.remote_id == f"{track}|{entry}"


def test_unlinked_event_stays_at_kaltura_and_nothing_is_made_for_it(simulator, event):
    link = link_of("schedule_event")

    number = actions.unlink(link)
    session = keynote()
    session.starts_at -= timedelta(hours=1)
    session.save()
    settle(event)

    kept = held_there(simulator, "scheduleEvent", link.remote_id)
    assert (number, kept["startDate"], in_step(event)) == (1, PLANNED, True)
    assert len(simulator.objects("scheduleEvent")) == 2


def test_unlinked_entry_takes_along_what_hangs_on_it_and_outlives_its_session(simulator, event):
    entry = link_of("entry")

    number = actions.unlink(entry)
    settle(event)
    keynote().delete()
    settle(event)

    # The entry, its three records, its event and its place.
    assert (number, list(target())) == (6, [])
    assert held_there(simulator, "entry", entry.remote_id)["name"] == "Keynote"


def test_push_of_a_start_leaves_the_end_that_someone_moved(simulator, event):
    link = link_of("schedule_event")
    there = held_there(simulator, "scheduleEvent", link.remote_id)
    someone_moves(link, startDate=MOVED, endDate=there["endDate"] + 60)
    seen_after(event)

    actions.push_fields(link, ["startDate"])
    settle(event)

    after = held_there(simulator, "scheduleEvent", link.remote_id)
    assert (after["startDate"], after["endDate"]) == (PLANNED, there["endDate"] + 60)
    assert set(link_of("schedule_event").drift) == {"endDate"}


def test_studio_room_goes_with_its_place_and_leaves_the_broadcast(simulator):
    event = planned_event()
    Session.objects.filter(title="Keynote").update(session_type=SessionType.STUDIO)
    settle(event)

    assert actions.unlink(link_of("room", ending="/studio")) == 2


def test_category_cannot_be_unlinked(simulator, event):
    with pytest.raises(CannotRepair):
        actions.unlink(link_of("category", "Ethics"))

    assert not link_of("category", "Ethics").unlinked


def test_linked_again_finds_what_was_unlinked(simulator, event):
    entry = link_of("entry")
    actions.unlink(entry)
    settle(event)

    number = actions.link_again(RemoteLink.objects.get(pk=entry.pk))
    settle(event)

    assert (number, link_of("entry").remote_id) == (6, entry.remote_id)
    assert (in_step(event), exactly_planned(event, simulator)) == (True, True)


def test_linked_again_is_compared_with_what_was_changed_meanwhile(simulator, event):
    link = link_of("schedule_event")
    actions.unlink(link)
    someone_moves(link, startDate=MOVED)

    actions.link_again(RemoteLink.objects.get(pk=link.pk))
    settle(event)

    assert (times_there(simulator), in_step(event)) == ((PLANNED, PLANNED), True)


def test_relinked_entry_gets_our_key_and_our_fields(simulator, event):
    old = link_of("entry")
    someone_deletes(old)
    theirs = new("KalturaLiveStreamEntry", name="Made by hand", mediaType="201", sourceType="32")
    made = at_kaltura(lambda c: c.liveStream.add(theirs))
    seen_after(event)

    actions.relink(old, looked_at(old, made.id))
    settle(event)

    there = held_there(simulator, "entry", made.id)
    assert (there["name"], there["referenceId"]) == ("Keynote", key_for(keynote().uuid))
    assert (states(event), exactly_planned(event, simulator)) == (
        dict.fromkeys(["Spring", "Ethics", "Keynote", "Workshop"], ("synced", "")),
        True,
    )


def test_what_was_linked_before_stays_and_is_told_as_a_second_one(simulator, event):
    old = link_of("entry")
    theirs = new("KalturaLiveStreamEntry", name="Made by hand", mediaType="201", sourceType="32")
    made = at_kaltura(lambda c: c.liveStream.add(theirs))

    actions.relink(old, looked_at(old, made.id))
    settle(event)
    told = target().get()
    someone_deletes(old)  # as the sentence says
    actions.retry(target())
    settle(event)

    assert (told.error_kind, old.remote_id in told.error) == ("doubles", True)
    assert held_there(simulator, "entry", made.id)["name"] == "Keynote"
    assert (in_step(event), exactly_planned(event, simulator)) == (True, True)


def test_relink_to_nothing_is_told(simulator, event):
    link = link_of("schedule_event")

    with pytest.raises(CannotRepair) as refused:
        actions.relink(link, looked_at(link, "99999"))

    assert str(refused.value) == "There is no such object that you may choose."
    assert states(event)["Keynote"] == ("synced", "")


@pytest.mark.parametrize(
    ("kind", "remote_id", "reason"),
    [
        ("entry", "12", "“12” is not the ID of a live entry. Copy it from Kaltura."),
        ("entry", "", "“” is not the ID of a live entry. Copy it from Kaltura."),
        (
            "category_entry",
            "12",
            "It belongs to another object at Kaltura. Relink that one instead.",
        ),
    ],
)
def test_relink_refuses_what_cannot_be(simulator, event, kind, remote_id, reason):
    with pytest.raises(CannotRepair) as refused:
        actions.relink(link_of(kind), RelinkLookup(remote_id=remote_id))

    assert str(refused.value) == reason


def test_relink_never_shares_an_object(simulator, event):
    WebcastFactory(event=event, title="Panel", track=TrackFactory(event=event))
    settle(event)
    link, theirs = link_of("entry"), link_of("entry", "Panel")

    with pytest.raises(CannotRepair) as refused:
        actions.relink(link, looked_at(link, theirs.remote_id))

    assert str(refused.value) == "There is no such object that you may choose."
