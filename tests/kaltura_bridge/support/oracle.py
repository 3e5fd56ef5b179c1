"""What Kaltura should hold against what it does hold, without the planner: the tests' own judge.

It reads the domain and the local Kaltura's store, never a link, an operation or an adapter;
of targets only which names Kaltura has refused.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from django.conf import settings

from events.models import Event, Session
from kaltura_bridge.models import SyncTarget
from kaltura_bridge.recipes import CannotSend, Context, Pointed, Video, specs_for
from kaltura_bridge.specs import Identity, Kind, Ref, RemoteRef, Spec
from kaltura_bridge.texts import admin_tags_read, tags_read

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

PREFIX = "portal:"
PARENT = "channels"
LIVE, ROOM = 7, "room.room"
# Told once and never compared afterwards: the room may have got another template since.
ONCE = frozenset({"templateRoomEntryId"})
_RECORDING = (
    "shouldCopyEntitlement",
    "shouldMakeHidden",
    "shouldAutoArchive",
    "shouldCopyScheduling",
    "shouldCopyThumbnail",
)


@dataclass(frozen=True)
class Row:
    """One object of ours in the store, in the words of a spec."""

    id: str
    made_as: str
    fields: Mapping[str, str]
    raw: Mapping[str, Any]


class Store:
    """All of ours that the local Kaltura holds, by kind and key; and what it holds of others."""

    def __init__(self, simulator: Simulator) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._simulator = simulator
        self.ours: dict[Identity, list[Row]] = defaultdict(list)
        self._owners: dict[tuple[Kind, str], str] = {}
        for kind, key, row in self._keyed():
            self._owners[kind, str(row["id"])] = key
            self._put(kind, key, row)
        for key, kind, row in self._hanging():
            self._put(kind, key, row)

    def rows(self, kind: str) -> list[dict[str, Any]]:
        if kind not in self._rows:
            self._rows[kind] = self._simulator.objects(kind)
        return self._rows[kind]

    def _put(self, kind: Kind, key: str, row: Mapping[str, Any]) -> None:
        made_as = str(row.get("objectType", ""))
        self.ours[kind, key].append(Row(str(row.get("id", "")), made_as, _in_words(kind, row), row))

    def _keyed(self) -> Iterator[tuple[Kind, str, dict[str, Any]]]:
        """Objects that carry our key themselves."""
        for row in self.rows("category"):
            yield from self._if_ours(Kind.CATEGORY, "referenceId", row)
        for row in self.rows("entry"):
            kind = Kind.ROOM if row["type"] == ROOM else Kind.ENTRY
            yield from self._if_ours(kind, "referenceId", row)
        for row in self.rows("scheduleEvent"):
            yield from self._if_ours(Kind.SCHEDULE_EVENT, "referenceId", row)
        for row in self.rows("scheduleResource"):
            yield from self._if_ours(Kind.RESOURCE, "systemName", row)

    @staticmethod
    def _if_ours(
        kind: Kind, name: str, row: dict[str, Any]
    ) -> Iterator[tuple[Kind, str, dict[str, Any]]]:
        if str(row.get(name) or "").startswith(PREFIX):
            yield kind, row[name], row

    def _hanging(self) -> Iterator[tuple[str, Kind, dict[str, Any]]]:
        """Objects that are ours because they hang on one of ours."""
        profiles = {r["id"]: r["systemName"] for r in self.rows("metadataProfile")}
        for row in self.rows("metadata"):
            if entry := self._entry(row["objectId"]):
                yield f"{entry}/{profiles[row['metadataProfileId']]}", Kind.METADATA, row
        for row in self.rows("categoryEntry"):
            home = self._owners.get((Kind.CATEGORY, str(row["categoryId"])), PREFIX + "?")
            if entry := self._entry(row["entryId"]):
                yield f"{entry}@{home.removeprefix(PREFIX)}", Kind.CATEGORY_ENTRY, row
        for row in self.rows("scheduleEventResource"):
            event = self._owners.get((Kind.SCHEDULE_EVENT, str(row["eventId"])), "")
            resource = self._owners.get((Kind.RESOURCE, str(row["resourceId"])), "")
            if event or resource:
                key = event if event == resource else f"{event}@{resource}"
                yield key, Kind.BOOKING, row

    def _entry(self, remote_id: str) -> str:
        found = (self._owners.get((k, remote_id)) for k in (Kind.ENTRY, Kind.ROOM))
        return next((key for key in found if key), "")

    def id_of(self, identity: Identity) -> str:
        found = self.ours.get(identity, ())
        return found[0].id if found else f"nothing ({identity[0]} {identity[1]})"

    @property
    def parent_id(self) -> str:
        return next(str(r["id"]) for r in self.rows("category") if r["name"] == PARENT)

    def pointed(self) -> dict[RemoteRef, Pointed]:
        """Every entry, as nobody's."""
        return {
            RemoteRef(Kind.ENTRY, row["id"]): Pointed(
                "", Video(row["status"] == 2, -(-int(row.get("msDuration") or 0) // 1000))
            )
            for row in self.rows("entry")
        }


PLAYED = ("sourceEntryId", "preStartEntryId", "postEndEntryId", "redirectEntryId")
NOTHING = ("", "[]")
# Fields that must hold nothing unless they are planned.
_NOTHING_ELSE: dict[Kind, Callable[[Row], Iterable[str]]] = {
    Kind.METADATA: lambda row: row.fields,
    Kind.SCHEDULE_EVENT: lambda row: [name for name in PLAYED if name in row.fields],
}


def _in_words(kind: Kind, row: Mapping[str, Any]) -> dict[str, str]:
    if kind is Kind.METADATA:
        return _facts(row["xml"]) | {"objectId": str(row["objectId"])}
    fields = {name: _text(value) for name, value in row.items()}
    if kind in (Kind.ENTRY, Kind.ROOM):
        fields["tags"] = tags_read(fields.get("tags", ""))
        fields["adminTags"] = admin_tags_read(fields.get("adminTags", ""))
        told = row.get("recordingOptions") or {}
        options = {name: _text(told.get(name)) or "0" for name in _RECORDING}
        fields["recordingOptions"] = json.dumps(options, sort_keys=True)
    if kind is Kind.SCHEDULE_EVENT:
        fields["tags"] = admin_tags_read(fields.get("tags", ""))
    return fields


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def _facts(xml: str) -> dict[str, str]:
    """The elements of a record by name, its details by key, presenters as a list."""
    facts, presenters = {}, []
    for element in ElementTree.fromstring(xml):
        if element.tag == "Detail":
            facts[f"Detail/{element.findtext('Key')}"] = element.findtext("Value") or ""
        elif element.tag == "Presenter":
            presenters.append({child.tag: child.text for child in element if child.text})
        else:
            facts[element.tag] = element.text or ""
    return facts | {"Presenter": json.dumps(presenters, ensure_ascii=False, sort_keys=True)}


def specs_of(events: Iterable[Event], store: Store) -> list[Spec]:
    """Everything that should be there for these events; sessions that cannot be sent have nothing."""
    context = Context(
        parent_category_id=store.parent_id,
        conversion_profile_id=str(settings.KALTURA_CONVERSION_PROFILE_ID),
        room_template_interactive=settings.KALTURA_ROOM_TEMPLATE_INTERACTIVE,
        room_template_webinar=settings.KALTURA_ROOM_TEMPLATE_WEBINAR,
        room_template_studio=settings.KALTURA_ROOM_TEMPLATE_STUDIO,
        simulive_access_control_id=str(settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID or ""),
        pointed=store.pointed(),
        owner_id=settings.KALTURA_USER_ID,
        site_url=settings.SITE_URL,
    )
    found: list[Spec] = []
    for event in events:
        fresh = Event.objects.get(pk=event.pk)
        for thing in (fresh, *fresh.tracks.all(), *fresh.sessions.all()):
            taken = SyncTarget.objects.filter(object_uuid=thing.uuid).values_list("taken_names")
            own = replace(context, taken_names=frozenset(n for (names,) in taken for n in names))
            try:
                found += specs_for(thing, own)
            except CannotSend:
                assert isinstance(thing, Session)
    return found


def differences(simulator: Simulator, *events: Event) -> list[str]:
    """What is missing, double, left over or otherwise than planned, a line each; [] when exact."""
    store = Store(simulator)
    specs = [s for s in specs_of(events, store) if s.kind is not Kind.THUMBNAIL]
    wanted = {spec.identity for spec in specs}
    lines = [f"left over: {kind} {key}" for kind, key in store.ours if (kind, key) not in wanted]
    for spec in specs:
        lines += _of_one(spec, store.ours.get(spec.identity, []), store)
    return sorted(lines)


def _of_one(spec: Spec, rows: list[Row], store: Store) -> Iterator[str]:
    name = f"{spec.kind} {spec.key}"
    if spec.only_if_held and not rows:
        return
    if len(rows) != 1:
        yield f"{len(rows)} times: {name}"
        return
    row = rows[0]
    if spec.variant.startswith("Kaltura") and row.made_as != spec.variant:
        yield f"{name} is a {row.made_as}, not a {spec.variant}"
    for field, value in {**spec.fields, **spec.create_only}.items():
        ours = store.id_of((value.kind, value.key)) if isinstance(value, Ref) else value
        theirs = row.fields.get(field, "")
        if theirs != ours and field not in ONCE:
            yield f"{name} {field}: planned {ours!r}, held {theirs!r}"
    for field in _NOTHING_ELSE.get(spec.kind, lambda row: ())(row):
        if row.fields[field] not in NOTHING and field not in {**spec.fields, **spec.create_only}:
            yield f"{name} {field}: left over {row.fields[field]!r}"


def pictures(simulator: Simulator) -> dict[str, int]:
    """How often a picture was fetched for each entry of ours, by key."""
    rows = simulator.objects("entry")
    return {row["referenceId"]: row["_pictures"] for row in rows if row.get("_pictures")}
