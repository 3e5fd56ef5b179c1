"""Interactive rooms and webinars: a room entry, its mode, its calendar event, its place.

Sources: the server's room plugin; Kaltura's integrated-events and KAF demos. The mode is
said twice, by the template room and by the metadata ``meetingEntryMode``: both are
documented, neither alone is certain.
"""

from __future__ import annotations

import json

from events.models import Session
from kaltura_bridge.recipes.base import Context, entry_fields, place, schedule
from kaltura_bridge.recipes.webcast import record
from kaltura_bridge.specs import Kind, Ref, Spec, key_for

ROOM = "1"


def interactive_specs(session: Session, context: Context) -> list[Spec]:
    return _room_specs(session, context.room_template_interactive, "default")


def webinar_specs(session: Session, context: Context) -> list[Spec]:
    return _room_specs(session, context.room_template_webinar, "webinar")


def _room_specs(session: Session, template: str, mode: str) -> list[Spec]:
    room = Ref(Kind.ROOM, key_for(session.uuid))
    create_only = {"roomType": ROOM}
    if template:
        create_only["templateRoomEntryId"] = template
    label = f"room “{session.title}”"
    facts = {
        "Detail/meetingEntryMode": json.dumps(mode),
        "Detail/meetingEntryTimeZone": json.dumps(session.event.timezone),
    }
    return [
        Spec(Kind.ROOM, key_for(session.uuid), label, entry_fields(session), create_only),
        record(session, room, "EntryAdditionalInfo", dict(facts)),
        *schedule(session, room, "KalturaMeetingScheduleEvent"),
        *place(session, room),
    ]
