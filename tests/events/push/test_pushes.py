"""Notifications: who is told what, once, by known services only."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.utils import timezone

from analytics.privacy.erasing import erase_person
from analytics.privacy.my_data import my_data
from events.actions import cancel_session, move_session
from events.models import MailState, NewsPreferences, OutgoingMail, PushSubscription, Session
from events.news import changed, soon
from events.outbox.sending import send_due
from events.push.keys import application_key, from_text, new_key
from events.push.sending import send_pushes_due
from events.push.services import is_known_endpoint
from events.push.subscriptions import MOST, browser_name, subscribe
from tests.events.support.push_service import FakeBrowser, running_push_service
from tests.factories import BookmarkFactory, EventFactory, SessionFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def service(settings):
    settings.WEB_PUSH_KEY = new_key()
    with running_push_service() as running:
        yield running


@pytest.fixture
def session() -> Session:
    today = timezone.now().date()
    event = EventFactory(
        title="Summit",
        slug="summit",
        timezone="UTC",
        starts_on=today,
        ends_on=today + timedelta(days=9),
    )
    starts_at = (timezone.now() + timedelta(minutes=8)).replace(second=30, microsecond=0)
    return SessionFactory(
        event=event,
        title="Maps",
        slug="maps",
        location="Hall 1",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=45),
    )


@pytest.fixture
def ada(session):
    user = UserFactory(email="ada@example.org")
    BookmarkFactory(user=user, session=session)
    return user


def send() -> int:
    """What goes to browsers now, as if its time had come."""
    OutgoingMail.objects.filter(state=MailState.WAITING).update(due_at=timezone.now())
    return send_pushes_due(10)


def states() -> list[str]:
    rows = OutgoingMail.objects.filter(subscription__isnull=False)
    return list(rows.order_by("pk").values_list("state", flat=True))


def test_session_that_begins_is_told_to_each_browser_beside_the_mail(ada, session, service):
    one, two = service.subscribed(ada, "one"), service.subscribed(ada, "two")
    soon.remind(timezone.now())
    soon.remind(timezone.now())

    assert (send(), send()) == (2, 0)
    send_due(10)

    # Both are due at once, in no order.
    first, second = sorted(service.pushed, key=lambda push: push.path)
    assert (first.path, second.path) == ("/one", "/two")
    told = json.loads(one.read(first.body))
    assert told == {
        "title": "Maps",
        "body": f"Starts at {session.starts_at:%H:%M}–{session.ends_at:%H:%M} UTC Hall 1",
        "path": "/e/summit/sessions/maps/",
        "tag": told["tag"],
    }
    assert json.loads(two.read(second.body)) == told
    assert len(outbox.outbox) == 1


def test_service_learns_who_sends_and_nothing_of_what(ada, session, service):
    service.subscribed(ada)
    soon.remind(timezone.now())
    send()

    [push] = service.pushed
    assert b"Maps" not in push.body
    assert push.headers["content-encoding"] == "aes128gcm"
    assert 0 < int(push.headers["ttl"]) <= 600
    assert push.claims["aud"] == service.url
    assert push.claims["sub"] == "mailto:portal@example.org"
    assert timezone.now().timestamp() < push.claims["exp"] < timezone.now().timestamp() + 86400
    token, key = push.headers["authorization"].removeprefix("vapid t=").split(", k=")
    signed, _, signature = token.rpartition(".")
    raw = from_text(signature)
    numbers = [int.from_bytes(part, "big") for part in (raw[:32], raw[32:])]
    assert key == application_key()
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_text(key)).verify(
        encode_dss_signature(*numbers), signed.encode(), ec.ECDSA(hashes.SHA256())
    )


def test_moved_and_cancelled_sessions_are_told_as_they_are_now(ada, session, service):
    browser = service.subscribed(ada)
    hour = timedelta(hours=1)
    move_session(session, session.starts_at + hour, session.ends_at + hour)
    changed.tell_changes(timezone.now())
    cancel_session(session)
    changed.tell_changes(timezone.now())

    assert send() == 1

    [push] = service.pushed
    told = json.loads(browser.read(push.body))
    assert told["title"] == "Maps"
    assert "ancelled" in told["body"]
    assert sorted(states()) == ["dropped", "sent"]


def test_who_wants_no_news_is_told_nothing(ada, session, service):
    service.subscribed(ada)
    soon.remind(timezone.now())
    NewsPreferences.objects.create(user=ada, soon=False)

    assert (send(), service.pushed, states()) == (0, [], ["dropped"])


def test_session_that_was_moved_meanwhile_is_not_announced_at_its_old_time(ada, session, service):
    service.subscribed(ada)
    soon.remind(timezone.now())
    hour = timedelta(hours=1)
    move_session(session, session.starts_at + hour, session.ends_at + hour)

    assert (send(), states()) == (0, ["dropped"])


@pytest.mark.parametrize("status", [404, 410])
def test_browser_that_is_gone_is_dropped(ada, session, service, status):
    service.subscribed(ada)
    soon.remind(timezone.now())
    service.answers = [status]

    assert (send(), send()) == (0, 0)

    assert not PushSubscription.objects.exists()
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_service_in_trouble_is_asked_again(ada, session, service, status):
    browser = service.subscribed(ada)
    soon.remind(timezone.now())
    service.answers = [status]

    assert (send(), states()) == (0, ["waiting"])
    assert (send(), states()) == (1, ["sent"])
    assert json.loads(browser.read(service.pushed[0].body))["title"] == "Maps"


def test_service_that_is_away_is_asked_again(ada, session, service):
    service.subscribed(ada)
    PushSubscription.objects.update(endpoint="http://127.0.0.1:9/one")
    soon.remind(timezone.now())
    assert (send(), states()) == (0, ["waiting"])

    PushSubscription.objects.update(endpoint=f"{service.url}/one")
    assert (send(), states()) == (1, ["sent"])


@pytest.mark.parametrize("status", [307, 400, 403, 413])
def test_refusals_are_not_repeated_and_redirects_not_followed(ada, session, service, status):
    service.subscribed(ada)
    soon.remind(timezone.now())
    service.answers = [status]

    assert (send(), send(), states(), service.pushed) == (0, 0, ["failed"], [])


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_each_browser_once(session, service):
    for number in range(30):
        user = UserFactory()
        BookmarkFactory(user=user, session=session)
        service.subscribed(user, f"browser-{number}")
    soon.remind(timezone.now())
    OutgoingMail.objects.update(due_at=timezone.now())

    def work() -> None:
        send_pushes_due(20)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    paths = sorted(push.path for push in service.pushed)
    assert paths == sorted(f"/browser-{number}" for number in range(30))
    assert set(states()) == {"sent"}


def test_without_a_key_there_are_none(ada, session, service, settings):
    service.subscribed(ada)
    settings.WEB_PUSH_KEY = ""
    soon.remind(timezone.now())

    assert (send(), states()) == (0, [])


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=abc", True),
        ("https://web.push.apple.com/abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/fcm/send/abc", False),
        ("https://fcm.googleapis.com.evil.example/abc", False),
        ("https://evil.example/?fcm.googleapis.com", False),
        ("https://user@fcm.googleapis.com/abc", False),
        ("https://169.254.169.254/latest", False),
        ("https://localhost/abc", False),
        ("https://[::1]/abc", False),
        ("file:///etc/passwd", False),
        ("https://web.push.apple.com/" + "a" * 1000, False),
        ("https://fcm.googleapis.com:x/abc", False),
        ("", False),
    ],
)
def test_only_push_services_are_spoken_to(settings, endpoint, expected):
    settings.WEB_PUSH_HOSTS = []

    assert is_known_endpoint(endpoint) is expected


# --- Turning them on and off ----------------------------------------------------------------


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def test_browser_subscribes_and_is_turned_off(ada, service):
    client, browser = signed_in(ada), FakeBrowser()
    body = {
        "endpoint": f"{service.url}/one",
        "p256dh": browser.p256dh,
        "auth": browser.auth,
    }
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

    answers = [client.post("/me/push/", body, headers={"user-agent": agent}) for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"subscribed": True}] * 2
    mine = PushSubscription.objects.get()
    assert (mine.user, mine.endpoint, mine.browser) == (ada, body["endpoint"], "Firefox, Linux")
    page = client.get("/me/news/").content.decode()
    assert "Firefox, Linux" in page
    assert f'data-push-key="{application_key()}"' in page

    signed_in(UserFactory()).post("/me/push/", {"end": mine.pk})
    assert PushSubscription.objects.exists()
    client.post("/me/push/", {"end": mine.pk})
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "https://intranet.example/push"),
        ("endpoint", ""),
        ("p256dh", "BCVxsr7N"),
        ("p256dh", "ü" * 80),
        ("auth", "AAAA"),
        ("auth", "?"),
    ],
)
def test_what_is_no_browser_is_refused(ada, service, field, value):
    browser = FakeBrowser()
    body = {
        "endpoint": f"{service.url}/one",
        "p256dh": browser.p256dh,
        "auth": browser.auth,
        field: value,
    }

    answer = signed_in(ada).post("/me/push/", body)

    assert (answer.status_code, PushSubscription.objects.count()) == (400, 0)


def test_browser_tells_its_last_person_only(ada, service):
    """Two people at one browser: it shows the news of who turned it on last."""
    other, browser = UserFactory(), FakeBrowser()
    for user in (ada, other):
        subscribe(user, f"{service.url}/one", browser.p256dh, browser.auth, "Chrome")

    assert [each.user for each in PushSubscription.objects.all()] == [other]


def test_of_too_many_browsers_the_oldest_goes(ada, service):
    for number in range(MOST + 2):
        service_browser = FakeBrowser()
        keys = (service_browser.p256dh, service_browser.auth)
        subscribe(ada, f"{service.url}/{number}", *keys, "Chrome")

    paths = {each.endpoint.rsplit("/", 1)[1] for each in PushSubscription.objects.all()}
    assert paths == {str(number) for number in range(2, MOST + 2)}


def test_person_sees_their_browsers_and_takes_them_along(ada, service):
    service.subscribed(ada)
    assert [row["browser"] for row in my_data(ada)["notifications"]] == ["Firefox, Linux"]

    erase_person(ada, None)

    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("", "A browser"),
    ],
)
def test_browsers_have_names_that_people_know(agent, name):
    assert browser_name(agent) == name
