"""What is said in a session's recordings, for those who may watch them.

Only recordings that are published and ready, and captions that Kaltura's player shows. Whoever
asks is let in by the same answer as for watching; the search of an event's programme is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from events.access import SessionAction, access_to
from events.agenda.filters import folded
from events.models import Event, Session
from events.queries import sessions_for, staged
from events.remote import RecordingState, RemoteState, RoomState
from events.roles import EventMembership
from kaltura_bridge.captions.cues import from_rows
from kaltura_bridge.models import CaptionTrack
from kaltura_bridge.recordings.choosing import watchable
from kaltura_bridge.subtitles import CaptionCue

# More words than this narrow nothing down any more.
MOST_WORDS: Final = 8
SHORTEST_WORD: Final = 3


@dataclass(frozen=True)
class SpokenLine:
    """A cue as the page shows it."""

    cue: CaptionCue
    says_who: bool  # whether somebody else speaks than in the line before

    @property
    def seconds(self) -> int:
        """Where to jump to."""
        return self.cue.start_ms // 1000

    @property
    def clock(self) -> str:
        """Such as 4:05 or 1:02:03."""
        minutes, seconds = divmod(self.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def shown_tracks(session: Session) -> QuerySet[CaptionTrack]:
    """The captions that attendees may read, the main recording's first, without their cues."""
    published = watchable().filter(session=session)
    tracks = _shown().filter(transcript__session=session)
    main = Exists(published.filter(entry_id=OuterRef("transcript__entry_id"), is_main=True))
    ordered = tracks.annotate(is_of_main=main).order_by(
        "-is_of_main", "transcript", "-is_default", "language", "pk"
    )
    return ordered.defer("cues", "words").select_related("transcript")


def transcripts_of(session_uuid: Any) -> QuerySet[CaptionTrack]:
    """The same in no order, for asking along with something else whether there are any."""
    return _shown().filter(transcript__session__uuid=session_uuid)


def _shown() -> QuerySet[CaptionTrack]:
    """Captions with words of recordings that attendees can watch."""
    published = watchable().filter(
        session=OuterRef("transcript__session"), entry_id=OuterRef("transcript__entry_id")
    )
    tracks = CaptionTrack.objects.filter(CaptionTrack.readable(), Exists(published))
    return tracks.exclude(words="").order_by()


def lines_of(track: CaptionTrack, search: str = "") -> list[SpokenLine]:
    """What is said, or those lines in which all the words that are searched stand."""
    words = folded(search).split()
    lines: list[SpokenLine] = []
    before = ""
    for cue in from_rows(track.cues):
        if words:
            text = folded(f"{cue.speaker} {cue.text}")
            if not all(word in text for word in words):
                continue
        lines.append(SpokenLine(cue, bool(cue.speaker) and cue.speaker != before))
        before = cue.speaker or before
    return lines


# --- The event's search --------------------------------------------------------------


def spoken_words(
    event: Event, membership: EventMembership, words: Sequence[str]
) -> Mapping[int, frozenset[str]]:
    """By session, which of these folded words are said in a recording that this person may watch.

    A query for each word, and one for the sessions that are found.
    """
    found: dict[int, set[str]] = {}
    if not membership.is_signed_in:
        return {}
    for word in [word for word in dict.fromkeys(words) if len(word) >= SHORTEST_WORD][:MOST_WORDS]:
        for pk in _sessions_saying(event, word):
            found.setdefault(pk, set()).add(word)
    may = _watchable(event, membership, found) if found else set()
    return {pk: frozenset(said) for pk, said in found.items() if pk in may}


def _sessions_saying(event: Event, word: str) -> QuerySet[Any, int]:
    published = watchable().filter(
        session=OuterRef("transcript__session"), entry_id=OuterRef("transcript__entry_id")
    )
    tracks = CaptionTrack.objects.filter(
        CaptionTrack.readable() & Q(words__contains=word) & Exists(published),
        transcript__session__event=event,
    )
    return tracks.order_by().values_list("transcript__session", flat=True).distinct()


def _watchable(event: Event, membership: EventMembership, pks: Any) -> set[int]:
    """Those of these sessions whose recording this person may watch now."""
    now = timezone.now()
    sessions = staged(sessions_for(event, membership).filter(pk__in=list(pks)))
    for session in sessions:
        session.event = event
    return {session.pk for session in sessions if _may_watch(session, membership, now)}


def _may_watch(session: Session, membership: EventMembership, now: datetime) -> bool:
    # It was found by a recording that is published and ready.
    recorded = RemoteState(RoomState.READY, RecordingState.READY)
    role = membership.role_in(session)
    return access_to(session, membership, role, now, lambda: recorded).action is SessionAction.WATCH
