"""What an order will cost, and whether it can be placed: said before anybody orders.

Kaltura charges for each unit begun (kReachUtils.php in plugins/reach of kaltura/server). It
decides for itself when the order is placed; what is said here is what was known before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kaltura_bridge.captions.catalogue import Catalogue, CreditAccount, OrderableItem
from kaltura_bridge.models import CaptionFeature

SHORTEST_S: Final = 10  # Kaltura takes no order of less (ENTRY_TOO_SHORT)
_UNIT_S: Final = {"Second": 1, "Minute": 60, "Hour": 3600}
_CENTS: Final = Decimal("0.0001")


@dataclass(frozen=True)
class CaptionQuote:
    """What an order would be. ``price`` None: nobody can know it yet.

    ``problems`` are why Kaltura would refuse it, ``warnings`` what to know beforehand.
    """

    item: OrderableItem
    profile: CreditAccount | None
    price: Decimal | None
    problems: Sequence[str]
    warnings: Sequence[str]

    @property
    def left(self) -> Decimal | None:
        """Credit left before it; None: unlimited, or no profile."""
        return self.profile.left if self.profile else None

    @property
    def left_after(self) -> Decimal | None:
        if self.left is None or self.price is None:
            return None
        return self.left - self.price

    @property
    def arrives_hidden(self) -> bool:
        """Whether viewers do not see at first what is delivered, as far as is known."""
        is_of_recording = self.item.feature == CaptionFeature.RECORDING
        return bool(is_of_recording and self.profile and self.profile.hides(self.item.service_type))

    @property
    def waits_for_approval(self) -> bool:
        return bool(self.profile and self.item.service_type in self.profile.moderated)


def price_of(item: OrderableItem, seconds: int | None) -> Decimal | None:
    """The price for this length; None when length or price is not known."""
    unit = item.price
    if unit is None or seconds is None:
        return Decimal(0) if unit == 0 else None
    return (unit * -(-seconds // _UNIT_S[item.price_per])).quantize(_CENTS)


def quote(
    catalogue: Catalogue,
    item: OrderableItem,
    seconds: int | None,
    now: datetime,
    *,
    starts_at: datetime | None = None,
) -> CaptionQuote:
    """What an order of this length costs; ``starts_at`` for live captions."""
    profile, price = catalogue.profile_for(item), price_of(item, seconds)
    problems = [*_of_credit(profile, price, now), *_of_length(item, seconds)]
    if starts_at is not None:
        problems += _of_time(item, starts_at, now)
    return CaptionQuote(item, profile, price, problems, _warnings(item, price, seconds))


def _of_credit(profile: CreditAccount | None, price: Decimal | None, now: datetime) -> list[str]:
    if profile is None:
        return [_("The account has no active REACH profile. Ask Kaltura for one.")]
    if not profile.is_current(now):
        return [_("The credit of “%(profile)s” is not valid now.") % {"profile": profile.name}]
    if price and profile.left is not None and price > profile.left:
        return [_("The credit left is less than this costs.")]
    return []


def _of_length(item: OrderableItem, seconds: int | None) -> list[str]:
    if seconds is None:
        return []
    if item.feature == CaptionFeature.RECORDING and seconds < SHORTEST_S:
        return [_("The recording is shorter than ten seconds: Kaltura takes no order for it.")]
    if item.most_minutes and seconds > item.most_minutes * 60:
        return [
            ngettext(
                "It is longer than this item allows: %(n)d minute.",
                "It is longer than this item allows: %(n)d minutes.",
                item.most_minutes,
            )
            % {"n": item.most_minutes}
        ]
    return []


def _of_time(item: OrderableItem, starts_at: datetime, now: datetime) -> list[str]:
    latest = starts_at - timedelta(minutes=item.least_notice_min)
    if starts_at <= now:
        return [_("The session has begun: live captions are ordered before it.")]
    if now > latest:
        return [
            ngettext(
                "It is too late: this item is ordered at least %(n)d minute before the start.",
                "It is too late: this item is ordered at least %(n)d minutes before the start.",
                item.least_notice_min,
            )
            % {"n": item.least_notice_min}
        ]
    return []


def _warnings(item: OrderableItem, price: Decimal | None, seconds: int | None) -> list[str]:
    if price is not None:
        return []
    if item.price is not None and seconds is None:
        return [_("How long the recording is, is not known yet, so its price is not either.")]
    return [_("What this costs is known only when the work is done.")]
