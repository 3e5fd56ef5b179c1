from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.sources.kaltura_reports import BadReport, ViewerReports, table_rows
from kaltura_bridge.api.reports import ReportPage

START = datetime(2030, 5, 6, 9, 0, tzinfo=UTC)
END = START + timedelta(minutes=45)
HEADER = "user_id|user_name|sum_view_period|sum_live_view_period"


def test_table_rows_go_by_the_names_in_the_header():
    assert table_rows(HEADER, "portal-1|Ann Lee|12.5|10;Unknown||3|3;") == [
        {
            "user_id": "portal-1",
            "user_name": "Ann Lee",
            "sum_view_period": "12.5",
            "sum_live_view_period": "10",
        },
        {
            "user_id": "Unknown",
            "user_name": "",
            "sum_view_period": "3",
            "sum_live_view_period": "3",
        },
    ]


@pytest.mark.parametrize("header", ["", HEADER])
def test_an_empty_reply_is_no_rows(header):
    assert table_rows(header, "") == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("a|b|1|2;c|d|3", "The report ends in the middle of a row: 'c|d|3'."),
        ("a|b|1|2;c|d|3;", "Row 2 of the report has 3 columns, its header 4."),
    ],
)
def test_a_broken_table_says_where(data, said):
    with pytest.raises(BadReport) as refused:
        table_rows(HEADER, data)
    assert str(refused.value) == said


_value = st.text(st.characters(exclude_characters="|;", exclude_categories=["Cs"]))


@given(st.lists(st.tuples(_value, _value), min_size=1))
def test_table_rows_read_whatever_kaltura_may_write(rows):
    data = "".join(f"{one}|{two};" for one, two in rows)

    assert table_rows("a|b", data) == [{"a": one, "b": two} for one, two in rows]


def paged(total, size=500):
    """Kaltura's pages of ``total`` rows; past the end all of it is empty, the count too."""
    asked = []

    def fetch(entry, since, until, page):
        asked.append((entry, since, until, page))
        rows = range((page - 1) * size, min(page * size, total))
        data = "".join(f"portal-{n}|N|1|1;" for n in rows)
        return ReportPage(HEADER, data, total) if data else ReportPage("", "", 0)

    return fetch, asked


@pytest.mark.parametrize(
    ("total", "pages", "got"),
    [(0, 1, 0), (1, 1, 1), (500, 1, 500), (501, 2, 501), (13_000, 24, 12_000)],
)
def test_viewers_are_read_page_by_page_as_far_as_kaltura_goes(total, pages, got):
    fetch, asked = paged(total)
    listing = ViewerReports(fetch).viewers("1_live0001", START, END)

    assert (len(listing.rows), listing.expected, listing.is_complete) == (got, total, got == total)
    assert asked == [
        ("1_live0001", START - timedelta(hours=1), END + timedelta(days=1), page)
        for page in range(1, pages + 1)
    ]


def test_a_table_that_ends_early_is_incomplete():
    pages = {1: ReportPage(HEADER, "a|A|1|1;", 3)}
    listing = ViewerReports(lambda *asked: pages.get(asked[3], ReportPage("", "", 0))).viewers(
        "1_live0001", START, END
    )

    assert (len(listing.rows), listing.expected) == (1, 3)
