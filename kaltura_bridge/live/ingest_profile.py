"""What an encoder is told: addresses, keys, and texts ready for OBS, ffmpeg and phones. Pure.

All of it is secret: whoever has an address and its key can broadcast on the entry.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

# Kaltura writes the number of the rendition as %i; an encoder that sends one sends the first.
_RENDITION: Final = ("%i", "1")


class Protocol(StrEnum):
    """How a stream travels to Kaltura, the one to take first."""

    RTMPS = "RTMPS"
    RTMP = "RTMP"
    SRT = "SRT"


@dataclass(frozen=True)
class IngestPoint:
    """One place that takes the stream. ``key`` is the stream's name, of SRT the stream id."""

    protocol: Protocol
    is_backup: bool
    server: str
    key: str
    passphrase: str = ""


# The property of a live entry that holds each address; of SRT also the one with its stream id.
_ADDRESSES: Final = (
    (Protocol.RTMPS, False, "primarySecuredBroadcastingUrl", ""),
    (Protocol.RTMPS, True, "secondarySecuredBroadcastingUrl", ""),
    (Protocol.RTMP, False, "primaryBroadcastingUrl", ""),
    (Protocol.RTMP, True, "secondaryBroadcastingUrl", ""),
    (Protocol.SRT, False, "primarySrtBroadcastingUrl", "primarySrtStreamId"),
    (Protocol.SRT, True, "secondarySrtBroadcastingUrl", "secondarySrtStreamId"),
)


def ingest_points(entry: Mapping[str, Any]) -> list[IngestPoint]:
    """Where a live entry, as Kaltura answered it, takes its stream; [] when it may not be told.

    An address of another scheme than its property stands for is left out.
    """
    return list(_points(entry))


def _points(entry: Mapping[str, Any]) -> Iterator[IngestPoint]:
    name = str(entry.get("streamName") or "").replace(*_RENDITION)
    for protocol, is_backup, address, stream_id in _ADDRESSES:
        server = str(entry.get(address) or "")
        key = str(entry.get(stream_id) or "") if stream_id else name
        passphrase = str(entry.get("srtPass") or "") if stream_id else ""
        if key and urlsplit(server).scheme.upper() == protocol:
            yield IngestPoint(protocol, is_backup, server, key, passphrase)


def first_choice(points: list[IngestPoint]) -> IngestPoint | None:
    """The primary address that ready texts are made for: RTMPS, else RTMP, else SRT."""
    return next((point for point in points if not point.is_backup), None)


def obs_profile(point: IngestPoint) -> str:
    """OBS's own file of where to stream to: ``service.json`` in the folder of a profile.

    Source: plugins/rtmp-services/rtmp-custom.c of obsproject/obs-studio names the settings.
    """
    settings = {"server": point.server, "key": point.key, "use_auth": False, "bwtest": False}
    if point.protocol is Protocol.SRT:
        settings |= {"server": _srt_address(point), "key": ""}
    return json.dumps({"type": "rtmp_custom", "settings": settings}, indent=2)


def ffmpeg_command(point: IngestPoint) -> str:
    """A command that sends a test picture with a tone: 720p, 30 pictures a second, 2.5 Mbit/s."""
    return " ".join([_PICTURE, *_target(point)])


_PICTURE: Final = (
    "ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30 "
    "-f lavfi -i sine=frequency=440:sample_rate=48000 "
    "-c:v libx264 -preset veryfast -pix_fmt yuv420p -b:v 2500k -maxrate 2500k -bufsize 5000k "
    "-g 60 -keyint_min 60 -sc_threshold 0 -c:a aac -b:a 128k"
)


def _target(point: IngestPoint) -> list[str]:
    """Where ffmpeg sends it, each part in an option of its own.

    Kaltura's addresses end in a query, after which ffmpeg would not find the stream's name.
    """
    if point.protocol is Protocol.SRT:
        secret = ["-passphrase", shlex.quote(point.passphrase)] if point.passphrase else []
        stream_id = ["-streamid", shlex.quote(point.key)]
        return ["-f mpegts", *stream_id, *secret, shlex.quote(point.server)]
    parts = urlsplit(point.server)
    app = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    options = ["-rtmp_app", shlex.quote(app), "-rtmp_playpath", shlex.quote(point.key)]
    return ["-f flv", *options, shlex.quote(f"{parts.scheme}://{parts.netloc}")]


def _srt_address(point: IngestPoint) -> str:
    query = {"streamid": point.key, "mode": "caller"}
    return f"{point.server}?{urlencode(query | _passphrase(point))}"


def _passphrase(point: IngestPoint) -> dict[str, str]:
    return {"passphrase": point.passphrase} if point.passphrase else {}


def phone_link(point: IngestPoint, name: str) -> str:
    """A link that sets up Larix Broadcaster, an encoder for phones; also what its QR code says.

    Source: https://softvelum.com/larix/grove/
    """
    address = (
        _srt_address(point) if point.protocol is Protocol.SRT else f"{point.server}/{point.key}"
    )
    return f"larix://set/v1?{urlencode({'conn[][url]': address, 'conn[][name]': name})}"


@dataclass(frozen=True)
class EncoderTexts:
    """What is ready to be copied for one address."""

    obs: str
    ffmpeg: str
    phone: str


def texts_for(point: IngestPoint, name: str) -> EncoderTexts:
    """The ready texts; ``name`` is what the encoder calls the connection."""
    return EncoderTexts(obs_profile(point), ffmpeg_command(point), phone_link(point, name))
