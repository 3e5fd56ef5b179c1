"""Visits known to the second come out of every page and file with the same minutes."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from analytics.models import SessionAttendance, Stay
from analytics.presence import stays
from analytics.privacy.modes import rules_of
from analytics.pull import pull_attendance
from events.models import Session, TeamRole
from kaltura_bridge.join.identity import kaltura_user_id
from tests.analytics.reports.test_pdf import words
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
    assert _command() == known
    whole = sum(map(Decimal, known.values()))
    page = client.get(reverse("admin:analytics_event_report", args=[conference.event.pk]))
    assert figures_of(page)["Hours attended"] == f"{whole / 60:.1f}"
    assert figures_of(page)["Average minutes a person"] == f"{whole / 2:.2f}"
    pdf = client.get(reverse("admin:analytics_event_pdf", args=[conference.event.pk]))
    if said := words(pdf.content):
        assert f"Hours attended {whole / 60:.1f} " in said
        assert f"Average minutes a person {whole / 2:.2f} " in said


def test_every_second_of_a_person_says_which_sources_saw_it(hold, client, settings):
    """Against the visits as the local Kaltura has them, and what the join page noted."""
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement", "realtime"})
    conference = hold(rooms=1, webcasts=1)
    room, webcast = conference.rooms[0], conference.webcasts[0]
    ann, ben = conference.person("Ann"), conference.person("Ben")
    # Before the doors open, two devices at once, a rejoin; and somebody else.
    for who, joined, left in (
        (ann, -30, -10),
        (ann, 0, 15),
        (ann, 10, 20.5),
        (ann, 30, 30 + 17 / 60),
        (ben, 0, 60),
    ):
        conference.visit(room, who, joined, left)
    conference.visit(webcast, ann, 5, 25)
    noted = _note(room, ann, 12, 25)
    pull_attendance(conference.event)
    client.force_login(TeamMemberFactory(event=conference.event, role=TeamRole.ANALYST).user)

    rows = _provenance(client, conference.event, ann)

    seen: dict[int, set[str]] = {}
    reported = [
        (visit["joined"], visit["left"], "Meeting room")
        for visit in conference.simulator.visits()
        if visit["userId"] == kaltura_user_id(ann) and visit["entryId"] == conference.place(room)
    ]
    window = range(int(room.doors_open_at.timestamp()), int(room.doors_close_at.timestamp()))
    for start, end, source in [*reported, (*noted, "Portal's own page")]:
        for second in range(int(start), int(end)):
            if second in window:
                seen.setdefault(second, set()).add(source)
    assert len(reported) == 4
    told = _seconds(room, rows[room.title])
    assert told == seen
    row = SessionAttendance.objects.get(session=room, user=ann)
    assert str(row.minutes_present) == minutes(len(seen))
    assert rows[webcast.title] == [
        ("", "", minutes(20 * 60), "Webcast report + Live engagement report + Realtime report")
    ]


def _note(session: Any, user: Any, joined: float, left: float) -> tuple[float, float]:
    """Have the portal's own page note somebody; from when to when, in Unix seconds."""
    start, end = (session.starts_at + timedelta(minutes=at) for at in (joined, left))
    token = stays.begin(session, user, start)
    Stay.objects.filter(remote_key=token).update(pulled_at=end - timedelta(seconds=40))
    stays.end(session, user, token, end)
    stays.count_presence(timezone.now())
    return start.timestamp(), end.timestamp()


def _provenance(client: Any, event: Any, user: Any) -> dict[str, list[tuple[str, ...]]]:
    """Session -> from, until, minutes and sources of each line of the person's page."""
    code = rules_of(event).pseudonym(str(user.uuid))
    url = reverse("admin:analytics_person_report", args=[event.pk, code])
    body = client.get(url).content.decode()
    table = body[body.index('id="provenance"') :].partition("</table>")[0]
    found: dict[str, list[tuple[str, ...]]] = {}
    for title, row in re.findall(r'<th scope="row">([^<]+)</th>(.*?)</tr>', table, re.DOTALL):
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", row)
        times = ("", "") if "colspan" in row else (cells[0], cells[1])
        found.setdefault(title, []).append((*times, cells[-2], html.unescape(cells[-1])))
    return found


def _seconds(session: Any, rows: list[tuple[str, ...]]) -> dict[int, set[str]]:
    """Each second that the lines tell of, with its sources."""
    found: dict[int, set[str]] = {}
    for start, end, length, sources in rows:
        first, last = (_moment(session, text) for text in (start, end))
        assert length == minutes(last - first)
        for second in range(first, last):
            assert second not in found
            found[second] = set(sources.split(" + "))
    return found


def _moment(session: Session, text: str) -> int:
    """The time of day that is nearest to the session's start, in Unix seconds."""
    start = session.starts_at.astimezone(session.event.zone)
    days = (start.date() + timedelta(days=more) for more in (-1, 0, 1))
    moments = [datetime.combine(day, time.fromisoformat(text), start.tzinfo) for day in days]
    return int(min(moments, key=lambda moment: abs(moment - start)).timestamp())


def _command() -> dict[tuple[str, str], str]:
    out = io.StringIO()
    call_command("export_attendance", "conf", stdout=out)
    rows = csv.DictReader(io.StringIO(out.getvalue()))
    return {
        (row["session_title"], row["attendee_name"]): row["minutes_present"]
        for row in rows
        if row["attended"] == "true"
    }


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
