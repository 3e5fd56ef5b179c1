"""What a sync cost: to be reported, and kept for the dashboard."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from kaltura_bridge.api.account import account
from kaltura_bridge.models import Account

KEPT = 10


@dataclass
class Work:
    """What a sync did: HTTP calls, writing requests, seconds.

    ``stopped``: Kaltura refused the account, which no waiting changes.
    """

    calls: int = 0
    writes: int = 0
    seconds: float = 0.0
    stopped: bool = False


def keep_work(work: Work, objects: int) -> None:
    """Keep what a sync cost. Of two at once one may be lost: these are figures to look at."""
    row = account()
    newest = {
        "at": timezone.now().isoformat(),
        "objects": objects,
        "calls": work.calls,
        "writes": work.writes,
        "seconds": round(work.seconds, 1),
    }
    Account.objects.filter(pk=row.pk).update(recent_syncs=[newest, *row.recent_syncs][:KEPT])
