"""What the outbox forgets, and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from events.models import MailState, OutgoingMail

# A writer on SQLite holds up all others, so no statement takes long.
_AT_A_TIME: Final = 500
_SETTLED: Final = (MailState.SENT, MailState.DROPPED, MailState.FAILED, MailState.IN_DOUBT)


def sweep_outbox(now: datetime) -> int:
    """Forget what was settled longer ago than MAIL_LOG_DAYS. Returns how many rows went.

    What was written for the template goes first: it may hold a personal link, so it is emptied
    as soon as a mail is settled, and here where a process of an older version left it. A row that
    is gone would not keep its news from being written again, but no news is as old as that.
    """
    OutgoingMail.objects.filter(~Q(context={}), state__in=_SETTLED).update(context={})
    before = now - timedelta(days=settings.MAIL_LOG_DAYS)
    old = OutgoingMail.objects.filter(state__in=_SETTLED, settled_at__lt=before)
    swept = 0
    while pks := list(old.order_by("pk").values_list("pk", flat=True)[:_AT_A_TIME]):
        swept += old.filter(pk__in=pks).delete()[0]
    return swept
