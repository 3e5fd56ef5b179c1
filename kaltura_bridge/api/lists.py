"""Kaltura's list calls: their pager, their replies, and how many keys go into one.

With it comes the Kaltura client; what the web process may load imports this module in
the function that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final

from kaltura_bridge.api.client import PAGE, Request, chunks, is_set, new

# Half a page of keys a list: room for duplicates, which must not be cut off.
KEYS_A_LIST: Final = PAGE // 2


def pager(size: int = PAGE) -> Any:
    """The first ``size`` rows. Kaltura cuts larger pages down to 500 without a word."""
    return new("KalturaFilterPager", pageSize=size, pageIndex=1)


def list_each(service: Callable[[Any], Any], filters: Iterable[Any]) -> list[Request]:
    """A list call of the service for each filter, whose objects are read as rows."""
    return [Request(partial(_list, service, wanted), as_row=True) for wanted in filters]


def _list(service: Callable[[Any], Any], wanted: Any, client: Any) -> object:
    answer: object = service(client).list(wanted, pager())
    return answer


def listed(raw: Any) -> list[Any]:
    """The objects of a list reply."""
    return list(raw.objects) if is_set(getattr(raw, "objects", None)) else []


def joined(ids: Sequence[str], size: int) -> list[str]:
    """Ids joined for ``...In`` filters, at most ``size`` in each."""
    return [",".join(chunk) for chunk in chunks(ids, size)]


def key_lists(keys: Iterable[str]) -> list[str]:
    """Our keys joined for ``...In`` filters, a list call each."""
    return joined(sorted(keys), KEYS_A_LIST)
