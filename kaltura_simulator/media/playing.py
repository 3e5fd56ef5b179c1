"""``/p/PARTNER/playManifest/...`` and the files behind it.

No media content is stored: what plays is made, as long as the clip, or while the stream is on
air. It is silence; with ``tags/webm`` in the path it is a moving picture that browsers play.
Callers who may not watch a stream get an empty 404.
"""

from __future__ import annotations

import math
from html import escape

from kaltura_simulator.api import sessions
from kaltura_simulator.api.call import Call, internal
from kaltura_simulator.api.ks import KsRefused
from kaltura_simulator.media import entry_access, live, ranges, webm
from kaltura_simulator.rules import access_control, entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.web import http
from kaltura_simulator.web.http import HttpRequest, HttpResponse

PathParams = dict[str, str]
SEGMENT_S, LIVE_SEGMENTS = 10, 3
MAX_FILE_S = 3600
#: One silent frame of MPEG-1 Layer III: 32 kbit/s, 44.1 kHz, one channel.
_FRAME = b"\xff\xfb\x10\xc4".ljust(104, b"\x00")
_FRAME_S = 1152 / 44_100
#: Kilobits a second.
BITRATE = 32
_CORS = [("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store")]


def silence(seconds: float) -> bytes:
    """An MP3 file of silence."""
    return _FRAME * max(1, math.ceil(min(seconds, MAX_FILE_S) / _FRAME_S))


def size_of(row: Data) -> int:
    """What a clip's file takes, in kilobytes, as Kaltura counts files."""
    return math.ceil(_seconds(row) * BITRATE / 8)


def is_playable(call: Call, row: Data) -> bool:
    """Whether this caller can play the entry now."""
    if row["type"] == entry_types.LIVE:
        return live.is_live(call, row)
    return bool(row["type"] == entry_types.MEDIA and row["status"] == entry_types.READY)


def serve_manifest(request: HttpRequest, partner: int, params: PathParams) -> HttpResponse:
    """The manifest of an entry, in the format that ``format`` names."""
    row = playable_entry(request, partner, params)
    made = _FORMATS.get(params.get("format", "url"))
    if row is None or made is None:
        return http.text("", 404)
    return made(request, row, params)


def serve_file(request: HttpRequest, partner: int, params: PathParams) -> HttpResponse:
    """The file of an entry, or ``seconds`` of it: a picture or silence, by the name's ending."""
    row = playable_entry(request, partner, params)
    if row is None:
        return http.text("", 404)
    asked = params.get("seconds", "")
    seconds = int(asked[:4]) if asked.isascii() and asked.isdecimal() else _seconds(row)
    if params.get("name", "").endswith(".webm"):
        body = webm.webm(int(1000 * min(seconds, MAX_FILE_S)))
        return ranges.answer(request, body, "video/webm", _CORS)
    return HttpResponse(silence(seconds), 200, "audio/mpeg", list(_CORS))


def playable_entry(request: HttpRequest, partner: int, params: PathParams) -> Data | None:
    """The entry ``entryId`` where it plays now for the session of ``ks``, or for anybody."""
    row = request.world.store.get(partner, "entry", params.get("entryId", ""))
    if row is None or row["status"] == entry_types.DELETED:
        return None
    call = caller(request, partner, params.get("ks", ""))
    may = entry_access.may_see(call, row) and not access_control.blocks(call, row)
    return row if may and is_playable(call, row) else None


def caller(request: HttpRequest, partner: int, ks: str) -> Call:
    """A call with the session in the address, without session when it is not valid here."""
    try:
        session = sessions.read(request.world, ks)
    except KsRefused:
        return internal(request.world, partner)
    return internal(request.world, partner, session if session.partner == partner else None)


def _seconds(row: Data) -> float:
    return float(row.get("msDuration") or 0) / 1000


def _address(
    request: HttpRequest, row: Data, params: PathParams, seconds: float | None = None
) -> str:
    """The file, or a piece of it; whoever showed a session to get here takes it along."""
    part = "" if seconds is None else f"/seconds/{math.ceil(seconds)}"
    part += f"/ks/{params['ks']}" if params.get("ks") else ""
    folder = f"{request.host_url}/p/{row['partnerId']}/serveFlavor/entryId/{row['id']}"
    return f"{folder}{part}/name/a.{'webm' if params.get('tags') == 'webm' else 'mp3'}"


def file_url(host_url: str, row: Data) -> str:
    """The URL of a clip's audio."""
    return f"{host_url}/p/{row['partnerId']}/serveFlavor/entryId/{row['id']}/name/a.mp3"


# ------------------------------------------------------------------------ formats
def _redirect(request: HttpRequest, row: Data, params: PathParams) -> HttpResponse:
    """A redirect to the file, for ``url`` and ``download``; a stream has no file."""
    if row["type"] == entry_types.LIVE:
        return http.text("", 404)
    return HttpResponse(b"", 302, "", [*_CORS, ("Location", _address(request, row, params))])


def _hls(request: HttpRequest, row: Data, params: PathParams) -> HttpResponse:
    """An HLS playlist: all segments of a clip, or the last ones of a stream."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3", f"#EXT-X-TARGETDURATION:{SEGMENT_S}"]
    if row["type"] == entry_types.LIVE:
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{request.world.clock.now() // SEGMENT_S}")
        lengths, end = [float(SEGMENT_S)] * LIVE_SEGMENTS, []
    else:
        lengths, end = _segment_lengths(_seconds(row)), ["#EXT-X-ENDLIST"]
    for length in lengths:
        lines += [f"#EXTINF:{length:.3f},", _address(request, row, params, length)]
    body = "\n".join([*lines, *end, ""]).encode()
    return HttpResponse(body, 200, "application/vnd.apple.mpegurl", list(_CORS))


def _segment_lengths(seconds: float) -> list[float]:
    """The lengths of segments: SEGMENT_S each, and the rest."""
    whole, rest = divmod(seconds, SEGMENT_S)
    return [float(SEGMENT_S)] * int(whole) + ([rest] if rest else [])


def _dash(request: HttpRequest, row: Data, params: PathParams) -> HttpResponse:
    """A DASH manifest with one audio file."""
    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"'
        f' type="static" mediaPresentationDuration="PT{_seconds(row):.3f}S"'
        ' profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period>'
        '<AdaptationSet mimeType="audio/mpeg"><Representation id="1" bandwidth="32000">'
        f"<BaseURL>{escape(_address(request, row, params))}</BaseURL>"
        "</Representation></AdaptationSet></Period></MPD>\n"
    )
    return HttpResponse(body.encode(), 200, "application/dash+xml", list(_CORS))


_FORMATS = {"url": _redirect, "download": _redirect, "applehttp": _hls, "mpegdash": _dash}
