"""Visits known to the second come out of every page and file with the same minutes."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from analytics.models import SessionAttendance
from analytics.privacy.modes import rules_of
from analytics.pull import pull_attendance
from events.models import TeamRole
from tests.analytics.test_admin import figures_of
from tests.factories import TeamMemberFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def minutes(seconds: int) -> str:
    return f"{Decimal(seconds) / 60:.2f}"


def test_every_page_and_file_says_the_same_minutes(hold, client):
    conference = hold(rooms=1, webcasts=1)
    room, webcast = conference.rooms[0], conference.webcasts[0]
    ann, ben = conference.person("Ann"), conference.person("Ben")
    # Two devices that overlap, and a rejoin: 0:00 to 20:30, and 30:00 to 30:17.
    conference.visit(room, ann, 0, 15)
    conference.visit(room, ann, 10, 20.5)
    conference.visit(room, ann, 30, 30 + 17 / 60)
    conference.visit(room, ben, 3, 3 + 61 / 60)
    conference.visit(webcast, ben, 5, 25)
    pull_attendance(conference.event)
    client.force_login(TeamMemberFactory(event=conference.event, role=TeamRole.ANALYST).user)

    known = {
        (room.title, "Ann"): minutes(20 * 60 + 30 + 17),
        (room.title, "Ben"): minutes(61),
        (webcast.title, "Ben"): minutes(20 * 60),
    }
    assert _stored() == known
    assert _listed(client, room, webcast) == known
    assert _of_people(client, conference.event, [ann, ben]) == known
    assert _csv(client, conference.event) == known
    assert _xlsx(client, conference.event) == known
    whole = sum(map(Decimal, known.values()))
    page = client.get(reverse("admin:analytics_event_report", args=[conference.event.pk]))
    assert figures_of(page)["Hours attended"] == f"{whole / 60:.1f}"
    assert figures_of(page)["Average minutes a person"] == f"{whole / 2:.2f}"


def _stored() -> dict[tuple[str, str], str]:
    rows = SessionAttendance.objects.select_related("session", "user")
    return {(row.session.title, row.user.name): str(row.minutes_present) for row in rows}


def _listed(client: Any, *sessions: Any) -> dict[tuple[str, str], str]:
    """From the lists of people on the sessions' pages."""
    found = {}
    for session in sessions:
        url = reverse("admin:analytics_session_report", args=[session.pk])
        body = client.get(url, {"show": "attended"}).content.decode()
        people = body[body.index('id="people"') :]
        for row in re.findall(r"<tr>(.*?)</tr>", people, flags=re.DOTALL)[1:]:
            name = re.search(r'<th scope="row"><a [^>]+>([^<]+)', row)
            cells = re.findall(r'<td class="num">([^<]*)</td>', row)
            assert name
            found[session.title, name[1]] = cells[1]
    return found


def _of_people(client: Any, event: Any, people: list[Any]) -> dict[tuple[str, str], str]:
    """From the pages of the people."""
    found = {}
    for person in people:
        code = rules_of(event).pseudonym(str(person.uuid))
        url = reverse("admin:analytics_person_report", args=[event.pk, code])
        body = client.get(url).content.decode()
        rows = re.findall(
            r'<th scope="row"><a [^>]+>([^<]+)</a></th>(.*?)</tr>', body, flags=re.DOTALL
        )
        for title, row in rows:
            found[title, person.name] = re.findall(r'<td class="num">([^<]*)</td>', row)[1]
    return found


def _csv(client: Any, event: Any) -> dict[tuple[str, str], str]:
    url = reverse("admin:analytics_event_csv", args=[event.pk])
    text = client.get(url, {"show": "attended", "reason": "Audit"}).getvalue().decode()
    rows = csv.DictReader(io.StringIO(text))
    return {(row["session_title"], row["attendee_name"]): row["minutes_present"] for row in rows}


def _xlsx(client: Any, event: Any) -> dict[tuple[str, str], str]:
    url = reverse("admin:analytics_event_xlsx", args=[event.pk])
    book = load_workbook(
        io.BytesIO(client.get(url, {"show": "attended", "reason": "Audit"}).getvalue())
    )
    header, *rows = book.worksheets[0].iter_rows(values_only=True)
    named = [dict(zip(header, row, strict=True)) for row in rows]
    return {
        (str(row["session_title"]), str(row["attendee_name"])): f"{row['minutes_present']:.2f}"
        for row in named
    }
