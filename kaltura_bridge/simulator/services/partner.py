"""partner: what an account says of itself."""

from __future__ import annotations

from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.services import session
from kaltura_bridge.simulator.store import Data

ACTIVE, KMC = 1, 1


@action("partner.getInfo")
def get_info(call: Call) -> Data:
    """The account that calls, without its secrets."""
    known = session.account(call, call.partner)
    return {
        "objectType": "KalturaPartner",
        "id": call.partner,
        "name": known.get("name") or f"Partner {call.partner}",
        "status": ACTIVE,
        "type": KMC,
    }
