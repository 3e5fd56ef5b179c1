"""The CRC-32 of a text from those of its parts, without reading them again.

A gzip ends with the checksum of all its text. Pages of some hundred kilobytes are put together
from parts that were read when they were made, and appending to a checksum is arithmetic: the
checksum of the first part passes through as many zero bytes as the second is long, and is added
to that of the second. What so many zeros do to a checksum is linear, so it is a small table,
made once for each length. This is zlib's crc32_combine, which Python does not offer:
https://github.com/madler/zlib/blob/master/crc32.c
"""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from typing import Final

_BITS: Final = 32
# A checksum is looked up by four bits at a time.
_STEP: Final = 4
_VALUES: Final = 1 << _STEP
_KEPT_TABLES: Final = 256
# So few zeros are read as quickly, and tables for every short text would push others out.
_FEW: Final = 2_048


def appended(first: int, second: int, length: int) -> int:
    """The checksum of a text and of ``length`` bytes more, whose own is ``second``."""
    if length <= _FEW:
        return _through_zeros(first, length) ^ second
    for values in _table_of(length):
        second ^= values[first & (_VALUES - 1)]
        first >>= _STEP
    return second


def _through_zeros(checksum: int, length: int) -> int:
    """What ``length`` zero bytes make of a checksum."""
    zeros = bytes(length)
    # zlib turns all bits over before and after; that is what it makes of nothing at all.
    return zlib.crc32(zeros, checksum) ^ zlib.crc32(zeros)


@lru_cache(_KEPT_TABLES)
def _table_of(length: int) -> tuple[tuple[int, ...], ...]:
    """For each four bits of a checksum, what ``length`` zeros make of each of their values."""
    bits = _of_each_bit(length)
    return tuple(
        tuple(_sum_of(bits[first : first + _STEP], value) for value in range(_VALUES))
        for first in range(0, _BITS, _STEP)
    )


def _of_each_bit(length: int) -> tuple[int, ...]:
    """What ``length`` zeros make of each bit, from numbers of zeros that are powers of two."""
    bits = tuple(1 << place for place in range(_BITS))
    for power in range(length.bit_length()):
        if length >> power & 1:
            zeros = _of_power(power)
            bits = tuple(_sum_of(zeros, bit) for bit in bits)
    return bits


@cache
def _of_power(power: int) -> tuple[int, ...]:
    if not power:
        return tuple(_through_zeros(1 << place, 1) for place in range(_BITS))
    half = _of_power(power - 1)
    return tuple(_sum_of(half, bit) for bit in half)


def _sum_of(bits: tuple[int, ...], value: int) -> int:
    """What is made of ``value``, when ``bits`` is what is made of each of its bits."""
    total = 0
    for place, made in enumerate(bits):
        if value >> place & 1:
            total ^= made
    return total
