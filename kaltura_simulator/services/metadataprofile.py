"""metadata_metadataProfile: the XML schemas that custom data must fit."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.rules import metadata_profiles, transformation, xsd
from kaltura_simulator.rules.metadata_profiles import KIND
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File


@action("metadata_metadataprofile.add")
def add(call: Call, metadataProfile: Given, xsdData: str, viewsData: str | None) -> Data:
    """A new profile; its system name is its own."""
    metadataProfile.refuse_read_only()
    metadataProfile.need("metadataObjectType")
    _refuse_bad_schema(xsdData)
    _refuse_second(call, metadataProfile.get("systemName"))
    sent = {k: v for k, v in metadataProfile.values.items() if v is not None}
    return metadata_profiles.new(call, xsdData, sent)


def _refuse_bad_schema(text: str) -> None:
    problem = xsd.schema_problem(text)
    if problem:
        raise ApiError("INVALID_METADATA_PROFILE_SCHEMA", ERR_MSG=problem)


def _refuse_second(call: Call, name: str | None, own_id: int | None = None) -> None:
    rows = call.all(KIND) if name else []
    if any(row.get("systemName") == name and row["id"] != own_id for row in rows):
        raise ApiError("SYSTEM_NAME_ALREADY_EXISTS", SYS_NAME=name)


@action("metadata_metadataprofile.update")
def update(
    call: Call, id: int, metadataProfile: Given, xsdData: str | None, viewsData: str | None
) -> Data:
    """Change a profile; another schema is another version."""
    stored = metadata_profiles.find(call, id)
    transformation.refuse(stored)
    metadataProfile.refuse_changed(stored)
    _refuse_second(call, metadataProfile.get("systemName"), id)
    changes = metadataProfile.values | {"updatedAt": call.clock.now()}
    if xsdData and xsdData != stored["xsd"]:
        _refuse_bad_schema(xsdData)
        changes |= {"xsd": xsdData, "version": stored["version"] + 1}
    changed = call.change(KIND, id, **changes)
    return transformation.begin(call, changed) if "xsd" in changes else changed


@action("metadata_metadataprofile.delete")
def delete(call: Call, id: int) -> None:
    """Delete a profile and all records that fit it."""
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
    """The elements of a profile that hold a value."""
    found = metadata_profiles.fields_of(metadata_profiles.find(call, metadataProfileId))
    return lists.response("KalturaMetadataProfileFieldListResponse", found, len(found))


@action("metadata_metadataprofile.list")
def list_profiles(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Profiles by name, system name or the kind of object they describe."""
    rows = call.all(KIND)
    found = lists.ordered(lists.chosen(rows, filter), filter)
    page = lists.paged(found, pager, indexed=False)
    return lists.response("KalturaMetadataProfileListResponse", page, len(found))
