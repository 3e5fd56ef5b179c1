"""Flavour assets: the files of a clip that is ready. Here each has its sound and a picture."""

from __future__ import annotations

import hashlib

from kaltura_simulator.api.call import Call
from kaltura_simulator.media import playing
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data


def flavours_of(call: Call, row: Data) -> list[Data]:
    """The flavour assets of an entry; only clips that are ready have any."""
    has_one = row["type"] == entry_types.MEDIA and playing.is_playable(call, row)
    return [_flavour(row)] if has_one else []


def _flavour(row: Data) -> Data:
    """The one file of a clip."""
    return {
        "objectType": "KalturaFlavorAsset",
        "id": f"0_{hashlib.sha256(str(row['id']).encode()).hexdigest()[:8]}",
        "entryId": row["id"],
        "partnerId": row["partnerId"],
        "flavorParamsId": 0,
        "isOriginal": True,
        "isWeb": True,
        "bitrate": playing.BITRATE,
        "size": playing.size_of(row),
        "fileExt": "mp3",
        "containerFormat": "mpeg audio",
        "status": entry_types.READY,
        "createdAt": row["createdAt"],
        "updatedAt": row["updatedAt"],
    }
