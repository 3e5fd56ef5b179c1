"""Sessions come in from CSV files and workbooks, each cell judged by itself."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from events.exports.tables import formula_safe, without_guard
from events.imports.schedule import BrokenFile
from events.imports.tables.cells import BadCell, FoundMoment, in_zone, length_of, moment_of
from events.imports.tables.columns import guess_layout
from events.imports.tables.files import read_table
from events.models import Event, Session, SessionSpeaker, SpeakerRole
from tests.events.test_imports import counts, everything, run, run_json
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
)

NINE = datetime(2030, 5, 6, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
HEADER = ["Title", "Date", "Start", "End", "Room", "Speakers"]
OPENING = ["Opening", "2030-05-06", "9:00", "10:00", "Saal 1", "Ada; Grace"]


def workbook(*rows: list[Any], **sheets: list[list[Any]]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    for name, found in sheets.items():
        other = book.create_sheet(name)
        for row in found:
            other.append(row)
    book.save(file)
    return file.getvalue()


def csv_of(*rows: list[str], separator: str = ",") -> str:
    return "".join(separator.join(row) + "\r\n" for row in rows)


@pytest.fixture
def event() -> Event:
    return EventFactory(
        slug="conf", timezone="Europe/Berlin", starts_on="2030-05-06", ends_on="2030-05-08"
    )


@pytest.fixture
def table(tmp_path: Path) -> Any:
    """Writes a table and names the file."""

    def write(data: bytes | str, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


# --- Cells --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "day", "clock"),
    [
        ("2030-05-06 09:30", date(2030, 5, 6), time(9, 30)),
        ("2030-05-06T09:30:00", date(2030, 5, 6), time(9, 30)),
        ("6.5.2030 9.30", date(2030, 5, 6), time(9, 30)),
        ("06.05.2030, 14:00 Uhr", date(2030, 5, 6), time(14)),
        ("27/12/2030 2:15 pm", date(2030, 12, 27), time(14, 15)),
        ("12/27/2030", date(2030, 12, 27), None),
        ("5/5/2030", date(2030, 5, 5), None),
        ("27. Dezember 2030", date(2030, 12, 27), None),
        ("Friday, December 27th, 2030 at 9 am", date(2030, 12, 27), time(9)),
        ("27 de diciembre de 2030", date(2030, 12, 27), None),
        ("27 décembre 2030 à 14h30", date(2030, 12, 27), time(14, 30)),
        ("27 בדצמבר 2030", date(2030, 12, 27), None),
        ("12:00 am", None, time(0)),
        ("", None, None),
        (None, None, None),
        (datetime(2030, 5, 6, 9, 29, 59, 999_999), date(2030, 5, 6), time(9, 30)),
        (time(9, 30), None, time(9, 30)),
        (date(2030, 5, 6), date(2030, 5, 6), None),
    ],
)
def test_moment_is_read_where_it_has_one_meaning(value, day, clock):
    assert moment_of(value) == FoundMoment(day, clock)


@pytest.mark.parametrize(
    ("value", "reason", "expected"),
    [
        (
            "3/4/2030",
            "This can be two days: 2030-04-03 or 2030-03-04.",
            "the one of both that is meant",
        ),
        ("31.2.2030", "There is no such day.", "2026-03-29"),
        ("6.5.30", "This is no date and time.", "2026-03-29 09:00"),
        ("2030-05-06 25:00", "“25:00” is no time of day.", "2026-03-29 09:00"),
        (
            47244.5,
            "This is a number, no date. Give the cell the format of a date.",
            "2026-03-29 09:00",
        ),
        (datetime(1900, 1, 1), "The year 1900 is not between 1970 and 2199.", "2026-03-29"),
        ("soon", "This is no date and time.", "2026-03-29 09:00"),
    ],
)
def test_moment_of_no_or_two_meanings_is_refused_with_what_would_be_right(value, reason, expected):
    with pytest.raises(BadCell) as found:
        moment_of(value)

    assert (found.value.reason, found.value.expected) == (reason, expected)


@pytest.mark.parametrize(
    ("value", "minutes"),
    [("1:30", 90), ("90", 90), (90, 90), ("45 min", 45), ("1h 30", 90), ("2 Stunden", 120),
     (time(1, 30), 90), (timedelta(hours=25), 1500), ("1h30min", 90)],
)  # fmt: skip
def test_length_is_read_as_people_write_it(value, minutes):
    assert length_of(value) == timedelta(minutes=minutes)


def test_time_that_the_clocks_have_twice_or_never_is_asked_about():
    with pytest.raises(BadCell, match="leave out"):
        in_zone(date(2030, 3, 31), time(2, 30), BERLIN)
    with pytest.raises(BadCell, match="twice") as twice:
        in_zone(date(2030, 10, 27), time(2, 30), BERLIN)

    assert twice.value.expected == "2030-10-27T02:30+02:00 / 2030-10-27T02:30+01:00"
    late = datetime(2030, 10, 27, 1, 30, tzinfo=UTC)
    assert in_zone(date(2030, 10, 27), time(2, 30), BERLIN, late) == late


# --- Files --------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_csv_of_any_separator_and_encoding_says_the_same(separator, encoding):
    rows = [["Titel", "Beginn", "Ende", "Raum"], ["Größe", "2030-05-06 9:00", "10:00", "Süd"]]

    found = read_table(csv_of(*rows, separator=separator).encode(encoding))

    assert (found.sheets[0].rows, found.notes) == (rows, [])
    assert guess_layout(found).columns == {0: "title", 1: "start", 2: "end", 3: "room"}


def test_csv_in_windows_1252_is_read_and_said():
    found = read_table(csv_of(["Title", "Start"], ["Café – Größe", "9:00"]).encode("cp1252"))

    assert found.sheets[0].rows[1] == ["Café – Größe", "9:00"]
    assert found.notes == [
        "The file is not UTF-8; it was read as Windows-1252. Look whether these are right: "
        "“Café”, “–”, “Größe”. If not, save the file as “CSV UTF-8”."
    ]


@given(st.text(alphabet="'=+-@\t\n; |,a＝", max_size=12))
def test_guard_of_formulas_is_taken_off_again(text):
    assert without_guard(formula_safe(text)) == text


@given(st.binary(max_size=200))
def test_no_bytes_make_a_reader_fail_without_words(data):
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        try:
            read_table(start + data)
        except BrokenFile as error:
            assert str(error).endswith((".", "!"))


def repacked(data: bytes, change: Any) -> bytes:
    """The workbook with its parts as ``change(name, content)`` has them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return out.getvalue()


def test_workbook_that_declares_entities_or_unpacks_to_too_much_is_refused():
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    plain = workbook(HEADER, OPENING)

    def with_entity(name: str, content: bytes) -> bytes:
        return entity + content[content.index(b"?>") + 2 :] if "sheet1" in name else content

    def inflated(name: str, content: bytes) -> bytes:
        return content + b" " * (160 * 1024 * 1024) if "sheet1" in name else content

    refusals = []
    for data in (
        repacked(plain, lambda name, content: with_entity(name, b"<?xml?>" + content)),
        repacked(plain, inflated),
        plain[: len(plain) // 2],
        repacked(plain, lambda name, content: b"<broken" if "sheet1" in name else content),
    ):
        with pytest.raises(BrokenFile) as error:
            read_table(data)
        refusals.append(str(error.value))

    assert refusals[:3] == [
        "The workbook declares XML entities; no spreadsheet does.",
        "The workbook unpacks to more than 150 MB. Split it.",
        "The file is a ZIP archive, but no workbook (.xlsx) that can be read.",
    ]
    assert refusals[3].startswith("The workbook is damaged (")


def test_sheet_and_header_are_found_wherever_they_are():
    talks = [
        ["Programme 2030"],
        [],
        ["Nr", "Título", "Inicio", "Fin", "Sala"],
        [1, "Uno", 1, 2, "A"],
    ]
    found = read_table(workbook(["Notes"], ["to do"], Programa=talks))

    layout = guess_layout(found)

    assert (layout.sheet, layout.header) == (1, 2)
    assert layout.columns == {1: "title", 2: "start", 3: "end", 4: "room"}


# --- Into an event ------------------------------------------------------------


@pytest.mark.django_db
def test_table_comes_in_and_again_changes_nothing(event, table):
    ada = SpeakerFactory(event=event, name="Ada")
    path = table(workbook(HEADER, OPENING, ["Close", datetime(2030, 5, 8), time(17), time(18), "", ""]),
                 "t.xlsx")  # fmt: skip

    first = run_json("conf", path, "--apply")
    after = everything()
    again = run_json("conf", path, "--apply", "--remove-missing")

    assert [counts(first[0]), counts(again[0])] == [(2, 0, 0, 0, 0), (0, 0, 0, 2, 0)]
    assert everything() == after
    opening = Session.objects.get(title="Opening")
    assert (opening.starts_at, opening.ends_at, opening.location, opening.status) == (
        NINE - timedelta(hours=2), NINE - timedelta(hours=1), "Saal 1", "draft"
    )  # fmt: skip
    assert [a.speaker.name for a in opening.appearances.order_by("position")] == ["Ada", "Grace"]
    assert event.speakers.get(name="Ada") == ada


@pytest.mark.django_db
def test_each_bad_cell_is_named_and_good_rows_come_in(event, table):
    rows = [
        ["Title", "Start", "Duration", "Status", "Places"],
        ["Fine", "2030-05-06 9:00", "60", "published", "20"],
        ["", "3/4/2030 9:00", "long", "sometime", "-1"],
    ]
    path = table(csv_of(*rows, separator=";"))

    document, code = run_json("conf", path, "--apply")

    assert (counts(document), code) == ((1, 0, 0, 0, 5), 1)
    assert sorted((r["cell"], r["field"]) for r in document["rejected"]) == [
        ("A3", "title"), ("B3", "start"), ("C3", "duration"), ("D3", "status"), ("E3", "places")
    ]  # fmt: skip
    text, _ = run("conf", path)
    assert (
        "! B3 row 3: start This can be two days: 2030-04-03 or 2030-03-04. Found: 3/4/2030 9:00. "
        "Expected: the one of both that is meant." in text
    )
    assert Session.objects.get().capacity == 20


@pytest.mark.django_db
def test_rows_without_ids_are_known_by_title_and_time(event, table):
    """Two lunches stay two when one moves; a changed title is a new session."""
    header = ["Title", "Start", "Duration"]
    lunches = [["Lunch", f"2030-05-0{day} 12:00", "60"] for day in (6, 7)]
    run("conf", table(csv_of(header, *lunches, ["Talk", "2030-05-06 9:00", "30"])), "--apply")
    ids = {(s.title, s.starts_at.day): s.pk for s in Session.objects.all()}
    lunches[1][1] = "2030-05-08 12:30"

    document, _ = run_json(
        "conf", table(csv_of(header, lunches[1], lunches[0], ["Talk", "2030-05-06 9:00", "45"])),
        "--apply", "--remove-missing",
    )  # fmt: skip

    assert counts(document) == (0, 2, 0, 1, 0)
    assert {(s.title, s.starts_at.day): s.pk for s in Session.objects.all()} == {
        ("Lunch", 6): ids["Lunch", 6],
        ("Lunch", 8): ids["Lunch", 7],
        ("Talk", 6): ids["Talk", 6],
    }


@pytest.mark.django_db
def test_missing_rows_are_removed_only_if_that_is_asked_for(event, table):
    kept, gone = (SessionFactory(event=event, title=t, starts_at=NINE) for t in ("Kept", "Gone"))
    path = table(csv_of(["Title", "Start", "Duration"], ["Kept", "2030-05-06 11:00", "60"]))

    plain, _ = run_json("conf", path, "--apply")
    status = Session.objects.get(pk=gone.pk).status
    asked, _ = run_json("conf", path, "--apply", "--remove-missing")

    assert (counts(plain)[2], counts(asked)[2]) == (0, 1)
    assert [status, *Session.objects.order_by("pk").values_list("status", flat=True)] == [
        gone.status, kept.status, "cancelled"
    ]  # fmt: skip


@pytest.mark.django_db
def test_name_that_two_speakers_have_is_asked_about_unless_one_is_on_stage(event, table):
    kims = [SpeakerFactory(event=event, name="Kim Lee", slug=slug) for slug in ("k1", "k2")]
    talk = SessionFactory(event=event, title="Known", starts_at=NINE)
    SessionSpeakerFactory(session=talk, speaker=kims[1], position=0)
    rows = [
        ["Known", "2030-05-06 11:00", "60", "Kim Lee"],
        ["New", "2030-05-06 12:00", "60", "Kim Lee"],
    ]
    path = table(csv_of(["Title", "Start", "Duration", "Speakers"], *rows))

    document, _ = run_json("conf", path)

    assert [(r["cell"], r["expected"]) for r in document["rejected"]] == [
        ("D3", f"Kim Lee [{kims[0].guid}] / Kim Lee [{kims[1].guid}]")
    ]
    assert document["on_stage"] == [{"id": talk.guid, "title": "Known", "people": ["Kim Lee"]}]


@pytest.mark.django_db
def test_table_needs_an_event_and_columns_that_make_sense(event, table):
    path = table(csv_of(["Was", "Wann"], ["a", "b"]))

    assert run("conf", path) == (
        f"{path}: No column is called “Title” or “Start”. Name it so in the first row, or choose "
        "the column. Nothing was changed.",
        1,
    )
    assert run("none", path)[1] == 2


# --- Out and in again -----------------------------------------------------------


@pytest.fixture
def programme(event: Event) -> Event:
    """With all that may go wrong on the way: names with commas, doubled names, formulas, seconds."""
    art = TrackFactory(event=event, name="=Art; -1+1")
    people = [
        SpeakerFactory(event=event, name=name, slug=f"p{number}")
        for number, name in enumerate(
            ["Kim Lee", "kim lee", "Smith, Jr.", 'Ann "Q" Hall; MA', "@Bob", "Eve [DJ]"]
        )
    ]
    night = datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
    event.ends_on = date(2030, 10, 28)
    event.save()
    for number, title in enumerate(["=SUM(A1)", "'-x", "a;=b", "Same", "Same", "_x0041_ שלום"]):
        session = SessionFactory(
            event=event, title=title, slug=f"s{number}", track=art if number % 2 else None,
            starts_at=night + timedelta(hours=number // 2, seconds=20 * number),
            ends_at=night + timedelta(hours=3, seconds=7), abstract="* one\n\n* two\n\t=3",
            status=["draft", "published", "cancelled"][number % 3], capacity=number or None,
            session_type=["webcast", "studio"][number % 2], language="en",
        )  # fmt: skip
        for position, speaker in enumerate(people[number:] + people[:number]):
            SessionSpeaker.objects.create(
                session=session, speaker=speaker, position=position,
                role=[SpeakerRole.SPEAKER, SpeakerRole.MODERATOR][position % 2],
            )  # fmt: skip
    return event


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_exported_table_is_read_back_as_it_was(programme, tmp_path, form):
    path, before = tmp_path / f"agenda.{form}", everything()
    call_command("export_agenda", "conf", format=form, output=path)

    document, code = run_json("conf", path, "--apply", "--remove-missing")

    assert (counts(document), document["rejected"], code) == ((0, 0, 0, 6, 0), [], 0)
    assert everything() == before
