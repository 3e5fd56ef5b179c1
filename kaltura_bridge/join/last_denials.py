"""How each person was last turned away from a session, for whoever helps them.

In the cache and for a day only: a page that waits is loaded again and again, and none of
that is worth a row. While the cache is away, nothing is known, and nobody is kept waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.cache import cache

from events.models import Session, User
from kaltura_bridge.join.access import JoinRequest

_KEPT_S: Final = 86_400


@dataclass(frozen=True)
class LastDenial:
    """``code`` is the value of a ``Denial``, or "ticket"; ``at`` when the page said so."""

    code: str
    at: datetime


def remember_denial(asked: JoinRequest, code: str) -> None:
    """Remember it, of people who are signed in."""
    if asked.membership.is_signed_in:
        cache.set(_key(asked.user, asked.session), (code, asked.now), _KEPT_S)


def last_denial(user: User, session: Session) -> LastDenial | None:
    """The last of today, if there was one."""
    found = cache.get(_key(user, session))
    return LastDenial(*found) if found else None


def _key(user: User, session: Session) -> str:
    return f"last-denial:{session.pk}:{user.pk}"
