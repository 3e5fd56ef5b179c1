"""conversionProfile: how streams and clips are transcoded.

Kaltura's: api_v3/services/ConversionProfileService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.state.store import Data

MEDIA = 1


@action("conversionprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile."""
    found = call.get("conversion_profile", id)
    if found is None:
        raise ApiError("CONVERSION_PROFILE_ID_NOT_FOUND", ID=id)
    return found


@action("conversionprofile.getDefault")
def get_default(call: Call, type: int | str | None) -> Data:
    """The default profile; for live streams there is none that can be read."""
    wanted = type or MEDIA
    for row in call.all("conversion_profile"):
        if row["type"] == wanted and row["isDefault"]:
            return row
    raise ApiError("CONVERSION_PROFILE_ID_NOT_FOUND", ID="N/A")


@action("conversionprofile.list")
def list_profiles(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Profiles by type, system name and so on."""
    rows = call.all("conversion_profile")
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaConversionProfileListResponse", page, len(found))
