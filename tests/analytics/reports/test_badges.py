"""What a source leaves out turns the right badge red, on the page of its session and the event's."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from analytics.models import Coverage, RoomRun, SessionAttendance, SessionPull, Stay, ViewerTotal
from analytics.pull import pull_attendance, pull_due
from analytics.pulling.result import PullResult
from analytics.pulling.viewers import pull_viewers
from analytics.sources.kaltura_reports import ViewerReports
from analytics.sources.work import Watched
from events.models import TeamRole
from kaltura_bridge.api.reports import ReportPage
from tests.analytics.conftest import Conference
from tests.factories import TeamMemberFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

BADGE = r'<span class="badge badge-(\w+)">([^<]+)</span>'
GOOD = ("good", "Complete")


@pytest.fixture
def held(hold: Callable[..., Conference], client: Any) -> Conference:
    """Two rooms and two webcasts; 31 stays in the first room are two pages of them."""
    conference = hold(rooms=2, webcasts=2)
    ann, ben = conference.person("Ann"), conference.person("Ben")
    room, other = conference.rooms
    rows = [conference.a_visit(room, ann, n / 2, n / 2 + 0.25) for n in range(31)]
    rows.append(conference.a_visit(other, ben, 0, 10))
    for webcast in conference.webcasts:
        rows += [conference.a_visit(webcast, who, 0, 20) for who in (ann, ben)]
    conference.visits(rows)
    client.force_login(TeamMemberFactory(event=conference.event, role=TeamRole.ANALYST).user)
    return conference


def badges(client: Any, conference: Conference) -> dict[str, tuple[str, str]]:
    """Session -> tone and words of its badge: its own page says what the event's table says."""
    found = {}
    event_page = client.get(
        reverse("admin:analytics_event_report", args=[conference.event.pk])
    ).content.decode()
    for session in [*conference.rooms, *conference.webcasts]:
        url = reverse("admin:analytics_session_report", args=[session.pk])
        page = client.get(url).content.decode()
        own = re.search(rf"How complete this is {BADGE}", page)
        row = re.search(rf'{url}">.*?{BADGE}', event_page, flags=re.DOTALL)
        assert own and row and own.groups() == row.groups()
        found[session.title] = (own[1], own[2])
    return found


def all_good_but(conference: Conference, **red: str) -> dict[str, tuple[str, str]]:
    """What the badges say when these are red: ``room``, ``other``, ``webcast``, ``second``."""
    names = dict(
        zip(
            ("room", "other", "webcast", "second"),
            [*conference.rooms, *conference.webcasts],
            strict=True,
        )
    )
    return {
        session.title: ("bad", red[name]) if name in red else GOOD
        for name, session in names.items()
    }


def test_what_was_read_whole_is_complete(held, client):
    pull_attendance(held.event)

    assert badges(client, held) == all_good_but(held)


def test_a_dropped_page_of_stays(held, client):
    held.simulator.set_newrow(lost_page=1)
    pull_attendance(held.event)

    assert badges(client, held) == all_good_but(held, room="Totals disagree")


def test_dropped_runs(held, client):
    held.simulator.set_newrow(lost_page=0)
    pull_attendance(held.event)

    assert badges(client, held) == all_good_but(
        held, room="Totals disagree", other="Totals disagree"
    )


@pytest.mark.parametrize("lost", ["lose_item", "lose_page"])
def test_dropped_rows_of_a_report(held, client, lost):
    """The first webcast's answer lacks a row, or all; the second's is whole."""
    held.simulator.fault("report.getTable", lost, times=1)
    pull_attendance(held.event)

    said = badges(client, held)
    red = [title for title, badge in said.items() if badge != GOOD]
    assert (len(red), said[red[0]]) == (1, ("bad", "Totals disagree"))
    assert red[0] in {webcast.title for webcast in held.webcasts}


def test_a_report_whose_minutes_are_not_its_own_total(held, client):
    """As many rows as it counts, and yet not all that was watched."""
    pull_attendance(held.event)
    header = "user_id|user_name|sum_view_period|sum_live_view_period"
    page = ReportPage(header, "a|A|20|20;b|B|10|5;", 2, {"sum_view_period": "45"})
    webcast, result = held.webcasts[0], PullResult()
    place = held.place(webcast)

    counts = pull_viewers(
        ViewerReports(lambda *asked: page), result, webcast, Watched(place, (place,))
    )
    Coverage.objects.filter(session=webcast).update(**counts.covered())

    assert badges(client, held) == all_good_but(held, webcast="Totals disagree")
    url = reverse("admin:analytics_session_report", args=[webcast.pk])
    sentence = "rows add up to 30.00 minutes, its own total is 45.00."
    assert sentence in client.get(url).content.decode()
    assert counts.seen()["error"] == counts.disagreement


def test_a_dropped_source(held, client):
    held.simulator.answer_with("report.getTable", "REPORT_NOT_FOUND", times=None, REPORT_ID="40009")
    pull_attendance(held.event)

    said = badges(client, held)
    assert {said[room.title] for room in held.rooms} == {GOOD}
    # The account lacks the report, so it was asked once; the other webcast was never read.
    assert sorted(said[webcast.title][1] for webcast in held.webcasts) == [
        "Last pull failed",
        "Not pulled yet",
    ]


def test_a_further_report_that_was_never_read_is_missing(held, client, settings):
    """It is named in the settings from now on, and the sessions were pulled before."""
    pull_attendance(held.event)
    settings.KALTURA_FURTHER_REPORTS = frozenset({"engagement", "realtime"})
    before = badges(client, held)
    pull_attendance(held.event)

    assert set(before.values()) == {("bad", "Source missing")}
    assert badges(client, held) == all_good_but(held)


def test_a_pull_that_fails_leaves_all_that_was_pulled_and_says_so(held, client, settings):
    pull_attendance(held.event)
    before = _everything()
    pulled_at = dict(Coverage.objects.values_list("pk", "pulled_at"))
    settings.KALTURA_KAF_URL = "http://127.0.0.1:9"
    held.simulator.fault("report.getTable", "cut_reply", times=None)
    pull_attendance(held.event)

    assert _everything() == before
    assert dict(Coverage.objects.values_list("pk", "pulled_at")) == pulled_at
    assert set(badges(client, held).values()) == {("bad", "Last pull failed")}
    failed = SessionPull.objects.exclude(error="")
    assert failed.count() == 4 and set(failed.values_list("new", "pulled_rows")) == {(0, 0)}


def _everything() -> list[list[Any]]:
    """Every reported row, every figure of a person, and what the pulls counted."""
    numbers = "expected_runs pulled_runs expected_rows pulled_rows rejected_rows".split()
    return [
        list(RoomRun.objects.order_by("pk").values_list()),
        list(Stay.objects.order_by("pk").values_list()),
        list(ViewerTotal.objects.order_by("pk").values_list()),
        list(SessionAttendance.objects.order_by("pk").values_list()),
        list(Coverage.objects.order_by("pk").values_list("session", "source", *numbers)),
    ]


def test_late_data_are_pulled_again_and_each_pull_says_what_it_saw(held, client):
    room, webcast = held.rooms[0], held.webcasts[0]
    pull_attendance(held.event)
    held.visit(room, held.person("Cyd"), 0, 30)
    held.visit(webcast, held.person("Dan"), 0, 30)
    pull_attendance(held.event)
    pull_attendance(held.event)

    def seen(session: Any) -> list[tuple[int, ...]]:
        pulls = SessionPull.objects.filter(session=session).order_by("asked_at", "pk")
        return list(pulls.values_list("expected_rows", "pulled_rows", "new", "changed"))

    assert seen(room) == [(31, 31, 31, 0), (32, 32, 1, 0), (32, 32, 0, 0)]
    assert seen(webcast) == [(2, 2, 2, 0), (3, 3, 1, 0), (3, 3, 0, 0)]
    assert badges(client, held) == all_good_but(held)


@pytest.mark.parametrize("by", ["button", "command"])
def test_old_sessions_are_filled_in_when_somebody_asks(hold, client, task_app, by):
    """The schedule has long stopped asking about them."""
    conference = hold(rooms=1, webcasts=1, hours_ago=24 * 10)
    (room,), (webcast,) = conference.rooms, conference.webcasts
    ann = conference.person("Ann")
    conference.visit(room, ann, 0, 20)
    conference.visit(webcast, ann, 0, 30)
    client.force_login(TeamMemberFactory(event=conference.event, role=TeamRole.ANALYST).user)
    by_itself = pull_due()

    if by == "button":
        client.post(reverse("admin:analytics_matching_pull", args=[conference.event.pk]))
    else:
        call_command("pull_attendance", "conf")

    assert by_itself is None
    assert set(badges(client, conference).values()) == {GOOD}
    assert dict(SessionAttendance.objects.values_list("session", "minutes_present")) == {
        room.pk: Decimal("20.00"),
        webcast.pk: Decimal("30.00"),
    }
