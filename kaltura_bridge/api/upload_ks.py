"""The KS of an upload: the portal hands the parts of a file on to Kaltura as they come.

Any session may open an upload and send its parts, and sees only its own (api_v3/services/
UploadTokenService.php of kaltura/server). So it is for a user of its own who owns nothing, and
good for the path of one kind of call.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from kaltura_bridge.api.broadcast_ks import service_address
from kaltura_bridge.api.ks import KsType, Name, Privilege, mint_here

UPLOAD_S: Final = 120  # one call; a part of some megabytes on a slow line


class UploadCall(StrEnum):
    """The calls of an upload; the last two look what has become of one whose answer was lost."""

    OPEN = "add"
    PART = "upload"
    FIND = "list"
    READ = "get"

    @property
    def path(self) -> str:
        return f"/api_v3/service/uploadtoken/action/{self}"


def uploader_id(session_uuid: UUID) -> str:
    """Who uploads for a session at Kaltura; nobody's account."""
    return f"portal-upload-{session_uuid.hex}"


def upload_ks(session_uuid: UUID, call: UploadCall) -> str:
    """For one of these calls, from the web process."""
    path = urlsplit(service_address()).path + call.path
    privileges = [Privilege(Name.URI_RESTRICT, path)]
    return mint_here(uploader_id(session_uuid), KsType.USER, UPLOAD_S, privileges)
