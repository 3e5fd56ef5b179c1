"""How complete figures are said to be, when the local Kaltura leaves out what it has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from analytics.completeness import (
    CompletenessState,
    SessionCompleteness,
    SourceCompleteness,
    completeness_of,
    state_of,
    total_of,
    worst_of,
)
from analytics.figures.summary import figures_of
from analytics.models import Coverage, Source
from analytics.pull import pull_attendance
from events.models import Session
from tests.analytics.conftest import Conference

MOMENT = datetime(2030, 5, 6, 12, 0, tzinfo=UTC)


def coverage(**fields: object) -> Coverage:
    values = {
        "source": Source.NEWROW,
        "attempted_at": MOMENT,
        "pulled_at": MOMENT,
        "expected_runs": 1,
        "pulled_runs": 1,
        "expected_rows": 5,
        "pulled_rows": 5,
    }
    return Coverage(**{**values, **fields})


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, CompletenessState.COMPLETE),
        ({"pulled_rows": 4}, CompletenessState.DISAGREES),
        ({"pulled_rows": 6}, CompletenessState.DISAGREES),
        ({"pulled_runs": 0}, CompletenessState.DISAGREES),
        ({"rejected_rows": 1}, CompletenessState.REJECTED),
        ({"error": "No answer."}, CompletenessState.FAILED),
        ({"pulled_at": None, "error": "No answer."}, CompletenessState.FAILED),
        # A failure afterwards does not hide what was wrong before.
        ({"pulled_rows": 4, "error": "No answer."}, CompletenessState.DISAGREES),
    ],
    ids=str,
)
def test_state_of_a_source(fields, state):
    assert state_of(coverage(**fields)) is state


def test_a_sum_is_as_complete_as_its_worst_part():
    good = SessionCompleteness(
        [SourceCompleteness(Source.NEWROW, CompletenessState.COMPLETE, coverage())], as_of=MOMENT
    )
    bad = SessionCompleteness(
        [SourceCompleteness(Source.REPORT, CompletenessState.MISSING)], open_people=2
    )
    later = SessionCompleteness(good.sources, as_of=MOMENT + timedelta(hours=1))

    total = total_of([good, bad, later])

    assert (total.state, total.parts, total.incomplete) == (CompletenessState.MISSING, 3, 1)
    assert (total.oldest, total.newest) == (MOMENT, MOMENT + timedelta(hours=1))
    assert bad.reasons == [
        "Webcast report: It should report this session and was never read.",
        "2 people have a stay without a reported end.",
    ]
    assert total_of([]).state is CompletenessState.NOTHING
    assert worst_of(CompletenessState) is CompletenessState.DISAGREES


def complete(conference: Conference) -> dict[int, SessionCompleteness]:
    sessions = list(Session.objects.filter(event=conference.event).select_related("event"))
    still_open = {pk: found.open_intervals for pk, found in figures_of(sessions).items()}
    return completeness_of(sessions, timezone.now(), still_open)


def told(conference: Conference) -> dict[int, tuple[str, list[str]]]:
    """Session -> its badge's words, and the reasons."""
    found = complete(conference)
    return {pk: (str(each.state.label), each.reasons) for pk, each in found.items()}


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
class TestAtTheLocalKaltura:
    """What its controls leave out turns the right badge red, and no other."""

    def test_all_that_was_read_is_complete(self, hold):
        conference = hold(rooms=1, webcasts=1)
        conference.visit(conference.rooms[0], conference.person("Ann"), 0, 10)
        conference.visit(conference.webcasts[0], conference.person("Ben"), 0, 10)
        pull_attendance(conference.event)

        assert told(conference) == {
            conference.rooms[0].pk: ("Complete", []),
            conference.webcasts[0].pk: ("Complete", []),
        }

    def test_a_dropped_page_of_stays(self, hold):
        conference = hold(rooms=2)
        full, short = conference.rooms
        ann = conference.person("Ann")
        rows = [conference.a_visit(full, ann, n / 2, n / 2 + 0.25) for n in range(31)]
        conference.visits([*rows, conference.a_visit(short, ann, 0, 10)])
        conference.simulator.set_newrow(lost_page=1)
        pull_attendance(conference.event)

        assert told(conference) == {
            full.pk: (
                "Totals disagree",
                ["Meeting room: 30 rows were read, the source counts 31."],
            ),
            short.pk: ("Complete", []),
        }

        conference.simulator.set_newrow(lost_page=None)
        pull_attendance(conference.event)
        assert told(conference)[full.pk] == ("Complete", [])

    def test_a_dropped_run(self, hold):
        conference = hold()
        (room,) = conference.rooms
        conference.visit(room, conference.person("Ann"), 0, 10)
        conference.simulator.set_newrow(lost_page=0)
        pull_attendance(conference.event)

        assert told(conference) == {
            room.pk: ("Totals disagree", ["Meeting room: 0 of 1 runs of the room were read."])
        }

    def test_a_dropped_source(self, hold, settings):
        conference = hold(rooms=1, webcasts=1)
        room, webcast = conference.rooms[0], conference.webcasts[0]
        conference.visit(webcast, conference.person("Ben"), 0, 10)
        settings.KALTURA_KAF_URL = "http://127.0.0.1:9"
        pull_attendance(conference.event)
        found = told(conference)

        assert found[webcast.pk] == ("Complete", [])
        assert found[room.pk][0] == "Last pull failed"
        assert found[room.pk][1] == [f"Meeting room: {Coverage.objects.get(session=room).error}"]
        total = total_of(complete(conference).values())
        assert (total.state, total.incomplete) == (CompletenessState.FAILED, 1)

    def test_a_source_that_was_never_asked(self, hold):
        conference = hold(rooms=1)
        (room,) = conference.rooms

        # It began two hours ago; half an hour of overrun and an hour more are not over yet.
        assert told(conference) == {
            room.pk: ("Not pulled yet", ["Meeting room: It has not been read yet."])
        }
        Session.objects.update(
            starts_at=room.starts_at - timedelta(days=1), ends_at=room.ends_at - timedelta(days=1)
        )
        assert told(conference) == {
            room.pk: (
                "Source missing",
                ["Meeting room: It should report this session and was never read."],
            )
        }

    def test_a_stay_without_an_end(self, hold):
        conference = hold()
        conference.simulator.set_newrow(running_end="empty")
        conference.visit(conference.rooms[0], conference.person("Ann"), 0, None)
        pull_attendance(conference.event)

        assert told(conference) == {
            conference.rooms[0].pk: (
                "Still open",
                ["1 person has a stay without a reported end."],
            )
        }

    @pytest.mark.parametrize("rooms", [1, 3])
    def test_it_takes_two_queries_however_many_sessions(
        self, hold, rooms, django_assert_num_queries
    ):
        event = hold(rooms=rooms).event
        sessions = list(Session.objects.filter(event=event).select_related("event"))
        with django_assert_num_queries(2):
            completeness_of(sessions, timezone.now(), {})
