"""Kaltura's reports about the audience as a whole: read and stored, a session at a time.

An account may lack any of them. That is kept where the session's report says it, and is no
error of the pull.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.utils import timezone

from analytics.match import in_batches, remote_ids
from analytics.models import BroadcastReport
from analytics.pulling.due import LOOK_BACK
from analytics.sources.kaltura_reports import AFTER, BEFORE
from analytics.sources.parsing import storable
from analytics.sources.recordings import Recordings, recordings_of
from analytics.sources.shared_rooms import OF_SEVERAL, SECOND, OwnHours, hours_of
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
# Of a room in whose hours others have their time, too, nothing is asked: it is nobody's alone.
_OF_SEVERAL: Final[dict[str, Any]] = {"is_lacking": False, "error": OF_SEVERAL, "read_at": None}
# Sessions in one request, which then holds some two dozen reports.
_AT_ONCE: Final = 4


def pull_audience(sessions: Sequence[Session], deadline: float | None = None) -> None:
    """Read what the settings name about these sessions, a few of them in one request.

    Stops for this time when Kaltura does not answer, and at the deadline (``time.monotonic``).
    """
    now, work = timezone.now(), []
    nobodys: list[Kept] = []
    for each in _work(sessions):
        if each.hours and each.hours.of_several:
            fields = {"attempted_at": now, "rows": [], **_OF_SEVERAL}
            nobodys += [(each.session, report, fields) for report in each.reports]
        else:
            work.append(each)
    _keep(nobodys)
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
        _keep(
            [
                (each.session, report, _stored(each.session, report, answer, asked_at))
                for (each, report), answer in zip(questions, answers, strict=True)
            ]
        )


@dataclass(frozen=True)
class AudienceWork:
    """What is asked about one session: its webcast or room, with the recordings of its own."""

    session: Session
    place: str
    is_webcast: bool
    recordings: tuple[str, ...]
    reports: Sequence[ReportDefinition]
    hours: OwnHours | None = None


def _work(sessions: Sequence[Session]) -> list[AudienceWork]:
    wanted = wanted_reports()
    if not wanted:
        return []
    entries, rooms = remote_ids(sessions, Kind.ENTRY), remote_ids(sessions, Kind.ROOM)
    recordings = recordings_of([session for session in sessions if session.pk in entries])
    # Only sessions of a track share a room.
    in_tracks = [each for each in sessions if each.track_id is not None and each.pk not in entries]
    hours = hours_of(in_tracks, {s.pk: rooms[s.pk] for s in in_tracks if s.pk in rooms})
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
            own, is_webcast = recordings.get(session.pk, Recordings()).alone, session.pk in entries
            at = hours.get(session.pk)
            found.append(AudienceWork(session, place, is_webcast, own, reports, at))
    return found


def _ask(kaltura: Kaltura, questions: Sequence[tuple[AudienceWork, ReportDefinition]]) -> list[Any]:
    from kaltura_bridge.api.reports import AudienceQuestion, audience_answers

    asked = []
    for work, report in questions:
        entries = (work.place, *work.recordings) if report.of_recordings else (work.place,)
        asked.append(AudienceQuestion(report, entries, *_window(work, report, entries)))
    return audience_answers(kaltura, asked)


def _window(
    work: AudienceWork, report: ReportDefinition, entries: Sequence[str]
) -> tuple[datetime, datetime]:
    """From when until when: as long as the reports by person, so that both say the same."""
    session = work.session
    if work.hours:
        # The hour that begins with the last moment asked for would be another's.
        return work.hours.since, work.hours.until - SECOND
    # What is told by the minute is over with the doors; so is what happens in a room.
    if report.by_time or not work.is_webcast:
        return session.starts_at - BEFORE, session.doors_close_at
    # A recording is watched for days.
    after = LOOK_BACK if len(entries) > 1 else AFTER
    return session.starts_at - BEFORE, session.ends_at + after


def _stored(
    session: Session, report: ReportDefinition, answer: Any, asked_at: datetime
) -> dict[str, Any]:
    """What is kept of what was answered; of what was not, why, beside what was known before."""
    fields: dict[str, Any] = {"attempted_at": asked_at, "is_lacking": False, "error": ""}
    try:
        return fields | _read(report, answer, asked_at)
    except Exception as error:
        # Whatever one report says, the others and all other sessions go on.
        logger.exception("Report %s, session %s", report.name, session.uuid)
        return fields | {"error": _unexpected(error)}


# Of which session which report, and what of it is to be written.
Kept = tuple[Session, ReportDefinition, dict[str, Any]]


def _keep(found: Sequence[Kept]) -> None:
    """Write all of them, in a statement for each set of fields; other fields stay as they are."""
    for batch in in_batches(found):
        try:
            _write(batch)
        except IntegrityError:  # A session was deleted at this very moment; the next pull has it.
            logger.warning("The audience of a session that is gone", exc_info=True)


@transaction.atomic
def _write(batch: Sequence[Kept]) -> None:
    # Sessions may have been deleted while we asked.
    pks = {session.pk for session, _, _ in batch}
    there = set(Session.objects.filter(pk__in=pks).values_list("pk", flat=True))
    alike: dict[frozenset[str], list[BroadcastReport]] = defaultdict(list)
    for session, report, fields in batch:
        if session.pk in there:
            row = BroadcastReport(session=session, report=report.name, **fields)
            alike[frozenset(fields)].append(row)
    for names, rows in alike.items():
        BroadcastReport.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["session", "report"],
            update_fields=sorted(names),
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
