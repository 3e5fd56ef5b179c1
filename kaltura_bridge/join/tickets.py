"""Tickets from the join page to Kaltura's page inside it.

The join page frames one of our own addresses, with a ticket in it; that address
redeems the ticket, mints the KS and redirects. So no KS ever stands in a page of the
portal, in its address bar or in its history, and a copied address opens nothing.

A ticket is signed, not stored, so the page writes nothing; what is stored is that it was used.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from events.caching.prepared import PreparedRows
from events.models import Session, User
from kaltura_bridge.models import LaunchTicket

LIFETIME: Final = timedelta(minutes=2)
#: How long it stays known that somebody came in: for whoever helps at the door.
KEPT: Final = timedelta(days=1)
# Whoever loads a room again and again needs a few. Counted by rows: the door needs no cache.
MOST, WITHIN = 60, timedelta(minutes=10)
_DEVICE_DIGITS: Final = 16


@dataclass(frozen=True)
class Entrance:
    """How somebody comes in: from which browser, as what, by which of Kaltura's pages.

    ``life``: for how long their KS opens it; None: as long as one for a page of KAF.
    """

    device: str = ""
    role: str = ""
    page: str = ""
    life: timedelta | None = None


class TooManyEntrances(Exception):
    """One person came in all the time; each entrance leaves a row for a day."""


def issue(user: User, place: Session | str) -> str:
    """A new ticket for this person and session, or what else has a name that nothing else has."""
    return _signer(user, place).sign(secrets.token_urlsafe(16))


def redeem(token: str, user: User, place: Session | str, entrance: Entrance | None = None) -> bool:
    """Use a ticket up; False when it is used, expired, made up or somebody else's.

    Its digest stands once in the database, so of two who come at once one gets in. Clears
    away the person's old ones, so the table stays as small as the audience of a day.

    Raises TooManyEntrances where the person has come in ``MOST`` times lately; the ticket stays.
    """
    try:
        _signer(user, place).unsign(token, max_age=LIFETIME)
    except BadSignature:
        return False
    now = timezone.now()
    entrance = entrance or Entrance()
    if _lately(user, now) >= MOST:
        raise TooManyEntrances
    try:
        with _alone():
            # It was issued before now, so it is worth nothing any more when the row goes.
            LaunchTicket.objects.create(
                digest=digest_of(token),
                user=user,
                session=place if isinstance(place, Session) else None,
                expires_at=now + KEPT,
                redeemed_at=now,
                seen_at=now,
                device=entrance.device,
                role=entrance.role,
                page=entrance.page,
                ks_expires_at=now + (entrance.life or timedelta(seconds=settings.KALTURA_KAF_KS_S)),
            )
    except IntegrityError:
        return False
    return True


def _alone() -> AbstractContextManager[None]:
    """For one statement: a savepoint, where a failure would break what is around it."""
    return transaction.atomic() if connection.in_atomic_block else nullcontext()


def _lately(user: User, now: datetime) -> int:
    """How often the person came in within ``WITHIN``; old rows go on the way, if there are any."""
    asked = {_SOMEBODY: user.pk, _SINCE: now + KEPT - WITHIN, _OLD: now}
    lately, old = next(iter(_ENTRANCES.rows(asked)), (0, 0))
    if old:
        LaunchTicket.objects.filter(user=user, expires_at__lte=now).delete()
    return int(lately)


# No row has this number, and no ticket ends at these moments.
_SOMEBODY: Final = -9_111_111
_SINCE: Final = datetime(1901, 2, 3, tzinfo=UTC)
_OLD: Final = datetime(1901, 2, 4, tzinfo=UTC)


def _entrances() -> QuerySet[Any, Any]:
    theirs = LaunchTicket.objects.filter(user=_SOMEBODY).order_by()
    return (
        theirs.values("user")
        .annotate(
            lately=Count("pk", filter=Q(expires_at__gt=_SINCE)),
            old=Count("pk", filter=Q(expires_at__lte=_OLD)),
        )
        .values_list("lately", "old")
    )


_ENTRANCES: Final = PreparedRows(LaunchTicket, _entrances)


def digest_of(token: str) -> str:
    """By what a ticket is known once it is used."""
    return hashlib.sha256(token.encode()).hexdigest()


def clear_old() -> int:
    """Forget who came in more than a day ago. Returns how many rows went."""
    return LaunchTicket.objects.filter(expires_at__lte=timezone.now()).delete()[0]


def device_of(request: HttpRequest) -> str:
    """The browser that asks, by its sign-in: the same in all its tabs, told from no page.

    A keyed digest: who reads it in the database cannot use the sign-in.
    """
    key = request.session.session_key or ""
    return salted_hmac("join device", key).hexdigest()[:_DEVICE_DIGITS] if key else ""


def _signer(user: User, place: Session | str) -> TimestampSigner:
    name = str(place.pk) if isinstance(place, Session) else place
    return TimestampSigner(salt=f"launch ticket {user.pk} {name}", sep=".")
