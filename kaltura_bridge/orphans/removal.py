"""Deletes orphans that a person has chosen, one by one, each looked at once more before.

Between the list and the choice time passes: someone may have changed the object at
Kaltura, or the portal may have found its owner. Then it stays, and a sentence says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.client import Kaltura, wire
from kaltura_bridge.api.errors import (
    ABSENT,
    KalturaError,
    RemoteRejected,
    RemoteUnavailable,
    user_message,
)
from kaltura_bridge.api.whole_lists import CATEGORIES, every
from kaltura_bridge.orphans.scan import (
    Orphan,
    as_it_is,
    deletion_order,
    read_again,
    reading,
    without_owner,
)
from kaltura_bridge.specs import Kind

logger = logging.getLogger(__name__)

NOT_LISTED: Final = "It is not in the last list. Look again, then choose from what is shown."
GONE: Final = "It is gone from Kaltura already, or carries our key no more."
OWNED: Final = "It has an owner here now; nothing was deleted. Look again."
CHANGED: Final = "It was changed at Kaltura since it was listed. Look again, then decide."


@dataclass(frozen=True)
class Removal:
    """What became of one choice: deleted, or the reason why it was left."""

    ref: str
    name: str
    refusal: str = ""

    @property
    def deleted(self) -> bool:
        return not self.refusal

    def as_json(self) -> dict[str, Any]:
        kind, _, remote_id = self.ref.partition(":")
        row = {"kind": kind, "remote_id": remote_id, "name": self.name, "deleted": self.deleted}
        return row | {"reason": self.refusal}


class _Stay(Exception):
    """This one is left alone; the text says why."""


def remove(
    kaltura: Kaltura,
    listed: Iterable[Orphan],
    chosen: Sequence[str],
    by: str,
    note: Callable[[Orphan], object] = lambda orphan: None,
) -> list[Removal]:
    """Delete what ``chosen`` names (KIND:REMOTE_ID) and still is as ``listed``; others stay.

    ``note`` is called after each deletion. Children go before their parents. When
    Kaltura does not answer, the rest stays too.
    """
    shown = {orphan.ref: orphan for orphan in listed}
    removals = [Removal(ref, "", NOT_LISTED) for ref in dict.fromkeys(chosen) if ref not in shown]
    waiting = sorted({shown[ref] for ref in chosen if ref in shown}, key=deletion_order)
    gone: list[Orphan] = []
    try:
        changed = _changed(kaltura, waiting)
    except RemoteUnavailable:
        return [*removals, *map(_not_tried, waiting)]
    while waiting:
        orphan = waiting.pop(0)
        try:
            refusal = _change(orphan) if orphan.ref in changed else _remove(kaltura, orphan, gone)
        except RemoteUnavailable as error:
            return [*removals, _unanswered(orphan, error), *map(_not_tried, waiting)]
        removals.append(Removal(orphan.ref, orphan.name, refusal))
        if not refusal:
            gone.append(orphan)
            logger.warning("%s deleted %s “%s” at Kaltura", by, orphan.ref, orphan.name)
            note(orphan)
    return removals


def _changed(kaltura: Kaltura, chosen: Sequence[Orphan]) -> set[str]:
    """What was changed since it was listed, seen before anything is deleted.

    A read that fails is told when its turn comes. Raises RemoteUnavailable.
    """
    answers = kaltura.ask([reading(orphan) for orphan in chosen])
    return {
        orphan.ref
        for orphan, answer in zip(chosen, answers, strict=True)
        if not isinstance(answer, KalturaError)
        and (now := as_it_is(orphan, answer))
        and now.updated_at != orphan.updated_at
    }


def _change(orphan: Orphan) -> str:
    """What its change means: our own sync changes what it finds again."""
    return CHANGED if without_owner([orphan]) else OWNED


def _unanswered(orphan: Orphan, error: RemoteUnavailable) -> Removal:
    doubt = " It may be deleted nevertheless: look again." if error.sent else ""
    return Removal(orphan.ref, orphan.name, f"Kaltura does not answer ({error}).{doubt}")


def _not_tried(orphan: Orphan) -> Removal:
    return Removal(orphan.ref, orphan.name, "Not tried, as Kaltura does not answer.")


def _remove(kaltura: Kaltura, orphan: Orphan, gone: Sequence[Orphan]) -> str:
    """Delete one object. Returns why it stays; "" when it is deleted.

    Raises RemoteUnavailable.
    """
    try:
        _check(kaltura, orphan, gone)
        _delete(kaltura, orphan)
    except _Stay as reason:
        return str(reason)
    except RemoteRejected as error:
        return user_message(f"to delete {orphan.kind.label.lower()} “{orphan.name}”", error)
    return ""


def _check(kaltura: Kaltura, orphan: Orphan, gone: Sequence[Orphan]) -> None:
    now = read_again(kaltura, orphan)
    if now is None:
        raise _Stay(GONE)
    if not without_owner([now]):
        raise _Stay(OWNED)
    if now.updated_at != orphan.updated_at and not _touched_by_us(orphan, gone):
        raise _Stay(CHANGED)
    if orphan.kind is Kind.CATEGORY:
        _check_empty(kaltura, orphan, gone)


def _touched_by_us(orphan: Orphan, gone: Sequence[Orphan]) -> bool:
    """Whether its last change may be our own deletion of what hung on it."""
    if orphan.kind is Kind.CATEGORY:
        return bool(gone)
    return orphan.uuid in {other.uuid for other in gone}


def _check_empty(kaltura: Kaltura, category: Orphan, gone: Sequence[Orphan]) -> None:
    """Kaltura deletes a category with all below it; what is there must have been chosen too."""
    ours = {orphan.remote_id for orphan in gone if orphan.kind is Kind.CATEGORY}
    below = every(kaltura, CATEGORIES, ancestorIdIn=category.remote_id)
    left = [wire(raw.name) for raw in below if wire(raw.id) not in ours]
    if left:
        names = ", ".join(f"“{name}”" for name in left[:5])
        raise _Stay(f"Other categories are below it ({names}), and would go with it.")


def _delete(kaltura: Kaltura, orphan: Orphan) -> None:
    request = ADAPTERS[orphan.kind].delete(orphan.remote_id)
    assert request is not None  # every kind that is listed can be deleted
    answer = kaltura.ask_once([request])[0]
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        raise _Stay(GONE)
    if isinstance(answer, KalturaError):
        raise answer
