"""What the attendance pages show: figures with what they mean, and how complete they are.

Every figure comes with its definition, the moment it is true for ("as of") and its
coverage, so that nobody has to guess what a number says.
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
from analytics.match import ROOMS, remote_ids, schedule_of
from analytics.metrics import (
    Headcount,
    Schedule,
    chart_step,
    headcounts,
    peak_of,
    sampled,
)
from analytics.models import Coverage, SessionAttendance, ViewerTotal
from analytics.roster import PeopleFilter, Roster, RosterEntry, reported_sessions
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
class PresenceChart:
    """How many people were there over time, drawn and as a table."""

    chart: Chart
    samples: Sequence[Headcount]
    step: timedelta
    peak: Headcount

    @property
    def step_minutes(self) -> int:
        return int(self.step.total_seconds() // 60)


@dataclass(frozen=True)
class CoverageStatus:
    """How recent and complete the figures are: the oldest pull they rest on, and each source.

    ``guidance`` says why there is nothing yet and what to do; empty once there is.
    """

    as_of: datetime | None
    sources: Sequence[Coverage]
    guidance: str = ""

    @property
    def is_complete(self) -> bool:
        return bool(self.sources) and all(source.is_complete for source in self.sources)

    @property
    def summary(self) -> str:
        """The coverage in a word or two, to stand beside every figure."""
        if self.as_of is None:
            return "not pulled yet"
        return "complete" if self.is_complete else "incomplete, see below"


@dataclass(frozen=True)
class SessionReport:
    """The page of one session."""

    session: Session
    schedule: Schedule
    coverage: CoverageStatus
    figures: Sequence[Figure]
    presence: PresenceChart | None
    people: Sequence[RosterEntry]
    is_over: bool
    may_pull: bool


def session_report(session: Session, show: PeopleFilter, now: datetime) -> SessionReport:
    """Everything the session's page says. Needs ``session.event``."""
    schedule = schedule_of(session)
    roster = Roster(session.event)
    presence = presence_of(session, schedule)
    return SessionReport(
        session=session,
        schedule=schedule,
        coverage=coverage_status(session, now),
        figures=session_figures(session, len(roster.registered), presence),
        presence=presence,
        people=sorted(roster.people(session, show), key=_by_presence),
        is_over=session.doors_close_at < now,
        may_pull=session.doors_open_at <= now and bool(remote_id_of(session)),
    )


def _by_presence(person: RosterEntry) -> tuple[bool, str, str]:
    return not person.attended, person.name.casefold(), person.email


def coverage_status(session: Session, now: datetime) -> CoverageStatus:
    """How recent and complete the session's figures are, and what to do if there are none."""
    sources = list(Coverage.objects.filter(session=session).order_by("source"))
    moments = [source.pulled_at for source in sources if source.pulled_at]
    return CoverageStatus(
        as_of=min(moments, default=None),
        sources=sources,
        guidance="" if moments else guidance_for(session, sources, now),
    )


def remote_id_of(session: Session) -> str:
    """The session's room or webcast at Kaltura; empty when there is none."""
    found = remote_ids([session], *ROOMS) or remote_ids([session], Kind.ENTRY)
    return found.get(session.pk, "")


def guidance_for(session: Session, sources: Sequence[Coverage], now: datetime) -> str:
    """Why there is nothing yet, and what happens next or what to do."""
    if sources:
        return (
            f"The last pull failed: {sources[0].error} It is repeated every five minutes until "
            "an hour after the session, then every hour for three days."
        )
    if now < session.doors_open_at:
        return "The doors are not open yet. Attendance appears some minutes after they open."
    if not remote_id_of(session):
        return (
            "The session has no room or webcast at Kaltura, so nobody can have joined. "
            "Publish it, and check its Kaltura state on the session's page in the admin."
        )
    return (
        "Attendance has not been pulled yet. For sessions of the last three days that happens "
        "by itself within minutes; "
        f"for older ones run: python manage.py pull_attendance {session.event.slug}"
    )


def presence_of(session: Session, schedule: Schedule) -> PresenceChart | None:
    """The people present over time; None when no times of joining are known."""
    counts = headcounts(stays_by_person(session), schedule.window)
    peak = peak_of(counts)
    step = chart_step(schedule.window)
    samples = sampled(counts, schedule.window, step)
    chart = chart_of(samples, schedule, session.event.zone, step)
    if chart is None or peak is None:
        return None
    return PresenceChart(chart, samples, step, peak)


def session_figures(
    session: Session, registered: int, presence: PresenceChart | None
) -> list[Figure]:
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
    sums: dict[str, Any], registered: int, presence: PresenceChart | None, event: Event
) -> list[Figure]:
    """How many people came, in all and at the same time."""
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
            "Peak attendance",
            str(peak.present) if peak else "",
            "The highest number of people present at the same moment.",
            f"at {peak.at.astimezone(event.zone):%H:%M}" if peak else "no join times reported",
        ),
        Figure(
            "Guests",
            str(sums["guests"]),
            "People who attended without an account here. Nobody is matched by name or e-mail.",
        ),
    ]


def _minutes_figures(sums: dict[str, Any]) -> list[Figure]:
    """How long people stayed, and how attentive they were."""
    return [
        Figure(
            "Average minutes present",
            _number(sums["minutes"]),
            "Time in the session, averaged over everyone who attended. Two devices at once "
            "count once. For webcasts without join times: live minutes watched.",
        ),
        Figure(
            "Share of scheduled time",
            _number(sums["percent"], "%"),
            "How much of the time between scheduled start and end attendees were present, on "
            "average. For webcasts without join times this is an upper bound.",
        ),
        Figure(
            "Attention",
            _number(sums["attention"], "%"),
            "How long attendees had the room in view, or for webcasts the player in view and "
            "audible. Averaged over those for whom Kaltura reports it.",
        ),
    ]


def _viewer_figures(sums: dict[str, Any], anonymous: dict[str, Any]) -> list[Figure]:
    """What only webcasts have: viewers of the recording, and viewers without a user id."""
    figures = []
    if sums["recording"]:
        figures.append(
            Figure(
                "Recording watched",
                _number(sums["recording"], " min"),
                "Minutes of the recording watched by all people together. Not attendance.",
            )
        )
    if anonymous["plays"]:
        figures.append(
            Figure(
                "Anonymous viewers",
                _number(anonymous["minutes"], " min"),
                "Live minutes watched by all viewers without a user id. Kaltura does not report "
                "how many people they were.",
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


def registered_count(event: Event) -> int:
    """How many people have a place at the event now."""
    return Registration.objects.filter(event=event, withdrawn_at=None).count()


def event_figures(event: Event, registered: int) -> list[Figure]:
    """The numbers at the top of the event's page."""
    seen = SessionAttendance.objects.filter(session__event=event, attended=True)
    sums = seen.aggregate(
        # Guests have no user, and COUNT skips NULL.
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
            "Attended",
            str(came),
            "Registered people who attended at least one session.",
            f"{share} of those registered" if share else "",
        ),
        Figure(
            "With an account",
            str(sums["people"]),
            "People with an account here who attended any session, registered or not.",
        ),
        Figure(
            "Visits",
            str(sums["visits"]),
            "Each person counted once for every session they attended, guests included.",
        ),
        Figure(
            "Hours attended",
            _number((sums["minutes"] or Decimal(0)) / 60),
            "Minutes present of all people in all sessions, in hours.",
        ),
    ]


def event_as_of(event: Event) -> tuple[datetime | None, datetime | None]:
    """The oldest and the newest pull that the event's figures rest on."""
    ends = Coverage.objects.filter(session__event=event).aggregate(
        oldest=Min("pulled_at"), newest=Max("pulled_at")
    )
    return ends["oldest"], ends["newest"]
