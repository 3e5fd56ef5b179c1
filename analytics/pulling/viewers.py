"""Kaltura's reports: who watched a session's webcast or recordings, stored and matched."""

from __future__ import annotations

from django.utils import timezone

from analytics.aggregate import person_key
from analytics.match import ROOM_TYPES
from analytics.matching.settle import settle_totals
from analytics.models import ViewerTotal
from analytics.privacy.withholding import Withholding
from analytics.pulling.due import LOOK_BACK
from analytics.pulling.result import PullResult, SourceCounts, told
from analytics.pulling.rows import parsed, reject
from analytics.sources.ahead import ViewersAhead, ViewersQuestion
from analytics.sources.kaltura_reports import AFTER, BEFORE, DELIMITER, ViewerReports, disagreement
from analytics.sources.work import Watched
from analytics.store import store_viewers
from events.models import Session


def viewers_question(session: Session, watched: Watched) -> ViewersQuestion:
    """Which viewers a session asks for: of all its entries together, and for how long."""
    is_live = watched.entries == (watched.place,) and session.session_type not in ROOM_TYPES
    # Recordings are watched for days; what is live is over with the session.
    after = AFTER if is_live else LOOK_BACK
    if watched.until:
        # The next session asks from a little before its start.
        after = min(after, watched.until - BEFORE - session.ends_at)
    return DELIMITER.join(watched.entries), session.starts_at, session.ends_at, after


def pull_viewers(
    reports: ViewersAhead | ViewerReports,
    result: PullResult,
    session: Session,
    watched: Watched,
) -> SourceCounts:
    """Read who watched a session's entries, and for how long; its own place stands for all."""
    about, entry, now = reports.about, watched.place, timezone.now()
    listing = reports.viewers(*viewers_question(session, watched))
    fetched_at = listing.asked_at or now
    result.note_listing(about.source, entry, "", listing)
    viewers, bad = parsed(about.parse, listing)
    counts = SourceCounts(expected_rows=listing.expected, pulled_rows=len(listing.rows))
    counts.disagreement = disagreement(listing, [row for row, _ in viewers])
    if counts.disagreement:
        result.errors.append(told(about.source, session, counts.disagreement))
    viewers = Withholding(session.event).viewers(about.source, viewers, entry)
    counts.written = store_viewers(session, entry, viewers, fetched_at, about.source)
    result.add(counts.written)
    result.totals += len(viewers)
    reject(about.source, session, entry, "", bad, counts, result)
    touched = settle_totals(session)
    unmatched_people = ViewerTotal.objects.filter(
        source=about.source, entry_remote_id=entry, user__isnull=True, is_anonymous=False
    )
    result.unmatched_people.update(person_key(total) for total in unmatched_people.defer("raw"))
    result.touched |= touched
    return counts
