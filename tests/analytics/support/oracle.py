"""What SessionAttendance must hold, row by row in Python from the definitions in metrics.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import mean, median
from typing import Any

from analytics.aggregate import person_key
from analytics.figures.values import REACH_PERCENTS, SessionFigures
from analytics.match import schedule_of
from analytics.metrics import (
    CENT,
    TENTH,
    AttendanceMetrics,
    Interval,
    Schedule,
    StayTimes,
    WatchTotals,
    headcounts,
    metrics_from_stays,
    metrics_from_totals,
    peak_of,
)
from analytics.models import SessionAttendance, Source, Stay, ViewerTotal
from analytics.privacy.tokens import token_of
from events.models import Registration, Session


@dataclass
class Activity:
    """All that the sources say about one person in one session."""

    rows: list[Stay | ViewerTotal] = field(default_factory=list)

    @property
    def stays(self) -> list[StayTimes]:
        return [
            StayTimes(
                row.joined_at,
                row.left_at,
                row.run.ended_at or row.pulled_at,
                row.attention,
                row.source,
            )
            for row in self.rows
            if isinstance(row, Stay)
        ]

    @property
    def totals(self) -> WatchTotals | None:
        rows = [row for row in self.rows if isinstance(row, ViewerTotal)]
        if not rows:
            return None
        live: dict[str, Decimal] = defaultdict(Decimal)
        recording: dict[str, Decimal] = defaultdict(Decimal)
        for row in rows:
            live[row.source] += row.live_minutes
            recording[row.source] += row.recording_minutes
        said = [row for row in rows if row.engaged is not None]
        weight = sum(row.live_minutes for row in said)
        engaged = sum((row.live_minutes * row.engaged for row in said), Decimal(0))
        return WatchTotals(
            max(live.values()), max(recording.values()), engaged / weight if weight else None
        )

    def minutes_of(self, source: str, schedule: Schedule) -> Decimal | None:
        """The minutes present by this source alone; None where it does not know the person."""
        alone = Activity([row for row in self.rows if row.source == source])
        return alone.metrics(schedule).minutes_present if alone.rows else None

    def metrics(self, schedule: Schedule) -> AttendanceMetrics:
        if self.stays or self.totals is None:
            return metrics_from_stays(self.stays, schedule, self.totals)
        return metrics_from_totals(self.totals, schedule)


def expected_attendance(session: Session) -> dict[str, dict[str, Any]]:
    """By person: every column of SessionAttendance."""
    return expected_attendances([session])[session.pk]


def expected_attendances(sessions: Sequence[Session]) -> dict[int, dict[str, dict[str, Any]]]:
    """Session pk -> the same, for many of one event."""
    people: dict[int, dict[str, Activity]] = {session.pk: {} for session in sessions}
    known = Session.objects.filter(event=sessions[0].event)
    apart = tokens_apart(sessions)
    for stay in Stay.objects.filter(run__session__in=known).select_related("run"):
        if stay.remote_user_id in apart.get(stay.run.session_id, ()):
            continue
        if stay.run.session_id in people:
            of_session = people[stay.run.session_id]
            of_session.setdefault(person_key(stay), Activity()).rows.append(stay)
    for total in ViewerTotal.objects.filter(session__in=known, is_anonymous=False):
        if total.remote_user_id in apart.get(total.session_id, ()):
            continue
        if total.session_id in people:
            of_session = people[total.session_id]
            of_session.setdefault(person_key(total), Activity()).rows.append(total)
    found = {}
    for session in sessions:
        schedule = schedule_of(session)
        found[session.pk] = {
            key: _columns(person, schedule) for key, person in people[session.pk].items()
        }
    return found


def tokens_apart(sessions: Sequence[Session]) -> dict[int, set[str]]:
    """Session pk -> what stands for each who is no audience there, should their name be hidden."""
    found: dict[int, set[str]] = {}
    for session in sessions:
        event = session.event
        people = [member.user for member in event.team.exclude(role="analyst")]
        people += [s.user for s in session.speakers.all() if s.user]
        people += [stand_in.user for stand_in in session.stage_stand_ins.all()]
        found[session.pk] = {token_of(event, f"portal-{user.uuid.hex}") for user in people}
    return found


def _columns(person: Activity, schedule: Schedule) -> dict[str, Any]:
    rows, metrics = person.rows, person.metrics(schedule)
    sources = {row.source for row in rows}
    emails = [row.email for row in rows if isinstance(row, Stay)]
    return {
        "user_id": rows[0].user_id,
        "name": _first(row.name for row in rows),
        "email": _first(emails),
        "attended": metrics.attended,
        "first_joined_at": metrics.first_joined,
        "last_left_at": metrics.last_left,
        "present_from": metrics.present_from,
        "present_until": metrics.present_until,
        "join_count": metrics.join_count,
        "minutes_present": metrics.minutes_present,
        "scheduled_minutes": metrics.scheduled_minutes,
        "scheduled_percent": metrics.scheduled_percent,
        "open_interval": metrics.open_interval,
        "attention_percent": metrics.attention_percent,
        "live_minutes": metrics.live_minutes,
        "recording_minutes": metrics.recording_minutes,
        **{f"{source}_minutes": person.minutes_of(source, schedule) for source in Source.values},
        "sources": "+".join(source for source in Source.values if source in sources),
        "matched_by": _first(row.matched_by for row in rows),
        "pulled_at": min(row.pulled_at for row in rows),
    }


def _first(texts: Any) -> str:
    """The first of the texts by their bytes; empty when all are."""
    return min((text for text in texts if text), key=str.encode, default="")


def stored_attendance(session: Session) -> dict[str, dict[str, Any]]:
    """By person: what the database holds of the same columns."""
    return stored_attendances([session])[session.pk]


def stored_attendances(sessions: Sequence[Session]) -> dict[int, dict[str, dict[str, Any]]]:
    """Session pk -> the same, for many of one event."""
    found: dict[int, dict[str, dict[str, Any]]] = {session.pk: {} for session in sessions}
    for row in SessionAttendance.objects.filter(session__event=sessions[0].event):
        if row.session_id in found:
            of_session = found[row.session_id]
            of_session[row.person_key] = {name: getattr(row, name) for name in NAMES}
    return found


NAMES = (
    "user_id name email attended first_joined_at last_left_at present_from present_until "
    "join_count minutes_present scheduled_minutes scheduled_percent open_interval "
    "attention_percent live_minutes recording_minutes sources matched_by pulled_at"
).split() + [f"{source}_minutes" for source in Source.values]


def stays_of_audience(session: Session) -> dict[str, list[Interval]]:
    """The stays of everybody who is not counted apart."""
    apart = {
        row.person_key
        for row in SessionAttendance.objects.filter(session=session)
        if row.counted_as != "audience"
    }
    apart |= tokens_apart([session])[session.pk]
    people: dict[str, list[Interval]] = defaultdict(list)
    for stay in Stay.objects.filter(run__session=session).select_related("run"):
        if (key := person_key(stay)) not in apart:
            end = stay.left_at or stay.run.ended_at or stay.pulled_at
            people[key].append(Interval(stay.joined_at, max(end, stay.joined_at)))
    return people


def expected_figures(session: Session) -> SessionFigures:
    """The session's figures, counted in Python from its rows of SessionAttendance."""
    rows = list(SessionAttendance.objects.filter(session=session))
    came = [row for row in rows if row.attended]
    audience = [row for row in came if row.counted_as == "audience"]
    registered = set(
        Registration.objects.filter(event=session.event, withdrawn_at=None).values_list(
            "user_id", flat=True
        )
    )
    everyone = [row for row in rows if row.counted_as == "audience"]
    timed = [row for row in audience if row.present_from]
    peak = peak_of(headcounts(stays_of_audience(session), schedule_of(session).window))
    anonymous = ViewerTotal.objects.filter(session=session, is_anonymous=True)
    said = [row.attention_percent for row in audience if row.attention_percent is not None]
    minutes = [row.minutes_present for row in audience]
    live = [row.live_minutes for row in everyone if row.live_minutes is not None]
    recording = [row.recording_minutes for row in everyone if row.recording_minutes is not None]
    late = session.ends_at - timedelta(minutes=5)
    return SessionFigures(
        registered=len(registered),
        registered_attended=sum(row.user_id in registered for row in came),
        attended=len(audience),
        guests=sum(row.user_id is None for row in audience),
        staff=sum(row.counted_as == "staff" for row in came),
        stage=sum(row.counted_as == "stage" for row in came),
        tests=sum(row.counted_as == "test" for row in came),
        peak=peak.present if peak else 0,
        peak_at=peak.at if peak and peak.present else None,
        mean_minutes=_rounded(mean, minutes, CENT),
        median_minutes=_rounded(median, minutes, CENT),
        total_minutes=sum(minutes, Decimal("0.00")),
        reached={n: sum(_reaches(row, session, n) for row in audience) for n in REACH_PERCENTS}
        if rows
        else {},
        attention_percent=_rounded(mean, said, TENTH),
        attention_sample=len(said),
        live_minutes=sum(live) if live else None,
        recording_minutes=sum(recording) if recording else None,
        recording_viewers=sum(part > 0 for part in recording),
        open_intervals=sum(row.open_interval for row in everyone),
        as_of=min((row.pulled_at for row in rows), default=None),
        scheduled_percent=_rounded(mean, [row.scheduled_percent for row in audience], TENTH),
        timed=len(timed),
        retained={
            n: sum(row.present_until - row.present_from >= timedelta(minutes=n) for row in timed)
            for n in (5, 15, 30)
        }
        if rows
        else {},
        stayed_to_end=sum(row.present_until >= late for row in timed),
        anonymous_minutes=_rounded(sum, [row.live_minutes for row in anonymous], CENT),
        anonymous_plays=sum(row.plays for row in anonymous),
        sources={
            source: people
            for source in Source.values
            if (people := sum(source in row.sources.split("+") for row in audience))
        },
    )


def _reaches(row: SessionAttendance, session: Session, percent: int) -> bool:
    planned = Decimal(int((session.ends_at - session.starts_at).total_seconds())) / 60
    return 0 < row.scheduled_minutes >= planned * percent / 100 - 5


def _rounded(
    what: Callable[[list[Decimal]], Decimal], values: list[Decimal], unit: Decimal
) -> Decimal | None:
    return what(values).quantize(unit, ROUND_HALF_UP) if values else None
