"""Desired against known against held: what to do about the difference; pure.

Three sides meet field by field: *base* is what we last wrote, *ours* what the recipe
wants, *theirs* what Kaltura holds. Ours moved: push it. Theirs moved: drift, told and
left alone. Both moved: conflict, told and left alone. Only fields we manage count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import DELETE_ORDER, Identity, Kind, Observed, Ref, Spec, Value


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    RELINK = "relink"  # it exists with our key and we did not know: adopt, then compare
    KEEP = "keep"  # in step; its link may learn what was read
    FORGET = "forget"  # an add that never happened, and is no longer wanted
    WAIT = "wait"  # an add may have happened; the lists cannot tell yet
    GONE = "gone"  # someone deleted it at Kaltura: a person decides


CALLS = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE})
# What such a link stood for is deleted, since ``adding_since``; lists may show it for a while.
DELETED = "deleted"


@dataclass
class Operation:
    """One step for one object. ``changed`` are the fields to write, as the recipe wants them."""

    action: Action
    kind: Kind
    key: str
    label: str
    target_id: int
    spec: Spec | None = None
    link: RemoteLink | None = None
    found: Observed | None = None
    replaces: Operation | None = None
    changed: dict[str, Value] = field(default_factory=dict)
    drift: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> ours, theirs
    conflicts: dict[str, tuple[str, str]] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)  # both sides moved to the same
    doubles: list[str] = field(default_factory=list)
    not_before: datetime | None = None

    @property
    def identity(self) -> Identity:
        return self.kind, self.key

    @property
    def fingerprint(self) -> str:
        """The same for two plans that would write the same: what was shown is what is applied."""
        fields = self.spec.fields if self.spec else {}
        names = self.changed if self.action is not Action.CREATE else fields
        sent = sorted(f"{name}={fields.get(name)}" for name in names)
        text = "|".join([self.action, self.kind, self.key, *sent])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    @property
    def begins_anew(self) -> bool:
        """Whether nobody may refer to it yet, even if an id of it is known."""
        return self.replaces is not None or self.action is Action.WAIT

    @property
    def needs_call(self) -> bool:
        """Whether something is written; an adopted object is written where it differs."""
        return self.action in CALLS or (self.action is Action.RELINK and bool(self.changed))


@dataclass
class Known:
    """All that the plan is made from, besides the desired specs."""

    links: Sequence[RemoteLink]
    observed: Mapping[Identity, Sequence[Observed]]
    gone: frozenset[Identity] = frozenset()
    ids: Mapping[Identity, str] = field(default_factory=dict)
    now: datetime | None = None
    index_delay: timedelta = timedelta()


def plan(desired: Mapping[int, Sequence[Spec]], known: Known) -> list[Operation]:
    """What brings Kaltura to the desired specs, by target id; creates first, deletes last.

    A target whose links are among ``known`` but which is absent from ``desired`` is left
    alone; one with an empty list loses everything.
    """
    # What is made anew takes all that hangs on it along: its old id no longer counts.
    known = replace(known, ids=(ids := dict(known.ids)))
    links = {(Kind(link.kind), link.key): link for link in known.links}
    wanted = {spec.identity for specs in desired.values() for spec in specs}
    operations: list[Operation] = []
    for target_id, specs in desired.items():
        for spec in specs:
            operation = _for_spec(spec, target_id, links.get(spec.identity), known)
            if operation.replaces:
                operations.append(operation.replaces)
            if operation.begins_anew:
                ids.pop(spec.identity, None)
            operations.append(operation)
    for identity, link in links.items():
        if identity not in wanted and link.target_id in desired:
            operations.append(_for_unwanted(link, identity, known))
    return operations


def _for_spec(spec: Spec, target_id: int, link: RemoteLink | None, known: Known) -> Operation:
    operation = Operation(
        Action.CREATE, spec.kind, spec.key, spec.label, target_id, spec=spec, link=link
    )
    found = sorted(known.observed.get(spec.identity, ()), key=lambda o: (o.created_at, o.remote_id))
    if link is not None and link.unlinked:
        operation.action = Action.KEEP
    elif link is not None and link.remote_id:
        if _is_another(link, spec, known):
            _replace(operation, link)
        else:
            _compare_linked(operation, link, found, known)
    elif link is not None and (until := settled_at(link, known)):
        operation.action, operation.not_before = Action.WAIT, until
    elif found and link is not None and _is_another(link, spec, known):
        _replace(operation, link, found[0])
    elif found:
        operation.action, operation.found = Action.RELINK, found[0]
        operation.doubles = [other.remote_id for other in found[1:]]
        operation.changed = _differences(spec, found[0].fields, known)
    return operation


def made_for(spec: Spec, ids: Mapping[Identity, str]) -> str:
    """The class of an object and what it hangs on: neither can change without a new object."""
    owners = (resolve(v, ids) for v in spec.create_only.values() if isinstance(v, Ref))
    shape = [spec.shape] if spec.shape else []
    return "|".join([spec.variant, *map(str, owners), *shape])[:200]


def _is_another(link: RemoteLink, spec: Spec, known: Known) -> bool:
    """Whether what was made, or was about to be, can never become what is wanted."""
    made = link.made_for not in ("", DELETED)
    return made and link.made_for != made_for(spec, known.ids)


def _replace(operation: Operation, link: RemoteLink, found: Observed | None = None) -> None:
    """The object became another one: the old one goes first, then this is made."""
    operation.replaces = Operation(
        Action.DELETE,
        operation.kind,
        operation.key,
        operation.label,
        operation.target_id,
        link=link,
        found=found,
    )


def settled_at(link: RemoteLink, known: Known) -> datetime | None:
    """When the lists can tell whether an add or a delete happened; None when they can already."""
    return _caught_up(link.adding_since, known)


def _caught_up(since: datetime | None, known: Known) -> datetime | None:
    """When lists show what was written at ``since``; None when they do already."""
    if since is None or known.now is None:
        return None
    until = since + known.index_delay
    return until if known.now < until else None


def _compare_linked(
    operation: Operation, link: RemoteLink, found: Sequence[Observed], known: Known
) -> None:
    """Update, keep or report an object whose remote id we know."""
    operation.action = Action.KEEP
    if not _caught_up(link.pushed_at, known):  # else it may be what this one replaced
        operation.doubles = [o.remote_id for o in found if o.remote_id != link.remote_id]
    if operation.identity in known.gone:
        operation.action = Action.GONE
        return
    operation.found = next((o for o in found if o.remote_id == link.remote_id), None)
    if operation.found and operation.found.dead:
        operation.action = Action.GONE
        return
    theirs = operation.found.fields if operation.found else link.pushed
    assert operation.spec is not None  # only desired objects are compared
    if operation.kind is Kind.METADATA:
        operation.spec = _with_emptied(operation.spec, link.pushed)
    for name, wanted in operation.spec.fields.items():
        if name in link.ignored:
            continue
        _sort_field(operation, name, resolve(wanted, known.ids), link.pushed, theirs)
    if operation.changed:
        operation.action = Action.UPDATE


def _with_emptied(spec: Spec, pushed: Mapping[str, str]) -> Spec:
    """What we once wrote into a record and no longer want there is written empty."""
    emptied = {name: "" for name, value in pushed.items() if value and name not in spec.fields}
    return replace(spec, fields={**spec.fields, **emptied}) if emptied else spec


def _sort_field(
    operation: Operation,
    name: str,
    ours: Value,
    pushed: Mapping[str, str],
    theirs: Mapping[str, str],
) -> None:
    """Put one field where it belongs: in step, to push, drifted, or in conflict."""
    base, held = pushed.get(name), theirs.get(name, "")
    if ours == held:
        if base is not None and base != held:
            operation.agreed[name] = held
        return
    moved_here, moved_there = base is None or ours != base, base is not None and held != base
    if moved_here and moved_there:
        operation.conflicts[name] = (str(ours), held)
    elif moved_here:
        operation.changed[name] = ours
    else:
        operation.drift[name] = (str(ours), held)


def _differences(spec: Spec, theirs: Mapping[str, str], known: Known) -> dict[str, Value]:
    wanted = {name: resolve(value, known.ids) for name, value in spec.fields.items()}
    return {name: value for name, value in wanted.items() if theirs.get(name, "") != value}


def _for_unwanted(link: RemoteLink, identity: Identity, known: Known) -> Operation:
    kind, key = identity
    operation = Operation(
        Action.DELETE, kind, key, f"{link.get_kind_display()} {key}", link.target_id, link=link
    )
    found = known.observed.get(identity, ())
    if link.unlinked:
        operation.action = Action.FORGET
        return operation
    if link.remote_id:
        return operation
    if until := settled_at(link, known):
        operation.action = Action.KEEP if link.made_for == DELETED else Action.WAIT
        operation.not_before = until
    elif found:
        operation.found = found[0]
    else:
        operation.action = Action.FORGET
    return operation


def held_after(operations: Iterable[Operation]) -> dict[Identity, Mapping[str, str]]:
    """What Kaltura holds once these are done, by identity, as far as it was seen."""
    return {
        o.identity: {**o.found.fields, **{name: str(value) for name, value in o.changed.items()}}
        for o in operations
        if o.found
    }


def resolve(value: Value, ids: Mapping[Identity, str]) -> Value:
    """The remote id behind a Ref when it is known; else the Ref itself."""
    if isinstance(value, Ref):
        return ids.get((value.kind, value.key), value)
    return value


def layers(operations: Iterable[Operation]) -> list[list[Operation]]:
    """Operations in the order of need: what others refer to first, deletes last.

    What is replaced goes before all: its successor has the same key.

    Deletes run by kind, and categories deepest first, so that a parent never takes its
    children with it.
    """
    making = [o for o in operations if o.action is not Action.DELETE]
    byidentity = {o.identity: o for o in making}
    depths: dict[Identity, int] = {}

    def depth(operation: Operation) -> int:
        if operation.identity not in depths:
            needs = operation.spec.needs if operation.spec else ()
            needed = [byidentity[identity] for identity in needs if identity in byidentity]
            depths[operation.identity] = 1 + max((depth(n) for n in needed), default=-1)
        return depths[operation.identity]

    replaced = {id(o.replaces) for o in making if o.replaces}
    made: dict[int, list[Operation]] = {}
    for operation in making:
        made.setdefault(depth(operation), []).append(operation)
    deletes = [o for o in operations if o.action is Action.DELETE]
    # What hangs on another goes before it.
    first = sorted((o for o in deletes if id(o) in replaced), key=lambda o: DELETE_ORDER[o.kind])
    last = [o for o in deletes if id(o) not in replaced]
    making_layers = [made[level] for level in sorted(made)]
    return [*([first] if first else []), *making_layers, *_delete_layers(last)]


def _delete_layers(operations: Iterable[Operation]) -> list[list[Operation]]:
    byrank: dict[tuple[int, int], list[Operation]] = {}
    for operation in operations:
        link = operation.link
        is_top = int(link is not None and link.target.kind == "event")
        byrank.setdefault((DELETE_ORDER[operation.kind], is_top), []).append(operation)
    return [byrank[rank] for rank in sorted(byrank)]
