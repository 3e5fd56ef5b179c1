"""The programme as a table, for spreadsheets and scripts."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from events.models import Event, SessionStatus, SpeakerRole
from tests.factories import EventFactory, SessionFactory, SessionSpeakerFactory, TrackFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HEADER = (
    "session_id,title,subtitle,status,type,track,room,language,start_local,end_local,timezone,"
    "start_utc,end_utc,speakers,moderators,abstract,description,url"
)


@pytest.fixture
def congress(settings) -> Event:
    settings.SITE_URL = "https://events.example.org"
    event = EventFactory(slug="congress")
    talk = SessionFactory(
        event=event,
        external_id="g-1",
        slug="maps",
        title="=Maps, and more",
        subtitle="A tour",
        abstract="Bold.",
        description="Line one\nline two",
        language="de",
        location="Saal 1",
        track=TrackFactory(event=event, name="Art"),
        starts_at=datetime(2030, 5, 6, 9, 0, tzinfo=UTC),
        ends_at=datetime(2030, 5, 6, 9, 45, tzinfo=UTC),
    )
    SessionSpeakerFactory(session=talk, speaker__name="Bob", position=2)
    SessionSpeakerFactory(session=talk, speaker__name="Ada", position=1)
    SessionSpeakerFactory(
        session=talk, speaker__name="Grace", position=0, role=SpeakerRole.MODERATOR
    )
    SessionFactory(event=event, title="Draft", status=SessionStatus.DRAFT)
    return event


def exported(form: str, path: Path) -> bytes:
    call_command("export_agenda", "congress", "--format", form, "--output", str(path))
    return path.read_bytes()


def test_csv_holds_every_session_whole(congress, tmp_path):
    text = exported("csv", tmp_path / "agenda.csv").decode()

    rows = list(csv.reader(io.StringIO(text, newline="")))
    draft = congress.sessions.get(title="Draft")
    assert rows[0] == HEADER.split(",")
    assert rows[1] == [
        *("g-1", "'=Maps, and more", "A tour", "published", "webcast", "Art", "Saal 1", "de"),
        *("2030-05-06T11:00", "2030-05-06T11:45", "Europe/Berlin"),
        *("2030-05-06T09:00:00Z", "2030-05-06T09:45:00Z", "Ada, Bob", "Grace"),
        *("Bold.", "Line one\nline two"),
        "https://events.example.org/e/congress/sessions/maps/",
    ]
    assert rows[2][:4] == [str(draft.uuid), "Draft", "", "draft"]
    assert len(rows) == 3


def test_workbook_holds_the_same_as_text(congress, tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(exported("xlsx", tmp_path / "agenda.xlsx")))

    rows = [[cell.value for cell in row] for row in book["Agenda"].rows]
    assert rows[0] == HEADER.split(",")
    assert rows[1][:3] == ["g-1", "=Maps, and more", "A tour"]
    assert {cell.data_type for row in book["Agenda"].rows for cell in row} == {"s"}
    assert len(rows) == 3


def test_workbook_needs_a_file(congress):
    with pytest.raises(CommandError, match="use --output FILE"):
        call_command("export_agenda", "congress", "--format", "xlsx", stdout=io.StringIO())


def test_table_asks_as_often_for_many_as_for_one(congress, tmp_path, django_assert_num_queries):
    SessionFactory.create_batch(5, event=congress)
    with django_assert_num_queries(3):
        exported("csv", tmp_path / "agenda.csv")
