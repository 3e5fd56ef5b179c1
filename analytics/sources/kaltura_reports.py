"""Webcasts' attendance: Kaltura's report of top users (40009), page by page.

The report knows sums for each user id, not when anyone came or went. It lags behind by
minutes to hours, so it is pulled again for days.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from analytics.sources.newrow import Listing

if TYPE_CHECKING:
    from kaltura_bridge.api.reports import ReportPage

TOP_USERS_WEBCAST: Final = "40009"
DELIMITER: Final = "|"
ROW_END: Final = ";"
# Kaltura gives no more than 12,000 rows of a report, at 500 a page.
MOST_PAGES: Final = 24
# Figures are counted by hour there; someone may come early, or watch the next day.
BEFORE: Final = timedelta(hours=1)
AFTER: Final = timedelta(days=1)

Fetch = Callable[[str, datetime, datetime, int], "ReportPage"]


class BadReport(ValueError):
    """A report that is not the table it should be. The text says where."""


def table_rows(header: str, data: str) -> list[dict[str, str]]:
    """A report's text as rows by column name.

    Columns stand between ``|``, and each row ends with ``;``: Kaltura replaces both
    inside values. An empty reply is a table without rows. Raises BadReport.
    """
    if not header and not data:
        return []
    columns = header.split(DELIMITER)
    *lines, rest = data.split(ROW_END)
    if rest.strip():
        raise BadReport(f"The report ends in the middle of a row: {rest[:80]!r}.")
    rows = []
    for number, line in enumerate(lines, start=1):
        values = line.split(DELIMITER)
        if len(values) != len(columns):
            raise BadReport(
                f"Row {number} of the report has {len(values)} columns, its header {len(columns)}."
            )
        rows.append(dict(zip(columns, values, strict=True)))
    return rows


class Reports:
    """A conversation with Kaltura about what was watched."""

    def __init__(self, fetch: Fetch | None = None) -> None:
        self._fetch = fetch or _fetch_from_kaltura()

    def viewers(self, entry: str, starts_at: datetime, ends_at: datetime) -> Listing:
        """What everyone watched of a webcast planned from ``starts_at`` to ``ends_at``.

        Raises BadReport, RemoteUnavailable or RemoteRejected.
        """
        listing = Listing()
        for page in range(1, MOST_PAGES + 1):
            reply = self._fetch(entry, starts_at - BEFORE, ends_at + AFTER, page)
            rows = table_rows(reply.header, reply.data)
            # A page past the end comes without a count.
            listing.expected = max(listing.expected, reply.total)
            listing.rows += rows
            if not rows or len(listing.rows) >= listing.expected:
                break
        return listing


def _fetch_from_kaltura() -> Fetch:
    # Here, because the web process may import this module but never the Kaltura client.
    from kaltura_bridge.api.client import Kaltura
    from kaltura_bridge.api.reports import report_page

    kaltura = Kaltura()
    return lambda entry, since, until, page: report_page(
        kaltura, TOP_USERS_WEBCAST, [entry], since, until, page
    )
