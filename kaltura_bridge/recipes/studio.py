"""A webcast made in a room: speakers meet in the studio, viewers open the live entry.

Sources: kaltura/integrated-events-demo and kaltura/kaf-diy-standalone-demo: a room whose
``broadcastEntryId`` is the live entry. Kaltura does not check that id (seen at a running
server, 22.19), so it is kept in sync like any field.
"""

from __future__ import annotations

from events.models import Session
from kaltura_bridge import texts
from kaltura_bridge.delivery.options import options_for
from kaltura_bridge.recipes.base import Context, entry_fallbacks, entry_fields, place
from kaltura_bridge.recipes.room import room_creation
from kaltura_bridge.recipes.webcast import webcast_specs
from kaltura_bridge.specs import Kind, Ref, Spec, key_for

SUFFIX = "studio"


def studio_specs(session: Session, context: Context) -> list[Spec]:
    """The room has a place too: KAF opens nothing that is in no category below its channels."""
    studio = _studio(session, context)
    room = Ref(Kind.ROOM, studio.key)
    return [*webcast_specs(session, context), studio, *place(session, room)]


def _studio(session: Session, context: Context) -> Spec:
    key = key_for(session.uuid, SUFFIX)
    fields = {
        **entry_fields(session, key),
        "name": texts.line(f"{session.title} (studio)", 250),
        "broadcastEntryId": Ref(Kind.ENTRY, key_for(session.uuid)),
    }
    template = room_creation(options_for(session), context.room_template_studio)
    label, fallbacks = f"studio of “{session.title}”", entry_fallbacks(context)
    return Spec(Kind.ROOM, key, label, fields, template, fallbacks=fallbacks)
