"""The content of clips: uploads, addresses, other entries, and cuts from them.

Nothing is stored but how long it is. Seen at a running server (22.19): where a cut begins
and how long it is, is never checked.
"""

from __future__ import annotations

from typing import Any

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import (
    caption_copies,
    entries,
    flavours,
    live,
    recordings,
    secure_files,
    uploads,
)
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World

#: The length of clips that do not say it.
UNKNOWN_LENGTH_S = 60.0
#: ``KalturaEntryReplacementStatus``: to be replaced as soon as the new content is ready.
NOT_REPLACED, APPROVED, REPLACING_FAILED = 0, 1, 4
HIDDEN = -1
_CUT, _ENTRY = "KalturaOperationResource", "KalturaEntryResource"
_TOKEN, _URL = "KalturaUploadedFileTokenResource", "KalturaUrlResource"
_TEXT = "KalturaStringResource"
_NEEDED = {_URL: "url", _TOKEN: "token"}


# ------------------------------------------------------------------------ attaching
def attach(call: Call, row: Data, resource: SentObject) -> Data:
    """Give a clip its content, which is processed for a while."""
    _check(call, resource)
    seconds = _length_s(call, row, resource)
    status = _first_status(call, resource)
    operations = _operations(resource)
    if operations:
        source_id = _source_of(resource).get("entryId")
        call.change("entry", row["id"], operationAttributes=operations, _clipOf=source_id)
    if resource.object_type == _TOKEN:
        token = str(resource.get("token"))
        if not uploads.is_complete(call, token):
            uploads.expect(call, token, row["id"])
            return call.change("entry", row["id"], status=entry_types.IMPORT)
        uploads.consume(call, token)
    recordings.start_processing(call, row, seconds, status)
    return entries.find(call, row["id"])


def finish_upload(call: Call, token: str) -> None:
    """Process the clip that waited for this upload, if one did."""
    entry_id = uploads.expected_by(call, token)
    row = call.get("entry", entry_id) if entry_id else None
    if row is None or entry_types.is_deleted(row):
        return
    uploads.consume(call, token)
    seconds = _length_s(call, row, SentObject(_TOKEN))
    recordings.start_processing(call, row, seconds, entry_types.PENDING)


def _operations(resource: SentObject) -> list[Data]:
    """The cuts of a resource; Kaltura adds an empty list of effects to each."""
    found = resource.get("operationAttributes", []) if resource.object_type == _CUT else []
    return [{"effectArray": []} | one for one in found]


def _source_of(resource: SentObject) -> SentObject:
    """What a resource is made from: of a cut, the resource inside."""
    if resource.object_type != _CUT:
        return resource
    inner = dict(resource.get("resource") or {})
    if not inner:
        raise ApiError("INTERNAL_SERVERL_ERROR")
    return SentObject(str(inner.pop("objectType")), inner)


def _check(call: Call, resource: SentObject) -> None:
    """Refuse content that is not there, or not secure."""
    source = _source_of(resource)
    kind = source.object_type
    if kind in _NEEDED:
        source.require(_NEEDED[kind])
    if kind == _ENTRY:
        _check_source(call, str(source.get("entryId", "")))
    if kind == _TEXT:
        secure_files.refuse_insecure(str(source.get("content", "")).encode())
    if kind == _TOKEN:
        uploads.find_usable(call, str(source.get("token")))


def _check_source(call: Call, key: str) -> None:
    """The entry that content comes from has content itself."""
    source = entries.find(call, key)
    if source["type"] == entry_types.LIVE and not live.is_streaming(source):
        raise ApiError("NO_MEDIA_SERVER_FOUND", ENTRY_ID=key)
    if source["type"] != entry_types.LIVE and not flavours.flavours_of(call, source):
        raise ApiError("ORIGINAL_FLAVOR_ASSET_IS_MISSING")


def _first_status(call: Call, resource: SentObject) -> int:
    """What the clip's status is while the work begins."""
    if resource.object_type == _URL:
        return entry_types.IMPORT
    whole_entry = _source_of(resource).object_type == _ENTRY and not _operations(resource)
    return entry_types.CONVERTING if whole_entry else entry_types.PENDING


def _length_s(call: Call, row: Data, resource: SentObject) -> float:
    """How long the content is, as far as that can be told."""
    cut = sum(max(0, int(one.get("duration") or 0)) for one in _operations(resource)) / 1000
    source: Any = {}
    if resource.object_type in {_ENTRY, _CUT}:
        source = call.get("entry", str(_source_of(resource).get("entryId", ""))) or {}
    known = source.get("msDuration") or row.get("msDuration") or 0
    return cut or known / 1000 or UNKNOWN_LENGTH_S


# ------------------------------------------------------------------------ replacing
def replace(call: Call, row: Data, resource: SentObject) -> Data:
    """Replace a clip's content by way of a hidden entry; the old one plays until that is ready.

    A cut is made of the clips below this one, too: the further streams of a recording.
    """
    _replace_one(call, row, resource)
    if _operations(resource):
        for child in _children(call, row):
            source: Data = {"objectType": _ENTRY, "entryId": child["id"]}
            _replace_one(call, child, SentObject(_CUT, resource.values | {"resource": source}))
    return entries.find(call, row["id"])


def _children(call: Call, row: Data) -> list[Data]:
    found = (one for one in call.all("entry") if one.get("parentEntryId") == row["id"])
    return [one for one in found if not entry_types.is_deleted(one)]


def _replace_one(call: Call, row: Data, resource: SentObject) -> None:
    if row["status"] == entry_types.NO_CONTENT:
        attach(call, row, resource)
        return
    if row.get("replacingEntryId"):
        raise ApiError("ENTRY_REPLACEMENT_ALREADY_EXISTS")
    _check(call, resource)
    own: Data = {
        "name": row["name"],
        "mediaType": row.get("mediaType"),
        "sourceType": row.get("sourceType"),
        "userId": row["userId"],
        "displayInSearch": HIDDEN,
        "replacedEntryId": row["id"],
        "duration": 0,
        "msDuration": row.get("msDuration") or 0,
    }
    hidden = entries.new(call, "KalturaMediaEntry", entry_types.MEDIA, entry_types.NO_CONTENT, own)
    call.change("entry", row["id"], replacingEntryId=hidden["id"], replacementStatus=APPROVED)
    attach(call, hidden, resource)


def cancel_replacement(call: Call, row: Data) -> Data:
    """Keep the old content; without a replacement nothing happens."""
    hidden = call.get("entry", row.get("replacingEntryId") or "")
    if hidden is not None:
        entries.delete(call, hidden)
    return call.change("entry", row["id"], replacingEntryId=None, replacementStatus=NOT_REPLACED)


def approve_replacement(call: Call, row: Data) -> Data:
    """Agree to a replacement; here each one is agreed to from the start."""
    if not row.get("replacingEntryId"):
        raise ApiError("ENTRY_ID_NOT_REPLACED", ENTRY_ID=row["id"])
    return row


def fail_replacement(world: World, row: Data) -> None:
    """The new content cannot be converted: the old one stays until somebody cancels it."""
    partner, hidden = row["partnerId"], row["replacingEntryId"]
    world.store.change(partner, "entry", hidden, status=entry_types.CONVERSION_FAILED)
    world.store.change(partner, "entry", row["id"], replacementStatus=REPLACING_FAILED)


def _take_over(world: World, hidden: Data) -> None:
    """Once the new content is ready it becomes that of the entry, and the hidden one goes."""
    partner, key = hidden["partnerId"], hidden.get("replacedEntryId")
    row = world.store.get(partner, "entry", key) if key else None
    waits = row is not None and row.get("replacingEntryId") == hidden["id"]
    if hidden["status"] != entry_types.READY or not waits:
        return
    fields: Data = {"status": entry_types.READY, "updatedAt": world.clock.now()}
    fields |= {name: hidden[name] for name in ("duration", "msDuration", "operationAttributes")}
    fields |= {"replacingEntryId": None, "replacementStatus": NOT_REPLACED}
    caption_copies.replace(world, world.store.change(partner, "entry", str(key), **fields))
    world.store.change(partner, "entry", hidden["id"], status=entry_types.DELETED)


def _take_captions(world: World, clip: Data) -> None:
    """Once a clip of another entry is ready, it gets that one's captions."""
    is_clip = clip.get("_clipOf") and not clip.get("replacedEntryId")
    if is_clip and clip["status"] == entry_types.READY:
        made = world.store.change(clip["partnerId"], "entry", clip["id"], _clipOf=None)
        caption_copies.copy(world, made, clip["_clipOf"])


background.on_change("entry", _take_over)
background.on_change("entry", _take_captions)
