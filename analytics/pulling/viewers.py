"""Kaltura's reports: who watched a session's webcast or recordings, stored and matched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from analytics.aggregate import person_key
from analytics.match import ROOM_TYPES
from analytics.matching.settle import settle_totals
from analytics.models import ViewerTotal
from analytics.privacy.tokens import UNNAMED
from analytics.privacy.withholding import ViewerPair, Withholding
from analytics.pulling.due import LOOK_BACK
from analytics.pulling.result import PullResult, SourceCounts, told
from analytics.pulling.rows import parsed, reject
from analytics.sources.ahead import ViewersAhead, ViewersQuestion
from analytics.sources.kaltura_reports import (
    AFTER,
    BEFORE,
    DELIMITER,
    PersonReport,
    ViewerReports,
    disagreement,
)
from analytics.sources.listing import Listing
from analytics.sources.parsing import BadRow
from analytics.sources.shared_rooms import SECOND
from analytics.sources.work import Watched, place_in_shared_room
from analytics.store import forget_viewers_in, forget_viewers_of, store_viewers
from events.models import Session


def viewers_questions(session: Session, watched: Watched) -> list[ViewersQuestion]:
    """Which viewers a session asks for: of all its entries together, and for how long.

    Recordings of other sessions too are asked about one by one, from the session's start to that
    of the next: what is live is the session's to the end, whoever has the recording.
    """
    latest = session.ends_at + LOOK_BACK
    questions = [
        # The report begins an hour before what it is told, which is the session before.
        (entry, session.starts_at + BEFORE, min(until or latest, latest), timedelta(0))
        for entry, until in watched.shared
    ]
    if (hours := watched.own_hours) and not hours.of_several:
        # The hour that begins with the last moment asked for would be another's.
        questions.append((hours.room, hours.since + BEFORE, hours.until - SECOND, timedelta(0)))
    if watched.entries:
        entries = DELIMITER.join(watched.entries)
        questions.append((entries, session.starts_at, session.ends_at, _after(session, watched)))
    return questions


def _after(session: Session, watched: Watched) -> timedelta:
    """How long after the session's end its entries are asked about.

    Recordings are watched for days; what is live is over with the session. What happens in a
    room later, the next day's rehearsal say, is not the session's.
    """
    if watched.entries != (watched.place,):
        return LOOK_BACK
    if session.session_type in ROOM_TYPES:
        return session.doors_close_at - session.ends_at
    return AFTER


def pull_viewers(
    reports: ViewersAhead | ViewerReports,
    result: PullResult,
    session: Session,
    watched: Watched,
) -> SourceCounts:
    """Read who watched a session's entries, and for how long; its own place stands for all."""
    about, entry, now = reports.about, watched.place, timezone.now()
    if watched.own_hours:
        forget_viewers_in(watched.own_hours.room, about.source, now)
    if watched.is_shared and not viewers_questions(session, watched):
        # As long as it was the session's alone, it was asked about.
        forget_viewers_of(session, {entry}, about.source, now)
        result.touched.add(session.pk)
        return SourceCounts(is_shared=True)
    listings = [reports.viewers(*question) for question in viewers_questions(session, watched)]
    counts = SourceCounts(is_shared=watched.is_shared)
    answers, bad = _read(about, listings, session, counts, result)
    for listing in listings:
        result.note_listing(about.source, entry, "", listing)
    viewers = Withholding(session.event).viewers(about.source, added_up(answers), entry)
    fetched_at = min(listing.asked_at or now for listing in listings)
    counts.written = store_viewers(session, entry, viewers, fetched_at, about.source)
    if not bad and all(listing.is_complete for listing in listings):
        others = {*watched.entries, *(shared.entry for shared in watched.shared)}
        if session.track_id is not None:
            # Under its hours, too, from when others of the track had the room.
            others.add(place_in_shared_room(entry, session))
        forget_viewers_of(session, others - {entry}, about.source, fetched_at)
    result.add(counts.written)
    result.totals += len(viewers)
    reject(about.source, session, entry, "", bad, counts, result)
    touched = settle_totals(session)
    unmatched_people = ViewerTotal.objects.filter(
        source=about.source, entry_remote_id=entry, user__isnull=True, is_anonymous=False
    ).exclude(remote_user_id__startswith=UNNAMED)
    result.unmatched_people.update(person_key(total) for total in unmatched_people.defer("raw"))
    result.touched |= touched
    return counts


def _read(
    about: PersonReport,
    listings: Sequence[Listing],
    session: Session,
    counts: SourceCounts,
    result: PullResult,
) -> tuple[list[list[ViewerPair]], list[BadRow]]:
    """Each answer's rows that can be read, and all that cannot; ``counts`` says how many."""
    answers: list[list[ViewerPair]] = []
    bad: list[BadRow] = []
    for listing in listings:
        rows, unread = parsed(about.parse, listing)
        answers.append(rows)
        bad += unread
        counts.expected_rows += listing.expected
        counts.pulled_rows += len(listing.rows)
        counts.disagreement = counts.disagreement or disagreement(listing, [r for r, _ in rows])
    if counts.disagreement:
        result.errors.append(told(about.source, session, counts.disagreement))
    return answers, bad


def added_up(answers: Sequence[Sequence[ViewerPair]]) -> list[ViewerPair]:
    """Each person once: what the answers about different entries say of them adds up.

    What was received of the last answer is kept as it is, that of the others beside it.
    """
    if len(answers) == 1:
        return list(answers[0])
    found: dict[str, ViewerPair] = {}
    for rows in answers:
        # Within an answer the later row is the newer one, see store_viewers.
        for person, pair in {row.user_id: (row, raw) for row, raw in rows}.items():
            found[person] = _sum(found[person], pair) if person in found else pair
    return list(found.values())


def _sum(one: ViewerPair, other: ViewerPair) -> ViewerPair:
    (first, first_raw), (second, second_raw) = one, other
    together = {
        "name": second.name or first.name,
        "plays": first.plays + second.plays,
        "minutes": first.minutes + second.minutes,
        "live_minutes": first.live_minutes + second.live_minutes,
        # It is of the live minutes, and recordings have none.
        "engaged": max(first, second, key=lambda row: row.live_minutes).engaged,
    }
    return second.model_copy(update=together), {**second_raw, "shared_recording": first_raw}
