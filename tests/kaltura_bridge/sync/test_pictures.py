"""Thumbnails: looked at before Kaltura fetches them, at public addresses only, and shown."""

from __future__ import annotations

import importlib
import io
import socket
from typing import Any

import pytest
import requests
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from events.files import storage
from events.files.pictures import made_anew, name_of
from events.models import Session
from kaltura_bridge.api.pictures import NoPicture, check_picture
from kaltura_bridge.models import EventDelivery, RemoteLink, SessionDelivery, SyncTarget
from kaltura_bridge.sync import service
from tests.events.support.uploads import picture_bytes
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    TeamMemberFactory,
    UserFactory,
    WebcastFactory,
)
from tests.kaltura_bridge.support.oracle import differences, pictures
from tests.kaltura_bridge.support.picture_server import PICTURES
from tests.kaltura_bridge.support.planning import settle, states

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("name", ["one.png", "a.jpg", "moved", "one.png?size=2#top"])
def test_pictures_are_pictures(name: str) -> None:
    check_picture(PICTURES.url(name) if "?" not in name else PICTURES.url("one.png") + "#top")


@pytest.mark.parametrize(
    ("name", "reason", "passes"),
    [
        ("nothing.png", "the address answers with HTTP 404", False),
        ("page", "what is there is neither a JPEG nor a PNG", False),
        ("empty", "what is there is neither a JPEG nor a PNG", False),
        ("huge.png", "it is larger than 10 MB", False),
        ("round", "the address leads from one to another without end", False),
        ("metadata", "the address is not public", False),
        ("other-scheme", "this is no web address", False),
        ("busy", "the address answers with HTTP 503", True),
    ],
)
def test_what_is_no_picture_is_told(name: str, reason: str, passes: bool) -> None:
    with pytest.raises(NoPicture) as refused:
        check_picture(PICTURES.url(name))

    assert (str(refused.value), refused.value.passes) == (reason, passes)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/a.png",
        "http://localhost:8000/a.png",
        "http://[::1]/a.png",
        "http://[::ffff:127.0.0.1]/a.png",
        "http://[::ffff:10.0.0.1]/a.png",
        "http://[2002:7f00:1::]/a.png",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.1.2.3/a.png",
        "http://172.16.0.1/a.png",
        "http://192.168.1.1/a.png",
        "http://100.64.0.1/a.png",
        "http://224.0.0.1/a.png",
        "http://[64:ff9b::a00:1]/a.png",
        "http://[fe80::1]/a.png",
        "http://[fd00::1]/a.png",
        "https://user:word@127.0.0.1/a.png",
    ],
)
def test_addresses_that_are_not_public_are_not_asked(settings: Any, address: str) -> None:
    settings.PICTURE_HOSTS = []

    with pytest.raises(NoPicture, match="the address is not public"):
        check_picture(address)


@pytest.mark.parametrize("written", ["0", "127.1", "2130706433", "0x7f.1", "017700000001"])
def test_other_spellings_of_this_machine_are_not_public(
    settings: Any, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    """The system's look-up takes them as inet_aton does."""
    settings.PICTURE_HOSTS = []
    address = socket.inet_ntoa(socket.inet_aton(written))
    rows = [(socket.AF_INET, 1, 6, "", (address, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)

    with pytest.raises(NoPicture, match="the address is not public"):
        check_picture(f"http://{written}/one.png")


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "gopher://1.1.1.1/", "ftp://1.1.1.1/a", "//x", "http://[", ""]
)
def test_other_schemes_are_no_addresses(address: str) -> None:
    with pytest.raises(NoPicture, match="this is no web address"):
        check_picture(address)


def test_name_that_changes_its_address_reaches_the_one_that_was_checked(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked up once; a second answer, an internal one, would never be used."""
    settings.PICTURE_HOSTS = ["pictures.example"]
    port = int(PICTURES.url("").rsplit(":", 1)[1].strip("/"))
    answers = iter(["127.0.0.1", "10.0.0.1"])

    def look_up(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        address = next(answers) if host == "pictures.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    check_picture(f"http://pictures.example:{port}/one.png")

    assert asked.count("pictures.example") == 1


def test_name_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [(socket.AF_INET, 1, 6, "", (address, 80)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)

    with pytest.raises(NoPicture, match="the address is not public"):
        check_picture("http://pictures.example/one.png")


# --- In a sync ---------------------------------------------------------------


def with_picture(url: str, title: str = "Keynote", event: Any = None) -> Session:
    session = WebcastFactory(event=event or EventFactory(title="Spring"), title=title)
    SessionDelivery.objects.create(session=session, thumbnail_url=url)
    return session


def test_no_picture_fails_alone_and_everything_else_is_made(simulator: Any) -> None:
    session = with_picture(PICTURES.url("nothing.png"))

    settle(session.event)
    told = SyncTarget.objects.get(title="Keynote").error
    made = differences(simulator, session.event), pictures(simulator)
    SessionDelivery.objects.get().delete()
    with_own = SessionDelivery(session=session, thumbnail_url=PICTURES.url("a.jpg"))
    with_own.save()
    settle(session.event)

    assert told == (
        "The thumbnail of “Keynote” cannot be used: the address answers with HTTP 404 "
        f"({PICTURES.url('nothing.png')}). Correct the address under Delivery, then choose Retry."
    )
    assert made == ([], {})
    assert states(session.event)["Keynote"] == ("synced", "")
    assert pictures(simulator) == {f"portal:{session.uuid}": 1}


def test_picture_of_many_sessions_is_looked_at_once_in_a_batch(simulator: Any) -> None:
    event = EventFactory(title="Spring")
    for number in range(5):
        with_picture(PICTURES.url("two.png"), f"Talk {number}", event)
    PICTURES.asked.clear()

    settle(event)
    service.sync_event(event, 20)

    assert len(pictures(simulator)) == 5
    # Once by us; the local Kaltura fetches it for each.
    assert PICTURES.asked.count("/two.png") == 6


def test_picture_that_may_come_later_is_waited_for(simulator: Any) -> None:
    session = with_picture(PICTURES.url("busy"))

    settle(session.event, 0)

    assert states(session.event)["Keynote"] == ("pending", "no picture")


def test_picture_sent_in_the_old_way_is_sent_again(simulator: Any) -> None:
    """It was never shown; the upgrade forgets that it was sent."""
    session = with_picture(PICTURES.url("one.png"))
    settle(session.event)
    before = pictures(simulator)

    migration = importlib.import_module("kaltura_bridge.migrations.0016_thumbnails_again")
    migration.send_again(apps, None)
    waiting = states(session.event)
    settle(session.event)

    key = f"portal:{session.uuid}"
    assert (before, pictures(simulator)) == ({key: 1}, {key: 2})
    assert waiting == {"Spring": ("synced", ""), "Keynote": ("pending", "")}
    assert RemoteLink.objects.get(kind="thumbnail").pushed["url"] == PICTURES.url("one.png")
    assert service.sync_event(session.event, 20).writes == 0


# --- Uploaded -----------------------------------------------------------------


def stored(color: str) -> str:
    """An uploaded picture, as the form keeps it; its name."""
    content = made_anew(io.BytesIO(picture_bytes("PNG", color=color)), 1)
    return str(storage.pictures.save(name_of(content), ContentFile(content)))


def shown_at_kaltura(session: Session) -> Image.Image:
    """The entry's picture as anybody is sent it."""
    link = RemoteLink.objects.get(kind="entry", key=f"portal:{session.uuid}")
    url = f"{settings.KALTURA_SERVICE_URL}/p/{settings.KALTURA_PARTNER_ID}/thumbnail/entry_id/"
    return Image.open(io.BytesIO(requests.get(f"{url}{link.remote_id}", timeout=5).content))


def colour_of(image: Image.Image) -> str:
    """The strongest colour at the right of a picture; files of photographs change shades."""
    red, green, blue = image.convert("RGB").getpixel((image.width - 8, 8))
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


def test_uploaded_picture_is_sent_once_and_again_when_it_is_another(simulator: Any) -> None:
    session = WebcastFactory(event=EventFactory(title="Spring"), title="Keynote")
    own = SessionDelivery.objects.create(session=session, thumbnail=stored("red"))
    settle(session.event)
    first = shown_at_kaltura(session)
    again = [service.sync_event(session.event, 20).writes for _ in range(2)]
    seen = [pictures(simulator)]
    for change in (
        {"thumbnail": stored("blue")},
        {"thumbnail": "", "thumbnail_url": PICTURES.url("one.png")},
        {"thumbnail": stored("blue"), "thumbnail_url": ""},
    ):
        for name, value in change.items():
            setattr(own, name, value)
        own.save()
        settle(session.event)
        seen.append(pictures(simulator))

    key = f"portal:{session.uuid}"
    assert (first.format, colour_of(first)) == ("JPEG", "red")
    assert (again, seen) == ([0, 0], [{key: n} for n in (1, 2, 3, 4)])
    assert colour_of(shown_at_kaltura(session)) == "blue"


def test_session_picture_wins_over_that_of_its_event_whichever_way(simulator: Any) -> None:
    event = EventFactory(title="Spring")
    EventDelivery.objects.create(event=event, thumbnail=stored("red"))
    with_picture(PICTURES.url("one.png"), "Own", event)
    WebcastFactory(event=event, title="Of the event")

    settle(event)

    sent = RemoteLink.objects.filter(kind="thumbnail").order_by("target__title")
    assert [link.pushed["url"] for link in sent] == [
        f"upload:{stored('red')}",
        PICTURES.url("one.png"),
    ]


def test_upload_whose_file_is_gone_says_so_and_holds_up_nothing(simulator: Any) -> None:
    session = WebcastFactory(event=EventFactory(title="Spring"), title="Keynote")
    SessionDelivery.objects.create(session=session, thumbnail=f"{'a' * 40}.webp")

    settle(session.event)

    assert SyncTarget.objects.get(title="Keynote").error == (
        "The thumbnail of “Keynote” cannot be used: the uploaded file is not there any more; "
        "upload it again, under Delivery."
    )
    assert differences(simulator, session.event) == []


@pytest.mark.parametrize("kept", [0, 40, 100])
def test_upload_that_is_damaged_says_so_and_holds_up_nothing(simulator: Any, kept: int) -> None:
    event = EventFactory(title="Spring")
    session = WebcastFactory(event=event, title="Keynote")
    WebcastFactory(event=event, title="Talk")
    whole = made_anew(io.BytesIO(picture_bytes("PNG", color="red")), 1)
    name = storage.pictures.save(f"{'b' * 40}.webp", ContentFile(whole[:kept]))
    SessionDelivery.objects.create(session=session, thumbnail=name)

    settle(event)

    assert SyncTarget.objects.get(title="Keynote").error == (
        "The thumbnail of “Keynote” cannot be used: the uploaded file cannot be read; "
        "upload it again, under Delivery."
    )
    assert (states(event)["Talk"], differences(simulator, event)) == (("synced", ""), [])


def test_uploaded_picture_is_shown_to_the_team_alone() -> None:
    session = WebcastFactory(event=EventFactory(visibility="public"))
    own = SessionDelivery.objects.create(session=session, thumbnail=stored("green"))
    manager = TeamMemberFactory(event=session.event).user
    stranger, member = UserFactory(), RegistrationFactory(event=session.event).user

    answers = {}
    for name, user in (("manager", manager), ("stranger", stranger), ("registered", member)):
        client = Client()
        client.force_login(user)
        answers[name] = client.get(own.thumbnail.url).status_code

    assert answers == {"manager": 200, "stranger": 404, "registered": 404}
