"""What pages say of themselves to search engines and messengers, and what they cost."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from events.models import (
    Event,
    EventStatus,
    Partner,
    Session,
    SessionMaterial,
    Speaker,
    Visibility,
)
from events.pages import preview
from tests.events.support.uploads import picture_bytes, upload
from tests.factories import (
    FIRST_START,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


def page(thing: Any, client: Client | None = None) -> str:
    return (client or Client()).get(thing.get_absolute_url()).content.decode()


def said(html: str) -> dict[str, str]:
    """The page's own words about itself, by property."""
    found = re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]+)" content="([^"]*)">', html)
    return {name: unescape(value) for name, value in found}


def json_ld(html: str) -> dict[str, Any]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)
    assert len(found) == 1
    document: dict[str, Any] = json.loads(found[0])
    return document


def picture_of(event: Event) -> Image.Image:
    """The picture that messengers show, found as they find it."""
    address = said(page(event))["og:image"]
    response = Client().get(address.removeprefix("http://localhost:8000"))
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    return Image.open(BytesIO(response.content))


# --- JSON-LD -----------------------------------------------------------------


def test_an_event_says_when_where_and_how():
    event = EventFactory(title="Days", slug="days", location="Hamburg", tagline="Come in")
    SessionFactory(event=event)
    SessionFactory(event=event, starts_at=FIRST_START + timedelta(hours=20))

    found = json_ld(page(event))

    image = found.pop("image")
    assert image[0].startswith("http://localhost:8000/e/days/preview.jpg?v=")
    assert found == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": "Days",
        "url": "http://localhost:8000/e/days/",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
        "location": [
            {"@type": "VirtualLocation", "url": "http://localhost:8000/e/days/"},
            {"@type": "Place", "name": "Hamburg", "address": "Hamburg"},
        ],
        "startDate": "2030-05-06T11:00:00+02:00",
        "endDate": "2030-05-07T07:45:00+02:00",
        "description": "Come in",
    }


def test_an_event_without_sessions_has_days_and_no_offset():
    found = json_ld(page(EventFactory(location="")))

    assert (found["startDate"], found["endDate"]) == ("2030-05-06", "2030-05-08")
    assert found["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert found["location"]["@type"] == "VirtualLocation"


def test_an_event_on_site_only_has_its_place_alone():
    found = json_ld(page(EventFactory(location="Hamburg", attendance_mode="on_site")))

    assert found["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert found["location"] == {"@type": "Place", "name": "Hamburg", "address": "Hamburg"}


def test_a_cancelled_event_says_so():
    found = json_ld(page(EventFactory(status=EventStatus.CANCELLED)))

    assert found["eventStatus"] == "https://schema.org/EventCancelled"


@pytest.mark.parametrize("starts_at", ["2030-03-31T00:30:00Z", "2030-03-31T01:30:00Z"])
def test_a_session_has_the_offset_of_its_own_moment(starts_at):
    """Within the hour that the clocks skip."""
    start = datetime.fromisoformat(starts_at).astimezone(UTC)
    speaker = SpeakerFactory(name="Ada")
    session = SessionFactory(event=speaker.event, starts_at=start, title="Talk", language="de")
    SessionSpeakerFactory(session=session, speaker=speaker)

    found = json_ld(page(session))

    offset = "+01:00" if start.hour == 0 else "+02:00"
    assert found["startDate"].endswith(offset)
    assert datetime.fromisoformat(found["startDate"]) == start
    assert found["performer"] == [{"@type": "Person", "name": "Ada"}]
    assert (found["inLanguage"], found["superEvent"]["name"]) == ("de", speaker.event.title)


def test_no_text_gets_out_of_the_element():
    hostile = "</script><script>alert(1)</script><!-- & \u2028"
    session = SessionFactory(title=hostile, event__title=hostile)

    for html in (page(session), page(session.event)):
        assert "<script>alert" not in html
        assert "alert(1)</script>" in json_ld(html)["name"]


@pytest.mark.parametrize("kind", ["draft", "invited"])
def test_what_only_some_see_says_nothing_to_others(kind):
    draft = {"status": EventStatus.DRAFT} if kind == "draft" else {"is_public": False}
    event = EventFactory(**draft)
    client = Client()
    client.force_login(TeamMemberFactory(event=event).user)

    html = page(event, client)

    assert (said(html), "ld+json" in html) == ({}, False)
    assert client.get(event.get_absolute_url() + "preview.jpg").status_code == 404


def test_the_programme_of_registered_people_stays_theirs():
    event = EventFactory(visibility=Visibility.REGISTERED)
    session = SessionFactory(event=event)
    client = Client()
    client.force_login(RegistrationFactory(event=event).user)

    found = json_ld(page(event, client))

    assert (found["startDate"], said(page(session, client))) == ("2030-05-06", {})


# --- Links elsewhere ---------------------------------------------------------


def test_pages_say_who_they_are():
    speaker = SpeakerFactory(
        name="Ada", event__title="Days", event__slug="days", slug="ada", biography="**Wrote** it."
    )
    session = SessionFactory(event=speaker.event, title="Talk", slug="talk", abstract="A " * 300)
    SessionSpeakerFactory(session=session, speaker=speaker)

    event, talk, person = (said(page(thing)) for thing in (speaker.event, session, speaker))

    assert (event["og:title"], event["og:type"], event["og:site_name"]) == (
        "Days",
        "website",
        "Event portal",
    )
    assert (talk["og:title"], talk["og:site_name"]) == ("Talk", "Days")
    assert talk["og:url"] == "http://localhost:8000/e/days/sessions/talk/"
    assert len(talk["og:description"]) == 200
    assert (person["og:type"], person["og:description"]) == ("profile", "Wrote it.")
    assert {each["twitter:card"] for each in (event, talk, person)} == {"summary_large_image"}


# --- The preview -------------------------------------------------------------

LONG = (
    "A conference about everything that matters to anybody who has ever planned a conference, " * 2
)


@pytest.mark.parametrize(
    "title",
    [
        "Days",
        LONG[:200],
        "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung",
        "כנס הקוד הפתוח: קהילה, כלים ועתיד",
        "مؤتمر المصادر المفتوحة",
        "<b>&amp;",
    ],
    ids=["short", "long", "one word", "hebrew", "arabic", "markup"],
)
def test_every_title_has_a_preview_within_its_margins(title):
    image = picture_of(EventFactory(title=title, location="Hamburg", accent_color="#1f6feb"))

    assert image.size == preview.SIZE
    # Nothing is written over the edges: they have the colour of the ground.
    ground = image.getpixel((5, 5))
    edges = [
        image.getpixel((x, y))
        for y in range(0, 630, 7)
        for x in (preview.MARGIN // 2, 1200 - preview.MARGIN // 2)
    ]
    assert all(max(abs(a - b) for a, b in zip(dot, ground, strict=True)) < 12 for dot in edges)
    assert len(set(image.get_flattened_data())) > 50


def test_letters_are_shaped_and_begin_at_their_own_side():
    left, right = (picture_of(EventFactory(title=t)) for t in ("Days", "ימים"))

    def ink(image: Image.Image) -> list[bool]:
        """Whether anything of the title stands in the left and in the right half."""
        ground = image.getpixel((5, 5))
        box = image.crop((0, 380, 1200, 470))
        halves = [box.crop((0, 0, 600, 90)), box.crop((600, 0, 1200, 90))]
        return [
            any(
                max(abs(a - b) for a, b in zip(d, ground, strict=True)) > 60
                for d in h.get_flattened_data()
            )
            for h in halves
        ]

    assert (ink(left), ink(right)) == ([True, False], [False, True])


def test_the_events_own_picture_is_behind_the_title():
    event = EventFactory()
    field = Event._meta.get_field("picture").formfield()
    event.picture = field.clean(upload(picture_bytes(color="#00ff00")), None)
    event.save()

    image = picture_of(event)

    red, green, blue = image.getpixel((1190, 5))
    assert green > 1.8 * max(red, blue)


def test_a_title_that_the_font_cannot_write_has_no_preview():
    event = EventFactory(title="開源人年會")

    html = page(event)

    assert "og:image" not in said(html)
    assert said(html)["twitter:card"] == "summary"
    assert Client().get(event.get_absolute_url() + "preview.jpg").status_code == 404


def test_without_its_font_a_portal_has_no_previews(settings):
    settings.PDF_FONT = "/no/such/font.ttf"
    event = EventFactory()

    assert "og:image" not in said(page(event))
    assert Client().get(event.get_absolute_url() + "preview.jpg").status_code == 404


def image_of(html: str) -> str:
    return said(html)["og:image"].removeprefix("http://localhost:8000")


def drawn(html: str) -> bytes:
    response = Client().get(image_of(html))
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert Image.open(BytesIO(response.content)).size == preview.SIZE
    return response.content


def test_sessions_and_speakers_have_an_image_of_their_own():
    session = full_page()
    event, speaker = session.event, session.speakers.get()
    other = SessionFactory(event=event)
    SessionSpeakerFactory(session=other, speaker=SpeakerFactory(event=event))

    pages = [page(thing) for thing in (event, session, other, speaker)]
    images = {drawn(html) for html in pages}
    field = Speaker._meta.get_field("picture").formfield()
    speaker.picture = field.clean(upload(picture_bytes(color="#00ff00")), None)
    speaker.save()
    with_portrait = Image.open(BytesIO(drawn(page(speaker))))

    assert len(images) == 4
    assert image_of(pages[1]).startswith(f"{session.get_absolute_url()}preview.jpg?v=")
    red, green, blue = with_portrait.getpixel((1200 - preview.MARGIN - preview.PORTRAIT // 2, 315))
    assert green > 1.8 * max(red, blue)


@pytest.mark.parametrize("visibility", [Visibility.REGISTERED, Visibility.INVITED])
def test_images_tell_nobody_of_what_is_not_for_everybody(visibility):
    session = full_page()
    event, speaker = session.event, session.speakers.get()
    Event.objects.filter(pk=event.pk).update(visibility=visibility)

    for thing in (session, speaker):
        path = f"{thing.get_absolute_url()}preview.jpg"
        assert Client().get(path).status_code == 404
        client = Client()
        client.force_login(RegistrationFactory(event=event).user)
        assert client.get(path).status_code == 404
        assert client.get(thing.get_absolute_url()).status_code == 200
        assert "og:image" not in client.get(thing.get_absolute_url()).content.decode()


def test_a_preview_is_drawn_once_for_each_version(monkeypatch):
    event = EventFactory()
    drawn: list[int] = []
    draw = preview._draw
    monkeypatch.setattr(preview, "_draw", lambda *args: (drawn.append(1), draw(*args))[1])

    first = said(page(event))["og:image"]
    picture_of(event), picture_of(event)
    assert len(drawn) == 1
    event.title = "Another title"
    event.save()
    picture_of(event)
    assert (len(drawn), said(page(event))["og:image"] == first) == (2, False)


# --- What pages cost ---------------------------------------------------------


def full_page() -> Session:
    """A session of an event with everything on its pages."""
    speaker = SpeakerFactory()
    event = speaker.event
    session = SessionFactory(event=event)
    SessionSpeakerFactory(session=session, speaker=speaker)
    for number in range(5):
        Partner.objects.create(event=event, name=f"Partner {number}", level=f"Level {number % 2}")
        event.info_blocks.create(title=f"Block {number}", text="Text.")
        speaker.links.create(url=f"https://a.example/{number}")
        SessionMaterial.objects.create(session=session, title="x", url="https://a.example")
    return session


def test_warm_pages_ask_nothing_more_for_what_is_beside_the_programme(
    django_assert_max_num_queries,
):
    session = full_page()
    speaker = session.speakers.get()
    for thing in (session.event, session, speaker):
        page(thing)

    for thing in (session.event, session, speaker):
        with django_assert_max_num_queries(4):
            page(thing)


@pytest.mark.parametrize("sessions", [1, 30])
def test_a_warm_page_of_an_event_costs_the_same_for_who_takes_part(
    django_assert_max_num_queries, sessions
):
    event = full_page().event
    for _ in range(sessions):
        SessionFactory(event=event)
    client = Client()
    client.force_login(RegistrationFactory(event=event).user)
    client.get(event.get_absolute_url())

    with django_assert_max_num_queries(4 + 2):  # and the visit and its person
        client.get(event.get_absolute_url())


def test_every_change_shows_at_once():
    session = full_page()
    speaker, event = session.speakers.get(), session.event
    for thing in (event, session, speaker):
        page(thing)

    partner, block = event.partners.first(), event.info_blocks.first()
    partner.name, block.title = "Another partner", "Another block"
    partner.save(), block.save()
    html = page(event)
    assert ("Another partner" in html, "Another block" in html) == (True, True)
    event.partners.all().delete()
    assert "Partners</h2>" not in page(event)
    material, link = session.materials.first(), speaker.links.first()
    material.title, link.label = "Another material", "Another link"
    material.save(), link.save()
    assert ("Another material" in page(session), "Another link" in page(speaker)) == (True, True)
    session.materials.all().delete()
    assert "Another material" not in page(session)


def test_an_event_with_everything_on_its_pages_is_deleted_whole():
    event = full_page().event
    event.delete()

    assert (Partner.objects.count(), SessionMaterial.objects.count()) == (0, 0)
