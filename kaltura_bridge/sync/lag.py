"""How far Kaltura's lists lag behind its writes: the setting, or longer when that is seen.

What we wrote tells: an object of ours that no list shows though it can be read by its id, a
deleted one that a list still shows, an add of which the lists learned only after we had sent
it again. What was seen is kept on the account, so that every sender waits longer, and halves
with time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from kaltura_bridge.api.account import account
from kaltura_bridge.models import Account
from kaltura_bridge.specs import Kind

# Kinds whose lists come from the index; those of the others read the database.
INDEXED: Final = frozenset(
    {Kind.CATEGORY, Kind.ENTRY, Kind.ROOM, Kind.SCHEDULE_EVENT, Kind.METADATA}
)
# What was seen is a lower bound: the next object may take longer.
STRETCH: Final = 1.5
HALVED_AFTER: Final = timedelta(hours=1)
# What is missing for longer than this is missing for another reason.
LONGEST: Final = timedelta(minutes=5)


def index_delay() -> timedelta:
    """How long to wait until lists certainly show a write."""
    setting = timedelta(seconds=settings.KALTURA_INDEX_DELAY_S)
    return max(setting, min(_seen(account()) * STRETCH, LONGEST))


def _seen(row: Account) -> timedelta:
    """The lag that was seen, halved with every hour since."""
    if row.lag_seen_at is None:
        return timedelta()
    age = max(timezone.now() - row.lag_seen_at, timedelta())
    return timedelta(seconds=row.lag_s * 0.5 ** (age / HALVED_AFTER))


def note_lag(since: datetime, at: datetime) -> bool:
    """Lists did not know ``at`` that moment of a write at ``since``. True when waits grow."""
    row, now = account(), timezone.now()
    lag = at - since
    if not _seen(row) < lag < LONGEST:
        return False
    is_longer = lag * STRETCH > index_delay()
    shorter = Q(lag_s__lt=lag.total_seconds()) | Q(lag_seen_at__lt=now - HALVED_AFTER)
    mine = Account.objects.filter(shorter | Q(lag_seen_at=None), pk=row.pk)
    mine.update(lag_s=lag.total_seconds(), lag_seen_at=now)
    return is_longer
