"""Many sessions: every source asked about each, one that fails not stopping the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from analytics.figures.renewal import renew
from analytics.match import ROOMS, remote_ids
from analytics.matching.settle import settle_events
from analytics.models import Coverage, SessionPull, Source
from analytics.pulling.audience import pull_audience
from analytics.pulling.due import without_fixed
from analytics.pulling.result import PullResult, SourceCounts, told
from analytics.pulling.rooms import pull_room, runs_question
from analytics.pulling.viewers import pull_viewers, viewers_questions
from analytics.sources.ahead import NewrowAhead, ViewersAhead
from analytics.sources.kaltura_reports import BadReport, PersonReport
from analytics.sources.newrow import NewrowError, NewrowUnavailable
from analytics.sources.work import ViewerWork, viewer_work
from events.models import Session
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.models import ErrorClass

logger = logging.getLogger(__name__)

Place = TypeVar("Place")

# After so many sessions in a row without an answer, the source itself must be down.
GIVE_UP_AFTER: Final = 3
# The account lacks the report, or we may not read it: every other session would fail too.
NO_REPORT_CODES: Final = frozenset({"REPORT_NOT_FOUND", "SERVICE_FORBIDDEN", "FEATURE_FORBIDDEN"})


def pull_sessions(sessions: Sequence[Session], budget_s: float | None = None) -> PullResult:
    """Ask every source about these sessions, as far as they exist at Kaltura.

    With ``budget_s`` no new session is begun after that many seconds.
    """
    sessions = without_fixed(sessions)
    result = PullResult(events={session.event_id for session in sessions})
    deadline = None if budget_s is None else time.monotonic() + budget_s
    _pull_rooms(sessions, result, deadline)
    for about, work in viewer_work(sessions, timezone.now()):
        _pull_viewers(about, work, result, deadline)
    # All of them at once: it costs hardly more than one. Whatever is killed before leaves
    # versions behind that the next pull looks for.
    renew(result.touched | settle_events(result.events))
    # Last of all, for nobody's attendance rests on it.
    pull_audience(sessions, deadline)
    return result


def _pull_rooms(sessions: Sequence[Session], result: PullResult, deadline: float | None) -> None:
    rooms = remote_ids(sessions, *ROOMS)
    work = [(session, rooms[session.pk]) for session in sessions if session.pk in rooms]
    with NewrowAhead([runs_question(session, room) for session, room in work]) as newrow:
        _pull_each(
            Source.NEWROW,
            work,
            lambda session, room: pull_room(newrow, session, room, result),
            result,
            deadline,
            lambda: newrow.asked_at,
        )


def _pull_viewers(
    about: PersonReport,
    work: ViewerWork,
    result: PullResult,
    deadline: float | None,
) -> None:
    questions = [
        question for session, watched in work for question in viewers_questions(session, watched)
    ]
    with ViewersAhead(questions, about) as reports:
        _pull_each(
            about.source,
            work,
            partial(pull_viewers, reports, result),
            result,
            deadline,
            lambda: reports.asked_at,
        )


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


def _note_success(
    source: Source, session: Session, counts: SourceCounts, attempted_at: datetime
) -> None:
    now = {"attempted_at": attempted_at, "pulled_at": attempted_at, **counts.covered()}
    # In one statement, and at the same time as somebody else's.
    Coverage.objects.bulk_create(
        [Coverage(session=session, source=source, **now)],
        update_conflicts=True,
        unique_fields=["session", "source"],
        update_fields=list(now),
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
    result.errors.append(told(source, session, text))
    # The session may have been deleted while we asked.
    if Session.objects.filter(pk=session.pk).exists():
        Coverage.objects.update_or_create(
            session=session, source=source, defaults={"attempted_at": attempted_at, "error": text}
        )
        _note_history(source, session, attempted_at, {"error": text})
