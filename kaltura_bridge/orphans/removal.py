"""Deletes orphans that a person has chosen, one by one, each read again just before.

Between the list and the choice time passes: somebody may have changed the object at
Kaltura, or something here may own it by now. Then it stays, and a message says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import is_deleted
from kaltura_bridge.api.adapters.owned import Deletion, OwnedObject, is_unmarked
from kaltura_bridge.api.client import Kaltura, wire
from kaltura_bridge.api.errors import (
    ABSENT,
    KalturaError,
    NotEmpty,
    NotOurs,
    RemoteRejected,
    RemoteUnavailable,
    user_message,
)
from kaltura_bridge.api.lists import listed
from kaltura_bridge.api.ownership import confirm
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.orphans.ghosts import entries_of_ours, places_in
from kaltura_bridge.orphans.scan import (
    Orphan,
    OrphanReason,
    deletion_order,
    moment,
    orphan_from,
    read_request,
    without_owner,
)
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync.lag import LONGEST

logger = logging.getLogger(__name__)

NOT_LISTED: Final = "It is not in the last list. Scan again, then choose from the new list."
GONE: Final = "It has already been deleted at Kaltura, or no longer has the portal's reference."
OWNED: Final = "Something in the portal owns it now, so it was not deleted. Scan again."
HOLDS_OTHERS: Final = "It holds entries that are not this portal's, so it was not deleted."
NAMES_CHANGE: Final = (
    "A category was made or renamed in the last minutes, and Kaltura may still be renewing names: "
    "deleting this one now could bring another back. Try again in five minutes."
)
CHANGED: Final = "It was changed at Kaltura after it was listed. Scan again, then decide."


@dataclass(frozen=True)
class Removal:
    """The outcome for one chosen object: deleted, or why not."""

    ref: str
    name: str
    refusal: str = ""

    @property
    def deleted(self) -> bool:
        """Whether it was deleted."""
        return not self.refusal

    def as_json(self) -> dict[str, Any]:
        """As ``kaltura_orphans --json`` prints it; keys are only ever added."""
        kind, _, remote_id = self.ref.partition(":")
        row = {"kind": kind, "remote_id": remote_id, "name": self.name, "deleted": self.deleted}
        return row | {"reason": self.refusal}


class _NotDeleted(Exception):
    """This object stays; the text says why."""


def remove(
    kaltura: Kaltura,
    listed: Iterable[Orphan],
    chosen: Sequence[str],
    by: str,
    on_deleted: Callable[[Orphan], object] = lambda orphan: None,
) -> list[Removal]:
    """Delete what ``chosen`` names (KIND:REMOTE_ID) and is unchanged since it was ``listed``.

    ``by`` is named in the log. ``on_deleted`` is called after each deletion. Children are
    deleted before their parents. When Kaltura does not answer, the rest stays.
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
            refusal = (
                _why_changed(orphan) if orphan.ref in changed else _remove(kaltura, orphan, gone)
            )
        except RemoteUnavailable as error:
            return [*removals, _unanswered(orphan, error), *map(_not_tried, waiting)]
        removals.append(Removal(orphan.ref, orphan.name, refusal))
        if not refusal:
            gone.append(orphan)
            logger.warning("%s deleted %s “%s” at Kaltura", by, orphan.ref, orphan.name)
            on_deleted(orphan)
    return removals


def _changed(kaltura: Kaltura, chosen: Sequence[Orphan]) -> set[str]:
    """What was changed since it was listed, read before anything is deleted.

    A read that fails is reported when its turn comes. Raises RemoteUnavailable.
    """
    answers = kaltura.ask([read_request(orphan) for orphan in chosen])
    return {
        orphan.ref
        for orphan, answer in zip(chosen, answers, strict=True)
        if not isinstance(answer, KalturaError)
        and (now := orphan_from(orphan, answer))
        and now.updated_at != orphan.updated_at
    }


def _why_changed(orphan: Orphan) -> str:
    """What its change means: when our own sync found it again, that changed it."""
    return CHANGED if without_owner([orphan]) else OWNED


def _unanswered(orphan: Orphan, error: RemoteUnavailable) -> Removal:
    doubt = " It may have been deleted nevertheless: scan again." if error.sent else ""
    return Removal(orphan.ref, orphan.name, f"Kaltura does not answer ({error}).{doubt}")


def _not_tried(orphan: Orphan) -> Removal:
    return Removal(orphan.ref, orphan.name, "Not tried, because Kaltura does not answer.")


def _remove(kaltura: Kaltura, orphan: Orphan, gone: Sequence[Orphan]) -> str:
    """Delete one object. Returns why it stays; "" when it is deleted.

    Raises RemoteUnavailable.
    """
    try:
        owned = _confirmed(kaltura, orphan)
        if orphan.reason is OrphanReason.GHOST:
            _check_ghost(kaltura, owned, orphan, gone)
        else:
            _check(owned, orphan, gone)
        _delete(kaltura, owned)
    except (_NotDeleted, NotEmpty) as reason:
        return str(reason)
    except RemoteRejected as error:
        return user_message(f"to delete {orphan.kind.label.lower()} “{orphan.name}”", error)
    return ""


def _confirmed(kaltura: Kaltura, orphan: Orphan) -> OwnedObject:
    """The object, read now and with its key still; raises what speaks against that."""
    is_ghost = orphan.reason is OrphanReason.GHOST
    deletion = Deletion(orphan.kind, orphan.remote_id, orphan.key, is_ghost)
    answer = confirm(kaltura, [deletion])[0]
    if isinstance(answer, OwnedObject):
        return answer
    _raise_gone(answer)
    raise answer


def _check(owned: OwnedObject, orphan: Orphan, gone: Sequence[Orphan]) -> None:
    now = orphan_from(orphan, owned.bearer)
    if now is None:
        raise _NotDeleted(GONE)
    if not without_owner([now]):
        raise _NotDeleted(OWNED)
    if now.updated_at != orphan.updated_at and not _touched_by_us(orphan, gone):
        raise _NotDeleted(CHANGED)


def _check_ghost(
    kaltura: Kaltura, owned: OwnedObject, ghost: Orphan, gone: Sequence[Orphan]
) -> None:
    """It must still be what it was taken for, and names must not be on their way."""
    now = owned.bearer
    if is_deleted(ghost.kind, now):
        raise _NotDeleted(GONE)
    if not is_unmarked(now) or (moment(now.updatedAt) != ghost.updated_at and not gone):
        raise _NotDeleted(CHANGED)
    answer = kaltura.ask(places_in(ghost.remote_id))[0]
    if isinstance(answer, KalturaError):
        raise answer
    inside = {wire(row.entryId) for row in listed(answer)}
    complete = len(inside) == int(wire(getattr(answer, "totalCount", 0)) or 0)
    if not complete or inside - entries_of_ours(inside):
        raise _NotDeleted(HOLDS_OTHERS)
    recent = timezone.now() - LONGEST
    if RemoteLink.objects.filter(kind=Kind.CATEGORY, pushed_at__gt=recent).exists():
        raise _NotDeleted(NAMES_CHANGE)


def _touched_by_us(orphan: Orphan, gone: Sequence[Orphan]) -> bool:
    """Whether its last change may be our own deletion of what depended on it."""
    if orphan.kind is Kind.CATEGORY:
        return bool(gone)
    return orphan.uuid in {other.uuid for other in gone if other.key}


def _delete(kaltura: Kaltura, owned: OwnedObject) -> None:
    answer = kaltura.ask_once([ADAPTERS[owned.deletion.kind].delete(owned)])[0]
    if isinstance(answer, KalturaError):
        _raise_gone(answer)
        raise answer


def _raise_gone(error: KalturaError) -> None:
    is_absent = isinstance(error, RemoteRejected) and error.code in ABSENT
    if is_absent or isinstance(error, NotOurs):
        raise _NotDeleted(GONE)
