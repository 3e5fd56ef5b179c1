"""The chat of a room or a webcast."""

from __future__ import annotations

from typing import Any

from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

MESSAGE = "chat_message"
MAX_TEXT = 500
#: A page gets no more than this many at once.
SHOWN = 200


def say(world: World, partner: int, visit: Data, text: str) -> Data | None:
    """Post a message; None when it has no printable text."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MAX_TEXT]
    if not clean:
        return None
    number = world.store.next_id(MESSAGE, 1)
    message = {
        "id": number,
        "place": visit["place"],
        "user_id": visit["user_id"],
        "name": visit["name"],
        "text": clean,
        "at": world.clock.now(),
    }
    return world.store.put(partner, MESSAGE, number, message)


def messages(world: World, partner: int, place: str, after: int = 0) -> list[dict[str, Any]]:
    """The messages of a room or webcast after message ``after``, oldest first."""
    written = world.store.all(partner, MESSAGE)
    return [m for m in written if m["place"] == place and m["id"] > after][-SHOWN:]
