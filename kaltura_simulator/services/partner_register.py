"""partner.register: adding accounts.

Kaltura's: api_v3/services/PartnerService.php
"""

from __future__ import annotations

import secrets

from kaltura_simulator.api import features
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.provision import account
from kaltura_simulator.services import partner as partners
from kaltura_simulator.state.store import Data

_FIRST_ID = 1_000_001


@action("partner.register")
def register(
    call: Call, partner: SentObject, cmsPassword: str, templatePartnerId: int | None, silent: bool
) -> Data:
    """Add an account like the first one, with secrets of its own."""
    partner.refuse_read_only()
    partner.require("name", "adminName", "adminEmail", "description")
    if call.is_admin and not features.has(call, features.GROUP_PARTNER):
        raise ApiError("NON_GROUP_PARTNER_ATTEMPTING_TO_ASSIGN_CHILD", PID=call.partner)
    number = call.store.next_id("partner", _FIRST_ID)
    own, other = secrets.token_hex(16), secrets.token_hex(16)
    sent = {name: value for name, value in partner.values.items() if value is not None}
    parent = {"partnerParentId": call.partner} if call.is_admin else {}
    more = sent | parent | {"adminUserId": sent["adminEmail"], "createdAt": call.clock.now()}
    account.add_events_objects(account.new(call.world, number, own, other, **more))
    row = call.store.get(number, "partner", number) or {}
    return partners.shown(row) | {"adminSecret": own, "secret": other}
