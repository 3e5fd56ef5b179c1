"""What matching has left over at an event: runs that need a person's eye, and unmatched people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from analytics.match import ROOMS, reach_of, schedule_of, sessions_by_remote_id, sessions_touched
from analytics.matching.people import stays_at, totals_at
from analytics.models import RoomRun, RunDecision, RunRule, Source
from analytics.privacy.tokens import UNNAMED
from events.models import Event, Session

# What the page shows of each list at most; what is dealt with makes room for the rest.
MOST_SHOWN: Final = 200
NO_IDS: Final = ("", "0")


@dataclass(frozen=True)
class UnmatchedPerson:
    """Somebody whom a source reported and nobody here is known to be."""

    source: str
    remote_user_id: str
    name: str
    email: str
    rows: int
    minutes: float | None
    first: datetime | None
    last: datetime | None

    @property
    def source_name(self) -> str:
        return str(Source(self.source).label)


@dataclass(frozen=True)
class TouchedSession:
    """A session whose window a run touches, and for how many minutes."""

    session: Session
    minutes: int


def runs_of(event: Event) -> QuerySet[RoomRun]:
    """The reported runs of an event's rooms, newest first; none of their parts."""
    owned = Q(session__event=event) | Q(session=None, event=event)
    runs = RoomRun.objects.filter(owned, part_of=None).exclude(source=Source.PORTAL)
    return runs.select_related("session").annotate(people=Count("stays"))


def runs_without_session(event: Event) -> QuerySet[RoomRun]:
    """Runs that no rule and no person gave a session."""
    return runs_of(event).filter(session=None, is_split=False).exclude(matched_by=RunRule.DECISION)


def runs_of_several(event: Event) -> QuerySet[RoomRun]:
    """Runs that touch several sessions, and count for one of them only."""
    return runs_of(event).filter(matched_by=RunRule.MOST_TIME)


def decided_runs(event: Event) -> QuerySet[RunDecision]:
    """Every decision about the event's runs, undone ones too, newest first."""
    owned = Q(run__session__event=event) | Q(run__session=None, run__event=event)
    found = RunDecision.objects.filter(owned)
    return found.select_related("run", "session", "session_after", "decided_by", "undone_by")


def run_of(event_pks: QuerySet[Event], pk: int) -> QuerySet[RoomRun]:
    """One reported run of these events' rooms."""
    mine = event_pks.values("pk")
    owned = Q(session__event__in=mine) | Q(session=None, event__in=mine)
    runs = RoomRun.objects.filter(owned, pk=pk, part_of=None).exclude(source=Source.PORTAL)
    return runs.select_related("session__event", "event")


def touched_by(run: RoomRun, event: Event) -> list[TouchedSession]:
    """The event's sessions in the run's room that it touches: most time in common first."""
    of_room = sessions_by_remote_id([run.room_remote_id], *ROOMS).get(run.room_remote_id, [])
    reach = reach_of(run)
    found = []
    for session in sessions_touched(run, [each for each in of_room if each.event_id == event.pk]):
        shared = reach.clipped_to(schedule_of(session).window)
        seconds = shared.length.total_seconds() if shared else 0
        found.append(TouchedSession(session, round(seconds / 60)))
    return found


def suggested_split(run: RoomRun, touched: Sequence[TouchedSession]) -> datetime | None:
    """Where a run over several sessions may be cut: at the planned start of the second."""
    starts = sorted(each.session.starts_at for each in touched)
    end = run.ended_at or run.pulled_at
    return next((start for start in starts[1:] if run.started_at < start < end), None)


# --- People --------------------------------------------------------------------------------


def unmatched_people(event: Event) -> list[UnmatchedPerson]:
    """Reported people with an id whom no account is known to be: most time first."""
    stays = stays_at(event).filter(user=None, run__part_of=None).exclude(source=Source.PORTAL)
    totals = totals_at(event).filter(user=None)
    found = [*_people(stays, _STAY_SUMS), *_people(totals, _TOTAL_SUMS)]
    found.sort(key=lambda person: (-(person.minutes or 0), person.name, person.remote_user_id))
    return found


_STAY_SUMS: Final = {
    "address": Max("email"),
    "sum": Sum("minutes"),
    "first": Min("joined_at"),
    "last": Max("left_at"),
}
_TOTAL_SUMS: Final = {"sum": Sum("live_minutes")}


def _people(rows: QuerySet[Any], sums: dict[str, Any]) -> list[UnmatchedPerson]:
    # Whose name is not kept is nobody's to find out.
    rows = rows.exclude(remote_user_id__in=NO_IDS).exclude(remote_user_id__startswith=UNNAMED)
    known = rows.order_by().values("source", "remote_user_id")
    grouped = known.annotate(shown=Max("name"), number=Count("pk"), **sums)
    return [
        UnmatchedPerson(
            row["source"],
            row["remote_user_id"],
            row["shown"],
            row.get("address", ""),
            row["number"],
            None if row["sum"] is None else float(row["sum"]),
            row.get("first"),
            row.get("last"),
        )
        for row in grouped.order_by("-number", "remote_user_id")[:MOST_SHOWN]
    ]


def people_without_id(event: Event) -> int:
    """How many stays have no id of the person at all: a name alone is never linked."""
    rows = stays_at(event).filter(user=None, run__part_of=None, remote_user_id__in=NO_IDS)
    return rows.count()
