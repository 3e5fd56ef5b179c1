"""Schedules for other programs: by the rules of their schemas, and read back as they were."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from events.exports.frab_json import to_json
from events.exports.frab_xml import to_xml
from events.exports.schedule import schedule_of
from events.models import Event, Session, SessionStatus, SpeakerRole
from tests.events.test_imports import run_json
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
)
from tests.suites import many

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SITE = "https://events.example.org"
WRITERS = {"xml": to_xml, "json": to_json}


@pytest.fixture
def congress(settings) -> Event:
    """An event with a night, a session over days, two rooms, a track and people."""
    settings.SITE_URL = SITE
    event = EventFactory(slug="spring-days", title="Spring & Days", timezone="Europe/Berlin")
    talk = SessionFactory(
        event=event,
        title="Maps <and> more",
        slug="maps",
        subtitle="A tour",
        abstract="Bold & bright.\n\nSecond paragraph.",
        description="Long.",
        language="de, en",
        location="Saal 1",
        track=TrackFactory(event=event, name="Art & Code", slug="art-code", color="#aa0000"),
        starts_at=datetime(2030, 5, 6, 9, 0, tzinfo=UTC),
        ends_at=datetime(2030, 5, 6, 9, 45, tzinfo=UTC),
    )
    ada = SpeakerFactory(event=event, name="Ada Lovelace")
    SessionSpeakerFactory(session=talk, speaker=ada, position=1)
    SessionSpeakerFactory(session=talk, speaker__name="Bob", position=0, role=SpeakerRole.MODERATOR)
    SessionFactory(
        event=event,
        title="Late",
        slug="late",
        location="Saal 2",
        starts_at=datetime(2030, 5, 6, 21, 0, tzinfo=UTC),
        ends_at=datetime(2030, 5, 7, 0, 30, tzinfo=UTC),
    )
    SessionFactory(
        event=event,
        title="Night owls",
        slug="night-owls",
        starts_at=datetime(2030, 5, 7, 1, 0, tzinfo=UTC),
        ends_at=datetime(2030, 5, 8, 3, 0, tzinfo=UTC),
    )
    SessionFactory(event=event, title="Off", status=SessionStatus.CANCELLED)
    SessionFactory(event=event, title="Secret", status=SessionStatus.DRAFT)
    return event


def test_xml_holds_the_published_programme(congress):
    maps = Session.objects.get(slug="maps")
    root = ElementTree.fromstring(Client().get("/e/spring-days/schedule.xml").content)

    conference = root.find("conference")
    assert {child.tag: child.text for child in conference if child.tag != "track"} == {
        "acronym": "spring_days",
        "title": "Spring & Days",
        "start": "2030-05-06",
        "end": "2030-05-08",
        "days": "3",
        "timeslot_duration": "00:05",
        "base_url": SITE,
        "time_zone_name": "Europe/Berlin",
    }
    assert root.find("day").attrib == {
        "index": "1",
        "date": "2030-05-06",
        "start": "2030-05-06T05:00:00+02:00",
        "end": "2030-05-07T04:59:00+02:00",
    }
    assert [
        (day.get("date"), room.get("name"), [event.findtext("title") for event in room])
        for day in root.findall("day")
        for room in day
    ] == [
        ("2030-05-06", "", ["Night owls"]),
        ("2030-05-06", "Saal 1", ["Maps <and> more"]),
        ("2030-05-06", "Saal 2", ["Late"]),
    ]
    event = root.find(".//event[title='Maps <and> more']")
    assert event.attrib == {"guid": str(maps.uuid), "id": str(maps.pk)}
    assert {child.tag: child.text for child in event if not len(child)} == {
        "date": "2030-05-06T11:00:00+02:00",
        "start": "11:00",
        "duration": "00:45",
        "room": "Saal 1",
        "slug": "spring-days-maps",
        "url": f"{SITE}/e/spring-days/sessions/maps/",
        "title": "Maps <and> more",
        "subtitle": "A tour",
        "track": "Art & Code",
        "type": "Webcast",
        "language": "de, en",
        "abstract": "Bold & bright.\n\nSecond paragraph.",
        "description": "Long.",
        "links": None,
        "attachments": None,
    }
    assert [person.text for person in event.find("persons")] == ["Bob", "Ada Lovelace"]
    assert root.find(".//event[title='Night owls']/duration").text == "26:00"


def test_json_says_the_same_as_xml(congress):
    document = json.loads(Client().get("/e/spring-days/schedule.json").content)
    root = ElementTree.fromstring(Client().get("/e/spring-days/schedule.xml").content)

    conference = document["schedule"]["conference"]
    assert document["schedule"]["version"] == root.findtext("version")
    assert [
        (day["date"], name, [event["title"] for event in events])
        for day in conference["days"]
        for name, events in day["rooms"].items()
    ] == [
        (day.get("date"), room.get("name"), [event.findtext("title") for event in room])
        for day in root.findall("day")
        for room in day
    ]
    for day in conference["days"]:
        for event in (event for events in day["rooms"].values() for event in events):
            other = root.find(f".//event[@guid='{event['guid']}']")
            for name in ("date", "start", "duration", "room", "slug", "url", "title", "abstract"):
                assert event[name] == (other.findtext(name) or "")
            assert [p["name"] for p in event["persons"]] == [p.text for p in other.find("persons")]


# Rules of https://github.com/voc/schedule/tree/master/validator, those of both its schemas.
NEEDED = {
    "abstract date duration guid id language links persons room slug start subtitle title track "
    "type url"
}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def check_against_schema(document: dict[str, Any]) -> None:
    assert document.keys() <= {"$schema", "generator", "schedule"}
    schedule = document["schedule"]
    assert isinstance(schedule["version"], str)
    conference = schedule["conference"]
    assert conference.keys() == {
        *("acronym", "title", "start", "end", "daysCount", "timeslot_duration"),
        *("time_zone_name", "colors", "tracks", "days"),
    }
    assert conference["daysCount"] == len(conference["days"])
    assert all(re.fullmatch(r"#[0-9a-f]{6}", t["color"], re.I) for t in conference["tracks"])
    ids, guids, slugs = [], [], []
    for number, day in enumerate(conference["days"], start=1):
        assert day.keys() == {"index", "date", "day_start", "day_end", "rooms"}
        assert (day["index"], bool(date.fromisoformat(day["date"]))) == (number, True)
        assert INSTANT.fullmatch(day["day_start"]) and INSTANT.fullmatch(day["day_end"])
        for event in (event for events in day["rooms"].values() for event in events):
            assert event.keys() >= set(" ".join(NEEDED).split())
            assert INSTANT.fullmatch(event["date"])
            assert re.fullmatch(r"\d+:[0-5]\d", event["duration"])
            assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", event["start"])
            assert re.fullmatch(r"[a-z0-9_-]+", event["slug"])
            assert event["id"] > 0
            ids.append(event["id"])
            guids.append(event["guid"])
            slugs.append(event["slug"])
            assert all(person["name"] and "id" not in person for person in event["persons"])
    for values in (ids, guids, slugs):
        assert len(values) == len(set(values))


def test_json_keeps_the_rules_of_the_schema(congress):
    check_against_schema(json.loads(to_json(schedule_of(congress, SITE))))


@pytest.mark.parametrize("form", WRITERS)
def test_export_read_into_a_new_event_is_exported_the_same(congress, tmp_path, form):
    file = tmp_path / f"schedule.{form}"
    file.write_bytes(WRITERS[form](schedule_of(congress, SITE)))
    report, code = run_json("copy", file, "--apply")

    again = WRITERS[form](schedule_of(Event.objects.get(slug="copy"), SITE))
    assert (report["new"], report["rejected"], code) == (3, [], 0)
    assert comparable(again, form) == comparable(file.read_bytes(), form)


def comparable(data: bytes, form: str) -> Any:
    """The document without what belongs to one installation: row numbers, addresses, colours."""
    text = data.decode()
    if form == "xml":
        root = ElementTree.fromstring(text)
        for element in root.iter():
            for name in ("id", "color", "slug"):
                element.attrib.pop(name, None)
            if element.tag in ("slug", "url", "version"):
                element.text = ""
            if element.tag == "person":
                element.attrib.pop("guid")
        return ElementTree.tostring(root)
    document = json.loads(text)["schedule"]
    document["conference"].pop("tracks")
    for day in document["conference"]["days"]:
        for event in (event for events in day["rooms"].values() for event in events):
            for name in ("id", "slug", "url"):
                event.pop(name)
            event["persons"] = [person["name"] for person in event["persons"]]
    return document["conference"]


LINES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zs", "Zl", "Zp")), max_size=12
)


@many(60, derandomize=True)
@given(
    rows=st.lists(
        st.tuples(
            LINES.filter(bool),  # title
            LINES,  # room
            LINES,  # abstract
            st.integers(0, 4 * 24 * 60),  # start in minutes
            st.integers(1, 36 * 60),  # length in minutes
            st.sampled_from(["", "Art", "Code"]),
            st.lists(st.sampled_from(["Ada", "Bob", "Çelik"]), unique=True, max_size=3),
        ),
        min_size=1,
        max_size=5,
    ),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]),
)
def test_every_export_is_read_back_as_it_was(tmp_path_factory, rows, zone):
    with transaction.atomic():
        event = EventFactory(slug="first", timezone=zone)
        tracks = {name: TrackFactory(event=event, name=name) for name in ("Art", "Code")}
        people = {name: SpeakerFactory(event=event, name=name) for name in ("Ada", "Bob", "Çelik")}
        for title, room, abstract, start, length, track, names in rows:
            starts_at = datetime(2030, 5, 6, tzinfo=UTC) + timedelta(minutes=start)
            session = SessionFactory(
                event=event,
                title=title,
                location=room,
                abstract=abstract,
                track=tracks.get(track),
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=length),
            )
            for position, name in enumerate(names):
                SessionSpeakerFactory(session=session, speaker=people[name], position=position)
        for form, write in WRITERS.items():
            file = tmp_path_factory.mktemp("export") / f"schedule.{form}"
            file.write_bytes(write(schedule_of(event, SITE)))
            check_against_schema(json.loads(to_json(schedule_of(event, SITE))))
            report, _ = run_json(f"copy-{form}", file, "--apply")
            copy = Event.objects.get(slug=f"copy-{form}")

            assert (report["new"], report["rejected"]) == (len(rows), [])
            assert planned(copy) == planned(event)
        transaction.set_rollback(True)


def planned(event: Event) -> list[tuple[Any, ...]]:
    return sorted(
        (
            s.external_id or str(s.uuid),
            *(s.title, s.location, s.abstract, s.starts_at, s.ends_at),
            s.track.name if s.track else "",
            tuple(a.speaker.name for a in s.appearances.order_by("position")),
        )
        for s in event.sessions.select_related("track")
    )


@pytest.mark.parametrize("form", ["xml", "json", "ics"])
def test_command_writes_what_the_feed_serves(congress, tmp_path, form):
    path = tmp_path / "agenda"
    call_command("export_agenda", "spring-days", "--format", form, "--output", str(path))
    out = io.StringIO(newline="")
    call_command("export_agenda", "spring-days", "--format", form, stdout=out)
    name = "agenda.ics" if form == "ics" else f"schedule.{form}"

    served = Client().get(f"/e/spring-days/{name}").content
    assert out.getvalue().encode() == path.read_bytes()
    assert sorted(path.read_bytes().splitlines()) == sorted(served.splitlines())


def test_command_refuses_an_unknown_event():
    with pytest.raises(CommandError, match=r"There is no event nowhere\.") as refused:
        call_command("export_agenda", "nowhere", "--format", "xml")

    assert refused.value.returncode == 2


def test_feeds_are_sent_again_only_after_a_change(congress, django_assert_max_num_queries):
    for name in ("schedule.xml", "schedule.json", "changes.atom", "agenda.ics"):
        first = Client().get(f"/e/spring-days/{name}")
        with django_assert_max_num_queries(3):
            second = Client().get(
                f"/e/spring-days/{name}", headers={"If-None-Match": first["ETag"]}
            )
        Session.objects.get(slug="maps").save()
        third = Client().get(f"/e/spring-days/{name}", headers={"If-None-Match": first["ETag"]})

        assert (first.status_code, second.status_code, third.status_code) == (200, 304, 200)
        assert second.content == b""
        assert first["Last-Modified"] and second["ETag"] == first["ETag"] != third["ETag"]


def test_only_public_schedules_are_for_other_sites_pages(congress):
    first = Client().get("/e/spring-days/schedule.json")
    congress.visibility = "invited"
    congress.save()
    hidden = Client().get("/e/spring-days/schedule.json")

    assert first["Access-Control-Allow-Origin"] == "*"
    assert (hidden.status_code, hidden.has_header("Access-Control-Allow-Origin")) == (404, False)
