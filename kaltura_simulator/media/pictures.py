"""Pictures: their kind and size, and generated ones, a PNG with the colours of a text."""

from __future__ import annotations

import colorsys
import hashlib
import struct
import zlib
from functools import lru_cache
from typing import NamedTuple

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TRUE_COLOUR = 2
_DARK, _BRIGHT = 0.32, 0.72
Colour = tuple[int, int, int]
#: JPEG's markers that begin a frame, and those without a length.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xDA)})


class PictureKind(NamedTuple):
    """The content type and the file ending of a picture."""

    mime: str
    ending: str


JPEG = PictureKind("image/jpeg", "jpg")
_KINDS = (
    (b"\x89PNG", PictureKind("image/png", "png")),
    (b"GIF8", PictureKind("image/gif", "gif")),
    (b"RIFF", PictureKind("image/webp", "webp")),
)


# ----------------------------------------------------------------- kind and size
def kind_of(picture: bytes) -> PictureKind:
    """The kind of a picture by how it begins; anything else passes for a JPEG."""
    return next((kind for start, kind in _KINDS if picture.startswith(start)), JPEG)


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height in pixels; 0 and 0 when they cannot be told."""
    try:
        if picture.startswith(_SIGNATURE):
            width, height = struct.unpack_from(">II", picture, 16)
        elif picture.startswith(b"GIF8"):
            width, height = struct.unpack_from("<HH", picture, 6)
        else:
            height, width = struct.unpack_from(">HH", picture, _jpeg_frame(picture) + 5)
    except (struct.error, IndexError):
        return 0, 0
    return width, height


def _jpeg_frame(picture: bytes) -> int:
    """Where the frame of a JPEG begins; raises IndexError when there is none."""
    at = 2
    while picture[at] == 0xFF and picture[0:2] == b"\xff\xd8":
        if picture[at + 1] in _FRAMES:
            return at
        bare = picture[at + 1] in _BARE
        at += 2 if bare else 2 + struct.unpack_from(">H", picture, at + 2)[0]
    raise IndexError("no frame")


# ---------------------------------------------------------------------- generated


@lru_cache(maxsize=64)
def for_text(text: str, width: int, height: int) -> bytes:
    """A gradient with a play button; the same text gives the same colours."""
    hue = hashlib.sha256(text.encode()).digest()[0] / 255
    rows = b"".join(
        b"\x00" + _row(_colour(hue, y / height), *_triangle(y, width, height), width)
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, _TRUE_COLOUR, 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b""))
    return _SIGNATURE + b"".join(chunks)


def _colour(hue: float, depth: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, 0.55, _BRIGHT - (_BRIGHT - _DARK) * depth)
    return int(red * 255), int(green * 255), int(blue * 255)


def _triangle(y: int, width: int, height: int) -> tuple[int, int]:
    """The white part of a row, from and to; empty outside the triangle."""
    half = min(width, height) / 5
    inside = 1 - abs(y + 0.5 - height / 2) / half
    start = int(width / 2 - half * 0.6)
    return start, start + int(max(0.0, inside) * half * 1.6)


def _row(colour: Colour, start: int, end: int, width: int) -> bytes:
    """One row of pixels, white from ``start`` to ``end``."""
    white = max(0, min(end, width) - start)
    return bytes(colour) * start + b"\xff\xff\xff" * white + bytes(colour) * (width - start - white)


def _chunk(name: bytes, data: bytes) -> bytes:
    checked = name + data
    return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))
