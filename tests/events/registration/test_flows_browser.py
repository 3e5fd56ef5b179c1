"""Coming in, in a real browser: questions, waiting lists, invitations; wide, narrow and dark."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events.models import Invitation, QuestionKind, SignUpQuestion
from events.outbox.sending import send_due
from events.registration.invitations import invitation_token, invite
from tests.events.conftest import visit
from tests.events.test_browser import overflow
from tests.factories import EventFactory, RegistrationFactory, SessionFactory, UserFactory

__all__ = ["visit"]  # A fixture.

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 360, "color_scheme": "dark"}
DESKTOP = {"width": 1280}
LOOKS = pytest.mark.parametrize("look", [PHONE, DESKTOP], ids=["phone", "desktop"])


def is_clean(page) -> bool:
    return (overflow(page), page.complaints) == (0, [])


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@LOOKS
def test_a_sign_up_form_says_what_is_missing_and_then_registers(visit, look, scripts):
    event = EventFactory(title="Congress", slug="congress")
    for kind, more in (
        (QuestionKind.CHOICE, {"label": "Diet", "choices": "Any\nVegan"}),
        (QuestionKind.CONSENT, {"label": "I agree to be filmed", "consent_text": "We film."}),
    ):
        SignUpQuestion.objects.create(event=event, kind=kind, is_required=True, **more)
    ada = UserFactory()
    page = visit("/e/congress/", user=ada, java_script_enabled=scripts, **look)

    page.get_by_role("button", name="Register").first.click()
    page.get_by_label("Diet").wait_for()
    page.get_by_label("Diet").select_option("Vegan")
    # A browser asks for the box itself; what gets past it is told by the portal.
    box = page.get_by_role("checkbox", name="I agree to be filmed")
    assert box.get_attribute("required") is not None
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    assert event.registrations.count() == 0
    box.check()
    page.locator("main form button[type=submit], main form button:not([type])").first.click()
    page.get_by_text("You are registered for Congress.").wait_for()

    assert [each.user for each in event.registrations.all()] == [ada]
    assert sorted(ada.sign_up_answers.values_list("question__label", "value", "consent_text")) == [
        ("Diet", "Vegan", ""),
        ("I agree to be filmed", "yes", "We film."),
    ]
    assert is_clean(page) if scripts else page.complaints == []


@LOOKS
def test_whoever_waits_moves_up_when_somebody_leaves_and_is_told(visit, look):
    event = EventFactory(title="Full house", slug="full", capacity=1)
    first = RegistrationFactory(event=event).user
    ada = UserFactory(email="ada@example.org")
    page = visit("/e/full/", user=ada, **look)
    page.locator("main form button").first.click()
    page.get_by_text("All places at Full house are taken. You are on the waiting list.").wait_for()
    waits = is_clean(page)

    other = visit("/e/full/withdraw/", user=first, **look)
    other.locator("main form button").first.click()
    other.get_by_text("You are no longer registered for Full house.").wait_for()
    send_due(10)
    page.goto(page.url)

    assert [each.user for each in event.registrations.filter(withdrawn_at=None)] == [ada]
    assert [letter.to for letter in mail.outbox] == [["ada@example.org"]]
    assert "Full house" in mail.outbox[0].subject
    assert (waits, is_clean(page), is_clean(other)) == (True, True, True)


@LOOKS
def test_an_invitation_lets_only_the_right_person_in_and_once(visit, look):
    event = EventFactory(title="Board day", slug="board", is_public=False)
    until = timezone.now() + timedelta(days=30)
    invitation = Invitation(event=event, email="ada@example.org", expires_at=until)
    invite([invitation])
    path = reverse("events:invitation", args=[invitation_token(invitation)])
    ada, ben = UserFactory(email="ada@example.org"), UserFactory(email="ben@example.org")

    wrong = visit(path, user=ben, **look)
    refused = wrong.locator("main").inner_text()
    page = visit(path, user=ada, **look)
    page.locator("main form button").first.click()
    page.get_by_text("You are registered for Board day.").wait_for()
    again = visit(path, **look)

    assert "You are signed in as ben@example.org" in re.sub(r"\s+", " ", refused)
    assert [each.user for each in event.registrations.all()] == [ada]
    assert page.url.endswith("/e/board/")
    assert "This invitation has been used." in again.locator("main").inner_text()
    assert [is_clean(each) for each in (wrong, page, again)] == [True, True, True]


@LOOKS
def test_a_place_in_a_session_is_reserved_and_given_back(visit, look):
    event = EventFactory()
    session = SessionFactory(event=event, capacity=1)
    ada = RegistrationFactory(event=event).user
    page = visit(session.get_absolute_url(), user=ada, **look)

    page.get_by_role("button", name=re.compile("Reserve")).click()
    page.get_by_text("A place in this session is reserved for you.").wait_for()
    taken = [each.user for each in session.places.exclude(taken_at=None)]
    page.get_by_role("button", name=re.compile("Give")).click()
    page.get_by_text("Your place is free for others now.").wait_for()

    assert (taken, session.places.count()) == ([ada], 0)
    assert is_clean(page)
