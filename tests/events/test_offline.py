"""What the service worker is told, and what pages tell it."""

from __future__ import annotations

import json
import re

import pytest

from events.offline.keeping import reader_name, worker_script
from tests.factories import BookmarkFactory, EventFactory, RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeping(settings):
    settings.OFFLINE_PAGES = True


def settings_of(script: str) -> dict:
    return json.loads(re.match(r"const SETTINGS = (.*);\n", script)[1])


def reader_of(response) -> str | None:
    found = re.search(r' data-reader="(\w*)"', response.content.decode())
    return found and found[1]


def test_worker_is_served_from_the_root_and_asked_for_anew(client, keeping):
    response = client.get("/service-worker.js")

    assert response.status_code == 200
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert response["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in response.headers
    assert settings_of(response.content.decode())["keeps"] is True


@pytest.mark.parametrize(
    ("path", "is_kept"),
    [
        ("/", True),
        ("/e/conf/", True),
        ("/e/conf/agenda/", True),
        ("/e/conf/sessions/talk-1/", True),
        ("/e/conf/speakers/ada/", True),
        ("/me/agenda/", True),
        ("/e/conf/sessions/talk-1/join/", False),
        ("/e/conf/sessions/talk-1/frame/", False),
        ("/e/conf/sessions/talk-1.ics", False),
        ("/e/conf/register/", False),
        ("/me/data/", False),
        ("/me/news/", False),
        ("/admin/", False),
        ("/accounts/login/", False),
        ("/accounts/email/", False),
        ("/shared/" + "0" * 64 + "/", False),
    ],
)
def test_worker_keeps_pages_for_reading_and_no_others(keeping, path, is_kept):
    patterns = settings_of(worker_script())["pages"].values()

    assert any(re.search(pattern, path) for pattern in patterns) is is_kept


def test_version_goes_up_with_what_the_worker_does(settings, keeping):
    before = settings_of(worker_script())["version"]
    settings.OFFLINE_PAGES = False

    after = settings_of(worker_script())

    assert (after["keeps"], after["version"] == before) == (False, False)


def test_pages_name_their_reader_for_no_one_to_know(client, keeping):
    event, one, other = EventFactory(), UserFactory(), UserFactory()
    names = []
    for user in (None, one, other, one):
        client.logout()
        if user:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        names.append(reader_of(client.get(f"/e/{event.slug}/agenda/")))

    assert names == ["", reader_name(one), reader_name(other), reader_name(one)]
    assert len({*names}) == 3
    assert one.uuid.hex not in names[1]


def test_pages_that_are_not_kept_start_no_worker(client, keeping):
    registration = RegistrationFactory()
    client.force_login(registration.user, backend="django.contrib.auth.backends.ModelBackend")

    for path in ("/me/news/", "/accounts/email/", f"/e/{registration.event.slug}/withdraw/"):
        response = client.get(path)
        assert (path, response.status_code, reader_of(response)) == (path, 200, None)


def test_switch_takes_the_worker_out_of_every_page(client, settings):
    settings.OFFLINE_PAGES = False
    event = EventFactory()

    assert reader_of(client.get(f"/e/{event.slug}/agenda/")) is None


def test_offline_page_names_nobody(client, keeping):
    client.force_login(
        UserFactory(name="Grace Hopper"), "django.contrib.auth.backends.ModelBackend"
    )

    page = client.get("/offline/").content.decode()

    assert "You are offline" in page
    assert "Grace" not in page
    assert "csrf" not in page


def test_choice_of_a_page_fetched_beforehand_is_not_remembered(client, keeping):
    event = BookmarkFactory().session.event
    path = f"/e/{event.slug}/agenda/?day=all"

    ahead = client.get(path, headers={"purpose": "prefetch"})
    assert "agenda" not in ahead.cookies
    assert "agenda" in client.get(path).cookies


def test_event_is_an_app_in_its_own_colour(client):
    event = EventFactory(title="Congress", accent_color="#ffe100")
    base = f"/e/{event.slug}"

    manifest = client.get(f"{base}/app.webmanifest")
    icon = client.get(f"{base}/icon.svg")

    assert manifest["Content-Type"] == "application/manifest+json"
    assert manifest.json() == {
        "id": f"{base}/",
        "name": "Congress",
        "start_url": f"{base}/agenda/",
        "scope": "/",
        "display": "minimal-ui",
        "lang": "en",
        "theme_color": manifest.json()["theme_color"],
        "background_color": "#faf9f7",
        "icons": [{"src": f"{base}/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
    }
    assert icon["Content-Type"] == "image/svg+xml"
    assert f'fill="{manifest.json()["theme_color"]}"' in icon.content.decode()


def test_copy_of_my_agenda_is_without_secret_addresses(client, keeping):
    star = BookmarkFactory()
    client.force_login(star.user, "django.contrib.auth.backends.ModelBackend")
    client.post("/me/agenda/feed/", {"event": star.session.event.slug, "make": "1"})

    page = client.get("/me/agenda/")
    copy = client.get("/me/agenda/", headers={"purpose": "prefetch"})

    assert "no-store" in page["Cache-Control"]
    assert copy["Cache-Control"] == "no-cache, private" or "no-store" not in copy["Cache-Control"]
    assert star.session.title in copy.content.decode()
    secret = re.compile(r"/me/agenda/[0-9a-f]{64}\.ics")
    found = [bool(secret.search(each.content.decode())) for each in (page, copy)]
    assert found == [True, False]
