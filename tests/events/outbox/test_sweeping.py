"""The log of mails ends, and what mails said goes before it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from events.models import MailState, OutgoingMail
from events.outbox import sweeping
from events.outbox.sweeping import sweep_outbox

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def a_mail(about: str, state: MailState, days_ago: float | None = None, **fields: Any) -> None:
    settled_at = None if days_ago is None else timezone.now() - timedelta(days=days_ago)
    OutgoingMail.objects.create(
        key=about,
        about=about,
        kind="note",
        address="ada@example.org",
        state=state,
        settled_at=settled_at,
        **fields,
    )


def test_mails_are_forgotten_when_their_time_is_over(settings, monkeypatch):
    settings.MAIL_LOG_DAYS = 30
    monkeypatch.setattr(sweeping, "_AT_A_TIME", 2)
    for state in (MailState.SENT, MailState.DROPPED, MailState.FAILED, MailState.IN_DOUBT):
        a_mail(f"old {state}", state, days_ago=30.1)
        a_mail(f"new {state}", state, days_ago=29.9)
    long_ago = timezone.now() - timedelta(days=90)
    a_mail("waiting", MailState.WAITING, created_at=long_ago)
    a_mail("sending", MailState.SENDING, created_at=long_ago)

    swept = [sweep_outbox(timezone.now()), sweep_outbox(timezone.now())]

    assert swept == [4, 0]
    assert set(OutgoingMail.objects.values_list("about", flat=True)) == {
        *("new sent", "new dropped", "new failed", "new in_doubt", "waiting", "sending"),
    }


def test_what_a_mail_said_goes_before_its_row():
    link = {"link": "https://a.example/secret"}
    a_mail("sent", MailState.SENT, days_ago=0, context=link)
    a_mail("waiting", MailState.WAITING, context=link)

    sweep_outbox(timezone.now())

    assert dict(OutgoingMail.objects.values_list("about", "context")) == {
        "sent": {},
        "waiting": link,
    }
