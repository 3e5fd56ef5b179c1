"""A message reaches pages that are open, is dismissed, corrected and ended, without a reload."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.utils import timezone

from events.messages.sending import MessageDraft, correct_message, end_message, send_message
from events.messages.shown import shown_in
from events.models import TeamRole
from tests.accessibility import violations
from tests.browser import soon
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_waits_reads_a_message_within_seconds(visit):
    cache.clear()
    now = timezone.now()
    event = EventFactory(title="Summit", starts_on=now.date(), ends_on=now.date())
    session = SessionFactory(event=event, title="Maps", starts_at=now + timedelta(hours=3))
    owner = TeamMemberFactory(event=event, role=TeamRole.OWNER).user
    waiting = visit(
        f"{session.get_absolute_url()}join/", RegistrationFactory(event=event).user, width=360
    )
    messages = waiting.locator("[data-message]")
    draft = MessageDraft("<i>We start</i> late", "warning", now + timedelta(hours=1))
    message = send_message(uuid4(), event, session, owner, draft)

    messages.first.wait_for(timeout=20_000)
    assert messages.locator("p").all_inner_texts() == ["Important: <i>We start</i> late"]
    assert waiting.locator("[data-audience]").get_attribute("aria-live") == "polite"
    assert violations(waiting) == []
    assert waiting.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert soon(lambda: shown_in(message) == 1)

    waiting.get_by_role("button", name="Dismiss this message").click()
    assert messages.count() == 0
    waiting.reload()
    assert messages.count() == 0  # It remembers.

    other = MessageDraft("We start at ten", "info", now + timedelta(hours=1))
    correct_message(message, 1, other, mail_again=False)
    messages.first.wait_for(timeout=20_000)
    assert messages.locator("p").all_inner_texts() == ["We start at ten"]
    end_message(message)
    assert soon(lambda: messages.count() == 0)
    assert waiting.complaints == []

    desk = visit(f"{session.get_absolute_url()}messages/", owner, width=360)
    assert "shown in" in desk.inner_text("main")
    assert (violations(desk), desk.complaints) == ([], [])
    assert desk.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
