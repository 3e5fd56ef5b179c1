"""Who did not agree to be recorded by name is counted, and never stored by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from analytics.models import (
    EventPrivacy,
    PresenceSetting,
    RecordingConsent,
    SessionAttendance,
    Stay,
    ViewerTotal,
)
from analytics.privacy.answering import answer
from analytics.privacy.changing import change_privacy
from analytics.privacy.consent import events_asking, may_name, may_note
from analytics.privacy.erasing import erase_person
from analytics.pull import pull_attendance
from kaltura_bridge.join.identity import kaltura_user_id
from tests.analytics.privacy.test_erasing import times, traces_of
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def asking(hold):
    """A room whose event asks: Ada agreed, Bob declined, Cyd did not answer, and a guest."""
    conference = hold(rooms=1, webcasts=1)
    EventPrivacy.objects.create(event=conference.event, asks_consent=True)
    (room,), (webcast,) = conference.rooms, conference.webcasts
    people = [conference.person(name) for name in ("Ada L", "Bob M", "Cyd N")]
    for person, said in zip(people, (True, False, None), strict=True):
        conference.visit(room, person, 0, 20)
        conference.visit(room, person, 10, 40)
        if said is not None:
            RecordingConsent.objects.create(event=conference.event, user=person, is_given=said)
    conference.visit(webcast, people[1], 0, 30)
    conference.visit(room, "Zaphod", 0, 10)
    return conference, people


def test_only_who_agreed_is_stored_by_name(asking):
    conference, (ada, bob, cyd) = asking
    pull_attendance(conference.event)
    pull_attendance(conference.event)

    (room,) = conference.rooms
    assert [str(m) for m, _, _ in times(room)] == ["10.00", "40.00", "40.00", "40.00"]
    assert Stay.objects.count() == 7
    named = SessionAttendance.objects.exclude(user=None)
    assert set(named.values_list("user", flat=True)) == {ada.pk}
    for person in (bob, cyd):
        # The account and its registration are theirs; nothing says where they were.
        assert traces_of(kaltura_user_id(person)) == []
    assert traces_of("Zaphod") == []


def test_an_event_that_does_not_ask_stores_all_but_who_declined(asking):
    conference, (ada, bob, cyd) = asking
    EventPrivacy.objects.update(asks_consent=False)
    pull_attendance(conference.event)

    named = SessionAttendance.objects.exclude(user=None).values_list("user", flat=True)
    assert set(named) == {ada.pk, cyd.pk}
    assert traces_of(kaltura_user_id(bob)) == []
    assert traces_of("Zaphod")


def seen_in(session):
    """Who is there, and for how long, of all who attended."""
    rows = SessionAttendance.objects.filter(session=session, attended=True)
    return sorted((row.user.name if row.user else "", str(row.minutes_present)) for row in rows)


def test_an_answer_that_changes_counts_nobody_twice(hold):
    """Pulled by name, then a no, then a yes: one person each time, and a no works at once."""
    conference = hold(rooms=1, webcasts=1)
    (room,), (webcast,) = conference.rooms, conference.webcasts
    bob = conference.person("Bob M")
    conference.visit(room, bob, 0, 20)
    conference.visit(room, bob, 10, 40)
    conference.visit(webcast, bob, 0, 30)
    conference.visit(room, "Zaphod", 0, 10)
    pull_attendance(conference.event)
    named = [seen_in(room), seen_in(webcast)]

    answer(conference.event, bob, is_given=False)
    at_once = [traces_of(kaltura_user_id(bob)), seen_in(room)]
    pull_attendance(conference.event)
    unnamed = [seen_in(room), seen_in(webcast)]
    answer(conference.event, bob, is_given=True)
    pull_attendance(conference.event)

    assert named == [[("", "10.00"), ("Bob M", "40.00")], [("Bob M", "30.00")]]
    assert at_once == [[], [("", "10.00"), ("", "40.00")]]
    assert unnamed == [[("", "10.00"), ("", "40.00")], [("", "30.00")]]
    assert [seen_in(room), seen_in(webcast)] == named
    assert (Stay.objects.count(), ViewerTotal.objects.count()) == (3, 1)


def test_an_event_that_begins_to_ask_and_ends_it_counts_nobody_twice(hold):
    conference = hold(rooms=1)
    (room,) = conference.rooms
    owner = TeamMemberFactory(event=conference.event, role="owner").user
    conference.visit(room, conference.person("Bob M"), 0, 20)
    conference.visit(room, "Zaphod", 0, 10)
    told = []
    for asks in (False, True, False):
        change_privacy(conference.event, owner, {"asks_consent": asks}, "")
        pull_attendance(conference.event)
        told.append((seen_in(room), Stay.objects.count()))

    names, nobody = [("", "10.00"), ("Bob M", "20.00")], [("", "10.00"), ("", "20.00")]
    assert told == [(names, 2), (nobody, 2), (names, 2)]


def test_a_no_holds_for_whoever_is_known_by_a_link_or_an_address(hold, settings):
    """Sources that do not know our id of the person, and analysts who found out."""
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement"})
    conference = hold(rooms=0, webcasts=1)
    (webcast,), ann = conference.webcasts, conference.person("Ann")
    EmailAddress.objects.create(user=ann, email="ann@uni.example", verified=True)
    foreign = {"userId": "uni-77", "name": "Ann", "email": "ann@uni.example"}
    conference.visits([{**conference.a_visit(webcast, ann, 0, 30), **foreign}])
    pull_attendance(conference.event)
    before = seen_in(webcast)

    answer(conference.event, ann, is_given=False)
    pull_attendance(conference.event)

    # The webcast report tells no address, but names her by the same id.
    assert before == [("Ann", "30.00")]
    assert seen_in(webcast) == [("", "30.00")]
    assert not SessionAttendance.objects.exclude(user=None).exists()


def test_who_came_back_after_being_erased_is_their_new_account(hold):
    """The source still knows the address of before; the account that it names now decides."""
    conference = hold(rooms=1)
    (room,) = conference.rooms
    before = conference.person("Ada L")
    address = before.email
    erase_person(before, None)
    again = UserFactory(email=address, name="Ada L")
    RegistrationFactory(event=conference.event, user=again)
    conference.visits([{**conference.a_visit(room, again, 0, 20), "email": address}])

    pull_attendance(conference.event)

    assert [row.user for row in SessionAttendance.objects.all()] == [again]


@pytest.mark.parametrize(
    ("said", "asks_first", "named", "noted"),
    [
        (True, True, True, True),
        (True, False, True, True),
        (False, True, False, False),
        (False, False, False, False),
        (None, True, False, False),
        (None, False, True, False),
    ],
)
def test_one_rule_says_what_an_answer_means(said, asks_first, named, noted):
    assert (may_name(said, asks_first), may_note(said)) == (named, noted)


def test_people_see_and_change_their_answers_in_one_place(client):
    """Of events that ask and have a place of theirs, or an answer; of no draft, and no other."""
    ada = UserFactory()
    asks, notes, silent, draft = (
        RegistrationFactory(user=ada, event__title=title, event__status=status).event
        for title, status in (
            ("Asks", "published"),
            ("Notes", "published"),
            ("Silent", "published"),
            ("Draft", "draft"),
        )
    )
    elsewhere, left = EventFactory(title="Elsewhere"), EventFactory(title="Left")
    for event in (asks, draft, elsewhere):
        EventPrivacy.objects.create(event=event, asks_consent=True)
    PresenceSetting.objects.create(event=notes, is_on=True)
    PresenceSetting.objects.create(event=silent, is_on=False)
    RecordingConsent.objects.create(event=left, user=ada, is_given=True)
    client.force_login(ada)

    def say(event, said):
        form = {"event": event.slug, "answer": said}
        client.post(reverse("analytics:answer_consent"), form)

    for event, said in ((asks, "yes"), (left, "no"), (elsewhere, "yes"), (silent, "yes")):
        say(event, said)
    page = client.get(reverse("analytics:my_data")).content.decode()

    assert set(events_asking(ada)) == {asks, notes, left}
    assert dict(RecordingConsent.objects.values_list("event", "is_given")) == {
        asks.pk: True,
        left.pk: False,
    }
    assert page.count("You said yes: your attendance is kept under your name.") == 1
    assert page.count("Not answered: rooms and webcasts are kept under your name.") == 1
    assert page.count("You said no: you are counted without your name.") == 1


@pytest.mark.django_db(transaction=True)
def test_answers_of_before_are_kept_and_none_is_widened():
    """Two answers became one: a no to either is a no, a yes to join pages allows no more."""
    plain, asking = EventFactory(), EventFactory()
    EventPrivacy.objects.create(event=asking, asks_consent=True)
    people = UserFactory.create_batch(6)
    said_at = datetime(2030, 5, 6, tzinfo=UTC)
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate([("analytics", "0009_attendance_files")])
        apps = (
            MigrationExecutor(connection)
            .loader.project_state([("analytics", "0009_attendance_files")])
            .apps
        )
        old = [
            # Event, join page's answer, answer about the name.
            (plain, True, None),
            (plain, False, None),
            (plain, True, False),
            (plain, False, True),
            (asking, True, None),
            (asking, False, True),
        ]
        for person, (event, page, name) in zip(people, old, strict=True):
            row = {"event_id": event.pk, "user_id": person.pk, "answered_at": said_at}
            apps.get_model("analytics", "PresenceConsent").objects.create(**row, is_given=page)
            if name is not None:
                apps.get_model("analytics", "RecordingConsent").objects.create(**row, is_given=name)
    finally:
        MigrationExecutor(connection).migrate(newest)

    answers = dict(RecordingConsent.objects.values_list("user", "is_given"))
    assert [answers.get(person.pk) for person in people] == [
        True,
        False,
        False,
        False,
        None,
        False,
    ]
