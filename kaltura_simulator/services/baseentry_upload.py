"""baseEntry and media: adding entries directly from files.

Kaltura's: api_v3/services/BaseEntryService.php, MediaService.php
"""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import content, entries, uploads
from kaltura_simulator.rules import entry_types
from kaltura_simulator.services import baseentry, media, uploadtoken
from kaltura_simulator.state.store import Data

_TOKEN, _URL = "KalturaUploadedFileTokenResource", "KalturaUrlResource"
VIDEO = 1
#: The media type by file extension; anything else is a video.
_MEDIA_TYPES = dict.fromkeys(("jpg", "jpeg", "png", "gif"), 2) | dict.fromkeys(("mp3", "wav"), 5)


# ------------------------------------------------------------------ a file in one request
@action("baseentry.upload")
def upload_any(call: Call, fileData: bytes) -> str:
    """Upload a whole file; returns the id of its upload token."""
    return _uploaded(call, fileData)


@action("media.upload")
def upload_media(call: Call, fileData: bytes) -> str:
    """Upload a whole file; returns the id of its upload token."""
    return _uploaded(call, fileData)


def _uploaded(call: Call, body: bytes) -> str:
    token = uploadtoken.add(call, None)
    uploadtoken.upload(call, token["id"], body, resume=False, finalChunk=True, resumeAt=-1)
    return str(token["id"])


# ------------------------------------------------------------------- an entry from a file
@action("baseentry.addFromUploadedFile")
def add_any(call: Call, entry: SentObject, uploadTokenId: str, type: str | None) -> Data:
    """Add a clip from an upload; its media type is derived from the file name."""
    clip = SentObject("KalturaMediaEntry", entry.values)
    clip.values.setdefault("mediaType", _media_type(_token_name(call, uploadTokenId)))
    return _from_upload(call, clip, uploadTokenId)


@action("media.addFromUploadedFile")
def add_media(call: Call, mediaEntry: SentObject, uploadTokenId: str) -> Data:
    """Add a clip from an upload."""
    return _from_upload(call, mediaEntry, uploadTokenId)


def _from_upload(call: Call, clip: SentObject, token: str) -> Data:
    found = call.get(uploads.KIND, token)
    if found is None:
        raise ApiError("UPLOADED_FILE_NOT_FOUND_BY_TOKEN")
    if found["status"] != uploads.FULL:
        raise ApiError("UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY")
    clip.values["name"] = clip.get("name") or f"{call.partner}_{call.clock.now()}"
    made = media.add(call, clip)
    return content.attach(call, made, SentObject(_TOKEN, {"token": token}))


@action("media.addFromEntry")
def add_from_entry(
    call: Call, sourceEntryId: str, mediaEntry: SentObject | None, sourceFlavorParamsId: int | None
) -> Data:
    """Add a clip with the content of another clip."""
    source = entries.find(call, sourceEntryId, entry_types.MEDIA)
    clip = mediaEntry or SentObject("KalturaMediaEntry")
    for name in ("name", "mediaType"):
        clip.values.setdefault(name, source[name])
    made = media.add(call, clip)
    return content.attach(call, made, SentObject("KalturaEntryResource", {"entryId": source["id"]}))


# -------------------------------------------------------------------- content of any entry
@action("baseentry.addContent")
def add_content(call: Call, entryId: str, resource: SentObject) -> Data:
    """Set the content of an entry; one without type becomes a clip."""
    row = _with_type(call, _entry_for_content(call, entryId), resource)
    done: Data = media.add_content(call, row["id"], resource)
    return done


@action("baseentry.updateContent")
def update_content(
    call: Call,
    entryId: str,
    resource: SentObject,
    conversionProfileId: int | None,
    advancedOptions: SentObject | None,
) -> Data:
    """Replace the content of a clip."""
    row = _entry_for_content(call, entryId)
    done: Data = media.update_content(
        call, row["id"], resource, conversionProfileId, advancedOptions
    )
    return done


def _entry_for_content(call: Call, key: str) -> Data:
    row = entries.find(call, key)
    if row["type"] not in {entry_types.MEDIA, baseentry.AUTOMATIC}:
        raise ApiError(
            "ENTRY_TYPE_NOT_SUPPORTED",
            f'Entry type "{row["type"]}" not supported',
            TYPE=row["type"],
        )
    return row


def _with_type(call: Call, row: Data, resource: SentObject) -> Data:
    if row["type"] != baseentry.AUTOMATIC:
        return row
    named = resource.get("url", "")
    if resource.object_type == _TOKEN:
        named = _token_name(call, str(resource.get("token", "")))
    fields = {"objectType": "KalturaMediaEntry", "type": entry_types.MEDIA, "duration": 0}
    return call.change("entry", row["id"], mediaType=_media_type(named), **fields)


def _token_name(call: Call, token: str) -> str:
    return str((call.get(uploads.KIND, token) or {}).get("fileName") or "")


def _media_type(name: str) -> int:
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), VIDEO)
