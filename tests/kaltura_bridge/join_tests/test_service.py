"""When sessions are tested, who is told of what, how often, and what dies on the way."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from events.models import OutgoingMail, Session, SessionStatus, TeamRole
from events.outbox.sending import send_due
from kaltura_bridge.join_tests import calls, service
from kaltura_bridge.join_tests.looking import LookOutcome
from kaltura_bridge.models import AlarmCall, JoinTest
from tests.factories import SessionFactory, TeamMemberFactory
from tests.kaltura_bridge.support.joining import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "s" * 32
WELL = LookOutcome("Kaltura's page")
BROKEN = LookOutcome("Kaltura's page", "refused", "Kaltura's page is refused (HTTP 403).")
AWAY = LookOutcome("Kaltura's page", "no_answer", "Kaltura's page: no connection.")


def coming(minutes: float = 50, **fields: Any) -> Session:
    start = timezone.now() + timedelta(minutes=minutes)
    times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
    return SessionFactory(**(times | fields))


def found(outcome: LookOutcome, session: Session) -> JoinTest:
    """One look that ends like this."""
    JoinTest.objects.filter(session=session).update(next_at=timezone.now())
    row = service.claim(timezone.now())[0]
    assert service.write_down(row, outcome, timezone.now())
    return JoinTest.objects.get(session=session)


def told() -> list[tuple[str, str]]:
    """Who was told what, in the order of the mails."""
    mails = OutgoingMail.objects.filter(kind="join_test").order_by("pk")
    return [(m.address, m.context["fault"]) for m in mails]


def test_sessions_are_planned_an_hour_and_a_quarter_before_their_start():
    soon, late, draft = coming(50), coming(70), coming(10, status=SessionStatus.DRAFT)
    on = coming(-5)
    service.plan(timezone.now())

    assert list(JoinTest.objects.values_list("session", flat=True)) == [soon.pk]
    first = found(WELL, soon)
    assert first.next_at == soon.starts_at - timedelta(minutes=15)
    JoinTest.objects.update(for_start=soon.starts_at)
    Session.objects.filter(pk=soon.pk).update(starts_at=soon.starts_at - timedelta(minutes=40))
    service.plan(timezone.now())
    moved = JoinTest.objects.get(session=soon)
    assert moved.next_at and moved.next_at <= timezone.now()
    assert found(WELL, soon).next_at is None
    assert {late.pk, draft.pk, on.pk}.isdisjoint(JoinTest.objects.values_list("session", flat=True))


def test_a_fault_alarms_once_when_it_is_confirmed_changes_and_ends():
    session = coming()
    boss = TeamMemberFactory(event=session.event, role=TeamRole.OWNER).user
    helper = TeamMemberFactory(event=session.event, role=TeamRole.MODERATOR).user
    TeamMemberFactory(event=session.event, role=TeamRole.ANALYST)
    service.plan(timezone.now())
    both = [boss.email, helper.email]

    found(BROKEN, session)
    assert told() == []
    for _ in range(3):
        found(BROKEN, session)
    assert sorted(told()) == sorted((who, "refused") for who in both)
    found(AWAY, session)
    found(AWAY, session)
    assert len(told()) == 4
    row = found(WELL, session)
    found(WELL, session)

    assert [fault for _, fault in told()] == ["refused"] * 2 + ["no_answer"] * 2 + [""] * 2
    assert (row.told, row.alarms) == ("", 3)


def test_the_mail_says_what_and_where_without_a_ks():
    session = coming(title="Keynote")
    boss = TeamMemberFactory(event=session.event).user
    service.plan(timezone.now())
    found(BROKEN, session)
    found(BROKEN, session)
    OutgoingMail.objects.update(due_at=timezone.now())

    send_due(for_s=5)

    (sent,) = mail.outbox
    room = reverse("admin:kaltura_bridge_control_room", args=[session.event_id])
    assert (sent.to, sent.subject) == ([boss.email], "Viewers could not join: Keynote")
    assert "viewers could not join: Refused." in sent.body
    assert "Kaltura's page is refused (HTTP 403)." in sent.body
    assert room in sent.body and "ks" not in sent.body.split(room)[0].lower().split("/")


def test_of_two_workers_one_tests_and_a_dead_one_is_taken_over():
    session = coming()
    service.plan(timezone.now())
    now = timezone.now()

    (first,) = service.claim(now)
    assert service.claim(now) == []
    (second,) = service.claim(now + timedelta(minutes=3))

    assert not service.write_down(first, BROKEN, now)
    assert service.write_down(second, WELL, now)
    assert JoinTest.objects.get(session=session).fault == ""


def test_what_is_cancelled_is_tested_no_more_and_alarms_nobody():
    session = coming()
    TeamMemberFactory(event=session.event)
    service.plan(timezone.now())
    Session.objects.filter(pk=session.pk).update(status=SessionStatus.CANCELLED)

    assert service.run_due(5) == 0
    assert JoinTest.objects.get(session=session).next_at is None
    assert told() == []


def test_what_runs_late_can_be_tested_as_long_as_its_doors_are_open(settings):
    settings.KALTURA_ADMIN_SECRET = ""
    late, closed = coming(-31), coming(-600)
    for session in (late, closed):
        service.ask_now(session)

    assert service.run_due(5) == 1
    rows = {row.session_id: row.fault for row in JoinTest.objects.all()}
    assert rows == {late.pk: "not_configured", closed.pk: ""}


class Listener:
    """A webhook: what it got, and how it answers."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.got.append((dict(self.headers), body))
                self.send_response(listener.statuses.pop(0) if listener.statuses else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Nobody reads it."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    made = Listener()
    settings.ALARM_WEBHOOK_URL, settings.ALARM_WEBHOOK_SECRET = made.url, SECRET
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_webhook_gets_signed_alarms_again_until_it_takes_them(listener):
    session = coming()
    service.plan(timezone.now())
    listener.statuses = [500, 302]
    found(BROKEN, session)
    found(BROKEN, session)
    found(WELL, session)

    arrived = calls.send_due(5)
    AlarmCall.objects.filter(delivered_at=None).update(next_at=timezone.now())
    later = calls.send_due(5)

    sent = [json.loads(body) for _, body in listener.got]
    assert (arrived, later, calls.send_due(5)) == (0, 2, 0)
    kinds = ["join.failed", "join.recovered"]
    assert [each["kind"] for each in sent] == kinds * 2
    assert [each["id"] for each in sent[:2]] == [each["id"] for each in sent[2:]]
    headers, body = listener.got[-1]
    unix, signed = headers[calls.SIGNATURE].removeprefix("t=").split(",v1=")
    made = hmac.new(SECRET.encode(), unix.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert signed == made
    assert sent[0]["session"]["uuid"] == str(session.uuid)
    assert (sent[0]["fault"], sent[1]["fault"]) == ("refused", "")


def test_alarm_that_nobody_takes_is_given_up(settings):
    settings.ALARM_WEBHOOK_URL = "http://127.0.0.1:9/secret-part"
    settings.ALARM_WEBHOOK_SECRET = SECRET
    call = AlarmCall.objects.create(kind="join.failed")
    for _ in range(7):
        AlarmCall.objects.exclude(next_at=None).update(next_at=timezone.now())
        calls.send_due(5)

    call.refresh_from_db()
    assert (call.attempts, call.next_at, call.delivered_at) == (6, None, None)
    assert call.trouble == "no connection (ConnectionError)"


def test_whoever_runs_the_event_has_a_session_joined_now(settings):
    session = coming(minutes=600)
    helper = TeamMemberFactory(event=session.event, role=TeamRole.MODERATOR).user
    url = reverse("admin:kaltura_bridge_join_test", args=[session.pk])

    answer = signed_in(helper).post(url, {"back": "//evil.example.org"})

    room = reverse("admin:kaltura_bridge_control_room", args=[session.event_id])
    assert answer["Location"] == room
    row = JoinTest.objects.get(session=session)
    assert row.next_at and row.next_at <= timezone.now()
