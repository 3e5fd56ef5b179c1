"""One person before the main stage of a track, at one moment.

The sessions come from what is kept of the programme's version, so what is on costs no query
beside those that say who asks. The broadcast's state is the one that all share who ask about it
(``live.state``): however many watch, Kaltura is asked once in five seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.access import status_of
from events.agenda.cards import Card
from events.agenda.listing import ProgrammeListing
from events.agenda.main_stage import StageMoment, has_main_stage, staged_at
from events.caching.answers import digest_of
from events.i18n.content import ShownText
from events.i18n.languages import Words
from events.models import Event, Session, SessionStatus, Track
from events.programme.reading import version_name
from events.queries import visible_programme
from events.roles import EventMembership
from events.zones import zone_for
from kaltura_bridge.join.destination import ROOMS, remote_entry_id
from kaltura_bridge.live.elsewhere import is_led_elsewhere
from kaltura_bridge.live.state import live_state
from kaltura_bridge.models import Recording, RecordingStatus

# What Kaltura said longer ago says nothing of now.
_STALE: Final = timedelta(seconds=60)


class StageMark(StrEnum):
    """How a session of the track stands, as the list beside the stage says it."""

    PAST = "past"
    NOW = "now"
    STARTING = "starting"  # its time has come, and nothing is on air yet
    NEXT = "next"
    COMING = "coming"
    CANCELLED = "cancelled"
    DRAFT = "draft"


_WORDS: Final[dict[StageMark, Words]] = {
    StageMark.PAST: _("Ended"),
    StageMark.NOW: _("On now"),
    StageMark.STARTING: _("Starting"),
    StageMark.NEXT: _("Next"),
    StageMark.COMING: "",
    StageMark.CANCELLED: _("Cancelled"),
    StageMark.DRAFT: _("Draft"),
}


@dataclass(frozen=True)
class StageItem:
    """A session of the track, and how it stands."""

    card: Card
    mark: StageMark

    @property
    def words(self) -> Words:
        return _WORDS[self.mark]


@dataclass
class MainStage:
    """The stage as one person sees it; ``cards`` are the track's sessions in their order."""

    request: HttpRequest
    event: Event
    membership: EventMembership
    track: Track
    cards: list[Card]
    now: datetime = field(default_factory=timezone.now)

    @cached_property
    def moment(self) -> StageMoment:
        return staged_at([card.session for card in self.cards], self.now, self._is_off)

    @property
    def track_name(self) -> ShownText:
        """In the language of the page."""
        return self.cards[0].track_name

    @property
    def shown(self) -> Card | None:
        """What is on, if anything is."""
        return self._card_of(self.moment.shown)

    @property
    def coming(self) -> Card | None:
        """What is on next, if anything is."""
        return self._card_of(self.moment.coming)

    @cached_property
    def items(self) -> list[StageItem]:
        return list(self._items())

    @cached_property
    def recordings(self) -> list[Card]:
        """What can be watched again when all is over; one query."""
        sessions = [card.session.pk for card in self.cards]
        shown = Recording.objects.filter(session__in=sessions, is_published=True)
        found = set(shown.filter(state=RecordingStatus.READY).values_list("session_id", flat=True))
        return [card for card in self.cards if card.session.pk in found]

    @property
    def key(self) -> str:
        """Another word as soon as anything of the page is no longer true."""
        marks = [f"{item.card.slug}={item.mark}" for item in self.items]
        return digest_of(f"{version_name(self.event)} {' '.join(marks)}".encode())

    def _items(self) -> Iterator[StageItem]:
        for card in self.cards:
            yield StageItem(card, self._mark_of(card.session))

    def _mark_of(self, session: Session) -> StageMark:
        status = status_of(session)
        if status != SessionStatus.PUBLISHED:
            is_draft = status == SessionStatus.DRAFT
            return StageMark.DRAFT if is_draft else StageMark.CANCELLED
        if session == self.moment.shown:
            is_late = self.now < session.ends_at and self._is_off(session)
            return StageMark.STARTING if is_late else StageMark.NOW
        if session == self.moment.coming:
            return StageMark.NEXT
        return StageMark.COMING if self.now < session.starts_at else StageMark.PAST

    def _card_of(self, session: Session | None) -> Card | None:
        return next((card for card in self.cards if card.session == session), None)

    @cached_property
    def _known_off(self) -> dict[int, bool]:
        return {}

    def _is_off(self, session: Session) -> bool:
        """Whether the broadcast is known to be off; asked once of each."""
        known = self._known_off
        if session.pk not in known:
            known[session.pk] = is_off(session, self.now)
        return known[session.pk]


def is_off(session: Session, now: datetime) -> bool:
    """Whether Kaltura has said within a minute that nobody sees anything of this broadcast.

    Nothing is on air in rooms, so nothing is off there.
    """
    if session.session_type in ROOMS:
        return False
    entry_id = remote_entry_id(session)
    if not entry_id or is_led_elsewhere(entry_id):
        return False
    state = live_state(entry_id)
    is_known = state.as_of is not None and now - state.as_of <= _STALE
    return is_known and not state.is_on_air


def main_stage(request: HttpRequest, event_slug: str, track_slug: str) -> MainStage:
    """The stage for whoever asks.

    Raises Http404 for whom the programme is not, and where the track has no stage or nothing
    in it: from outside these look the same.
    """
    event, membership = visible_programme(request.user, event_slug)
    listing = ProgrammeListing(event, membership)
    track = next((each for each in listing.tracks() if each.slug == track_slug), None)
    if track is None or not has_main_stage(event, track):
        raise Http404("There is no such stage.")
    now = timezone.now()
    sessions = [each for each in listing.sessions() if each.track_id == track.pk]
    cards = listing.at(now, zone_for(request, event), sessions)
    return MainStage(request, event, membership, track, cards, now)
