"""What may not change a figure does not: order, repetition, overlap, splits, further sources."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.figures.renewal import RowCounts, renew
from analytics.figures.summary import event_figures_of, figures_of
from analytics.metrics import Interval, Schedule, StayTimes, metrics_from_stays
from analytics.models import SessionAttendance, Stay
from tests.analytics.support.curves import concurrency
from tests.analytics.support.oracle import stored_attendance
from tests.analytics.support.stays import NINE, at, random_session, run_in, stay_in
from tests.factories import EventFactory, InteractiveFactory, UserFactory

SCHEDULE = Schedule(
    planned=Interval(at(0), at(45)),
    window=Interval(at(-15), at(75)),
)
_seconds = st.integers(-3600, 7200)
stays = st.lists(
    st.builds(
        lambda a, length, is_open, attention: StayTimes(
            NINE + timedelta(seconds=a),
            None if is_open else NINE + timedelta(seconds=a + length),
            NINE + timedelta(seconds=a + length),
            attention,
            "newrow",
        ),
        _seconds,
        st.integers(0, 5400),
        st.booleans(),
        st.one_of(st.none(), st.decimals(0, 100, places=2)),
    ),
    min_size=1,
    max_size=8,
)
# What further stays may not change, as long as they bring no time that was not there.
PRESENCE = "attended present_from present_until minutes_present scheduled_minutes".split()


def presence(rows: list[StayTimes]) -> dict[str, object]:
    metrics = metrics_from_stays(rows, SCHEDULE)
    return {name: getattr(metrics, name) for name in PRESENCE}


@given(stays, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(rows, chance: Random):
    again = rows + chance.sample(rows, chance.randint(0, len(rows)))
    chance.shuffle(again)

    assert metrics_from_stays(again, SCHEDULE) == metrics_from_stays(rows, SCHEDULE)


@given(stays, st.data())
def test_a_further_source_that_saw_no_more_changes_no_presence(rows, data):
    seen = data.draw(st.sampled_from(rows))
    length = int(seen.interval.length.total_seconds())
    start = data.draw(st.integers(0, length))
    joined = seen.joined + timedelta(seconds=start)
    left = joined + timedelta(seconds=data.draw(st.integers(0, length - start)))
    other = StayTimes(joined, left, left, None, "portal")

    assert presence([*rows, other]) == presence(rows)


@given(stays, st.data())
def test_a_stay_told_in_two_pieces_changes_no_presence_and_no_attention(rows, data):
    number = data.draw(st.integers(0, len(rows) - 1))
    whole = rows[number]
    length = int(whole.interval.length.total_seconds())
    middle = whole.joined + timedelta(seconds=data.draw(st.integers(0, length)))
    pieces = [replace(whole, left=middle), replace(whole, joined=middle)]
    others = rows[:number] + rows[number + 1 :]
    # A piece may be what another stay says already, and is then no further stay.
    told = {(row.joining, row.attention) for row in others}
    split = metrics_from_stays([*others, *pieces], SCHEDULE)

    assert presence([*others, *pieces]) == presence(rows)
    if not told & {(piece.joining, piece.attention) for piece in (*pieces, whole)}:
        assert split.attention_percent == metrics_from_stays(rows, SCHEDULE).attention_percent


@pytest.mark.django_db
@pytest.mark.postgres
def test_the_order_in_which_rows_came_changes_no_row():
    people = UserFactory.create_batch(5)
    event = EventFactory()
    sessions = [random_session(number, event, people) for number in range(20)]
    pks = [session.pk for session in sessions]
    renew(pks, force=True)
    before = {session.pk: stored_attendance(session) for session in sessions}

    # The same rows once more, the last first.
    rows = list(Stay.objects.order_by("-pk"))
    Stay.objects.all().delete()
    for row in rows:
        row.pk = None
    Stay.objects.bulk_create(rows)

    assert renew(pks, force=True) == RowCounts()
    assert {session.pk: stored_attendance(session) for session in sessions} == before


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.parametrize("people", [0, 1, 2, 3, 7])
def test_closed_forms(people):
    """Person n of N is there from the start for n times ten minutes."""
    event = EventFactory()
    session = InteractiveFactory(event=event, starts_at=NINE, ends_at=at(60))
    run = run_in(session, 0, at(90))
    users = UserFactory.create_batch(people)
    Stay.objects.bulk_create(
        stay_in(run, user, at(0), at(10 * n), key=f"{n}") for n, user in enumerate(users, start=1)
    )
    renew([session.pk], force=True)

    figures = figures_of([session])[session.pk]

    middle = Decimal(10 * (people + 1)) / 2
    assert figures.attended == figures.peak == figures.timed == people
    assert figures.peak_at == (at(0) if people else None)
    assert figures.total_minutes == 10 * people * (people + 1) // 2
    assert figures.mean_minutes == figures.median_minutes == (middle if people else None)
    assert figures.retained == (
        {5: people, 15: max(0, people - 1), 30: max(0, people - 2)} if people else {}
    )
    # Of 60 minutes, less five: 25, 31, 37, 40, 43, 49 and 55.
    fewer = {50: 2, 60: 3, 70: 3, 75: 3, 80: 4, 90: 4, 100: 5}
    reached = {share: max(0, people - n) for share, n in fewer.items()}
    assert figures.reached == (reached if people else {})
    assert figures.stayed_to_end == max(0, people - 5)
    # After n times ten minutes the first n have left; nobody is there before nine.
    expected = [0] * 15 + [max(0, people - minute // 10) for minute in range(90)]
    assert [count.present for count in concurrency(session)] == (expected if people else [])
    event_figures = event_figures_of(event)
    assert event_figures.reached == (reached if people else dict.fromkeys(reached, 0))
    assert (event_figures.attended, event_figures.visits, event_figures.peak) == (people,) * 3
    assert SessionAttendance.objects.count() == people
