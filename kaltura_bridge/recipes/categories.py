"""Events and tracks become categories: the event below the parent, its tracks below the event.

Without a privacy context nothing but name, description and parent is set: Kaltura refuses
the rest, and KAF instances have none (KalturaCategory.php). With one the event's category has
members (recipes/members.py), and its tracks inherit them. They do not inherit its privacy: a
track that says nothing of its own is open to everybody (seen at a running server, 22.19).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from events.models import Event, EventStatus, Track
from kaltura_bridge import texts
from kaltura_bridge.delivery.options import is_for_members, privacy_context_of
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
        **_entitlement(planned),
    }
    note = "" if name == plain else _NAMED_OTHERWISE.format(plain, name)
    return Spec(
        Kind.CATEGORY,
        key,
        f"category “{title}”",
        fields,
        note=note,
        fallbacks=_WITHOUT_CONTEXT if isinstance(planned, Event) else _OPEN,
    )


# Kaltura's PrivacyType, AppearInListType, InheritanceType and ContributionPolicyType.
_ALL, _MEMBERS_ONLY = "1", "3"
_INHERIT, _OWN_MEMBERS = "1", "2"
_ANYBODY_ADDS, _CONTRIBUTORS_ADD = "1", "2"
_OPEN: Final[Mapping[str, Value]] = {
    "privacy": _ALL,
    "appearInList": _ALL,
    "inheritanceType": _OWN_MEMBERS,
    "contributionPolicy": _ANYBODY_ADDS,
}
_WITHOUT_CONTEXT: Final[Mapping[str, Value]] = {"privacyContext": "", **_OPEN}


def _entitlement(planned: Event | Track) -> dict[str, Value]:
    """Who sees what is in the category, by sessions that ask for entitlement."""
    event = planned if isinstance(planned, Event) else planned.event
    context = privacy_context_of(event)
    if not context:
        return {}
    seen_by = _MEMBERS_ONLY if is_for_members(event) else _ALL
    fields: dict[str, Value] = {
        "privacy": seen_by,
        "appearInList": seen_by,
        "inheritanceType": _OWN_MEMBERS if planned is event else _INHERIT,
        # Attendees are members too; what is shown there is the portal's to say.
        "contributionPolicy": _CONTRIBUTORS_ADD,
    }
    return {"privacyContext": context, **fields} if planned is event else fields


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
