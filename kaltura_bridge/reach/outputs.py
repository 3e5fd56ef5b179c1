"""What a job leaves in the customer's account: captions, and a transcript where one is wanted.

An add may have happened although its answer was lost. So each asset carries the job's key in
``partnerData``, and is looked for before one is added: there is never a second one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from kaltura_bridge.api.client import new, wire
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.reach.account import TaskAccess
from kaltura_bridge.reach.engines.base import EngineFailed
from kaltura_bridge.reach.languages import language_code
from kaltura_bridge.subtitles import (
    CaptionCue,
    as_dfxp,
    as_srt,
    as_transcript,
    as_transcript_json,
    as_webvtt,
)

SRT: Final = "1"
DFXP: Final = "2"
WEBVTT: Final = "3"
_TEXT: Final = "1"
_JSON: Final = "4"
_READY: Final = "2"
_ERROR: Final = "-1"
Service = Callable[[Any], Any]


def _captions(client: Any) -> Any:
    return client.caption.captionAsset


def _attachments(client: Any) -> Any:
    return client.attachment.attachmentAsset


@dataclass(frozen=True)
class Output:
    """One file to be made: the asset as it is added, its service, and what is in it."""

    service: Service
    asset: Any
    filter_type: str
    content: str


def caption_output(
    cues: list[CaptionCue], language: str, form: str, transcript_id: str = ""
) -> Output:
    """The captions in the ordered form; SRT where none was ordered."""
    form = form if form in (SRT, DFXP, WEBVTT) else SRT
    fields: dict[str, Any] = {"language": language, "label": language, "format": form}
    if transcript_id:
        fields["associatedTranscriptIds"] = transcript_id
    written = {
        SRT: lambda: as_srt(cues),
        DFXP: lambda: as_dfxp(cues, language_code(language)),
        WEBVTT: lambda: as_webvtt(cues),
    }
    return Output(
        _captions,
        new("KalturaCaptionAsset", **fields),
        "KalturaCaptionAssetFilter",
        written[form](),
    )


def transcript_output(cues: list[CaptionCue], language: str, kind: str) -> Output:
    """A transcript as an attachment, ``kind`` json or text."""
    is_json = kind == "json"
    asset = new(
        "KalturaTranscriptAsset",
        filename=f"transcript.{'json' if is_json else 'txt'}",
        title=f"Transcript ({language})" if language else "Transcript",
        format=_JSON if is_json else _TEXT,
    )
    return Output(
        _attachments,
        asset,
        "KalturaAttachmentAssetFilter",
        as_transcript_json(cues) if is_json else as_transcript(cues),
    )


def deliver(
    access: TaskAccess,
    output: Output,
    mark: str,
    beat: Callable[[], None],
    made: Callable[[str], None],
) -> str:
    """Have this output in the customer's account, once. Returns its id.

    ``made`` is told the id before its content is there. Raises EngineFailed when Kaltura cannot
    read what was delivered.
    """
    asset = _find(access, output, mark)
    if asset is None:
        beat()
        output.asset.partnerData = mark
        entry_id = access.task.entry_id
        asset = access.call(lambda c: output.service(c).add(entry_id, output.asset))
    key = wire(asset.id)
    made(key)
    if wire(asset.status) != _READY:
        beat()
        resource = new("KalturaStringResource", content=output.content)
        asset = access.call(lambda c: output.service(c).setContent(key, resource))
    if wire(asset.status) == _ERROR:
        raise EngineFailed("Kaltura could not read the captions that were made.")
    return key


def _find(access: TaskAccess, output: Output, mark: str) -> Any:
    wanted = new(output.filter_type, entryIdEqual=access.task.entry_id)
    answer = access.call(lambda c: output.service(c).list(wanted, pager()))
    return next((each for each in listed(answer) if wire(each.partnerData) == mark), None)


def withdraw(access: TaskAccess, caption_id: str, transcript_id: str) -> None:
    """Take away what a failed job has left. What is gone already is well."""
    for service, key in ((_captions, caption_id), (_attachments, transcript_id)):
        try:
            if key:
                access.call(partial(_delete, service, key))
        except RemoteRejected as error:
            # The customer, or the end of the access key, was before us.
            if not error.code.endswith("_ID_NOT_FOUND") and error.code != "INVALID_KS":
                raise


def _delete(service: Service, key: str, client: Any) -> object:
    """A void action answers nothing, which elsewhere is a failure."""
    service(client).delete(key)
    return key
