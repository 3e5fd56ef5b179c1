"""conversionProfile: how streams and clips are transcoded."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
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
    """What is used where nobody chose; for live streams that is not a profile one can read."""
    wanted = type or MEDIA
    for row in call.all("conversion_profile"):
        if row["type"] == wanted and row["isDefault"]:
            return row
    raise ApiError("CONVERSION_PROFILE_ID_NOT_FOUND", ID="N/A")


@action("conversionprofile.list")
def list_profiles(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Profiles by type, system name and so on."""
    rows = call.all("conversion_profile")
    found = lists.ordered(lists.chosen(rows, filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaConversionProfileListResponse", page, len(found))
