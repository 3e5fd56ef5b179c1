"""What a plan does about one object: a class for each answer, with just what that one needs.

A plan is a list of these. It is made without asking anybody (planner.py), shown by the
command and the admin (report.py) and carried out by a batch (batch.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Identity, Kind, Observed, Spec, Value

# name -> what we want, what Kaltura holds
Differences = Mapping[str, tuple[str, str]]


class Action(StrEnum):
    """What is done, as ``kaltura_plan --json`` calls it."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    RELINK = "relink"
    KEEP = "keep"
    FORGET = "forget"
    WAIT = "wait"
    GONE = "gone"


@dataclass(frozen=True)
class Subject:
    """The object that an operation is about, and the target that it belongs to.

    ``needs``: what must be written before it, whether it is written itself or not.
    """

    target_id: int
    kind: Kind
    key: str
    label: str
    needs: Sequence[Identity] = ()


@dataclass(frozen=True)
class Comparison:
    """The fields of an object, sorted by which side moved since we last wrote them."""

    changed: Mapping[str, Value] = field(default_factory=dict)  # ours moved: to be written
    drift: Differences = field(default_factory=dict)  # theirs moved: reported, left alone
    conflicts: Differences = field(default_factory=dict)  # both moved: a person decides
    agreed: Mapping[str, str] = field(default_factory=dict)  # both moved to the same
    # Kaltura took them and shows nothing of them: by name, the permission that the account lacks.
    not_kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class BaseOperation:
    """What all operations have."""

    subject: Subject
    action: ClassVar[Action]

    @property
    def target_id(self) -> int:
        return self.subject.target_id

    @property
    def kind(self) -> Kind:
        return self.subject.kind

    @property
    def key(self) -> str:
        return self.subject.key

    @property
    def label(self) -> str:
        """What people call the object."""
        return self.subject.label

    @property
    def identity(self) -> Identity:
        return self.kind, self.key

    @property
    def needs_call(self) -> bool:
        """Whether Kaltura is asked to change something."""
        return False

    @property
    def written(self) -> Mapping[str, Value]:
        """The fields that Kaltura is sent, as the recipe wants them."""
        return {}

    @property
    def is_not_there_yet(self) -> bool:
        """Whether nobody may refer to the object yet, even if an id for it is known."""
        return False

    @property
    def fingerprint(self) -> str:
        """The same for two plans that would write the same: what was shown is what is applied."""
        sent = sorted(f"{name}={value}" for name, value in self.written.items())
        text = "|".join([self.action, self.kind, self.key, *sent])
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Delete(BaseOperation):
    """It is no longer wanted. ``remote_id``: the link's, or found by our key."""

    link: RemoteLink
    remote_id: str
    action = Action.DELETE

    @property
    def needs_call(self) -> bool:
        return True


@dataclass(frozen=True)
class Remove(Delete):
    """It has the key of another object that is linked, and an add of ours made it.

    The add's outcome was never known, lists did not show the object in time, and another
    one was made.
    """


@dataclass(frozen=True)
class Create(BaseOperation):
    """It is not there. ``link``: what remains of an earlier attempt, or of what it replaces.

    ``replaces``: an object of the same key that can never become this one, so it goes first.
    """

    spec: Spec
    link: RemoteLink | None = None
    replaces: Delete | None = None
    action = Action.CREATE

    @property
    def needs_call(self) -> bool:
        return True

    @property
    def written(self) -> Mapping[str, Value]:
        return self.spec.fields

    @property
    def is_not_there_yet(self) -> bool:
        return self.replaces is not None


@dataclass(frozen=True)
class Update(BaseOperation):
    """Some of its fields changed here since we last wrote them."""

    spec: Spec
    link: RemoteLink
    remote_id: str
    found: Observed | None
    comparison: Comparison
    duplicates: Sequence[str] = ()
    action = Action.UPDATE

    @property
    def needs_call(self) -> bool:
        return True

    @property
    def written(self) -> Mapping[str, Value]:
        return {name: self.spec.fields[name] for name in self.comparison.changed}


@dataclass(frozen=True)
class Relink(BaseOperation):
    """It carries our key and no link knew of it: adopt it, and write what differs.

    ``duplicates``: remote ids of younger objects with the same key.
    """

    spec: Spec
    link: RemoteLink | None
    found: Observed
    changed: Mapping[str, Value]
    duplicates: Sequence[str] = ()
    action = Action.RELINK

    @property
    def remote_id(self) -> str:
        return self.found.remote_id

    @property
    def needs_call(self) -> bool:
        return bool(self.changed)

    @property
    def written(self) -> Mapping[str, Value]:
        return {name: self.spec.fields[name] for name in self.changed}


@dataclass(frozen=True)
class Keep(BaseOperation):
    """Nothing to write: it is in sync, somebody else changed it, or we may not touch it."""

    link: RemoteLink
    found: Observed | None = None
    comparison: Comparison = field(default_factory=Comparison)
    duplicates: Sequence[str] = ()
    action = Action.KEEP


@dataclass(frozen=True)
class Gone(BaseOperation):
    """Somebody deleted or cancelled it at Kaltura: a person decides."""

    link: RemoteLink
    cancelled: bool = False
    duplicates: Sequence[str] = ()
    action = Action.GONE


@dataclass(frozen=True)
class Wait(BaseOperation):
    """An add may have happened, and the lists cannot tell before ``until``."""

    link: RemoteLink
    until: datetime
    action = Action.WAIT

    @property
    def is_not_there_yet(self) -> bool:
        return True


@dataclass(frozen=True)
class Forget(BaseOperation):
    """Nothing is there and nothing is wanted: only the link goes."""

    link: RemoteLink
    action = Action.FORGET


Operation = Create | Update | Relink | Keep | Gone | Wait | Delete | Remove | Forget
# What is sent to Kaltura with fields.
Writing = Create | Update | Relink
# What Kaltura holds and was compared with what we want.
Compared = Update | Relink | Keep


def comparison_of(operation: Operation) -> Comparison:
    """Its fields by which side moved; empty where nothing was compared three ways."""
    if isinstance(operation, Update | Keep):
        return operation.comparison
    return Comparison()


def changed_by(operation: Operation) -> Mapping[str, Value]:
    """The fields that an object which is there gets, and their new values."""
    match operation:
        case Update(comparison=comparison):
            return comparison.changed
        case Relink(changed=changed):
            return changed
        case _:
            return {}


def without_fields(operation: Writing | Delete, names: Set[str]) -> Update | Relink | None:
    """The same without these fields; None when it has none of them, or nothing else to write."""
    changed = changed_by(operation)
    left = {name: value for name, value in changed.items() if name not in names}
    if not left or len(left) == len(changed):
        return None
    match operation:
        case Update(comparison=comparison):
            return replace(operation, comparison=replace(comparison, changed=left))
        case Relink():
            return replace(operation, changed=left)
        case _:
            return None


def duplicates_of(operation: Operation) -> Sequence[str]:
    """Remote ids of other objects that carry the same key."""
    return operation.duplicates if isinstance(operation, Compared | Gone) else ()


def held_after(operations: Iterable[Operation]) -> dict[Identity, Mapping[str, str]]:
    """What Kaltura holds once these are done, by identity, as far as it was seen."""
    return {
        o.identity: {**o.found.fields, **{n: str(v) for n, v in changed_by(o).items()}}
        for o in operations
        if isinstance(o, Compared) and o.found
    }
