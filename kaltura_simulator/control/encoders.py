"""``/_control/encoder``: an encoder that sends to an address with a key, as OBS or a camera would.

There is no media server, so no stream arrives; but the address, its token and the stream's name
must be those of an entry, and what follows is what follows at Kaltura: a preview where the entry
asks for one, else on air.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kaltura_simulator.api.call import internal
from kaltura_simulator.control.sent import UNUSABLE, sent_object
from kaltura_simulator.media import live, recordings
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World
from kaltura_simulator.web import http
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

PREFIX = "/_control/encoder"
#: Where an entry has its addresses; with those of SRT goes a stream id, which holds the token.
_ADDRESSES = (
    "primaryBroadcastingUrl",
    "secondaryBroadcastingUrl",
    "primarySecuredBroadcastingUrl",
    "secondarySecuredBroadcastingUrl",
)
_SRT = (
    ("primarySrtBroadcastingUrl", "primarySrtStreamId"),
    ("secondarySrtBroadcastingUrl", "secondarySrtStreamId"),
)
#: The stream's name, with the number of a rendition where the entry has ``%i``.
_RENDITION = re.compile(r"_[1-9]$")


def add_routes(router: Router) -> None:
    """Serve this control."""
    router.route(PREFIX, handle)


def handle(request: HttpRequest) -> HttpResponse:
    """``POST {"server": "rtmps://...", "key": "0_..._1"}`` connects; ``{"stop": "0_..."}`` ends."""
    if request.method != "POST":
        return http.data({"error": f"no {request.method} here; there is POST"}, 405)
    try:
        return http.data(_encode(request, sent_object(request)))
    except UNUSABLE as problem:
        return http.data({"error": str(problem)}, 400)


def _encode(request: HttpRequest, sent: dict[str, Any]) -> dict[str, Any]:
    world = request.world
    partner = int(sent.get("partner", world.options.partner_id))
    with world.store.transaction():
        if "stop" in sent:
            row, state = world.store.get(partner, "entry", str(sent["stop"])), "off"
            if row is None or row["type"] != entry_types.LIVE:
                raise LookupError("there is no such live entry")
        else:
            row = _fed_by(world, partner, str(sent["server"]), str(sent["key"]))
            state = "preview" if row.get("explicitLive") else "on_air"
        fields = live.encoder_changes(row, state, world.clock.now())
        new = world.store.change(partner, "entry", row["id"], **fields)
        call = internal(world, partner, host_url=request.host_url)
        recordings.update_for_stream(call, row, new)
    return {"id": row["id"], "state": state}


def _fed_by(world: World, partner: int, server: str, key: str) -> Data:
    """The entry that takes a stream at this address; raises LookupError, as ingest refuses."""
    for row in world.store.all(partner, "entry"):
        is_live = row["type"] == entry_types.LIVE and row["status"] != entry_types.DELETED
        if is_live and (_takes_rtmp(row, server, key) or _takes_srt(row, server, key)):
            return row
    raise LookupError("no entry takes a stream with this address and key")


def _takes_rtmp(row: Data, server: str, key: str) -> bool:
    name = str(row.get("streamName") or "").replace("_%i", "")
    return _RENDITION.sub("", key) == name and any(
        _same(server, str(row.get(field) or "")) for field in _ADDRESSES
    )


def _takes_srt(row: Data, server: str, key: str) -> bool:
    return any(
        server == row.get(address) and key == row.get(stream_id) for address, stream_id in _SRT
    )


def _same(one: str, other: str) -> bool:
    """Whether two addresses have one scheme, host, application and token."""
    first, second = urlsplit(one), urlsplit(other)
    return bool(other) and (
        (first.scheme, first.netloc, first.path) == (second.scheme, second.netloc, second.path)
        and parse_qs(first.query) == parse_qs(second.query)
    )
