"""Objects of a reply as they stand on the wire: their properties as text.

The published client makes an object of its own of everything it reads, with a value and a
loader for each of up to a hundred properties. For long lists that takes most of the time
that a sync has, and what is read here becomes text again at once.
"""

from __future__ import annotations

from typing import Any


class Row:
    """One object of a reply, read like the client's own; what the reply lacks is NotImplemented.

    A property is text, another ``Row``, or a list. Properties that are null stand in the
    reply too, as empty text.
    """

    __slots__ = ("_node",)

    def __init__(self, node: Any) -> None:
        self._node = node

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        # Few of the many properties are ever asked for, so they are looked up one by one.
        for child in self._node.iterchildren(name):
            return value_of(child)
        return NotImplemented


def value_of(node: Any) -> Any:
    """What an element of a reply holds: text, an object, or a list of either."""
    if len(node) == 0:
        return node.text or ""
    if node[0].tag == "item":
        return [value_of(item) for item in node]
    return Row(node)


def class_name_of(raw: Any) -> str:
    """Kaltura's class of an object of a reply, such as KalturaRoomEntry."""
    return str(raw.objectType) if isinstance(raw, Row) else type(raw).__name__
