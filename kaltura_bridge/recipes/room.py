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
from kaltura_bridge.delivery import room_tags
from kaltura_bridge.delivery.options import DeliveryOptions, options_for
from kaltura_bridge.models import RoomForm
from kaltura_bridge.recipes.base import Context, entry_fields, is_shown, place, schedule
from kaltura_bridge.recipes.webcast import record
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for

ROOM = "1"  # roomType; 2 is a breakout room
LOCATION = "KalturaLocationScheduleResource"
LEGACY_EVENT = "KalturaRecordScheduleEvent"


def interactive_specs(session: Session, context: Context) -> list[Spec]:
    options = options_for(session)
    if options.room_form == RoomForm.LEGACY:
        return _legacy_specs(session, options, "virtual_classroom")
    return _room_specs(session, options, context.room_template_interactive, "default")


def webinar_specs(session: Session, context: Context) -> list[Spec]:
    options = options_for(session)
    if options.room_form == RoomForm.LEGACY:
        return _legacy_specs(session, options, "webinar")
    return _room_specs(session, options, context.room_template_webinar, "webinar")


def room_creation(options: DeliveryOptions, template: str) -> dict[str, Value]:
    """What a room is given once, with its add: its type, and the room whose look it takes."""
    chosen = options.room_template_id or template
    return {"roomType": ROOM, **({"templateRoomEntryId": chosen} if chosen else {})}


def _room_specs(session: Session, options: DeliveryOptions, template: str, mode: str) -> list[Spec]:
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
        ),
        record(session, room, "EntryAdditionalInfo", elements),
        *schedule(session, "KalturaMeetingScheduleEvent", {"templateEntryId": room}),
        *place(session, room),
    ]


def _legacy_specs(session: Session, options: DeliveryOptions, mode: str) -> list[Spec]:
    """A location that its tags make a room, booked by an event of the session's time."""
    key = key_for(session.uuid)
    resource = Spec(
        Kind.RESOURCE,
        key,
        f"room “{session.title}”",
        {
            "systemName": key,
            "name": texts.line(session.title, 250) or str(session.uuid),
            "tags": room_tags.render(*options.room_tags, {"custom_rs_class_mode": mode}),
        },
        variant=LOCATION,
    )
    return [resource, *schedule(session, LEGACY_EVENT, {}), *_booking(session)]


def _booking(session: Session) -> list[Spec]:
    if not is_shown(session):
        return []
    key = key_for(session.uuid)
    ends: dict[str, Value] = {
        "eventId": Ref(Kind.SCHEDULE_EVENT, key),
        "resourceId": Ref(Kind.RESOURCE, key),
    }
    return [Spec(Kind.BOOKING, key, f"booking of “{session.title}”", {}, ends)]
