"""What may be deleted at Kaltura: only what carries the key of the link that wants it deleted.

An adapter deletes nothing but an ``OwnedObject``, and there is none without an object that
was read and carries the key. Only ``confirm`` (api/ownership.py) makes one, of what it has
read itself; tests/kaltura_bridge/api/test_ownership.py sees to that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kaltura_bridge.api.client import wire
from kaltura_bridge.api.errors import NotOurs
from kaltura_bridge.specs import (
    Kind,
    booked_resource,
    home_of,
    key_field,
    member_parts,
    recorded_id,
)


@dataclass(frozen=True)
class Deletion:
    """An object that is to be deleted, and our key of it.

    ``is_ghost``: a category that Kaltura itself made again of one of ours (orphans/ghosts.py);
    that has no key, and must have no mark of anybody else's either.
    """

    kind: Kind
    remote_id: str
    key: str
    is_ghost: bool = False


@dataclass(frozen=True)
class KeyBearer:
    """Which object carries the key of a kind that has none of its own.

    ``key``: that object's key, from ours. ``id``: its id, from ours; "" where ours does not
    tell, so that the object must be read first, and ``id_field`` says where it stands there.
    """

    kind: Kind
    key: Callable[[str], str] = str
    id: Callable[[str], str] = str
    id_field: str = ""


_BEARERS: Final[Mapping[Kind, KeyBearer]] = {
    Kind.CATEGORY_ENTRY: KeyBearer(
        Kind.ENTRY, lambda key: key.rpartition("@")[0], lambda remote_id: remote_id.split("|")[1]
    ),
    # Of its two ends the one that outlives it: an event takes its bookings along.
    Kind.BOOKING: KeyBearer(
        Kind.RESOURCE, booked_resource, lambda remote_id: remote_id.split("|")[1]
    ),
    # Nobody is taken out of a category that is not the event's, nor anybody but our people.
    Kind.CATEGORY_USER: KeyBearer(
        Kind.CATEGORY,
        lambda key: member_parts(key)[1],
        lambda remote_id: remote_id.partition("|")[0],
    ),
    Kind.METADATA: KeyBearer(
        Kind.ENTRY, lambda key: key.rpartition("/")[0], lambda _: "", "objectId"
    ),
}


# A recording carries no key of ours; what stands in a category of ours is ours to say.
_PLACE_OF_RECORDING: Final = KeyBearer(
    Kind.CATEGORY, home_of, lambda remote_id: remote_id.partition("|")[0]
)


def bearer_of(kind: Kind, key: str) -> KeyBearer:
    """Where the key of this object stands: on itself, or on what it hangs on."""
    if kind is Kind.CATEGORY_ENTRY and recorded_id(key):
        return _PLACE_OF_RECORDING
    return _BEARERS.get(kind) or KeyBearer(kind)


def key_carried(kind: Kind, raw: Any) -> str:
    """The key, anybody's, that an object of a reply carries; "" for none."""
    return wire(getattr(raw, key_field(kind), ""))


def is_unmarked(category: Any) -> bool:
    """Whether a category has neither a reference nor words of its own, as Kaltura makes them."""
    return not (wire(category.referenceId) or wire(category.description) or wire(category.tags))


@dataclass(frozen=True)
class OwnedObject:
    """An object that was read just now and carries its key, or hangs on one that does.

    ``bearer``: what carries the key, as Kaltura answered. Raises NotOurs for any other.
    """

    deletion: Deletion
    bearer: Any

    def __post_init__(self) -> None:
        if not (self._is_ghost() if self.deletion.is_ghost else self._carries_key()):
            raise NotOurs("It does not carry the portal's reference any more.")

    def _carries_key(self) -> bool:
        bearer = bearer_of(self.deletion.kind, self.deletion.key)
        wanted = bearer.key(self.deletion.key)
        return bool(wanted) and key_carried(bearer.kind, self.bearer) == wanted

    def _is_ghost(self) -> bool:
        is_category = self.deletion.kind is Kind.CATEGORY and not self.deletion.key
        return is_category and is_unmarked(self.bearer)

    @property
    def remote_id(self) -> str:
        """Its own id at Kaltura."""
        return self.deletion.remote_id
