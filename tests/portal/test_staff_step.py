"""A second step for staff where the installation requires it."""

from __future__ import annotations

import io

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from events.models import Event, TeamRole, User
from portal.sign_in.staff_step import REQUIRED
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.portal.test_second_step import totp

# Notices are sent after the commit.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
_SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def required(settings):
    cache.clear()
    settings.STAFF_TWO_FACTOR = REQUIRED


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def owner(event: Event) -> User:
    user = TeamMemberFactory(event=event, role=TeamRole.OWNER).user
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def staff_pages(event: Event) -> list[str]:
    session = SessionFactory(event=event)
    return [
        reverse("admin:index"),
        reverse("admin:events_session_changelist"),
        reverse("admin:analytics_event_csv", args=[event.pk]),
        reverse("kaltura:live_desk", args=[event.slug, session.slug]),
        reverse("events:session_messages", args=[event.slug, session.slug]),
    ]


def test_staff_without_one_are_led_to_set_it_up_and_back():
    event = EventFactory()
    client = signed_in(owner(event))
    pages = staff_pages(event)
    assert {client.get(url).url for url in pages} == {reverse("staff_step")}
    assert client.get(reverse("staff_step")).status_code == 200
    client.get(pages[1])

    activate = reverse("mfa_activate_totp")
    form = client.get(activate).context["form"]
    answer = client.post(activate, {"code": totp(form.secret)})
    said = [str(message) for message in get_messages(answer.wsgi_request)]
    assert any(f'href="{pages[1]}"' in text for text in said)
    assert [client.get(url).status_code for url in pages[:2]] == [200, 200]


def test_one_that_was_set_up_elsewhere_is_shown_first():
    event = EventFactory()
    user = owner(event)
    TOTP.activate(user, _SECRET)
    client, url = signed_in(user), reverse("admin:index")
    asking = client.get(url)
    assert asking.url.startswith(reverse("mfa_reauthenticate"))
    assert client.post(asking.url, {"code": "000000"}).status_code == 200
    done = client.post(asking.url, {"code": totp(_SECRET)})
    assert (done.url, client.get(url).status_code) == (url, 200)
    Authenticator.objects.filter(user=user).delete()
    assert client.get(url).url == reverse("staff_step")


def test_a_form_of_a_visit_without_it_changes_nothing():
    event = EventFactory()
    url = reverse("admin:events_event_delete", args=[event.pk])
    client = signed_in(owner(event))
    assert client.post(url, {"post": "yes"}).url == reverse("staff_step")
    answer = client.post(url, {"post": "yes"}, headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert Event.objects.exists()


def test_others_are_not_asked(settings):
    event = EventFactory()
    attendee = signed_in(RegistrationFactory(event=event).user)
    assert attendee.get(event.get_absolute_url()).status_code == 200
    assert "second-step" not in attendee.get(reverse("admin:index")).url
    assert "second-step" not in Client().get(reverse("admin:index")).url
    owners = signed_in(owner(event))
    assert owners.get(event.get_absolute_url()).status_code == 200
    settings.STAFF_TWO_FACTOR = "offered"
    assert owners.get(reverse("admin:index")).status_code == 200


def test_steps_are_removed_at_the_shell_with_a_trace():
    user = UserFactory(email="ada@example.org")
    TOTP.activate(user, _SECRET)
    said = io.StringIO()
    call_command("remove_second_steps", "ADA@example.org", stdout=said)
    assert not Authenticator.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user) == (str(user.pk), user)
    assert entry.change_message.startswith("Passkeys and second step removed at the shell, by ")
    assert [each.to for each in mail.outbox] == [["ada@example.org"]]
    for address in ("ada@example.org", "nobody@example.org"):
        with pytest.raises(CommandError):
            call_command("remove_second_steps", address)
