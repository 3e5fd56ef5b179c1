"""What asks once more who is there: the whole table, and that no form is lost meanwhile."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from events.models import Event, ObjectHistory, Registration, Speaker, TeamMember, TeamRole, User
from portal.sudo.table import ACTIONS, DELETE_VIEW, VIEWS
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.permissions import table

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
PASSWORD = "quokkas eat leaves"
LATER = timedelta(minutes=31)

# Files and deletions that ask nothing, and why.
NOT_GUARDED = {
    "admin:analytics_file_cancel": "stops a file from being made",
    "admin:analytics_file_plan": "stops or resumes a plan; each file is taken by analytics_file",
    "admin:analytics_file_rows": "says how far files are",
    "admin:events_event_import_file": "what a file that somebody brought would do",
    "admin:kaltura_bridge_orphans_look": "looks only",
    "analytics:certificate_pdf": "one's own",
    "analytics:my_data_file": "one's own",
    "kaltura:captions_file": "what was said, for everybody who may watch",
    "kaltura:recording_file": "a recording, for everybody who may keep a copy",
    "mfa_download_recovery_codes": "allauth asks by itself",
}
_TELLING = re.compile(r"delete|csv|xlsx|pdf|export|_file|erase|download|orphans_|_team$")
_TELLING_ACTION = re.compile(r"delete|export|remove_second|erase")


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def owner(event: Event, **fields: Any) -> User:
    return TeamMemberFactory(
        event=event, role=TeamRole.OWNER, user=UserFactory(is_staff=True, **fields)
    ).user


def test_every_deletion_and_every_file_is_in_the_table():
    """Who adds one says in portal/sudo/table.py that it asks, or here why not."""
    telling = {name for name in table.addresses() if _TELLING.search(name)}
    guarded = {name for name in telling if name in VIEWS or DELETE_VIEW.fullmatch(name)}

    assert telling - guarded == set(NOT_GUARDED)
    assert set(VIEWS) <= set(table.addresses())


def test_every_action_that_deletes_or_exports_is_in_the_table():
    request = RequestFactory().get("/admin/")
    request.user = UserFactory(is_staff=True, is_superuser=True)
    offered = {name for page in admin.site._registry.values() for name in page.get_actions(request)}
    assert {name for name in offered if _TELLING_ACTION.search(name)} == set(ACTIONS)


def test_nothing_asks_who_has_just_signed_in():
    event = EventFactory()
    speaker = SpeakerFactory(event=event)
    answer = signed_in(owner(event)).post(
        reverse("admin:events_speaker_delete", args=[speaker.pk]), {"post": "yes"}
    )
    assert answer.url == reverse("admin:events_speaker_changelist")
    assert not Speaker.objects.exists()


def test_a_deletion_waits_for_a_mailed_code_and_is_not_lost(client):
    event = EventFactory()
    speaker = SpeakerFactory(event=event)
    user = owner(event, email="ada@example.org")
    visitor, url = signed_in(user), reverse("admin:events_speaker_delete", args=[speaker.pk])
    with time_machine.travel(timezone.now() + LATER):
        assert visitor.get(url).status_code == 200  # It shows only what would go.
        asking = visitor.post(url, {"post": "yes"})
        assert asking.url.startswith("/accounts/again/")
        assert "Delete for good" in visitor.get(asking.url).content.decode()
        early = visitor.get(f"{asking.url}go-on/")
        assert early.url == asking.url
        visitor.post(asking.url, {"do": "send"})
        code = code_in(mail.outbox[-1])
        assert mail.outbox[-1].to == ["ada@example.org"]
        wrong = visitor.post(asking.url, {"code": "AAAAAA"})
        assert wrong.url == asking.url and Speaker.objects.exists()
        right = visitor.post(asking.url, {"code": code.lower()})
        page = visitor.get(right.url).content.decode()
        assert Speaker.objects.exists()  # Nothing is done by itself.
        assert visitor.post(url, fields_of(page)).status_code == 302
    assert not Speaker.objects.exists()


def code_in(message: Any) -> str:
    return re.findall(r"^[A-Z0-9-]{6,}$", str(message.body), re.MULTILINE)[0]


def fields_of(page: str) -> dict[str, list[str]]:
    """The form of the page that goes on, as a browser would send it."""
    fields: dict[str, list[str]] = {}
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    for name, value in pairs:
        fields.setdefault(unescape(name), []).append(unescape(value))
    return fields


def test_a_code_is_tried_five_times_and_counts_once():
    event = EventFactory()
    visitor = signed_in(owner(event))
    url = reverse("admin:events_event_delete", args=[event.pk])
    with time_machine.travel(timezone.now() + LATER):
        asking = visitor.post(url, {"post": "yes"}).url
        visitor.post(asking, {"do": "send"})
        code = code_in(mail.outbox[-1])
        for _ in range(5):
            visitor.post(asking, {"code": "AAAAAA"})
        assert visitor.post(asking, {"code": code}).url == asking
        for _ in range(6):
            visitor.post(asking, {"do": "send"})
    assert len(mail.outbox) == 5
    assert Event.objects.exists()


def test_who_has_a_password_is_asked_for_it_by_allauth():
    event = EventFactory()
    RegistrationFactory(event=event)
    user = owner(event, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    visitor, url = signed_in(user), reverse("admin:events_registration_changelist")
    chosen = {
        "action": "export_csv",
        ACTION_CHECKBOX_NAME: list(map(str, Registration.objects.values_list("pk", flat=True))),
    }
    with time_machine.travel(timezone.now() + LATER):
        asking = visitor.post(url, chosen)
        at_allauth = visitor.get(asking.url)
        assert at_allauth.url.startswith(reverse("account_reauthenticate"))
        assert visitor.post(at_allauth.url, {"password": "wrong"}).status_code == 200
        done = visitor.post(at_allauth.url, {"password": PASSWORD})
        assert done.url == f"{asking.url}go-on/"
        sent = fields_of(visitor.get(done.url).content.decode())
        assert {name: sent[name] for name in chosen} == {
            "action": ["export_csv"],
            ACTION_CHECKBOX_NAME: chosen[ACTION_CHECKBOX_NAME],
        }
        answer = visitor.post(url, sent)
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_file_by_its_address_asks_and_leads_back():
    event = EventFactory()
    visitor = signed_in(owner(event))
    url = reverse("admin:analytics_event_csv", args=[event.pk]) + "?reason=invoice"
    with time_machine.travel(timezone.now() + LATER):
        asking = visitor.get(url).url
        assert asking.startswith("/accounts/again/")
        visitor.post(asking, {"do": "send"})
        done = visitor.post(asking, {"code": code_in(mail.outbox[-1])}).url
        assert visitor.get(done).url == url
        assert visitor.get(url).status_code == 200


def test_an_events_form_asks_only_when_it_changes_the_team():
    event = EventFactory()
    boss, other = owner(event), UserFactory()
    member = TeamMember.objects.get(event=event)
    visitor, url = signed_in(boss), reverse("admin:events_event_change", args=[event.pk])
    as_it_is = {
        "team-TOTAL_FORMS": "2",
        "team-INITIAL_FORMS": "1",
        "team-0-id": member.pk,
        "team-0-user": boss.pk,
        "team-0-role": "owner",
        "team-1-id": "",
        "team-1-user": "",
        "team-1-role": "manager",
    }
    changes = (
        {"team-1-user": other.pk},
        {"team-0-role": "manager"},
        {"team-0-user": other.pk},
        {"team-0-DELETE": "on"},
        # As Django's forms read them, too.
        {"team-TOTAL_FORMS": "2.0", "team-1-user": other.pk},
        {"team-TOTAL_FORMS": "1002", "team-1001-user": other.pk},
        {"team-0-id": f" {member.pk}", "team-0-user": "", "team-0-DELETE": "on"},
    )
    with time_machine.travel(timezone.now() + LATER):
        asked = [
            visitor.post(url, as_it_is | change)
            .headers.get("Location", "")
            .startswith("/accounts/again/")
            for change in ({}, {"team-0-user": boss.email}, *changes)
        ]
    assert asked == [False, False, *[True] * len(changes)]


def test_the_page_of_the_team_asks_before_it_gives_powers_but_not_who_leaves():
    event = EventFactory()
    TeamMemberFactory(event=event, role=TeamRole.OWNER)
    visitor, url = signed_in(owner(event)), reverse("admin:events_event_team", args=[event.pk])
    with time_machine.travel(timezone.now() + LATER):
        assert visitor.get(url).status_code == 200
        for change in (
            {"do": "invite", "address": "new@example.org", "role": "owner"},
            {"do": "change", "member": event.team.first().pk, "role": "viewer"},
            {"do": "hand_over", "member": event.team.first().pk, "confirmed": "on"},
        ):
            assert visitor.post(url, change).url.startswith("/accounts/again/")
        assert set(event.team.values_list("role", flat=True)) == {TeamRole.OWNER}
        assert visitor.post(url, {"do": "leave"}).url == reverse("admin:index")
    assert event.team.count() == 1


def test_putting_a_role_back_asks_like_giving_it():
    event = EventFactory()
    other = TeamMemberFactory(event=event, role=TeamRole.OWNER)
    visitor, url = signed_in(owner(event)), reverse("admin:events_event_history", args=[event.pk])
    before = ObjectHistory.objects.get(pk=event.uuid).number
    other.role = TeamRole.VIEWER
    other.save()
    asked = {"version": before, "seen": before + 1, "field": [f"team/{other.user_id}/role"]}
    with time_machine.travel(timezone.now() + LATER):
        assert visitor.post(url, asked).url.startswith("/accounts/again/")
        other.refresh_from_db()
        assert other.role == TeamRole.VIEWER
        assert visitor.post(url, asked | {"field": ["title"]}).url == url
    assert visitor.post(url, asked).url == url
    other.refresh_from_db()
    assert other.role == TeamRole.OWNER


def test_an_installation_may_never_ask(settings):
    settings.SUDO_MINUTES = 0
    event = EventFactory()
    visitor = signed_in(owner(event))
    with time_machine.travel(timezone.now() + timedelta(days=5)):
        url = reverse("admin:events_event_delete", args=[event.pk])
        assert visitor.post(url, {"post": "yes"}).status_code == 302
    assert not Event.objects.exists()


def test_what_is_kept_belongs_to_one_session_and_ends():
    event = EventFactory()
    one, other = signed_in(owner(event)), signed_in(owner(event))
    url = reverse("admin:events_event_delete", args=[event.pk])
    now = timezone.now()
    with time_machine.travel(now + LATER):
        asking = one.post(url, {"post": "yes"}).url
    for visitor in (one, other):
        with time_machine.travel(now):
            answer = visitor.get(f"{asking}go-on/")
            assert (answer.status_code == 200) is (visitor is one)
    with time_machine.travel(now + LATER + timedelta(hours=1)):
        assert "Delete for good" not in one.get(asking).content.decode()
    assert Client().get(asking).url.startswith("/accounts/login/")


def test_nobody_gives_a_way_in_of_their_own_to_a_browser_that_was_left_open():
    """Who is known by a mailed code alone could else be proved by what a stranger has just set."""
    user = UserFactory(email="ada@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    visitor = signed_in(user)
    pages = [
        reverse(name) for name in ("mfa_activate_totp", "mfa_add_webauthn", "account_set_password")
    ]
    connect = reverse("openid_connect_login", args=["sso"]) + "?process=connect"
    assert [visitor.get(page).status_code for page in pages] == [200, 200, 200]
    with time_machine.travel(timezone.now() + LATER):
        answers = [visitor.get(page) for page in pages]
        answers.append(visitor.post(pages[0], {"code": "123456"}))
        answers.append(
            visitor.post(pages[2], {"password1": "a new secret", "password2": "a new secret"})
        )
        answers.append(
            visitor.post(reverse("account_email"), {"email": "eve@example.org", "action_add": ""})
        )
        answers.append(visitor.post(connect))
        assert {answer.status_code for answer in answers} == {302}
        assert all(answer.url.startswith("/accounts/again/") for answer in answers)
        assert "a new secret" not in str(dict(visitor.session))

        asking = visitor.get(pages[0]).url
        visitor.post(asking, {"do": "send"})
        done = visitor.post(asking, {"code": code_in(mail.outbox[-1])}).url
        assert visitor.get(done).url == pages[0]
        assert visitor.get(pages[0]).status_code == 200
    user.refresh_from_db()
    assert not user.has_usable_password()
    assert list(user.emailaddress_set.values_list("email", flat=True)) == ["ada@example.org"]


def test_superusers_show_who_they_are_before_they_set_a_password():
    boss = UserFactory(is_staff=True, is_superuser=True)
    url = reverse("admin:auth_user_password_change", args=[boss.pk])
    wanted = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    visitor = signed_in(boss)
    with time_machine.travel(timezone.now() + LATER):
        assert visitor.post(url, wanted).url.startswith("/accounts/again/")
        assert PASSWORD not in str(dict(visitor.session))
    boss.refresh_from_db()
    assert not boss.check_password(PASSWORD)
