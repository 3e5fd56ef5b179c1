"""The gallery of a context: the category of its name below ``ROOT>site>channels``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kaltura_simulator.api import schema
from kaltura_simulator.api.call import Call
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.services import category

if TYPE_CHECKING:
    from kaltura_simulator.state.store import Data
    from kaltura_simulator.world import World

_CHANNELS = re.compile(r"[^>]+>site>channels")


def context_name(context_id: str) -> str:
    """The name of a context's category, as categories keep names; raises Refused."""
    name = category.clean_name(context_id)
    if not name.isprintable() or not 1 <= len(name.encode()) <= category.MAX_NAME_BYTES:
        raise Refused("context", field="contextId")
    return name


def gallery_for(world: World, partner: int, context_id: str) -> Data:
    """The category of a context, made when there is none; raises Refused."""
    name, call = context_name(context_id), _call(world, partner)
    with world.store.transaction():
        channels = channels_of(world, partner)
        own = category.by_full_name(call, f"{channels['fullName']}>{name}")
        found = own or _deeper(call, channels, name)
        return found or category.new(call, {"name": name, "parentId": channels["id"]})


def channels_of(world: World, partner: int) -> Data:
    """The category below which all galleries stand; raises Refused."""
    for row in world.store.all(partner, "category"):
        if row["status"] == category.ACTIVE and _CHANNELS.fullmatch(row["fullName"]):
            return row
    raise Refused("no-channels")


def _deeper(call: Call, channels: Data, name: str) -> Data | None:
    """The only category of that name among those further down: a track of an event."""
    below = category.subtree(call, channels)[1:]
    named = [row for row in below if row["name"].casefold() == name.casefold()]
    return named[0] if len(named) == 1 else None


def _call(world: World, partner: int) -> Call:
    """KAF's own hand on the account; it has every right."""
    action = schema.action("category", "add")
    if action is None:  # pragma: no cover - the table always has it
        raise LookupError("category.add")
    return Call(world, action, None, partner)
