"""Interactive rooms and webinars: a room, its mode, its calendar event, its place.

Two forms, by the event's choice: room entries, and the older location resources. Sources:
plugins/room and plugins/schedule of kaltura/server; kaltura/integrated-events-demo and
kaltura/kaf-diy-standalone-demo; for the older form kaltura-vpaas/virtual-meeting-rooms. An
entry's mode is set twice, by the template room and by the metadata ``meetingEntryMode``:
both are documented, neither alone is certain.
"""

from __future__ import annotations

import json

from events.models import Session
from kaltura_bridge import texts
from kaltura_bridge.delivery.options import DeliveryOptions, options_for, room_tags_of
from kaltura_bridge.models import RoomForm
from kaltura_bridge.recipes.base import (
    Context,
    calendar_fields,
    description_of,
    entry_fallbacks,
    entry_fields,
    is_shown,
    place,
    schedule,
)
from kaltura_bridge.recipes.room_settings import calendar_settings, room_settings
from kaltura_bridge.recipes.shared import LOCATION, MODES, ROOM, shared_room
from kaltura_bridge.recipes.webcast import record
from kaltura_bridge.specs import Kind, Ref, Spec, Value, booking_key, key_for

LEGACY_EVENT = "KalturaRecordScheduleEvent"
MEETING = "KalturaMeetingScheduleEvent"


def room_specs(session: Session, context: Context) -> list[Spec]:
    """An interactive room or a webinar: its own, or a time in the room of its track."""
    options, mode = options_for(session), MODES[session.session_type]
    if options.room_form == RoomForm.LEGACY:
        return _legacy_specs(session, options, mode.class_mode)
    if room := shared_room(session, options):
        return schedule(session, MEETING, {"templateEntryId": Ref(Kind.ROOM, room)})
    return _room_specs(session, options, getattr(context, mode.template), mode.entry_mode, context)


def room_creation(options: DeliveryOptions, template: str) -> dict[str, Value]:
    """What a room is given once, with its add: its type, and the room whose look it takes."""
    chosen = options.room_template_id or template
    return {"roomType": ROOM, **({"templateRoomEntryId": chosen} if chosen else {})}


def _room_specs(
    session: Session, options: DeliveryOptions, template: str, mode: str, context: Context
) -> list[Spec]:
    key = key_for(session.uuid)
    room = Ref(Kind.ROOM, key)
    elements = {
        "Detail/meetingEntryMode": json.dumps(mode),
        "Detail/meetingEntryTimeZone": json.dumps(session.event.timezone),
    }
    fields = entry_fields(session, key)
    return [
        Spec(
            Kind.ROOM,
            key,
            f"room “{session.title}”",
            fields,
            room_creation(options, template),
            # A room takes its mode from its template once, when it is created.
            shape=mode,
            fallbacks=entry_fallbacks(context),
        ),
        record(session, room, "EntryAdditionalInfo", elements),
        *schedule(session, MEETING, {"templateEntryId": room}),
        *place(session, room),
    ]


def _legacy_specs(session: Session, options: DeliveryOptions, mode: str) -> list[Spec]:
    """A location that its tags make a room, booked by an event of the session's time."""
    # The entry that such an event names takes the recording.
    records = options.recording_entry_id
    extra: dict[str, Value] = {"templateEntryId": records} if records else {}
    if room := shared_room(session, options):
        return _booked_specs(session, options, room, extra)
    key, about = key_for(session.uuid), description_of(session)
    resource = Spec(
        Kind.RESOURCE,
        key,
        f"room “{session.title}”",
        {
            "systemName": key,
            "name": texts.line(session.title, 250) or str(session.uuid),
            "tags": room_settings(session.event, mode, options.room_tags),
            **({"description": about} if about else {}),
        },
        variant=LOCATION,
        fallbacks={"description": ""},
    )
    return [resource, *schedule(session, LEGACY_EVENT, extra), *_booking(session, key)]


def _booked_specs(
    session: Session, options: DeliveryOptions, room: str, extra: dict[str, Value]
) -> list[Spec]:
    """A time in the resource of the track. An event's tags win over those of its resource."""
    own = calendar_settings(session.event, room_tags_of(session, options))
    words = calendar_fields(session, options).get("tags", "")
    tags = texts.admin_tags_read(f"{own},{words}")
    more: dict[str, Value] = {"tags": tags} if tags else {}
    return [*schedule(session, LEGACY_EVENT, {**extra, **more}), *_booking(session, room)]


def _booking(session: Session, room: str) -> list[Spec]:
    """The booking of the session's own resource, or of another, which its key then names."""
    if not is_shown(session):
        return []
    key = key_for(session.uuid)
    ends: dict[str, Value] = {
        "eventId": Ref(Kind.SCHEDULE_EVENT, key),
        "resourceId": Ref(Kind.RESOURCE, room),
    }
    booked = booking_key(key, room)
    return [Spec(Kind.BOOKING, booked, f"booking of “{session.title}”", {}, ends)]
