"""metadata_metadata and metadata_metadataProfile: the actions that take XML from files.

Kaltura's: plugins/metadata/services/MetadataService.php, MetadataProfileService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.services import metadata, metadataprofile
from kaltura_simulator.state.store import Data


def _text(body: bytes | None) -> str | None:
    return None if body is None else body.decode("utf-8", "replace")


@action("metadata_metadata.addFromFile")
def add(
    call: Call, metadataProfileId: int, objectType: int | str, objectId: str, xmlFile: bytes
) -> Data:
    """Add a record from a file."""
    text = _text(xmlFile) or ""
    made: Data = metadata.add(call, metadataProfileId, objectType, objectId, text)
    return made


@action("metadata_metadata.updateFromFile")
def update(call: Call, id: int, xmlFile: bytes | None) -> Data:
    """Replace the XML of a record by a file."""
    changed: Data = metadata.update(call, id, _text(xmlFile), None)
    return changed


@action("metadata_metadataprofile.addFromFile")
def add_profile(
    call: Call, metadataProfile: SentObject, xsdFile: bytes, viewsFile: bytes | None
) -> Data:
    """Add a profile from a file."""
    made: Data = metadataprofile.add(call, metadataProfile, _text(xsdFile) or "", _text(viewsFile))
    return made


@action("metadata_metadataprofile.updateDefinitionFromFile")
def update_profile(call: Call, id: int, xsdFile: bytes) -> Data:
    """Replace the schema of a profile by a file."""
    nothing = SentObject("KalturaMetadataProfile")
    changed: Data = metadataprofile.update(call, id, nothing, _text(xsdFile), None)
    return changed
