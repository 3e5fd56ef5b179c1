"""Tickets from the join page to Kaltura's page inside it.

The join page frames one of our own addresses, with a ticket in it; that address
redeems the ticket, mints the KS and redirects. So no KS ever stands in a page of the
portal, in its address bar or in its history, and a copied address opens nothing.

A ticket is signed, not stored, so the page writes nothing; what is stored is that it was used.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.models import Session, User
from kaltura_bridge.models import LaunchTicket

LIFETIME: Final = timedelta(minutes=2)


def issue(user: User, session: Session) -> str:
    """A new ticket for this person and session."""
    return _signer(user, session).sign(secrets.token_urlsafe(16))


def redeem(token: str, user: User, session: Session) -> bool:
    """Use a ticket up; False when it is used, expired, made up or somebody else's.

    Its digest stands once in the database, so of two who come at once one gets in. Clears
    away the person's old ones, so the table stays as small as the audience.
    """
    try:
        _signer(user, session).unsign(token, max_age=LIFETIME)
    except BadSignature:
        return False
    now = timezone.now()
    LaunchTicket.objects.filter(user=user, expires_at__lte=now).delete()
    try:
        with transaction.atomic():
            # It was issued before now, so it is worth nothing any more when the row goes.
            LaunchTicket.objects.create(
                digest=hashlib.sha256(token.encode()).hexdigest(),
                user=user,
                session=session,
                expires_at=now + LIFETIME,
                redeemed_at=now,
            )
    except IntegrityError:
        return False
    return True


def _signer(user: User, session: Session) -> TimestampSigner:
    return TimestampSigner(salt=f"launch ticket {user.pk} {session.pk}", sep=".")
