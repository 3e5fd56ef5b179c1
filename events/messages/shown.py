"""In how many browsers a message was shown.

Each browser says so once. Thousands do within seconds, so that is counted in the cache, and
written to the message's row now and then: the count may miss some, and names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.core.cache import cache
from django.db.models import F

from events.models import AudienceMessage

_KEPT_S: Final = 86_400
# Which messages have counts that are not written yet.
_WAITING: Final = "messages-shown"


def note_shown(pks: Iterable[int]) -> None:
    """Count one more browser for each."""
    for pk in pks:
        cache.add(_key(pk), 0, _KEPT_S)
        try:
            cache.incr(_key(pk))
        except ValueError:  # It was written to the row between the two.
            cache.set(_key(pk), 1, _KEPT_S)
    # Pages may ask for a day after the last look; a lost mark costs only the wait for the next.
    cache.set(_WAITING, True, _KEPT_S)


def settle_counts() -> None:
    """Write what was counted. What is counted at this very moment is left for the next time."""
    if not cache.get(_WAITING):
        return
    cache.delete(_WAITING)
    recent = AudienceMessage.objects.order_by("-pk").values_list("pk", flat=True)[:200]
    for key, count in cache.get_many([_key(pk) for pk in recent]).items():
        if count > 0:
            cache.decr(key, count)
            pk = int(key.rpartition(":")[2])
            AudienceMessage.objects.filter(pk=pk).update(shown=F("shown") + count)


def shown_in(message: AudienceMessage) -> int:
    """In how many browsers, those included that are not written yet."""
    return message.shown + max(int(cache.get(_key(message.pk)) or 0), 0)


def _key(pk: int) -> str:
    return f"message-shown:{pk}"
