"""The page of one person at one event: their sessions, and every interval that was reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analytics.charts.bars import Measure, bars_beside_names
from analytics.charts.shapes import Chart
from analytics.dictionary import TERMS
from analytics.figures.values import REACH_GRACE_MINUTES
from analytics.match import schedule_of
from analytics.metrics import StayTimes, needed_minutes
from analytics.models import SessionAttendance, Source, Stay, enough_percent
from analytics.privacy.modes import PrivacyRules, ShownPerson
from analytics.privacy.tokens import UNNAMED
from analytics.remote_people import rows_named
from analytics.reports.figures import Figure, figure
from analytics.reports.provenance import SourcedSpan, sourced_spans
from analytics.roster import UserSummary, shown_person
from events.models import Event, Registration, User

MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Attendee:
    """Somebody with an account, or a guest by the key that their source gives them."""

    user: User | None
    person_key: str = ""


@dataclass(frozen=True)
class Provenance:
    """Which sources a session's minutes of the person come from.

    ``spans`` add up to the minutes; without times of joining there are none, and ``sources``
    gave sums only.
    """

    row: SessionAttendance
    spans: Sequence[SourcedSpan]
    sources: str


@dataclass(frozen=True)
class PersonPage:
    """What the page says of them."""

    shown: ShownPerson
    registered: bool
    figures: Sequence[Figure]
    rows: Sequence[SessionAttendance]
    provenance: Sequence[Provenance]
    stays: Sequence[Stay]
    chart: Chart | None


def attendee_of(event: Event, rules: PrivacyRules, code: str) -> Attendee | None:
    """Who stands under this code at the event; None for nobody.

    Nothing leads back from a code, so everyone at the event is tried: a hash for each.
    """
    seen = SessionAttendance.objects.filter(session__event=event).order_by()
    guests = seen.filter(user__isnull=True).values_list("person_key", flat=True).distinct()
    for key in guests.iterator():
        if rules.pseudonym(key) == code:
            return Attendee(None, key)
    places = Registration.objects.filter(event=event, withdrawn_at=None).values("user")
    people = User.objects.filter(pk__in=seen.filter(user__isnull=False).values("user"))
    people |= User.objects.filter(pk__in=places)
    for pk, uuid in people.order_by().values_list("pk", "uuid").iterator():
        if rules.pseudonym(str(uuid)) == code:
            return Attendee(User.objects.get(pk=pk))
    return None


def person_page(event: Event, rules: PrivacyRules, attendee: Attendee) -> PersonPage:
    """Everything the page says. Raises ValueError where the event lists nobody."""
    rows = list(
        attendances_of(event, attendee)
        .select_related("session", "session__track", "session__event")
        .order_by("session__starts_at", "session")
    )
    stays = list(stays_of(event, attendee))
    user = attendee.user
    first = rows[0] if rows else None
    places = event.registrations.filter(user=user, withdrawn_at=None)
    return PersonPage(
        shown=shown_person(rules, UserSummary.of(user) if user else None, first),
        registered=user is not None and places.exists(),
        figures=person_figures(rows, enough_percent(event)),
        rows=rows,
        provenance=provenance_of(rows, stays),
        stays=stays,
        chart=_minutes_chart(rows),
    )


def attendances_of(event: Event, attendee: Attendee) -> QuerySet[SessionAttendance]:
    """The person's attendance of the event's sessions."""
    rows = SessionAttendance.objects.filter(session__event=event)
    if attendee.user is not None:
        return rows.filter(user=attendee.user)
    return rows.filter(user__isnull=True, person_key=attendee.person_key)


def stays_of(event: Event, attendee: Attendee) -> QuerySet[Stay]:
    """Every interval reported of the person in the event's sessions, inside a window or not."""
    stays = (
        Stay.objects.filter(run__session__event=event)
        .select_related("run__session")
        .defer("raw", "run__raw")
        .order_by("joined_at", "pk")
    )
    if attendee.user is not None:
        return stays.filter(user=attendee.user)
    # As the key was made.
    if attendee.person_key.startswith(UNNAMED):
        # A person on stage in one session may be audience in another.
        theirs = attendances_of(event, attendee).values("session")
        return stays.filter(remote_user_id=attendee.person_key, run__session__in=theirs)
    named_by, _colon, rest = attendee.person_key.partition(":")
    stays = stays.filter(user__isnull=True)
    if rest.startswith("name:"):
        name = rest.removeprefix("name:")
        return stays.filter(source=named_by, remote_user_id__in=["", "0"], name=name)
    return stays.filter(rows_named(named_by, rest))


def provenance_of(rows: Sequence[SessionAttendance], stays: Sequence[Stay]) -> list[Provenance]:
    """Where each session's minutes come from, of the sessions that the person was seen in."""
    by_session: dict[int | None, list[StayTimes]] = {}
    for stay in stays:
        by_session.setdefault(stay.run.session_id, []).append(_times(stay))
    return [
        Provenance(
            row,
            sourced_spans(by_session.get(row.session_id, []), schedule_of(row.session).window),
            " + ".join(str(Source(name).label) for name in row.sources.split("+") if name),
        )
        for row in rows
    ]


def _times(stay: Stay) -> StayTimes:
    known_until = stay.run.ended_at or stay.pulled_at
    return StayTimes(stay.joined_at, stay.left_at, known_until, stay.attention, stay.source)


def person_figures(rows: Sequence[SessionAttendance], enough: int) -> list[Figure]:
    """What it comes to in all; ``enough`` percent of a session's minutes are long enough."""
    recording = sum((row.recording_minutes or Decimal(0) for row in rows), Decimal(0))
    return [
        figure("person_sessions", sum(row.attended for row in rows)),
        figure("person_reached", sum(_reached(row, enough) for row in rows)),
        figure("person_minutes", sum((row.minutes_present for row in rows), Decimal("0.00"))),
        *([figure("person_recording_minutes", recording)] if recording else []),
    ]


def _reached(row: SessionAttendance, enough: int) -> bool:
    """Whether they were there long enough. Needs the row's session."""
    planned = Decimal((row.session.ends_at - row.session.starts_at) // MICROSECOND) / 60_000_000
    needed = needed_minutes(planned, enough, REACH_GRACE_MINUTES)
    return row.attended and row.scheduled_minutes > 0 and row.scheduled_minutes >= needed


def _minutes_chart(rows: Sequence[SessionAttendance]) -> Chart | None:
    """How much of each session's planned time the person was there."""
    measures = [
        Measure(row.session.title, float(row.scheduled_percent), f"{row.scheduled_percent} %")
        for row in rows
    ]
    return bars_beside_names(TERMS["scheduled_percent"], measures, _("Session"), most=100)
