"""The gallery of a context: the category of its name below ``ROOT>site>channels``."""

from __future__ import annotations

import re

from kaltura_simulator.api.call import Call, internal
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.rules import categories
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

_CHANNELS = re.compile(r"[^>]+>site>channels")


def context_name(context_id: str) -> str:
    """The name of a context's category, as categories keep names; raises Refused."""
    name = categories.clean_name(context_id)
    if not name.isprintable() or not 1 <= len(name.encode()) <= categories.MAX_NAME_BYTES:
        raise Refused("context", field="contextId")
    return name


def gallery_for(world: World, partner: int, context_id: str) -> Data:
    """The category of a context, made when there is none; raises Refused."""
    # KAF makes the category itself, with every right.
    name, call = context_name(context_id), internal(world, partner)
    with world.store.transaction():
        channels = channels_of(world, partner)
        own = categories.by_full_name(call, f"{channels['fullName']}>{name}")
        found = own or _deeper(call, channels, name)
        return found or categories.new(call, {"name": name, "parentId": channels["id"]})


def channels_of(world: World, partner: int) -> Data:
    """The category below which all galleries stand; raises Refused."""
    for row in world.store.all(partner, "category"):
        if row["status"] == categories.ACTIVE and _CHANNELS.fullmatch(row["fullName"]):
            return row
    raise Refused("no-channels")


def _deeper(call: Call, channels: Data, name: str) -> Data | None:
    """The only category of that name among those further down: a track of an event."""
    below = categories.subtree(call, channels)[1:]
    named = [row for row in below if row["name"].casefold() == name.casefold()]
    return named[0] if len(named) == 1 else None
