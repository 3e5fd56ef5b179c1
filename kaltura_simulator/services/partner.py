"""partner: what an account says of itself."""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.services import session
from kaltura_simulator.state.store import Data

ACTIVE, KMC = 1, 1


@action("partner.getInfo")
def get_info(call: Call) -> Data:
    """The account that calls, without its secrets."""
    return shown(session.account(call, call.partner))


def shown(known: Data) -> Data:
    """An account as it tells of itself."""
    own = {"status": ACTIVE, "type": KMC, "name": f"Partner {known['id']}"}
    secret = ("adminSecret", "userSecret", "recordingEnabled")
    return (
        {"objectType": "KalturaPartner"}
        | own
        | {name: value for name, value in known.items() if name not in secret}
    )


@action("partner.get")
def get(call: Call, id: int | None) -> Data:
    """The account that calls; it may look at no other."""
    if id is not None and id != call.partner:
        raise ApiError("UNKNOWN_PARTNER_ID", PARTNER_ID=id)
    return shown(session.account(call, call.partner))


@action("partner.update")
def update(call: Call, partner: Given, allowEmpty: bool) -> Data:
    """Change what the account says of itself."""
    known = session.account(call, call.partner)
    partner.refuse_changed(shown(known))
    changes = {name: value for name, value in partner.values.items() if value or allowEmpty}
    return shown(call.change("partner", call.partner, **changes))


@action("partner.getSecrets")
def get_secrets(
    call: Call, partnerId: int, adminEmail: str, cmsPassword: str, otp: str | None
) -> Data:
    """The account's secrets for its administrator's password; here nobody has one."""
    raise ApiError("USER_DATA_ERROR")
