"""Attendance of webcasts: Kaltura's report TOP_USERS_WEBCAST, page by page.

The report has sums for each user id, not the times when anyone joined or left. Kaltura
aggregates it with a delay of minutes to hours, so it is pulled again for days.

Source: ``report.getTable`` in Kaltura's API and the server's own code,
https://github.com/kaltura/server (ReportService.php, kKavaWebcastReports.php).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from analytics.sources.listing import Listing

if TYPE_CHECKING:
    from kaltura_bridge.api.reports import ReportPage

# KalturaReportType.TOP_USERS_WEBCAST, spelled out: the web process loads no Kaltura client.
TOP_USERS_WEBCAST: Final = "40009"
DELIMITER: Final = "|"
ROW_END: Final = ";"
# Kaltura serves at most 12,000 rows of a report and fails on pages beyond; we take 500 a page.
MAX_PAGES: Final = 24
# Kaltura counts by the hour, and someone may come early; whoever watches the recording on
# the next day is in the report too, under minutes that are not live.
BEFORE: Final = timedelta(hours=1)
AFTER: Final = timedelta(days=1)

FetchPage = Callable[[str, datetime, datetime, int], "ReportPage"]


class BadReport(ValueError):
    """A report that is not the table it should be. The text says where."""


def table_rows(header: str, data: str) -> list[dict[str, str]]:
    """A report's text as rows by column name.

    Columns are separated by ``|``, and each row ends with ``;``. Kaltura replaces both
    inside values by a space, so splitting is safe. An empty reply is a table without rows.
    Raises BadReport.
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


class ViewerReports:
    """Reads who watched a webcast, and for how long."""

    def __init__(self, fetch: FetchPage | None = None) -> None:
        self._fetch = fetch or _fetch_from_kaltura()

    def viewers(self, entry: str, starts_at: datetime, ends_at: datetime) -> Listing:
        """Everyone's sums for a webcast planned from ``starts_at`` to ``ends_at``.

        ``entry`` is the webcast's live entry. Raises BadReport, RemoteUnavailable or
        RemoteRejected.
        """
        listing = Listing()
        for page in range(1, MAX_PAGES + 1):
            reply = self._fetch(entry, starts_at - BEFORE, ends_at + AFTER, page)
            rows = table_rows(reply.header, reply.data)
            # A page past the end has no rows and a count of 0.
            listing.expected = max(listing.expected, reply.total)
            listing.rows += rows
            if not rows or len(listing.rows) >= listing.expected:
                break
        return listing


def _fetch_from_kaltura() -> FetchPage:
    # Imported here: the web process loads this module and must never load the Kaltura client.
    from kaltura_bridge.api.client import Kaltura
    from kaltura_bridge.api.reports import report_page

    kaltura = Kaltura()
    return lambda entry, since, until, page: report_page(
        kaltura, TOP_USERS_WEBCAST, [entry], since, until, page
    )
