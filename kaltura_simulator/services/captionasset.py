"""caption_captionAsset: captions of a video.

Kaltura's: plugins/content/caption/base/services/CaptionAssetService.php
"""

from __future__ import annotations

import json

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call, action, owned, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import assets, entries, entry_access, languages, subtitles
from kaltura_simulator.media.assets import CAPTION
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File

_MEDIA_WITH_SOUND = frozenset({1, 5})


def _video(call: Call, key: str) -> Data:
    """A video or audio clip; a live entry has no captions."""
    row = entries.find(call, key)
    if row["type"] != entry_types.MEDIA or row.get("mediaType") not in _MEDIA_WITH_SOUND:
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=key)
    return row


def _own(call: Call, key: str) -> Data:
    """A caption that this caller may change: a vendor those of the entry of its job."""
    found = assets.find(call, CAPTION, key)
    entry_access.require_edit(call, _video(call, found["entryId"]))
    return found


@action("caption_captionasset.add")
@owned("entryId", entry_access.require_edit_first)
def add(call: Call, entryId: str, captionAsset: SentObject) -> Data:
    """Add captions without content; those of a moderated vendor are hidden on the player.

    A second default caption leaves the first one its flag.
    """
    entry_access.require_edit(call, entries.find(call, entryId))
    entry, sent = _video(call, entryId), captionAsset
    sent.refuse_read_only()
    held_back = call.session is not None and "enablecaptionmoderation" in call.session.privileges
    more: Data = {
        "format": subtitles.SRT,
        "displayOnPlayer": True,
        "languageCode": languages.CODES.get(str(sent.get("language", ""))),
        "usage": 0,
    }
    if held_back:
        sent.values["displayOnPlayer"] = False
    made = assets.new(call, CAPTION, entry, _with_usage(sent), more)
    return _with_accuracy(call, made) if "accuracy" in sent else made


def _with_usage(sent: SentObject) -> SentObject:
    """A usage that was sent is a text, the default is a number."""
    if sent.get("usage") is not None:
        sent.values["usage"] = str(sent.get("usage"))
    return sent


@action("caption_captionasset.get")
def get(call: Call, captionAssetId: str) -> Data:
    """One caption asset, to everybody who knows its id."""
    found = assets.find_anywhere(call, CAPTION, captionAssetId)
    call.partner = found["partnerId"]
    return assets.find(call, CAPTION, captionAssetId)


@action("caption_captionasset.list")
def list_captions(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """The captions of the entries that the filter names; none without a session."""
    asked = filter or SentObject("KalturaCaptionAssetFilter")
    assets.require_entries(asked)
    if call.session is None:
        return lists.list_response(CAPTION.response, [], 0)
    return assets.listing(call, CAPTION, asked, pager)


@action("caption_captionasset.update")
def update(call: Call, id: str, captionAsset: SentObject) -> Data:
    """Change the properties of captions; one that is made the default is the only one."""
    stored = _own(call, id)
    captionAsset.refuse_read_only_changes(stored)
    changes = dict(_with_usage(captionAsset).values)
    if captionAsset.get("language"):
        changes["languageCode"] = languages.CODES.get(str(captionAsset.get("language")))
    found = assets.change(call, CAPTION, stored, **changes)
    if captionAsset.get("isDefault"):
        found = _only_default(call, found)
    return _with_accuracy(call, found) if "accuracy" in captionAsset else found


def _with_accuracy(call: Call, asset: Data) -> Data:
    """Of two captions of one language on the player, the less accurate one is hidden.

    Those without an accuracy are left alone.
    """
    own = asset.get("accuracy")
    if own is None or not asset["displayOnPlayer"]:
        return asset
    for other in assets.of_entry(call, CAPTION, asset["entryId"]):
        same = other["id"] != asset["id"] and other.get("language") == asset.get("language")
        if not same or not other["displayOnPlayer"] or other.get("accuracy") is None:
            continue
        less = asset if own < other["accuracy"] else other
        if own != other["accuracy"]:
            assets.change(call, CAPTION, less, displayOnPlayer=False)
    return assets.find(call, CAPTION, asset["id"])


@action("caption_captionasset.setAsDefault")
def set_as_default(call: Call, captionAssetId: str) -> None:
    """Make captions the default of their entry, with or without content."""
    _only_default(call, _own(call, captionAssetId))


def _only_default(call: Call, chosen: Data) -> Data:
    for row in assets.of_entry(call, CAPTION, chosen["entryId"]):
        if bool(row.get("isDefault")) != (row["id"] == chosen["id"]):
            assets.change(call, CAPTION, row, isDefault=row["id"] == chosen["id"])
    return assets.find(call, CAPTION, chosen["id"])


@action("caption_captionasset.setContent")
@slow
def set_content(call: Call, id: str, contentResource: SentObject) -> Data:
    """Set the content of captions; what is not of their format is kept with an error."""
    stored = _own(call, id)
    form = str(stored["format"])

    def status_of(body: bytes) -> int:
        right = subtitles.is_of_form(body.decode("utf-8", "replace"), form)
        return assets.READY if right else assets.ERROR

    return assets.set_content(call, CAPTION, stored, contentResource, status_of)


@action("caption_captionasset.export")
def export(call: Call, assetId: str, storageProfileId: int) -> Data:
    """Export captions to a remote storage; this account has none."""
    assets.find(call, CAPTION, assetId)
    raise ApiError("STORAGE_PROFILE_ID_NOT_FOUND", ID=storageProfileId)


@action("caption_captionasset.delete")
def delete(call: Call, captionAssetId: str) -> None:
    """Delete captions."""
    assets.delete(call, CAPTION, _own(call, captionAssetId))


@action("caption_captionasset.getUrl")
def get_url(call: Call, id: str, storageId: int | None) -> str:
    """The URL of the captions' content."""
    return assets.download_url(call, CAPTION, assets.find(call, CAPTION, id))


# ------------------------------------------------------------------------- serving
@action("caption_captionasset.serve")
def serve(call: Call, captionAssetId: str) -> File:
    """The content of captions; nothing, without an error, where there is none."""
    try:
        return _file(call, assets.find_anywhere(call, CAPTION, captionAssetId))
    except ApiError:
        return File(b"")


@action("caption_captionasset.serveByEntryId")
def serve_by_entry(call: Call, entryId: str, captionParamId: int | None) -> File:
    """The default captions of an entry."""
    partners = [call.partner] if call.session else call.store.partners()
    for partner in partners:
        for row in call.store.all(partner, CAPTION.kind):
            if (
                row["entryId"] == entryId
                and row.get("isDefault")
                and row["status"] != assets.DELETED
            ):
                return _file(call, row)
    raise ApiError("CAPTION_ASSET_PARAMS_ID_NOT_FOUND", PARAM_ID=captionParamId or "")


def _file(call: Call, asset: Data) -> File:
    ending, kind = subtitles.FORMS.get(str(asset["format"]), subtitles.FORMS[subtitles.SRT])
    return File(assets.ready_content(call, CAPTION, asset), kind, f"{asset['id']}.{ending}")


def _cues(call: Call, asset: Data) -> list[subtitles.Cue]:
    if str(asset["format"]) not in {subtitles.SRT, subtitles.WEBVTT}:
        raise ApiError("CAPTION_ASSET_INVALID_FORMAT", ASSET_ID=asset["id"])
    text = assets.ready_content(call, CAPTION, asset).decode("utf-8", "replace")
    found = subtitles.cues(text)
    if text.strip() and not found:
        raise ApiError("CAPTION_ASSET_PARSING_FAILED", ASSET_ID=asset["id"])
    return found


@action("caption_captionasset.serveWebVTT")
def serve_webvtt(
    call: Call,
    captionAssetId: str,
    segmentDuration: int,
    segmentIndex: int | None,
    localTimestamp: int,
) -> File:
    """A segment as WebVTT, counted from 1; without a number the playlist of all segments."""
    asset = assets.find_anywhere(call, CAPTION, captionAssetId)
    found, seconds = _cues(call, asset), max(1, segmentDuration)
    if segmentIndex is None or segmentIndex < 0:
        entry = call.store.get(asset["partnerId"], "entry", asset["entryId"]) or {}
        text = subtitles.playlist(int(entry.get("msDuration") or 0), seconds)
        return File(text.encode(), "application/vnd.apple.mpegurl", f"{asset['id']}.m3u8")
    text = subtitles.webvtt(found, seconds, segmentIndex, localTimestamp)
    return File(text.encode(), subtitles.FORMS[subtitles.WEBVTT][1], f"{asset['id']}.vtt")


@action("caption_captionasset.serveAsJson")
def serve_as_json(call: Call, captionAssetId: str) -> File:
    """The captions as JSON."""
    asset = assets.find_anywhere(call, CAPTION, captionAssetId)
    body = json.dumps(subtitles.as_json(_cues(call, asset))).encode()
    return File(body, "application/json", f"{asset['id']}.json")
