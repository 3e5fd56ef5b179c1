"""A schedule that was exported from an event is read back into that event as it was."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from events.exports.frab_json import to_json
from events.exports.frab_xml import to_xml
from events.exports.schedule import schedule_of
from events.models import Event, Session, SessionSpeaker, SessionStatus, Speaker, Track
from tests.events.test_imports import counts, run_json
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
WRITERS: dict[str, Callable[..., bytes]] = {"xml": to_xml, "json": to_json}
NINE = datetime(2030, 5, 6, 9, tzinfo=UTC)


@pytest.fixture
def event() -> Event:
    """Made by hand: three published sessions, one draft, one cancelled; two people of one name."""
    event = EventFactory(slug="spring-days", starts_on="2030-05-06", ends_on="2030-05-06")
    art = TrackFactory(event=event, name="Art")
    maps = SessionFactory(event=event, title="Maps", slug="maps", track=art, starts_at=NINE,
                          ends_at=NINE + timedelta(minutes=45), location="Saal 1",
                          abstract="Bold.\n\n* one\n* two")  # fmt: skip
    charts = SessionFactory(event=event, title="Charts", slug="charts", starts_at=NINE,
                            ends_at=NINE + timedelta(minutes=30, seconds=20))  # fmt: skip
    night = NINE + timedelta(hours=16)
    SessionFactory(event=event, title="Night", slug="night", track=art, starts_at=night,
                   ends_at=night + timedelta(hours=2))  # fmt: skip
    SessionFactory(event=event, slug="off", status=SessionStatus.CANCELLED)
    SessionFactory(event=event, slug="secret", status=SessionStatus.DRAFT)
    for slug, session in (("kim-1", maps), ("kim-2", charts)):
        kim = SpeakerFactory(event=event, name="Kim Lee", slug=slug)
        SessionSpeakerFactory(session=session, speaker=kim, position=3)
    ada = SpeakerFactory(event=event, name="Ada", slug="ada")
    SessionSpeakerFactory(session=maps, speaker=ada, position=1)
    return event


def rows(event: Event) -> list[Any]:
    """Everything of its programme, as it is stored."""
    found = [
        list(model.objects.filter(event=event).order_by("pk").values())
        for model in (Track, Speaker, Session)
    ]
    stage = SessionSpeaker.objects.filter(session__event=event).order_by("pk").values()
    return [*found, list(stage), list(Event.objects.filter(pk=event.pk).values())]


def exported(event: Event, form: str, folder: Path) -> Path:
    path = folder / f"schedule.{form}"
    path.write_bytes(WRITERS[form](schedule_of(Event.objects.get(pk=event.pk), SITE)))
    return path


def edited(path: Path, old: str, new: str, times: int = 1) -> Path:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, times), "utf-8")
    return path


def stage(slug: str) -> list[tuple[str, str]]:
    on_stage = SessionSpeaker.objects.filter(session__slug=slug).select_related("speaker")
    return [(each.speaker.slug, each.speaker.name) for each in on_stage]


@pytest.mark.parametrize("form", WRITERS)
def test_export_of_an_event_changes_nothing_of_it(event, tmp_path, form):
    before, path = rows(event), exported(event, form, tmp_path)
    out = io.StringIO()

    call_command("import_agenda", "spring-days", str(path), stdout=out)
    document, code = run_json("spring-days", path, "--apply")

    assert (counts(document), document["event"], code) == ((0, 0, 0, 3, 0), "unchanged", 0)
    assert (document["renamed_speakers"], document["warnings"]) == (0, [])
    assert document["recognised"] == {"sessions": 3, "speakers": 3}
    assert rows(event) == before
    assert out.getvalue().splitlines()[1:] == [
        "Recognised by the ids of this portal: 3 sessions and 3 speakers made by hand. No later "
        "schedule cancels them.",
        "0 new, 0 changed, 0 removed, 3 unchanged, 0 rejected. The event already matches the "
        "file; there is nothing to save.",
    ]


@pytest.mark.parametrize("form", WRITERS)
def test_what_is_edited_in_the_file_changes_and_nothing_else(event, tmp_path, form):
    path = edited(exported(event, form, tmp_path), "Charts", "Diagrams")
    others = Session.objects.exclude(slug="charts").order_by("pk")
    before = list(others.values())

    document, code = run_json("spring-days", path, "--apply")

    assert (counts(document), document["event"], code) == ((0, 1, 0, 2, 0), "unchanged", 0)
    charts = Session.objects.get(slug="charts")
    assert (charts.title, charts.external_id) == ("Diagrams", "")
    assert charts.ends_at == NINE + timedelta(minutes=30, seconds=20)
    assert (stage("charts"), list(others.values())) == ([("kim-2", "Kim Lee")], before)


def test_one_of_two_people_of_a_name_is_renamed(event, tmp_path):
    kim = str(Speaker.objects.get(slug="kim-2").uuid)
    path = exported(event, "json", tmp_path)
    document = json.loads(path.read_text("utf-8"))
    rooms = document["schedule"]["conference"]["days"][0]["rooms"].values()
    for person in (person for room in rooms for talk in room for person in talk["persons"]):
        if person["guid"] == kim:
            person |= {"name": "Kim L. Lee", "public_name": "Kim L. Lee"}
    path.write_text(json.dumps(document), "utf-8")

    report, code = run_json("spring-days", path, "--apply")

    assert (counts(report), report["renamed_speakers"], code) == ((0, 0, 0, 3, 0), 1, 0)
    assert stage("charts") == [("kim-2", "Kim L. Lee")]
    assert stage("maps") == [("ada", "Ada"), ("kim-1", "Kim Lee")]
    assert Speaker.objects.count() == 3


def test_who_is_taken_off_the_stage_in_the_file_leaves_it(event, tmp_path):
    path = exported(event, "json", tmp_path)
    document = json.loads(path.read_text("utf-8"))
    [maps] = document["schedule"]["conference"]["days"][0]["rooms"]["Saal 1"]
    del maps["persons"][0]
    path.write_text(json.dumps(document), "utf-8")

    report, code = run_json("spring-days", path, "--apply")

    assert (counts(report), code) == ((0, 1, 0, 2, 0), 0)
    assert (stage("maps"), Speaker.objects.count()) == ([("kim-1", "Kim Lee")], 3)


def test_sessions_made_by_hand_outlive_a_schedule_without_them(event, tmp_path):
    """Having been recognised makes nothing an import's own."""
    run_json("spring-days", exported(event, "json", tmp_path), "--apply")
    path = exported(event, "json", tmp_path)
    document = json.loads(path.read_text("utf-8"))
    del document["schedule"]["conference"]["days"][1:]
    rooms = document["schedule"]["conference"]["days"][0]["rooms"]
    rooms["Saal 1"] = [{**rooms["Saal 1"][0], "guid": "g-1", "title": "From elsewhere"}]
    del rooms[""]
    path.write_text(json.dumps(document), "utf-8")

    report, code = run_json("spring-days", path, "--apply")
    again, _ = run_json("spring-days", exported(event, "xml", tmp_path), "--apply")

    assert (counts(report), code) == ((1, 0, 0, 0, 0), 0)
    assert (counts(again), again["recognised"]["sessions"]) == ((0, 0, 0, 4, 0), 3)
    assert Session.objects.filter(status=SessionStatus.PUBLISHED).count() == 4


def test_who_managers_added_to_an_imported_session_is_found_again(event, tmp_path):
    talk = SessionFactory(event=event, title="Talk", external_id="g-1", starts_at=NINE,
                          ends_at=NINE + timedelta(hours=1))  # fmt: skip
    Event.objects.update(external_id="elsewhere")
    bob = SpeakerFactory(event=event, name="Bob", external_id="b-1")
    ada = Speaker.objects.get(slug="ada")
    for position, speaker in enumerate((ada, bob)):
        SessionSpeakerFactory(session=talk, speaker=speaker, position=position)
    before = rows(event)

    document, code = run_json("spring-days", exported(event, "xml", tmp_path), "--apply")

    assert (counts(document), document["event"], code) == ((0, 0, 0, 4, 0), "unchanged", 0)
    assert rows(event) == before


LINES = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co", "Zs", "Zl", "Zp")), max_size=12
)


@many(40, derandomize=True)
@given(
    talks=st.lists(
        st.tuples(
            LINES.filter(bool),  # title
            LINES,  # room
            LINES,  # abstract
            st.integers(0, 4 * 24 * 3600),  # start in seconds
            st.integers(1, 36 * 3600),  # length in seconds
            st.sampled_from([None, 0, 1, 2]),  # track
            st.lists(st.integers(0, 3), unique=True, max_size=3),  # on stage
            st.sampled_from(["", "", "imported"]),
        ),
        min_size=1,
        max_size=5,
    ),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia"]),
)
def test_every_export_is_read_back_into_its_event(tmp_path_factory, talks, zone):
    """People of one name, and a track that was imported under the name of another."""
    with transaction.atomic():
        event = EventFactory(slug="first", timezone=zone, starts_on="2030-05-05",
                             ends_on="2030-05-12")  # fmt: skip
        tracks = [
            TrackFactory(event=event, name=name, slug=f"t{number}", external_id=key)
            for number, (name, key) in enumerate((("Art", "Code"), ("Code", ""), ("Music", "")))
        ]
        people = [
            SpeakerFactory(event=event, name=name, slug=f"p{number}", external_id=key)
            for number, (name, key) in enumerate(
                (("Ada", ""), ("Ada", ""), ("Ada", "a-1"), ("Çelik", ""))
            )
        ]
        for number, (title, room, abstract, start, length, track, cast, origin) in enumerate(talks):
            starts_at = datetime(2030, 5, 6, tzinfo=UTC) + timedelta(seconds=start)
            session = SessionFactory(
                event=event,
                title=title,
                location=room,
                abstract=abstract,
                # In an imported one a track is what its schedule calls it.
                track=tracks[2 if origin else track] if track is not None else None,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(seconds=length),
                external_id=f"g-{number}" if origin else "",
            )
            for position, index in enumerate(cast):
                SessionSpeakerFactory(session=session, speaker=people[index], position=position)
        before = rows(event)
        for form in WRITERS:
            path = exported(event, form, tmp_path_factory.mktemp("export"))
            report, code = run_json("first", path, "--apply")

            expected = (0, 0, 0, len(talks), 0)
            assert (counts(report), report["event"], code) == (expected, "unchanged", 0)
            assert (report["renamed_speakers"], rows(event)) == (0, before)
        transaction.set_rollback(True)
