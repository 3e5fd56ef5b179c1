"""Invitations: a list becomes personal links, each for one address and one time."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from events.actions import NotAllowed
from events.models import (
    Event,
    Invitation,
    InvitationState,
    MailState,
    OutgoingMail,
    User,
    Visibility,
    WaitingListEntry,
)
from events.outbox.sending import send_due
from events.registration.invitations import accept, invitation_token, invite, invite_again, revoke
from events.registration.invited import plan_invitations
from events.registration.signup import name_of
from tests.events.pages import form_values
from tests.events.support import mail_server
from tests.events.support.mail_server import MailServer
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event() -> Event:
    return EventFactory(
        title="Board day", slug="board", visibility=Visibility.INVITED, registration_open=False
    )


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with mail_server.running() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


def invited(event: Event, email: str = "ada@example.org", **fields: Any) -> Invitation:
    until = timezone.now() + timedelta(days=30)
    invitation = Invitation(**{"event": event, "email": email, "expires_at": until, **fields})
    invite([invitation])
    return invitation


def page_of(invitation: Invitation) -> str:
    return reverse("events:invitation", args=[invitation_token(invitation)])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def here(event: Event) -> set[User]:
    return {r.user for r in event.registrations.filter(withdrawn_at=None)}


# --- The link -----------------------------------------------------------------------------


def test_the_link_in_the_mail_lets_one_person_in_once(event: Event, server: MailServer):
    invited(event, name="Ada")
    send_due(10)
    [mail] = server.accepted
    text = mail.get_body(("plain",)).get_content()
    link = re.search(r"http://localhost:8000(/invitation/[0-9a-f]{64}/)", text)[1]
    ada = UserFactory(email="ada@example.org")

    stranger = Client().get(link)
    mine = signed_in(ada).get(link)
    accepted = signed_in(ada).post(link)
    again = signed_in(ada).get(link)
    seen = signed_in(ada).get("/e/board/")

    assert (mail["To"], mail["Subject"]) == ("ada@example.org", "You are invited: Board day")
    assert "Hello Ada," in text
    assert "Sign in with the e-mail address" in stranger.content.decode()
    assert "ada@example.org" not in stranger.content.decode()
    assert (stranger["Cache-Control"], stranger["Referrer-Policy"]) == (
        "private, no-store",
        "same-origin",
    )
    assert "Accept, and you have a place" in mine.content.decode()
    assert (accepted["Location"], told(accepted)) == (
        "/e/board/",
        ["You are registered for Board day."],
    )
    assert (again["Location"], seen.status_code, here(event)) == ("/e/board/", 200, {ada})
    assert OutgoingMail.objects.get().context == {}


def test_a_link_is_of_no_use_to_anybody_else(event: Event):
    invitation = invited(event)
    ben = UserFactory(email="ben@example.org")

    page = signed_in(ben).get(page_of(invitation)).content.decode()
    signed_in(ben).post(page_of(invitation))

    assert "You are signed in as <strong>ben@example.org</strong>" in page
    assert "ada@example.org" not in page
    assert (here(event), invitation.state) == (set(), InvitationState.OPEN)
    with pytest.raises(NotAllowed, match="another e-mail address"):
        accept(invitation, ben)


def test_used_revoked_and_expired_links_say_so_and_let_nobody_in(event: Event):
    ada = UserFactory(email="ada@example.org")
    old = invited(event, expires_at=timezone.now() - timedelta(seconds=1))
    said = [signed_in(ada).get(page_of(old)).content.decode()]
    [fresh] = invite_again([old])
    revoke([fresh])
    said.append(signed_in(ada).get(page_of(fresh)).content.decode())
    refused = signed_in(ada).post(page_of(fresh))
    [last] = invite_again([fresh])
    accept(last, ada)
    said.append(Client().get(page_of(last)).content.decode())

    assert "This invitation has expired." in said[0]
    assert "The organisers have taken this invitation back." in said[1]
    assert told(refused) == ["This invitation cannot be used any more."]
    assert "This invitation has been used." in said[2]
    assert (invite_again([last]), revoke([last])) == ([], 0)
    assert here(event) == {ada}


def test_a_new_link_replaces_the_old_one_and_made_up_ones_are_not_found(event: Event):
    first = invited(event)
    before = page_of(first)
    [again] = invite_again([first])

    assert Client().get(before).status_code == 404
    assert Client().get(page_of(again)).status_code == 200
    assert Client().get(f"/invitation/{'0' * 64}/").status_code == 404
    forged = f"/invitation/{again.key.hex}{'0' * 32}/"
    assert Client().get(forged).status_code == 404


def test_a_mail_that_waits_is_not_sent_once_its_link_is_dead(event: Event, server: MailServer):
    revoke([invited(event)])
    [again] = invite_again([invited(event, "ben@example.org")])
    send_due(10)

    [mail] = server.accepted
    assert invitation_token(again) in mail.get_body(("plain",)).get_content()
    states = OutgoingMail.objects.order_by("pk").values_list("address", "state")
    assert list(states) == [
        ("ada@example.org", MailState.DROPPED),
        ("ben@example.org", MailState.DROPPED),
        ("ben@example.org", MailState.SENT),
    ]


def test_an_invitation_answers_the_sign_up_form_and_waits_where_it_is_full(event: Event):
    diet = event.questions.create(label="Diet", is_required=True)
    event.capacity = 0
    event.save()
    ada, invitation = UserFactory(email="ada@example.org"), invited(event)
    client = signed_in(ada)

    empty = client.post(page_of(invitation), {"sent": "True"})
    done = client.post(page_of(invitation), {"sent": "True", name_of(diet): "Any"})

    assert "This field is required." in empty.content.decode()
    assert told(done) == ["All places at Board day are taken. You are on the waiting list."]
    assert WaitingListEntry.objects.get().user == ada
    assert diet.answers.get().value == "Any"


def test_a_cancelled_event_takes_nobody_and_the_link_stays_good(event: Event):
    invitation = invited(event)
    event.status = "cancelled"
    event.save()
    ada = UserFactory(email="ada@example.org")

    page = signed_in(ada).get(page_of(invitation)).content.decode()
    refused = signed_in(ada).post(page_of(invitation))

    assert "This event has been cancelled." in page
    assert told(refused) == ["This event is not open."]
    assert Invitation.objects.get().state == InvitationState.OPEN


@pytest.mark.django_db(transaction=True)
def test_of_many_clicks_at_once_one_uses_the_link(event: Event):
    invitation, ada = invited(event), UserFactory(email="ada@example.org")
    start = threading.Barrier(6)

    def click(_: int) -> str:
        start.wait(timeout=20)
        try:
            accept(Invitation.objects.get(pk=invitation.pk), ada)
        except NotAllowed:
            return "refused"
        finally:
            connection.close()
        return "in"

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(click, range(6)))

    assert answers == ["in", *["refused"] * 5]
    assert event.registrations.count() == 1


# --- The list ------------------------------------------------------------------------------


def plan_of(event: Event, text: str) -> Any:
    until = timezone.now() + timedelta(days=1)
    return plan_invitations(event, text, until, UserFactory())


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.org,Ada L.\nBEN@example.org",
        "\ufeffname;email\nAda L.;ada@example.org\n;ben@example.org\n",
        'email\tname\nada@example.org\t"Ada L."\n\n\nben@example.org\t\n',
    ],
)
def test_lists_are_read_as_spreadsheets_write_them(event: Event, text: str):
    plan = plan_of(event, text)

    assert [(row.email, row.name) for row in plan.new] == [
        ("ada@example.org", "Ada L."),
        ("ben@example.org", ""),
    ]
    assert plan.is_applicable


def test_wrong_rows_are_named_and_nothing_is_done(event: Event):
    plan = plan_of(
        event, f"ada@example.org\nnobody\nADA@example.org\nb@example.org,{'x' * 151}\n,Ben"
    )

    assert [(row.number, row.reason) for row in plan.bad] == [
        (2, "This is no e-mail address."),
        (3, "The same address stands in row 1."),
        (4, "A name has at most 150 characters."),
        (5, "This is no e-mail address."),
    ]
    assert not plan.is_applicable


def test_whoever_is_here_or_invited_is_left_out_and_the_expired_are_renewed(event: Event):
    RegistrationFactory(event=event, user__email="here@example.org")
    invited(event, "open@example.org")
    old = invited(event, "old@example.org", expires_at=timezone.now())
    used = invited(event, "used@example.org")
    accept(used, UserFactory(email="used@example.org"))
    event.registrations.filter(user__email="used@example.org").delete()
    names = ("here", "open", "old", "used", "new")

    plan = plan_of(event, "\n".join(f"{name}@example.org" for name in names))

    assert [row.email for row in plan.new] == ["new@example.org"]
    assert plan.renewed == [old]
    assert [email for email, _ in plan.skipped] == [
        "here@example.org",
        "open@example.org",
        "used@example.org",
    ]


def test_too_long_a_list_is_refused_whole(event: Event):
    plan = plan_of(event, "\n".join(f"p{n}@example.org" for n in range(5_001)))

    assert [row.reason for row in plan.bad] == ["A list has at most 5000 rows. Split it."]
    assert not plan.is_applicable


def test_managers_see_what_a_file_would_do_and_confirm_it(event: Event):
    client = signed_in(TeamMemberFactory(event=event).user)
    url = reverse("admin:events_event_invite", args=[event.pk])
    wrong = SimpleUploadedFile("people.csv", b"email,name\nada@example.org,Ada\nnobody,N\n")
    right = SimpleUploadedFile("people.csv", b"email,name\nada@example.org,Ada\n")

    refused = client.post(url, {"file": wrong, "days": 14, "preview": "1"}).content.decode()
    shown = client.post(url, {"file": right, "days": 14, "preview": "1"}).content.decode()
    form = form_values(shown)
    changed = client.post(url, {**form, "people": "eve@example.org", "confirmed": "1"})
    nothing_yet = Invitation.objects.count()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        done = client.post(url, {**form, "confirmed": "1"})

    assert "This is no e-mail address." in refused and "Yes, invite them" not in refused
    assert "One person gets a mail." in shown
    assert "this differs from what you saw before" in changed.content.decode()
    assert nothing_yet == 0
    assert told(done) == ["1 invitation is on its way."]
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.name) == ("ada@example.org", "Ada")
    assert invitation.expires_at == now + timedelta(days=14)
    assert OutgoingMail.objects.get().address == "ada@example.org"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00a", b"\x00\x00", b'"' * 200_000])
def test_odd_files_are_refused_in_words(event: Event, content: bytes):
    client = signed_in(TeamMemberFactory(event=event).user)
    url = reverse("admin:events_event_invite", args=[event.pk])
    file = SimpleUploadedFile("people.csv", content)

    answer = client.post(url, {"file": file, "days": 14, "preview": "1"})

    assert answer.status_code == 200
    assert "Yes, invite them" not in answer.content.decode()


def test_managers_send_again_and_revoke_in_the_list(event: Event):
    client = signed_in(TeamMemberFactory(event=event).user)
    mine = invited(event)
    theirs = invited(EventFactory())
    url = reverse("admin:events_invitation_changelist")
    both = [mine.pk, theirs.pk]

    revoked = client.post(url, {"action": "revoke_selected", "_selected_action": both})
    states = [Invitation.objects.get(pk=pk).state for pk in both]
    again = client.post(url, {"action": "send_again", "_selected_action": both})

    assert told(revoked) == ["1 link no longer works."]
    assert states == [InvitationState.REVOKED, InvitationState.OPEN]
    assert told(again)[-1] == "1 mail is on its way."
    keys = [Invitation.objects.get(pk=pk).key for pk in both]
    assert (keys[0] != mine.key, keys[1] == theirs.key) == (True, True)
