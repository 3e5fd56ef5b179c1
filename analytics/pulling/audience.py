"""Kaltura's reports about the audience as a whole: read and stored, a session at a time.

An account may lack any of them. That is kept where the session's report says it, and is no
error of the pull.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from analytics.match import in_batches, remote_ids
from analytics.models import BroadcastReport
from analytics.sources.kaltura_reports import AFTER, BEFORE
from analytics.sources.parsing import storable
from analytics.sources.recordings import Recordings, recordings_of
from analytics.sources.work import REALTIME_FOR
from events.models import Session
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.audience.asking import is_lacking
from kaltura_bridge.audience.definitions import ReportDefinition, wanted_reports
from kaltura_bridge.audience.reading import BadReport, read_report
from kaltura_bridge.specs import Kind

if TYPE_CHECKING:
    from kaltura_bridge.api.client import Kaltura

logger = logging.getLogger(__name__)

_ERROR_LENGTH: Final = 500
# Sessions in one request, which then holds some two dozen reports.
_AT_ONCE: Final = 4


def pull_audience(sessions: Sequence[Session], deadline: float | None = None) -> None:
    """Read what the settings name about these sessions, a few of them in one request.

    Stops for this time when Kaltura does not answer, and at the deadline (``time.monotonic``).
    """
    work = _work(sessions)
    if not work:
        return
    # The web process loads this module, and never the client.
    from kaltura_bridge.api.client import Kaltura

    try:
        kaltura = Kaltura()
    except ImproperlyConfigured as error:
        logger.warning("The audience of %d sessions: %s", len(work), error)
        return
    for batch in in_batches(work, _AT_ONCE):
        if deadline is not None and time.monotonic() > deadline:
            return
        asked_at = timezone.now()
        questions = [(each, report) for each in batch for report in each.reports]
        try:
            answers = _ask(kaltura, questions)
        except KalturaError as error:
            logger.warning("The audience of %d sessions: %s", len(batch), error)
            return
        except Exception as error:
            logger.exception("The audience of %d sessions", len(batch))
            answers = [error] * len(questions)
        for (each, report), answer in zip(questions, answers, strict=True):
            _store(each.session, report, answer, asked_at)


@dataclass(frozen=True)
class AudienceWork:
    """What is asked about one session: its webcast or room, with the recordings of its own."""

    session: Session
    place: str
    recordings: tuple[str, ...]
    reports: Sequence[ReportDefinition]


def _work(sessions: Sequence[Session]) -> list[AudienceWork]:
    wanted = wanted_reports()
    if not wanted:
        return []
    entries, rooms = remote_ids(sessions, Kind.ENTRY), remote_ids(sessions, Kind.ROOM)
    recordings = recordings_of([session for session in sessions if session.pk in entries])
    now, found = timezone.now(), []
    for session in sessions:
        place = entries.get(session.pk) or rooms.get(session.pk)
        reports = [
            report
            for report in wanted
            if (session.pk in entries or report.of_rooms)
            and (not report.is_realtime or now < session.ends_at + REALTIME_FOR)
        ]
        if place and reports:
            own = recordings.get(session.pk, Recordings()).alone
            found.append(AudienceWork(session, place, own, reports))
    return found


def _ask(kaltura: Kaltura, questions: Sequence[tuple[AudienceWork, ReportDefinition]]) -> list[Any]:
    from kaltura_bridge.api.reports import AudienceQuestion, audience_answers

    asked = []
    for work, report in questions:
        session = work.session
        entries = (work.place, *work.recordings) if report.of_recordings else (work.place,)
        # A recording is watched later; what is told by the minute is over with the doors.
        until = session.doors_close_at if report.by_time else session.ends_at + AFTER
        asked.append(AudienceQuestion(report, entries, session.starts_at - BEFORE, until))
    return audience_answers(kaltura, asked)


def _store(session: Session, report: ReportDefinition, answer: Any, asked_at: datetime) -> None:
    """Keep what was answered; of what was not, why, beside what was known before."""
    fields: dict[str, Any] = {"attempted_at": asked_at, "is_lacking": False, "error": ""}
    try:
        fields |= _read(report, answer, asked_at)
    except Exception as error:
        # Whatever one report says, the others and all other sessions go on.
        logger.exception("Report %s, session %s", report.name, session.uuid)
        fields |= {"error": _unexpected(error)}
    # The session may have been deleted while we asked.
    if Session.objects.filter(pk=session.pk).exists():
        BroadcastReport.objects.update_or_create(
            session=session, report=report.name, defaults=fields
        )


def _read(report: ReportDefinition, answer: Any, asked_at: datetime) -> dict[str, Any]:
    """What becomes of the stored report: its numbers, or why there are none."""
    match answer:
        case KalturaError() if is_lacking(answer):
            return {"is_lacking": True}
        case KalturaError():
            return {"error": storable(str(answer))[:_ERROR_LENGTH]}
        case Exception():
            return {"error": _unexpected(answer)}
    try:
        rows = [(storable(about), numbers) for about, numbers in read_report(report, answer)]
    except BadReport as error:
        return {"error": storable(str(error))[:_ERROR_LENGTH]}
    return {"rows": rows, "read_at": asked_at}


def _unexpected(error: Exception) -> str:
    """The text of an unexpected exception may hold anything, a KS in a URL included."""
    return f"{type(error).__name__}. See the log."
