"""partner: what an account can read and change about itself.

Kaltura's: api_v3/services/PartnerService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data

ACTIVE, KMC = 1, 1


@action("partner.getInfo")
def get_info(call: Call) -> Data:
    """The calling account, without its secrets."""
    return shown(session.account(call, call.partner))


def shown(known: Data) -> Data:
    """An account as the API shows it, without its secrets."""
    own = {"status": ACTIVE, "type": KMC, "name": f"Partner {known['id']}"}
    secret = ("adminSecret", "userSecret", "recordingEnabled")
    return (
        {"objectType": "KalturaPartner"}
        | own
        | {name: value for name, value in known.items() if name not in secret}
    )


@action("partner.get")
def get(call: Call, id: int | None) -> Data:
    """The calling account; no other can be read."""
    if id is not None and id != call.partner:
        raise ApiError("UNKNOWN_PARTNER_ID", PARTNER_ID=id)
    return shown(session.account(call, call.partner))


@action("partner.update")
def update(call: Call, partner: SentObject, allowEmpty: bool) -> Data:
    """Change the calling account."""
    known = session.account(call, call.partner)
    partner.refuse_read_only_changes(shown(known))
    changes = {name: value for name, value in partner.values.items() if value or allowEmpty}
    return shown(call.change("partner", call.partner, **changes))


@action("partner.getSecrets")
def get_secrets(
    call: Call, partnerId: int, adminEmail: str, cmsPassword: str, otp: str | None
) -> Data:
    """The secrets for the administrator's password; always refused, as there is none here."""
    raise ApiError("USER_DATA_ERROR")
