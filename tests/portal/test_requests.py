"""Requests that are not text, and addresses that nobody meant: refused or ignored, never a 500."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from events.models import User
from kaltura_bridge.models import Notification
from tests.events.test_admin import event_data
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres_first]

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize(
    "address",
    [
        "/?past=%00",
        "/admin/events/session/?q=%00",
        "/admin/events/session/?title=a%00b",
        "/admin/events/session/?%00=1",
        "/e/%00/",
        "/admin/events/event/%00/change/",
    ],
)
def test_address_with_a_nul_is_a_bad_request(boss, address):
    assert boss.get(address).status_code == 400


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "no-such", "utf-8-sig", "idna", '"utf-32"'])
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=b", "application/json"])
def test_body_in_another_encoding_is_a_bad_request(client, kind, charset):
    event = EventFactory()

    answers = [
        client.generic("POST", path, b"a=b", f"{kind}; charset={charset}").status_code
        for path in (
            "/accounts/login/",
            f"{event.get_absolute_url()}bookmark/",
            "/webhooks/kaltura/",
        )
    ]

    assert answers == [400, 400, 400]


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_body_in_utf_8_is_read(client, charset):
    answer = client.generic("POST", "/accounts/login/", b"login=x", f"{FORM}; charset={charset}")

    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["sessionid", "zone", "csrftoken", "messages"])
def test_cookie_with_a_nul_is_none(client, name):
    client.cookies[name] = "a\0b"

    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("foo", ""),
        ("events:home", ""),
        ("http:///x", ""),
        ("//evil.example/", ""),
        ("/a\nb", "/a%20b"),
        ("/" + "a" * 3000, ""),
        ("?day=all", ""),
        ("/accounts/email/", "/accounts/email/"),
        ("http://testserver/accounts/", "http://testserver/accounts/"),
    ],
)
def test_next_is_an_address_or_nothing(client, wanted, leads):
    event = EventFactory()
    client.force_login(UserFactory())

    answer = client.post(f"{event.get_absolute_url()}register/", {"next": wanted})

    assert (answer.status_code, answer["Location"]) == (302, leads or event.get_absolute_url())


@pytest.mark.parametrize("model", ["event", "session", "registration", "user"])
@pytest.mark.parametrize(
    "query",
    [
        *(
            "{date}__year=9999",
            "{date}__year=0",
            "{date}__year=x",
            "{date}__year=2030&{date}__month=13",
        ),
        *("{date}__year=2030&{date}__month=2&{date}__day=30", "{date}__day=32", "{date}__range=1"),
        *(
            "{date}__gte=9999-99-99",
            "id__range=0",
            "id__in=1,x",
            "id=" + "9" * 30,
            "{date}__isnull=x",
        ),
    ],
)
def test_list_that_cannot_be_asked_so_shows_all(boss, model, query):
    SessionFactory()
    RegistrationFactory()
    date = {"event": "starts_on", "session": "starts_at", "registration": "created_at"}
    asked = query.format(date=date.get(model, "date_joined"))

    answer = boss.get(f"/admin/events/{model}/?{asked}", follow=True)

    assert answer.status_code == 200
    assert len(answer.context["cl"].result_list) >= 0


@pytest.mark.parametrize("ticked", ["", "x", "\0", "9" * 30, "1e3", "\uffff"])
def test_action_on_what_is_no_row_changes_nothing(boss, ticked):
    session = SessionFactory(status="draft")

    answer = boss.post(
        reverse("admin:events_session_changelist"),
        {"action": "publish_selected", "_selected_action": ticked},
    )

    session.refresh_from_db()
    assert (answer.status_code, session.status) == (302, "draft")


def test_person_whom_somebody_else_has_just_added_is_no_error(boss):
    """The form says that the event has no team yet, as it was when it was opened."""
    member = TeamMemberFactory()
    event = member.event
    typed = event_data(event, title="Changed") | {
        "team-TOTAL_FORMS": 1,
        "team-INITIAL_FORMS": 0,
        "team-0-user": member.user.email,
        "team-0-role": "analyst",
    }

    answer = boss.post(reverse("admin:events_event_change", args=[event.pk]), typed, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [
        "Nothing was saved: somebody else has just saved the same, such as a person who can be "
        "here only once. Look at it again, then repeat your change."
    ]
    member.refresh_from_db()
    event.refresh_from_db()
    assert (member.role, event.title != "Changed") == ("manager", True)


SECRET = "a-secret-of-the-account"


@pytest.mark.parametrize(
    "thing",
    [
        {"id": "\ud800"},
        {"id": "\0\uffff"},
        {"id": "7" * 5000, "referenceId": "portal:\ud800"},
        {"id": 10**300, "updatedAt": 10**300},
        {"id": float("nan"), "updatedAt": float("inf")},
        {"id": [], "updatedAt": {}},
    ],
)
def test_signed_notification_of_any_text_is_taken(client, settings, thing):
    settings.KALTURA_WEBHOOK_SECRET = SECRET
    sent = {"object": {"objectType": "KalturaMediaEntry", **thing}, "eventType": 2}
    body = json.dumps(sent).encode()
    signature = hashlib.sha256(SECRET.encode() + body).hexdigest()

    answer = client.post(
        "/webhooks/kaltura/",
        body,
        content_type="application/json",
        HTTP_X_KALTURA_SIGNATURE=signature,
        HTTP_X_KALTURA_HASH_ALGO="sha256",
    )

    assert (answer.status_code, Notification.objects.count()) == (200, 1)


def sign_up(client: Client, **typed: Any) -> Any:
    return client.post("/accounts/signup/", {"email": "ann@example.org", "name": "Ann", **typed})


def test_sign_up_folds_the_name(client):
    sign_up(client, name="An\0n\uffff \u202e\x1bLee\n")

    assert User.objects.values_list("name", "email").get() == ("Ann Lee", "ann@example.org")


@pytest.mark.parametrize("typed", [{"name": "\x07\u200b"}, {"email": '"a\x01b"@example.org'}])
def test_sign_up_refuses_what_is_no_name_or_address(client, typed):
    answer = sign_up(client, **typed)

    assert (answer.status_code, [*answer.context["form"].errors]) == (200, [*typed])
    assert not User.objects.exists()
