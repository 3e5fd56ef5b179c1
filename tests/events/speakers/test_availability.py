"""People on stage say when they can come; managers see who has not, and ask once and once more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events.models import (
    Event,
    PlannerRules,
    Session,
    Speaker,
    SpeakerAvailability,
    SpeakerHours,
    StageRules,
    User,
)
from events.outbox.sending import send_due
from events.speakers.availability import REMIND_AFTER, answers_of, ask_for_hours, remind_of_hours
from tests.events.pages import form_values
from tests.events.planner.conftest import berlin
from tests.events.speakers.conftest import review_page, signed_in, told
from tests.factories import SessionSpeakerFactory, SpeakerFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def asks(event: Event) -> StageRules:
    return StageRules.objects.create(event=event, asks_hours=True)


def page(speaker: Speaker) -> str:
    return reverse("events:stage_hours", args=[speaker.uuid])


def say(user: User, speaker: Speaker, **typed: Any) -> Any:
    client = signed_in(user)
    return client.post(
        page(speaker), {**form_values(client.get(page(speaker)).content.decode()), **typed}
    )


def hours(speaker: Speaker) -> list[tuple[Any, Any]]:
    return list(speaker.hours.order_by("starts_at").values_list("starts_at", "ends_at"))


def row(number: int, day: str, start: str, until: str) -> dict[str, str]:
    return {f"day_{number}": day, f"from_{number}": start, f"until_{number}": until}


def test_hours_are_said_on_the_clock_of_the_event_and_the_planner_has_them(event, speaker, ada):
    PlannerRules.objects.create(event=event)
    done = say(
        ada,
        speaker,
        **row(0, "2030-05-06", "09:00", "12:30"),
        **row(1, "2030-05-07", "22:00", "01:00"),
    )
    again = form_values(signed_in(ada).get(page(speaker)).content.decode())

    assert told(done) == ["Saved."]
    assert hours(speaker) == [
        (berlin("09:00"), berlin("12:30")),
        (berlin("22:00", 7), berlin("01:00", 8)),
    ]
    assert (again["from_0"], again["until_1"]) == ("09:00", "01:00")
    assert PlannerRules.objects.get(event=event).revision == 1
    assert answers_of(event).missing == ()


def test_who_can_always_come_says_so_and_takes_hours_back(event, speaker, talk, ada):
    say(ada, speaker, **row(0, "2030-05-06", "09:00", "12:30"))
    both = say(ada, speaker, always="on")
    say(ada, speaker, always="on", **row(0, "", "", ""))

    assert "empty their rows" in both.content.decode()
    assert (hours(speaker), answers_of(event).answered) == ([], 1)


def test_half_a_row_or_nothing_at_all_is_refused(event, speaker, ada):
    half = say(ada, speaker, day_0="2030-05-06")
    nothing = say(ada, speaker)

    assert "A row has a day and two times." in half.content.decode()
    assert "Say when you can come, or that you always can." in nothing.content.decode()
    assert SpeakerAvailability.objects.count() == 0


def test_hours_that_a_manager_wrote_meanwhile_are_shown_and_not_overwritten(event, speaker, ada):
    client = signed_in(ada)
    form = form_values(client.get(page(speaker)).content.decode())
    end = berlin("18:00")
    SpeakerHours.objects.create(speaker=speaker, starts_at=berlin("14:00"), ends_at=end)

    refused = client.post(page(speaker), {**form, **row(0, "2030-05-06", "09:00", "12:30")})

    assert told(refused) == [
        "The organisers wrote other hours down. They stand here now: look again."
    ]
    assert hours(speaker) == [(berlin("14:00"), end)]


def test_nobody_else_finds_the_page_nor_anybody_where_the_event_does_not_ask(
    event, speaker, ada, manager, asks
):
    for who in (manager, UserFactory()):
        assert signed_in(who).get(page(speaker)).status_code == 404
        assert signed_in(who).post(page(speaker), {"always": "on"}).status_code == 404
    asks.asks_hours = False
    asks.save()

    assert signed_in(ada).get(page(speaker)).status_code == 404


def test_those_who_have_not_answered_are_asked_once_and_reminded_once(
    event: Event, speaker: Speaker, talk: Session, manager: User
):
    answered = SpeakerFactory(event=event, user=UserFactory())
    SessionSpeakerFactory(session=talk, speaker=answered)
    SpeakerAvailability.objects.create(speaker=answered, answered_at=timezone.now())
    SessionSpeakerFactory(session=talk, speaker=SpeakerFactory(event=event, name="No account"))
    client = signed_in(manager)

    shown = client.get(review_page(event)).content.decode()
    asked = client.post(review_page(event), {"ask": "1"})
    twice = ask_for_hours(event)
    later = timezone.now() + REMIND_AFTER + timedelta(minutes=1)
    for _ in range(2):
        remind_of_hours(later)
    send_due(10)

    assert "2 people have not answered" in shown
    assert (told(asked), twice) == (["1 person is asked by mail."], 0)
    assert [letter.to for letter in mail.outbox] == [["ada@example.org"]] * 2
    assert mail.outbox[0].subject == "When can you come to Congress?"
    assert page(speaker) in mail.outbox[0].body


def test_who_answers_before_the_mail_leaves_gets_none(event, speaker, talk, ada):
    ask_for_hours(event)
    say(ada, speaker, always="on")
    send_due(10)

    assert mail.outbox == []
