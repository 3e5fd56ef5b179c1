"""From the invitation to the agenda, in a real browser: claimed, edited, taken over, seen."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from events.models import Speaker
from events.outbox.sending import send_due
from tests.events.conftest import visit
from tests.events.speakers.conftest import review_page
from tests.events.test_browser import overflow
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

__all__ = ["visit"]  # A fixture.

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_speaker_is_invited_claims_edits_and_is_seen_on_the_agenda(visit):
    event = EventFactory(title="Congress", slug="congress")
    session = SessionFactory(event=event, title="Engines")
    speaker = SessionSpeakerFactory(session=session, speaker__name="A. L.").speaker
    manager, ada = TeamMemberFactory(event=event).user, UserFactory(email="ada@example.org")

    desk = visit(review_page(event), user=manager)
    desk.get_by_role("link", name="Invite…").click()
    desk.get_by_label("Invite A. L.").check()
    desk.get_by_label("Address of A. L.").fill("ada@example.org")
    desk.get_by_role("button", name="Send the invitations").click()
    desk.get_by_text("1 invitation is on its way.").wait_for()
    send_due(10)
    link = re.search(r"/invitation/[0-9a-f]{64}/", mail.outbox[0].body)[0]

    page = visit(link, user=ada, width=360)
    page.get_by_role("button", name="This is me").click()
    page.get_by_text("This profile is yours now.").wait_for()
    page.get_by_label("Name", exact=True).fill("Ada Lovelace")
    page.get_by_role("button", name="Send to the organisers").click()
    page.get_by_text("The organisers look at your changes").wait_for()
    page.get_by_role("link", name=re.compile("Engines")).click()
    page.get_by_label("Title of the session").fill("Analytical engines")
    page.get_by_role("button", name="Send to the organisers").click()
    page.get_by_text("The organisers look at your changes").wait_for()
    narrow = overflow(page)

    desk.goto(desk.url)
    for choice in desk.get_by_label("Take over").all():
        choice.check()
    desk.get_by_role("button", name="Do as chosen").click()
    desk.get_by_text("2 changes taken over.").wait_for()
    agenda = visit("/e/congress/agenda/?day=all")

    shown = agenda.locator("main").inner_text()
    assert ("Analytical engines" in shown, "Ada Lovelace" in shown) == (True, True)
    assert Speaker.objects.get().user == ada and Speaker.objects.get().pk == speaker.pk
    assert (narrow, desk.complaints, page.complaints) == (0, [], [])
