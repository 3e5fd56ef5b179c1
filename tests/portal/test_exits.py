"""Whatever was typed leaves in every format as it was kept: readable by that format's own readers."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import icalendar
import lxml.html
import pytest
from django.core.management import call_command
from django.test import Client
from lxml import etree
from openpyxl import load_workbook

from analytics.exports import formula_safe
from events.characters import clean_line, clean_text
from events.exports.frab_xml import to_xml
from events.exports.schedule import schedule_of
from events.models import Event, Session
from events.models.import_run import ImportRun
from kaltura_bridge import texts
from kaltura_bridge.sync import service
from kaltura_simulator.testing import Simulator
from tests.factories import (
    RegistrationFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    WebcastFactory,
)
from tests.portal.support.hostile_values import CHARACTERS, TEXTS

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

#: With letters around them, so that each is a name; the last ones begin like a formula.
TYPED = [f"T{n} a{value[:60]}b" for n, value in enumerate((*CHARACTERS, *TEXTS))]
TYPED += ["=T1", ";=T2", "+T3", "@T4", "-T5", "＝T6", "\n=T7", "\ufeff=T8"]


@pytest.fixture
def event() -> Event:
    """One session, speaker and track for each text."""
    registration = RegistrationFactory(event__slug="conf", event__title="C\x00\uffff & <D>")
    event = registration.event
    for text in TYPED:
        session = WebcastFactory(
            event=event,
            track=TrackFactory(event=event, name=text),
            title=text,
            abstract=f"{text}\n\n{text}",
            location=text,
        )
        speaker = SpeakerFactory(event=event, name=text, biography=text)
        SessionSpeakerFactory(session=session, speaker=speaker)
    return event


@pytest.fixture
def analyst(client: Client, event: Event) -> Client:
    client.force_login(TeamMemberFactory(event=event, role="owner").user)
    return client


def titles() -> set[str]:
    """What is kept of each."""
    kept = {clean_line(text) for text in TYPED}
    assert set(Session.objects.values_list("title", flat=True)) == kept
    assert set(Session.objects.values_list("track__name", flat=True)) == kept
    assert set(Session.objects.values_list("speakers__name", flat=True)) == kept
    return kept


def body(client: Client, address: str) -> bytes:
    answer: Any = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer) if answer.streaming else answer.content


def test_pages_show_each_title(client, event):
    titles()
    for session in Session.objects.all()[::6]:
        page = lxml.html.fromstring(body(client, session.get_absolute_url()).decode())
        assert clean_line(page.find(".//h1").text_content()) == session.title
    agenda = lxml.html.fromstring(body(client, "/e/conf/agenda/?day=all").decode())
    shown = " ".join(agenda.text_content().split())
    assert [title for title in titles() if title not in shown] == []


def test_calendar_holds_each_title(client, event):
    read = icalendar.Calendar.from_ical(body(client, "/e/conf/agenda.ics"))

    assert {str(entry["summary"]) for entry in read.walk("VEVENT")} == titles()


def test_schedule_xml_holds_each_title(client, event):
    read = etree.fromstring(body(client, "/e/conf/schedule.xml"))

    assert {each.findtext("title") for each in read.iter("event")} == titles()
    assert {person.text for person in read.iter("person")} == titles()


def test_schedule_json_holds_each_title(client, event):
    def no_number(constant):
        raise AssertionError(f"{constant} is not JSON")

    read = json.loads(body(client, "/e/conf/schedule.json"), parse_constant=no_number)

    rooms = [day["rooms"] for day in read["schedule"]["conference"]["days"]]
    assert {talk["title"] for day in rooms for talks in day.values() for talk in talks} == titles()


# A file that names people is given for a reason.
WHY = "?reason=Audit"


def test_csv_and_workbook_hold_each_title(analyst, event):
    address = f"/admin/analytics/eventreport/{event.pk}/attendance"
    table = csv.DictReader(io.StringIO(body(analyst, f"{address}.csv{WHY}").decode(), newline=""))
    rows = list(load_workbook(io.BytesIO(body(analyst, f"{address}.xlsx{WHY}"))).active.rows)
    column = [cell.value for cell in rows[0]].index("session_title")

    assert {row["session_title"] for row in table} == {formula_safe(t) for t in titles()}
    assert {row[column].value for row in rows[1:]} == titles()
    assert {row[column].data_type for row in rows[1:]} == {"s"}


def test_kaltura_holds_each_title(event, simulator: Simulator):
    service.settle(service.targets_of(event), 60)

    assert {e["name"] for e in simulator.objects("liveStream")} == {texts.line(t) for t in titles()}
    described = {e["description"] for e in simulator.objects("liveStream")}
    assert all(text == clean_text(text) for text in described)


def test_schedule_in_a_file_of_any_name_is_imported(event, tmp_path):
    """As of other systems, whose names are no UTF-8: Python hands over halves of characters."""
    schedule = tmp_path / "\udcff\x1b\n.xml"
    schedule.write_bytes(to_xml(schedule_of(event, "https://portal.example.org")))

    call_command("import_agenda", "copy", str(schedule), apply=True, timezone="Europe/Berlin")

    assert Event.objects.get(slug="copy").sessions.count() == event.sessions.count()
    assert ImportRun.objects.get().file == clean_line(str(schedule))
