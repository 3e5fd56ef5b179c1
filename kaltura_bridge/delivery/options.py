"""The delivery settings of an event and its sessions, merged; pure.

A session's setting wins over the event's, the event's over the portal's default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from events.models import Event, Session, Visibility
from kaltura_bridge.models import (
    Chat,
    EventDelivery,
    PlayerChoice,
    RecordingMode,
    RoomForm,
    RoomSharing,
    SessionDelivery,
)


@dataclass(frozen=True)
class DeliveryOptions:
    """How one session is delivered; the defaults are the portal's."""

    dvr: bool = True
    dvr_window_minutes: int = 60
    recording: str = RecordingMode.APPENDED  # one recording to find
    recordings_hidden: bool = False
    recordings_copy_access: bool = True
    recordings_archived: bool = True
    recordings_copy_thumbnail: bool = False
    recordings_copy_schedule: bool = False
    conversion_profile_id: int | None = None  # of the settings, else the account's own
    push_publish: bool | None = None  # as the account has it
    owner_id: str = ""
    admin_tags: str = ""
    organizer: str = ""
    classification: str = ""
    calendar_tags: str = ""
    calendar_details: bool = False
    preview: bool = False
    self_serve: bool = False
    chat: str = Chat.ON
    questions: str = Chat.ON
    questions_before_minutes: int = 0
    questions_after_minutes: int = 0
    player: str = PlayerChoice.KAF
    player_uiconf_id: int | None = None  # of the settings
    thumbnail: str = ""  # the name of an uploaded picture
    thumbnail_url: str = ""
    room_form: str = RoomForm.ENTRY
    room_sharing: str = RoomSharing.SESSION
    channel: bool = False
    prepare_drafts: bool = False
    recordings_by_hand: bool = False
    recordings_download: bool = False
    recordings_redirect: bool = False
    slides_entry_id: str = ""
    room_template_id: str = ""
    recording_entry_id: str = ""
    source_entry_id: str = ""
    pre_clip_id: str = ""
    post_clip_id: str = ""
    replay: bool = True
    room_tags: tuple[Mapping[str, Any], ...] = field(default=())
    lent_ids: frozenset[str] = frozenset()

    @property
    def foreign_entries(self) -> tuple[str, ...]:
        """The videos that a simulive session plays, which the portal did not create."""
        return tuple(i for i in (self.source_entry_id, self.pre_clip_id, self.post_clip_id) if i)


_MERGED: Final = (
    "dvr",
    "dvr_window_minutes",
    "recording",
    "recordings_hidden",
    "recordings_copy_access",
    "recordings_archived",
    "recordings_copy_thumbnail",
    "recordings_copy_schedule",
    "conversion_profile_id",
    "push_publish",
    "owner_id",
    "admin_tags",
    "organizer",
    "classification",
    "calendar_tags",
    "calendar_details",
    "preview",
    "self_serve",
    "chat",
    "questions",
    "questions_before_minutes",
    "questions_after_minutes",
    "player",
    "player_uiconf_id",
)
_PICTURES: Final = ("thumbnail", "thumbnail_url")
_OF_EVENT: Final = (
    "room_form",
    "room_sharing",
    "channel",
    "prepare_drafts",
    "recordings_by_hand",
    "recordings_download",
    "recordings_redirect",
)
_OF_SESSION: Final = (
    "slides_entry_id",
    "room_template_id",
    "recording_entry_id",
    "source_entry_id",
    "pre_clip_id",
    "post_clip_id",
    "replay",
)


def options_for(session: Session) -> DeliveryOptions:
    """The options of a session. Reads ``session.delivery`` and ``session.event.delivery``."""
    event, own = event_delivery(session.event), session_delivery(session)
    decided: dict[str, Any] = {}
    for layer in (event, own):
        decided |= {name: v for name in _MERGED if (v := getattr(layer, name, None)) not in EMPTY}
    decided |= {name: getattr(event, name) for name in _OF_EVENT if event}
    decided |= {name: getattr(own, name) for name in _OF_SESSION if own}
    decided |= _picture_of(event, own)
    tags = tuple(layer.room_tags for layer in (event, own) if layer)
    lent = frozenset(i for layer in (event, own) if layer for i in layer.lent_ids)
    return DeliveryOptions(**decided, room_tags=tags, lent_ids=lent)


def options_of_event(event: Event) -> DeliveryOptions:
    """What a session of the event gets when it sets nothing itself."""
    decided = event_delivery(event)
    values = {name: getattr(decided, name, None) for name in (*_MERGED, *_OF_EVENT)}
    values |= _picture_of(decided)
    tags = (decided.room_tags,) if decided else ()
    lent = frozenset(decided.lent_ids if decided else ())
    chosen = {name: value for name, value in values.items() if value not in EMPTY}
    return DeliveryOptions(**chosen, room_tags=tags, lent_ids=lent)


def shares_room(session: Session, options: DeliveryOptions) -> bool:
    """Whether a session of a type with a room takes place in that of its track."""
    return options.room_sharing == RoomSharing.TRACK and session.track is not None


def room_tags_of(session: Session, options: DeliveryOptions) -> tuple[Mapping[str, Any], ...]:
    """The room settings that the session sends itself: in its track's room only its own."""
    if not shares_room(session, options):
        return options.room_tags
    return options.room_tags[-1:] if session_delivery(session) else ()


def _picture_of(*layers: EventDelivery | SessionDelivery | None) -> dict[str, str]:
    """The picture of the last layer that has one: an upload, or else an address."""
    for layer in reversed(layers):
        found = {name: str(getattr(layer, name, None) or "") for name in _PICTURES}
        if any(found.values()):
            return found
    return {}


EMPTY: Final = (None, "")


def privacy_context_of(event: Event) -> str:
    """In which entitlement context the event's category stands at Kaltura; "" for none.

    Reads ``event.delivery``.
    """
    own = event_delivery(event)
    return own.privacy_context if own else ""


def is_for_members(event: Event) -> bool:
    """Whether what stands in the event's category is for those alone who belong to the event."""
    return event.visibility in (Visibility.REGISTERED, Visibility.INVITED)


def has_thumbnail(event: Event, name: str) -> bool:
    """Whether the event, or a session of it, has this uploaded picture."""
    of_event = EventDelivery.objects.filter(event=event, thumbnail=name)
    of_session = SessionDelivery.objects.filter(session__event=event, thumbnail=name)
    return of_event.exists() or of_session.exists()


def event_delivery(event: Event) -> EventDelivery | None:
    """The event's own settings; None when it has none."""
    return getattr(event, "delivery", None)


def session_delivery(session: Session) -> SessionDelivery | None:
    """The session's own settings; None when it has none."""
    return getattr(session, "delivery", None)
