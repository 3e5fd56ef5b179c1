"""``/p/PARTNER/playManifest/...`` and the files behind it.

No picture and no sound was ever kept: what plays is silence, as long as the clip says or
as long as the stream is on air. Whoever may not see a stream yet finds nothing.
"""

from __future__ import annotations

import math
from html import escape

from kaltura_simulator.api import sessions
from kaltura_simulator.api.call import Call, internal
from kaltura_simulator.api.ks import KsRefused
from kaltura_simulator.media import live
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.web import http
from kaltura_simulator.web.http import Request, Response

Words = dict[str, str]
SEGMENT_S, LIVE_SEGMENTS = 10, 3
MAX_FILE_S = 3600
#: One frame of MPEG-1 Layer III: 32 kbit/s, 44.1 kHz, one channel, nothing in it.
_FRAME = b"\xff\xfb\x10\xc4".ljust(104, b"\x00")
_FRAME_S = 1152 / 44_100
_CORS = [("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store")]


def silence(seconds: float) -> bytes:
    """An MP3 file that says nothing for so long."""
    return _FRAME * max(1, math.ceil(min(seconds, MAX_FILE_S) / _FRAME_S))


def plays(call: Call, row: Data) -> bool:
    """Whether there is something to play for this caller now."""
    if row["type"] == entry_types.LIVE:
        return live.is_live(call, row)
    return bool(row["type"] == entry_types.MEDIA and row["status"] == entry_types.READY)


def manifest(request: Request, partner: int, words: Words) -> Response:
    """Where to play an entry from, in the form that ``format`` names."""
    row = _playable(request, partner, words)
    made = _FORMS.get(words.get("format", "url"))
    if row is None or made is None:
        return http.text("", 404)
    return made(request, row)


def file(request: Request, partner: int, words: Words) -> Response:
    """The sound of an entry, or of so many seconds of it."""
    row = _playable(request, partner, words)
    if row is None:
        return http.text("", 404)
    asked = words.get("seconds", "")
    seconds = int(asked[:4]) if asked.isascii() and asked.isdecimal() else _seconds(row)
    return Response(silence(seconds), 200, "audio/mpeg", list(_CORS))


def _playable(request: Request, partner: int, words: Words) -> Data | None:
    row = request.world.store.get(partner, "entry", words.get("entryId", ""))
    if row is None or row["status"] == entry_types.DELETED:
        return None
    return row if plays(_call(request, partner, words.get("ks", "")), row) else None


def _call(request: Request, partner: int, ks: str) -> Call:
    """Who asks: the session in the address, or nobody when it is none of this account's."""
    try:
        session = sessions.read(request.world, ks)
    except KsRefused:
        return internal(request.world, partner)
    return internal(request.world, partner, session if session.partner == partner else None)


def _seconds(row: Data) -> float:
    return float(row.get("msDuration") or 0) / 1000


def _address(request: Request, row: Data, seconds: float | None = None) -> str:
    part = "" if seconds is None else f"/seconds/{math.ceil(seconds)}"
    folder = f"{request.host_url}/p/{row['partnerId']}/serveFlavor/entryId/{row['id']}"
    return f"{folder}{part}/name/a.mp3"


def file_url(host_url: str, row: Data) -> str:
    """Where the sound of a clip lies."""
    return f"{host_url}/p/{row['partnerId']}/serveFlavor/entryId/{row['id']}/name/a.mp3"


# -------------------------------------------------------------------------- forms
def _redirect(request: Request, row: Data) -> Response:
    """Straight to the file, as ``url`` and ``download`` do; a stream has none."""
    if row["type"] == entry_types.LIVE:
        return http.text("", 404)
    return Response(b"", 302, "", [*_CORS, ("Location", _address(request, row))])


def _hls(request: Request, row: Data) -> Response:
    """A playlist: all of a clip, or the last pieces of a stream."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_S}"]
    if row["type"] == entry_types.LIVE:
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{request.world.clock.now() // SEGMENT_S}")
        lengths, end = [float(SEGMENT_S)] * LIVE_SEGMENTS, []
    else:
        lengths, end = _pieces(_seconds(row)), ["#EXT-X-ENDLIST"]
    for length in lengths:
        lines += [f"#EXTINF:{length:.3f},", _address(request, row, length)]
    body = "\n".join([*lines, *end, ""]).encode()
    return Response(body, 200, "application/vnd.apple.mpegurl", list(_CORS))


def _pieces(seconds: float) -> list[float]:
    """A length in pieces of SEGMENT_S and what is left."""
    whole, rest = divmod(seconds, SEGMENT_S)
    return [float(SEGMENT_S)] * int(whole) + ([rest] if rest else [])


def _dash(request: Request, row: Data) -> Response:
    """The same as an MPD whose one file is the sound."""
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"'
        f' type="static" mediaPresentationDuration="PT{_seconds(row):.3f}S"'
        ' profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period>'
        '<AdaptationSet mimeType="audio/mpeg"><Representation id="1" bandwidth="32000">'
        f"<BaseURL>{escape(_address(request, row))}</BaseURL>"
        "</Representation></AdaptationSet></Period></MPD>\n"
    )
    return Response(body.encode(), 200, "application/dash+xml", list(_CORS))


_FORMS = {"url": _redirect, "download": _redirect, "applehttp": _hls, "mpegdash": _dash}
