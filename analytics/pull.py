"""Pulls attendance: asks the sources about sessions, stores the answers, computes attendance.

Safe to repeat, and to run twice at a time: see store.py. Sessions are asked about again
until days after their end, because a running one has no reliable end and reports lag.
A session that fails does not stop the others; it is due again at the next pull.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Min
from django.utils import timezone

from analytics.aggregate import person_key
from analytics.figures.renewal import renew, renew_what_moved
from analytics.match import ROOMS, remote_ids, schedule_of
from analytics.matching.settle import settle_runs, settle_totals
from analytics.models import (
    Coverage,
    EventPrivacy,
    PullRun,
    RoomRun,
    SessionPull,
    Source,
    Stay,
    Trigger,
    ViewerTotal,
)
from analytics.privacy.withholding import Withholding
from analytics.sources.ahead import NewrowAhead, RunsQuestion
from analytics.sources.kaltura_reports import (
    AFTER,
    DELIMITER,
    BadReport,
    ViewerReports,
    disagreement,
)
from analytics.sources.listing import Listing
from analytics.sources.newrow import NewrowError, NewrowRefused, NewrowUnavailable
from analytics.sources.parsing import BadRow, run_row, stay_row
from analytics.sources.work import viewer_work
from analytics.staging import WriteCounts
from analytics.store import store_rejected, store_run, store_viewers
from events.models import Event, Session, SessionType
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.models import ErrorClass

logger = logging.getLogger(__name__)

ParsedRow = TypeVar("ParsedRow")

# How long after its end a session is still asked about.
LOOK_BACK: Final = timedelta(days=3)
# Attendance of a session that has been over for this long rarely changes: ask only so often.
SETTLED_AFTER: Final = timedelta(hours=1)
SETTLED_EVERY: Final = timedelta(hours=1)
ROOM_TYPES: Final = frozenset({SessionType.INTERACTIVE, SessionType.WEBINAR})
# A room may be opened long before the doors, in the same run that the session uses.
EARLY_RUN: Final = timedelta(hours=12)
# After so many sessions in a row without an answer, the source itself must be down.
GIVE_UP_AFTER: Final = 3
# The account lacks the report, or we may not read it: every other session would fail too.
NO_REPORT_CODES: Final = frozenset({"REPORT_NOT_FOUND", "SERVICE_FORBIDDEN", "FEATURE_FORBIDDEN"})
# A scheduled pull ends before the next one begins (settings.CELERY_BEAT_SCHEDULE); what is
# left is due then.
BEAT_BUDGET_S: Final = 240
KEEP_HISTORY: Final = timedelta(days=30)


@dataclass
class PullResult:
    """What a pull did, in numbers."""

    sessions: int = 0
    runs: int = 0
    stays: int = 0
    totals: int = 0
    new: int = 0
    changed: int = 0
    rejected: int = 0
    unmatched_runs: int = 0
    unmatched_people: set[str] = field(default_factory=set)
    incomplete: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    def add(self, written: WriteCounts) -> None:
        self.new += written.new
        self.changed += written.changed

    def note_listing(self, source: Source, place: str, run: str, listing: Listing) -> None:
        """Remember a listing whose rows are fewer or more than the source counts."""
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
    # Where names were replaced or deleted, attendance is fixed (privacy/retention.py).
    found = found.filter(event__attendance_privacy__retained_at=None)
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
    """What a scheduled pull asks about: running and recent sessions always, settled ones hourly.

    The longest waiting come first, so that a pull that runs out of time leaves none out twice.
    """
    sessions = sessions_between(now - LOOK_BACK, now)
    asked = dict(
        Coverage.objects.filter(session__in=sessions)
        .exclude(source=Source.PORTAL)  # Nobody is asked for what the portal noted itself.
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
class SourceCounts:
    """How much of what one source has on a session was read: the counts of a Coverage."""

    expected_runs: int = 0
    pulled_runs: int = 0
    expected_rows: int = 0
    pulled_rows: int = 0
    rejected_rows: int = 0
    disagreement: str = ""
    error: str = ""
    written: WriteCounts = field(default_factory=WriteCounts)

    def covered(self) -> dict[str, Any]:
        """What the session's coverage keeps."""
        return {key: value for key, value in vars(self).items() if key != "written"}

    def seen(self) -> dict[str, int | str]:
        """The same as a line of the session's history has it."""
        return {
            "runs": self.pulled_runs,
            "expected_rows": self.expected_rows,
            "pulled_rows": self.pulled_rows,
            "new": self.written.new,
            "changed": self.written.changed,
            "rejected": self.rejected_rows,
            "error": self.error or self.disagreement,
        }


def runs_question(session: Session, room: str) -> RunsQuestion:
    """Which runs a session asks for: of its room, from half a day early to its window's end."""
    window = schedule_of(session).window
    return room, _unix(window.start - EARLY_RUN), _unix(window.end)


def pull_room(newrow: NewrowAhead, session: Session, room: str, result: PullResult) -> SourceCounts:
    """Read all runs of a session's room with everyone's times of joining and leaving."""
    listing = newrow.runs(*runs_question(session, room))
    result.note_listing(Source.NEWROW, room, "", listing)
    counts = SourceCounts(expected_runs=listing.expected, pulled_runs=len(listing.rows))
    bad: list[BadRow] = []
    kept: list[RoomRun] = []
    for raw in listing.rows:
        try:
            kept.append(_pull_run(newrow, session, room, raw, counts, result))
        except BadRow as error:
            bad.append(error)
        except NewrowRefused as error:
            # A single run that is refused must not hide the others.
            counts.error = str(error)
            result.errors.append(_error(Source.NEWROW, session, counts.error))
    _reject(Source.NEWROW, session, room, "", bad, counts, result)
    _settle_runs(session, kept, result)
    return counts


def _pull_run(
    newrow: NewrowAhead,
    session: Session,
    room: str,
    raw: Any,
    counts: SourceCounts,
    result: PullResult,
) -> RoomRun:
    """Read and store one run of a room. Raises BadRow when the run itself cannot be read."""
    run = run_row(raw)
    fetched_at = timezone.now()
    listing = newrow.stays(room, run.remote_id)
    fetched_at = listing.asked_at or fetched_at
    result.note_listing(Source.NEWROW, room, run.remote_id, listing)
    stays, bad = _parsed(stay_row, listing)
    # What may not be kept is taken out before anything is written.
    names = Withholding(session.event)
    stays = names.stays(Source.NEWROW, stays)
    kept, written = store_run(room, run, names.run(raw), stays, fetched_at)
    _reject(Source.NEWROW, session, room, run.remote_id, bad, counts, result)
    counts.expected_rows += listing.expected
    counts.pulled_rows += len(listing.rows)
    result.runs += 1
    result.stays += len(stays)
    counts.written += written
    result.add(written)
    return kept


def _settle_runs(session: Session, runs: Sequence[RoomRun], result: PullResult) -> None:
    """Match the runs and their people, and compute every session that this concerns."""
    pks = [run.pk for run in runs]
    # Whoever may read the session's figures may see its room's runs that have no session.
    RoomRun.objects.filter(pk__in=pks, event=None).update(event=session.event_id)
    for run in runs:
        run.event_id = run.event_id or session.event_id
    touched = settle_runs(runs) | {session.pk}
    stays = Stay.objects.filter(run__in=pks)
    unmatched_people = stays.filter(user__isnull=True).only("source", "remote_user_id", "name")
    result.unmatched_people.update(
        person_key(stay) for stay in unmatched_people.iterator(chunk_size=2000)
    )
    result.unmatched_runs += sum(run.session_id is None and not run.is_split for run in runs)
    renew(touched)


def pull_viewers(
    reports: ViewerReports, result: PullResult, session: Session, entries: Sequence[str]
) -> SourceCounts:
    """Read who watched a session's entries, and for how long; the first stands for all."""
    about, entry, fetched_at = reports.about, entries[0], timezone.now()
    # Recordings are watched for days; what is live is over with the session.
    after = AFTER if len(entries) == 1 and session.session_type not in ROOM_TYPES else LOOK_BACK
    asked = DELIMITER.join(entries)
    listing = reports.viewers(asked, session.starts_at, session.ends_at, after)
    result.note_listing(about.source, entry, "", listing)
    viewers, bad = _parsed(about.parse, listing)
    counts = SourceCounts(expected_rows=listing.expected, pulled_rows=len(listing.rows))
    counts.disagreement = disagreement(listing, [row for row, _ in viewers])
    if counts.disagreement:
        result.errors.append(_error(about.source, session, counts.disagreement))
    viewers = Withholding(session.event).viewers(about.source, viewers)
    counts.written = store_viewers(session, entry, viewers, fetched_at, about.source)
    result.add(counts.written)
    result.totals += len(viewers)
    _reject(about.source, session, entry, "", bad, counts, result)
    touched = settle_totals(session)
    unmatched_people = ViewerTotal.objects.filter(
        source=about.source, entry_remote_id=entry, user__isnull=True, is_anonymous=False
    )
    result.unmatched_people.update(person_key(total) for total in unmatched_people.defer("raw"))
    renew(touched)
    return counts


def _parsed(
    parse: Callable[[object], ParsedRow], listing: Listing
) -> tuple[list[tuple[ParsedRow, dict[str, Any]]], list[BadRow]]:
    """The rows that can be parsed, each with its raw form, and those that cannot."""
    good, bad = [], []
    for raw in listing.rows:
        try:
            good.append((parse(raw), raw))
        except BadRow as error:
            bad.append(error)
    return good, bad


def _reject(
    source: Source,
    session: Session,
    place: str,
    run: str,
    bad: Sequence[BadRow],
    counts: SourceCounts,
    result: PullResult,
) -> None:
    kept = Withholding(session.event).rejected(bad) if bad else []
    store_rejected(source, place, run, kept, timezone.now(), event=session.event_id)
    counts.rejected_rows += len(bad)
    result.rejected += len(bad)


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


# --- Many sessions ------------------------------------------------------------


Place = TypeVar("Place")


def pull_sessions(sessions: Sequence[Session], budget_s: float | None = None) -> PullResult:
    """Ask every source about these sessions, as far as they exist at Kaltura.

    With ``budget_s`` no new session is begun after that many seconds.
    """
    result, sessions = PullResult(), _not_fixed(sessions)
    deadline = None if budget_s is None else time.monotonic() + budget_s
    rooms = remote_ids(sessions, *ROOMS)
    in_rooms = [(session, rooms[session.pk]) for session in sessions if session.pk in rooms]
    with NewrowAhead([runs_question(session, room) for session, room in in_rooms]) as newrow:
        _pull_each(
            Source.NEWROW,
            in_rooms,
            lambda s, room: pull_room(newrow, s, room, result),
            result,
            deadline,
            lambda: newrow.asked_at,
        )
    for about, work in viewer_work(sessions, timezone.now()):
        # Only if needed: this loads the Kaltura client.
        watched = partial(pull_viewers, ViewerReports(about=about), result)
        _pull_each(about.source, work, watched, result, deadline)
    return result


def _not_fixed(sessions: Sequence[Session]) -> list[Session]:
    """Without those of events where names were replaced or deleted: nothing brings them back."""
    fixed = EventPrivacy.objects.filter(
        event__in={session.event_id for session in sessions}, retained_at__isnull=False
    )
    events = set(fixed.values_list("event_id", flat=True))
    return [session for session in sessions if session.event_id not in events]


def _pull_each(
    source: Source,
    work: Sequence[tuple[Session, Place]],
    pull_source: Callable[[Session, Place], SourceCounts],
    result: PullResult,
    deadline: float | None,
    asked_at: Callable[[], datetime | None] = lambda: None,
) -> None:
    """Ask one source about one session after the other; one that fails does not stop the rest.

    Only when the source no longer answers at all is the rest left for the next pull.
    """
    unanswered = 0
    for number, (session, place) in enumerate(work):
        if deadline is not None and time.monotonic() > deadline:
            logger.info("%s: %d sessions are left for the next pull", source, len(work) - number)
            return
        # Before the request: what happens while it is answered may be missing from the answer.
        attempted_at = timezone.now()
        result.sessions += 1
        try:
            counts = pull_source(session, place)
        except Exception as error:
            logger.warning(
                "%s, session %s: %s", source, session.uuid, error, exc_info=_is_unexpected(error)
            )
            _note_failure(source, session, error, attempted_at, result)
            unanswered = unanswered + 1 if _no_answer(error) else 0
            if unanswered >= GIVE_UP_AFTER or _account_refused(error):
                logger.error(
                    "%s does not answer; %d sessions are left", source, len(work) - number - 1
                )
                return
        else:
            unanswered = 0
            _note_success(source, session, counts, asked_at() or attempted_at)


def _no_answer(error: Exception) -> bool:
    return isinstance(error, NewrowUnavailable | RemoteUnavailable)


def _account_refused(error: Exception) -> bool:
    """Whether the account or its settings are at fault, so that every session would fail."""
    if isinstance(error, RemoteRejected) and error.code in NO_REPORT_CODES:
        return True
    if isinstance(error, KalturaError):
        return error.error_class is ErrorClass.STOP
    return isinstance(error, ImproperlyConfigured)


def _is_unexpected(error: Exception) -> bool:
    """Whether the log should show a traceback: the error is none of those we expect."""
    expected = NewrowError | BadReport | KalturaError | ImproperlyConfigured
    return not isinstance(error, expected)


def _error(source: Source, session: Session, text: str) -> dict[str, str]:
    return {"source": source.value, "session": session.slug, "error": text}


def _note_success(
    source: Source, session: Session, counts: SourceCounts, attempted_at: datetime
) -> None:
    Coverage.objects.update_or_create(
        session=session,
        source=source,
        defaults={"attempted_at": attempted_at, "pulled_at": attempted_at, **counts.covered()},
    )
    _note_history(source, session, attempted_at, counts.seen())


def _note_history(
    source: Source, session: Session, asked_at: datetime, seen: dict[str, int | str]
) -> None:
    """A line of what this look at the session saw."""
    SessionPull.objects.create(
        session=session,
        source=source,
        asked_at=asked_at,
        finished_at=timezone.now(),
        **seen,
    )


def _note_failure(
    source: Source, session: Session, error: Exception, attempted_at: datetime, result: PullResult
) -> None:
    """Note the failure where the report shows it; what was pulled before stays."""
    # The text of an unexpected exception may hold anything, a KS in a URL included.
    text = f"{type(error).__name__}. See the log." if _is_unexpected(error) else str(error)
    result.errors.append(_error(source, session, text))
    # The session may have been deleted while we asked.
    if Session.objects.filter(pk=session.pk).exists():
        Coverage.objects.update_or_create(
            session=session, source=source, defaults={"attempted_at": attempted_at, "error": text}
        )
        _note_history(source, session, attempted_at, {"error": text})


# --- The callers --------------------------------------------------------------


def pull_attendance(
    event: Event | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> PullRun:
    """Pull everything about the sessions in a period, for the command.

    Without ``since``: of an event all sessions so far, else those of the last days.
    """
    now = timezone.now()
    until = until or now
    if since is None and event is None:
        since = until - LOOK_BACK
    run = PullRun(trigger=Trigger.COMMAND, event=event, since=since, until=until, started_at=now)
    return _saved(run, pull_sessions(sessions_between(since, until, event)))


def pull_all(event: Event) -> PullRun:
    """Pull all of an event's sessions so far again, for someone in the admin."""
    now = timezone.now()
    run = PullRun(trigger=Trigger.PERSON, event=event, until=now, started_at=now)
    return _saved(run, pull_sessions(sessions_between(None, now, event)))


def pull_due() -> PullRun | None:
    """Pull what is due by now, for the schedule. None when nothing was."""
    now = timezone.now()
    PullRun.objects.filter(started_at__lt=now - KEEP_HISTORY).delete()
    SessionPull.objects.filter(asked_at__lt=now - KEEP_HISTORY).delete()
    result = pull_sessions(due_sessions(now), BEAT_BUDGET_S)
    renew_what_moved()
    if not result.sessions:
        return None
    run = PullRun(trigger=Trigger.BEAT, since=now - LOOK_BACK, until=now, started_at=now)
    return _saved(run, result)


def pull_one(session: Session) -> PullRun:
    """Pull one session now, for someone in the admin."""
    now = timezone.now()
    run = PullRun(trigger=Trigger.PERSON, event=session.event, until=now, started_at=now)
    return _saved(run, pull_sessions([session], BEAT_BUDGET_S))


def _saved(run: PullRun, result: PullResult) -> PullRun:
    for name in (
        "sessions runs stays totals new changed rejected unmatched_runs incomplete errors"
    ).split():
        setattr(run, name, getattr(result, name))
    run.unmatched_people = len(result.unmatched_people)
    run.finished_at = timezone.now()
    run.save()
    return run
