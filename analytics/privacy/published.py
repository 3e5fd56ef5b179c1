"""An event's attendance in the aggregate mode: all that its pages and files may say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db.models import Avg, Count, Q

from analytics.figures.left_out import team_of
from analytics.models import CountedAs, SessionAttendance
from analytics.privacy.modes import PrivacyRules, rules_of
from analytics.privacy.suppression import (
    SessionCounts,
    ShownCounts,
    rounded,
    shown_event,
    total,
)
from analytics.roster import reported_sessions
from events.exports.tables import CellValue
from events.models import Event, Registration, Session

AGGREGATE_COLUMNS: Final = (
    "event,session_id,session_title,track,session_type,scheduled_start_utc,scheduled_end_utc,"
    "event_timezone,registered_attended,others_attended,people_attended,mean_minutes,"
    "smallest_group"
).split(",")


@dataclass(frozen=True)
class PublishedSession:
    """One session; None for what is hidden. ``mean_minutes``: whole minutes, of all who came."""

    session: Session
    counts: ShownCounts
    mean_minutes: int | None


@dataclass(frozen=True)
class PublishedEvent:
    """The event: how many are registered, how many of them came to anything, and its sessions."""

    rules: PrivacyRules
    registered: int | None
    came: int | None
    sessions: Sequence[PublishedSession]

    @property
    def visits(self) -> int | None:
        """The sum of what is shown: what is hidden is in no total."""
        return total(row.counts.people for row in self.sessions)


def published_event(event: Event, rules: PrivacyRules | None = None) -> PublishedEvent:
    """What may be shown of the event, in five queries.

    Always of the whole event, also where a page shows one session of it: what is shown of a
    session depends on the others, so a table of a part would tell more.
    """
    rules = rules or rules_of(event)
    registered = Registration.objects.filter(event=event, withdrawn_at=None)
    mine = Q(user__in=registered.values("user"))
    # As everywhere else, neither team nor stage nor testers are audience.
    came = SessionAttendance.objects.filter(
        session__event=event, attended=True, counted_as=CountedAs.AUDIENCE
    )
    rows = {
        row["session"]: row
        for row in came.order_by()
        .values("session")
        .annotate(ours=Count("pk", filter=mine), people=Count("pk"), mean=Avg("minutes_present"))
    }
    sessions = list(reported_sessions(event))
    whole = registered.count()
    # Who could have come: that all of them did must not show, either.
    audience = registered.exclude(user__in=team_of(event).values("pk")).count()
    shown = shown_event(
        {session.pk: _counts(rows.get(session.pk)) for session in sessions},
        came.filter(mine).aggregate(people=Count("user", distinct=True))["people"],
        audience,
        rules.minimum_group,
    )
    return PublishedEvent(
        rules,
        rounded(whole, rules.minimum_group),
        shown.came,
        [
            PublishedSession(session, counts, _mean(counts, rows.get(session.pk)))
            for session in sessions
            if (counts := shown.sessions[session.pk])
        ],
    )


def _counts(row: Mapping[str, Any] | None) -> SessionCounts:
    return SessionCounts(row["ours"], row["people"] - row["ours"]) if row else SessionCounts(0, 0)


def _mean(counts: ShownCounts, row: Mapping[str, Any] | None) -> int | None:
    """In whole minutes, so that times the number of people it is nobody's time."""
    if row is None or counts.people is None:
        return None
    return int(Decimal(row["mean"]).quantize(Decimal(1), ROUND_HALF_UP))


def aggregate_rows(
    event: Event, rules: PrivacyRules, session: Session | None = None
) -> Iterator[Sequence[CellValue]]:
    """The file's rows: AGGREGATE_COLUMNS of each session, or of one of them."""
    for row in published_event(event, rules).sessions:
        if session is None or row.session.pk == session.pk:
            yield [*_start(event, row.session), *_values(row), rules.minimum_group]


def _start(event: Event, session: Session) -> list[CellValue]:
    return [
        event.slug,
        str(session.uuid),
        session.title,
        session.track.name if session.track else None,
        session.session_type,
        session.starts_at,
        session.ends_at,
        event.timezone,
    ]


def _values(row: PublishedSession) -> list[CellValue]:
    counts = row.counts
    return [counts.registered, counts.others, counts.people, row.mean_minutes]
