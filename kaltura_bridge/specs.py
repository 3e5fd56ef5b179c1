"""The terms in which recipes say what Kaltura should hold, and our keys on it.

Every value is text, as Kaltura gives it back over the wire, so that desired, pushed
and seen can be compared as they stand. A value may be a ``Ref``: the id of another
object of ours, known only once that one exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """A kind of object that the portal makes at Kaltura. Deletes go in this order."""

    BOOKING = "schedule_event_resource"
    SCHEDULE_EVENT = "schedule_event"
    RESOURCE = "schedule_resource"
    CATEGORY_ENTRY = "category_entry"
    METADATA = "metadata"
    THUMBNAIL = "thumbnail"
    ROOM = "room"
    ENTRY = "entry"
    CATEGORY_USER = "category_user"
    CATEGORY = "category"

    @property
    def label(self) -> str:
        """What people read."""
        return _LABELS[self]


_LABELS = {
    Kind.BOOKING: "Booking of a room",
    Kind.RESOURCE: "Room resource",
    Kind.THUMBNAIL: "Thumbnail",
    Kind.SCHEDULE_EVENT: "Schedule event",
    Kind.CATEGORY_ENTRY: "Place in a category",
    Kind.METADATA: "Metadata",
    Kind.ROOM: "Room",
    Kind.ENTRY: "Live entry",
    Kind.CATEGORY_USER: "Member of a category",
    Kind.CATEGORY: "Category",
}
DELETE_ORDER = {kind: position for position, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Ref:
    """Stands for the remote id of another object of ours."""

    kind: Kind
    key: str


@dataclass(frozen=True, order=True)
class RemoteRef:
    """An object at Kaltura by its id there, whoever made it; an entry of whatever class."""

    kind: Kind
    remote_id: str


Value = str | Ref
Identity = tuple[Kind, str]


@dataclass(frozen=True)
class Spec:
    """One object that Kaltura should hold.

    ``fields`` are kept in sync; ``create_only`` are sent once, with the add.
    ``variant`` names the class or the metadata profile where a kind has several.
    ``shape`` is what else cannot change without a new object. ``after`` are objects
    that must be written first though nothing here refers to them. ``note``: what people
    should know of it though nothing is wrong. ``unwanted``: it must not be there, whoever made
    it; nothing else of it counts. ``only_if_held``: kept in sync where it is
    there already, never created. ``fallbacks``: what optional fields go back to that were
    written once and are chosen no more; what was never written is not touched.
    """

    kind: Kind
    key: str
    label: str
    fields: Mapping[str, Value]
    create_only: Mapping[str, Value] = field(default_factory=dict)
    variant: str = ""
    shape: str = ""
    after: Sequence[Identity] = ()
    note: str = ""
    only_if_held: bool = False
    unwanted: bool = False
    fallbacks: Mapping[str, Value] = field(default_factory=dict)

    def with_fallbacks(self, pushed: Mapping[str, str]) -> Spec:
        """With the optional fields that were once written and are chosen no more."""
        left = {n: v for n, v in self.fallbacks.items() if n in pushed and n not in self.fields}
        return replace(self, fields={**self.fields, **left}) if left else self

    @property
    def identity(self) -> Identity:
        return self.kind, self.key

    @property
    def refs(self) -> Iterator[Ref]:
        values = [*self.fields.values(), *self.create_only.values()]
        return (value for value in values if isinstance(value, Ref))

    @property
    def needs(self) -> list[Identity]:
        """What must be written before this."""
        return [*((ref.kind, ref.key) for ref in self.refs), *self.after]


@dataclass(frozen=True)
class Observed:
    """One object that Kaltura holds, as read back; ``created_at`` in Unix seconds.

    ``dead``: it can be read still, but no longer does its work (a cancelled event).
    ``category_names``: a category's full name, and an entry's own list of such names,
    joined with commas; empty for categories that Kaltura never writes there. ``narrowed``:
    fields in which this Kaltura shows question marks for characters that it cannot keep;
    ``fields`` has them as we wrote them.
    """

    kind: Kind
    key: str
    remote_id: str
    fields: Mapping[str, str]
    created_at: int = 0
    dead: bool = False
    category_names: str = ""
    narrowed: frozenset[str] = frozenset()


OURS = "portal:"
_HEX = r"[0-9a-f]"
_KEY = re.compile(rf"{OURS}({_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}})(?:/[\w/-]+)?")


def key_for(uuid: object, suffix: str = "") -> str:
    """Our key on a remote object, for good: ``portal:UUID[/suffix]``."""
    return f"{OURS}{uuid}/{suffix}" if suffix else f"{OURS}{uuid}"


def booking_key(event: str, resource: str) -> str:
    """Our key of a booking: the event's, and the resource's where that is another's."""
    return event if event == resource else f"{event}@{resource}"


def booked_resource(key: str) -> str:
    """The key of the resource that a booking is of."""
    return key.rpartition("@")[2]


def booking_event(key: str) -> str:
    """The key of the event that a booking is for."""
    return key.partition("@")[0]


def member_key(user_id: str, event_uuid: object) -> str:
    """Our key of a person's membership in an event's category."""
    return f"{user_id}@{event_uuid}"


def member_parts(key: str) -> tuple[str, str]:
    """Whose membership it is, and the key of the category that it is in."""
    user_id, _, event_uuid = key.rpartition("@")
    return user_id, key_for(event_uuid)


_RECORDED = "recorded"


def recorded_key(uuid: object, entry_id: str) -> str:
    """Our name of a session's recording, which Kaltura made and which carries no key itself."""
    return key_for(uuid, f"{_RECORDED}/{entry_id}")


def recorded_id(key: str) -> str:
    """The entry that such a name stands for, also in that of its place; "" for other keys."""
    kind, _, entry_id = key.partition("@")[0].partition("/")[2].partition("/")
    return entry_id if kind == _RECORDED else ""


def place_key(entry_key: str, home: object) -> str:
    """Our key of an entry's place in the category of an event or a track, by its uuid."""
    return f"{entry_key}@{home}"


def home_of(place: str) -> str:
    """The key of the category that a place is in."""
    return key_for(place.rpartition("@")[2])


def key_field(kind: Kind) -> str:
    """The property in which objects of this kind carry their key."""
    return "systemName" if kind is Kind.RESOURCE else "referenceId"


def uuid_of_key(key: str) -> UUID | None:
    """The planned object behind ``portal:UUID[/suffix]``; None for anybody else's label."""
    found = _KEY.fullmatch(key)
    return UUID(found[1]) if found else None
