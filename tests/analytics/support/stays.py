"""Random sessions full of stays, seeded: the same number gives the same session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from analytics.models import RoomRun, Source, Stay, ViewerTotal
from events.models import Event, Session, User
from tests.factories import InteractiveFactory

NINE = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    """Minutes after nine."""
    return NINE + timedelta(minutes=minute)


def run_in(session: Session, number: int, end: datetime | None = None, **more: object) -> RoomRun:
    """A run of a room that belongs to the session."""
    run = _run_of(session, number, end, **more)
    run.save()
    return run


def _run_of(session: Session, number: int, end: datetime | None, **more: object) -> RoomRun:
    values = {
        "source": "newrow",
        "remote_id": f"{session.pk}-{number}",
        "room_remote_id": f"1_room{session.pk}",
        "started_at": session.starts_at - timedelta(hours=2),
        "ended_at": end,
        "session": session,
        "pulled_at": session.ends_at + timedelta(hours=3),
    }
    return RoomRun(**{**values, **more})


def stay_in(
    run: RoomRun,
    who: User | str,
    joined: datetime,
    left: datetime | None,
    attention: Decimal | None = None,
    *,
    source: str = "newrow",
    key: str = "",
) -> Stay:
    """A stay, not saved yet, of an account or of a guest by their number at the source."""
    is_ours = isinstance(who, User)
    return Stay(
        run=run,
        source=source,
        remote_key=key or f"{run.pk}/{source}/{who}/{joined.timestamp()}/{left}"[:200],
        remote_user_id=f"portal-{who.uuid.hex}" if isinstance(who, User) else who,
        name=who.name if isinstance(who, User) else f"Guest {who}",
        joined_at=joined,
        left_at=left,
        attention=attention,
        open_interval=left is None,
        user=who if isinstance(who, User) else None,
        matched_by="user_id" if is_ours else "",
        pulled_at=run.pulled_at,
    )


def random_session(number: int, event: Event, people: list[User]) -> Session:
    """A session with stays of every kind: overlapping, doubled, open, outside, of two sources."""
    return random_sessions([number], event, people)[0]


def random_sessions(numbers: Iterable[int], event: Event, people: list[User]) -> list[Session]:
    """The sessions of these numbers, written a table at a time."""
    chances = {number: Random(number) for number in numbers}
    sessions = Session.objects.bulk_create(
        [_random_plan(number, chance, event) for number, chance in chances.items()]
    )
    made = list(zip(chances.values(), sessions, strict=True))
    pairs = [_random_runs(chance, session) for chance, session in made]
    RoomRun.objects.bulk_create(run for pair in pairs for run in pair)
    Stay.objects.bulk_create(
        row
        for (chance, session), runs in zip(made, pairs, strict=True)
        for row in _random_stays(chance, session, runs, people)
    )
    ViewerTotal.objects.bulk_create(
        row for chance, session in made for row in _random_totals(chance, session, people)
    )
    return sessions


def _random_plan(number: int, chance: Random, event: Event) -> Session:
    starts = NINE + timedelta(seconds=chance.randrange(-3600, 3600))
    plan: Session = InteractiveFactory.build(
        event=event,
        slug=f"random-{number}",
        starts_at=starts,
        ends_at=starts + timedelta(minutes=chance.choice([1, 20, 45, 90])),
    )
    return plan


def _random_runs(chance: Random, session: Session) -> list[RoomRun]:
    end = chance.choice([None, session.ends_at + timedelta(seconds=chance.randrange(-600, 900))])
    return [_run_of(session, 0, end), _run_of(session, 1, session.ends_at)]


def _random_stays(
    chance: Random, session: Session, runs: list[RoomRun], people: list[User]
) -> list[Stay]:
    guests = [str(chance.randrange(1, 5)) for _ in range(3)] + ["0", ""]
    rows = [
        _random_stay(chance, session, chance.choice(runs), chance.choice([*people, *guests]), key)
        for key in range(chance.randrange(0, 25))
    ]
    # A source that says the same twice.
    for row in chance.sample(rows, len(rows) // 5):
        twice = Stay(**{f.attname: getattr(row, f.attname) for f in Stay._meta.concrete_fields})
        twice.remote_key += "/2"
        rows.append(twice)
    return rows


def _random_stay(
    chance: Random, session: Session, run: RoomRun, who: User | str, number: int
) -> Stay:
    seconds = int((session.ends_at - session.starts_at).total_seconds())
    joined = session.starts_at + timedelta(seconds=chance.randrange(-2400, seconds + 3600))
    if chance.random() < 0.1:
        joined += timedelta(microseconds=chance.randrange(1_000_000))
    left: datetime | None = joined + timedelta(seconds=chance.choice([0, 30, 600, 1800, 7200]))
    if chance.random() < 0.15:
        left = None
    attention = chance.choice([None, Decimal("0.00"), Decimal(chance.randrange(10001)) / 100])
    source = chance.choice(["newrow", "newrow", Source.values[-1]])
    key = f"{run.pk}/{number}"
    return stay_in(run, who, joined, left, attention, source=source, key=key)


def _random_totals(chance: Random, session: Session, people: list[User]) -> list[ViewerTotal]:
    rows = []
    for number, who in enumerate([*chance.sample(people, len(people) // 2), None]):
        rows.append(
            ViewerTotal(
                source="report",
                entry_remote_id=f"1_live{session.pk}",
                remote_user_id=f"portal-{who.uuid.hex}" if who else "Unknown",
                session=session,
                user=who,
                matched_by="user_id" if who else "",
                is_anonymous=who is None,
                plays=number,
                live_minutes=Decimal(chance.randrange(2_000_000)) / 10_000,
                recording_minutes=Decimal(chance.randrange(200_000)) / 10_000,
                engaged=chance.choice([None, Decimal(chance.randrange(10001)) / 100]),
                pulled_at=session.ends_at + timedelta(hours=2),
            )
        )
    return rows
