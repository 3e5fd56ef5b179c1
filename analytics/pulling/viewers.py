"""Kaltura's reports: who watched a session's webcast or recordings, stored and matched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils import timezone

from analytics.aggregate import person_key
from analytics.matching.settle import settle_totals
from analytics.models import ViewerTotal
from analytics.privacy.withholding import Withholding
from analytics.pulling.due import LOOK_BACK
from analytics.pulling.result import PullResult, SourceCounts, told
from analytics.pulling.rows import parsed, reject
from analytics.sources.ahead import ViewersAhead, ViewersQuestion
from analytics.sources.kaltura_reports import AFTER, DELIMITER, ViewerReports, disagreement
from analytics.store import store_viewers
from events.models import Session, SessionType

ROOM_TYPES: Final = frozenset({SessionType.INTERACTIVE, SessionType.WEBINAR})


def viewers_question(session: Session, entries: Sequence[str]) -> ViewersQuestion:
    """Which viewers a session asks for: of all its entries together, and for how long."""
    # Recordings are watched for days; what is live is over with the session.
    after = AFTER if len(entries) == 1 and session.session_type not in ROOM_TYPES else LOOK_BACK
    return DELIMITER.join(entries), session.starts_at, session.ends_at, after


def pull_viewers(
    reports: ViewersAhead | ViewerReports,
    result: PullResult,
    session: Session,
    entries: Sequence[str],
) -> SourceCounts:
    """Read who watched a session's entries, and for how long; the first stands for all."""
    about, entry, now = reports.about, entries[0], timezone.now()
    listing = reports.viewers(*viewers_question(session, entries))
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
