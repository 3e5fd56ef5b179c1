"""Desired against known against held: what to do about the difference; pure.

Three sides meet field by field: *base* is what we last wrote, *ours* what the recipe
wants, *theirs* what Kaltura holds. Ours moved: push it. Theirs moved: drift, reported
and left alone. Both moved: conflict, reported and left alone. Only fields we manage count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kaltura_bridge.fields import not_kept
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import (
    DELETE_ORDER,
    Identity,
    Kind,
    Observed,
    Ref,
    Spec,
    Value,
    recorded_id,
)
from kaltura_bridge.sync.operations import (
    Compared,
    Comparison,
    Create,
    Delete,
    Forget,
    Gone,
    Keep,
    Operation,
    Relink,
    Remove,
    Subject,
    Update,
    Wait,
)

# The link is a tombstone: what it stood for is deleted, since ``adding_since``; lists may
# show it for a while.
DELETED = "deleted"
# By how much Kaltura's clock may differ from ours.
SLACK_S = 15.0
# The fields of a category that its full name is made of.
RENAMING = frozenset({"name", "parentId"})


@dataclass(frozen=True)
class Known:
    """All that the plan is made from, besides the desired specs."""

    links: Sequence[RemoteLink]
    observed: Mapping[Identity, Sequence[Observed]]
    gone: frozenset[Identity] = frozenset()
    ids: Mapping[Identity, str] = field(default_factory=dict)
    now: datetime | None = None
    index_delay: timedelta = timedelta()

    def found(self, identity: Identity) -> list[Observed]:
        """The objects of this identity that Kaltura showed, the oldest first."""
        return sorted(self.observed.get(identity, ()), key=lambda o: (o.created_at, o.remote_id))

    def unsettled_until(self, since: datetime | None) -> datetime | None:
        """When lists show what was written at ``since``; None when they do already."""
        if since is None or self.now is None:
            return None
        until = since + self.index_delay
        return until if self.now < until else None


def plan(desired: Mapping[int, Sequence[Spec]], known: Known) -> list[Operation]:
    """What brings Kaltura to the desired specs, by target id; creates first, deletes last.

    A target whose links are among ``known`` but which is absent from ``desired`` is left
    alone; one with an empty list loses everything.
    """
    # What is created again takes all that hangs on it along: its old id no longer counts.
    ids = dict(known.ids)
    known = replace(known, ids=ids)
    links = {(Kind(link.kind), link.key): link for link in known.links}
    wanted = {s.identity for specs in desired.values() for s in specs if not s.unwanted}
    operations: list[Operation] = []
    for target_id, specs in desired.items():
        for spec in specs:
            if spec.unwanted:
                operations += _for_uninvited(spec, target_id, links.get(spec.identity), known)
                continue
            operation = _for_wanted(spec, target_id, links.get(spec.identity), known)
            if operation is None:
                continue
            if isinstance(operation, Compared):
                operation, removals = _own_duplicates_removed(operation, known)
                operations += removals
            if isinstance(operation, Create) and operation.replaces:
                operations.append(operation.replaces)
            if operation.is_not_there_yet:
                ids.pop(spec.identity, None)
            operations.append(operation)
    for identity, link in links.items():
        if identity not in wanted and link.target_id in desired:
            operations.append(_for_unwanted(link, identity, known))
    return operations


def _for_wanted(
    spec: Spec, target_id: int, link: RemoteLink | None, known: Known
) -> Operation | None:
    operation = _for_spec(spec, target_id, link, known)
    if isinstance(operation, Gone) and recorded_id(spec.key):
        # Whether a recording is listed is the portal's to say, and its entry may be gone.
        return Forget(operation.subject, operation.link)
    return _without_creating(operation) if spec.only_if_held else operation


def _for_uninvited(
    spec: Spec, target_id: int, link: RemoteLink | None, known: Known
) -> list[Operation]:
    """Delete what must not be there and no link of ours has made; what one has is unwanted."""
    if link is not None:
        return []
    subject = Subject(target_id, spec.kind, spec.key, spec.label, spec.needs)
    return [
        Delete(
            subject,
            RemoteLink(
                target_id=target_id, kind=spec.kind, key=spec.key, remote_id=found.remote_id
            ),
            found.remote_id,
        )
        for found in known.found(spec.identity)
    ]


def _own_duplicates_removed(operation: Compared, known: Known) -> tuple[Compared, list[Operation]]:
    """The operation without those duplicates that adds of ours have made, and their removal."""
    link = operation.link
    if link is None or link.unlinked:
        return operation, []
    kept = operation.remote_id if isinstance(operation, Update | Relink) else link.remote_id
    others = (found for found in known.found(operation.identity) if found.remote_id != kept)
    ours = [found.remote_id for found in others if _was_made_in_doubt(found, link)]
    if not ours:
        return operation, []
    reported = [other for other in operation.duplicates if other not in ours]
    removals: list[Operation] = [Remove(operation.subject, link, other) for other in ours]
    return replace(operation, duplicates=reported), removals


def _was_made_in_doubt(found: Observed, link: RemoteLink) -> bool:
    """Whether an add of ours whose outcome was never known was on its way at its birth."""
    doubts = [*link.doubts, *([link.adding_since.timestamp()] if link.adding_since else [])]
    return bool(doubts) and min(doubts) - SLACK_S < found.created_at < max(doubts) + SLACK_S


def _for_spec(spec: Spec, target_id: int, link: RemoteLink | None, known: Known) -> Operation:
    subject = Subject(target_id, spec.kind, spec.key, spec.label, spec.needs)
    found = known.found(spec.identity)
    if link is not None and link.unlinked:
        return Keep(subject, link)
    if link is not None and link.remote_id:
        if _is_another(link, spec, known):
            return Create(subject, spec, link, Delete(subject, link, link.remote_id))
        return _compare(subject, spec, link, link.remote_id, found, known)
    if link is not None and (until := known.unsettled_until(link.adding_since)):
        return Wait(subject, link, until)
    if not found:
        return Create(subject, spec, link)
    oldest, *others = found
    if link is not None and _is_another(link, spec, known):
        return Create(subject, spec, link, Delete(subject, link, oldest.remote_id))
    changed = _differences(spec, oldest.fields, known)
    return Relink(subject, spec, link, oldest, changed, [o.remote_id for o in others])


def _without_creating(operation: Operation) -> Operation | None:
    """The same for what is kept where it is there, but never created (of drafts)."""
    match operation:
        case Create(subject=subject, link=RemoteLink() as link, replaces=Delete()):
            return Keep(subject, link)  # what takes its place is made when it is published
        case Create(subject=subject, link=RemoteLink() as link) | Gone(subject=subject, link=link):
            return Forget(subject, link)
        case Create():
            return None
        case _:
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


def _compare(
    subject: Subject,
    spec: Spec,
    link: RemoteLink,
    remote_id: str,
    found: Sequence[Observed],
    known: Known,
) -> Update | Keep | Gone:
    """Update, keep or report an object whose remote id we know."""
    duplicates: list[str] = []
    # Soon after our write, another one with our key may be what this one replaced.
    if not known.unsettled_until(link.pushed_at):
        duplicates = [o.remote_id for o in found if o.remote_id != remote_id]
    held = next((o for o in found if o.remote_id == remote_id), None)
    if spec.identity in known.gone or (held and held.dead):
        return Gone(subject, link, held is not None, duplicates)
    spec = spec.with_fallbacks(link.pushed)
    if spec.kind is Kind.METADATA:
        # An element that is merely left out would stay: updates are laid over the document.
        spec = _with_emptied(spec, link.pushed)
    ours = {n: resolve(v, known.ids) for n, v in spec.fields.items() if n not in link.ignored}
    theirs = held.fields if held else link.pushed
    comparison = compare(ours, link.pushed, theirs, not_kept(spec.kind, link.pushed, theirs))
    if spec.kind is Kind.THUMBNAIL:
        # Another picture there may be this very one, sent by somebody who died before the reply.
        changed = {name: ours[name] for name in comparison.conflicts}
        comparison = replace(comparison, changed={**comparison.changed, **changed}, conflicts={})
    if comparison.changed:
        return Update(subject, spec, link, remote_id, held, comparison, duplicates)
    return Keep(subject, link, held, comparison, duplicates)


def _with_emptied(spec: Spec, pushed: Mapping[str, str]) -> Spec:
    """What we once wrote into a record and no longer want there is written empty."""
    emptied = {name: "" for name, value in pushed.items() if value and name not in spec.fields}
    return replace(spec, fields={**spec.fields, **emptied}) if emptied else spec


def compare(
    ours: Mapping[str, Value],
    base: Mapping[str, str],
    theirs: Mapping[str, str],
    hidden: Mapping[str, str] | None = None,
) -> Comparison:
    """Each field where it belongs: in sync, to push, drifted, or in conflict.

    A field that we never wrote has no base, so ours counts as moved and theirs does not.
    ``hidden``: fields that Kaltura does not show, with the permission that each needs. What
    we last wrote stands for those, or each sync would find the same drift.
    """
    hidden = hidden or {}
    theirs = {**theirs, **{name: base[name] for name in hidden}}
    changed: dict[str, Value] = {}
    drift: dict[str, tuple[str, str]] = {}
    conflicts: dict[str, tuple[str, str]] = {}
    agreed: dict[str, str] = {}
    for name, wanted in ours.items():
        written, held = base.get(name), theirs.get(name, "")
        moved_there = written is not None and held != written
        if wanted == held:
            if moved_there:
                agreed[name] = held
        elif wanted == written:
            drift[name] = (str(wanted), held)
        elif moved_there:
            conflicts[name] = (str(wanted), held)
        else:
            changed[name] = wanted
    unkept = {name: needed for name, needed in hidden.items() if ours.get(name, "0") != "0"}
    return Comparison(changed, drift, conflicts, agreed, unkept)


def _differences(spec: Spec, theirs: Mapping[str, str], known: Known) -> dict[str, Value]:
    wanted = {name: resolve(value, known.ids) for name, value in spec.fields.items()}
    return {name: value for name, value in wanted.items() if theirs.get(name, "") != value}


def _for_unwanted(link: RemoteLink, identity: Identity, known: Known) -> Operation:
    kind, key = identity
    subject = Subject(link.target_id, kind, key, f"{link.get_kind_display()} {key}")
    if link.unlinked:
        return Forget(subject, link)
    if link.remote_id:
        return Delete(subject, link, link.remote_id)
    if until := known.unsettled_until(link.adding_since):
        # Of a tombstone we know that nothing is there; a list that shows it lags.
        is_tombstone = link.made_for == DELETED
        return Keep(subject, link) if is_tombstone else Wait(subject, link, until)
    if found := known.found(identity):
        return Delete(subject, link, found[0].remote_id)
    return Forget(subject, link)


def resolve(value: Value, ids: Mapping[Identity, str]) -> Value:
    """The remote id behind a Ref when it is known; else the Ref itself."""
    if isinstance(value, Ref):
        return ids.get((value.kind, value.key), value)
    return value


def layers(operations: Iterable[Operation]) -> list[list[Operation]]:
    """Operations in the order of need: what others refer to first, deletes last.

    What is replaced goes before all: its successor has the same key. Deletes run by kind,
    and categories deepest first, so that a parent never takes its children with it. Where
    places are deleted, categories get their new names after that (places.py says why).
    """
    operations = list(operations)
    deletes = [o for o in operations if isinstance(o, Delete)]
    leaving = any(o.kind is Kind.CATEGORY_ENTRY for o in deletes)
    others = [o for o in operations if not isinstance(o, Delete)]
    renames: list[Operation] = [o for o in others if leaving and is_rename(o)]
    rest = [o for o in others if not (leaving and is_rename(o))]
    replaced = {o.identity for o in rest if isinstance(o, Create) and o.replaces}
    # What hangs on another goes before it.
    first: list[Operation] = sorted(
        (o for o in deletes if o.identity in replaced), key=lambda o: DELETE_ORDER[o.kind]
    )
    last = _delete_layers([o for o in deletes if o.identity not in replaced])
    ordered = [first, *_write_layers(rest), *last, renames]
    return [layer for layer in ordered if layer]


def is_rename(operation: Operation) -> bool:
    """Whether it changes the full name of a category that others may stand in."""
    if operation.kind is not Kind.CATEGORY or not isinstance(operation, Update):
        return False
    return not RENAMING.isdisjoint(operation.comparison.changed)


def _write_layers(operations: Sequence[Operation]) -> list[list[Operation]]:
    """By depth of need: what needs nothing of this plan first."""
    by_identity = {o.identity: o for o in operations}
    depths: dict[Identity, int] = {}

    def depth(operation: Operation) -> int:
        if operation.identity not in depths:
            needed = [by_identity[i] for i in operation.subject.needs if i in by_identity]
            depths[operation.identity] = 1 + max((depth(n) for n in needed), default=-1)
        return depths[operation.identity]

    found: dict[int, list[Operation]] = {}
    for operation in operations:
        found.setdefault(depth(operation), []).append(operation)
    return [found[level] for level in sorted(found)]


def _delete_layers(operations: Iterable[Delete]) -> list[list[Operation]]:
    by_rank: dict[tuple[int, int], list[Operation]] = {}
    for operation in operations:
        is_category = operation.kind is Kind.CATEGORY
        is_top = int(is_category and operation.link.target.kind == "event")
        by_rank.setdefault((DELETE_ORDER[operation.kind], is_top), []).append(operation)
    return [by_rank[rank] for rank in sorted(by_rank)]
