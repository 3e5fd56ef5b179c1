"""Each mail leaves once, whatever the server answers and whoever dies on the way."""

from __future__ import annotations

import os
import signal
from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from events.models import MailState, OutgoingMail, RestingAddress
from events.outbox import sending
from events.outbox.enqueue import enqueue_all, enqueue_mail, new_mail
from events.outbox.kinds import MailKind, register_kind
from events.outbox.sending import send_due
from tests.events.support.mail_server import MailServer
from tests.factories import EventFactory, UserFactory

NOTE = register_kind(MailKind("note", "You asked for notes about {event}."))
GATHERED = register_kind(MailKind("note_gathered", "Notes.", gather_s=120, must_arrive=False))


@pytest.fixture(autouse=True)
def same_templates(monkeypatch: Any) -> None:
    """Both kinds are written alike."""
    from events.outbox import letters

    written = letters._written
    note = lambda name, kind, context: written(name, NOTE, context)  # noqa: E731
    monkeypatch.setattr(letters, "_written", note)


def states() -> list[str]:
    return list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True))


def make_due() -> None:
    """As if every pause and lease were over."""
    OutgoingMail.objects.update(due_at=timezone.now(), lease_until=timezone.now())


@pytest.mark.postgres
def test_a_mail_arrives_as_text_and_html_with_a_reason(db: None, server: MailServer):
    event = EventFactory(title="Tea & Cake")
    user = UserFactory(email="ada@example.org")

    enqueue_mail(NOTE, user, "note:1", event=event, context={"text": "Tom & Jerry <3"})
    assert send_due(10) == 1

    [mail] = server.accepted
    text, html = (part.get_content() for part in mail.iter_parts())
    assert (mail["To"], mail["Subject"]) == ("ada@example.org", "Tom & Jerry <3")
    assert text == (
        "* Tom & Jerry <3\n\n--\nYou asked for notes about Tea & Cake.\nhttp://localhost:8000\n"
    )
    assert "<p>Tom &amp; Jerry &lt;3</p>" in html
    row = OutgoingMail.objects.get()
    assert (row.state, row.subject, row.context) == (MailState.SENT, "Tom & Jerry <3", {})
    assert mail["Message-ID"] == f"<{row.message_id}>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None


@pytest.mark.postgres
def test_the_same_news_is_written_and_sent_once(db: None, server: MailServer):
    user = UserFactory()
    for _ in range(3):
        enqueue_mail(NOTE, user, "note:1", context={"text": "A"})
        send_due(10)
    enqueue_mail(NOTE, user, "note:2", context={"text": "B"})
    send_due(10)

    assert [mail["Subject"] for mail in server.accepted] == ["A", "B"]


@pytest.mark.django_db(transaction=True)
def test_a_mail_falls_with_its_transaction(server: MailServer):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue_mail(NOTE, "x@example.org", "note:1", context={"text": "A"})
        1 / 0  # noqa: B018

    assert (send_due(10), server.accepted) == (0, [])


@pytest.mark.postgres
def test_news_for_one_person_leave_in_one_mail(db: None, server: MailServer):
    ada, bob = UserFactory(email="ada@example.org"), UserFactory(email="bob@example.org")
    now = timezone.now()
    for number, (user, wait_s) in enumerate([(ada, 0), (ada, 90), (ada, 600), (bob, 90)]):
        due_at = now + timedelta(seconds=wait_s)
        enqueue_mail(GATHERED, user, str(number), context={"text": f"n{number}"}, due_at=due_at)

    assert send_due(10) == 2

    [mail] = server.accepted
    assert mail["To"] == "ada@example.org"
    assert mail.get_body(("plain",)).get_content().startswith("* n0\n* n1\n\n")
    assert states() == ["sent", "sent", "waiting", "waiting"]


def test_what_is_late_or_for_nobody_is_dropped(db: None, server: MailServer):
    now, gone = timezone.now(), UserFactory(is_active=False)
    enqueue_mail(NOTE, "x@example.org", "1", context={"text": "A"}, expires_at=now)
    enqueue_mail(NOTE, gone, "1", context={"text": "A"})
    call_command("note_bounce", "Rests@example.org", stdout=StringIO())
    enqueue_mail(NOTE, "rests@example.org", "1", context={"text": "A"})
    enqueue_mail(NOTE, "later@example.org", "1", due_at=now + timedelta(hours=1))

    assert (send_due(10), server.accepted) == (0, [])
    reasons = OutgoingMail.objects.order_by("pk").values_list("state", "reason")
    assert list(reasons) == [
        ("dropped", "Too late."),
        ("dropped", "The account is closed."),
        ("dropped", "The address rests."),
        ("waiting", ""),
    ]


def test_a_kind_drops_what_is_no_longer_true(db: None, server: MailServer):
    kind = MailKind(
        "note_true",
        "",
        gather_s=60,
        items_of=lambda mails: {m.pk: m.context for m in mails if m.context["text"] != "B"},
    )
    register_kind(kind)
    for text in "ABC":
        enqueue_mail(kind, "x@example.org", text, context={"text": text})

    assert send_due(10) == 2
    [mail] = server.accepted
    assert mail.get_body(("plain",)).get_content().startswith("* A\n* C\n\n")
    assert states() == ["sent", "dropped", "sent"]


@pytest.mark.parametrize(
    ("answer", "rests", "state"),
    [
        ("550 5.1.1 No such user", True, "failed"),
        ("550 unknown", True, "failed"),
        ("552 5.2.2 Mailbox full", False, "failed"),
        ("550 5.7.1 Looks like spam", False, "failed"),
        ("451 4.7.1 Greylisted, come back", False, "waiting"),
    ],
)
def test_a_refused_recipient_rests_when_there_is_no_mailbox(
    db: None, server: MailServer, answer: str, rests: bool, state: str
):
    server.refusals["ada@example.org"] = answer
    enqueue_mail(NOTE, "ada@example.org", "1", context={"text": "A"})
    enqueue_mail(NOTE, "bob@example.org", "1", context={"text": "A"})

    assert send_due(10) == 1
    assert server.recipients == ["bob@example.org"]
    assert states() == [state, "sent"]
    assert RestingAddress.objects.filter(address="ada@example.org").exists() is rests


def test_a_mail_that_is_put_off_is_sent_later_each_time_later(db: None, server: MailServer):
    server.data_answers = ["451 4.3.0 busy"] * 8
    enqueue_mail(NOTE, "ada@example.org", "1", context={"text": "A"})
    pauses = []
    for _ in range(8):
        assert send_due(10) == 0
        mail = OutgoingMail.objects.get()
        pauses.append(round((mail.due_at - timezone.now()).total_seconds() / 60))
        make_due()

    assert pauses == [1, 5, 15, 60, 180, 360, 720, 0]
    assert (mail.state, mail.reason) == (
        "failed",
        "The mail server refused it: 451 4.3.0 busy",
    )


def test_an_absent_server_costs_nothing_but_time(db: None, server: MailServer, settings: Any):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    enqueue_mail(GATHERED, "ada@example.org", "1", context={"text": "A"})
    assert send_due(10) == 0
    assert states() == ["waiting"]

    settings.EMAIL_PORT = port
    make_due()
    assert send_due(10) == 1


def test_after_a_broken_connection_only_what_must_arrive_goes_again(db: None, server: MailServer):
    server.data_answers = ["", ""]
    enqueue_mail(NOTE, "ada@example.org", "1", context={"text": "A"})
    enqueue_mail(GATHERED, "bob@example.org", "1", context={"text": "B"})

    assert send_due(10) == 0
    make_due()
    assert send_due(10) == 1

    first, reminder, again = server.accepted
    assert [first["To"], reminder["To"], again["To"]] == [
        "ada@example.org",
        "bob@example.org",
        "ada@example.org",
    ]
    assert first["Message-ID"] == again["Message-ID"]
    assert states() == ["sent", "in_doubt"]


def test_a_mistake_in_one_kind_holds_up_no_other(db: None, server: MailServer):
    def broken(mails: Any) -> Any:
        raise KeyError("speaker")

    register_kind(MailKind("note_broken", "", items_of=broken))
    enqueue_mail(MailKind("note_broken", ""), "a@example.org", "1")
    enqueue_mail(MailKind("note_unknown", ""), "b@example.org", "1")
    enqueue_mail(NOTE, "c@example.org", "1", context={"text": "A"})

    assert send_due(10) == 1
    assert list(OutgoingMail.objects.order_by("pk").values_list("state", "reason")) == [
        ("waiting", "It could not be written (KeyError)."),
        ("waiting", "This version of the portal does not know such mails."),
        ("sent", ""),
    ]


# --- Death -------------------------------------------------------------------------------


def in_child(work: Any) -> int:
    """Run it in a process of its own; returns how that ended."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.postgres
@pytest.mark.parametrize("moment", ["claimed", "handing over", "handed over"])
@pytest.mark.parametrize("kind", [NOTE, GATHERED], ids=["must arrive", "reminder"])
@pytest.mark.django_db(transaction=True)
def test_a_sender_killed_half_way(
    server: MailServer, monkeypatch: Any, kind: MailKind, moment: str
):
    enqueue_mail(kind, "ada@example.org", "1", context={"text": "A"})

    def work() -> None:
        names = {"claimed": "_deliver", "handing over": "_close", "handed over": "_close"}
        if moment == "claimed":
            monkeypatch.setattr(sending._Round, names[moment], die)
        elif moment == "handing over":
            monkeypatch.setattr("smtplib.SMTP.data", die)
        else:
            monkeypatch.setattr(sending.Hold, "settle", die)
        send_due(10)

    assert os.WTERMSIG(in_child(work)) == signal.SIGKILL
    assert states() == ["sending"]
    send_due(10)

    # Nobody can know of the last two, the server's log apart: the kind chooses.
    times = {
        ("claimed", True): 1,
        ("claimed", False): 1,
        ("handing over", True): 1,
        ("handing over", False): 0,
        ("handed over", True): 2,
        ("handed over", False): 1,
    }
    assert len(server.accepted) == times[moment, kind.must_arrive]
    assert len({mail["Message-ID"] for mail in server.accepted}) <= 1
    in_doubt = moment != "claimed" and not kind.must_arrive
    assert states() == ["in_doubt" if in_doubt else "sent"]


def send_with_two_workers(number: int, server: MailServer) -> None:
    enqueue_all(
        new_mail(NOTE, f"p{n}@example.org", "1", context={"text": "A"}) for n in range(number)
    )
    connections.close_all()
    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            try:
                send_due(200)
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    assert set(states()) == {"sent"}
    assert server.counted() == Counter(f"p{n}@example.org" for n in range(number))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(server: MailServer):
    send_with_two_workers(200, server)


@pytest.mark.proof
@pytest.mark.postgres_only
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_ten_thousand_mails_once(server: MailServer):
    send_with_two_workers(10_000, server)
