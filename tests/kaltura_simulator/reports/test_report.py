"""Who watched a webcast and for how long, in Kaltura's reports."""

from __future__ import annotations

from typing import Any

import pytest
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins.Core import (
    KalturaEndUserReportInputFilter,
    KalturaFilterPager,
    KalturaReportResponseOptions,
    KalturaSessionType,
)

from tests.kaltura_simulator.support.clients import call, ks_of
from tests.kaltura_simulator.support.kaf_users import Account, client_of, join

START = 1_700_000_000
COLUMNS = (
    "user_id,user_name,registered,count_loads,count_plays,sum_view_period,sum_live_view_period,"
    "avg_live_buffer_time,total_completion_rate,live_engaged_users_play_time_ratio"
).split(",")


def row(entry: str, user: str, joined: int, left: int | None, **more: Any) -> dict[str, Any]:
    return {"entryId": entry, "userId": user, "joined": joined, "left": left, **more}


def table(
    client: Any, delimiter: str = "|", size: int = 500, page: int = 1, order: str = "", **asked: Any
) -> Any:
    """Report 40009 as asked."""
    return client.report.getTable(
        "40009",
        KalturaEndUserReportInputFilter(**asked),
        KalturaFilterPager(pageSize=size, pageIndex=page),
        order or None,
        None,
        KalturaReportResponseOptions(delimiter=delimiter),
    )


def rows(client: Any, **asked: Any) -> list[dict[str, str]]:
    """The rows of report 40009 by column."""
    found = table(client, **asked)
    lines = found.data.split(";")
    assert lines.pop() == ""
    names = found.header.split("|")
    return [dict(zip(names, line.split("|"), strict=True)) for line in lines]


# ------------------------------------------------------------------------ contents
def test_table_sums_each_person_in_minutes(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits(
        [
            row(webcast, "u-1", START, START + 1200, name="Ada King", attention=50),
            row(webcast, "u-1", START + 2000, START + 2298, name="Ada King", attention=50),
            row(webcast, "u-1", START + 9000, START + 9060, name="Ada King", played="vod"),
            row(webcast, "u-2", START, START + 30, name="Grace", played="none"),
        ]
    )

    assert rows(account.client, entryIdIn=webcast) == [
        {
            "user_id": "u-1",
            "user_name": "Ada King",
            "registered": "",
            "count_loads": "3",
            "count_plays": "3",
            "sum_view_period": "25.9667",
            "sum_live_view_period": "24.9667",
            "avg_live_buffer_time": "0",
            "total_completion_rate": "0.0000",
            "live_engaged_users_play_time_ratio": "0.5000",
        },
        {
            "user_id": "u-2",
            "user_name": "Grace",
            "registered": "",
            "count_loads": "1",
            "count_plays": "0",
            "sum_view_period": "0.0000",
            "sum_live_view_period": "0.0000",
            "avg_live_buffer_time": "0",
            "total_completion_rate": "0.0000",
            "live_engaged_users_play_time_ratio": "0.0000",
        },
    ]


def test_a_real_visit_counts_while_the_stream_is_on_air(account: Account) -> None:
    account.simulator.freeze()
    webcast = account.webcast(starts_in=-60)
    page = join(account.simulator, webcast, "u-1", firstName="Ada")
    account.simulator.advance(300)
    account.simulator.switch(webcast, "on_air")
    page.beat()
    account.simulator.advance(90)
    page.leave()

    [found] = rows(account.client, entryIdIn=webcast)

    assert (found["user_id"], found["user_name"]) == ("u-1", "Ada")
    assert (found["sum_view_period"], found["sum_live_view_period"]) == ("1.5000", "1.5000")


def test_rooms_and_other_entries_do_not_count(account: Account) -> None:
    room, webcast, other = account.room(), account.webcast(), account.webcast("Other")
    account.simulator.add_visits(
        [
            row(room, "u-1", START, START + 60),
            row(webcast, "u-2", START, START + 60),
            row(other, "u-3", START, START + 60),
        ]
    )

    assert [r["user_id"] for r in rows(account.client, entryIdIn=webcast)] == ["u-2"]
    both = f"{webcast}|{other}"
    assert [r["user_id"] for r in rows(account.client, entryIdIn=both)] == ["u-2", "u-3"]
    assert [r["user_id"] for r in rows(account.client)] == ["u-2", "u-3"]


def test_people_without_an_id_are_one_unknown(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits(
        [row(webcast, "", START, START + 60, userType="guest", name=n) for n in ("A", "B")]
    )

    [found] = rows(account.client, entryIdIn=webcast)

    assert (found["user_id"], found["user_name"], found["count_plays"]) == (
        "Unknown",
        "Unknown",
        "2",
    )


def test_window_cuts_what_lies_outside(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits([row(webcast, "u-1", START, START + 600)])

    [found] = rows(account.client, fromDate=START + 60, toDate=START + 360)

    assert found["sum_view_period"] == "5.0000"
    assert table(account.client, fromDate=START + 700, toDate=START + 800).totalCount is None


def test_days_are_counted_west_of_utc(account: Account) -> None:
    webcast = account.webcast()
    # 2023-11-14 22:13:20 UTC: the 15th in Berlin (-60), still the 14th in New York (300).
    account.simulator.add_visits([row(webcast, "u-1", START + 3600, START + 3660)])

    def seen(day: str, west: int) -> bool:
        asked = {"fromDay": day, "toDay": day, "timeZoneOffset": west}
        return bool(table(account.client, **asked).totalCount)

    assert [seen("20231114", -60), seen("20231115", -60)] == [False, True]
    assert [seen("20231114", 300), seen("20231115", 300)] == [True, False]


def test_playback_and_people_narrow_the_rows(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits(
        [
            row(webcast, "u-1", START, START + 60),
            row(webcast, "u-2", START, START + 60, played="vod"),
        ]
    )

    assert [r["user_id"] for r in rows(account.client, playbackTypeIn="live")] == ["u-1"]
    assert [r["user_id"] for r in rows(account.client, userIds="u-2|u-9")] == ["u-2"]


# ------------------------------------------------------------------------ format
def test_table_is_joined_by_the_delimiter_and_loses_it_inside_values(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits([row(webcast, "u-1", START, START + 60, name="A|b;c,d")])

    piped, comma = table(account.client), table(account.client, delimiter=",")

    assert piped.header == "|".join(COLUMNS)
    assert piped.data == "u-1|A b c,d||1|1|1.0000|1.0000|0|0.0000|0.0000;"
    assert comma.data == "u-1,A|b c d,,1,1,1.0000,1.0000,0,0.0000,0.0000;"
    assert piped.totalCount == 1


def test_no_rows_leave_everything_empty(account: Account) -> None:
    webcast = account.webcast()
    empty = table(account.client, entryIdIn=webcast)
    account.simulator.add_visits([row(webcast, "u-1", START, START + 60)])
    past = table(account.client, page=2)

    for found in (empty, past):
        assert (found.header, found.data, found.totalCount) == ("", "", None)


def test_pages_and_order(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits(
        [row(webcast, f"u-{n:02}", START, START + 60 * n) for n in range(1, 26)]
    )

    def people(**asked: Any) -> list[str]:
        return [r["user_id"] for r in rows(account.client, **asked)]

    assert people(size=2, page=2, order="-sum_view_period") == ["u-23", "u-22"]
    assert people(size=2, order="sum_view_period") == ["u-01", "u-02"]
    assert len(people(size=0)) == 10
    assert len(people(size=5000)) == 25
    assert table(account.client, size=4).totalCount == 25
    with pytest.raises(KalturaException) as refusal:
        table(account.client, size=7000, page=2)
    assert refusal.value.code == "INTERNAL_SERVERL_ERROR"


def test_total_of_the_highlights(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits(
        [row(webcast, f"u-{n}", START, START + 90, attention=10) for n in range(3)]
    )
    asked = KalturaEndUserReportInputFilter(entryIdIn=webcast)
    options = KalturaReportResponseOptions(delimiter="|")

    found = account.client.report.getTotal("40001", asked, None, options)

    assert found.header == "count_plays|unique_viewers|sum_view_period|sum_live_view_period"
    assert found.data == "3|3|4.5000|4.5000"


# ------------------------------------------------------------------------ who may ask
def test_reports_need_the_permission(account: Account) -> None:
    plain = client_of(account.simulator, KalturaSessionType.USER)
    producer = client_of(
        account.simulator, KalturaSessionType.USER, "setrole:WEBCAST_PRODUCER_DEVICE_ROLE"
    )

    with pytest.raises(KalturaException) as refusal:
        table(plain)

    assert refusal.value.code == "SERVICE_FORBIDDEN"
    assert table(producer).totalCount is None


def test_a_type_that_nobody_watched_is_empty_and_one_there_is_none_of_refused(
    account: Account,
) -> None:
    asked, pager = KalturaEndUserReportInputFilter(), KalturaFilterPager()
    found = account.client.report.getTable("38", asked, pager)
    total = account.client.report.getTotal("70001", asked)
    with pytest.raises(KalturaException) as refusal:
        account.client.report.getTable("99999", asked, pager)

    assert (found.header, found.data, found.totalCount) == ("", "", None)
    assert (total.header, total.data) == ("", "")
    assert account.client.report.getGraphs("60014", asked) == []
    assert refusal.value.code == "INVALID_ENUM_VALUE"


def test_reports_made_for_one_account_are_not_found(account: Account) -> None:
    answer = call(
        account.simulator,
        "report.getCsvFromStringParams",
        ks=ks_of(account.simulator),
        id=6001,
        params="from_date=1;to_date=2",
    )

    assert (answer["code"], answer["message"]) == (
        "REPORT_NOT_FOUND",
        'Report id "6001" not found',
    )


# ------------------------------------------------------------------------ other reports
def lines(header: str, data: str) -> list[dict[str, str]]:
    """The rows of any table by column."""
    names = header.split("|")
    return [dict(zip(names, line.split("|"), strict=True)) for line in data.split(";")[:-1]]


def report(client: Any, kind: str, **asked: Any) -> list[dict[str, str]]:
    """The rows of a report of any type."""
    options = KalturaReportResponseOptions(delimiter="|")
    pager = KalturaFilterPager(pageSize=500, pageIndex=1)
    found = client.report.getTable(
        kind, KalturaEndUserReportInputFilter(**asked), pager, None, None, options
    )
    return lines(found.header, found.data)


def test_discovery_tells_live_from_all_for_each_person(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits(
        [
            row(webcast, "u-1", START, START + 600, name="Ada", attention=50),
            row(webcast, "u-1", START + 900, START + 960, name="Ada", attention=50, played="vod"),
            row(webcast, "u-2", START, START + 60, played="none"),
        ]
    )

    assert report(account.client, "10008", entryIdIn=webcast) == [
        {
            "user_id": "u-1",
            "user_name": "Ada",
            "sum_view_time_live": "10.0000",
            "sum_view_time_dvr": "0.0000",
            "sum_view_time": "11.0000",
            "avg_view_buffering": "0",
            "avg_view_engagement": "0.5000",
            "view_buffer_time_ratio": "0",
        }
    ]


def test_live_engagement_covers_rooms_too(account: Account) -> None:
    webcast, room = account.webcast(), account.room()
    account.simulator.add_visits(
        [
            row(webcast, "u-1", START, START + 60, name="Ada", email="ada@example.test"),
            row(room, "u-1", START + 100, START + 220, name="Ada"),
            row(room, "u-2", START + 100, START + 160, name="Grace"),
        ]
    )

    found = report(account.client, "60010")

    assert [(r["user_id"], r["email"], r["live_view_time"]) for r in found] == [
        ("u-1", "ada@example.test", "3.0000"),
        ("u-2", "", "1.0000"),
    ]


def test_overview_counts_people_by_day(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits(
        [
            row(webcast, "u-1", START, START + 60, attention=80),
            row(webcast, "u-2", START, START + 60, attention=20),
            row(webcast, "u-1", START + 86_400, START + 86_460, attention=80),
        ]
    )
    asked = KalturaEndUserReportInputFilter(entryIdIn=webcast)
    graphs = account.client.report.getGraphs("10005", asked)

    assert [r["date_id"] for r in report(account.client, "10005")] == ["20231114", "20231115"]
    assert {graph.id: graph.data for graph in graphs} == {
        "view_unique_audience": "20231114,2;20231115,1;",
        "view_unique_engaged_users": "20231114,1;20231115,1;",
        "views": "20231114,2;20231115,1;",
        "avg_view_engagement": "20231114,0.5000;20231115,0.8000;",
    }
    assert report(account.client, "10004") == [
        {"device": "Computer", "view_unique_audience": "2", "sum_view_time": "3.0000"}
    ]


def test_top_content_sums_each_entry(account: Account) -> None:
    webcast, other = account.webcast(), account.webcast()
    account.simulator.add_visits(
        [
            row(webcast, "u-1", START, START + 60),
            row(webcast, "u-2", START, START + 120),
            row(other, "u-1", START, START + 30, played="none"),
        ]
    )

    found = report(account.client, "1")

    names = ("object_id", "count_plays", "count_loads", "sum_time_viewed", "unique_known_users")
    assert [tuple(r[name] for name in names) for r in found] == [
        (webcast, "2", "2", "3.0000", "2"),
        (other, "0", "1", "0.0000", "1"),
    ]


def test_total_of_the_viewers_adds_up_their_table(account: Account) -> None:
    webcast = account.webcast()
    account.simulator.add_visits(
        [row(webcast, f"u-{n}", START, START + 60 * n, name="N") for n in (1, 2, 3)]
    )
    asked = KalturaEndUserReportInputFilter(entryIdIn=webcast)
    options = KalturaReportResponseOptions(delimiter="|")
    everybody = account.client.report.getTotal("40009", asked, None, options)
    two = account.client.report.getTotal("40009", asked, "u-1|u-3", options)

    assert everybody.header == (
        "registered|count_loads|count_plays|sum_view_period|sum_live_view_period"
        "|avg_live_buffer_time"
    )
    assert (everybody.data, two.data) == ("|3|3|6.0000|6.0000|0", "|2|2|4.0000|4.0000|0")


def test_devices_minutes_and_what_people_say(account: Account) -> None:
    webcast = account.webcast()
    first, second = START // 60 * 60, START // 60 * 60 + 60
    account.simulator.add_visits(
        [
            row(webcast, "u-1", first, first + 180, attention=80),
            row(webcast, "u-2", second, second + 60, attention=20, device="Mobile"),
        ]
    )
    asked = {"entryIdIn": webcast, "fromDate": first - 60, "toDate": first + 600}
    about = KalturaEndUserReportInputFilter(interval="minutes", **asked)
    options = KalturaReportResponseOptions(delimiter="|")
    client, pager = client_of(account.simulator), KalturaFilterPager(pageSize=500)

    def answer(number: str) -> tuple[str, str]:
        found = client.report.getTable(number, about, pager, responseOptions=options)
        return found.header, found.data

    assert answer("10004") == (
        "device|view_unique_audience|sum_view_time",
        "Computer|1|3.0000;Mobile|1|1.0000;",
    )
    assert answer("40011") == (
        "position|live_engaged_users_ratio",
        f"{first}|1.0000;{second}|0.5000;{second + 60}|1.0000;",
    )
    graphs = {
        g.id: g.data for g in client.report.getGraphs("10005", about, responseOptions=options)
    }
    assert [point.split("|")[1] for point in graphs["view_unique_audience"].split(";")[:-1]] == [
        "1",
        "2",
        "1",
    ]
    said = client.report.getTotal("70001", about, responseOptions=options)
    assert dict(zip(said.header.split("|"), said.data.split("|"), strict=True)) == {
        "count_reaction_clicked": "0",
        "reaction_clicked_participation": "0.0000",
        "count_group_chat_messages_sent": "0",
        "group_chat_participation": "0.0000",
        "poll_participation": "0.0000",
        "q_and_a_participation": "0.0000",
        "count_q_and_a_threads": "0",
    }
