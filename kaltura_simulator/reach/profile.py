"""REACH profiles: moderation, delivery and credit of an account's orders.

Kaltura's: plugins/reach/services/ReachProfileService.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.reach.catalogue import HUMAN, HYBRID, MACHINE
from kaltura_simulator.state.store import Data, Store

KIND = "reach_profile"
ACTIVE, DELETED = 2, 3
UNLIMITED = -9999
_WORK = {HUMAN: "Human", MACHINE: "Machine", HYBRID: "Hybrid"}


def find(call: Call, key: Any) -> Data:
    """A profile that was not deleted."""
    found = call.get(KIND, key)
    if found is None or found["status"] == DELETED:
        raise ApiError("REACH_PROFILE_NOT_FOUND", ID=key)
    return found


def active(call: Call, key: Any) -> Data:
    """A profile that orders may use."""
    found = find(call, key)
    if found["status"] != ACTIVE:
        raise ApiError("REACH_PROFILE_NOT_FOUND", ID=key)
    return found


def new(store: Store, partner: int, sent: Data, now: int, key: int | None = None) -> Data:
    """Create a profile; ``key`` only where an account is provisioned with fixed ids."""
    row: Data = {
        "objectType": "KalturaReachProfile",
        "id": key if key is not None else store.next_id(KIND),
        "partnerId": partner,
        "createdAt": now,
        "updatedAt": now,
        "status": ACTIVE,
        "profileType": 2,
        "defaultOutputFormat": 1,
        "contentDeletionPolicy": 1,
        "vendorTaskProcessingRegion": 1,
        "maxCharactersPerCaptionLine": 37,
        "usedCredit": 0.0,
        "dictionaries": [],
        "rules": [],
        "credit": unlimited(now),
    }
    row |= dict.fromkeys((f"enable{work}Moderation" for work in _WORK.values()), False)
    row |= dict.fromkeys((f"autoDisplay{work}CaptionsOnPlayer" for work in _WORK.values()), False)
    row |= {name: value for name, value in sent.items() if value is not None}
    return store.put(partner, KIND, row["id"], row)


def unlimited(now: int) -> Data:
    """Unlimited credit."""
    return {"objectType": "KalturaUnlimitedVendorCredit", "credit": UNLIMITED, "fromDate": now}


def moderates(profile: Data, service_type: int) -> bool:
    """Whether orders of this service type wait for approval."""
    return bool(profile.get(f"enable{_WORK.get(service_type, 'Human')}Moderation"))


def hides_captions(profile: Data, service_type: int) -> bool:
    """Whether captions of this service type are hidden on the player at first."""
    return not profile.get(f"autoDisplay{_WORK.get(service_type, 'Human')}CaptionsOnPlayer")


def is_credit_current(profile: Data, now: int) -> bool:
    """Whether the credit's period includes now."""
    credit = profile.get("credit") or {}
    start, end = credit.get("fromDate") or 0, credit.get("toDate")
    return start <= now and (end is None or now <= end)


def can_afford(profile: Data, price: float) -> bool:
    """Whether the credit covers a price; what costs nothing is always covered."""
    credit = profile.get("credit") or {}
    total = credit.get("credit") or 0
    if total == UNLIMITED or price == 0:
        return True
    total += (credit.get("overageCredit") or 0) + (credit.get("addOn") or 0)
    return bool(total >= profile["usedCredit"] + price)


def charge(store: Store, partner: int, key: int, price: float) -> None:
    """Charge a price to a profile's credit; a negative one is a refund."""
    profile = store.get(partner, KIND, key)
    if profile is not None and price:
        used = max(0.0, profile["usedCredit"] + price)
        store.change(partner, KIND, key, usedCredit=used)
