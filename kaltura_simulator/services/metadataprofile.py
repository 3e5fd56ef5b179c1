"""metadata_metadataProfile: the XML schemas of custom data.

Kaltura's: plugins/metadata/services/MetadataProfileService.php
"""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import metadata_profiles, transformation, xsd
from kaltura_simulator.rules.metadata_profiles import KIND
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File


@action("metadata_metadataprofile.add")
def add(call: Call, metadataProfile: SentObject, xsdData: str, viewsData: str | None) -> Data:
    """Add a profile; its system name must be unique."""
    metadataProfile.refuse_read_only()
    metadataProfile.require("metadataObjectType")
    _refuse_bad_schema(xsdData)
    _refuse_duplicate(call, metadataProfile.get("systemName"))
    sent = {k: v for k, v in metadataProfile.values.items() if v is not None}
    return metadata_profiles.new(call, xsdData, sent)


def _refuse_bad_schema(text: str) -> None:
    problem = xsd.schema_problem(text)
    if problem:
        raise ApiError("INVALID_METADATA_PROFILE_SCHEMA", ERR_MSG=problem)


def _refuse_duplicate(call: Call, name: str | None, own_id: int | None = None) -> None:
    rows = call.all(KIND) if name else []
    if any(row.get("systemName") == name and row["id"] != own_id for row in rows):
        raise ApiError("SYSTEM_NAME_ALREADY_EXISTS", SYS_NAME=name)


@action("metadata_metadataprofile.update")
def update(
    call: Call, id: int, metadataProfile: SentObject, xsdData: str | None, viewsData: str | None
) -> Data:
    """Change a profile; another schema raises its version."""
    stored = metadata_profiles.find(call, id)
    transformation.refuse_if_transforming(stored)
    metadataProfile.refuse_read_only_changes(stored)
    _refuse_duplicate(call, metadataProfile.get("systemName"), id)
    changes = metadataProfile.values | {"updatedAt": call.clock.now()}
    if xsdData and xsdData != stored["xsd"]:
        _refuse_bad_schema(xsdData)
        changes |= {"xsd": xsdData, "version": stored["version"] + 1}
    changed = call.change(KIND, id, **changes)
    return transformation.start(call, changed) if "xsd" in changes else changed


@action("metadata_metadataprofile.delete")
def delete(call: Call, id: int) -> None:
    """Delete a profile and all of its records."""
    metadata_profiles.find(call, id)
    for record in call.all("metadata"):
        if record["metadataProfileId"] == id:
            call.store.delete(call.partner, "metadata", record["id"])
    call.store.delete(call.partner, KIND, id)


@action("metadata_metadataprofile.get")
def get(call: Call, id: int) -> Data:
    """One profile with its schema."""
    return metadata_profiles.find(call, id)


@action("metadata_metadataprofile.serve")
def serve(call: Call, id: int) -> File:
    """The schema of a profile as a file."""
    row = metadata_profiles.find(call, id)
    return File(row["xsd"].encode(), "text/xml", f"{row.get('systemName') or id}.xml")


@action("metadata_metadataprofile.listFields")
def list_fields(call: Call, metadataProfileId: int) -> Data:
    """The elements of a profile's schema that hold a value."""
    found = metadata_profiles.fields_of(metadata_profiles.find(call, metadataProfileId))
    return lists.list_response("KalturaMetadataProfileFieldListResponse", found, len(found))


@action("metadata_metadataprofile.list")
def list_profiles(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Profiles by name, system name or the kind of object they describe."""
    rows = call.all(KIND)
    found = lists.sorted_by(lists.filtered(rows, filter), filter)
    page = lists.page_of(found, pager, indexed=False)
    return lists.list_response("KalturaMetadataProfileListResponse", page, len(found))
