"""A moving picture of any length, as WebM: a hand that goes round in ten seconds.

``clip.ivf`` beside this file holds one turn, 50 pictures of VP8 that begin with a key frame. It
was drawn on a canvas and encoded by a browser for this simulator, and has its licence. Longer
videos repeat it.
Formats: IVF and Matroska/WebM, https://www.webmproject.org/docs/container/.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

TURN_S = 10
_FILE = Path(__file__).with_name("clip.ivf")
_HEADER, _FRAME_HEADER = 32, 12
_KEY_FRAME, _NO_FLAGS = 0x80, 0x00


@dataclass(frozen=True)
class Clip:
    """One turn: its size in pixels, and its pictures, of which the first is a key frame."""

    width: int
    height: int
    frame_ms: int
    frames: tuple[bytes, ...]


@lru_cache(maxsize=1)
def clip() -> Clip:
    """The pictures of the file."""
    data = _FILE.read_bytes()
    width, height, rate, scale = struct.unpack_from("<HHII", data, 12)
    frames, at = [], _HEADER
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        at += _FRAME_HEADER
        frames.append(data[at : at + size])
        at += size
    return Clip(width, height, 1000 * scale // rate, tuple(frames))


@lru_cache(maxsize=4)
def webm(milliseconds: int) -> bytes:
    """A WebM file of this length, which can be sought in: a cluster and a cue for each turn."""
    one = clip()
    clusters = _clusters(one, max(one.frame_ms, milliseconds))
    info = _element(0x1549A966, _number(0x2AD7B1, 1_000_000) + _float(0x4489, milliseconds))
    head = info + _tracks(one)
    cues = _cues(clusters, len(head))
    body = head + cues + b"".join(clusters)
    return _ebml_header() + _element(0x18538067, body)


def _clusters(one: Clip, milliseconds: int) -> list[bytes]:
    turn_ms = one.frame_ms * len(one.frames)
    starts = range(0, milliseconds, turn_ms)
    return [_cluster(one, start, min(turn_ms, milliseconds - start)) for start in starts]


def _cluster(one: Clip, start_ms: int, length_ms: int) -> bytes:
    """So much of a turn, beginning at ``start_ms``."""
    blocks = [
        _element(0xA3, b"\x81" + struct.pack(">hB", at, _NO_FLAGS if at else _KEY_FRAME) + frame)
        for at, frame in zip(range(0, length_ms, one.frame_ms), one.frames, strict=False)
    ]
    return _element(0x1F43B675, _number(0xE7, start_ms) + b"".join(blocks))


def _tracks(one: Clip) -> bytes:
    video = _element(0xE0, _number(0xB0, one.width) + _number(0xBA, one.height))
    entry = (
        _number(0xD7, 1)
        + _number(0x73C5, 1)
        + _number(0x83, 1)  # a video
        + _element(0x86, b"V_VP8")
        + video
    )
    return _element(0x1654AE6B, _element(0xAE, entry))


def _cues(clusters: list[bytes], offset: int) -> bytes:
    """Where each cluster begins, counted from the segment's first byte.

    Numbers are of one width, so the cues' own length is known beforehand.
    """
    turn_ms = TURN_S * 1000
    at = offset + len(_cue_list([0] * len(clusters), turn_ms))
    places = []
    for cluster in clusters:
        places.append(at)
        at += len(cluster)
    return _cue_list(places, turn_ms)


def _cue_list(places: list[int], turn_ms: int) -> bytes:
    points = (
        _element(
            0xBB,
            _number(0xB3, number * turn_ms)
            + _element(0xB7, _number(0xF7, 1) + _number(0xF1, place)),
        )
        for number, place in enumerate(places)
    )
    return _element(0x1C53BB6B, b"".join(points))


def _ebml_header() -> bytes:
    numbers = ((0x4286, 1), (0x42F7, 1), (0x42F2, 4), (0x42F3, 8), (0x4287, 2), (0x4285, 2))
    written = [_number(name, value) for name, value in numbers]
    return _element(0x1A45DFA3, b"".join([*written[:4], _element(0x4282, b"webm"), *written[4:]]))


def _element(name: int, content: bytes) -> bytes:
    """An element; its length always takes eight bytes, so that positions can be foretold."""
    written = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return written + (len(content) | 1 << 56).to_bytes(8, "big") + content


def _number(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(8, "big"))


def _float(name: int, value: float) -> bytes:
    return _element(name, struct.pack(">d", value))
