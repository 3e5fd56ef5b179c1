from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kaltura_bridge.api.account import Resources
from kaltura_bridge.api.client import Request, wire
from kaltura_bridge.fields import fields_of
from kaltura_bridge.specs import Identity, Kind, Observed, Spec


@dataclass
class Wanted:
    """What to look for: our keys by kind, and the remote ids we know, both ways."""

    keys: dict[Kind, set[str]] = field(default_factory=dict)
    ids: dict[Identity, str] = field(default_factory=dict)

    def owner(self, kind: Kind, remote_id: str) -> str | None:
        """The key of the object of ours with this remote id."""
        if not hasattr(self, "_owners"):
            self._owners = {(k, i): key for (k, key), i in self.ids.items()}
        return self._owners.get((kind, remote_id))

    def entry_keys(self) -> dict[str, str]:
        """Remote id -> key of every entry and room that is known by id."""
        return {i: key for (k, key), i in self.ids.items() if k in (Kind.ENTRY, Kind.ROOM)}


@dataclass(frozen=True)
class Write:
    """What is to be written: all values of a spec, and for an update which of them changed."""

    spec: Spec
    values: Mapping[str, str]
    remote_id: str = ""
    changed: Mapping[str, str] = field(default_factory=dict)
    found: Observed | None = None


class Adapter(Protocol):
    """What each kind of object can do. All methods make requests, none sends them."""

    kind: Kind

    def lookups(self, wanted: Wanted, resources: Resources) -> list[Request]:
        """Lists that find the wanted objects of this kind."""

    def get(self, remote_id: str) -> Request | None:
        """Reads one object past the index; None where lists are never stale."""

    def read(self, raw: Any, wanted: Wanted, resources: Resources) -> Observed | None:
        """One object of a reply; None when it is none of ours."""

    def add(self, write: Write, resources: Resources) -> Request:
        """Make it, with fields and create-only fields."""

    def added(self, write: Write, raw: Any) -> str:
        """The remote id in the reply to an add."""

    def update(self, write: Write, resources: Resources) -> Request:
        """Write the changed fields."""

    def delete(self, remote_id: str) -> Request | None:
        """Delete it; None where Kaltura has no call for that, and it is only forgotten."""


def read_fields(kind: Kind, raw: Any) -> dict[str, str]:
    """The fields of a kind that an object of a reply has, as recipes write them."""
    plain = (field for field in fields_of(kind) if not field.by_adapter)
    return {f.name: f.read(wire(getattr(raw, f.name))) for f in plain if hasattr(raw, f.name)}
