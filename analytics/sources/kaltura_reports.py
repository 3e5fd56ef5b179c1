"""Who watched, and for how long: Kaltura's reports by person, page by page.

Webcasts and recordings are in TOP_USERS_WEBCAST. Two further reports are asked where the
settings name them, for not every account has them: live engagement, which has rooms too and
says addresses, and realtime, which is there within a minute. All have sums for each user id,
not the times when anyone joined or left. Kaltura aggregates the first with a delay of
minutes to hours, so it is pulled again for days.

Source: ``report.getTable`` in Kaltura's API and the server's own code,
https://github.com/kaltura/server (ReportService.php, kKavaWebcastReports.php).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from analytics.models import Source
from analytics.sources.listing import Listing
from analytics.sources.parsing import ViewerRow, engagement_row, realtime_row, viewer_row
from kaltura_bridge.audience.reading import DELIMITER, BadReport, table_rows

__all__ = ["DELIMITER", "BadReport", "PersonReport", "ViewerReports", "table_rows"]

if TYPE_CHECKING:
    from kaltura_bridge.api.reports import ReportPage

# KalturaReportType.TOP_USERS_WEBCAST, spelled out: the web process loads no Kaltura client.
TOP_USERS_WEBCAST: Final = "40009"
HIGHLIGHTS_WEBCAST: Final = "40001"
EP_WEBCAST_LIVE_USER_ENGAGEMENT: Final = "60010"
ENTRY_LEVEL_USERS_DISCOVERY_REALTIME: Final = "10008"
# The total's column that the rows' ``minutes`` add up to.
TOTAL_MINUTES: Final = "sum_view_period"
# Kaltura serves at most 12,000 rows of a report and fails on pages beyond; we take 500 a page.
MAX_PAGES: Final = 24
# Kaltura counts by the hour, and someone may come early; whoever watches the recording on
# the next day is in the report too, under minutes that are not live.
BEFORE: Final = timedelta(hours=1)
AFTER: Final = timedelta(days=1)

FetchPage = Callable[[str, datetime, datetime, int], "ReportPage"]


@dataclass(frozen=True)
class PersonReport:
    """A report with a row for each person: its number, its order, and how to read a row."""

    source: Source
    report: str
    order: str
    parse: Callable[[object], ViewerRow]
    # The report whose total the rows must add up to, where there is one.
    totals: str = ""


WEBCAST: Final = PersonReport(
    Source.REPORT, TOP_USERS_WEBCAST, "-count_plays", viewer_row, HIGHLIGHTS_WEBCAST
)
ENGAGEMENT: Final = PersonReport(
    Source.ENGAGEMENT, EP_WEBCAST_LIVE_USER_ENGAGEMENT, "-live_view_time", engagement_row
)
REALTIME: Final = PersonReport(
    Source.REALTIME, ENTRY_LEVEL_USERS_DISCOVERY_REALTIME, "-sum_view_time", realtime_row
)


class ViewerReports:
    """Reads who watched something, and for how long."""

    def __init__(self, fetch: FetchPage | None = None, about: PersonReport = WEBCAST) -> None:
        self.about = about
        self._fetch = fetch or _fetch_from_kaltura(about)

    def viewers(
        self, entry: str, starts_at: datetime, ends_at: datetime, after: timedelta = AFTER
    ) -> Listing:
        """Everyone's sums for what was planned from ``starts_at`` to ``ends_at``.

        ``entry`` is its live entry, room or recording, or several with ``|`` between; the sums
        are those of all of them together. Raises BadReport, RemoteUnavailable or
        RemoteRejected.
        """
        listing = Listing()
        for page in range(1, MAX_PAGES + 1):
            reply = self._fetch(entry, starts_at - BEFORE, ends_at + after, page)
            rows = table_rows(reply.header, reply.data)
            # A page past the end has no rows and a count of 0.
            listing.expected = max(listing.expected, reply.total)
            listing.rows += rows
            if page == 1:
                listing.expected_minutes = minutes_in(reply.sums)
            if not rows or len(listing.rows) >= listing.expected:
                break
        return listing


def minutes_in(sums: Mapping[str, str]) -> Decimal | None:
    """The minutes of a report's total; None when it says none."""
    try:
        minutes = Decimal(sums.get(TOTAL_MINUTES, ""))
    except InvalidOperation:
        return None
    return minutes if minutes.is_finite() else None


def disagreement(listing: Listing, rows: Sequence[ViewerRow]) -> str:
    """What the source's own total and its rows do not have in common; empty if they agree.

    Both are rounded, and Kaltura counts while we ask: a hundredth, and at least a minute,
    means nothing.
    """
    if (total := listing.expected_minutes) is None or len(rows) != len(listing.rows):
        return ""
    found = sum((row.minutes for row in rows), Decimal(0))
    if abs(found - total) <= max(Decimal(1), total / 100):
        return ""
    return (
        f"The report's rows add up to {found:.2f} minutes, its own total is {total:.2f}. "
        "Pull again; if they still differ, ask Kaltura."
    )


def _fetch_from_kaltura(about: PersonReport) -> FetchPage:
    # Imported here: the web process loads this module and must never load the Kaltura client.
    from kaltura_bridge.api.client import Kaltura
    from kaltura_bridge.api.reports import report_page

    kaltura = Kaltura()
    return lambda entry, since, until, page: report_page(
        kaltura,
        about.report,
        [entry],
        since,
        until,
        page,
        about.order,
        about.totals if page == 1 else "",
    )
