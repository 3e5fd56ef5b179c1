"""Entries made straight from files: the short ways of baseEntry and media."""

from __future__ import annotations

from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries, uploads
from kaltura_simulator.rules import entry_types
from kaltura_simulator.services import baseentry, media, uploadtoken
from kaltura_simulator.state.store import Data

_TOKEN, _URL = "KalturaUploadedFileTokenResource", "KalturaUrlResource"
VIDEO = 1
#: The media type by the ending of a file's name; all else is taken for a video.
_MEDIA_TYPES = dict.fromkeys(("jpg", "jpeg", "png", "gif"), 2) | dict.fromkeys(("mp3", "wav"), 5)


# ------------------------------------------------------------------ a file in one request
@action("baseentry.upload")
def upload_any(call: Call, fileData: bytes) -> str:
    """Take a file whole; the answer is the token under which it waits."""
    return _waiting(call, fileData)


@action("media.upload")
def upload_media(call: Call, fileData: bytes) -> str:
    """Take a file whole; the answer is the token under which it waits."""
    return _waiting(call, fileData)


def _waiting(call: Call, body: bytes) -> str:
    token = uploadtoken.add(call, None)
    uploadtoken.upload(call, token["id"], body, resume=False, finalChunk=True, resumeAt=-1)
    return str(token["id"])


# ------------------------------------------------------------------- an entry from a file
@action("baseentry.addFromUploadedFile")
def add_any(call: Call, entry: Given, uploadTokenId: str, type: str | None) -> Data:
    """A new clip from an upload; its media type follows from the file's name."""
    clip = Given("KalturaMediaEntry", entry.values)
    clip.values.setdefault("mediaType", _media_type(_token_name(call, uploadTokenId)))
    return _from_upload(call, clip, uploadTokenId)


@action("media.addFromUploadedFile")
def add_media(call: Call, mediaEntry: Given, uploadTokenId: str) -> Data:
    """A new clip from an upload."""
    return _from_upload(call, mediaEntry, uploadTokenId)


def _from_upload(call: Call, clip: Given, token: str) -> Data:
    found = call.get(uploads.KIND, token)
    if found is not None and found["status"] != uploads.FULL:
        raise ApiError("UPLOAD_TOKEN_INVALID_STATUS_FOR_ADD_ENTRY")
    clip.values["name"] = clip.get("name") or f"{call.partner}_{call.clock.now()}"
    made = media.add(call, clip)
    return _taken(call, made, Given(_TOKEN, {"token": token}))


@action("media.addFromEntry")
def add_from_entry(
    call: Call, sourceEntryId: str, mediaEntry: Given | None, sourceFlavorParamsId: int | None
) -> Data:
    """A new clip with the content of another one that is ready."""
    source = entries.find(call, sourceEntryId, entry_types.MEDIA)
    clip = mediaEntry or Given("KalturaMediaEntry")
    for name in ("name", "mediaType"):
        clip.values.setdefault(name, source[name])
    made = media.add(call, clip)
    call.change("entry", made["id"], msDuration=source.get("msDuration"))
    return _taken(call, entries.find(call, made["id"]), Given("KalturaEntryResource"))


def _taken(call: Call, row: Data, resource: Given) -> Data:
    done: Data = media.take(call, row, resource)
    return done


# -------------------------------------------------------------------- content of any entry
@action("baseentry.addContent")
def add_content(call: Call, entryId: str, resource: Given) -> Data:
    """Give an entry its content; one that did not say what it is becomes a clip by it."""
    row = _with_type(call, _contentful(call, entryId), resource)
    done: Data = media.add_content(call, row["id"], resource)
    return done


@action("baseentry.updateContent")
def update_content(
    call: Call,
    entryId: str,
    resource: Given,
    conversionProfileId: int | None,
    advancedOptions: Given | None,
) -> Data:
    """Give a clip other content."""
    row = _contentful(call, entryId)
    done: Data = media.update_content(
        call, row["id"], resource, conversionProfileId, advancedOptions
    )
    return done


def _contentful(call: Call, key: str) -> Data:
    row = entries.find(call, key)
    if row["type"] not in {entry_types.MEDIA, baseentry.AUTOMATIC}:
        raise ApiError(
            "ENTRY_TYPE_NOT_SUPPORTED",
            f'Entry type "{row["type"]}" not supported',
            TYPE=row["type"],
        )
    return row


def _with_type(call: Call, row: Data, resource: Given) -> Data:
    if row["type"] != baseentry.AUTOMATIC:
        return row
    named = resource.get("url", "")
    if resource.kind == _TOKEN:
        named = _token_name(call, str(resource.get("token", "")))
    fields = {"objectType": "KalturaMediaEntry", "type": entry_types.MEDIA, "duration": 0}
    return call.change("entry", row["id"], mediaType=_media_type(named), **fields)


def _token_name(call: Call, token: str) -> str:
    return str((call.get(uploads.KIND, token) or {}).get("fileName") or "")


def _media_type(name: str) -> int:
    return _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), VIDEO)
