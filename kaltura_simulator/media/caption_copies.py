"""Captions of a video that was cut: deleted, and copied to what was made of it, moved in time.

A job copies them, so they show a while after the video is ready. Copies have ids of their own.
Captions in DFXP are not moved here, so they are not copied.
Kaltura's: plugins/content/caption/base/lib/kCopyCaptionsFlowManager.php
"""

from __future__ import annotations

import base64

from kaltura_simulator.media import assets, subtitles
from kaltura_simulator.media.assets import CAPTION
from kaltura_simulator.state import background
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World


def replace(world: World, row: Data) -> None:
    """An entry has become a part of itself; content of another kind leaves its captions alone."""
    old = _captions_of(world, row["partnerId"], row["id"])
    copy(world, row, row["id"])
    fields: Data = {"status": assets.DELETED, "deletedAt": world.clock.now()}
    for asset in old if row.get("operationAttributes") else []:
        world.store.change(asset["partnerId"], CAPTION.kind, asset["id"], **fields)
        world.store.delete(asset["partnerId"], assets.CONTENT, asset["id"])


def copy(world: World, row: Data, source_id: str) -> None:
    """An entry was cut from another, and gets its captions."""
    operations = row.get("operationAttributes") or []
    cuts = [(int(one.get("offset") or 0), int(one.get("duration") or 0)) for one in operations]
    for asset in _captions_of(world, row["partnerId"], source_id) if cuts else []:
        _copy(world, asset, row, cuts)


def _captions_of(world: World, partner: int, entry_id: str) -> list[Data]:
    rows = (one for one in world.store.all(partner, CAPTION.kind) if one["entryId"] == entry_id)
    return [one for one in rows if one["status"] != assets.DELETED]


def _copy(world: World, asset: Data, row: Data, cuts: list[tuple[int, int]]) -> None:
    store, partner, now = world.store, asset["partnerId"], world.clock.now()
    held = store.get(partner, assets.CONTENT, asset["id"])
    form = str(asset["format"])
    if (
        held is None
        or asset["status"] != assets.READY
        or form not in {subtitles.SRT, subtitles.WEBVTT}
    ):
        return
    text = base64.b64decode(held["body"]).decode("utf-8", "replace")
    body = subtitles.moved(text, form, cuts).encode()
    own: Data = {
        "id": store.entry_id(),
        "entryId": row["id"],
        "createdAt": now,
        "updatedAt": now,
        "status": assets.QUEUED,
        "size": len(body),
        "sizeInBytes": len(body),
    }
    store.put(partner, CAPTION.kind, own["id"], asset | own)
    store.put(partner, assets.CONTENT, own["id"], {"body": base64.b64encode(body).decode()})
    at = world.clock.steady() + world.background_s
    background.schedule(store, partner, CAPTION.kind, own["id"], [(at, {"status": assets.READY})])
