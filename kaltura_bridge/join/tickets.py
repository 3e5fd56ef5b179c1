"""Tickets from the join page to Kaltura's page inside it.

The join page frames one of our own addresses, with a ticket in it; that address
redeems the ticket, mints the KS and redirects. So no KS ever stands in a page of the
portal, in its address bar or in its history, and a copied address opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.utils import timezone

from events.models import Session, User
from kaltura_bridge.models import LaunchTicket

LIFETIME: Final = timedelta(minutes=2)


def issue(user: User, session: Session) -> str:
    """A new ticket for this person and session. Only its digest is stored.

    Clears away the person's old ones, so the table stays as small as the audience.
    """
    now = timezone.now()
    LaunchTicket.objects.filter(user=user, expires_at__lte=now).delete()
    token = secrets.token_urlsafe(32)
    LaunchTicket.objects.create(
        digest=_digest(token), user=user, session=session, expires_at=now + LIFETIME
    )
    return token


def redeem(token: str, user: User, session: Session) -> bool:
    """Use a ticket up; False when it is used, expired, unknown or somebody else's.

    One conditional update decides, so of two who come at once one gets in.
    """
    now = timezone.now()
    tickets = LaunchTicket.objects.filter(
        digest=_digest(token),
        user=user,
        session=session,
        expires_at__gt=now,
        redeemed_at=None,
    )
    return tickets.update(redeemed_at=now) == 1


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
