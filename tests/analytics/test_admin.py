"""The report pages as analysts, and those who are none, meet them."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from analytics.aggregate import rebuild
from analytics.models import (
    Coverage,
    MatchedBy,
    PullRun,
    RejectedRow,
    RoomRun,
    SessionAttendance,
    SessionPull,
    Stay,
    ViewerTotal,
)
from events.models import Event, TeamRole
from tests.factories import (
    EventFactory,
    InteractiveFactory,
    RegistrationFactory,
    TeamMemberFactory,
    UserFactory,
    WebcastFactory,
)

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
PULLED = START + timedelta(hours=3)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event():
    return EventFactory(title="Ours", slug="ours", timezone="Europe/Berlin")


@pytest.fixture
def analyst(client, event):
    """A client signed in as an analyst of the event."""
    member = TeamMemberFactory(event=event, role=TeamRole.ANALYST)
    client.force_login(member.user)
    return client


def held(event, people=2, title="Workshop"):
    """A room session over which so many registered people were present, one after the other."""
    session = InteractiveFactory(event=event, title=title, starts_at=START)
    run = RoomRun.objects.create(
        source="newrow",
        remote_id=f"run-{session.pk}",
        room_remote_id=f"1_room{session.pk:04}",
        session=session,
        started_at=START,
        ended_at=START + timedelta(minutes=45),
        pulled_at=PULLED,
    )
    for number in range(people):
        user = RegistrationFactory(event=event).user
        Stay.objects.create(
            source="newrow",
            run=run,
            remote_key=f"{session.pk}/{number}",
            remote_user_id=f"portal-{number}",
            joined_at=START + timedelta(minutes=number),
            left_at=START + timedelta(minutes=number + 10),
            attention=Decimal(50),
            user=user,
            matched_by=MatchedBy.USER_ID,
            pulled_at=PULLED,
        )
    rebuild(session.pk)
    cover(session, rows=people, runs=1)
    return session


def cover(session, source="newrow", rows=0, runs=0, **fields):
    values = {
        "attempted_at": PULLED,
        "pulled_at": PULLED,
        "expected_rows": rows,
        "pulled_rows": rows,
        "expected_runs": runs,
        "pulled_runs": runs,
    }
    return Coverage.objects.create(session=session, source=source, **{**values, **fields})


def pages_of(session):
    return [
        reverse("admin:analytics_event_report", args=[session.event_id]),
        reverse("admin:analytics_event_csv", args=[session.event_id]) + "?reason=Audit",
        reverse("admin:analytics_session_report", args=[session.pk]),
        reverse("admin:analytics_session_csv", args=[session.pk]) + "?reason=Audit",
    ]


def files_of(session):
    return [
        reverse("admin:analytics_event_xlsx", args=[session.event_id]) + "?reason=Audit",
        reverse("admin:analytics_session_xlsx", args=[session.pk]) + "?reason=Audit",
    ]


def text_of(response):
    """The words of a page, without its tags."""
    body = re.sub(r"<svg.*?</svg>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def figures_of(response):
    """Label -> value of each figure on a page."""
    found = re.findall(
        r"<dt>(.*?)</dt>\s*<dd class=\"figure-value\">(.*?)</dd>", response.content.decode()
    )
    return dict(found)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (TeamRole.OWNER, 200),
        (TeamRole.MANAGER, 200),
        (TeamRole.ANALYST, 200),
        (TeamRole.MODERATOR, 404),
        (None, 404),
    ],
)
def test_reports_are_for_owners_managers_and_analysts_of_the_event(client, event, role, status):
    session = held(event)
    user = UserFactory(is_staff=True)
    # An analyst elsewhere is nobody here.
    TeamMemberFactory(event=EventFactory(), user=user, role=TeamRole.ANALYST)
    if role:
        TeamMemberFactory(event=event, user=user, role=role)
    client.force_login(user)

    replies = [client.get(url) for url in pages_of(session) + files_of(session)]
    for reply in replies:
        reply.close()
    assert [reply.status_code for reply in replies] == [status] * 6


def test_reports_are_not_for_attendees_or_strangers(client, event):
    session = held(event)
    urls = pages_of(session) + files_of(session)
    asked = [client.get(url) for url in urls]
    client.force_login(RegistrationFactory(event=event).user)
    again = [client.get(url) for url in urls]

    assert [reply.status_code for reply in [*asked, *again]] == [302] * 12


def test_list_of_reports_holds_only_events_one_may_read(analyst, event):
    EventFactory(title="Theirs")
    page = analyst.get(reverse("admin:analytics_eventreport_changelist")).content.decode()

    assert ("Ours" in page, "Theirs" in page) == (True, False)
    assert reverse("admin:analytics_event_report", args=[event.pk]) in page


def test_the_form_of_a_report_is_the_report(analyst, event):
    """Other parts of the admin, such as the list of recent actions, link to forms of rows."""
    theirs = EventFactory(title="Theirs")

    def opened(of: Event, by: Client = analyst) -> str:
        answer = by.get(reverse("admin:analytics_eventreport_change", args=[of.pk]))
        assert answer.status_code == 302
        return str(answer["Location"])

    assert opened(event) == reverse("admin:analytics_event_report", args=[event.pk])
    assert opened(theirs) == reverse("admin:index")
    assert opened(event, Client()).startswith("/admin/login/")


def test_session_page_shows_figures_with_what_they_mean(analyst, event):
    session = held(event, people=3)
    RegistrationFactory(event=event)
    response = analyst.get(reverse("admin:analytics_session_report", args=[session.pk]))

    assert figures_of(response) == {
        "Attended": "3",
        "Registered, did not come": "1",
        "Peak attendance": "3",
        "Guests": "0",
        "Team, stage and tests": "0",
        "Average minutes present": "10.00",
        "Median minutes present": "10.00",
        "Share of scheduled time": "22.2%",
        "Stayed long enough": "0",
        "Attention": "50.0%",
    }
    said = text_of(response)
    assert "4 registered for the event" in said
    assert "The highest number of people present at the same moment." in said
    assert said.count("As of 6 May, 14:00. Complete") == 10
    assert "attendance counts from 10:45 (doors open) to 12:15 (end of the overrun)" in said
    assert "no-store" in response["Cache-Control"]


def test_session_page_draws_presence_and_writes_it_as_a_table(analyst, event):
    session = held(event)
    body = analyst.get(
        reverse("admin:analytics_session_report", args=[session.pk])
    ).content.decode()

    (line,) = re.findall(r'class="chart-line chart-line-0" d="([^"]+)"', body)
    assert re.fullmatch(r"M[\d.]+ [\d.]+( L[\d.]+ [\d.]+)+", line)
    rows = re.findall(
        r'<th scope="row" dir="auto">(\d\d:\d\d)</th><td class="num">(\d+)</td>',
        body[body.index('id="concurrency"') : body.index('id="joins_by_minute"')],
    )
    assert len(rows) == 90
    assert dict(rows)["11:00"] == "1"
    assert dict(rows)["11:05"] == "2"
    assert dict(rows)["12:00"] == "0"


def test_pages_need_no_inline_script_or_style(analyst, event):
    session = held(event)
    for url in pages_of(session)[::2]:
        body = analyst.get(url).content.decode()
        own = body[body.index('class="report"') :]
        assert "<script" not in own
        assert "style=" not in own
        assert "<style" not in own
        assert " on" not in re.sub(r">[^<]*<", "><", own).replace(" only", "")


def test_session_page_says_when_figures_are_incomplete(analyst, event):
    session = held(event)
    session.coverage.update(expected_rows=5)
    said = text_of(analyst.get(reverse("admin:analytics_session_report", args=[session.pk])))

    assert "As of 6 May, 14:00. Totals disagree" in said
    assert "Meeting room: 2 rows were read, the source counts 5." in said
    assert (
        "Meeting room Totals disagree 6 May 2030, 14:00:00 1 of 1 2 of 5 0 14:00:00: succeeded"
        in said
    )


def test_webcast_page_says_that_times_are_not_known(analyst, event):
    session = WebcastFactory(event=event, starts_at=START)
    for name, user in [("portal-1", RegistrationFactory(event=event).user), ("Unknown", None)]:
        ViewerTotal.objects.create(
            source="report",
            entry_remote_id="1_live0001",
            remote_user_id=name,
            session=session,
            user=user,
            is_anonymous=user is None,
            plays=2,
            live_minutes=Decimal("30.5"),
            recording_minutes=Decimal(4),
            pulled_at=PULLED,
        )
    rebuild(session.pk)
    cover(session, "report", rows=2)
    response = analyst.get(reverse("admin:analytics_session_report", args=[session.pk]))

    assert figures_of(response) == {
        "Attended": "1",
        "Registered, did not come": "0",
        "Peak attendance": "–",
        "Guests": "0",
        "Team, stage and tests": "0",
        "Average minutes present": "30.50",
        "Median minutes present": "30.50",
        "Share of scheduled time": "67.8%",
        "Stayed long enough": "0",
        "Attention": "–",
        "Recording watched": "4.0 min",
        "Anonymous viewers": "30.5 min",
    }
    assert "the webcast report only has each person's total minutes" in text_of(response)


@pytest.mark.parametrize(
    ("starts_in", "coverage", "said"),
    [
        (timedelta(days=1), None, "The doors are not open yet."),
        (timedelta(hours=-1), None, "The session has no room or webcast at Kaltura"),
        (
            timedelta(hours=-1),
            {"pulled_at": None, "error": "Newrow did not answer in time."},
            "The last pull failed: Newrow did not answer in time.",
        ),
    ],
)
def test_empty_session_page_says_why_and_what_next(analyst, event, starts_in, coverage, said):
    session = InteractiveFactory(event=event, starts_at=datetime.now(UTC) + starts_in)
    if coverage:
        cover(session, **coverage)
    page = text_of(analyst.get(reverse("admin:analytics_session_report", args=[session.pk])))

    assert f"Nothing to report yet {said}" in page


def test_people_and_their_file_follow_the_same_filter(analyst, event):
    session = held(event, people=1)
    absent = RegistrationFactory(event=event, user__name="Absent Abe").user
    url = reverse("admin:analytics_session_report", args=[session.pk])
    page = analyst.get(url, {"show": "absent"}).content.decode()
    (link,) = re.findall(r'href="([^"]+\?show=absent)">CSV of these 1<', page)
    reply = analyst.get(f"{link}&reason=Audit")
    rows = list(csv.DictReader(io.StringIO(reply.getvalue().decode())))

    assert "Absent Abe" in page
    assert [row["attendee_id"] for row in rows] == [str(absent.uuid)]
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply["Content-Disposition"] == (
        f'attachment; filename="ours-{session.slug}-person-v1.csv"'
    )


def test_workbook_holds_the_same_as_the_csv_file(analyst, event):
    session = held(event, people=2, title="=1+1")
    rows = list(csv.reader(io.StringIO(analyst.get(pages_of(session)[3]).getvalue().decode())))

    reply = analyst.get(files_of(session)[1])
    sheet = load_workbook(io.BytesIO(reply.getvalue())).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert (cells[0], len(cells), cells[1][2]) == (rows[0], len(rows), "=1+1")
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    assert reply["Content-Disposition"] == (
        f'attachment; filename="ours-{session.slug}-person-v1.xlsx"'
    )
    assert "no-store" in reply["Cache-Control"]


def test_nonsense_in_the_address_lists_everyone(analyst, event):
    session = held(event)
    url = reverse("admin:analytics_session_report", args=[session.pk])
    reply = analyst.get(url, {"show": "x", "page": "-7"})

    assert (reply.status_code, reply.context["people"].paginator.count) == (200, 2)
    assert analyst.get(reverse("admin:analytics_session_report", args=[9999])).status_code == 404


def test_event_page_lists_sessions_with_attendance(analyst, event):
    held(event, people=2, title="First")
    held(event, people=1, title="Second")
    response = analyst.get(reverse("admin:analytics_event_report", args=[event.pk]))

    assert figures_of(response) == {
        "Registered": "3",
        "Attended": "3",
        "Registered, did not come": "0",
        "With an account": "3",
        "Visits": "3",
        "Sessions a person": "1.0",
        "Visits long enough": "0",
        "Hours attended": "0.5",
        "Average minutes a person": "10.00",
        "Median minutes a person": "10.00",
        "Peak attendance": "3",
    }
    said = text_of(response)
    assert "First Interactive room 2 2 of 3 0 2 10.00 10.00 20.00 Complete" in said
    assert "Second Interactive room 1 1 of 3 0 1 10.00 10.00 10.00 Complete" in said
    assert "100% of those registered" in said


def test_event_page_without_attendance_says_what_to_do(analyst, event):
    said = text_of(analyst.get(reverse("admin:analytics_event_report", args=[event.pk])))

    assert "Nothing to report yet" in said
    assert "python manage.py pull_attendance ours" in said


def test_pages_cost_the_same_queries_however_much_there_is(analyst, event):
    def queries(url):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert analyst.get(url).status_code == 200
        return len(seen)

    first = held(event, people=1)
    RegistrationFactory(event=event)  # Who did not come is read apart.
    event_url, _, session_url, _ = pages_of(first)
    list_url = reverse("admin:analytics_eventreport_changelist")
    for url in (event_url, session_url):
        queries(url)
    few = [queries(url) for url in (event_url, session_url, list_url)]
    # Of which two are who asks; how many people each filter has is kept.
    assert few[1] == 7
    for _ in range(2):
        held(event, people=4)
    stays = first.room_runs.get()
    for number in range(3):
        Stay.objects.create(
            source="newrow",
            run=stays,
            remote_key=f"more-{number}",
            joined_at=START,
            left_at=START + timedelta(minutes=5),
            user=RegistrationFactory(event=event).user,
            pulled_at=PULLED,
        )
    rebuild(first.pk)
    # Whoever looks first computes the figures.
    for url in (event_url, session_url):
        queries(url)

    assert [queries(url) for url in (event_url, session_url, list_url)] == few


def test_reports_are_linked_from_the_event_and_the_session(analyst, event):
    session = held(event)
    event_page = analyst.get(reverse("admin:events_event_change", args=[event.pk]))
    session_page = analyst.get(reverse("admin:events_session_change", args=[session.pk]))

    event_url, _, session_url, _ = pages_of(session)
    assert f'<a href="{event_url}">Attendance</a>' in event_page.content.decode()
    assert f'<a href="{session_url}">Attendance</a>' in session_page.content.decode()


def test_raw_rows_can_be_read_but_not_changed(admin_client, event):
    session = held(event)
    stay = Stay.objects.first()
    for name in ("pullrun", "rejectedrow", "coverage", "roomrun", "stay", "viewertotal"):
        assert admin_client.get(reverse(f"admin:analytics_{name}_changelist")).status_code == 200
        assert admin_client.get(reverse(f"admin:analytics_{name}_add")).status_code == 403
    change = reverse("admin:analytics_stay_change", args=[stay.pk])
    admin_client.post(change, {"name": "Changed"})

    assert Stay.objects.get(pk=stay.pk).name == ""
    assert session.room_runs.count() == 1


@pytest.mark.parametrize("role", [TeamRole.OWNER, TeamRole.MANAGER])
def test_coverage_is_not_deleted_by_hand(client, event, role):
    """Without it a page would call figures complete that are not."""
    coverage = held(event).coverage.get()
    client.force_login(TeamMemberFactory(event=event, role=role).user)
    url = reverse("admin:analytics_coverage_delete", args=[coverage.pk])

    answers = [client.get(url).status_code, client.post(url, {"post": "yes"}).status_code]

    assert (answers, Coverage.objects.filter(pk=coverage.pk).count()) == ([403, 403], 1)


def test_nobody_deletes_what_only_a_pull_writes(admin_client, event):
    rows = [held(event).coverage.get(), RoomRun.objects.get(), Stay.objects.first()]
    for row in rows:
        url = reverse(f"admin:analytics_{row._meta.model_name}_delete", args=[row.pk])
        assert admin_client.post(url, {"post": "yes"}).status_code == 403

    assert [type(row).objects.filter(pk=row.pk).count() for row in rows] == [1, 1, 1]


def test_pull_now_asks_a_worker_for_this_session(analyst, event, task_app):
    session = held(event)
    reply = analyst.post(reverse("admin:analytics_session_pull", args=[session.pk]), follow=True)

    assert "Asking Kaltura now. Reload this page in a few seconds." in text_of(reply)
    assert PullRun.objects.get().trigger == "person"


def test_pull_now_is_refused_like_the_report(client, event):
    session = held(event)
    url = reverse("admin:analytics_session_pull", args=[session.pk])
    stranger = TeamMemberFactory(event=EventFactory(), role=TeamRole.ANALYST).user
    client.force_login(stranger)

    assert (client.post(url).status_code, client.get(url).status_code) == (404, 405)
    assert PullRun.objects.count() == 0


def test_deleting_a_session_takes_its_report_and_leaves_what_was_reported(client, event):
    session = held(event)
    client.force_login(TeamMemberFactory(event=event, role=TeamRole.MANAGER).user)
    url = reverse("admin:events_session_delete", args=[session.pk])
    asked = text_of(client.get(url))
    client.post(url, {"post": "yes"})

    assert "Its attendance reports are deleted too: export them first." in asked
    assert (Coverage.objects.count(), SessionAttendance.objects.count()) == (0, 0)
    assert (RoomRun.objects.get().session, Stay.objects.count()) == (None, 2)


RAW = ("roomrun", "stay", "viewertotal", "coverage", "sessionpull", "pullrun", "rejectedrow")


def test_analysts_see_what_was_reported_of_their_own_events(analyst, event):
    theirs, mine = EventFactory(title="Theirs", slug="theirs"), event
    for each, word in ((mine, "Ours"), (theirs, "Secret")):
        session = held(each, people=1, title=f"{word} talk")
        run = session.room_runs.get()
        RoomRun.objects.filter(pk=run.pk).update(event=each, room_name=f"{word} room")
        RoomRun.objects.create(
            source="newrow",
            remote_id=f"{word}-rehearsal",
            room_remote_id="1_room",
            room_name=f"{word} rehearsal",
            event=each,
            started_at=START - timedelta(days=1),
            pulled_at=PULLED,
        )
        about = {"session": session, "source": "newrow", "asked_at": PULLED}
        SessionPull.objects.create(**about, finished_at=PULLED, error=f"{word} trouble")
        PullRun.objects.create(trigger="command", event=each, until=PULLED)
        RejectedRow.objects.create(
            event=each, source="newrow", place=f"1_{word}", field="x", reason="odd", digest=word
        )
    pages = {name: reverse(f"admin:analytics_{name}_changelist") for name in RAW}

    texts = {name: analyst.get(url).content.decode() for name, url in pages.items()}

    assert {name: "Secret" in text or "Theirs" in text for name, text in texts.items()} == (
        dict.fromkeys(RAW, False)
    )
    assert "Ours room" in texts["roomrun"] and "Ours rehearsal" in texts["roomrun"]
    assert "Ours trouble" in texts["sessionpull"] and "1_Ours" in texts["rejectedrow"]
    hidden = Stay.objects.get(run__session__event=theirs)
    assert analyst.get(reverse("admin:analytics_stay_change", args=[hidden.pk])).status_code == 302
    assert (
        analyst.post(
            reverse("admin:analytics_rejectedrow_delete", args=[RejectedRow.objects.first().pk])
        ).status_code
        == 403
    )
