"""How often a mailed code may be tried, counted so that tries at the same moment count too.

allauth keeps the number in the visitor's session. Requests that arrive together each read
the session as it was before the others, and the last to finish writes it: eleven tries at
once were one. Here a try is a conditional update of one row, which the database grants to
so many and no more, whoever else asks at that moment and from whichever process.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, Final

from django.db.models import F
from django.utils import timezone

from portal.models import CodeAttempts

# Longer than any code is good for.
KEPT_FOR: Final = timedelta(hours=1)


def may_try(pending: str, most: int) -> bool:
    """Whether this try is among the first ``most`` for what is pending; counts it if so."""
    _begin(pending)
    open_still = CodeAttempts.objects.filter(pending=pending, used__lt=most)
    return bool(open_still.update(used=F("used") + 1))


def pending_of(session_key: str | None, state: dict[str, Any], what: str) -> str:
    """What is pending: one code flow of one browser, and what is counted of it.

    ``state`` is allauth's; the moment at which the flow began tells it from the browser's
    earlier and later ones, and stays when a code is sent again. Only a digest is kept: a
    session's key is as good as a password.
    """
    text = f"{session_key}:{state['at']!r}:{what}"
    return hashlib.sha256(text.encode()).hexdigest()


def _begin(pending: str) -> None:
    if CodeAttempts.objects.filter(pending=pending).exists():
        return
    CodeAttempts.objects.filter(began_at__lt=timezone.now() - KEPT_FOR).delete()
    CodeAttempts.objects.bulk_create([CodeAttempts(pending=pending)], ignore_conflicts=True)
