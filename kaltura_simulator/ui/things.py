"""What the console can change: the kinds of object, their fields, and the calls for each wish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kaltura_simulator.kaf.admission import is_room
from kaltura_simulator.kaf.stage import LIVE_TYPE
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World
from kaltura_simulator.ui.fields import Field

_DELETED = "3"
CANCELLED = "1"


@dataclass(frozen=True)
class Verb:
    """A wish, and the API action that fulfils it."""

    name: str
    action: str
    #: The parameter that names the object.
    key: str
    #: The parameter that holds the changed properties; empty when they stand by themselves.
    body: str = ""
    #: Fields of the form that are passed on as parameters.
    sends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of object."""

    words: str
    title: str
    fields: tuple[Field, ...]
    verbs: tuple[Verb, ...]

    def verb(self, name: str) -> Verb | None:
        """A wish by its name."""
        return next((verb for verb in self.verbs if verb.name == name), None)


@dataclass(frozen=True)
class Thing:
    """An object that is there, with the word and the key of its address."""

    word: str
    key: str
    kind: Kind
    row: Data

    @property
    def anchor(self) -> str:
        """Where it stands on the face."""
        return f"{self.word}-{self.key}"

    @property
    def above(self) -> str:
        """Where the face shows what it hung on."""
        outer, name = _ABOVE.get(self.word, ("", ""))
        return f"{outer}-{self.row[name]}" if self.row.get(name) else "holds"

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.row.get(self.kind.title) or "")

    def call(self, verb: Verb, changed: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
        """The parameters of a wish. An object is sent as the class that it is."""
        params: dict[str, Any] = {verb.key: self.row["id"]}
        params |= {name: form[name] for name in verb.sends if name in form}
        if verb.body:
            changed = {verb.body: {"objectType": self.row["objectType"]} | changed}
        return params | changed


_ABOVE = {"event": ("entry", "templateEntryId"), "category": ("category", "parentId")}
_NAME = Field("name", "Name")
_DESCRIPTION = Field("description", "Description", "lines")
_TAGS = Field("tags", "Tags", hint="Parted by commas. Kaltura writes an entry's in lower case.")
_PLAIN = (_NAME, _DESCRIPTION, _TAGS)
_LIVE = (
    Field("dvrStatus", "DVR", "choice", choices=((0, "Off"), (1, "On"))),
    Field(
        "recordStatus",
        "Recording",
        "choice",
        choices=((0, "Off"), (1, "On, one recording that grows"), (2, "On, one for each stream")),
    ),
)
_EVENT = Kind(
    "Event",
    "summary",
    (
        Field("summary", "Summary"),
        Field("startDate", "Start, in UTC", "moment"),
        Field("endDate", "End, in UTC", "moment"),
        _DESCRIPTION,
    ),
    (
        Verb("change", "schedule_scheduleevent.update", "scheduleEventId", "scheduleEvent"),
        Verb("cancel", "schedule_scheduleevent.cancel", "scheduleEventId"),
        Verb("delete", "schedule_scheduleevent.delete", "scheduleEventId"),
    ),
)
_CATEGORY = Kind(
    "Category",
    "name",
    (_NAME, _DESCRIPTION),
    (
        Verb("change", "category.update", "id", "category"),
        Verb("delete", "category.delete", "id", sends=("moveEntriesToParentCategory",)),
    ),
)
_RECORD = Kind(
    "Record",
    "id",
    (Field("xmlData", "Document", "document", "XML, held to the schema of its profile."),),
    # With the version that was shown, so that nobody's newer document is overwritten.
    (Verb("change", "metadata_metadata.update", "id", sends=("version",)),),
)
_STREAM = Kind(
    "Live entry",
    "name",
    (*_PLAIN, *_LIVE),
    (
        Verb("change", "livestream.update", "entryId", "liveStreamEntry"),
        Verb("delete", "livestream.delete", "entryId"),
    ),
)
_ROOM = Kind(
    "Room",
    "name",
    _PLAIN,
    (
        Verb("change", "room_room.update", "roomId", "room"),
        Verb("delete", "room_room.delete", "roomId"),
    ),
)
_ENTRY = Kind(
    "Entry",
    "name",
    _PLAIN,
    (
        Verb("change", "baseentry.update", "entryId", "baseEntry"),
        Verb("delete", "baseentry.delete", "entryId"),
    ),
)
#: The word in an address, and the kind of object in the store.
_STORED = {
    "event": "schedule_event",
    "entry": "entry",
    "category": "category",
    "record": "metadata",
}
_KINDS = {"event": _EVENT, "category": _CATEGORY, "record": _RECORD}


def find(world: World, word: str, key: str) -> Thing | None:
    """The account's object of this word and key; None when there is none, or none any more."""
    if word not in _STORED:
        return None
    row = world.store.get(world.options.partner_id, _STORED[word], key)
    if row is None or (word != "record" and str(row.get("status")) == _DELETED):
        return None
    if word == "record":
        row = row | {"xmlData": row["xml"]}
    return Thing(word, key, _KINDS.get(word) or _kind_of(row), row)


def _kind_of(entry: Data) -> Kind:
    if is_room(entry):
        return _ROOM
    return _STREAM if str(entry.get("type")) == LIVE_TYPE else _ENTRY
