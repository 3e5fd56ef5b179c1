"""What the attendance pages show: figures with what they mean, and how far they reach.

Every figure carries its definition, its moment ("as of") and its coverage, so that
nobody has to guess what a number says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, Max, Min, Q, QuerySet, Sum

from analytics.aggregate import stays_by_person
from analytics.charts import Chart, chart_of
from analytics.exports.rows import Person, Roster, Show, reported_sessions
from analytics.match import ROOMS, remote_ids, schedule_of
from analytics.metrics import (
    Level,
    Schedule,
    chart_step,
    concurrency,
    peak_of,
    sampled,
)
from analytics.models import Coverage, SessionAttendance, ViewerTotal
from events.models import Event, Registration, Session
from kaltura_bridge.specs import Kind

IS_ATTENDED = Q(attendance__attended=True)


@dataclass(frozen=True)
class Figure:
    """A number on a page, with what it means. ``value`` is empty when it is not known."""

    label: str
    value: str
    definition: str
    detail: str = ""


@dataclass(frozen=True)
class Presence:
    """How many people were there over time, drawn and as a table."""

    chart: Chart
    samples: Sequence[Level]
    step: timedelta
    peak: Level

    @property
    def step_minutes(self) -> int:
        return int(self.step.total_seconds() // 60)


@dataclass(frozen=True)
class Reach:
    """How far the figures reach: the oldest moment they rest on, and what is missing."""

    as_of: datetime | None
    coverage: Sequence[Coverage]
    guidance: str = ""

    @property
    def is_complete(self) -> bool:
        return bool(self.coverage) and all(item.is_complete for item in self.coverage)

    @property
    def words(self) -> str:
        """The coverage in a word or two, to stand beside every figure."""
        if self.as_of is None:
            return "not pulled yet"
        return "complete" if self.is_complete else "incomplete, see below"


@dataclass(frozen=True)
class SessionReport:
    """The page of one session."""

    session: Session
    schedule: Schedule
    reach: Reach
    figures: Sequence[Figure]
    presence: Presence | None
    people: Sequence[Person]
    is_over: bool
    may_pull: bool


def session_report(session: Session, show: Show, now: datetime) -> SessionReport:
    """Everything the session's page says. Needs ``session.event``."""
    schedule = schedule_of(session)
    roster = Roster(session.event)
    presence = presence_of(session, schedule)
    return SessionReport(
        session=session,
        schedule=schedule,
        reach=reach_of(session, now),
        figures=session_figures(session, len(roster.registered), presence),
        presence=presence,
        people=sorted(roster.people(session, show), key=_by_presence),
        is_over=session.doors_close_at < now,
        may_pull=session.doors_open_at <= now and bool(place_of(session)),
    )


def _by_presence(person: Person) -> tuple[bool, str, str]:
    return not person.attended, person.name.casefold(), person.email


def reach_of(session: Session, now: datetime) -> Reach:
    """How far the session's figures reach, and what to do when there are none."""
    coverage = list(Coverage.objects.filter(session=session).order_by("source"))
    moments = [item.pulled_at for item in coverage if item.pulled_at]
    return Reach(
        as_of=min(moments, default=None),
        coverage=coverage,
        guidance="" if moments else guidance_for(session, coverage, now),
    )


def place_of(session: Session) -> str:
    """The session's room or webcast at Kaltura; empty when there is none."""
    found = remote_ids([session], *ROOMS) or remote_ids([session], Kind.ENTRY)
    return found.get(session.pk, "")


def guidance_for(session: Session, coverage: Sequence[Coverage], now: datetime) -> str:
    """Why there is nothing yet, and what happens or is to be done next."""
    if coverage:
        return (
            f"The last pull failed: {coverage[0].error} It is tried again every five minutes "
            "while the session is recent."
        )
    if now < session.doors_open_at:
        return "The doors are not open yet. Attendance appears some minutes after they open."
    if not place_of(session):
        return (
            "The session has no room or webcast at Kaltura, so nobody can have been there. "
            "Publish it, and look at its Kaltura state on the session's page."
        )
    return (
        "Attendance was not pulled yet. That happens every five minutes for recent sessions; "
        f"for older ones run: python manage.py pull_attendance {session.event.slug}"
    )


def presence_of(session: Session, schedule: Schedule) -> Presence | None:
    """The people present over time; None when no comings and goings are known."""
    levels = concurrency(stays_by_person(session), schedule.window)
    peak = peak_of(levels)
    step = chart_step(schedule.window)
    samples = sampled(levels, schedule.window, step)
    chart = chart_of(samples, schedule, session.event.zone, step)
    if chart is None or peak is None:
        return None
    return Presence(chart, samples, step, peak)


def session_figures(session: Session, registered: int, presence: Presence | None) -> list[Figure]:
    """The numbers at the top of the page."""
    rows = SessionAttendance.objects.filter(session=session)
    sums = rows.aggregate(
        present=Count("pk", filter=Q(attended=True)),
        guests=Count("pk", filter=Q(attended=True, user__isnull=True)),
        still_open=Count("pk", filter=Q(open_interval=True)),
        minutes=Avg("minutes_present", filter=Q(attended=True)),
        percent=Avg("scheduled_percent", filter=Q(attended=True)),
        attention=Avg("attention_percent", filter=Q(attended=True)),
        recording=Sum("recording_minutes"),
    )
    anonymous = ViewerTotal.objects.filter(session=session, is_anonymous=True).aggregate(
        minutes=Sum("live_minutes"), plays=Sum("plays")
    )
    return [
        *_people_figures(sums, registered, presence, session.event),
        *_minutes_figures(sums),
        *_viewer_figures(sums, anonymous),
    ]


def _people_figures(
    sums: dict[str, Any], registered: int, presence: Presence | None, event: Event
) -> list[Figure]:
    """How many came, at all and at once."""
    peak = presence.peak if presence else None
    return [
        Figure(
            "Attended",
            str(sums["present"]),
            "People present for any time between doors-open and the end of the overrun.",
            f"{registered} registered for the event"
            + (f", {sums['still_open']} still there" if sums["still_open"] else ""),
        ),
        Figure(
            "Most at once",
            str(peak.present) if peak else "",
            "The most different people present at the same moment.",
            f"at {peak.at.astimezone(event.zone):%H:%M}" if peak else "needs comings and goings",
        ),
        Figure(
            "Guests",
            str(sums["guests"]),
            "Attended without an account here. Nobody is matched by name or e-mail.",
        ),
    ]


def _minutes_figures(sums: dict[str, Any]) -> list[Figure]:
    """How long they stayed, and how attentively."""
    return [
        Figure(
            "Minutes present",
            _number(sums["minutes"]),
            "Average over those who attended: time in the session, overlaps counted once. "
            "For webcasts without comings and goings: live minutes watched.",
        ),
        Figure(
            "Of the planned time",
            _number(sums["percent"], "%"),
            "Average part of the time between planned start and end that attendees were "
            "there. For webcasts without comings and goings: at most this.",
        ),
        Figure(
            "Attention",
            _number(sums["attention"], "%"),
            "Average over attendees for whom it is reported: the page in view; for webcasts "
            "the player in view and audible.",
        ),
    ]


def _viewer_figures(sums: dict[str, Any], anonymous: dict[str, Any]) -> list[Figure]:
    """What only webcasts have."""
    figures = []
    if sums["recording"]:
        figures.append(
            Figure(
                "Recording watched",
                _number(sums["recording"], " min"),
                "Minutes watched of the recording, all people together. Not attendance.",
            )
        )
    if anonymous["plays"]:
        figures.append(
            Figure(
                "Unknown viewers",
                _number(anonymous["minutes"], " min"),
                "Live minutes of everyone who watched without a user id, together. "
                "Kaltura does not say how many people they were.",
                f"{anonymous['plays']} plays",
            )
        )
    return figures


def _number(value: Decimal | float | None, unit: str = "") -> str:
    """One decimal, with its unit; empty when it is not known."""
    return "" if value is None else f"{Decimal(value):.1f}{unit}"


# --- The event's page ---------------------------------------------------------


def session_rows(event: Event) -> QuerySet[Session]:
    """The event's sessions with their attendance, in a fixed number of queries."""
    # As a subquery: a join over registrations would count every visit several times.
    registered = event.registrations.filter(withdrawn_at=None).values("user")
    return (
        reported_sessions(event)
        .annotate(
            attended=Count("attendance", filter=IS_ATTENDED),
            registered_came=Count(
                "attendance", filter=IS_ATTENDED & Q(attendance__user__in=registered)
            ),
            guests=Count("attendance", filter=IS_ATTENDED & Q(attendance__user__isnull=True)),
            minutes=Avg("attendance__minutes_present", filter=IS_ATTENDED),
            minutes_total=Sum("attendance__minutes_present"),
        )
        .prefetch_related("coverage")
    )


def registered_at(event: Event) -> int:
    """How many people have a place at the event now."""
    return Registration.objects.filter(event=event, withdrawn_at=None).count()


def event_figures(event: Event, registered: int) -> list[Figure]:
    """The numbers at the top of the event's page."""
    seen = SessionAttendance.objects.filter(session__event=event, attended=True)
    sums = seen.aggregate(
        people=Count("user", distinct=True),
        visits=Count("pk"),
        minutes=Sum("minutes_present"),
    )
    came = seen.filter(
        user__registrations__event=event, user__registrations__withdrawn_at=None
    ).aggregate(people=Count("user", distinct=True))["people"]
    share = f"{100 * came / registered:.0f}%" if registered else ""
    return [
        Figure("Registered", str(registered), "People with a place at the event now."),
        Figure(
            "Came",
            str(came),
            "Registered people who attended at least one session.",
            f"{share} of the registered" if share else "",
        ),
        Figure("Known people", str(sums["people"]), "People with an account seen in any session."),
        Figure(
            "Visits",
            str(sums["visits"]),
            "People counted once for each session they attended, guests included.",
        ),
        Figure(
            "Hours attended",
            _number((sums["minutes"] or Decimal(0)) / 60),
            "Minutes present of everyone in all sessions, in hours.",
        ),
    ]


def event_as_of(event: Event) -> tuple[datetime | None, datetime | None]:
    """The oldest and the newest pull that the event's figures rest on."""
    ends = Coverage.objects.filter(session__event=event).aggregate(
        oldest=Min("pulled_at"), newest=Max("pulled_at")
    )
    return ends["oldest"], ends["newest"]
