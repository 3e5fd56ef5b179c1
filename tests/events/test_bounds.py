"""How far times may go, in the model and in the database, and that pages can show the limits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from events.actions import save_planned
from events.models import Event, Session
from tests.factories import FIRST_START, EventFactory, SessionFactory

pytestmark = [pytest.mark.postgres_first, pytest.mark.django_db]

YEARS = "Choose a day in the years 1970 to 2199."
TIMES = "Choose a time in the years 1970 to 2199."
LONG_EVENT = "An event lasts at most 400 days. Check the year, or plan several events."
LONG_SESSION = "A session lasts at most 14 days. Check the dates, or plan several sessions."


def refused(thing) -> tuple[dict[str, list[str]], bool]:
    """What the model says about it, and whether the database takes it all the same."""
    try:
        save_planned(thing)
    except ValidationError as error:
        said = error.message_dict
    else:
        said = {}
    try:
        with transaction.atomic():
            thing.save()
    except IntegrityError:
        return said, False
    return said, True


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(1970, 1, 1), date(1970, 1, 1), {}),
        (date(2199, 12, 31), date(2199, 12, 31), {}),
        (date(2030, 1, 1), date(2030, 1, 1) + timedelta(days=399), {}),
        (date(2030, 1, 1), date(2030, 1, 1) + timedelta(days=400), {"ends_on": [LONG_EVENT]}),
        (date(1969, 12, 31), date(1970, 1, 1), {"starts_on": [YEARS]}),
        (date(2199, 12, 31), date(2200, 1, 1), {"ends_on": [YEARS]}),
        (date(2030, 5, 6), date(9999, 12, 31), {"ends_on": [YEARS]}),
        (date(1, 1, 1), date(9999, 12, 31), {"starts_on": [YEARS], "ends_on": [YEARS]}),
    ],
)
def test_event_keeps_to_its_bounds(first, last, said):
    event = EventFactory.build(starts_on=first, ends_on=last)

    assert refused(event) == (said, not said)


@pytest.mark.parametrize(
    ("start", "length", "said"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), timedelta(hours=1), {}),
        (datetime(2199, 12, 31, 22, tzinfo=UTC), timedelta(hours=12), {}),
        (FIRST_START, timedelta(days=14), {}),
        (FIRST_START, timedelta(days=14, seconds=1), {"ends_at": [LONG_SESSION]}),
        (datetime(1969, 12, 31, 23, tzinfo=UTC), timedelta(hours=2), {"starts_at": [TIMES]}),
        (datetime(2200, 1, 1, 23, tzinfo=UTC), timedelta(hours=2), {"ends_at": [TIMES]}),
        (
            datetime(9999, 12, 31, 23, tzinfo=UTC),
            timedelta(minutes=59),
            {"starts_at": [TIMES], "ends_at": [TIMES]},
        ),
    ],
)
def test_session_keeps_to_its_bounds(start, length, said):
    session = SessionFactory.build(event=EventFactory(), starts_at=start, ends_at=start + length)

    assert refused(session) == (said, not said)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("day", [date(1970, 1, 1), date(2199, 12, 31)])
def test_pages_show_the_first_and_the_last_day(client, zone, day):
    event = EventFactory(starts_on=day, ends_on=day, timezone=zone)
    noon = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=12)
    session = SessionFactory(event=event, starts_at=noon)
    pages = ["/", event.get_absolute_url(), f"{event.get_absolute_url()}agenda/"]
    pages += [session.get_absolute_url(), f"{event.get_absolute_url()}agenda.ics"]

    for asked in ("", "?zone=Pacific/Kiritimati", "?zone=Etc/GMT%2B12"):
        assert [client.get(page + asked).status_code for page in pages] == [200] * len(pages)


@pytest.mark.django_db(transaction=True)
def test_migration_folds_and_bounds_what_is_stored():
    """An installation of before has all of it; afterwards the constraints hold."""
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    executor.migrate([("events", "0002_keep_status_before_removal")])
    try:
        old = executor.loader.project_state([("events", "0002_keep_status_before_removal")]).apps
        event = old.get_model("events", "Event").objects.create(
            slug="old",
            title="a\x07\nb",
            description="x\x0by",
            starts_on=date(2030, 5, 6),
            ends_on=date(9999, 12, 31),
        )
        odd = old.get_model("events", "Event").objects.create(
            slug="odd", title="\x1b", starts_on=date(9999, 1, 1), ends_on=date(9999, 1, 2)
        )
        for name in ("Track", "Track\x01", "\x02"):
            old.get_model("events", "Track").objects.create(
                event=event, name=name, slug=str(ord(name[-1]))
            )
        for number, (start, end) in enumerate(
            [
                (FIRST_START, FIRST_START + timedelta(days=100)),
                (datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)),
                (FIRST_START, datetime(9999, 12, 31, tzinfo=UTC)),
            ]
        ):
            old.get_model("events", "Session").objects.create(
                event=event,
                slug=f"s{number}",
                title=f"S\ufffe{number}",
                starts_at=start,
                ends_at=end,
            )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(leaves)

    found = Event.objects.get(pk=event.pk)
    assert (found.title, found.description) == ("a b", "x\ny")
    assert (found.starts_on, found.ends_on) == (date(2030, 5, 6), date(2031, 6, 9))
    empty = Event.objects.get(pk=odd.pk)
    assert (empty.title, empty.starts_on, empty.ends_on) == (
        f"Event {odd.pk}",
        date(2199, 12, 31),
        date(2199, 12, 31),
    )
    first, second, third = found.tracks.order_by("pk")
    assert [first.name, second.name, third.name] == [
        "Track",
        f"{second.pk}-Track",
        f"Track {third.pk}",
    ]
    day = timedelta(days=1)
    assert list(Session.objects.order_by("slug").values_list("title", "starts_at", "ends_at")) == [
        ("S0", FIRST_START, FIRST_START + 14 * day),
        ("S1", datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC)),
        ("S2", FIRST_START, FIRST_START + 14 * day),
    ]
