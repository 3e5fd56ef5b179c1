"""Events and tracks become categories: the event below the parent, its tracks below the event.

Nothing but name, description and parent is set: without a privacy context Kaltura
refuses the rest, and KAF instances have none (KalturaCategory.php).
"""

from __future__ import annotations

from events.models import Event, EventStatus, Track
from kaltura_bridge import texts
from kaltura_bridge.recipes.base import Context
from kaltura_bridge.recipes.channel import channel_specs
from kaltura_bridge.recipes.shared import shared_room_specs
from kaltura_bridge.recipes.webcast import live_creation
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for


def _category(planned: Event | Track, parent: Value, context: Context) -> Spec:
    key, title = key_for(planned.uuid), str(planned)
    plain, *others = category_names(planned)
    name = next((n for n in (plain, *others) if n not in context.taken_names), others[-1])
    fields = {
        "referenceId": key,
        "name": name,
        "description": texts.plain(planned.description),
        "parentId": parent,
    }
    note = "" if name == plain else _NAMED_OTHERWISE.format(plain, name)
    return Spec(Kind.CATEGORY, key, f"category “{title}”", fields, note=note)


_NAMED_OTHERWISE = (
    "Another category at Kaltura already has the name “{}”, so this one is named “{}” there. "
    "Everything else keeps its title."
)


def category_names(planned: Event | Track) -> list[str]:
    """The names that its category may have, the best first: Kaltura wants each once at a place.

    Its title, then with its slug, then with a part of its UUID, for where two portals share
    an account and have an event of the same slug.
    """
    slug, short = planned.slug, planned.uuid.hex[:8]
    marks = ("", slug, f"{slug}-{short}")
    return [texts.category_name(str(planned), planned.uuid, mark) for mark in marks]


def event_specs(event: Event, context: Context) -> list[Spec]:
    """The category is what attendees browse, so a draft has none."""
    channel = channel_specs(event, context, live_creation(context))
    if event.status == EventStatus.DRAFT:
        return channel
    return [_category(event, context.parent_category_id, context), *channel]


def track_specs(track: Track, context: Context) -> list[Spec]:
    if track.event.status == EventStatus.DRAFT:
        return shared_room_specs(track, context)
    category = _category(track, Ref(Kind.CATEGORY, key_for(track.event.uuid)), context)
    return [category, *shared_room_specs(track, context)]
