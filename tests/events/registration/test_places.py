"""Places at an event and in its sessions: never more than there are, and in the order of coming."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import reverse

from events.actions import NotAllowed, cancel_event, cancel_session
from events.models import (
    Event,
    EventStatus,
    OutgoingMail,
    Registration,
    Session,
    SessionPlace,
    User,
    Visibility,
    WaitingListEntry,
)
from events.registration.places import (
    PlaceCount,
    give_back,
    places_at,
    places_in,
    register,
    reserve,
    settle,
    unsettled_events,
    withdraw,
)
from tests.events.pages import form_values
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def registered(event: Event) -> set[User]:
    return {r.user for r in event.registrations.select_related("user").filter(withdrawn_at=None)}


def waiting(event: Event) -> list[User]:
    return [entry.user for entry in event.waiting_list.all()]


def seated(session: Session) -> set[User]:
    return {p.user for p in session.places.select_related("user").exclude(taken_at=None)}


def in_line(session: Session) -> list[User]:
    return [place.user for place in session.places.filter(taken_at=None)]


def people(count: int) -> list[User]:
    return [UserFactory() for _ in range(count)]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# --- The event -----------------------------------------------------------------------------


def test_whoever_comes_when_all_places_are_taken_waits_and_moves_up_in_order():
    event = EventFactory(capacity=2)
    ada, ben, cleo, dan = people(4)
    for person in (ada, ben, cleo, dan, cleo):
        register(person, event)

    assert (registered(event), waiting(event)) == ({ada, ben}, [cleo, dan])
    assert places_at(event) == PlaceCount(limit=2, taken=2, waiting=2)
    withdraw(ada, event)
    assert (registered(event), waiting(event)) == ({ben, cleo}, [dan])
    withdraw(dan, event)
    withdraw(ben, event)
    assert (registered(event), waiting(event)) == ({cleo}, [])
    assert Registration.objects.get(user=ada).withdrawn_at is not None


def test_nobody_overtakes_those_who_wait():
    """A place that was freed by none of our own ways is for who has waited longest."""
    event = EventFactory(capacity=1)
    ada, ben, cleo = people(3)
    register(ada, event)
    register(ben, event)
    User.objects.filter(pk=ada.pk).delete()

    register(cleo, event)

    assert (registered(event), waiting(event)) == ({ben}, [cleo])


def test_who_withdrew_and_comes_back_has_the_old_registration():
    event, ada = EventFactory(capacity=1), UserFactory()
    first = register(ada, event)
    withdraw(ada, event)

    assert register(ada, event) == first
    assert registered(event) == {ada}


def test_more_places_let_more_people_in():
    event, everybody = EventFactory(capacity=1), people(4)
    for person in everybody:
        register(person, event)
    event.capacity = 3
    event.save()

    assert settle(event) == 2
    assert (registered(event), waiting(event)) == (set(everybody[:3]), everybody[3:])
    event.capacity = None
    event.save()
    assert settle(event) == 1
    assert (settle(event), waiting(event)) == (0, [])


def test_fewer_places_put_nobody_out():
    event = EventFactory(capacity=2)
    ada, ben, cleo = people(3)
    for person in (ada, ben, cleo):
        register(person, event)
    event.capacity = 1
    event.save()

    withdraw(ada, event)

    assert (registered(event), waiting(event)) == ({ben}, [cleo])
    assert places_at(event) == PlaceCount(limit=1, taken=1, waiting=1)


def test_nobody_moves_up_after_the_end_or_when_it_is_cancelled():
    event, (ada, ben) = EventFactory(capacity=1), people(2)
    register(ada, event)
    register(ben, event)
    User.objects.filter(pk=ada.pk).delete()
    with time_machine.travel("2030-06-01T00:00:00Z", tick=False):
        assert settle(event) == 0
    cancel_event(event)
    assert settle(event) == 0
    assert not unsettled_events().exists()
    event.status = EventStatus.PUBLISHED
    event.save()

    assert list(unsettled_events()) == [event]
    assert settle(event) == 1


def test_people_without_a_working_account_are_passed_over():
    event, (ada, ben, cleo) = EventFactory(capacity=1), people(3)
    for person in (ada, ben, cleo):
        register(person, event)
    User.objects.filter(pk=ben.pk).update(is_active=False)

    withdraw(ada, event)

    assert (registered(event), waiting(event)) == ({cleo}, [ben])


def test_closing_registration_stops_newcomers_but_not_those_who_wait():
    event, (ada, ben, cleo) = EventFactory(capacity=1), people(3)
    register(ada, event)
    register(ben, event)
    event.registration_open = False
    event.save()

    with pytest.raises(NotAllowed, match="closed"):
        register(cleo, event)
    withdraw(ada, event)
    assert registered(event) == {ben}


# --- Sessions -------------------------------------------------------------------------------


@pytest.fixture
def workshop() -> Session:
    return SessionFactory(capacity=1, event=EventFactory())


def guests(session: Session, count: int) -> list[User]:
    return [RegistrationFactory(event=session.event).user for _ in range(count)]


def test_a_session_with_few_places_has_a_line_of_its_own(workshop):
    ada, ben, cleo = guests(workshop, 3)
    for person in (ada, ben, cleo, ben):
        reserve(person, workshop)

    assert (seated(workshop), in_line(workshop)) == ({ada}, [ben, cleo])
    assert places_in(workshop) == PlaceCount(limit=1, taken=1, waiting=2)
    give_back(ada, workshop)
    assert (seated(workshop), in_line(workshop)) == ({ben}, [cleo])


def test_leaving_the_event_gives_places_in_sessions_back(workshop):
    ada, ben = guests(workshop, 2)
    reserve(ada, workshop)
    reserve(ben, workshop)

    withdraw(ada, workshop.event)

    assert (seated(workshop), in_line(workshop)) == ({ben}, [])


def test_places_are_for_registered_people_and_until_the_doors_close(workshop):
    [ada] = guests(workshop, 1)
    with pytest.raises(NotAllowed, match="registered"):
        reserve(UserFactory(), workshop)
    with (
        time_machine.travel(workshop.ends_at + timedelta(minutes=31), tick=False),
        pytest.raises(NotAllowed, match="any more"),
    ):
        reserve(ada, workshop)
    cancel_session(workshop)
    with pytest.raises(NotAllowed, match="any more"):
        reserve(ada, workshop)


def test_the_sweep_finds_places_that_went_without_a_word(workshop):
    ada, ben = guests(workshop, 2)
    reserve(ada, workshop)
    reserve(ben, workshop)
    Registration.objects.filter(user=ada).delete()

    assert list(unsettled_events()) == [workshop.event]
    assert settle(workshop.event) == 1
    assert (seated(workshop), in_line(workshop)) == ({ben}, [])
    assert not unsettled_events().exists()


# --- Pages ----------------------------------------------------------------------------------


def test_pages_say_how_many_places_there_are_and_who_waits():
    event = EventFactory(capacity=1)
    ada, ben = people(2)
    page = f"/e/{event.slug}/"

    before = Client().get(page).content.decode()
    first = signed_in(ada).post(f"{page}register/")
    full = Client().get(page).content.decode()
    asked = signed_in(ben).get(f"{page}register/").content.decode()
    second = signed_in(ben).post(f"{page}register/")
    after = signed_in(ben).get(page).content.decode()

    assert "One of 1 places is free." in before
    assert "The one place is taken." in full
    assert "Join the waiting list" in asked
    assert told(first) == [f"You are registered for {event}."]
    assert told(second) == [f"All places at {event} are taken. You are on the waiting list."]
    assert "You are on the waiting list" in after and "Leave the waiting list" in after
    left = signed_in(ben).post(f"{page}withdraw/")
    assert told(left) == [f"You are no longer on the waiting list of {event}."]
    assert waiting(event) == []


def test_who_waits_keeps_seeing_an_event_by_invitation():
    event, ada = EventFactory(visibility=Visibility.INVITED), UserFactory()
    WaitingListEntry.objects.create(event=event, user=ada)

    assert signed_in(ada).get(f"/e/{event.slug}/").status_code == 200
    gone = signed_in(ada).post(f"/e/{event.slug}/withdraw/")
    assert (gone["Location"], WaitingListEntry.objects.count()) == ("/", 0)


def test_a_place_in_a_session_is_reserved_on_its_page(workshop):
    ada, ben = guests(workshop, 2)
    page = workshop.get_absolute_url()
    place = reverse("events:session_place", args=[workshop.event.slug, workshop.slug])

    before = signed_in(ada).get(page).content.decode()
    first = signed_in(ada).post(place)
    mine = signed_in(ada).get(page).content.decode()
    full = signed_in(ben).get(page).content.decode()
    second = signed_in(ben).post(place)
    line = signed_in(ben).get(page).content.decode()
    given = signed_in(ada).post(place, {"do": "give_back"})

    assert "Reserve a place" in before and "One of 1 is free." in before
    assert told(first) == ["A place in this session is reserved for you."]
    assert "You have a place" in mine and "Give my place back" in mine
    assert "All of them are taken: you would be on the waiting list." in full
    assert told(second) == ["All places are taken. You are on the waiting list."]
    assert "Waiting for a place" in line and "Leave the waiting list" in line
    assert told(given) == ["Your place is free for others now."]
    assert (seated(workshop), in_line(workshop)) == ({ben}, [])


def test_managers_see_who_waits_and_more_places_work_at_once(
    django_capture_on_commit_callbacks,
):
    event = EventFactory(capacity=1)
    ada, ben = people(2)
    register(ada, event)
    register(ben, event)
    client = signed_in(TeamMemberFactory(event=event).user)
    page = client.get(reverse("admin:events_waitinglistentry_changelist")).content.decode()
    edit = reverse("admin:events_event_change", args=[event.pk])
    form = form_values(client.get(edit).content.decode())
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(edit, {**form, "capacity": "2"})

    assert ben.email in page and ada.email not in page
    assert answer.status_code == 302
    assert (registered(event), waiting(event)) == ({ada, ben}, [])


# --- Many at once -----------------------------------------------------------------------------


def at_once(calls: list[Any], workers: int) -> None:
    """Run the calls in so many threads, each with a connection of its own."""
    start = threading.Barrier(workers)
    rest = iter(calls)
    lock = threading.Lock()

    def work(_: int) -> None:
        start.wait(timeout=20)
        try:
            while True:
                with lock:
                    call = next(rest, None)
                if call is None:
                    return
                call()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "count",
    [
        24,
        pytest.param(300, marks=pytest.mark.proof),
        pytest.param(2000, marks=[pytest.mark.proof, pytest.mark.postgres_only]),
    ],
)
def test_of_many_who_come_and_go_at_once_everybody_is_somewhere_and_never_too_many(count: int):
    """Half of the people hold a place and leave, the others wait: each moves up once."""
    event = EventFactory(capacity=count)
    leaving, coming = (
        User.objects.bulk_create(
            [User(email=f"{name}{n}@example.org", name=f"{name} {n}") for n in range(count)]
        )
        for name in ("leaving", "coming")
    )
    Registration.objects.bulk_create(Registration(event=event, user=user) for user in leaving)
    calls = [
        call
        for old, new in zip(leaving, coming, strict=True)
        for call in (lambda new=new: register(new, event), lambda old=old: withdraw(old, event))
    ]
    highest: list[int] = []
    calls[:: max(1, count // 10)] = [
        lambda call=call: (call(), highest.append(places_at(event).taken))
        for call in calls[:: max(1, count // 10)]
    ]

    at_once(calls, workers=2)

    assert registered(event) == set(coming)
    assert Registration.objects.count() == 2 * count
    assert (waiting(event), max(highest) <= count) == ([], True)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_the_last_places_of_a_session_so_many_get_one():
    session = SessionFactory(capacity=3)
    everybody = guests(session, 12)

    at_once([lambda who=who: reserve(who, session) for who in everybody], workers=6)

    assert (len(seated(session)), len(in_line(session))) == (3, 9)
    assert SessionPlace.objects.count() == 12


def crowd(name: str, count: int) -> list[User]:
    return User.objects.bulk_create(
        [User(email=f"{name}{n}@example.org", name=f"{name} {n}") for n in range(count)]
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "count",
    [
        60,
        pytest.param(4_000, marks=pytest.mark.proof),
        pytest.param(10_000, marks=[pytest.mark.proof, pytest.mark.postgres_only]),
    ],
)
def test_a_whole_crowd_moves_up_under_two_workers_each_of_them_once(count: int):
    """All who have a place lose it, a few by themselves and most by a list; all who wait get one.

    Then all of them wait for a session that gets larger step by step. Ten thousand times two
    promotions, with their mails, take less than a minute.
    """
    event = EventFactory(capacity=count)
    leaving, coming = crowd("leaving", count), crowd("coming", count)
    Registration.objects.bulk_create(Registration(event=event, user=user) for user in leaving)
    WaitingListEntry.objects.bulk_create(
        WaitingListEntry(event=event, user=user) for user in coming
    )
    highest: list[int] = []

    def take_away(people: list[User]) -> None:
        gone = Registration.objects.filter(event=event, user__in=people)
        gone.update(withdrawn_at=event.created_at)
        settle(event)
        highest.append(places_at(event).taken)

    single, listed = leaving[: count // 20], leaving[count // 20 :]
    chunks = [listed[at : at + count // 20] for at in range(0, len(listed), count // 20)]
    began = time.monotonic()
    at_once(
        [
            *(lambda who=who: withdraw(who, event) for who in single),
            *(lambda chunk=chunk: take_away(chunk) for chunk in chunks),
        ],
        workers=2,
    )

    took_s = time.monotonic() - began
    assert (registered(event), waiting(event)) == (set(coming), [])
    assert max(highest) <= count

    session = SessionFactory(event=event, capacity=0)
    SessionPlace.objects.bulk_create(SessionPlace(session=session, user=user) for user in coming)
    for capacity in range(count // 5, count + 1, count // 5):
        Session.objects.filter(pk=session.pk).update(capacity=capacity)
        began = time.monotonic()
        at_once([lambda: settle(event)] * 4, workers=2)
        took_s += time.monotonic() - began
        assert session.places.exclude(taken_at=None).count() == capacity

    assert took_s < 60
    assert seated(session) == set(coming)
    mails = OutgoingMail.objects.values_list("kind", "user")
    assert sorted(mails) == sorted(
        (kind, user.pk) for kind in ("event_place", "session_place") for user in coming
    )
