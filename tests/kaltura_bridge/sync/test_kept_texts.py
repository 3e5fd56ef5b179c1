"""Texts come back from Kaltura shorter or poorer than they were sent, and that is no drift."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from kaltura_bridge import texts
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.sync import service
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    SessionSpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    WebcastFactory,
)
from tests.kaltura_bridge.support.at_kaltura import link_of, someone_renames
from tests.kaltura_bridge.support.oracle import differences
from tests.kaltura_bridge.support.planning import in_step, settle, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

LONG = [
    "x" * 101,
    "ü" * 51,
    "Zukunft der " + "ö" * 60 + " Räume",
    "x" * 99 + "€",
    "x" * 99 + " end",
    "x" * 98 + "😀",
    "a" * 60 + "," + "b" * 60,
    "x" * 150 + "one",  # the same tag as the next one, once both are cut
    "x" * 150 + "two",
]


def told(simulator, event):
    """What differs, whether all is in step, and what a second look would write."""
    settle(event)
    found = differences(simulator, event), in_step(event)
    again = service.sync_event(event, 20).writes
    return *found, again, set(SyncTarget.objects.values_list("changed_there", flat=True))


EXACT = ([], True, 0, {""})


def test_long_tags_are_cut_as_kaltura_cuts_them(simulator):
    event = EventFactory(title="Spring")
    for number, name in enumerate(LONG):
        track = TrackFactory(event=event, name=name, slug=f"track-{number}")
        WebcastFactory(event=event, track=track, title=f"Talk {number}", language=name[:16])
        InteractiveFactory(event=event, track=track, title=f"Room {number}")

    assert told(simulator, event) == EXACT
    tags = [row["tags"].split(", ") for row in simulator.objects("entry") if row["tags"]]
    assert max(len(tag.encode()) for each in tags for tag in each) <= 100


@pytest.mark.parametrize("words", [LONG, ["  A  ", "", "é", "Ä,b", "a\u0000b" * 60]])
def test_tags_are_sent_in_the_form_in_which_they_come_back(words):
    sent = texts.tags(words)

    assert texts.tags_read(sent) == texts.tags(sent.split(", ")) == sent


def with_emoji():
    event = EventFactory(title="Spring 🌷", slug="spring", description="Bring 🌂.")
    track = TrackFactory(event=event, name="🌍 Ethics", slug="ethics")
    webcast = WebcastFactory(event=event, track=track, title="Keynote 🎉", abstract="🎈🎈 and more")
    SessionSpeakerFactory(session=webcast, speaker__name="Ada 😀")
    InteractiveFactory(event=event, track=track, title="🎲")
    return event


@pytest.mark.parametrize("marks", ["?", "????"])
def test_characters_that_kaltura_cannot_keep_are_neither_drift_nor_conflict(simulator, marks):
    simulator.show_wide_characters_as(marks)
    event = with_emoji()

    first = told(simulator, event)
    webcast = event.sessions.get(title="Keynote 🎉")
    webcast.title = "Keynote 🎊 again"
    webcast.save()

    assert (first, told(simulator, event)) == (EXACT, EXACT)
    assert {n for link in RemoteLink.objects.all() for n in link.drift} == set()
    assert link_of("entry", webcast.title).narrowed == ["description", "name", "tags"]


@pytest.mark.parametrize("marks", ["?", "????"])
def test_what_somebody_changes_there_is_still_told(simulator, marks):
    simulator.show_wide_characters_as(marks)
    event = with_emoji()
    settle(event)

    someone_renames(link_of("entry", "Keynote 🎉"), "Keynote? 🎉")
    service.sync_event(event, 20)

    changed = dict(SyncTarget.objects.values_list("title", "changed_there"))
    assert changed["Keynote 🎉"] == "Live entry name"
    assert [title for title, fields in changed.items() if fields] == ["Keynote 🎉"]


def test_lost_add_of_such_an_object_is_found_again(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0.6
    simulator.set_index_delay(0.3)
    simulator.show_wide_characters_as("????")
    event = with_emoji()
    for action in ("category.add", "liveStream.add", "scheduleEvent.add"):
        simulator.lose_reply(action)

    assert told(simulator, event) == EXACT


def test_kaltura_that_keeps_them_gets_no_note(simulator):
    event = with_emoji()

    assert told(simulator, event) == EXACT
    assert {tuple(link.narrowed) for link in RemoteLink.objects.all()} == {()}


def test_page_says_once_what_cannot_be_kept(simulator, client):
    simulator.show_wide_characters_as("?")
    event = with_emoji()
    settle(event)
    service.sync_event(event, 20)
    client.force_login(TeamMemberFactory(event=event).user)
    target = SyncTarget.objects.get(title="Spring 🌷")

    page = client.get(reverse("admin:kaltura_bridge_synctarget_change", args=[target.pk]))

    text = re.sub(r"\s+", " ", unescape(page.content.decode()))
    note = (
        "This Kaltura cannot keep some characters, such as emoji, and shows “?” for them "
        "(description, name). The plan keeps them."
    )
    assert (text.count(note), text.count("In sync.")) == (1, 1)
    assert states(event)["Spring 🌷"] == ("synced", "")
