"""caption_captionAsset: captions of a video.

Kaltura's: plugins/content/caption/base/services/CaptionAssetService.php
"""

from __future__ import annotations

import json

from kaltura_simulator.api.call import Call, action, slow
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import assets, entries, languages, subtitles
from kaltura_simulator.media.assets import CAPTION
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.files import File

_MEDIA_WITH_SOUND = frozenset({1, 5})


def _video(call: Call, key: str) -> Data:
    """A video or audio clip that this caller may change."""
    row = entries.find(call, key)
    entries.require_edit(call, row)
    if row["type"] != entry_types.MEDIA or row.get("mediaType") not in _MEDIA_WITH_SOUND:
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=key)
    return row


def _own(call: Call, key: str) -> Data:
    """A caption that this caller may change."""
    found = assets.find(call, CAPTION, key)
    _video(call, found["entryId"])
    return found


@action("caption_captionasset.add")
def add(call: Call, entryId: str, captionAsset: SentObject) -> Data:
    """Add captions without content; those of a moderated vendor are hidden on the player."""
    entry = _video(call, entryId)
    sent = captionAsset
    sent.refuse_read_only()
    held_back = call.session is not None and "enablecaptionmoderation" in call.session.privileges
    language = str(sent.get("language", ""))
    more: Data = {
        "format": subtitles.SRT,
        "isDefault": False,
        "displayOnPlayer": True,
        "languageCode": languages.CODES.get(language),
        "label": language,
    }
    if held_back:
        sent.values["displayOnPlayer"] = False
    form = str(sent.get("format", subtitles.SRT))
    more["fileExt"] = subtitles.FORMS.get(form, subtitles.FORMS[subtitles.SRT])[0]
    return assets.new(call, CAPTION, entry, sent, more)


@action("caption_captionasset.get")
def get(call: Call, captionAssetId: str) -> Data:
    """One caption asset."""
    return assets.find(call, CAPTION, captionAssetId)


@action("caption_captionasset.list")
def list_captions(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Caption assets, usually of one entry."""
    return assets.listing(call, CAPTION, filter, pager)


@action("caption_captionasset.update")
def update(call: Call, id: str, captionAsset: SentObject) -> Data:
    """Change the properties of captions; only one can be the default."""
    stored = _own(call, id)
    captionAsset.refuse_read_only_changes(stored)
    changes = dict(captionAsset.values)
    if captionAsset.get("language"):
        changes["languageCode"] = languages.CODES.get(str(captionAsset.get("language")))
    found = assets.change(call, CAPTION, stored, **changes)
    return _only_default(call, found) if found["isDefault"] else found


@action("caption_captionasset.setAsDefault")
def set_as_default(call: Call, captionAssetId: str) -> None:
    """Make captions the default of their entry."""
    _only_default(call, _own(call, captionAssetId))


def _only_default(call: Call, chosen: Data) -> Data:
    for row in assets.of_entry(call, CAPTION, chosen["entryId"]):
        if row["isDefault"] != (row["id"] == chosen["id"]):
            assets.change(call, CAPTION, row, isDefault=row["id"] == chosen["id"])
    return assets.find(call, CAPTION, chosen["id"])


@action("caption_captionasset.setContent")
@slow
def set_content(call: Call, id: str, contentResource: SentObject) -> Data:
    """Set the content of captions."""
    return assets.set_content(call, CAPTION, _own(call, id), contentResource)


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
    """The content of captions."""
    return _file(call, assets.find_anywhere(call, CAPTION, captionAssetId))


@action("caption_captionasset.serveByEntryId")
def serve_by_entry(call: Call, entryId: str, captionParamId: int | None) -> File:
    """The default captions of an entry."""
    partners = [call.partner] if call.session else call.store.partners()
    for partner in partners:
        for row in call.store.all(partner, CAPTION.kind):
            if row["entryId"] == entryId and row["isDefault"] and row["status"] != assets.DELETED:
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
        text = subtitles.playlist(max((cue.end for cue in found), default=0), seconds)
        return File(text.encode(), "application/vnd.apple.mpegurl", f"{asset['id']}.m3u8")
    text = subtitles.webvtt(found, seconds, segmentIndex, localTimestamp)
    return File(text.encode(), subtitles.FORMS[subtitles.WEBVTT][1], f"{asset['id']}.vtt")


@action("caption_captionasset.serveAsJson")
def serve_as_json(call: Call, captionAssetId: str) -> File:
    """The captions as JSON."""
    asset = assets.find_anywhere(call, CAPTION, captionAssetId)
    body = json.dumps(subtitles.as_json(_cues(call, asset))).encode()
    return File(body, "application/json", f"{asset['id']}.json")
