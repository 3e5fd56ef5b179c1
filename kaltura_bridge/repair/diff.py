"""One target as its page shows it: every object at Kaltura, and every field that differs.

Three sides of a field: planned here, last pushed, held at Kaltura. All from our own tables;
no page waits for Kaltura.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import Event
from kaltura_bridge.fields import field_of, label_of, not_kept, show_value
from kaltura_bridge.labels import not_kept_text, since
from kaltura_bridge.models import RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.repair import adopt, relinking
from kaltura_bridge.specs import Identity, Kind, Spec
from kaltura_bridge.sync.desired import remembered_fields, remembered_specs
from kaltura_bridge.sync.duplicate_times import DuplicateTime, duplicate_times
from kaltura_bridge.sync.planner import DELETED


class ChangedWhere(StrEnum):
    """Where a field changed since we last wrote it."""

    HERE = "here"
    AT_KALTURA = "at Kaltura"
    BOTH = "both"


_CHANGED_LABELS: Final = {
    ChangedWhere.HERE: gettext_lazy("Changed here"),
    ChangedWhere.AT_KALTURA: gettext_lazy("Changed at Kaltura"),
    ChangedWhere.BOTH: gettext_lazy("Changed here and at Kaltura"),
}


@dataclass(frozen=True)
class FieldView:
    """One field of an object, as it is kept and as people read it."""

    kind: str
    name: str
    planned: str
    written: str
    held: str
    zone: ZoneInfo
    why_not_adopted: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return label_of(self.kind, self.name)

    @property
    def changed(self) -> ChangedWhere | None:
        """Where it changed; None when it is in sync."""
        if self.planned == self.held:
            return None
        here, there = self.planned != self.written, self.held != self.written
        if here and there:
            return ChangedWhere.BOTH
        return ChangedWhere.HERE if here else ChangedWhere.AT_KALTURA

    @property
    def changed_label(self) -> str:
        """Where it changed, for people."""
        return str(_CHANGED_LABELS[self.changed]) if self.changed else _("In sync")

    @property
    def is_choice(self) -> bool:
        """Whether a person must choose; what only changed here is pushed by itself."""
        return self.changed in (ChangedWhere.AT_KALTURA, ChangedWhere.BOTH)

    @property
    def shown_planned(self) -> str:
        """The planned value, for people."""
        return self._shown(self.planned)

    @property
    def shown_written(self) -> str:
        """The value that we last pushed, for people."""
        return self._shown(self.written)

    @property
    def shown_held(self) -> str:
        """Kaltura's value, for people."""
        return self._shown(self.held)

    def _shown(self, value: str) -> str:
        return show_value(self.kind, self.name, value, self.zone)


@dataclass(frozen=True)
class ObjectView:
    """One object at Kaltura, its differing fields, and those that are ignored.

    ``note``: what people should know of it though nothing is wrong.
    """

    link: RemoteLink
    label: str
    fields: list[FieldView] = field(default_factory=list)
    ignored: list[FieldView] = field(default_factory=list)
    note: str = ""

    @property
    def choices(self) -> list[FieldView]:
        """The fields about which a person must choose."""
        return [each for each in self.fields if each.is_choice]

    @property
    def is_adoptable(self) -> bool:
        """Whether everything that was changed there can be adopted at once."""
        return not any(each.why_not_adopted for each in self.choices)

    @property
    def last_read(self) -> str:
        """When it was last read, such as “2 minutes ago”."""
        return since(self.link.seen_at)

    @property
    def can_relink(self) -> bool:
        """Whether it may stand for another object at Kaltura."""
        return Kind(self.link.kind) in relinking.RELINKABLE

    @property
    def can_unlink(self) -> bool:
        """Sessions need what belongs to events and tracks, so that stays linked."""
        linked = bool(self.link.remote_id) and not self.link.unlinked
        return linked and self.link.target.kind == TargetKind.SESSION


def zone_of(target: SyncTarget) -> ZoneInfo:
    """The zone of the target's event; UTC when the event is deleted."""
    event = Event.objects.filter(uuid=target.event_uuid).only("timezone").first()
    return ZoneInfo(event.timezone if event else "UTC")


def objects_of(target: SyncTarget) -> list[ObjectView]:
    """Every object of a target, those with problems first. Some six queries, however many."""
    specs = remembered_specs([target])
    planned = remembered_fields(specs)
    by_identity = {spec.identity: spec for spec in specs}
    zone = zone_of(target)
    links = target.links.exclude(made_for=DELETED).select_related("target")
    views = [_object(link, by_identity.get(identity_of(link)), planned, zone) for link in links]
    return sorted(views, key=lambda view: not (view.link.gone or view.choices))


def object_of(link: RemoteLink) -> ObjectView:
    """The same for one of them."""
    return next(view for view in objects_of(link.target) if view.link.pk == link.pk)


def identity_of(link: RemoteLink) -> Identity:
    """What a link has in common with its spec."""
    return Kind(link.kind), link.key


def duplicate_times_of(target: SyncTarget) -> list[DuplicateTime]:
    """Times of a session that Kaltura holds twice, differently."""
    held = {identity_of(link): held_by_link(link) for link in target.links.all()}
    return duplicate_times(target.object_uuid, held)


def held_by_link(link: RemoteLink) -> Mapping[str, str]:
    """What Kaltura holds, as last read; what we last wrote when it was never read."""
    held: Mapping[str, str] = link.seen or link.pushed
    return held


def _object(
    link: RemoteLink,
    spec: Spec | None,
    planned: Mapping[Identity, Mapping[str, str]],
    zone: ZoneInfo,
) -> ObjectView:
    held = held_by_link(link)
    hidden = not_kept(link.kind, link.pushed, held)
    wanted = {**planned.get(identity_of(link), link.pushed), **_left(spec, link)}
    views = [
        _field(link, name, value, held.get(name, ""), zone)
        for name, value in wanted.items()
        if name not in hidden
    ]
    shown = [] if link.gone or link.unlinked or not link.remote_id else views
    return ObjectView(
        link,
        _heading(spec.label if spec else link.get_kind_display()),
        [each for each in shown if each.changed and each.name not in link.ignored],
        [each for each in shown if each.name in link.ignored],
        " ".join(filter(None, [spec.note if spec else "", _narrowed_note(link), *_lacks(hidden)])),
    )


def _left(spec: Spec | None, link: RemoteLink) -> dict[str, str]:
    """What was chosen once, and goes back to what Kaltura has by itself."""
    if spec is None:
        return {}
    kept = spec.with_fallbacks(link.pushed).fields
    return {name: str(value) for name, value in kept.items() if name not in spec.fields}


def _lacks(hidden: Mapping[str, str]) -> list[str]:
    return [not_kept_text(field_of(Kind.ENTRY, name).label, p) for name, p in hidden.items()]


def _field(link: RemoteLink, name: str, planned: str, held: str, zone: ZoneInfo) -> FieldView:
    written = link.pushed.get(name, "")
    why_not = adopt.why_not(link, name)
    return FieldView(link.kind, name, planned, written, held, zone, why_not)


def _narrowed_note(link: RemoteLink) -> str:
    """What to know of emoji in it that this Kaltura cannot keep; "" when it keeps all."""
    if not link.narrowed:
        return ""
    names = ", ".join(label_of(link.kind, name) for name in link.narrowed)
    return _(
        "This Kaltura cannot keep some characters, such as emoji, and shows "
        "“?” for them (%(names)s). The plan keeps them."
    ) % {"names": names}


def _heading(label: str) -> str:
    return label[:1].upper() + label[1:]


def views_named(view: ObjectView, names: Collection[str]) -> list[FieldView]:
    """The chosen ones of an object's fields."""
    return [each for each in (*view.fields, *view.ignored) if each.name in names]
