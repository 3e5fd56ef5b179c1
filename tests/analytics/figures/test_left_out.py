"""Team and people on stage are no audience, whether their name is kept or not.

Testers are none as long as their name is kept: a mark may never make a token come or go.
"""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import TestCase
from django.urls import reverse

from analytics.figures.renewal import renew_what_moved
from analytics.figures.summary import event_figures_of, figures_of
from analytics.figures.versions import note_changed
from analytics.matching.decisions import mark_tester, reported_name, undo_tester
from analytics.matching.tray import unmatched_people
from analytics.models import EventPrivacy, PullRun, SessionAttendance, Stay
from analytics.privacy.answering import answer
from analytics.privacy.erasing import erase_person
from analytics.privacy.retention import retain
from analytics.privacy.tokens import token_of_person
from analytics.pull import pull_attendance
from events.models import TeamMember
from tests.analytics.support.curves import concurrency, curve_of
from tests.analytics.support.oracle import expected_attendances, stored_attendances
from tests.factories import SessionSpeakerFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def held(hold):
    """Four people in three sessions: a moderator, a speaker of the first, a tester, an attendee."""
    conference = hold(rooms=2, webcasts=1)
    staff, speaker, tester, _ = people = [
        conference.person(name) for name in ("Sam Staff", "Sue Speaker", "Tim Tester", "Pia Plain")
    ]
    TeamMemberFactory(event=conference.event, user=staff, role="moderator")
    SessionSpeakerFactory(
        session=conference.rooms[0], speaker__event=conference.event, speaker__user=speaker
    )
    mark_tester(conference.event, tester, staff)
    for length, person in zip((10, 20, 30, 40), people, strict=True):
        for session in (*conference.rooms, *conference.webcasts):
            conference.visit(session, person, 0, length)
    return conference, people


def pull(conference):
    pull_attendance(conference.event)
    renew_what_moved()


def say(conference, people, *, is_given):
    with TestCase.captureOnCommitCallbacks(execute=True):
        for person in people:
            answer(conference.event, person, is_given=is_given)


def agrees(conference, people):
    say(conference, people, is_given=True)
    pull(conference)


def declines(conference, people):
    say(conference, people, is_given=False)
    pull(conference)


def withdraws(conference, people):
    agrees(conference, people)
    say(conference, people, is_given=False)
    renew_what_moved()


def withdraws_and_is_reported_again(conference, people):
    withdraws(conference, people)
    pull(conference)


def agrees_after_all(conference, people):
    """What was recorded before stays without a name until it is reported again."""
    declines(conference, people)
    say(conference, people, is_given=True)


def is_silent_where_the_event_asks_first(conference, people):
    EventPrivacy.objects.create(event=conference.event, asks_consent=True)
    pull(conference)


def declines_and_is_erased(conference, people):
    declines(conference, people)
    for person in people:
        erase_person(person, None)


def is_erased_and_reported_again(conference, people):
    declines_and_is_erased(conference, people)
    pull(conference)


WAYS = [
    agrees,
    declines,
    withdraws,
    withdraws_and_is_reported_again,
    agrees_after_all,
    is_silent_where_the_event_asks_first,
    declines_and_is_erased,
    is_erased_and_reported_again,
]


def file_of(event, level):
    out = StringIO()
    call_command("export_attendance", event.slug, level=level, format="csv", stdout=out)
    return list(csv.DictReader(StringIO(out.getvalue())))


@pytest.mark.parametrize("way", WAYS)
def test_no_answer_makes_an_audience_of_who_is_none(held, way):
    conference, people = held
    event, sessions = conference.event, [*conference.rooms, *conference.webcasts]

    way(conference, people)

    named = way is agrees
    figures = figures_of(sessions)
    first, second, webcast = (figures[session.pk] for session in sessions)
    audience = [(f.attended, f.total_minutes, f.live_minutes) for f in (first, second, webcast)]
    if named:
        assert audience == [(1, 40, None), (2, 60, None), (2, 60, 60)]
    else:
        assert audience == [(2, 70, None), (3, 90, None), (3, 90, 90)]
    apart = [(f.staff, f.stage, f.tests) for f in (first, second, webcast)]
    assert apart == ([(1, 1, 1), (1, 0, 1), (1, 0, 1)] if named else [(0, 0, 0)] * 3)
    whole = event_figures_of(event)
    seen = (whole.attended, whole.visits, whole.total_minutes)
    assert seen == ((2, 5, 160) if named else (3, 8, 250))
    assert [f.peak for f in (first, second)] == ([1, 2] if named else [2, 3])
    for session in conference.rooms:
        minutes = sum(count.present for count in concurrency(session))
        assert minutes == figures[session.pk].total_minutes
    assert stored_attendances(sessions) == expected_attendances(sessions)
    if not named:
        rows = [row for row in file_of(event, "person") if row["attended"] == "true"]
        assert sum(float(row["minutes_present"]) for row in rows) == 250
        stays = [(row["session_id"], float(row["minutes"])) for row in file_of(event, "stay")]
        first_id, second_id = (str(session.uuid) for session in conference.rooms)
        assert sorted(stays) == sorted(
            [(first_id, 30), (first_id, 40), (second_id, 20), (second_id, 30), (second_id, 40)]
        )


def test_nothing_tells_whose_token_it_is(held, client):
    """No row, page or list has what is in another of them and not in itself."""
    conference, people = held
    event = conference.event
    declines(conference, people)
    _, speaker, tester, plain = (token_of_person(event, person) for person in people)
    analyst = TeamMemberFactory(event=event, role="analyst").user
    client.force_login(analyst)

    listed = {}
    for model in ("stay", "viewertotal"):
        page = client.get(reverse(f"admin:analytics_{model}_changelist"))
        rows = page.context["cl"].queryset
        listed[model] = sorted(rows.values_list("remote_user_id", flat=True))

    # The speaker is audience in the second room and in the webcast.
    assert listed == {
        "stay": sorted([plain, plain, tester, tester, speaker]),
        "viewertotal": sorted([plain, tester, speaker]),
    }
    keys = SessionAttendance.objects.values_list("person_key", "counted_as")
    assert set(keys) == {(each, "audience") for each in (plain, tester, speaker)}
    # Nobody can be asked, or found out, who it is.
    assert unmatched_people(event) == []
    assert reported_name(event, "newrow", plain) is None


def test_who_joins_or_leaves_the_team_counts_anew(held):
    conference, people = held
    event, (room, _) = conference.event, conference.rooms
    declines(conference, people)
    plain, analyst = people[3], UserFactory()

    def attended():
        renew_what_moved()
        return figures_of([room])[room.pk].attended, curve_of(room).peak

    counts = [attended()]
    with TestCase.captureOnCommitCallbacks(execute=True):
        TeamMember.objects.get(event=event).delete()
    counts.append(attended())
    mark = mark_tester(event, plain, analyst)
    counts.append(attended())
    undo_tester(mark, analyst)
    counts.append(attended())

    # A mark that acted would tell that the token which comes or goes is theirs.
    assert counts == [(2, 2), (3, 3), (3, 3), (3, 3)]


@pytest.mark.parametrize("way", [agrees, declines])
def test_what_somebody_is_holds_for_what_was_reported_before(held, way):
    """Of team and stage with a name and without; of testers with a name only. And back again."""
    conference, people = held
    event, (room, _), plain = conference.event, conference.rooms, people[3]
    way(conference, people)

    def counted():
        renew_what_moved()
        return figures_of([room])[room.pk].attended

    def with_it(make):
        with TestCase.captureOnCommitCallbacks(execute=True):
            undo = make()
        during = counted()
        with TestCase.captureOnCommitCallbacks(execute=True):
            undo()
        return during, counted()

    def of_team():
        return TeamMemberFactory(event=event, user=plain, role="moderator").delete

    def tester():
        mark = mark_tester(event, plain, people[0])
        return lambda: undo_tester(mark, people[0])

    before = counted()
    assert with_it(of_team) == (before - 1, before)
    assert with_it(tester) == (before - (way is agrees), before)


def test_they_go_when_names_do(held):
    conference, people = held
    event, sessions = conference.event, [*conference.rooms, *conference.webcasts]
    declines(conference, people)
    EventPrivacy.objects.create(event=event, retention_days=1)
    before = [figures_of(sessions), event_figures_of(event)]

    retain(event)

    assert [figures_of(sessions), event_figures_of(event)] == before
    assert Stay.objects.count() == 5


def test_an_analyst_cannot_find_out_whose_token_it_is(held, client):
    conference, people = held
    event, plain = conference.event, people[3]
    declines(conference, people)
    client.force_login(TeamMemberFactory(event=event, role="analyst").user)

    def tokens():
        renew_what_moved()
        return {row["remote_user_id"] for row in file_of(event, "stay")}

    before = tokens()
    mark = mark_tester(event, plain, people[0])
    marked = tokens()
    undo_tester(mark, people[0])

    assert before == marked == tokens()


def test_an_administrators_status_shows_nobodys_token(held):
    conference, people = held
    declines(conference, people)
    plain, room = people[3], conference.rooms[1]
    plain.is_superuser = True
    plain.save()

    pull(conference)

    of_room = {"session_id": str(room.uuid)}
    stays, seen = (
        [row for row in file_of(conference.event, level) if of_room.items() <= row.items()]
        for level in ("stay", "person")
    )
    seen = [row for row in seen if row["attended"] == "true"]
    assert len(stays) == len(seen) == figures_of([room])[room.pk].attended == 3


def test_figures_are_fresh_when_names_go(held):
    conference, people = held
    event, room = conference.event, conference.rooms[1]
    declines(conference, people)
    EventPrivacy.objects.create(event=event, retention_days=1)
    # No worker has run since.
    TeamMember.objects.create(event=event, user=people[3], role="moderator")
    note_changed([session.pk for session in event.sessions.all()])

    retain(event)

    assert figures_of([room])[room.pk].attended == 2
    assert Stay.objects.filter(run__session=room).count() == 2


def test_a_pull_counts_no_token_as_unmatched(held):
    conference, people = held
    declines(conference, people)

    assert PullRun.objects.latest("started_at").unmatched_people == 0
