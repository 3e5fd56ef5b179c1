"""Many stars, two workers that write and send side by side: none is lost, none told twice."""

from __future__ import annotations

import os
import re
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from events.models import Bookmark, OutgoingMail, User
from events.news import soon
from events.outbox.sending import send_due
from tests.events.support.mail_server import MailServer
from tests.factories import EventFactory, SessionFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
SESSIONS = 5


def tell_with_two_workers(stars: int, server: MailServer) -> None:
    now = timezone.now()
    event = EventFactory(starts_on=now.date(), ends_on=now.date() + timedelta(days=2))
    starts_at = now + timedelta(minutes=9)
    sessions = [
        SessionFactory(event=event, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
        for _ in range(SESSIONS)
    ]
    User.objects.bulk_create(
        User(email=f"p{number}@example.org", password="!") for number in range(stars // SESSIONS)
    )
    people = User.objects.filter(email__startswith="p")
    Bookmark.objects.bulk_create(
        Bookmark(user=user, session=session) for user in people for session in sessions
    )
    connections.close_all()
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            try:
                soon.remind(now)
                send_due(250)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)

    told = Counter(
        (str(mail["To"]), slug)
        for mail in server.accepted
        for slug in re.findall(r"/sessions/([-\w]+)/", mail.get_body(("plain",)).get_content())
    )
    assert told == {(user.email, each.slug): 1 for user in people for each in sessions}
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {"sent"}


def test_each_of_two_hundred_stars_is_told_once(server: MailServer):
    tell_with_two_workers(200, server)


@pytest.mark.proof
@pytest.mark.postgres_only
def test_each_of_ten_thousand_stars_is_told_once(server: MailServer):
    tell_with_two_workers(10_000, server)
