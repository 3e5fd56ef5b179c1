"""Meeting rooms: the runs of a session's room with everybody's times, stored and matched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from analytics.aggregate import person_key
from analytics.match import schedule_of
from analytics.matching.settle import settle_runs
from analytics.models import RoomRun, Source, Stay
from analytics.privacy.tokens import UNNAMED
from analytics.privacy.withholding import Withholding
from analytics.pulling.result import PullResult, SourceCounts, told
from analytics.pulling.rows import parsed, reject
from analytics.sources.ahead import NewrowAhead, RunsQuestion
from analytics.sources.newrow import NewrowRefused
from analytics.sources.parsing import BadRow, run_row, stay_row
from analytics.store import store_run
from events.models import Session

# A room may be opened long before the doors, in the same run that the session uses.
EARLY_RUN: Final = timedelta(hours=12)


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
            result.errors.append(told(Source.NEWROW, session, counts.error))
    reject(Source.NEWROW, session, room, "", bad, counts, result)
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
    stays, bad = parsed(stay_row, listing)
    # What may not be kept is taken out before anything is written.
    names = Withholding(session.event)
    stays = names.stays(Source.NEWROW, stays, run.remote_id)
    kept, written = store_run(room, run, names.run(raw), stays, fetched_at)
    reject(Source.NEWROW, session, room, run.remote_id, bad, counts, result)
    counts.expected_rows += listing.expected
    counts.pulled_rows += len(listing.rows)
    result.runs += 1
    result.stays += len(stays)
    counts.written += written
    result.add(written)
    return kept


def _settle_runs(session: Session, runs: Sequence[RoomRun], result: PullResult) -> None:
    """Match the runs and their people, and note every session that this concerns."""
    pks = [run.pk for run in runs]
    # Whoever may read the session's figures may see its room's runs that have no session.
    if new := [run for run in runs if run.event_id is None]:
        RoomRun.objects.filter(pk__in=[run.pk for run in new], event=None).update(
            event=session.event_id
        )
    for run in new:
        run.event_id = session.event_id
    touched = settle_runs(runs) | {session.pk}
    stays = Stay.objects.filter(run__in=pks)
    # With all that tells who it is, lest each row is asked for once more.
    who = ("source", "remote_user_id", "name", "user")
    nameless = Q(remote_user_id__startswith=UNNAMED)
    unmatched_people = stays.filter(user__isnull=True).exclude(nameless).only(*who)
    result.unmatched_people.update(
        person_key(stay) for stay in unmatched_people.iterator(chunk_size=2000)
    )
    result.unmatched_runs += sum(run.session_id is None and not run.is_split for run in runs)
    result.touched |= touched


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())
