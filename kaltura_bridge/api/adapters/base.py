"""What every kind of object can do at Kaltura, and what its adapter is given for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final, Protocol

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.adapters.owned import OwnedObject
from kaltura_bridge.api.client import Request, wire
from kaltura_bridge.fields import RemoteField, fields_of
from kaltura_bridge.specs import Identity, Kind, Observed, Spec


@dataclass(frozen=True)
class Lookup:
    """What to look for: our keys by kind, and the remote ids we know, both ways.

    ``doubted``: keys under which an add of ours may have made a second object.
    """

    keys: Mapping[Kind, set[str]]
    ids: Mapping[Identity, str]
    doubted: frozenset[Identity] = frozenset()

    @cached_property
    def entry_keys(self) -> Mapping[str, str]:
        """Remote id -> key of every entry and room that is known by id."""
        return {i: key for (k, key), i in self.ids.items() if k in (Kind.ENTRY, Kind.ROOM)}

    @cached_property
    def _keys_by_id(self) -> Mapping[tuple[Kind, str], str]:
        return {(kind, remote_id): key for (kind, key), remote_id in self.ids.items()}

    def key_of(self, kind: Kind, remote_id: str) -> str | None:
        """Our key of the object with this remote id; None when it is not known by its id."""
        return self._keys_by_id.get((kind, remote_id))


@dataclass(frozen=True)
class Write:
    """What is to be written: all values of a spec, and for an update which of them changed."""

    spec: Spec
    values: Mapping[str, str]
    remote_id: str = ""
    changed: Mapping[str, str] = field(default_factory=dict)
    found: Observed | None = None


class Adapter(Protocol):
    """The verbs for one kind of object. They make requests; none sends one."""

    kind: Kind
    # Whether Kaltura has a call for it; what cannot be deleted goes with what it belongs to.
    can_delete: bool

    def find(self, lookup: Lookup, resources: Resources) -> list[Request]:
        """Lists that find the objects of this kind that are looked for."""

    def get(self, remote_id: str) -> Request | None:
        """Reads one object past the index; None where lists are never stale."""

    def read(self, raw: Any, lookup: Lookup, resources: Resources) -> Observed | None:
        """One object of a reply; None when it is none of ours, or deleted."""

    def add(self, write: Write, resources: Resources) -> Request:
        """Creates it, with fields and create-only fields."""

    def new_id(self, write: Write, raw: Any) -> str:
        """The remote id in the reply to an add."""

    def update(self, write: Write, resources: Resources) -> Request:
        """Writes the changed fields."""

    def delete(self, owned: OwnedObject) -> Request:
        """Deletes what has just been confirmed as ours (api/ownership.py)."""


# By kind, the statuses of what is no more. A list in lag shows such objects in spite of a
# status filter: its index says which objects it holds, the database what they are like now
# (seen at a running server, 22.19). A deleted category is 3 at first and 4 once purged.
# Of a member 3 is a membership that was deactivated.
_DELETED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.CATEGORY: ("3", "4"),
    Kind.CATEGORY_USER: ("4",),
}
_DELETED_ELSEWHERE: Final = ("3",)


def is_deleted(kind: Kind, raw: Any) -> bool:
    """Whether an object of a reply is deleted already."""
    status = wire(getattr(raw, "status", ""))
    return status in _DELETED.get(kind, _DELETED_ELSEWHERE)


def read_fields(kind: Kind, raw: Any) -> dict[str, str]:
    """The fields of a kind that an object of a reply has, as recipes write them."""
    held = ((field, getattr(raw, field.name)) for field in _plain_fields(kind))
    found = {f: wire(value) for f, value in held if value is not NotImplemented}
    # Without its permission such a field stands empty in some replies, and in others not at all.
    return {f.name: f.read(text) for f, text in found.items() if text or not f.permission}


@cache
def _plain_fields(kind: Kind) -> Sequence[RemoteField]:
    return [field for field in fields_of(kind) if not field.by_adapter]
