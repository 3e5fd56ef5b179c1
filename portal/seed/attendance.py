"""Past attendance: put into the local Kaltura, then pulled from there like any other."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from events.models import Event, Session, SessionStatus, SessionType, User
from portal.seed.local_kaltura import LocalKaltura
from portal.seed.synthetic import SEED

CHUNK: Final = 1000
# Types that need an encoder to go on air, which nobody has in the demo.
BROADCAST: Final = frozenset({SessionType.WEBCAST, SessionType.STUDIO})
VISITS_A_SESSION: Final = 50
DEVICES: Final = ("Computer", "Mobile", "Computer", "Tablet")
# The demo must not hang on a session that cannot be synced; the worker keeps trying.
SYNC_WITHIN_S: Final = 20.0
SYNC_EACH_S: Final = 0.5


@dataclass(frozen=True)
class SeedResult:
    """What was put into the local Kaltura, and how many rows the pull then found."""

    sessions: int
    visits: int
    stays: int


def seed_attendance(event: Event, count: int, now: datetime, also: Sequence[Session]) -> SeedResult:
    """Put ``count`` visits into ended sessions of ``event`` and pull them. Safe to repeat.

    Syncs those sessions and ``also`` at once and leaves all others to the worker.
    Raises NoLocalKaltura.
    """
    kaltura = LocalKaltura()
    kaltura.call("state")
    attended = attended_sessions(event, count, now)
    places = sync_now(event, [*attended, *also])
    _put_on_air(kaltura, also, places)
    _seat_audience(kaltura, event, [s for s in also if s.starts_at <= now], places)
    attended = [session for session in attended if session.pk in places]
    visits = 0
    if attended and not kaltura.call(f"visits?entryId={places[attended[0].pk]}")["visits"]:
        rows = visits_for(attended, places, _people(event), count)
        for start in range(0, len(rows), CHUNK):
            kaltura.call("visits", rows[start : start + CHUNK])
        visits = len(rows)
    return SeedResult(len(attended), visits, _pull(event, attended, now))


def attended_sessions(event: Event, count: int, now: datetime) -> list[Session]:
    """Enough ended sessions for ``count`` visits: the latest ones, rooms and webcasts."""
    over = event.sessions.filter(ends_at__lte=now, status=SessionStatus.PUBLISHED)
    wanted = max(2, -(-count // VISITS_A_SESSION))
    by_type = [
        list(over.filter(session_type=kind).order_by("-ends_at", "pk")[:wanted])
        for kind in (SessionType.INTERACTIVE, SessionType.WEBCAST)
    ]
    mixed = [s for pair in zip(*by_type, strict=False) for s in pair]
    rest = [s for sessions in by_type for s in sessions if s not in mixed]
    return (mixed + rest)[:wanted]


def _people(event: Event) -> list[User]:
    places = Q(registrations__event=event, registrations__withdrawn_at=None)
    found = User.objects.filter(places).exclude(email="attendee@demo.example")
    return list(found.order_by("email"))


def sync_now(event: Event, sessions: Iterable[Session]) -> dict[int, str]:
    """Sync these sessions at once. Returns session pk -> its room or entry at Kaltura."""
    # Imported here: this loads the Kaltura client, which seeding without attendance needs not.
    from kaltura_bridge.join.destination import remote_entry_id
    from kaltura_bridge.models import TargetKind
    from kaltura_bridge.sync import service

    wanted = list(sessions)
    service.ensure_targets(event)
    mine = Q(object_uuid__in=[session.uuid for session in wanted])
    parents = Q(kind__in=[TargetKind.EVENT, TargetKind.TRACK])
    limit_s = SYNC_WITHIN_S + SYNC_EACH_S * len(wanted)
    service.settle(service.targets_of(event).filter(mine | parents), limit_s)
    ids = {session.pk: remote_entry_id(session) for session in wanted}
    return {pk: remote for pk, remote in ids.items() if remote}


def _put_on_air(kaltura: LocalKaltura, sessions: Sequence[Session], places: dict[int, str]) -> None:
    """Put webcasts on air, as an encoder would: those that are live and those that come next.

    Attendees still get into the next ones only when the portal opens their doors.
    """
    for session in sessions:
        if session.pk in places and session.session_type in BROADCAST:
            kaltura.call("entry", {"id": places[session.pk], "state": "on_air"})


def _seat_audience(
    kaltura: LocalKaltura, event: Event, sessions: Sequence[Session], places: dict[int, str]
) -> None:
    """Let people watch what is on, so that live desks have something to count. Safe to repeat."""
    people = _people(event)
    for number, session in enumerate(sessions):
        if session.pk not in places or session.session_type not in BROADCAST:
            continue
        if kaltura.call(f"visits?entryId={places[session.pk]}")["visits"]:
            continue
        watching = people[number :: len(sessions)] if number else people[::2]
        rows = [_watches(session, places[session.pk], user, n) for n, user in enumerate(watching)]
        kaltura.call("visits", rows)


def _watches(session: Session, place: str, user: User, number: int) -> dict[str, Any]:
    """Somebody who came a little late and stays until the end."""
    from kaltura_bridge.join.identity import kaltura_user_id

    return {
        "entryId": place,
        "userId": kaltura_user_id(user),
        "name": user.name,
        "joined": int(session.starts_at.timestamp()) + number * 11 % 120,
        "left": int(session.ends_at.timestamp()),
        "attention": 60 + number % 40,
        "device": DEVICES[number % len(DEVICES)],
    }


def visits_for(
    sessions: Sequence[Session], places: dict[int, str], people: Sequence[User], count: int
) -> list[dict[str, Any]]:
    """``count`` plausible stays: latecomers, early leavers, people who come back."""
    chance = random.Random(SEED)  # noqa: S311  Alike each time is the point.
    rows: list[dict[str, Any]] = []
    if not people or not sessions or not count:
        return rows
    # Everybody comes once before anybody comes a second time.
    turns = [chance.sample(list(people), len(people)) for _ in sessions]
    for number in range(count - 1):
        place, turn = number % len(sessions), number // len(sessions)
        session, user = sessions[place], turns[place][turn % len(people)]
        rows.append(_visit(session, places[session.pk], user, turn // len(people), chance))
    return [*rows, _unmatched_visit(sessions[0], places[sessions[0].pk])]


def _visit(
    session: Session, place: str, user: User, again: int, chance: random.Random
) -> dict[str, Any]:
    """One stay. The ``again``-th return to a session begins that many minutes later."""
    from kaltura_bridge.join.identity import kaltura_user_id

    length = (session.ends_at - session.starts_at).total_seconds()
    late = chance.choice((-240, -60, 0, 30, 90, 300, 900)) + chance.randint(0, 59)
    stays = chance.choice((0.25, 0.6, 0.85, 0.95, 1.0))
    joined = session.starts_at + timedelta(seconds=late + again * 60)
    left = session.starts_at + timedelta(seconds=max(late + 60.0, length * stays))
    return {
        "entryId": place,
        "userId": kaltura_user_id(user),
        "name": user.name,
        "joined": int(joined.timestamp()),
        "left": int(max(left, joined + timedelta(seconds=45)).timestamp()),
        "attention": chance.randint(35, 100),
    }


def _unmatched_visit(session: Session, place: str) -> dict[str, Any]:
    """Somebody whom the portal did not send, with an attendee's name: must stay unmatched."""
    return {
        "entryId": place,
        "userId": "somebody-else",
        "name": "Amara Okafor",
        "joined": int(session.starts_at.timestamp()),
        "left": int(session.ends_at.timestamp()),
        "attention": 50,
    }


def _pull(event: Event, sessions: Sequence[Session], now: datetime) -> int:
    """Pull from the first of these sessions on. Returns how many rows the sources had."""
    from analytics.pull import pull_attendance

    if not sessions:
        return 0
    run = pull_attendance(event, min(session.starts_at for session in sessions), now)
    return run.stays + run.totals
