"""One target as its page shows it: every object at Kaltura, and every field that differs.

Three sides of a field: planned here, last written, at Kaltura. All from our own tables;
nobody asks Kaltura for a page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from events.models import Event
from kaltura_bridge.fields import label_of, show_value
from kaltura_bridge.labels import since
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.repair import actions, adopt
from kaltura_bridge.specs import Identity, Kind
from kaltura_bridge.sync.desired import remembered_fields, remembered_specs
from kaltura_bridge.sync.duplicate_times import DuplicateTime, duplicate_times
from kaltura_bridge.sync.planner import DELETED


class Moved(StrEnum):
    """Who moved a field since we last wrote it."""

    HERE = "here"
    THERE = "there"
    BOTH = "both"


MOVED_WORDS: Final = {
    Moved.HERE: "Changed here, on its way",
    Moved.THERE: "Changed at Kaltura",
    Moved.BOTH: "Changed here and at Kaltura",
}


@dataclass(frozen=True)
class FieldView:
    """One field of an object, in words and as it is kept."""

    kind: str
    name: str
    planned: str
    written: str
    held: str
    zone: ZoneInfo
    why_not_adopted: str = ""

    @property
    def title(self) -> str:
        return label_of(self.kind, self.name)

    @property
    def moved(self) -> Moved | None:
        """None: in step."""
        if self.planned == self.held:
            return None
        here, there = self.planned != self.written, self.held != self.written
        return Moved.BOTH if here and there else Moved.HERE if here else Moved.THERE

    @property
    def moved_words(self) -> str:
        return MOVED_WORDS[self.moved] if self.moved else "In step"

    @property
    def is_choice(self) -> bool:
        """Whether a person must choose; what only moved here goes by itself."""
        return self.moved in (Moved.THERE, Moved.BOTH)

    @property
    def planned_words(self) -> str:
        return self._words(self.planned)

    @property
    def written_words(self) -> str:
        return self._words(self.written)

    @property
    def held_words(self) -> str:
        return self._words(self.held)

    def _words(self, value: str) -> str:
        return show_value(self.kind, self.name, value, self.zone)


@dataclass(frozen=True)
class ObjectView:
    """One object at Kaltura, its differing fields, and those that are ignored."""

    link: RemoteLink
    label: str
    fields: list[FieldView] = field(default_factory=list)
    ignored: list[FieldView] = field(default_factory=list)

    @property
    def choices(self) -> list[FieldView]:
        return [each for each in self.fields if each.is_choice]

    @property
    def is_adoptable(self) -> bool:
        """Whether all that differs there can be taken over at once."""
        return not any(each.why_not_adopted for each in self.choices)

    @property
    def read_back(self) -> str:
        """When it was last read, in words."""
        return since(self.link.seen_at)

    @property
    def can_relink(self) -> bool:
        return Kind(self.link.kind) in actions.RELINKED

    @property
    def can_unlink(self) -> bool:
        """What belongs to events and tracks is needed by sessions."""
        linked = bool(self.link.remote_id) and not self.link.let_go
        return linked and self.link.target.kind == "session"


def zone_of(target: SyncTarget) -> ZoneInfo:
    """The zone of the target's event; UTC when that is gone."""
    event = Event.objects.filter(uuid=target.event_uuid).only("timezone").first()
    return ZoneInfo(event.timezone if event else "UTC")


def objects_of(target: SyncTarget) -> list[ObjectView]:
    """Every object of a target, those in trouble first. Some six queries, however many."""
    specs = remembered_specs([target])
    planned = remembered_fields(specs)
    labels = {spec.identity: spec.label for spec in specs}
    zone = zone_of(target)
    links = target.links.exclude(made_for=DELETED).select_related("target")
    views = [_object(link, labels.get(identity_of(link)), planned, zone) for link in links]
    return sorted(views, key=lambda view: not (view.link.gone or view.choices))


def object_of(link: RemoteLink) -> ObjectView:
    """The same for one of them."""
    return next(view for view in objects_of(link.target) if view.link.pk == link.pk)


def identity_of(link: RemoteLink) -> Identity:
    return Kind(link.kind), link.key


def twins_of(target: SyncTarget) -> list[DuplicateTime]:
    """Times of a session that Kaltura holds twice, differently."""
    held = {identity_of(link): held_by_link(link) for link in target.links.all()}
    return duplicate_times(target.object_uuid, held)


def held_by_link(link: RemoteLink) -> Mapping[str, str]:
    """What Kaltura holds, as last read back; else as last written."""
    held: Mapping[str, str] = link.seen or link.pushed
    return held


def _object(
    link: RemoteLink,
    label: str | None,
    planned: Mapping[Identity, Mapping[str, str]],
    zone: ZoneInfo,
) -> ObjectView:
    wanted: Mapping[str, str] = planned.get(identity_of(link), link.pushed)
    held = held_by_link(link)
    views = [_field(link, name, wanted[name], held.get(name, ""), zone) for name in wanted]
    shown = [] if link.gone or link.let_go or not link.remote_id else views
    return ObjectView(
        link,
        _heading(label or link.get_kind_display()),
        [each for each in shown if each.moved and each.name not in link.ignored],
        [each for each in shown if each.name in link.ignored],
    )


def _field(link: RemoteLink, name: str, planned: str, held: str, zone: ZoneInfo) -> FieldView:
    written = link.pushed.get(name, "")
    why_not = adopt.why_not(link, name)
    return FieldView(link.kind, name, planned, written, held, zone, why_not)


def _heading(label: str) -> str:
    return label[:1].upper() + label[1:]


def views_named(view: ObjectView, names: Collection[str]) -> list[FieldView]:
    """The chosen ones of an object's fields."""
    return [each for each in (*view.fields, *view.ignored) if each.name in names]
