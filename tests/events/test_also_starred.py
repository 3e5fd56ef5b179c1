"""Suggestions from stars: never of few, never of who did not agree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from events.agenda.also_starred import LEAST, MORE, agree, count_stars
from events.models import AlsoStarred, Bookmark, CountedStars, Session, User
from tests.factories import FIRST_DAY, RegistrationFactory, SessionFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SURELY = LEAST + MORE
DAYS = [FIRST_DAY - timedelta(days=number) for number in range(1, 31)]


@pytest.fixture
def pair() -> tuple[Session, Session]:
    one = SessionFactory(title="One")
    return one, SessionFactory(event=one.event, title="Other")


def people(count: int, session: Session, *, agreeing: bool = True) -> list[User]:
    found = [RegistrationFactory(event=session.event).user for _ in range(count)]
    for user in found:
        agree(user, agrees=agreeing)
    return found


def star(users: Iterable[User], *sessions: Session) -> None:
    Bookmark.objects.bulk_create(
        [Bookmark(user=user, session=session) for user in users for session in sessions],
        ignore_conflicts=True,
    )


def shown(session: Session, today: date = DAYS[0]) -> list[str]:
    """What the page suggests after the stars were counted."""
    count_stars(today)
    page = Client().get(session.get_absolute_url()).content.decode()
    part = re.search(r'aria-labelledby="suggestions-heading".*?</section>', page, re.DOTALL)
    return re.findall(r'dir="auto">([^<]*)</a>', part[0]) if part else []


def is_suggested(session: Session, today: date) -> bool:
    """Whether there is anything that the page could show."""
    count_stars(today)
    return AlsoStarred.objects.filter(session=session).exists()


def ever_shown(session: Session) -> bool:
    return any(is_suggested(session, day) for day in DAYS) or bool(shown(session))


def test_what_enough_people_starred_is_suggested_both_ways(pair):
    star(people(SURELY, pair[0]), *pair)

    assert (shown(pair[0]), shown(pair[1])) == (["Other"], ["One"])
    assert (
        "People who starred this also starred"
        in Client().get(pair[0].get_absolute_url()).content.decode()
    )


def test_nine_people_are_never_enough(pair):
    star(people(LEAST - 1, pair[0]), *pair)

    assert not ever_shown(pair[0])


def test_whoever_owns_nine_accounts_learns_nothing_of_a_tenth_who_did_not_agree(pair):
    victim = people(1, pair[0], agreeing=False)
    star(people(LEAST - 1, pair[0]), *pair)

    star(victim, *pair)

    assert not ever_shown(pair[0])


@pytest.mark.parametrize("how", ["unregistered", "withdrawn", "inactive", "one star", "taken back"])
def test_others_do_not_make_the_ten_full(pair, how):
    star(people(LEAST - 1, pair[0]), *pair)
    more = people(MORE + 1, pair[0])
    star(more, *(pair[:1] if how == "one star" else pair))
    for user in more:
        match how:
            case "unregistered":
                user.registrations.all().delete()
            case "withdrawn":
                user.registrations.update(withdrawn_at=user.date_joined)
            case "inactive":
                User.objects.filter(pk=user.pk).update(is_active=False)
            case "taken back":
                agree(user, agrees=False)

    assert not ever_shown(pair[0])


def test_stars_at_other_events_do_not_count(pair):
    users = people(SURELY, pair[0])
    elsewhere = SessionFactory(title="Elsewhere")
    star(users, pair[0], elsewhere)

    assert shown(pair[0]) == []


def test_how_many_are_enough_changes_from_day_to_day(pair):
    """So whoever watches a pair appear does not know that it was the tenth."""
    star(people(LEAST, pair[0]), *pair)

    found = [is_suggested(pair[0], day) for day in DAYS]

    assert 0 < sum(found) < len(DAYS) / 2
    assert found == [is_suggested(pair[0], day) for day in DAYS]


def test_suggestions_go_with_the_consent_and_with_the_account(pair):
    users = people(SURELY, pair[0])
    star(users, *pair)
    assert shown(pair[0]) == ["Other"]

    for user in users[: MORE + 1]:
        user.delete()

    assert (shown(pair[0]), AlsoStarred.objects.count()) == ([], 0)


def test_only_what_is_published_is_suggested(pair):
    star(people(SURELY, pair[0]), *pair)
    assert shown(pair[0]) == ["Other"]

    pair[1].status = "draft"
    pair[1].save()

    assert shown(pair[0]) == []


def test_counting_again_changes_nothing(pair):
    star(people(SURELY, pair[0]), *pair)
    assert count_stars(DAYS[0]) == 1
    version = pair[0].event.programme_version
    version.refresh_from_db()

    assert count_stars(DAYS[0]) == 0
    assert type(version).objects.get(pk=version.pk).number == version.number


def test_the_best_three_are_suggested(pair):
    users = people(SURELY + 3, pair[0])
    star(users, pair[0])
    for number in range(4):
        session = SessionFactory(event=pair[0].event, title=f"Talk {number}")
        star(users[: SURELY + number], session)

    assert shown(pair[0]) == ["Talk 3", "Talk 2", "Talk 1"]


def test_people_agree_and_change_their_mind_on_their_agenda(client, pair):
    user = UserFactory()
    client.force_login(user)
    star([user], pair[0])
    page = client.get(reverse("events:my_agenda")).content.decode()
    assert ("Count my stars" in page, CountedStars.objects.count()) == (True, 0)

    client.post(reverse("events:count_stars"), {"count": "yes"})
    assert CountedStars.objects.get().user == user
    assert "Do not count my stars" in client.get(reverse("events:my_agenda")).content.decode()
    client.post(reverse("events:count_stars"), {"count": "no"})
    assert not CountedStars.objects.exists()
