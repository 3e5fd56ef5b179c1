"""The list of a session's people, a page at a time, holds just whom the files list."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from analytics.models import EventPrivacy, PrivacyMode, SessionAttendance
from analytics.privacy.modes import rules_of
from analytics.reports.people import SessionPeople
from analytics.roster import PeopleFilter, Roster
from events.models import TeamRole
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    TeamMemberFactory,
    UserFactory,
)

PULLED = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def session():
    """Somebody of each kind: came, was outside the window, stayed away; with a place, without one."""
    event = EventFactory()
    session = InteractiveFactory(event=event)
    places = [RegistrationFactory(event=event, user__name=name).user for name in "GBADEF"]
    strangers = [UserFactory(name=name) for name in "zyx"]
    TeamMemberFactory(event=event, user=places[0], role=TeamRole.OWNER)
    seen = [(places[0], True), (places[1], True), (places[2], False)]
    seen += [(strangers[0], True), (strangers[1], False)]
    rows = [
        SessionAttendance(
            session=session,
            user=user,
            person_key=f"user:{user.pk}",
            attended=attended,
            minutes_present=Decimal(10) if attended else 0,
            sources="newrow",
            pulled_at=PULLED,
        )
        for user, attended in seen
    ]
    rows += [
        SessionAttendance(
            session=session,
            person_key=f"newrow:{name}",
            name=name,
            attended=attended,
            sources="newrow",
            pulled_at=PULLED,
        )
        for name, attended in (("Guest", True), ("Lurker", False))
    ]
    SessionAttendance.objects.bulk_create(rows)
    return session


@pytest.mark.parametrize("mode", [PrivacyMode.IDENTIFIED, PrivacyMode.PSEUDONYMOUS])
@pytest.mark.parametrize("show", list(PeopleFilter))
def test_pages_hold_whom_files_list(session, show, mode):
    EventPrivacy.objects.create(event=session.event, mode=mode)
    rules = rules_of(session.event)
    people = SessionPeople(session, show, rules, 6)
    pages = [people[start : start + 2] for start in range(0, len(people), 2)]
    shown = [line for page in pages for line in page]

    def told(line):
        return (line.shown, line.role, line.registered, line.attended, line.attendance)

    listed = list(Roster(session.event, rules).people(session, show))
    assert sorted(map(told, shown), key=str) == sorted(map(told, listed), key=str)
    assert len(people) == len(listed)
    if mode is PrivacyMode.PSEUDONYMOUS:
        # Any other order would tell who is who.
        assert [line.code for line in shown] == sorted(line.code for line in shown)
        assert {line.role for line in shown} == {""}


def test_those_who_came_are_first_by_name(session):
    people = SessionPeople(session, PeopleFilter.ALL, rules_of(session.event), 6)

    assert [line.shown.name for line in people[:]] == [
        *("B", "G", "Guest", "z"),  # were there,
        *("A", "Lurker", "y"),  # only outside the window,
        *("D", "E", "F"),  # and not at all.
    ]


@pytest.mark.parametrize("size", [1, 12])
def test_a_page_costs_the_same_queries_however_many_people(
    session, size, django_assert_num_queries
):
    for _ in range(size):
        RegistrationFactory(event=session.event)
    rules = rules_of(session.event)
    # Counts; then who was seen, who was not, and their roles.
    with django_assert_num_queries(4):
        people = SessionPeople(session, PeopleFilter.ALL, rules, 6 + size)
        people[0:12]
