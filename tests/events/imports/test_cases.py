"""Each small file in cases/ stands for a kind of fault, and comes in as it should."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from events.models import Event, Session, Speaker
from tests.events.test_imports import conference, counts, run, run_json, talk

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

CASES = Path(__file__).parent / "cases"
ZONE = "--timezone=Europe/Berlin"


def imported(name: str, slug: str = "case", *options: str) -> tuple[dict[str, Any], int]:
    return run_json(slug, CASES / name, "--apply", *options)


def starts() -> dict[str, str]:
    """When each session starts, in the wall clock of Berlin."""
    return {
        s.title: f"{s.starts_at.astimezone(s.event.zone):%Y-%m-%d %H:%M}"
        for s in Session.objects.select_related("event")
    }


def stage() -> dict[str, list[str]]:
    return {s.title: [a.speaker.name for a in s.appearances.all()] for s in Session.objects.all()}


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(text: str | dict[str, Any]) -> Path:
        path = tmp_path / "file"
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return path

    return write


# --- People ------------------------------------------------------------------


def test_people_with_id_0_are_not_taken_for_one():
    dry, _ = run_json("case", CASES / "person_id_zero.xml")
    document, code = imported("person_id_zero.xml")
    again, _ = imported("person_id_zero.xml")

    assert stage() == {"Talk": ["Ada Alpha", "Ben Beta"], "Second": ["Cem Gamma"]}
    assert dry["on_stage"] == [
        {"id": "g-1", "title": "Talk", "people": ["Ada Alpha", "Ben Beta"]},
        {"id": "g-2", "title": "Second", "people": ["Cem Gamma"]},
    ]
    assert (counts(document), code, counts(again)) == ((2, 0, 0, 0, 0), 0, (0, 0, 0, 2, 0))


def test_dry_run_writes_who_is_on_stage():
    text, _ = run("case", CASES / "person_id_zero.xml")

    assert "      on stage: Ada Alpha, Ben Beta\n" in text


@pytest.mark.parametrize("key", ["id", "code", "guid"])
def test_key_of_two_names_identifies_nobody(written, key):
    people = [{key: "7", "name": "Ada"}, {key: "7", "name": "Ben"}]

    document, _ = run_json("c", written(conference(talk(persons=people))), "--apply")

    assert stage() == {"Opening": ["Ada", "Ben"]}
    assert document["warning_counts"] == [
        {
            "warning": "An id of a person carries several names, so they are told apart by name.",
            "count": 1,
            "examples": ["7: Ada, Ben"],
        }
    ]


def test_ids_given_anew_do_not_hand_a_person_to_another(written):
    """The export numbers its people again: Ben now has the id that Ada had."""
    ada, ben = {"id": 1, "name": "Ada"}, {"id": 2, "name": "Ben"}
    run("c", written(conference(talk(persons=[ada, ben]))), "--apply")
    Speaker.objects.filter(name="Ada").update(biography="Of Ada")

    later = [{"id": 1, "name": "Ben"}, {"id": 2, "name": "Ada"}]
    document, _ = run_json("c", written(conference(talk(persons=later))), "--apply")

    assert (stage(), document["renamed_speakers"]) == ({"Opening": ["Ben", "Ada"]}, 0)
    assert not Speaker.objects.filter(name="Ben", biography="Of Ada").exists()


def test_guid_added_later_finds_the_speaker_known_by_id(written):
    run("c", written(conference(talk(persons=[{"id": 1, "name": "Ada"}]))), "--apply")

    person = {"id": 1, "guid": "5f0c", "name": "Ada"}
    document, _ = run_json("c", written(conference(talk(persons=[person]))), "--apply")

    assert (counts(document), Speaker.objects.count()) == ((0, 0, 0, 1, 0), 1)


# --- Times -------------------------------------------------------------------


def test_date_and_start_that_contradict_are_warned_about():
    document, code = imported("date_start_contradict.xml")

    assert (starts(), code) == ({"Talk": "2026-06-10 12:00"}, 0)
    assert document["warnings"] == [
        "“date” and “start” name different times; “date” counts. 1: "
        "“Talk” (g-1), line 2: 12:00 and 10:00"
    ]


def test_warning_has_a_count_and_the_first_three_examples(written):
    rows = [talk(guid=f"g-{n}", start="08:00") for n in range(5)]

    document, _ = run_json("c", written(conference(*rows)))

    [warning] = document["warning_counts"]
    assert (warning["count"], len(warning["examples"])) == (5, 3)


def test_end_and_duration_that_contradict_are_warned_about(written):
    rows = [talk(end="2026-03-29T11:00:00+02:00")]

    document, _ = run_json("c", written(conference(*rows)))

    assert document["warnings"][0].startswith("“end” and “duration” disagree")


def test_day_change_of_the_header_moves_the_small_hours():
    imported("day_change.xml")

    assert starts() == {"Night quiz": "2026-06-11 00:15", "Opening": "2026-06-10 11:00"}


def test_morning_before_the_start_of_the_day_stays_on_its_date():
    imported("morning_before_day_start.xml")

    assert starts() == {"Morning workshop": "2026-06-10 10:00", "Opening": "2026-06-10 11:00"}


@pytest.mark.parametrize(
    ("day", "start", "expected"),
    [
        ('start="2026-06-10T11:00:00+02:00"', "01:00", "2026-06-11 01:00"),
        # In its own offset: 09:00 UTC is 11:00 in Berlin.
        ('start="2026-06-10T02:00:00+00:00"', "04:30", "2026-06-10 04:30"),
        ('start="2026-06-10T10:00:00+02:00" end="2026-06-11T06:30:00+02:00"', "06:00", "2026-06-11 06:00"),
        ("", "01:00", "2026-06-10 01:00"),
    ],
)  # fmt: skip
def test_small_hours_fall_on_the_date_that_the_day_says(written, day, start, expected):
    text = (
        "<schedule><conference><title>T</title></conference>"
        f'<day date="2026-06-10" {day}><room name="A"><event id="1"><start>{start}</start>'
        "<duration>00:30</duration><title>Talk</title></event></room></day></schedule>"
    )

    run("c", written(text), ZONE, "--apply")

    assert starts() == {"Talk": expected}


@pytest.mark.parametrize("text", ["1:00:00", "01:00:00", "2:30:00", "1:00:30"])
def test_duration_of_three_parts_is_rejected_as_ambiguous(written, text):
    document, code = run_json("c", written(conference(talk(duration=text))), "--apply")

    [rejected] = document["rejected"]
    assert (rejected["field"], code, Event.objects.count()) == ("duration", 1, 0)
    assert rejected["reason"].startswith(f"“{text}” is ambiguous")


def test_case_of_an_ambiguous_duration_is_rejected():
    document, code = imported("dur_h_mm_ss.xml")

    assert (counts(document), code) == ((0, 0, 0, 0, 1), 1)


# --- Rows --------------------------------------------------------------------


def test_rows_of_one_guid_are_rejected_and_the_others_come_in():
    document, code = imported("duplicate_guid.xml")

    reason = "“g-1” stands on 2 rows, so nobody can tell which is meant. Give each talk its own."
    row = {"row": "“Workshop” (g-1), line 2", "field": "guid", "reason": reason}
    assert (document["rejected"], code) == ([row, row], 1)
    assert starts() == {"Other": "2026-06-10 10:00"}


def test_optional_field_that_is_broken_does_not_keep_the_talk_out():
    imported("moved_talk_before.json")
    document, code = imported("moved_talk_after.json")

    assert (counts(document), code) == ((0, 1, 0, 0, 0), 0)
    assert (starts(), stage()) == ({"Talk": "2026-06-10 15:00"}, {"Talk": ["Ada Alpha"]})
    assert "language has 18 characters; 16 are kept." in document["warnings"][0]


def test_talk_of_five_languages_comes_in():
    document, code = imported("five_languages.json")

    assert (counts(document), code, len(document["warnings"])) == ((1, 0, 0, 0, 0), 0, 1)


@pytest.mark.parametrize(
    "broken",
    [
        {"type": {"en": "Talk"}},
        {"persons": [{"id": 1}]},
        {"persons": "Ada"},
        {"subtitle": "s" * 251},
        {"track": {"en": "Main"}},
        {"abstract": "\ud800"},
        {"start": "soon"},
    ],
)
def test_whatever_a_talk_can_do_without_is_warned_about(written, broken):
    document, code = run_json("c", written(conference(talk(**broken))), "--apply")

    assert (counts(document), code) == ((1, 0, 0, 0, 0), 0)
    assert [w["count"] for w in document["warning_counts"]] == [1]


def test_person_without_a_name_does_not_keep_the_others_off_stage(written):
    people = [{"id": 1}, {"id": 2, "name": "Ben"}]

    run("c", written(conference(talk(persons=people))), "--apply")

    assert stage() == {"Opening": ["Ben"]}


# --- Files -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ((CASES / "html_404.xml").read_text(), "a web page, not a schedule"),
        ("<?xml version='1.0'?>\n<!-- x --><html xmlns='http://www.w3.org/1999/xhtml'/>", "a web page, not a schedule"),
        ("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "an iCalendar file"),
        ('["vcalendar", [], []]', "a jCal file (iCalendar in JSON)"),
        ('<icalendar xmlns="urn:ietf:params:xml:ns:icalendar-2.0"/>', "an xCal file (iCalendar in XML)"),
        ('<iCalendar xmlns:xCal="urn:x"><vcalendar/></iCalendar>', "an xCal file (iCalendar in XML)"),
        ("<rss/>", "a news feed"),
        ("%PDF-1.4", "a PDF"),
    ],
)  # fmt: skip
def test_file_of_another_format_is_refused_by_its_name(written, content, name):
    path = written(content)

    text, code = run("case", path, ZONE, "--apply")

    assert (text, code) == (
        f"{path}: The file is {name}; take the schedule.xml or schedule.json export. "
        "Nothing was changed.",
        1,
    )


def test_version_2_of_the_json_is_read():
    document, code = imported("schedule_v2.json")

    session = Session.objects.get()
    assert (counts(document), document["warnings"], code) == ((1, 0, 0, 0, 0), [], 0)
    assert (session.starts_at, session.ends_at, session.location) == (
        datetime(2026, 6, 10, 8, 0, tzinfo=UTC),
        datetime(2026, 6, 10, 8, 30, tzinfo=UTC),
        "Hall",
    )


def test_file_without_acronym_that_shares_nothing_is_refused():
    imported("no_acronym_a.xml", "case", ZONE)
    document, code = imported("no_acronym_b.xml")
    refused = starts()
    forced, forced_code = imported("no_acronym_b.xml", "case", "--other-schedule")

    assert (code, refused) == (1, {"Alpha talk": "2026-06-10 10:00"})
    assert "would cancel all of its 1 imported sessions" in document["error"]
    assert (counts(forced), forced_code) == ((1, 0, 1, 0, 0), 0)


@pytest.mark.proof
def test_nine_hundred_people_import_twice():
    first, _ = imported("speakers_999.xml")
    second, code = imported("speakers_999.xml")

    assert (counts(first), counts(second), code) == ((999, 0, 0, 0, 0), (0, 0, 0, 999, 0), 0)


def test_control_characters_do_not_come_in(client):
    imported("control_char_abstract.json")

    assert Session.objects.get(title="Talk").abstract == "first slide\nsecond slide"


def test_control_characters_written_by_hand_leave_no_calendar(client):
    imported("control_char_abstract.json")
    Session.objects.filter(title="Talk").update(abstract="first\x0bsecond\x1b", title="Ta\x07lk")

    body = client.get("/e/case/agenda.ics").content

    assert {octet for octet in body if octet < 0x20} <= {0x0D, 0x0A, 0x09}
    assert b"SUMMARY:Talk" in body


SPOILED = "\u202eAda\uffff \x07Lovelace\u2028\x85"


def test_what_no_format_carries_is_folded_once_and_for_all(written):
    """The next import of the same file finds nothing that differs."""
    people = [{"guid": f"a\x1f{SPOILED}", "name": SPOILED}, {"name": "x" * 199}]
    row = talk(
        guid=f"g\x01{SPOILED}", title=SPOILED, subtitle=SPOILED, abstract=SPOILED, room=SPOILED,
        track=SPOILED, persons=people,
    )  # fmt: skip
    path = written(conference(row, acronym=f"c{SPOILED}", title=SPOILED))

    document, code = run_json("c", path, "--apply")
    again, again_code = run_json("c", path, "--apply")

    assert (counts(document), document["warnings"], code) == ((1, 0, 0, 0, 0), [], 0)
    assert (counts(again), again["event"], again["renamed_speakers"], again_code) == (
        (0, 0, 0, 1, 0), "unchanged", 0, 0,
    )  # fmt: skip
    session = Session.objects.get()
    assert (session.title, session.subtitle, session.abstract, session.location) == (
        "Ada Lovelace", "Ada Lovelace", "\u202eAda Lovelace", "Ada Lovelace",
    )  # fmt: skip
    assert (session.track.name, session.event.title) == ("Ada Lovelace", "Ada Lovelace")
    assert stage() == {"Ada Lovelace": ["Ada Lovelace", "x" * 199]}


# --- On the pages ------------------------------------------------------------


def test_session_of_two_languages_is_found_under_both(client):
    imported("two_languages.json")

    page = client.get("/e/case/agenda/").content.decode()
    german = client.get("/e/case/agenda/?language=de").content.decode()
    english = client.get("/e/case/agenda/?language=en").content.decode()

    titles = ("German only", "English first", ">Talk<")
    assert [title in german for title in titles] == [True, True, True]
    assert [title in english for title in titles] == [False, True, True]
    assert "language=de%2C" not in page
    assert "German, English" in page


def test_span_of_several_days_is_written_with_the_day_of_its_end(client):
    imported("multiday_running.json")

    listed = client.get("/e/case/agenda/?day=all").content.decode()
    session = Session.objects.get(external_id="g-2")
    page = client.get(session.get_absolute_url()).content.decode()

    for text in (listed, page):
        assert re.search(r">19:00(</time>)? – Sun (<time[^>]*>)?18:30", text)
    assert ">10:00 – Mon 22:00 CET<" in listed
    # The event lasts as long as what runs in it.
    assert Event.objects.get().ends_on == date(2026, 11, 30)
