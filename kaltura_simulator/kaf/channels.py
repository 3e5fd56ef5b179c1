"""The gallery of a context: the category of its name below ``ROOT>site>channels``."""

from __future__ import annotations

import re

from kaltura_simulator.api.call import Call, internal
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.rules import categories
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

_CHANNELS = re.compile(r"[^>]+>site>channels")


def context_name(context_id: str) -> str:
    """The name of the category of a context; raises PageRefused when no category can have it."""
    name = categories.clean_name(context_id)
    if not name.isprintable() or not 1 <= len(name.encode()) <= categories.MAX_NAME_BYTES:
        raise PageRefused("context", field="contextId")
    return name


def gallery_for(world: World, partner: int, context_id: str) -> Data:
    """The category of a context, created when there is none; raises PageRefused."""
    # KAF creates the category itself, with every right on the account.
    name, call = context_name(context_id), internal(world, partner)
    with world.store.transaction():
        channels = channels_of(world, partner)
        own = categories.by_full_name(call, f"{channels['fullName']}>{name}")
        found = own or _nested(call, channels, name)
        return found or categories.new(call, {"name": name, "parentId": channels["id"]})


def channels_of(world: World, partner: int) -> Data:
    """The category ``ROOT>site>channels`` of an account; raises PageRefused."""
    for row in world.store.all(partner, "category"):
        if row["status"] == categories.ACTIVE and _CHANNELS.fullmatch(row["fullName"]):
            return row
    raise PageRefused("no-channels")


def _nested(call: Call, channels: Data, name: str) -> Data | None:
    """The only category of that name further down (a track of an event), if there is just one."""
    below = categories.subtree(call, channels)[1:]
    named = [row for row in below if row["name"].casefold() == name.casefold()]
    return named[0] if len(named) == 1 else None
