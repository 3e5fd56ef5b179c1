"""Sessions as the agenda lists them, prepared so that the template only writes them down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.conf.locale import LANG_INFO
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext

from events.access import Phase
from events.agenda.days import event_days
from events.agenda.filters import Facet, folded
from events.agenda.marks import NO_MARK, Mark, mark_of
from events.i18n.content import NO_TEXT, ShownText, content_of, words_in_every_language
from events.models import Event, Session, SessionType, Track
from events.queries import bookmarked_ids, people_on_stage, sessions_for
from events.remote import length_text, recorded_length
from events.roles import EventMembership
from events.zones import clock, day_shift, span_dash, zone_label

LONG_TEXTS = ("abstract", "description")
# Neither is shown, and reading a thousand moments takes as long as a page has.
_BOOKKEEPING = ("created_at", "updated_at")
TYPE_LABELS = dict(SessionType.choices)
NOBODY: Mapping[str, str] = {}
# Not begun, or on and open to enter.
IN_REACH = frozenset({Phase.PLANNED, Phase.SOON, Phase.OPEN, Phase.LIVE})


def language_label(code: str) -> str:
    """ "German" for de; the code itself when nobody knows it."""
    info = LANG_INFO.get(code.lower()) or LANG_INFO.get(code.lower().partition("-")[0])
    # Django knows the names of languages in all of them.
    return gettext(info["name"]) if info and "name" in info else code


def language_names(session: Session) -> str:
    """ "German, English" for a session of two languages."""
    return ", ".join(language_label(code) for code in session.languages)


@dataclass
class Card:
    """One session in the agenda; ``speakers`` are the names on stage by slug.

    ``title`` and ``shown_track`` are in the language of the page, where they are translated.
    """

    session: Session
    day: date
    href: str
    people: str
    is_kept: bool
    track: Track | None
    speakers: Mapping[str, str] = field(default_factory=lambda: NOBODY)
    title: ShownText = NO_TEXT
    shown_track: ShownText = NO_TEXT
    facets: Mapping[Facet, tuple[str, ...]] = field(init=False)
    search_text: str = ""
    recorded_s: int | None = None
    mark: Mark = NO_MARK
    starts_on: date | None = None
    starts: str = ""
    ends: str = ""
    until: str = ""
    zone: str = ""
    shift: str = ""

    def __post_init__(self) -> None:
        self.title = self.title or ShownText(self.session.title, "")
        self.facets = {
            Facet.TRACK: (self.track.slug,) if self.track else (),
            Facet.TYPE: (self.session.session_type,),
            Facet.LANGUAGE: self.session.languages,
            Facet.ROOM: (self.session.location,),
            Facet.SPEAKER: tuple(self.speakers),
        }

    @property
    def phase(self) -> Phase:
        return self.mark.phase

    @property
    def is_in_reach(self) -> bool:
        """Whether there is something of it left to come to."""
        return self.phase in IN_REACH

    @property
    def slug(self) -> str:
        return self.session.slug

    @property
    def track_name(self) -> ShownText:
        return self.shown_track or ShownText(self.track.name if self.track else "", "")

    @property
    def starts_iso(self) -> str:
        return iso(self.session.starts_at)

    @property
    def slot_anchor(self) -> str:
        """The name of the moment at which it starts, within a page."""
        return f"t{int(self.session.starts_at.timestamp()) // 60}"

    @property
    def is_dressed(self) -> bool:
        return bool(self.starts)

    @property
    def language(self) -> str:
        return language_names(self.session)

    @property
    def type_label(self) -> str:
        return str(TYPE_LABELS.get(self.session.session_type, ""))

    def dress(self, now: datetime, zone: ZoneInfo) -> None:
        """Add what depends on the moment and on the reader's zone."""
        # Into the zone once: what is there already costs nothing to bring there again.
        starts_at = self.session.starts_at.astimezone(zone)
        self.mark = mark_of(self.session, now)
        if self.recorded_s is not None and self.mark.phase is Phase.OVER:
            self.mark = replace(self.mark, text=recorded_mark(self.recorded_s))
        self.starts_on = starts_at.date()
        self.starts, self.ends = clock(starts_at, zone), clock(self.session.ends_at, zone)
        self.until = span_dash(starts_at, self.session.ends_at, zone)
        self.zone = zone_label(starts_at, zone)
        self.shift = day_shift(starts_at, zone, self.day)


def recorded_mark(seconds: int) -> str:
    """That there is something to watch, and how long it is."""
    if not seconds:
        return gettext("Recording")
    return gettext("Recording %(length)s") % {"length": length_text(seconds)}


def iso(instant: datetime) -> str:
    """UTC to the minute, as ``datetime`` attributes carry it."""
    # Cutting is four times as fast as strftime, and an agenda has a thousand of these.
    return f"{instant.astimezone(UTC).isoformat()[:16]}Z"


def cards_for(
    event: Event,
    membership: EventMembership,
    user: Any,
    *,
    searching: bool,
    with_long_texts: bool = False,
) -> list[Card]:
    """Every session this person may see, in order. Four queries whatever their number.

    Long texts are read only when somebody is
    ``searching`` in them or when they are asked for.
    """
    sessions = sessions_for(event, membership).order_by("starts_at", "location", "title")
    sessions = sessions.annotate(recorded_s=recorded_length())
    if not (searching or with_long_texts):
        sessions = sessions.defer(*LONG_TEXTS, *_BOOKKEEPING)
    found = list(sessions)
    prefetch_related_objects([event], "tracks")
    on_stage, kept = people_on_stage(event), bookmarked_ids(user, event)
    tracks = {track.pk: track for track in event.tracks.all()}
    content = content_of(event)
    track_names = {pk: content.text(track, "name") for pk, track in tracks.items()}
    words = words_in_every_language(event) if searching else {}
    base = reverse("events:session", args=[event.slug, "-"]).removesuffix("-/")
    cards = []
    for session, day in zip(found, event_days(found, event.zone), strict=True):
        session.event = event
        speakers = on_stage.get(session.pk, NOBODY)
        people = ", ".join(speakers.values())
        track = tracks.get(session.track_id) if session.track_id else None
        is_kept = session.pk in kept
        card = Card(
            session,
            day,
            f"{base}{session.slug}/",
            people,
            is_kept,
            track,
            title=content.text(session, "title"),
            shown_track=track_names[track.pk] if track else NO_TEXT,
            speakers=speakers,
            recorded_s=getattr(session, "recorded_s", None),
        )
        if searching:
            long_texts = (session.abstract, session.description)
            card.search_text = search_text(card, *long_texts, *translated_words(card, words))
        cards.append(card)
    return cards


def translated_words(card: Card, words: Mapping[tuple[str, int], list[str]]) -> list[str]:
    """What a session and its track are called and say in other languages."""
    of_track = words.get((Track.__name__, card.track.pk), []) if card.track else []
    return [*words.get((Session.__name__, card.session.pk), []), *of_track]


def search_text(card: Card, *long_texts: str) -> str:
    """All that is searched of a session, folded."""
    session, track = card.session, card.track.name if card.track else ""
    texts = (session.title, session.subtitle, *long_texts)
    return folded("\n".join((*texts, card.people, track, session.location)))


@dataclass(frozen=True)
class AgendaSlot:
    """The sessions that start together."""

    starts: str
    starts_iso: str
    anchor: str
    zone: str
    shift: str
    cards: list[Card]
    follows_now: bool
    has_now: bool


@dataclass(frozen=True)
class AgendaDay:
    """One day of the agenda, with its slots in order."""

    date: date
    slots: list[AgendaSlot]
    now_is_last: bool = False
    # Everything is over: "now" is the end of the day.
    end_is_now: bool = False


def days_with_slots(cards: Iterable[Card], now: datetime, today: date | None) -> list[AgendaDay]:
    """The cards by day and starting time; on ``today`` the slots know where now is."""
    days = []
    for day, its_cards in groupby(cards, key=lambda card: card.day):
        marks = _Now(now) if day == today else None
        slots = [
            _slot(list(together), marks)
            for _, together in groupby(its_cards, key=lambda card: card.session.starts_at)
        ]
        is_last = bool(marks and not marks.is_drawn)
        days.append(AgendaDay(day, slots, is_last, bool(marks and not marks.is_anchored)))
    return days


class _Now:
    """Where the line for now goes: before the first slot that has not begun."""

    def __init__(self, now: datetime) -> None:
        self.now, self.is_drawn, self.is_anchored = now, False, False

    def draws_before(self, starts_at: datetime) -> bool:
        draws = not self.is_drawn and starts_at > self.now
        self.is_drawn |= draws
        return draws

    def anchors_at(self, cards: list[Card]) -> bool:
        """The first slot with something still going on is where "now" begins."""
        anchors = not self.is_anchored and any(c.session.ends_at > self.now for c in cards)
        self.is_anchored |= anchors
        return anchors


def _slot(cards: list[Card], marks: _Now | None) -> AgendaSlot:
    first = cards[0]
    return AgendaSlot(
        starts=first.starts,
        starts_iso=first.starts_iso,
        anchor=first.slot_anchor,
        zone=first.zone,
        shift=first.shift,
        cards=cards,
        follows_now=bool(marks and marks.draws_before(first.session.starts_at)),
        has_now=bool(marks and marks.anchors_at(cards)),
    )
