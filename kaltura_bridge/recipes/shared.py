"""One room for all the sessions of a track: the track makes it, its sessions book it.

By the event's choice. There is one for each mode that the track's sessions need, as a room
takes its mode once. Kaltura documents that a resource serves many events
(kaltura-vpaas/virtual-meeting-rooms); a room entry is named by as many calendar events as
its sessions have, which must not overlap on one entry.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from events.models import EventStatus, Session, SessionStatus, SessionType, Track
from kaltura_bridge import texts
from kaltura_bridge.delivery.options import DeliveryOptions, options_of_event, shares_room
from kaltura_bridge.models import RoomForm, RoomSharing
from kaltura_bridge.recipes.base import Context, entry_fallbacks, homes_of, is_shown, places_in
from kaltura_bridge.recipes.room_settings import room_settings
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for

ROOM: Final = "1"  # roomType; 2 is a breakout room
LOCATION: Final = "KalturaLocationScheduleResource"


@dataclass(frozen=True)
class RoomMode:
    """What makes a room a meeting or a webinar, in both of its forms."""

    entry_mode: str
    class_mode: str
    template: str  # the context's attribute


MODES: Final[Mapping[str, RoomMode]] = {
    SessionType.INTERACTIVE: RoomMode("default", "virtual_classroom", "room_template_interactive"),
    SessionType.WEBINAR: RoomMode("webinar", "webinar", "room_template_webinar"),
}


def shared_room(session: Session, options: DeliveryOptions) -> str:
    """The key of the track's room in which the session takes place; "" when it has its own."""
    if session.track is None or not shares_room(session, options):
        return ""
    return key_for(session.track.uuid, session.session_type)


def shared_room_specs(track: Track, context: Context) -> list[Spec]:
    """The rooms that the sessions of the track book. Reads ``track.sessions``."""
    options = options_of_event(track.event)
    if options.room_sharing != RoomSharing.TRACK:
        return []
    sessions = list(track.sessions.all())
    needed = [mode for mode in MODES if any(s.session_type == mode for s in sessions)]
    return [
        spec
        for mode in needed
        for spec in _room(track, mode, [s for s in sessions if s.session_type == mode], context)
    ]


def _room(
    track: Track, session_type: str, sessions: list[Session], context: Context
) -> Iterator[Spec]:
    options, key = options_of_event(track.event), key_for(track.uuid, session_type)
    is_draft = track.event.status == EventStatus.DRAFT or all(
        session.status == SessionStatus.DRAFT for session in sessions
    )
    only_if_held = is_draft and not options.prepare_drafts
    if options.room_form == RoomForm.LEGACY:
        yield _resource(track, key, session_type, options, only_if_held)
        return
    room = _entry(track, key, session_type, options, context, only_if_held)
    yield room
    yield _record(track, key, session_type, only_if_held)
    if any(map(is_shown, sessions)):
        yield from places_in(homes_of(track.event, track), _ref(key), f"the {room.label}")


def _ref(key: str) -> Ref:
    return Ref(Kind.ROOM, key)


def _label(track: Track) -> str:
    return f"room of “{track.name}”"


def _entry(
    track: Track,
    key: str,
    session_type: str,
    options: DeliveryOptions,
    context: Context,
    only_if_held: bool,
) -> Spec:
    template = getattr(context, MODES[session_type].template)
    fields: dict[str, Value] = {
        "referenceId": key,
        "name": texts.line(track.name, 250) or str(track.uuid),
        "description": texts.plain(track.description),
        "tags": texts.tags([track.event.slug, track.name]),
        **({"userId": options.owner_id} if options.owner_id else {}),
    }
    return Spec(
        Kind.ROOM,
        key,
        _label(track),
        fields,
        {"roomType": ROOM, **({"templateRoomEntryId": template} if template else {})},
        shape=MODES[session_type].entry_mode,
        only_if_held=only_if_held,
        fallbacks=entry_fallbacks(context),
    )


def _record(track: Track, key: str, session_type: str, only_if_held: bool) -> Spec:
    profile = "EntryAdditionalInfo"
    elements = {
        "Detail/meetingEntryMode": json.dumps(MODES[session_type].entry_mode),
        "Detail/meetingEntryTimeZone": json.dumps(track.event.timezone),
    }
    return Spec(
        Kind.METADATA,
        f"{key}/{profile}",
        f"{profile} of the {_label(track)}",
        elements,
        {"objectId": _ref(key)},
        variant=profile,
        only_if_held=only_if_held,
    )


def _resource(
    track: Track, key: str, session_type: str, options: DeliveryOptions, only_if_held: bool
) -> Spec:
    mode, about = MODES[session_type].class_mode, texts.plain(track.description)
    return Spec(
        Kind.RESOURCE,
        key,
        _label(track),
        {
            "systemName": key,
            "name": texts.line(track.name, 250) or str(track.uuid),
            "tags": room_settings(track.event, mode, options.room_tags),
            **({"description": about} if about else {}),
        },
        variant=LOCATION,
        only_if_held=only_if_held,
        fallbacks={"description": ""},
    )
