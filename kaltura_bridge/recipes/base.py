"""What all recipes share: their surroundings, and the objects that most sessions need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from events.models import Event, Session, SessionStatus, Track
from kaltura_bridge import texts
from kaltura_bridge.delivery.options import DeliveryOptions, event_delivery, options_for
from kaltura_bridge.delivery.references import Reference
from kaltura_bridge.fields import CLASSIFICATIONS
from kaltura_bridge.models import ErrorKind
from kaltura_bridge.specs import Identity, Kind, Ref, RemoteRef, Spec, Value, key_for, place_key

# A calendar event of its own. Kaltura demands to be told, and never gets a series from us.
ONCE: Final = "0"
# The margins of calendar events, by class, and the clips that decide about them.
_BEFORE, _AFTER = ("preStartTime", "preStartEntryId"), ("postEndTime", "postEndEntryId")
MARGINS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "KalturaLiveStreamScheduleEvent": (_BEFORE, _AFTER),
    "KalturaMeetingScheduleEvent": (_BEFORE,),
}


class CannotSend(Exception):
    """What a recipe lacks to make a session; the text says what to do."""

    def __init__(self, kind: ErrorKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True)
class Video:
    """An entry that somebody else made and a session plays; ``duration_s`` rounded up."""

    ready: bool
    duration_s: int


@dataclass(frozen=True)
class Pointed:
    """Something at Kaltura that a setting points to.

    ``owner``: the uuid of the event that it belongs to, "" when it is nobody's here.
    """

    owner: str = ""
    video: Video | None = None


@dataclass(frozen=True)
class Context:
    """What recipes must know of the account, looked up or set beforehand.

    ``pointed``: what settings point to and is there; None when nobody looked. ``sent``: those
    that Kaltura was sent for this object before. ``taken_names``: names that Kaltura refused
    this object's category, as another has them. ``owner_id``: who owns what names no owner.
    ``site_url``: where the portal is. ``presenter_elements``: what the account's event pages
    have room for; None when nobody looked.
    """

    parent_category_id: str
    owner_id: str = ""
    site_url: str = ""
    presenter_elements: frozenset[str] | None = None
    conversion_profile_id: str = ""
    room_template_interactive: str = ""
    room_template_webinar: str = ""
    room_template_studio: str = ""
    simulive_access_control_id: str = ""
    pointed: Mapping[RemoteRef, Pointed] | None = None
    sent: frozenset[Reference] = frozenset()
    taken_names: frozenset[str] = frozenset()


# What a calendar event goes back to where nothing is chosen any more: Kaltura's own defaults.
CALENDAR_FALLBACKS: Final[Mapping[str, Value]] = {
    **dict.fromkeys(("description", "location", "organizer", "tags", "templateEntryId"), ""),
    "classificationType": CLASSIFICATIONS["public"],
}


class Publication(Enum):
    """How much of a session Kaltura holds, from its status and its event's."""

    PUBLISHED = "all of it"
    CANCELLED = "what is made, and neither a place nor a time"
    PREPARED = "a draft made ready for rehearsals: as of a cancelled one"
    DRAFT = "what was made before it became a draft again, as of a cancelled one"


def publication_of(session: Session) -> Publication:
    """A draft event makes drafts of all its sessions, a cancelled one cancels them.

    Draft is stronger here than cancelled, as nobody may find what was never published.
    """
    both = {session.status, session.event.status}
    if SessionStatus.DRAFT in both:
        is_prepared = options_for(session).prepare_drafts
        return Publication.PREPARED if is_prepared else Publication.DRAFT
    return Publication.CANCELLED if SessionStatus.CANCELLED in both else Publication.PUBLISHED


def is_shown(session: Session) -> bool:
    """Whether attendees may find the session in its channel and in the calendar."""
    return publication_of(session) is Publication.PUBLISHED


def unix(moment: object) -> str:
    """A moment as Kaltura's Unix seconds, in text."""
    return str(int(moment.timestamp()))  # type: ignore[attr-defined]


def place(session: Session, entry: Ref) -> list[Spec]:
    """The entry's place in its track's category, or in the event's when it has no track.

    What attendees shall not find has no place.
    """
    if not is_shown(session):
        return []
    return places_in(homes_of(session.event, session.track), entry, f"“{session.title}”")


def homes_of(event: Event, track: Track | None) -> list[Event | Track]:
    """Where what belongs to a track, or to none, is listed: one place, as a rule.

    KAF lists what stands in a category itself and nothing of those below it. So where the event
    shows KAF's gallery, what its tracks have stands in the event's category, too.
    """
    if track is None:
        return [event]
    decided = event_delivery(event)
    return [track, event] if decided and decided.gallery else [track]


def places_in(
    homes: Sequence[Event | Track], entry: Ref, what: str, *, unwanted: bool = False
) -> list[Spec]:
    """An entry's place in the category of each of these; KAF opens none that is in no category.

    The category is part of the key: a session that moves to another track gets its new
    place before it loses the old one. ``unwanted``: it must stand in none of them.
    """
    return [
        Spec(
            Kind.CATEGORY_ENTRY,
            place_key(entry.key, home.uuid),
            f"place of {what} in “{home}”",
            {},
            create_only={"categoryId": Ref(Kind.CATEGORY, key_for(home.uuid)), "entryId": entry},
            unwanted=unwanted,
        )
        for home in homes
    ]


def schedule(
    session: Session,
    variant: str,
    extra: Mapping[str, Value],
    *,
    shape: str = "",
    after: tuple[Identity, ...] = (),
) -> list[Spec]:
    """The calendar event of a session; ``extra`` says what it is about. A cancelled one and a draft
    have none.

    Sources once set cannot be taken away: an empty id is refused and a null is an internal
    error (seen at a running server, 22.19). So which of them there are is part of its
    ``shape``. The margins are none, unless clips play before or after: then Kaltura makes
    them as long as the clips.
    """
    if not is_shown(session):
        return []
    key = key_for(session.uuid)
    return [
        Spec(
            Kind.SCHEDULE_EVENT,
            key,
            f"schedule of “{session.title}”",
            {
                "referenceId": key,
                "summary": texts.summary(session.title) or str(session.uuid),
                "startDate": unix(session.starts_at),
                "endDate": unix(session.ends_at),
                "recurrenceType": ONCE,
                **calendar_fields(session, options_for(session)),
                **{time: "0" for time, clip in MARGINS.get(variant, ()) if clip not in extra},
                **extra,
            },
            variant=variant,
            shape=shape,
            after=after,
            fallbacks=CALENDAR_FALLBACKS,
        )
    ]


def calendar_fields(session: Session, options: DeliveryOptions) -> dict[str, Value]:
    """What Kaltura's calendars may show besides title and time: only what there is."""
    words = options.calendar_tags.split(",")
    found = {
        "location": texts.line(session.location),
        "organizer": texts.line(options.organizer),
        "classificationType": CLASSIFICATIONS.get(options.classification, ""),
    }
    if options.calendar_details:
        found["description"] = description_of(session)
        words += words_of(session)
    # An event keeps its tags as they are sent, unlike an entry.
    found["tags"] = texts.admin_tags_read(",".join(map(texts.calendar_word, words)))
    return {name: value for name, value in found.items() if value}


def entry_fields(session: Session, key: str) -> dict[str, Value]:
    """What every entry says of its session, whatever its type."""
    owner = options_for(session).owner_id
    return {
        "referenceId": key,
        # Kaltura demands a name, and a title of control characters leaves none.
        "name": texts.line(session.title, 250) or str(session.uuid),
        "description": description_of(session),
        "tags": texts.tags(words_of(session)),
        **({"userId": owner} if owner else {}),
    }


def entry_fallbacks(context: Context) -> dict[str, Value]:
    """Whose an entry is again when no owner is chosen for it any more."""
    return {"userId": context.owner_id} if context.owner_id else {}


def description_of(session: Session) -> str:
    """What the session is about, as Kaltura keeps it."""
    return texts.plain(session.abstract or session.description)


def words_of(session: Session) -> list[str]:
    """The words by which people find the session."""
    return [session.event.slug, session.track.name if session.track else "", *session.languages]
