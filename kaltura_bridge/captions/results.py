"""What was delivered: a recording's captions, read by a worker and kept as plain cues.

The captions of every recording are read, whoever ordered them: some were there before, and
people upload theirs at Kaltura. Sources: captionAsset.list and .serve of the caption plugin.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import requests
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from events.agenda.filters import folded
from events.models import Session
from kaltura_bridge.api.client import (
    CONNECT_TIMEOUT_S,
    Kaltura,
    Request,
    new,
    thread_connections,
    wire,
)
from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable, user_message
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.captions import cues, retiming
from kaltura_bridge.models import CaptionTrack, ErrorClass, Transcript

logger = logging.getLogger(__name__)

LARGEST: Final = 8 * 1024 * 1024  # bytes of a file; four hours of captions have half a million
MOST_TRACKS: Final = 40
# Captions may be added or corrected at Kaltura: often in the first week, hardly ever later.
SOON: Final = timedelta(hours=1)
LATER: Final = timedelta(days=1)
AFTER_TROUBLE: Final = timedelta(minutes=5)
_FIRST_WEEK: Final = timedelta(days=7)
_MOST_UNREADABLE: Final = 3  # recordings in a pass
INCOMPLETE: Final = "Kaltura's list of the captions came incomplete; it is read again."
_OURS: Final = (
    "id",
    "transcript_id",
    "is_outdated",
    "wish",
    "wish_at",
    "trouble",
    "holder",
    "lease_until",
)
_READY: Final = "2"  # CaptionAssetStatus
_ABSENT: Final = "ENTRY_ID_NOT_FOUND"  # of a live entry, too: it has no captions


def expect(session: Session, entry_id: str) -> None:
    """Have the captions of this recording read next."""
    now = timezone.now()
    row, is_new = Transcript.objects.get_or_create(session=session, entry_id=entry_id)
    if not is_new:
        Transcript.objects.filter(pk=row.pk).update(look_at=now)


def fetch_due(kaltura: Kaltura, most: int = 50) -> int:
    """Read the captions of recordings whose time has come. Returns how many recordings.

    Their lists are asked for together, 25 in a request; only files that changed are fetched.
    Raises KalturaError when Kaltura cannot be read; what it refuses is kept at the recording.
    """
    due = Transcript.objects.filter(look_at__lte=timezone.now()).select_related("session")
    rows = list(due.order_by("look_at")[:most])
    answers = kaltura.ask([_list_of(row.entry_id) for row in rows])
    unreadable = 0
    for row, answer in zip(rows, answers, strict=True):
        unreadable += _take(row, answer)
        if unreadable == _MOST_UNREADABLE:
            break  # Each may have cost a long wait; the others are still due.
    return len(rows)


def _list_of(entry_id: str) -> Request:
    of_entry = new("KalturaCaptionAssetFilter", entryIdEqual=entry_id)
    return Request(lambda c: c.caption.captionAsset.list(of_entry, pager()), as_row=True)


def _take(row: Transcript, answer: Any) -> bool:
    """Keep one recording's captions as they are now; True when a file could not be read."""
    if isinstance(answer, RemoteRejected) and answer.code == _ABSENT:
        _keep(row, [], listed_ids=[])
        return False
    if isinstance(answer, KalturaError):
        if answer.error_class is ErrorClass.STOP:
            raise answer
        _keep(row, [], error=user_message("captions", answer))
        return False
    found = listed(answer)
    ready = [asset for asset in found if wire(asset.status) == _READY][:MOST_TRACKS]
    tracks, error = _tracks(row, ready)
    total = wire(answer.totalCount)
    is_whole = total.isdecimal() and int(total) <= len(found)
    _keep(
        row,
        tracks,
        listed_ids=[_id(asset) for asset in ready] if is_whole else None,
        error=error if is_whole else INCOMPLETE,
    )
    return bool(error)


def _tracks(row: Transcript, assets: Sequence[Any]) -> tuple[list[CaptionTrack], str]:
    """The captions as rows to be saved, and why a file among them cannot be read."""
    kept = {track.asset_id: track for track in row.tracks.defer("cues", "words")}
    tracks, error = [], ""
    for asset in assets:
        try:
            tracks.append(_track(row, asset, kept.get(_id(asset))))
        except RemoteUnavailable as trouble:
            label = wire(asset.label)[:200] or _id(asset)
            error = f"The file “{label}” cannot be read ({trouble}); it is tried again."
    return tracks, error


def _id(asset: Any) -> str:
    return wire(asset.id)[:64]


def _track(row: Transcript, asset: Any, kept: CaptionTrack | None) -> CaptionTrack:
    """The captions as a row to be saved; their text is fetched only when it has changed."""
    version = f"{wire(asset.version)}/{wire(asset.updatedAt)}"[:40]
    track = kept or CaptionTrack(transcript=row, asset_id=_id(asset))
    track.language, track.language_code = wire(asset.language)[:60], wire(asset.languageCode)[:16]
    track.label, track.format = wire(asset.label)[:200], wire(asset.format)[:8]
    track.is_default = wire(asset.isDefault) == "1"
    track.is_shown = wire(asset.displayOnPlayer) != "0"
    if kept is None or kept.version != version:
        found = cues.parse(_content(track.asset_id))
        track.cues = [cues.as_row(cue) for cue in found]
        track.words = folded(" ".join(f"{cue.speaker} {cue.text}" for cue in found))
        track.version, track.fetched_at = version, timezone.now()
    return track


def _content(asset_id: str) -> str:
    """The file of an asset; what is longer than anybody's captions is cut off.

    Serving asks for no session, so none is sent (recorded at a running server).
    """
    url = f"{settings.KALTURA_SERVICE_URL.rstrip('/')}/api_v3/service/caption_captionasset"
    try:
        response = thread_connections().get(
            f"{url}/action/serve/captionAssetId/{asset_id}",
            timeout=(CONNECT_TIMEOUT_S, settings.KALTURA_TIMEOUT_S),
            stream=True,
        )
        with response:
            if not response.ok:
                raise RemoteUnavailable(f"HTTP {response.status_code}", sent=False)
            body = _read(response)
    except requests.RequestException as error:
        raise RemoteUnavailable("captions that cannot be fetched", sent=False) from error
    return body.decode("utf-8-sig", "replace")


def _read(response: requests.Response) -> bytes:
    body = b""
    for part in response.iter_content(64 * 1024):
        body += part
        if len(body) >= LARGEST:
            break
    return body[:LARGEST]


def _keep(
    row: Transcript,
    tracks: Sequence[CaptionTrack],
    listed_ids: Sequence[str] | None = None,
    error: str = "",
) -> None:
    """Save these. ``listed_ids``: all captions that there are; None when that is not known.

    Only a whole list tells that captions are gone, or that there are none.
    """
    try:
        with transaction.atomic():
            # Whoever shows or hides one of them holds it until all of that is written.
            list(row.tracks.select_for_update().order_by("pk").values_list("pk"))
            # Who wanted it read once more meanwhile knows what this answer did not.
            same = Transcript.objects.filter(pk=row.pk, look_at=row.look_at)
            is_newest = same.exists()
            for track in tracks:
                _save(track, is_newest=is_newest)
            looked: dict[str, Any] = {}
            if listed_ids is not None:
                row.tracks.exclude(asset_id__in=listed_ids).delete()
                retiming.settle(row)
                looked["looked_at"] = timezone.now()
            Transcript.objects.filter(pk=row.pk).update(error=error, **looked)
            same.update(look_at=_next_look(row, error))
    except IntegrityError:
        logger.info("Captions of %s were kept by another worker meanwhile.", row.entry_id)


def _save(track: CaptionTrack, *, is_newest: bool) -> None:
    """What Kaltura says of it, and nothing that is wanted of it here.

    An answer that may be older than what was told Kaltura since does not show or hide it.
    """
    if track.pk is None:
        track.save()
        return
    left_out = {*track.get_deferred_fields(), *_OURS, *(() if is_newest else ("is_shown",))}
    fields = [field.attname for field in track._meta.concrete_fields]
    told = {name: getattr(track, name) for name in fields if name not in left_out}
    mine = CaptionTrack.objects.filter(pk=track.pk)
    file, _, _ = track.version.partition("/")
    # Only another file has other times; one that is shown or hidden is the same.
    mine.exclude(version__startswith=f"{file}/").update(is_outdated=False)
    mine.update(**told)


def _next_look(row: Transcript, error: str) -> datetime:
    """Soon after the first trouble; otherwise as often as captions change at that age."""
    now = timezone.now()
    if (error and not row.error) or retiming.is_awaited(row):
        return now + AFTER_TROUBLE
    return now + (SOON if now - row.session.ends_at < _FIRST_WEEK else LATER)
