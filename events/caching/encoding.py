"""Bodies as they go over the wire: compressed once, and sent so to all who take it.

A page with one person's own parts in it cannot be kept compressed as a whole. But deflate is
a sequence of blocks, and after a full flush the next one knows nothing of what came before
(RFC 1951, zlib's Z_FULL_FLUSH). So its large parts are compressed once, each by itself, and
what is personal goes in between. No secret is ever compressed together with text that
somebody else can choose, which is what BREACH lives on.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.http import HttpRequest

from events.caching.checksums import appended

GZIP: Final = "gzip"
# The kept ones are compressed once, so they may take their time.
_THOROUGH: Final = 9
_QUICK: Final = 1
# A compressor takes 256 KB of memory before it has seen a byte. Up to this size the text goes
# into a block that says that it is not compressed.
_SHORT: Final = 2_000
# No name, no time, unknown system: the same bytes for the same text (RFC 1952).
_GZIP_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
# An empty last block, after which a deflate stream ends.
_DEFLATE_END: Final = b"\x03\x00"


def takes_gzip(request: HttpRequest) -> bool:
    """Whether the answer may be compressed; browsers say so, feed readers not always."""
    for offer in request.headers.get("Accept-Encoding", "").split(","):
        name, _, quality = offer.strip().partition(";")
        if name.strip().lower() in (GZIP, "*"):
            return quality.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


@dataclass(frozen=True)
class KeptPart:
    """A part of a body, and the same as a sequence of deflate blocks that stands for itself.

    ``checksum`` is the CRC-32 of the text.
    """

    text: bytes
    packed: bytes
    checksum: int

    @classmethod
    def of(cls, text: bytes) -> KeptPart:
        return cls(text, _deflated(text, _THOROUGH), zlib.crc32(text))

    @classmethod
    def once(cls, text: bytes) -> KeptPart:
        """A part for this answer alone."""
        packed = _deflated(text, _QUICK) if len(text) > _SHORT else _stored(text)
        return cls(text, packed, zlib.crc32(text))


def _deflated(text: bytes, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


def _stored(text: bytes) -> bytes:
    """The text as it is, in a block that says so (RFC 1951, 3.2.4); every part ends at a byte."""
    length = len(text)
    sizes = length.to_bytes(2, "little") + (length ^ 0xFFFF).to_bytes(2, "little")
    return b"".join([b"\x00", sizes, text])


def _checksum_of(parts: Iterable[KeptPart]) -> int:
    """The CRC-32 of all of them together."""
    whole = 0
    for part in parts:
        whole = appended(whole, part.checksum, len(part.text))
    return whole


@dataclass(frozen=True)
class ComposedBody:
    """A body of several parts."""

    parts: tuple[KeptPart, ...]

    @cached_property
    def text(self) -> bytes:
        return b"".join([part.text for part in self.parts])

    @property
    def packed(self) -> bytes:
        """One gzip member: browsers do not read on after the first."""
        length = sum(len(part.text) for part in self.parts) & 0xFFFFFFFF
        sums = _checksum_of(self.parts).to_bytes(4, "little") + length.to_bytes(4, "little")
        return b"".join([_GZIP_HEADER, *[part.packed for part in self.parts], _DEFLATE_END, sums])


@dataclass(frozen=True)
class PlainBody:
    """A body that is somebody's own and small, so it is sent as it is."""

    text: bytes
    packed: None = None
