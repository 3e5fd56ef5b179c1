"""Whose name is not kept counts once, as what they are, whatever they answer later."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.aggregate import rebuild_all
from analytics.figures.renewal import renew_what_moved
from analytics.figures.summary import event_figures_of, figures_of
from analytics.matching.decisions import link_person
from analytics.models import (
    EventPrivacy,
    PrivacyMode,
    RecordingConsent,
    SessionAttendance,
    Stay,
    ViewerTotal,
)
from analytics.privacy.erasing import erase_person
from analytics.privacy.published import published_event
from analytics.privacy.tokens import token_of_person
from analytics.privacy.withholding import Withholding
from analytics.sources.parsing import engagement_row
from tests.analytics.figures.test_left_out import declines, pull, say
from tests.factories import EventFactory, SessionSpeakerFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.mark.parametrize("is_speaker", [True, False])
def test_who_never_answered_and_is_erased_counts_as_before(hold, is_speaker):
    conference = hold(rooms=1)
    (room,) = conference.rooms
    silent = UserFactory(name="Sue")
    if is_speaker:
        SessionSpeakerFactory(session=room, speaker__event=conference.event, speaker__user=silent)
    EventPrivacy.objects.create(event=conference.event, asks_consent=True)
    conference.visit(room, silent, 0, 30)
    conference.visit(room, conference.person("Pia"), 0, 30)
    pull(conference)
    before = figures_of([room])[room.pk].attended

    with TestCase.captureOnCommitCallbacks(execute=True):
        erase_person(silent, None)
    pull(conference)
    rebuild_all([room.pk])

    assert before == figures_of([room])[room.pk].attended == (1 if is_speaker else 2)


def test_the_silent_of_team_and_stage_are_known_by_address(hold):
    conference = hold(webcasts=1, rooms=0)
    event, (webcast,) = conference.event, conference.webcasts
    speaker, staff = people = UserFactory(name="Sue"), UserFactory(name="Sam")
    SessionSpeakerFactory(session=webcast, speaker__event=event, speaker__user=speaker)
    TeamMemberFactory(event=event, user=staff, role="moderator")
    EventPrivacy.objects.create(event=event, asks_consent=True)
    rows = []
    for person in people:
        address = f"{person.name}@uni.example".lower()
        EmailAddress.objects.create(user=person, email=address, verified=True)
        raw = {"user_id": f"sso-{person.pk}", "email": address, "live_view_time": "10"}
        rows.append((engagement_row(raw), raw))

    stored = Withholding(event).viewers("engagement", rows, "1_x")

    assert [row.user_id for row, _ in stored] == [token_of_person(event, each) for each in people]


@pytest.mark.parametrize("is_given", [True, False])
def test_an_answer_doubles_nobody_of_another_sign_in(hold, settings, is_given):
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement"})
    conference = hold(rooms=0, webcasts=1)
    (webcast,) = conference.webcasts
    EventPrivacy.objects.create(event=conference.event, asks_consent=True)
    ann = conference.person("Ann")
    EmailAddress.objects.create(user=ann, email="ann@uni.example", verified=True)
    start = conference.unix(webcast, 0)
    visit = {"userId": "sso-77", "name": "S", "email": "Ann@Uni.example"}
    visit |= {"entryId": conference.place(webcast), "joined": start, "left": start + 600}
    conference.visits([visit])
    pull(conference)

    say(conference, [ann], is_given=is_given)
    pull(conference)

    # One report says an address, the other the id alone: what the first tells holds for both.
    (figures,) = figures_of([webcast]).values()
    assert (figures.attended, figures.guests) == (1, 0 if is_given else 1)
    whole = event_figures_of(conference.event)
    assert (whole.attended, whole.visits) == (1, 1)
    stored = set(ViewerTotal.objects.values_list("source", "user", "remote_user_id"))
    token = token_of_person(conference.event, ann)
    assert stored == {
        (source, ann.pk, "sso-77") if is_given else (source, None, token)
        for source in ("report", "engagement")
    }


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_no_holds_for_an_id_when_the_report_with_the_address_fails(hold, settings, when):
    """Else the report that goes on to answer would have the person once more."""
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement"})
    conference = hold(rooms=0, webcasts=1)
    (webcast,) = conference.webcasts
    ann = conference.person("Ann")
    EmailAddress.objects.create(user=ann, email="ann@uni.example", verified=True)
    start = conference.unix(webcast, 0)
    visit = {"userId": "sso-77", "name": "S", "email": "ann@uni.example"}
    visit |= {"entryId": conference.place(webcast), "joined": start, "left": start + 600}
    conference.visits([visit])
    pull(conference)
    if when == "before":
        say(conference, [ann], is_given=False)
    settings.KALTURA_FURTHER_REPORTS = frozenset()
    pull(conference)
    if when == "after":
        say(conference, [ann], is_given=False)
        pull(conference)

    token = token_of_person(conference.event, ann)
    assert set(ViewerTotal.objects.values_list("remote_user_id", flat=True)) == {token}
    assert figures_of([webcast])[webcast.pk].attended == 1


def test_two_sign_ins_of_one_without_a_name_are_one_person_with_the_minutes_of_both(hold):
    """Whether a pull stores them so, a no that comes later does, or a yes brings names back."""
    conference = hold(rooms=0, webcasts=1)
    (webcast,) = conference.webcasts
    ann = conference.person("Ann")
    start = conference.unix(webcast, 0)
    there = {"entryId": conference.place(webcast), "joined": start}
    conference.visits([{**there, "userId": "jdoe", "name": "Ann", "left": start + 600}])
    conference.visit(webcast, ann, 20, 50)
    pull(conference)
    link_person(conference.event, "report", "jdoe", ann, UserFactory())

    def counted():
        renew_what_moved()
        rows = SessionAttendance.objects.values_list("user", "live_minutes")
        return list(rows), figures_of([webcast])[webcast.pk].attended

    named = counted()
    say(conference, [ann], is_given=False)
    at_once = counted()
    pull(conference)
    pulled = counted()
    say(conference, [ann], is_given=True)
    pull(conference)
    again = counted()

    assert named == again == ([(ann.pk, 40)], 1)
    assert at_once == pulled == ([(None, 40)], 1)


def test_a_no_and_then_a_yes_lose_no_name(hold):
    conference = hold(rooms=1)
    ann = conference.person("Ann")
    conference.visit(conference.rooms[0], ann, 0, 30)

    def stored():
        pull(conference)
        stay = Stay.objects.get()
        return stay.name, stay.email, stay.raw, stay.user

    before = stored()
    say(conference, [ann], is_given=False)
    say(conference, [ann], is_given=True)

    assert before == stored()


def test_groups_of_the_audience_alone_are_shown(hold):
    conference = hold(rooms=1)
    (room,) = conference.rooms
    EventPrivacy.objects.create(event=conference.event, mode=PrivacyMode.AGGREGATE, minimum_group=3)
    team = [conference.person(f"T{number}") for number in range(9)]
    for person in team:
        TeamMemberFactory(event=conference.event, user=person, role="moderator")
        conference.visit(room, person, 0, 40)
    for number in range(9):
        guest = conference.person(f"P{number}")
        if number < 6:
            conference.visit(room, guest, 0, 20)
    pull(conference)

    def shown():
        (row,) = published_event(conference.event).sessions
        return row.counts.registered, row.counts.others, row.mean_minutes

    before = shown()
    declines(conference, team)

    assert before == shown() == (6, None, 20)


def test_the_list_of_stays_takes_as_many_queries_for_any_number_of_events(client):
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    counts = []
    for events in (1, 4):
        for event in EventFactory.create_batch(events):
            RecordingConsent.objects.create(event=event, user=UserFactory(), is_given=True)
            TeamMemberFactory(event=event, role="moderator")
            SessionSpeakerFactory(
                session__event=event, speaker__event=event, speaker__user=UserFactory()
            )
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("admin:analytics_stay_changelist")).status_code == 200
        counts.append(len(captured))

    assert counts[0] == counts[1]
