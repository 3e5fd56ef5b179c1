"""Pulls attendance: asks the sources about sessions, keeps what they say, makes figures.

Safe to repeat, and to run twice at a time: see store.py. Sessions are asked about again
until days after their end, because a running one has no reliable end and reports lag.
One session that fails stops no other; it is due again at the next pull.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Min
from django.utils import timezone

from analytics.aggregate import person_key, rebuild
from analytics.match import ROOMS, match_people, match_runs, remote_ids, schedule_of
from analytics.models import Coverage, PullRun, RoomRun, Source, Stay, Trigger, ViewerTotal
from analytics.sources.kaltura_reports import BadReport, Reports
from analytics.sources.newrow import Listing, Newrow, NewrowError, NewrowRefused, NewrowUnavailable
from analytics.sources.parsing import BadRow, run_row, stay_row, viewer_row
from analytics.store import Written, store_rejected, store_run, store_viewers
from events.models import Event, Session
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable, Verdict
from kaltura_bridge.specs import Kind

logger = logging.getLogger(__name__)

Row = TypeVar("Row")

# How long after its end a session is still asked about.
LOOK_BACK: Final = timedelta(days=3)
# A session that is over for this long changes seldom, and is asked about that seldom.
SETTLED_AFTER: Final = timedelta(hours=1)
SETTLED_EVERY: Final = timedelta(hours=1)
# A room may be opened long before the doors, in the same run that the session uses.
EARLY_RUN: Final = timedelta(hours=12)
# After so many sessions in a row without an answer, the source itself is down.
DOWN_AFTER: Final = 3
# The account has no such report, or not for us: no other session would fare better.
LACKING: Final = frozenset({"REPORT_NOT_FOUND", "SERVICE_FORBIDDEN", "FEATURE_FORBIDDEN"})
# A scheduled pull ends before Celery would end it; what is left is due at the next one.
BEAT_BUDGET_S: Final = 240
KEEP_HISTORY: Final = timedelta(days=30)


@dataclass
class Tally:
    """What a pull did, in numbers."""

    sessions: int = 0
    runs: int = 0
    stays: int = 0
    totals: int = 0
    new: int = 0
    changed: int = 0
    rejected: int = 0
    unmatched_runs: int = 0
    strangers: set[str] = field(default_factory=set)
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    def add(self, written: Written) -> None:
        self.new += written.new
        self.changed += written.changed

    def note_listing(self, source: Source, place: str, run: str, listing: Listing) -> None:
        """Remember a listing that gave fewer or more rows than it counts."""
        if not listing.is_complete:
            self.incomplete.append(
                {
                    "source": source.value,
                    "place": place,
                    "run": run,
                    "expected": listing.expected,
                    "got": len(listing.rows),
                }
            )


# --- Which sessions -----------------------------------------------------------


def sessions_between(
    since: datetime | None, until: datetime, event: Event | None = None
) -> list[Session]:
    """The sessions whose window, doors-open to the end of the overrun, touches this time."""
    a_day = timedelta(days=1)  # the most that doors or overrun may add
    found = Session.objects.select_related("event").filter(starts_at__lte=until + a_day)
    if since is not None:
        found = found.filter(ends_at__gte=since - a_day)
    if event is not None:
        found = found.filter(event=event)
    return [
        session
        for session in found.order_by("starts_at", "pk")
        if session.doors_open_at <= until and (since is None or session.doors_close_at >= since)
    ]


def due_sessions(now: datetime) -> list[Session]:
    """Whom a scheduled pull asks about: running and late ones always, settled ones hourly.

    Longest waiting first, so that a pull that runs out of time leaves nobody out twice.
    """
    sessions = sessions_between(now - LOOK_BACK, now)
    asked = dict(
        Coverage.objects.filter(session__in=sessions)
        .order_by()
        .values_list("session")
        .annotate(at=Min("attempted_at"))
    )
    never = datetime.min.replace(tzinfo=now.tzinfo)

    def is_due(session: Session) -> bool:
        settled = session.doors_close_at + SETTLED_AFTER < now
        return not settled or asked.get(session.pk, never) <= now - SETTLED_EVERY

    return sorted(filter(is_due, sessions), key=lambda session: asked.get(session.pk, never))


# --- One session --------------------------------------------------------------


@dataclass
class Counts:
    """How much of a session's account at one source was read."""

    expected_runs: int = 0
    pulled_runs: int = 0
    expected_rows: int = 0
    pulled_rows: int = 0
    rejected_rows: int = 0
    error: str = ""


def pull_room(newrow: Newrow, session: Session, room: str, tally: Tally) -> Counts:
    """Read all runs of a session's room with everyone's comings and goings."""
    window = schedule_of(session).window
    listing = newrow.runs(room, _unix(window.start - EARLY_RUN), _unix(window.end))
    tally.note_listing(Source.NEWROW, room, "", listing)
    counts = Counts(expected_runs=listing.expected, pulled_runs=len(listing.rows))
    bad: list[BadRow] = []
    kept: list[RoomRun] = []
    for raw in listing.rows:
        try:
            kept.append(_pull_run(newrow, room, raw, counts, tally))
        except BadRow as error:
            bad.append(error)
        except NewrowRefused as error:
            # One run that cannot be read must not hide the others.
            counts.error = str(error)
            tally.errors.append(_error(Source.NEWROW, session, counts.error))
    _reject(Source.NEWROW, room, "", bad, counts, tally)
    _settle_runs(session, kept, tally)
    return counts


def _pull_run(newrow: Newrow, room: str, raw: Any, counts: Counts, tally: Tally) -> RoomRun:
    """Read and keep one run of a room. Raises BadRow when the run itself cannot be read."""
    run = run_row(raw)
    fetched_at = timezone.now()
    listing = newrow.stays(room, run.remote_id)
    tally.note_listing(Source.NEWROW, room, run.remote_id, listing)
    stays, bad = _parsed(stay_row, listing)
    kept, written = store_run(room, run, raw, stays, fetched_at)
    _reject(Source.NEWROW, room, run.remote_id, bad, counts, tally)
    counts.expected_rows += listing.expected
    counts.pulled_rows += len(listing.rows)
    tally.runs += 1
    tally.stays += len(stays)
    tally.add(written)
    return kept


def _settle_runs(session: Session, runs: Sequence[RoomRun], tally: Tally) -> None:
    """Find whom and what the runs belong to, and make the figures of every session concerned."""
    touched = match_runs(runs) | {session.pk}
    stays = Stay.objects.filter(run__in=[run.pk for run in runs])
    match_people(stays)
    strangers = stays.filter(user__isnull=True).only("source", "remote_user_id", "name")
    tally.strangers.update(person_key(stay) for stay in strangers.iterator(chunk_size=2000))
    tally.unmatched_runs += sum(run.session_id is None for run in runs)
    for pk in sorted(touched):
        rebuild(pk)


def pull_webcast(reports: Reports, session: Session, entry: str, tally: Tally) -> Counts:
    """Read what everyone watched of a session's webcast."""
    fetched_at = timezone.now()
    listing = reports.viewers(entry, session.starts_at, session.ends_at)
    tally.note_listing(Source.REPORT, entry, "", listing)
    viewers, bad = _parsed(viewer_row, listing)
    tally.add(store_viewers(session, entry, viewers, fetched_at))
    tally.totals += len(viewers)
    counts = Counts(expected_rows=listing.expected, pulled_rows=len(listing.rows))
    _reject(Source.REPORT, entry, "", bad, counts, tally)
    totals = ViewerTotal.objects.filter(entry_remote_id=entry)
    match_people(totals)
    strangers = totals.filter(user__isnull=True, is_anonymous=False)
    tally.strangers.update(person_key(total) for total in strangers.defer("raw"))
    rebuild(session.pk)
    return counts


def _parsed(
    parse: Callable[[object], Row], listing: Listing
) -> tuple[list[tuple[Row, dict[str, Any]]], list[BadRow]]:
    """The rows that can be read, each with its raw form, and those that cannot."""
    good, bad = [], []
    for raw in listing.rows:
        try:
            good.append((parse(raw), raw))
        except BadRow as error:
            bad.append(error)
    return good, bad


def _reject(
    source: Source, place: str, run: str, bad: Sequence[BadRow], counts: Counts, tally: Tally
) -> None:
    store_rejected(source, place, run, bad, timezone.now())
    counts.rejected_rows += len(bad)
    tally.rejected += len(bad)


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


# --- Many sessions ------------------------------------------------------------


PullOne = Callable[[Session, str], Counts]


def pull_sessions(sessions: Sequence[Session], budget_s: float | None = None) -> Tally:
    """Ask every source about these sessions, as far as they exist at Kaltura."""
    tally = Tally()
    deadline = None if budget_s is None else time.monotonic() + budget_s
    rooms, entries = remote_ids(sessions, *ROOMS), remote_ids(sessions, Kind.ENTRY)
    with Newrow() as newrow:
        work = [(session, rooms[session.pk]) for session in sessions if session.pk in rooms]
        _pull_each(
            Source.NEWROW, work, lambda s, room: pull_room(newrow, s, room, tally), tally, deadline
        )
    work = [(session, entries[session.pk]) for session in sessions if session.pk in entries]
    if work:
        reports = Reports()
        _pull_each(
            Source.REPORT, work, lambda s, e: pull_webcast(reports, s, e, tally), tally, deadline
        )
    return tally


def _pull_each(
    source: Source,
    work: Sequence[tuple[Session, str]],
    pull_one: PullOne,
    tally: Tally,
    deadline: float | None,
) -> None:
    """Ask one source about one session after the other; a failing one stops no other.

    Only when the source answers nobody any more is the rest left for the next pull.
    """
    unanswered = 0
    for number, (session, place) in enumerate(work):
        if deadline is not None and time.monotonic() > deadline:
            logger.info("%s: %d sessions are left for the next pull", source, len(work) - number)
            return
        attempted_at = timezone.now()
        tally.sessions += 1
        try:
            counts = pull_one(session, place)
        except Exception as error:
            logger.warning("%s, session %s: %s", source, session.uuid, error, exc_info=_odd(error))
            _note_failure(source, session, error, attempted_at, tally)
            unanswered = unanswered + 1 if _no_answer(error) else 0
            if unanswered >= DOWN_AFTER or _account_refused(error):
                logger.error("%s answers nobody; %d are left", source, len(work) - number - 1)
                return
        else:
            unanswered = 0
            _note_success(source, session, counts, attempted_at)


def _no_answer(error: Exception) -> bool:
    return isinstance(error, NewrowUnavailable | RemoteUnavailable)


def _account_refused(error: Exception) -> bool:
    """Whether it is the account or its settings, so that every other session would fail too."""
    if isinstance(error, RemoteRejected) and error.code in LACKING:
        return True
    if isinstance(error, KalturaError):
        return error.verdict is Verdict.STOP
    return isinstance(error, ImproperlyConfigured)


def _odd(error: Exception) -> bool:
    """Whether the log should show where it came from: it is none that we expect."""
    expected = NewrowError | BadReport | KalturaError | ImproperlyConfigured
    return not isinstance(error, expected)


def _error(source: Source, session: Session, text: str) -> dict[str, str]:
    return {"source": source.value, "session": session.slug, "error": text}


def _note_success(source: Source, session: Session, counts: Counts, attempted_at: datetime) -> None:
    Coverage.objects.update_or_create(
        session=session,
        source=source,
        defaults={"attempted_at": attempted_at, "pulled_at": attempted_at, **asdict(counts)},
    )


def _note_failure(
    source: Source, session: Session, error: Exception, attempted_at: datetime, tally: Tally
) -> None:
    """Put the failure where the report shows it; what was pulled before stays known."""
    # What a stranger's exception says may hold anything, a KS in a URL included.
    text = f"{type(error).__name__}. See the log." if _odd(error) else str(error)
    tally.errors.append(_error(source, session, text))
    if Session.objects.filter(pk=session.pk).exists():
        Coverage.objects.update_or_create(
            session=session, source=source, defaults={"attempted_at": attempted_at, "error": text}
        )


# --- The callers --------------------------------------------------------------


def pull_attendance(
    event: Event | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> PullRun:
    """Pull everything about the sessions of a time, as the command asks for it.

    Without ``since``: of an event all sessions so far, else those of the last days.
    """
    now = timezone.now()
    until = until or now
    if since is None and event is None:
        since = until - LOOK_BACK
    run = PullRun(trigger=Trigger.COMMAND, event=event, since=since, until=until, started_at=now)
    return _kept(run, pull_sessions(sessions_between(since, until, event)))


def pull_due() -> PullRun | None:
    """Pull what is due by now, as the schedule asks for it. None when nothing was."""
    now = timezone.now()
    PullRun.objects.filter(started_at__lt=now - KEEP_HISTORY).delete()
    tally = pull_sessions(due_sessions(now), BEAT_BUDGET_S)
    if not tally.sessions:
        return None
    run = PullRun(trigger=Trigger.BEAT, since=now - LOOK_BACK, until=now, started_at=now)
    return _kept(run, tally)


def pull_one(session: Session) -> PullRun:
    """Pull one session now, as someone in the admin asks for it."""
    now = timezone.now()
    run = PullRun(trigger=Trigger.PERSON, event=session.event, until=now, started_at=now)
    return _kept(run, pull_sessions([session], BEAT_BUDGET_S))


def _kept(run: PullRun, tally: Tally) -> PullRun:
    for name in (
        "sessions runs stays totals new changed rejected unmatched_runs incomplete errors"
    ).split():
        setattr(run, name, getattr(tally, name))
    run.unmatched_people = len(tally.strangers)
    run.finished_at = timezone.now()
    run.save()
    return run
