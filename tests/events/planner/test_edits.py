"""Edits of the plan over HTTP: done whole or not at all, told once, undone while nobody else came."""

from __future__ import annotations

import threading

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from events.models import (
    PlannerRules,
    PlannerStep,
    ProgrammeChange,
    Session,
    SessionStatus,
    TeamRole,
)
from kaltura_bridge.models import SyncTarget
from tests.events.planner.conftest import Desk, place
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_drop_moves_the_session_everywhere_and_stands_in_its_history(desk, talk, event):
    keynote = talk("Keynote", "09:00", "Hall")
    desk.board()
    target = SyncTarget.objects.get(object_uuid=keynote.uuid)

    answer = desk.drop(keynote, "10:05", "Attic")

    assert (answer.status_code, answer.json()["words"]) == (200, "Moved “Keynote”")
    assert place(keynote) == ("06", "10:05–10:50", "Attic")
    assert SyncTarget.objects.get(object_uuid=keynote.uuid).version > target.version
    change = ProgrammeChange.objects.filter(session=keynote).first()
    assert change.after["location"] == "Attic"
    assert LogEntry.objects.get().change_message == (
        "Moved from 2030-05-06 09:00–09:45, Hall to 2030-05-06 10:05–10:50, Attic."
    )


def test_edit_of_what_somebody_else_changed_is_refused_with_the_newer_state(desk, talk):
    keynote = talk("Keynote", "09:00", "Hall")
    wish = desk.wish(keynote, "10:00", "Hall")
    Session.objects.filter(pk=keynote.pk).update(location="Attic")

    answer = desk.send(wish)

    assert answer.status_code == 409
    said = answer.json()
    assert said["error"] == ("Somebody else has changed “Keynote” meanwhile. Nothing was changed.")
    assert [card["column"] for card in said["board"]["cards"]] == ["Attic"]
    assert place(keynote) == ("06", "09:00–09:45", "Attic")


def test_edit_that_is_sent_twice_is_done_once(desk, talk):
    keynote = talk("Keynote", "09:00", "Hall")
    wish = desk.wish(keynote, "10:00", "Attic")

    first, again = desk.send(wish), desk.send(wish)

    assert [first.status_code, again.status_code] == [200, 200]
    assert again.json()["words"] == "That has been done already."
    assert PlannerStep.objects.count() == 1


def test_of_several_edits_all_are_done_or_none(desk, talk):
    one, two = talk("One", "09:00", "Hall"), talk("Two", "10:00", "Hall")
    wishes = [desk.wish(one, "11:00", "Attic"), desk.wish(two, "12:00", "Attic", version="old")]

    refused = desk.send(*wishes)

    assert refused.status_code == 409
    assert [place(one), place(two)] == [
        ("06", "09:00–09:45", "Hall"),
        ("06", "10:00–10:45", "Hall"),
    ]


def test_session_that_is_gone_is_told(desk, talk):
    keynote = talk("Keynote", "09:00", "Hall")
    wish = desk.wish(keynote, "10:00", "Hall")
    Session.objects.filter(pk=keynote.pk).update(status=SessionStatus.CANCELLED)

    answer = desk.send(wish)

    assert (answer.status_code, answer.json()["error"]) == (
        409,
        "Somebody has deleted or cancelled the session meanwhile. Nothing was changed.",
    )


def test_undo_and_redo_go_ten_steps_back_and_forth(desk, talk):
    keynote = talk("Keynote", "09:00", "Hall")
    for minute in range(11):
        desk.drop(keynote, f"10:{5 * minute:02}", "Attic")

    back = [desk.undo().status_code for _ in range(12)]
    undone = place(keynote)
    forth = [desk.redo().json()["words"] for _ in range(10)]

    # The eleventh step from the end is forgotten.
    assert (back, undone) == ([200] * 12, ("06", "10:00–10:45", "Attic"))
    assert forth == ["Moved “Keynote”"] * 10
    assert place(keynote) == ("06", "10:50–11:35", "Attic")


def test_new_edit_ends_what_could_be_redone(desk, talk):
    keynote = talk("Keynote", "09:00", "Hall")
    desk.drop(keynote, "10:00", "Attic")
    desk.undo()
    desk.drop(keynote, "11:00", "Hall")

    board = desk.board()
    assert (board["undo"], board["redo"]) == ("Moved “Keynote”", "")


def test_undo_is_refused_once_somebody_else_moved_the_session(desk, talk, event):
    one, two = talk("One", "09:00", "Hall"), talk("Two", "10:00", "Hall")
    desk.drop(one, "11:00", "Attic")
    desk.drop(two, "12:00", "Attic")
    Desk(event, TeamMemberFactory(event=event).user).drop(two, "13:00", "Hall")

    refused = desk.undo()
    then = desk.undo()

    assert (refused.status_code, refused.json()["error"]) == (
        409,
        "Somebody else has changed “Two” meanwhile. Nothing was changed. "
        "This step is left out from now on.",
    )
    assert then.status_code == 200
    assert [place(one), place(two)] == [
        ("06", "09:00–09:45", "Hall"),
        ("06", "13:00–13:45", "Hall"),
    ]


def test_steps_are_ones_own(desk, talk, event):
    keynote = talk("Keynote", "09:00", "Hall")
    desk.drop(keynote, "11:00", "Attic")
    other = Desk(event, TeamMemberFactory(event=event).user)

    assert other.board()["undo"] == ""
    other.undo()
    assert place(keynote) == ("06", "11:00–11:45", "Attic")


def test_what_the_event_does_not_allow_is_refused_and_what_is_so_already_may_go(desk, talk, event):
    PlannerRules.objects.create(event=event, levels={"room_twice": "block"})
    one, two = talk("One", "09:00", "Hall"), talk("Two", "09:30", "Hall")
    three = talk("Three", "14:00", "Attic")

    blocked = desk.drop(three, "09:15", "Hall")
    still = desk.drop(two, "09:35", "Hall")
    out = desk.drop(one, "09:00", "Attic")

    assert (blocked.status_code, blocked.json()["error"]) == (
        422,
        "Not allowed: “One” and “Three” are both in Hall at 09:15. "
        "“Three” and “Two” are both in Hall at 09:30.",
    )
    assert [still.status_code, out.status_code] == [200, 200]
    assert place(three) == ("06", "14:00–14:45", "Attic")


def test_undo_into_what_is_not_allowed_is_refused_and_kept(desk, talk, event):
    one, two = talk("One", "09:00", "Hall"), talk("Two", "14:00", "Attic")
    desk.drop(one, "10:00", "Attic")
    Desk(event, TeamMemberFactory(event=event).user).drop(two, "09:00", "Hall")
    PlannerRules.objects.create(event=event, levels={"room_twice": "block"})

    assert desk.undo().status_code == 422
    assert (place(one), desk.board()["undo"]) == (("06", "10:00–10:45", "Attic"), "Moved “One”")


def test_step_back_to_a_track_that_is_gone_is_left_out(desk, talk, event):
    track = TrackFactory(event=event)
    one, two = talk("One", "09:00", "Hall"), talk("Two", "10:00", "Hall", track=track)
    desk.drop(one, "11:00", "Attic")
    desk.send(desk.wish(two, "10:00", ""), across="tracks")
    track.delete()

    receipt = desk.client.post(desk.url("_receipt"))
    refused, then = desk.undo(), desk.undo()

    assert receipt.status_code == 302
    assert (refused.status_code, refused.json()["error"]) == (
        409,
        "There is no such track any more. Load the planner again. "
        "This step is left out from now on.",
    )
    assert (then.status_code, place(one)) == (200, ("06", "09:00–09:45", "Hall"))


def test_undo_whose_answer_was_lost_is_done_once(desk, talk):
    one, two = talk("One", "09:00", "Hall"), talk("Two", "10:00", "Hall")
    desk.drop(one, "11:00", "Attic")
    desk.drop(two, "12:00", "Attic")
    seen = desk.board()["undo_step"]

    answers = [desk.undo(seen).json()["words"] for _ in range(2)]
    undone = desk.board()["redo_step"]
    again = [desk.redo(undone).json()["words"] for _ in range(2)]

    assert seen == undone
    assert answers == again == ["Moved “Two”", "That has been done already."]
    assert [place(one), place(two)] == [
        ("06", "11:00–11:45", "Attic"),
        ("06", "12:00–12:45", "Attic"),
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres_only
def test_two_people_at_once_cannot_bring_together_what_is_not_allowed(desk, talk, event):
    PlannerRules.objects.create(event=event, levels={"room_twice": "block"})
    one, two = talk("One", "09:00", "Hall"), talk("Two", "10:00", "Attic")
    other = Desk(event, TeamMemberFactory(event=event).user)
    wish, answers = other.wish(two, "13:00", "Hall"), []

    def drop() -> None:
        try:
            answers.append(other.send(wish).status_code)
        finally:
            connection.close()

    late = threading.Thread(target=drop)
    with transaction.atomic():
        assert desk.drop(one, "13:00", "Hall").status_code == 200
        late.start()
        late.join(0.7)
    late.join(10)

    assert answers == [422]
    assert place(two) == ("06", "10:00–10:45", "Attic")


def test_columns_can_be_tracks(desk, talk, event):
    track = TrackFactory(event=event, name="Main")
    keynote = talk("Keynote", "09:00", "Hall")
    foreign = TrackFactory(event=EventFactory())

    moved = desk.send(desk.wish(keynote, "09:00", str(track.pk)), across="tracks")
    refused = desk.send(desk.wish(keynote, "09:00", str(foreign.pk)), across="tracks")

    assert moved.status_code == 200
    assert [card["track"] for card in moved.json()["board"]["cards"]] == ["Main"]
    assert (refused.status_code, refused.json()["error"]) == (
        422,
        "There is no such track any more. Load the planner again.",
    )
    keynote.refresh_from_db()
    assert (keynote.track, keynote.location) == (track, "Hall")


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts": "soon"},
        {"starts": 10**18},
        {"ends": 0},
        {"column": 7},
        {"session": True},
        {"session": 2**70},
        {"column": "x" * 300},
    ],
)
def test_what_no_script_of_ours_sends_is_refused(desk, talk, wrong):
    keynote = talk("Keynote", "09:00", "Hall")

    answer = desk.send({**desk.wish(keynote, "10:00", "Attic"), **wrong})

    assert answer.status_code in (400, 422)
    assert place(keynote) == ("06", "09:00–09:45", "Hall")


@pytest.mark.parametrize("body", ["", "[]", '{"edits": []}', '{"edits": [1]}', "[" * 10_000])
def test_body_that_is_none_is_refused(desk, body):
    answer = desk.client.post(desk.url("_edits"), body, "application/json")

    assert answer.status_code == 400


def test_only_sessions_of_the_event_are_moved(desk, talk):
    foreign = SessionFactory()
    keynote = talk("Keynote", "09:00", "Hall")
    wish = {**desk.wish(keynote, "10:00", "Attic"), "session": foreign.pk}

    assert desk.send(wish).status_code == 409
    assert Session.objects.get(pk=foreign.pk).location == ""


def test_moderators_and_analysts_move_nothing(talk, event):
    keynote = talk("Keynote", "09:00", "Hall")
    for role in (TeamRole.MODERATOR, TeamRole.ANALYST):
        other = Desk(event, TeamMemberFactory(event=event, role=role).user)
        answers = [other.send({}), other.undo(), other.redo(), other.client.get(other.url())]
        assert [answer.status_code for answer in answers] == [403] * 4
    assert place(keynote) == ("06", "09:00–09:45", "Hall")


def test_a_candidate_place_is_answered_and_changes_nothing(desk, talk, event):
    ada = SpeakerFactory(event=event, name="Ada")
    one, two = talk("One", "09:00", "Hall"), talk("Two", "14:00", "Attic")
    for session in (one, two):
        SessionSpeakerFactory(session=session, speaker=ada)
    wish = desk.wish(two, "09:15", "Hall")

    answer = desk.client.get(desk.url("_check"), wish)

    assert [found["text"] for found in answer.json()["conflicts"]] == [
        "“One” and “Two” are both in Hall at 09:15.",
        "Ada is in “One” and in “Two” at 09:15.",
    ]
    assert place(two) == ("06", "14:00–14:45", "Attic")
    nowhere = desk.client.get(desk.url("_check"), {**wish, "session": "9" * 12})
    assert nowhere.status_code == 400


def test_board_check_and_edit_cost_the_same_queries_for_3_and_30_sessions(desk, talk, event):
    def costs() -> list[int]:
        wish = desk.wish(first, f"1{len(counted)}:00", "Attic")
        asked = [
            lambda: desk.client.get(desk.url("_board")),
            lambda: desk.client.get(desk.url("_check"), wish),
            lambda: desk.send(wish),
            lambda: desk.client.get(desk.url()),
        ]
        found = []
        for ask in asked:
            with CaptureQueriesContext(connection) as queries:
                assert ask().status_code == 200
            found.append(len(queries))
        return found

    first, counted = talk("First", "09:00", "Hall"), []
    SessionSpeakerFactory(session=first, speaker__event=event)
    talk("Second", "09:00", "")
    desk.drop(first, "08:00", "Hall")
    counted.append(costs())
    for number in range(28):
        session = talk(f"Talk {number}", "10:00", "Attic", track=TrackFactory(event=event))
        SessionSpeakerFactory(session=session, speaker__event=event)
    counted.append(costs())

    assert counted[0] == counted[1]
    assert max(counted[0]) <= 45


def test_nothing_new_is_answered_with_304_and_others_changes_with_the_day(desk, talk, event):
    keynote = talk("Keynote", "09:00", "Hall")
    first = desk.client.get(desk.url("_board"))
    known = {"If-None-Match": first.headers["ETag"]}

    with CaptureQueriesContext(connection) as queries:
        same = desk.client.get(desk.url("_board"), headers=known)
    Desk(event, TeamMemberFactory(event=event).user).drop(keynote, "11:00", "Attic")
    newer = desk.client.get(desk.url("_board"), headers=known)

    assert (same.status_code, same.content, newer.status_code) == (304, b"", 200)
    assert len(queries) <= 8
    assert [card["column"] for card in newer.json()["cards"]] == ["Attic"]
