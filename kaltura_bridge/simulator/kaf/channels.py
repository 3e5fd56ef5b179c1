"""The gallery of a context: the category of its name below ``ROOT>site>channels``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kaltura_bridge.simulator import schema
from kaltura_bridge.simulator.call import Call
from kaltura_bridge.simulator.kaf.refusals import Refused
from kaltura_bridge.simulator.services import category

if TYPE_CHECKING:
    from kaltura_bridge.simulator.store import Data
    from kaltura_bridge.simulator.world import World

_CHANNELS = re.compile(r"[^>]+>site>channels")


def context_name(context_id: str) -> str:
    """The name of a context's category, as categories keep names; raises Refused."""
    name = category.clean_name(context_id)
    if not name.isprintable() or not 1 <= len(name.encode()) <= category.MAX_NAME_BYTES:
        raise Refused("context", field="contextId")
    return name


def find_gallery(world: World, partner: int, context_id: str) -> Data | None:
    """The category of a context, None when it is still to be made; raises Refused."""
    name, call = context_name(context_id), _call(world, partner)
    channels = _channels(call)
    own = category.by_full_name(call, f"{channels['fullName']}>{name}")
    return own or _deeper(call, channels, name)


def gallery_for(world: World, partner: int, context_id: str) -> Data:
    """The category of a context, made when there is none; raises Refused."""
    call = _call(world, partner)
    with world.store.transaction():
        found = find_gallery(world, partner, context_id)
        place = {"name": context_name(context_id), "parentId": _channels(call)["id"]}
        return found or category.new(call, place)


def below_channels(world: World, partner: int) -> list[Data]:
    """Every category below the channels, parents first."""
    call = _call(world, partner)
    return category.subtree(call, _channels(call))[1:]


def _channels(call: Call) -> Data:
    for row in call.all("category"):
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
