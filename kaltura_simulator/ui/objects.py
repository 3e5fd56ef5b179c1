"""The objects that the console can edit: their fields, and the API calls for each action."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kaltura_simulator.rules.entry_types import is_live_stream, is_room
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World
from kaltura_simulator.ui.fields import Field

_DELETED = 3
_CANCELLED = 1


@dataclass(frozen=True)
class ConsoleAction:
    """Something that can be done to an object, and the API action that does it."""

    #: ``change``, ``cancel`` or ``delete``; part of the address.
    name: str
    api_action: str
    #: The parameter that holds the object's id.
    id_param: str
    #: The parameter that holds the changed properties; empty when they are parameters.
    body_param: str = ""
    #: Fields of the form that are sent as parameters of their own.
    extra_params: tuple[str, ...] = ()


@dataclass(frozen=True)
class EditableType:
    """A type of object; ``name_field`` is the property that people know it by."""

    label: str
    name_field: str
    fields: tuple[Field, ...]
    actions: tuple[ConsoleAction, ...]

    def action(self, name: str) -> ConsoleAction | None:
        """An action by its name."""
        return next((action for action in self.actions if action.name == name), None)


@dataclass(frozen=True)
class ConsoleObject:
    """An object that exists. Its address is ``{slug}/{key}``, as in ``event/12``."""

    slug: str
    key: str
    type: EditableType
    row: Data

    @property
    def anchor(self) -> str:
        """The anchor of the object on the overview page."""
        return f"{self.slug}-{self.key}"

    @property
    def parent_anchor(self) -> str:
        """The anchor of the object that it belongs to."""
        parent_slug, property_name = _PARENTS.get(self.slug, ("", ""))
        parent = self.row.get(property_name)
        return f"{parent_slug}-{parent}" if parent else "contents"

    @property
    def name(self) -> str:
        """The name that people know it by."""
        return str(self.row.get(self.type.name_field) or "")

    @property
    def is_cancelled(self) -> bool:
        """Whether this is an event that was cancelled."""
        return self.slug == "event" and is_cancelled(self.row)

    def params(
        self, action: ConsoleAction, changed: dict[str, Any], form: dict[str, str]
    ) -> dict[str, Any]:
        """The parameters of the API call. The object is sent as the class that it is."""
        params: dict[str, Any] = {action.id_param: self.row["id"]}
        params |= {name: form[name] for name in action.extra_params if name in form}
        if action.body_param:
            changed = {action.body_param: {"objectType": self.row["objectType"]} | changed}
        return params | changed


def is_cancelled(event: Data) -> bool:
    """Whether a scheduled event was cancelled."""
    return event.get("status") == _CANCELLED


_PARENTS = {"event": ("entry", "templateEntryId"), "category": ("category", "parentId")}
_NAME = Field("name", "Name")
_DESCRIPTION = Field("description", "Description", "lines")
_TAGS = Field("tags", "Tags", hint="Separated by commas. Kaltura stores them in lower case.")
_ENTRY_FIELDS = (_NAME, _DESCRIPTION, _TAGS)
_LIVE_FIELDS = (
    Field("dvrStatus", "DVR", "choice", choices=((0, "Off"), (1, "On"))),
    Field(
        "recordStatus",
        "Recording",
        "choice",
        choices=((0, "Off"), (1, "On, appended to one recording"), (2, "On, one per broadcast")),
    ),
)
_EVENT = EditableType(
    "Event",
    "summary",
    (
        Field("summary", "Summary"),
        Field("startDate", "Start, in UTC", "moment"),
        Field("endDate", "End, in UTC", "moment"),
        _DESCRIPTION,
    ),
    (
        ConsoleAction(
            "change", "schedule_scheduleevent.update", "scheduleEventId", "scheduleEvent"
        ),
        ConsoleAction("cancel", "schedule_scheduleevent.cancel", "scheduleEventId"),
        ConsoleAction("delete", "schedule_scheduleevent.delete", "scheduleEventId"),
    ),
)
_CATEGORY = EditableType(
    "Category",
    "name",
    (_NAME, _DESCRIPTION),
    (
        ConsoleAction("change", "category.update", "id", "category"),
        ConsoleAction(
            "delete", "category.delete", "id", extra_params=("moveEntriesToParentCategory",)
        ),
    ),
)
_RECORD = EditableType(
    "Metadata",
    "id",
    (Field("xmlData", "Document", "document", "XML that follows the schema of its profile."),),
    # With the version that was shown, so that nobody's newer document is overwritten.
    (ConsoleAction("change", "metadata_metadata.update", "id", extra_params=("version",)),),
)
_LIVE_ENTRY = EditableType(
    "Live entry",
    "name",
    (*_ENTRY_FIELDS, *_LIVE_FIELDS),
    (
        ConsoleAction("change", "livestream.update", "entryId", "liveStreamEntry"),
        ConsoleAction("delete", "livestream.delete", "entryId"),
    ),
)
_ROOM = EditableType(
    "Room",
    "name",
    _ENTRY_FIELDS,
    (
        ConsoleAction("change", "room_room.update", "roomId", "room"),
        ConsoleAction("delete", "room_room.delete", "roomId"),
    ),
)
_ENTRY = EditableType(
    "Entry",
    "name",
    _ENTRY_FIELDS,
    (
        ConsoleAction("change", "baseentry.update", "entryId", "baseEntry"),
        ConsoleAction("delete", "baseentry.delete", "entryId"),
    ),
)
#: The kind of object in the store, by the slug in an address.
_STORE_KINDS = {
    "event": "schedule_event",
    "entry": "entry",
    "category": "category",
    "record": "metadata",
}
_TYPES = {"event": _EVENT, "category": _CATEGORY, "record": _RECORD}


def find(world: World, slug: str, key: str) -> ConsoleObject | None:
    """The account's object of this address; None when there is none, or it was deleted."""
    if slug not in _STORE_KINDS:
        return None
    row = world.store.get(world.options.partner_id, _STORE_KINDS[slug], key)
    if row is None or (slug != "record" and row.get("status") == _DELETED):
        return None
    if slug == "record":
        row = row | {"xmlData": row["xml"]}
    return ConsoleObject(slug, key, _TYPES.get(slug) or _type_of(row), row)


def _type_of(entry: Data) -> EditableType:
    if is_room(entry):
        return _ROOM
    return _LIVE_ENTRY if is_live_stream(entry) else _ENTRY
