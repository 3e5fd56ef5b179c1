"""Who belongs to an event is a member of its category at Kaltura, and nobody else of ours."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.privacy.erasing import erase_person
from events.models import (
    Event,
    EventStatus,
    Registration,
    SessionSpeaker,
    SpeakerRole,
    TeamMember,
    TeamRole,
    User,
    Visibility,
)
from events.registration.places import withdraw
from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.members.following import ensure_all_members
from kaltura_bridge.models import EventDelivery, RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.sync import reconcile, service
from kaltura_bridge.sync.plan_report import plan_report
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
    WebcastFactory,
)
from tests.kaltura_bridge.support.planning import in_step, settle

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    """A private event whose people Kaltura knows."""
    planned = EventFactory(visibility=Visibility.REGISTERED)
    WebcastFactory(event=planned)
    EventDelivery.objects.create(event=planned, privacy_context="spring2027")
    return planned


def members(simulator: Simulator) -> dict[str, int]:
    """The levels of our people by their ids, whatever category they are in."""
    rows = simulator.objects("categoryUser")
    return {
        row["userId"]: row["permissionLevel"] for row in rows if row["userId"].startswith("portal-")
    }


def ids(*people: User) -> set[str]:
    return {kaltura_user_id(person) for person in people}


def member_targets(**more: Any) -> Any:
    return SyncTarget.objects.filter(kind=TargetKind.MEMBER, **more)


def test_everybody_who_belongs_is_a_member_by_what_they_are(simulator, event):
    attendee, owner, leader = (UserFactory() for _ in range(3))
    analyst, speaker, moderator, stranger = (UserFactory() for _ in range(4))
    RegistrationFactory(event=event, user=attendee)
    RegistrationFactory(event=event, user=owner)
    for user, role in ((owner, "owner"), (leader, "moderator"), (analyst, "analyst")):
        TeamMemberFactory(event=event, user=user, role=role)
    for user, role in ((speaker, SpeakerRole.SPEAKER), (moderator, SpeakerRole.MODERATOR)):
        on_stage = SpeakerFactory(event=event, user=user)
        SessionSpeakerFactory(session=event.sessions.get(), speaker=on_stage, role=role)
    RegistrationFactory(user=stranger)  # at another event, of which nobody is told

    service.sync_due()

    wanted = [(attendee, 3), (owner, 0), (leader, 1), (analyst, 3), (speaker, 3), (moderator, 1)]
    assert in_step(event)
    assert members(simulator) == {kaltura_user_id(user): level for user, level in wanted}
    category = RemoteLink.objects.get(
        kind="category", target__kind="event", target__event_uuid=event.uuid
    )
    rows = simulator.objects("categoryUser")
    assert {str(row["categoryId"]) for row in rows} == {category.remote_id}
    assert {row["fullName"] for row in simulator.objects("user")} >= ids(attendee)  # no names


@pytest.mark.postgres
def test_members_come_change_and_go(simulator, event):
    ann, ben = UserFactory(), UserFactory()
    for user in (ann, ben):
        RegistrationFactory(event=event, user=user)
    settle(event)

    TeamMemberFactory(event=event, user=ann, role=TeamRole.MANAGER)
    withdraw(ben, event)
    settle(event)
    promoted = members(simulator)
    TeamMember.objects.get(user=ann).delete()
    Registration.objects.get(user=ann).delete()
    Registration.objects.get(user=ben).delete()
    settle(event)

    assert promoted == {kaltura_user_id(ann): 0}
    assert members(simulator) == {}
    assert not member_targets().exists()
    assert in_step(event)


def test_stage_role_raises_the_level(simulator, event):
    ann = UserFactory()
    RegistrationFactory(event=event, user=ann)
    settle(event)
    speaker = SpeakerFactory(event=event, user=ann)
    SessionSpeaker.objects.create(
        session=event.sessions.get(), speaker=speaker, role=SpeakerRole.MODERATOR
    )

    settle(event)

    assert members(simulator) == {kaltura_user_id(ann): 1}


@pytest.mark.parametrize("end", ["context", "draft", "deleted"])
def test_nobody_stays_where_the_event_tells_of_nobody(simulator, event, end):
    for user in UserFactory.create_batch(3):
        RegistrationFactory(event=event, user=user)
    settle(event)

    if end == "context":
        delivery = EventDelivery.objects.get(event=event)
        delivery.privacy_context = ""
        delivery.save()
    elif end == "draft":
        event.status = EventStatus.DRAFT
        event.save()
    else:
        event.delete()
    service.sync_due()

    assert members(simulator) == {}
    assert not member_targets().exists()


def test_publishing_tells_of_everybody(simulator, event):
    event.status = EventStatus.DRAFT
    event.save()
    people = UserFactory.create_batch(3)
    for user in people:
        RegistrationFactory(event=event, user=user)
    settle(event)
    before = members(simulator)
    event.status = EventStatus.PUBLISHED
    event.save()

    settle(event)

    assert (before, set(members(simulator))) == ({}, ids(*people))


def test_erased_person_is_no_member_any_more(simulator, event):
    ann, ben = UserFactory(), UserFactory()
    for user in (ann, ben):
        RegistrationFactory(event=event, user=user)
    settle(event)
    stays = ids(ben)

    erase_person(ann, None)
    settle(event)

    assert set(members(simulator)) == stays
    assert {str(target.title) for target in member_targets()} == stays
    assert in_step(event)


def test_deactivated_account_is_no_member_any_more(simulator, event):
    ann = UserFactory()
    RegistrationFactory(event=event, user=ann)
    settle(event)

    ann.is_active = False
    ann.save()
    settle(event)

    assert members(simulator) == {}


@pytest.mark.parametrize(
    "action", ["categoryUser.add", "categoryUser.update", "categoryUser.delete"]
)
def test_lost_reply_makes_nobody_a_member_twice(simulator, settings, event, action):
    settings.KALTURA_INDEX_DELAY_S = 0.0
    ann = UserFactory()
    registration = RegistrationFactory(event=event, user=ann)
    if action != "categoryUser.add":
        settle(event)
    if action == "categoryUser.update":
        TeamMemberFactory(event=event, user=ann, role=TeamRole.OWNER)
    elif action == "categoryUser.delete":
        registration.delete()
    simulator.lose_reply(action)

    settle(event)

    level = {"categoryUser.add": {3}, "categoryUser.update": {0}, "categoryUser.delete": set()}
    assert set(members(simulator).values()) == level[action]
    assert in_step(event)


def test_member_who_was_added_by_hand_is_adopted(simulator, event):
    settle(event)
    ann = UserFactory()
    home = RemoteLink.objects.get(kind="category", target__kind="event").remote_id
    row = new("KalturaCategoryUser", categoryId=home, userId=kaltura_user_id(ann))
    Kaltura().ask([Request(lambda c: c.categoryUser.add(row), write=True)])

    TeamMemberFactory(event=event, user=ann, role=TeamRole.OWNER)
    settle(event)

    assert members(simulator) == {kaltura_user_id(ann): 0}
    assert in_step(event)


def test_changes_made_at_kaltura_are_told_and_left_alone(simulator, event):
    ann, ben = UserFactory(), UserFactory()
    for user in (ann, ben):
        RegistrationFactory(event=event, user=user)
    settle(event)
    home = RemoteLink.objects.get(kind="category", target__kind="event").remote_id
    level = new("KalturaCategoryUser", permissionLevel=0)
    Kaltura().ask(
        [
            Request(lambda c: c.categoryUser.update(home, kaltura_user_id(ann), level, True)),
            Request(lambda c: c.categoryUser.delete(home, kaltura_user_id(ben))),
        ]
    )

    service.sync_event(event, 5)

    told = {t.title: (t.state, t.changed_there, t.error_kind) for t in member_targets()}
    assert told == {
        kaltura_user_id(ann): ("synced", "Member of a category level", ""),
        kaltura_user_id(ben): ("failed", "", "gone"),
    }
    assert members(simulator) == {kaltura_user_id(ann): 0}


def test_sweep_finds_who_was_never_told_of_and_who_left_unseen(simulator, event):
    ann, ben = UserFactory(), UserFactory()
    RegistrationFactory(event=event, user=ann)
    settle(event)
    # Behind the back of every signal, as a restored backup is.
    Registration.objects.filter(user=ann).update(user=ben)

    reconcile.sweep()
    with_both = set(members(simulator))
    SyncTarget.objects.update(synced_at="2020-01-01T00:00:00Z")
    reconcile.sweep()

    assert with_both == ids(ann, ben)
    assert set(members(simulator)) == ids(ben)


def test_plan_shows_members_and_writes_nothing(simulator, event):
    RegistrationFactory(event=event)
    Registration.objects.bulk_create([Registration(event=event, user=UserFactory())])

    plan = plan_report(service.plan_event(event)).as_json()

    kinds = [row["kind"] for row in plan["operations"] if row["action"] == "create"]
    assert kinds.count("category_user") == 2
    assert simulator.writes() == 0


@pytest.mark.postgres
def test_hundreds_of_members_cost_batches(simulator, event):
    number = 120
    settle(event)
    people = User.objects.bulk_create(
        [User(email=f"p{n}@example.org", name=f"P {n}", password="!") for n in range(number)]
    )
    Registration.objects.bulk_create([Registration(event=event, user=u) for u in people])

    with CaptureQueriesContext(connection) as told:
        assert ensure_all_members() == number
    work = settle(event)
    again = service.sync_event(event, 20)

    assert len(told) <= 12
    assert (work.writes, len(members(simulator))) == (number, number)
    assert work.calls <= ceil(number / 25) + 3
    assert (again.writes, again.calls <= 5) == (0, True)


def test_registering_asks_one_question_where_nobody_is_told_of():
    planned, user = EventFactory(), UserFactory()

    with CaptureQueriesContext(connection) as asked:
        Registration.objects.create(event=planned, user=user)

    assert [query["sql"] for query in asked if "privacy_context" in query["sql"]] != []
    assert len([query for query in asked if "kaltura_bridge" in query["sql"]]) == 1
    assert not member_targets().exists()
