"""Looks at objects once more just before they are deleted: the one way to a deletion.

What is linked may have become somebody else's since: an id was chosen by hand, or someone
at Kaltura took our key away. Objects are read by their ids, which goes to Kaltura's
database where lists lag.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final

from kaltura_bridge.api.adapters import ADAPTERS
from kaltura_bridge.api.adapters.base import is_deleted
from kaltura_bridge.api.adapters.owned import Deletion, OwnedObject, bearer_of
from kaltura_bridge.api.client import BATCH, Answer, Kaltura, Request, new, wire
from kaltura_bridge.api.errors import KalturaError, NotEmpty, NotOurs
from kaltura_bridge.api.lists import list_each, listed
from kaltura_bridge.specs import Kind

_NAMED: Final = 5
_Read = tuple[Kind, str]  # an object by kind and id


def confirm(kaltura: Kaltura, deletions: Sequence[Deletion]) -> list[OwnedObject | KalturaError]:
    """Read what carries the key of each of these, now: owned, or why it must stay.

    Kaltura's own refusal (one of ABSENT, say) stands for itself. NotOurs: it carries
    another key or none. NotEmpty: a category that would take others along. Takes as many
    HTTP requests as ``calls_for`` says. Raises RemoteUnavailable.
    """
    first = {d: _first_read(d) for d in deletions}
    reads, categories = list(dict.fromkeys(first.values())), _categories(first)
    # What is below a category is listed with it: Kaltura deletes all of that.
    answers = kaltura.ask([*(_get(*read) for read in reads), *_lists_below(categories)])
    seen = dict(zip(reads, answers[: len(reads)], strict=True))
    below = dict(zip(categories, answers[len(reads) :], strict=True))
    bearers = {d: _bearer_read(d, read, seen[read]) for d, read in first.items()}
    more = list(dict.fromkeys(read for read in bearers.values() if read not in seen))
    seen |= zip(more, kaltura.ask([_get(*read) for read in more]), strict=True)
    filled = {d: held for d, answer in below.items() if (held := _not_empty(answer))}
    return [_verdict(d, seen[bearers[d]], filled.get(d)) for d in deletions]


def calls_for(kinds: Sequence[Kind]) -> int:
    """The HTTP requests that it takes at most to confirm some objects of these kinds."""
    reads = len(kinds) + kinds.count(Kind.CATEGORY)
    return ceil(reads / BATCH) + ceil(kinds.count(Kind.METADATA) / BATCH)


def _categories(deletions: Iterable[Deletion]) -> list[Deletion]:
    return [d for d in deletions if d.kind is Kind.CATEGORY]


def _lists_below(categories: Iterable[Deletion]) -> list[Request]:
    filters = [new("KalturaCategoryFilter", ancestorIdIn=d.remote_id) for d in categories]
    return list_each(lambda c: c.category, filters)


def _first_read(deletion: Deletion) -> _Read:
    """What carries the key; where only the object itself tells what that is, the object."""
    bearer = bearer_of(deletion.kind, deletion.key)
    bearer_id = bearer.id(deletion.remote_id)
    return (bearer.kind, bearer_id) if bearer_id else (deletion.kind, deletion.remote_id)


def _bearer_read(deletion: Deletion, read: _Read, answer: Answer) -> _Read:
    bearer = bearer_of(deletion.kind, deletion.key)
    if read[0] is bearer.kind or isinstance(answer, KalturaError):
        return read
    return bearer.kind, wire(getattr(answer, bearer.id_field))


def _get(kind: Kind, remote_id: str) -> Request:
    request = ADAPTERS[kind].get(remote_id)
    assert request is not None  # whatever carries a key can be read by its id
    return request


def _not_empty(below: Answer) -> KalturaError | None:
    """Why a category must stay, by the list of what is below it; None when nothing is."""
    if isinstance(below, KalturaError):
        return below
    # A list shows for a while what has just been deleted.
    left = [wire(row.name) for row in listed(below) if not is_deleted(Kind.CATEGORY, row)]
    if not left:
        return None
    names = ", ".join(f"“{name}”" for name in left[:_NAMED])
    return NotEmpty(f"It contains other categories ({names}), which would be deleted too.")


def _verdict(
    deletion: Deletion, bearer: Answer, obstacle: KalturaError | None
) -> OwnedObject | KalturaError:
    if isinstance(bearer, KalturaError):
        return bearer
    try:
        owned = OwnedObject(deletion, bearer)
    except NotOurs as error:
        return error
    return obstacle or owned
