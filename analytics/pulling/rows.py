"""From a listing to rows that can be stored, and to those that cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.utils import timezone

from analytics.models import Source
from analytics.privacy.withholding import Withholding
from analytics.pulling.result import PullResult, SourceCounts
from analytics.sources.listing import Listing
from analytics.sources.parsing import BadRow
from analytics.store import store_rejected
from events.models import Session

ParsedRow = TypeVar("ParsedRow")


def parsed(
    parse: Callable[[object], ParsedRow], listing: Listing
) -> tuple[list[tuple[ParsedRow, dict[str, Any]]], list[BadRow]]:
    """The rows that can be parsed, each with its raw form, and those that cannot."""
    good, bad = [], []
    for raw in listing.rows:
        try:
            good.append((parse(raw), raw))
        except BadRow as error:
            bad.append(error)
    return good, bad


def reject(
    source: Source,
    session: Session,
    place: str,
    run: str,
    bad: Sequence[BadRow],
    counts: SourceCounts,
    result: PullResult,
) -> None:
    """Keep the rows that could not be parsed, and count them."""
    kept = Withholding(session.event).rejected(bad) if bad else []
    store_rejected(source, place, run, kept, timezone.now(), event=session.event_id)
    counts.rejected_rows += len(bad)
    result.rejected += len(bad)
