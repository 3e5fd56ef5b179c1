"""One channel that feeds all webcasts of an event: a plain live entry of the event's own.

The weakest evidence of all recipes: Kaltura documents it with a picture. A live entry as
the source of a session's calendar event makes the session playable exactly while the
channel is on air (dynamicGetter in plugins/schedule/base/lib/model/
LiveStreamScheduleEvent.php of kaltura/server); only an ADMIN KS may set it.
"""

from __future__ import annotations

from events.models import Event, EventStatus, Session
from kaltura_bridge import texts
from kaltura_bridge.delivery.options import event_delivery
from kaltura_bridge.recipes.base import Context
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for

SUFFIX = "channel"


def channel_of(session: Session) -> Ref | None:
    """The channel that feeds this session; None when its event has none."""
    decided = event_delivery(session.event)
    if decided is None or not decided.channel:
        return None
    return Ref(Kind.ENTRY, key_for(session.event.uuid, SUFFIX))


def channel_specs(event: Event, context: Context, create_only: dict[str, Value]) -> list[Spec]:
    decided = event_delivery(event)
    if decided is None or not decided.channel:
        return []
    key = key_for(event.uuid, SUFFIX)
    fields: dict[str, Value] = {
        "referenceId": key,
        "name": texts.line(f"{event.title} (channel)", 250),
        "description": "",
        "tags": texts.tags([event.slug]),
        "recordStatus": "0",
        "explicitLive": "0",
    }
    label = f"channel of “{event.title}”"
    is_draft = event.status == EventStatus.DRAFT and not decided.prepare_drafts
    return [Spec(Kind.ENTRY, key, label, fields, create_only, only_if_held=is_draft)]
