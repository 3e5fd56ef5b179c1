"""Events and tracks become categories: the event below the parent, its tracks below the event.

Nothing but name, description and parent is set: without a privacy context Kaltura
refuses the rest, and KAF instances have none (KalturaCategory.php).
"""

from __future__ import annotations

from events.models import Event, Track
from kaltura_bridge import texts
from kaltura_bridge.recipes.base import Context
from kaltura_bridge.recipes.channel import channel_specs
from kaltura_bridge.recipes.webcast import live_creation
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for


def _category(planned: Event | Track, title: str, parent: Value) -> Spec:
    key = key_for(planned.uuid)
    return Spec(
        Kind.CATEGORY,
        key,
        f"category “{title}”",
        {
            "referenceId": key,
            "name": texts.category_name(title, planned.uuid),
            "description": texts.plain(planned.description),
            "parentId": parent,
        },
    )


def event_specs(event: Event, context: Context) -> list[Spec]:
    category = _category(event, event.title, context.parent_category_id)
    return [category, *channel_specs(event, context, live_creation(context))]


def track_specs(track: Track, context: Context) -> list[Spec]:
    return [_category(track, track.name, Ref(Kind.CATEGORY, key_for(track.event.uuid)))]
