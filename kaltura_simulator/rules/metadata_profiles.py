"""Metadata profiles: the XML schemas of custom data, and the fields that a schema declares."""

from __future__ import annotations

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.rules import xsd
from kaltura_simulator.state.store import Data

KIND = "metadata_profile"
ACTIVE = 1
KMC = 1
#: The id of a field is its profile's times this, and its place.
_FIELDS_EACH = 1000


def find(call: Call, key: int) -> Data:
    """A profile that is there."""
    found = call.get(KIND, key)
    if found is None:
        raise ApiError("METADATA_PROFILE_NOT_FOUND", ID=key)
    return found


def new(call: Call, schema_text: str, sent: Data, key: int | None = None) -> Data:
    """Make a profile; ``key`` only where an account is provisioned with fixed ids."""
    now = call.clock.now()
    key = key if key is not None else call.store.next_id(KIND)
    profile = {
        "objectType": "KalturaMetadataProfile",
        "id": key,
        "partnerId": call.partner,
        "metadataObjectType": 1,
        "version": 1,
        "createdAt": now,
        "updatedAt": now,
        "status": ACTIVE,
        "createMode": KMC,
        "disableReIndexing": False,
        "xsd": schema_text,
    }
    return call.put(KIND, key, profile | sent)


# ------------------------------------------------------------------------- fields
def fields_of(profile: Data) -> list[Data]:
    """The elements of a profile that hold a value, with the path that finds each."""
    elements = xsd.leaves(profile["xsd"])
    return [
        {
            "objectType": "KalturaMetadataProfileField",
            "id": int(profile["id"]) * _FIELDS_EACH + place,
            "xPath": "".join(f"/*[local-name()='{name}']" for name in names),
            "key": names[-1],
            "label": names[-1],
        }
        for place, names in enumerate(elements, 1)
    ]


def field_path(call: Call, field: int) -> str:
    """The path of a field; one that finds nothing when there is no such field."""
    profile = call.get(KIND, field // _FIELDS_EACH)
    known = {row["id"]: str(row["xPath"]) for row in fields_of(profile)} if profile else {}
    return known.get(field, "/none")
