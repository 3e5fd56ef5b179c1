"""Much work for the database, cut into pieces that several of its processes take at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from django.db import connection

Piece = TypeVar("Piece")
Result = TypeVar("Result")

# PostgreSQL has a process for each connection, and each sorts in memory of its own.
CONNECTIONS: Final = 2


def can_split() -> bool:
    """Whether other connections see what this one does: PostgreSQL, in no transaction."""
    return connection.vendor == "postgresql" and not connection.in_atomic_block


def side_by_side(
    work: Callable[[Piece], Result], pieces: Sequence[Piece], *, split: bool | None = None
) -> list[Result]:
    """``work`` on each piece, in their order; the pieces must not need each other.

    On PostgreSQL two at a time, each on a connection of its own, which is closed again. In
    a transaction they follow each other, for another connection would not see what it wrote,
    unless ``split`` says that it wrote nothing that they need; so they do on SQLite, which has
    one writer. An error ends it, as it would a loop.
    """
    if not (can_split() if split is None else split) or len(pieces) < 2:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="figures") as pool:
        waiting = [pool.submit(_alone, work, piece) for piece in pieces]
        try:
            return [each.result() for each in waiting]
        finally:
            pool.shutdown(cancel_futures=True)


def _alone(work: Callable[[Piece], Result], piece: Piece) -> Result:
    """In a thread: with a connection that nobody else has, and that ends with the work."""
    try:
        return work(piece)
    finally:
        connection.close()
