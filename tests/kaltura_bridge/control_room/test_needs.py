"""What the admin's first page says needs somebody, and to whom."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import Coverage, Source
from events.models import (
    MailState,
    OutgoingMail,
    Session,
    SessionStatus,
    TeamRole,
    WaitingListEntry,
)
from kaltura_bridge.models import JoinTest, SyncState
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.joining import signed_in, target_of

pytestmark = pytest.mark.django_db(transaction=True)
NEED = re.compile(r'<li class="need need-(\w+)">.*?<a href="([^"]+)">([^<]+)</a>')


def needs(client: Client) -> list[tuple[str, str]]:
    page = client.get(reverse("admin:index"))
    return [(level, unescape(text)) for level, _url, text in NEED.findall(page.content.decode())]


def troubled_event(**fields: str) -> Session:
    """An event with one of everything that needs somebody."""
    now = timezone.now()
    event = EventFactory(starts_on=now.date(), ends_on=now.date() + timedelta(days=1), **fields)
    soon = now + timedelta(minutes=30)
    times = {"starts_at": soon, "ends_at": soon + timedelta(minutes=30)}
    session = SessionFactory(event=event, **times)
    target_of(session, state=SyncState.FAILED, error_kind="refused", error="No.")
    JoinTest.objects.create(session=session, for_start=soon, fault="refused", told="refused")
    draft = SessionFactory(event=event, status=SessionStatus.DRAFT, **times)
    target_of(draft, state=SyncState.SYNCED, changed_there="name")
    WaitingListEntry.objects.create(event=event, user=UserFactory())
    OutgoingMail.objects.create(
        key=f"k{event.pk}",
        kind="soon",
        address="x@example.org",
        event=event,
        about="1",
        state=MailState.FAILED,
    )
    over = SessionFactory(
        event=event, starts_at=now - timedelta(hours=9), ends_at=now - timedelta(hours=8)
    )
    target_of(over, state=SyncState.SYNCED)
    Coverage.objects.create(
        session=over, source=Source.REPORT, attempted_at=now, error="Kaltura is away."
    )
    return session


def member(session: Session, role: str) -> Client:
    return signed_in(TeamMemberFactory(event=session.event, role=role).user)


HOURS = (
    "2 sessions are on or begin within two hours: viewers cannot join 1, Kaltura refused 1, "
    "1 is still a draft"
)


def test_each_is_told_what_they_may_see_to_and_nobody_else():
    session = troubled_event()
    stranger = TeamMemberFactory(role=TeamRole.OWNER).user

    planner = needs(member(session, TeamRole.MANAGER))

    assert planner == [
        ("now", HOURS),
        ("now", "1 object could not be sent to Kaltura"),
        ("soon", "1 object was changed at Kaltura"),
        ("soon", "Attendance of 1 session could not be read"),
        ("soon", "1 person waits for a place"),
        ("soon", "1 mail could not be delivered"),
    ]
    assert needs(member(session, TeamRole.MODERATOR)) == [("now", HOURS)]
    assert needs(member(session, TeamRole.ANALYST)) == [planner[3]]
    assert needs(signed_in(stranger)) == []


def test_each_line_leads_to_its_mend():
    session = troubled_event()
    client = member(session, TeamRole.OWNER)
    page = client.get(reverse("admin:index")).content.decode()

    urls = [unescape(url) for _level, url, _text in NEED.findall(page)]

    assert len(urls) == 6
    answers = [client.get(url) for url in urls]
    assert [answer.status_code for answer in answers] == [200] * 6
    shown = [answer.content.decode() for answer in answers]
    assert session.title in shown[0] and session.title in shown[1]


def test_home_costs_the_same_for_1_and_3_events():
    first = troubled_event()
    user = TeamMemberFactory(event=first.event, role=TeamRole.OWNER).user
    client = signed_in(user)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:index"))
        return len(queries)

    cost()
    one = cost()
    for _ in range(2):
        TeamMemberFactory(event=troubled_event().event, user=user, role=TeamRole.OWNER)

    assert (cost(), len(needs(client))) == (one, 18)
    assert one <= 25
