import csv
import io
import re
import tempfile
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from analytics.aggregate import rebuild
from analytics.exports import (
    ExportLevel,
    attendance_csv,
    attendance_table,
    attendance_xlsx,
    csv_chunks,
    csv_text,
    formula_safe,
)
from analytics.models import Coverage, MatchedBy, RoomRun, SessionAttendance, Stay, ViewerTotal
from analytics.roster import PeopleFilter
from events.exports.tables import write_xlsx
from events.models import SpeakerRole
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TrackFactory,
    UserFactory,
    WebcastFactory,
)

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
PULLED = START + timedelta(hours=3)


def run_in(session, remote_id="4200001"):
    return RoomRun.objects.create(
        source="newrow",
        remote_id=remote_id,
        room_remote_id="1_room0001",
        session=session,
        started_at=START,
        ended_at=START + timedelta(minutes=45),
        pulled_at=PULLED,
    )


def stay_in(run, key, joined, left, user=None, **fields):
    return Stay.objects.create(
        source="newrow",
        run=run,
        remote_key=key,
        joined_at=START + timedelta(minutes=joined),
        left_at=None if left is None else START + timedelta(minutes=left),
        open_interval=left is None,
        minutes=None if left is None else Decimal(left - joined),
        user=user,
        matched_by=MatchedBy.USER_ID if user else "",
        pulled_at=PULLED,
        **fields,
    )


@pytest.fixture
def workshop(db):
    """A room session with a registered person, a speaker, someone absent and a guest."""
    event = EventFactory(slug="conf", timezone="Europe/Berlin")
    session = InteractiveFactory(
        event=event,
        title="=HYPERLINK(1)",
        starts_at=START,
        track=TrackFactory(event=event, name="Main, hall"),
    )
    people = [
        RegistrationFactory(event=event, user=UserFactory(name=name, email=email)).user
        for name, email in [("Ann Lee", "ann@example.org"), ("@sum", "absent@example.org")]
    ]
    speaker = UserFactory(name='Sue "Su" Speaker', email="sue@example.org")
    SessionSpeakerFactory(
        session=session,
        speaker=SpeakerFactory(event=event, user=speaker),
        role=SpeakerRole.SPEAKER,
    )
    Coverage.objects.create(session=session, source="newrow", attempted_at=PULLED, pulled_at=PULLED)
    run = run_in(session)
    stay_in(run, "k1", 0, 20, people[0], remote_user_id="portal-ann", attention=Decimal("34"))
    stay_in(run, "k2", 15, 45, people[0], remote_user_id="portal-ann")
    stay_in(run, "k3", 0, None, speaker, remote_user_id="portal-sue")
    # A guest who calls herself Ann Lee is a guest.
    stay_in(run, "k4", 10, 20, name="Ann Lee", email="+x@example.org", remote_user_id="900")
    rebuild(session.pk)
    return session, [*people, speaker]


def file_of(of, level, **options):
    """The file as it is streamed; the same values written by the plain writer agree with it."""
    found = attendance_table(of.event, level, **options)
    streamed = "".join(attendance_csv(found))
    assert streamed == "".join(csv_chunks(found.columns, found.rows))
    return streamed


@pytest.mark.postgres
def test_person_file_has_these_very_bytes(workshop):
    session, (ann, absent, sue) = workshop
    start = (
        f'conf,{session.uuid},\'=HYPERLINK(1),"Main, hall",interactive,2030-05-06T09:00:00Z,'
        "2030-05-06T09:45:00Z,Europe/Berlin,2030-05-06T11:00:00+02:00,"
    )

    assert file_of(session, ExportLevel.PERSON) == "\r\n".join(
        [
            "event,session_id,session_title,track,session_type,scheduled_start_utc,"
            "scheduled_end_utc,event_timezone,scheduled_start_local,attendee_id,attendee_name,"
            "attendee_email,role,registered,attended,first_joined_utc,last_left_utc,join_count,"
            "minutes_present,scheduled_percent,open_interval,attention_percent,live_minutes,"
            "recording_minutes,sources,matched_by,pulled_at_utc,newrow_minutes,report_minutes,"
            "engagement_minutes,realtime_minutes,portal_minutes",
            f"{start}{ann.uuid},Ann Lee,ann@example.org,attendee,true,true,2030-05-06T09:00:00Z,"
            "2030-05-06T09:45:00Z,2,45.00,100.0,false,34.0,,,newrow,user_id,2030-05-06T12:00:00Z,"
            "45.00,,,,",
            f"{start}{absent.uuid},'@sum,absent@example.org,attendee,true,false,,,0,0.00,0.0,"
            "false,,,,,,2030-05-06T12:00:00Z,,,,,",
            f'{start}{sue.uuid},"Sue ""Su"" Speaker",sue@example.org,speaker,false,true,'
            "2030-05-06T09:00:00Z,,1,45.00,100.0,true,,,,newrow,user_id,2030-05-06T12:00:00Z,45.00,,,,",
            f"{start},Ann Lee,'+x@example.org,guest,false,true,2030-05-06T09:10:00Z,"
            "2030-05-06T09:20:00Z,1,10.00,22.2,false,,,,newrow,,2030-05-06T12:00:00Z,10.00,,,,",
            "",
        ]
    )


@pytest.mark.postgres
def test_stay_file_has_these_very_bytes(workshop):
    session, (ann, _, sue) = workshop
    start = f"conf,{session.uuid},'=HYPERLINK(1),"

    assert file_of(session, ExportLevel.STAY) == "\r\n".join(
        [
            "event,session_id,session_title,attendee_id,attendee_name,attendee_email,source,"
            "remote_session_id,remote_user_id,joined_utc,left_utc,minutes,open_interval,"
            "attention_percent,matched_by,pulled_at_utc",
            f"{start}{ann.uuid},Ann Lee,ann@example.org,newrow,4200001,portal-ann,"
            "2030-05-06T09:00:00Z,2030-05-06T09:20:00Z,20.0000,false,34.0,user_id,"
            "2030-05-06T12:00:00Z",
            f'{start}{sue.uuid},"Sue ""Su"" Speaker",sue@example.org,newrow,4200001,portal-sue,'
            "2030-05-06T09:00:00Z,,,true,,user_id,2030-05-06T12:00:00Z",
            f"{start},Ann Lee,'+x@example.org,newrow,4200001,900,2030-05-06T09:10:00Z,"
            "2030-05-06T09:20:00Z,10.0000,false,,,2030-05-06T12:00:00Z",
            f"{start}{ann.uuid},Ann Lee,ann@example.org,newrow,4200001,portal-ann,"
            "2030-05-06T09:15:00Z,2030-05-06T09:45:00Z,30.0000,false,,user_id,"
            "2030-05-06T12:00:00Z",
            "",
        ]
    )


@pytest.mark.postgres
def test_person_workbook_has_these_very_bytes(workshop):
    """The same on either database: every part of it has one time and one compression."""
    session, (ann, *_) = workshop
    columns = (
        "session_title scheduled_start_local attendee_id attended first_joined_utc join_count "
        "minutes_present scheduled_percent attention_percent sources newrow_minutes report_minutes"
    ).split()
    table = attendance_table(session.event, ExportLevel.PERSON, columns=columns)

    written = b"".join(attendance_xlsx(table, made_by="Ada", now=PULLED))

    book = zipfile.ZipFile(io.BytesIO(written))
    rows = re.findall("<row>.*?</row>", book.read("xl/worksheets/sheet1.xml").decode())

    def text(value: str) -> str:
        return f'<c t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'

    def day(hour: int) -> str:
        return f'<c s="2"><v>{47609 + hour / 24:.9f}</v></c>'

    assert rows[1] == (
        f"<row>{text('=HYPERLINK(1)')}{day(11)}{text(ann.uuid)}"
        f'<c t="b"><v>1</v></c>{day(9)}<c s="3"><v>2</v></c><c s="5"><v>45.00</v></c>'
        f'<c s="4"><v>100.0</v></c><c s="4"><v>34.0</v></c>{text("newrow")}'
        '<c s="5"><v>45.00</v></c><c/></row>'
    )
    assert len(rows) == 5
    assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"".join(attendance_xlsx(table, made_by="Ada", now=PULLED)) == written


@pytest.mark.parametrize(
    ("show", "names"),
    [
        (PeopleFilter.ALL, ["Ann Lee", "'@sum", 'Sue "Su" Speaker', "Ann Lee"]),
        (PeopleFilter.ATTENDED, ["Ann Lee", 'Sue "Su" Speaker', "Ann Lee"]),
        (PeopleFilter.ABSENT, ["'@sum"]),
        (PeopleFilter.GUESTS, ["Ann Lee"]),
    ],
)
def test_person_file_lists_whom_the_filter_shows(workshop, show, names):
    session, _ = workshop
    rows = csv.DictReader(
        io.StringIO(file_of(session, ExportLevel.PERSON, session=session, show=show))
    )

    assert [row["attendee_name"] for row in rows] == names


def test_webcast_without_intervals_tells_minutes_and_its_source(db):
    session = WebcastFactory(starts_at=START)
    ann = RegistrationFactory(event=session.event).user
    ViewerTotal.objects.create(
        source="report",
        entry_remote_id="1_live0001",
        remote_user_id="portal-ann",
        session=session,
        user=ann,
        matched_by=MatchedBy.USER_ID,
        live_minutes=Decimal("30.5"),
        recording_minutes=Decimal("2"),
        pulled_at=PULLED,
    )
    rebuild(session.pk)

    (row,) = csv.DictReader(io.StringIO(file_of(session, ExportLevel.PERSON)))
    asked = "attended first_joined_utc join_count minutes_present live_minutes recording_minutes"
    assert [row[name] for name in [*asked.split(), "scheduled_percent", "sources"]] == [
        "true",
        "",
        "",
        "30.50",
        "30.50",
        "2.00",
        "67.8",
        "report",
    ]


def test_event_file_leaves_out_drafts_nobody_was_in(db):
    event = EventFactory()
    RegistrationFactory(event=event)
    WebcastFactory(event=event, title="Draft", status="draft")
    WebcastFactory(event=event, title="Shown")
    found = attendance_table(event, ExportLevel.PERSON)

    assert [row[2] for row in found.rows] == ["Shown"]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", ",=", "  @"]
)
def test_cells_never_begin_like_a_formula(start):
    assert formula_safe(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (";=1+1", "';'=1+1"),
        ("Talk;=1+1", "Talk;'=1+1"),
        ("\t＝1", "'\t'＝1"),
        ("a|-1", "a|'-1"),
        ("Q&A; - and more", "Q&A; - and more"),
        ("1-2=3", "1-2=3"),
    ],
)
def test_no_formula_begins_where_a_spreadsheet_may_split(text, cell):
    assert formula_safe(text) == cell


@given(st.text("a;|,\t\n =+-@＝'", max_size=12))
def test_however_a_spreadsheet_splits_no_part_is_a_formula(text):
    for separator in ";|\t\n":
        for part in formula_safe(text).split(separator):
            assert not part.startswith(("=", "+", "-", "@", "＝"))


@given(st.text().filter(lambda text: not re.search("[;|\t\n][=+@＝＋－＠-]", text)))
def test_text_cells_come_back_whole_and_harmless(text):
    written = "".join(csv_chunks(["a", "b"], [[text, 1]]))
    (_, (cell, number)) = csv.reader(io.StringIO(written, newline=""))

    assert cell in (text, f"'{text}")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert number == "1"


def test_csv_text_writes_each_type_as_schema_1_does():
    local = datetime(2026, 3, 29, 11, 0, tzinfo=UTC) + timedelta(microseconds=5)

    assert [csv_text(value) for value in (None, True, False, 0, Decimal("0.50"), local, "x")] == [
        "",
        "true",
        "false",
        "0",
        "0.50",
        "2026-03-29T11:00:00Z",
        "x",
    ]


def test_workbook_holds_the_same_table_and_no_formula(workshop):
    session, (ann, _, _) = workshop
    found = attendance_table(session.event, ExportLevel.PERSON)
    pieces = attendance_xlsx(found, made_by="Ada", now=PULLED)

    sheet = load_workbook(io.BytesIO(b"".join(pieces))).active
    header, first, *others = sheet.iter_rows()
    row = dict(zip([cell.value for cell in header], first, strict=True))
    assert len(others) == 3
    assert (row["attendee_id"].value, row["attended"].value) == (str(ann.uuid), True)
    assert (row["minutes_present"].value, row["minutes_present"].data_type) == (45, "n")
    assert (row["session_title"].value, row["session_title"].data_type) == ("=HYPERLINK(1)", "s")


def test_workbook_takes_text_that_xml_cannot_hold():
    buffer = io.BytesIO()
    write_xlsx(["name"], [["a\x0bb"]], buffer, "Names")

    assert load_workbook(buffer).active["A2"].value == "ab"


@pytest.mark.parametrize("name", ["a\uffffb", "a\ufffe\x00b", "a\x9f\ud800b", "a\U0001ffffb"])
def test_workbook_takes_any_character(name):
    buffer = io.BytesIO()
    write_xlsx(["name"], [[name]], buffer, "Names")

    assert load_workbook(buffer).active["A2"].value == "ab"


class Trouble(Exception):
    """The database went away, the disk is full, the process is told to end ..."""


def rows_until_trouble():
    for number in range(2000):
        yield [f"Person {number}", number]
    raise Trouble


@pytest.mark.parametrize("after_rows", [True, False])
def test_workbook_that_fails_leaves_no_file_behind(tmp_path, monkeypatch, after_rows):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def full_disk(*args, **more):
        raise Trouble

    rows = [["Ann", 1]] if after_rows else rows_until_trouble()
    with monkeypatch.context() as broken, pytest.raises(Trouble):
        if after_rows:
            broken.setattr("zipfile.ZipFile.writestr", full_disk)
        write_xlsx(["name", "number"], rows, io.BytesIO(), "Names")

    assert list(tmp_path.iterdir()) == []


def test_csv_has_a_byte_order_mark_on_request():
    written = "".join(csv_chunks(["name"], [["Zoë"]], bom=True)).encode()

    assert written == b"\xef\xbb\xbfname\r\nZo\xc3\xab\r\n"


def test_a_hundred_thousand_rows_are_written_in_little_memory():
    rows = ([f"name {number}", number, None, True] for number in range(100_000))
    tracemalloc.start()
    written = sum(piece.count("\r\n") for piece in csv_chunks(["a", "b", "c", "d"], rows))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert written == 100_001
    assert peak < 2_000_000


@pytest.mark.postgres
def test_exports_read_any_number_of_sessions_in_the_same_queries(
    db, django_assert_num_queries, django_assert_max_num_queries
):
    event = EventFactory()
    user = RegistrationFactory(event=event).user

    def add_session():
        session = InteractiveFactory(event=event, starts_at=START)
        stay_in(run_in(session, str(session.pk)), str(session.pk), 0, 10, user)
        rebuild(session.pk)

    add_session()
    with django_assert_num_queries(4):
        list(attendance_table(event, ExportLevel.STAY).rows)
    add_session()
    add_session()
    assert SessionAttendance.objects.count() == 3
    with django_assert_num_queries(4):
        list(attendance_table(event, ExportLevel.STAY).rows)
