"""The report types that visits can answer, by Kaltura's numbers. All others are empty.

``TABLES`` make rows by column, ``TOTALS`` one row, ``GRAPHS`` points by graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain

from kaltura_simulator.api.call import Call
from kaltura_simulator.reports import viewing
from kaltura_simulator.reports.query import ReportQuery
from kaltura_simulator.reports.viewing import ROOM, WEBCAST, ViewingTotals, ViewingVisit

TOP_CONTENT, USER_TOP_CONTENT = "1", "13"
PLATFORMS_REALTIME, USERS_OVERVIEW_REALTIME = "10004", "10005"
ENTRY_LEVEL_USERS_DISCOVERY_REALTIME = "10008"
HIGHLIGHTS_WEBCAST, TOP_USERS_WEBCAST = "40001", "40009"
ENGAGMENT_TIMELINE_WEBCAST = "40011"  # spelled as Kaltura does
EP_WEBCAST_LIVE_USER_ENGAGEMENT, EP_ATTENDEES = "60010", "60014"
CNC_PARTICIPATION = "70001"
#: People with at least this attention count as engaged.
ENGAGED_FROM = 0.5
Row = dict[str, str]


def minutes(seconds: float) -> str:
    """Seconds as reports give them: in minutes."""
    return f"{seconds / 60:.4f}"


def ratio(value: float) -> str:
    """A ratio from 0 to 1."""
    return f"{min(1.0, value):.4f}"


# --------------------------------------------------------------------------- tables
def _top_users_webcast(call: Call, query: ReportQuery) -> list[Row]:
    return [_webcast_user(one) for one in _people(call, query)]


def _people(call: Call, query: ReportQuery) -> list[ViewingTotals]:
    """People who opened or watched webcasts; ``objectIds`` are user ids here, like ``userIds``."""
    found = viewing.by_person(call, viewing.visits_for(call, query, WEBCAST))
    return [one for one in found if not query.objects or one.key in query.objects]


def _webcast_user(one: ViewingTotals) -> Row:
    return {
        "user_id": one.key,
        "user_name": one.name,
        "registered": "",
        "count_loads": str(one.loads),
        "count_plays": str(one.plays),
        "sum_view_period": minutes(one.watched_s),
        "sum_live_view_period": minutes(one.live_s),
        "avg_live_buffer_time": "0",
        "total_completion_rate": ratio(one.completed),
        "live_engaged_users_play_time_ratio": ratio(one.engaged_live),
    }


def _users_of_entry(call: Call, query: ReportQuery) -> list[Row]:
    found = viewing.by_person(call, _played(viewing.visits_for(call, query, WEBCAST)))
    return [
        {
            "user_id": one.key,
            "user_name": one.name,
            "sum_view_time_live": minutes(one.live_s),
            "sum_view_time_dvr": minutes(one.dvr_s),
            "sum_view_time": minutes(one.watched_s),
            "avg_view_buffering": "0",
            "avg_view_engagement": ratio(one.engaged),
            "view_buffer_time_ratio": "0",
        }
        for one in found
    ]


def _played(found: Iterable[ViewingVisit]) -> list[ViewingVisit]:
    return [visit for visit in found if visit.views]


def _platforms(call: Call, query: ReportQuery) -> list[Row]:
    by_device: dict[str, list[ViewingVisit]] = {}
    for visit in _played(viewing.visits_for(call, query, WEBCAST)):
        by_device.setdefault(visit.device, []).append(visit)
    return [
        {
            "device": device,
            "view_unique_audience": str(len({visit.user_id for visit in found})),
            "sum_view_time": minutes(sum(v.seconds for visit in found for v in visit.views)),
        }
        for device, found in sorted(by_device.items())
    ]


def _overview(call: Call, query: ReportQuery) -> list[Row]:
    found = _played(viewing.visits_for(call, query, WEBCAST))
    by_point: dict[str, list[ViewingVisit]] = {}
    for visit in found:
        spans = (query.labels_of(view.start, view.seconds) for view in visit.views)
        for label in dict.fromkeys(chain.from_iterable(spans)):
            by_point.setdefault(label, []).append(visit)
    return [{"date_id": label} | _audience(group) for label, group in sorted(by_point.items())]


def _audience(found: list[ViewingVisit]) -> Row:
    engaged = {visit.user_id for visit in found if visit.attention >= ENGAGED_FROM}
    mean = sum(visit.attention for visit in found) / len(found)
    return {
        "view_unique_audience": str(len({visit.user_id for visit in found})),
        "view_unique_engaged_users": str(len(engaged)),
        "views": str(len(found)),
        "avg_view_engagement": ratio(mean),
    }


def _engagement_timeline(call: Call, query: ReportQuery) -> list[Row]:
    """Of those who watched live, the share that was engaged in each minute; none skipped."""
    watched: dict[int, set[str]] = {}
    engaged: dict[int, set[str]] = {}
    for visit in _played(viewing.visits_for(call, query, WEBCAST)):
        for view in visit.views:
            if view.playback not in (viewing.LIVE, viewing.DVR):
                continue
            end = max(view.start, view.start + view.seconds - 1)
            for minute in range(view.start // 60, end // 60 + 1):
                watched.setdefault(minute, set()).add(visit.user_id)
                if visit.attention >= ENGAGED_FROM:
                    engaged.setdefault(minute, set()).add(visit.user_id)
    every = range(min(watched), max(watched) + 1) if watched else ()
    return [
        {
            "position": str(minute * 60),
            "live_engaged_users_ratio": ratio(
                len(engaged.get(minute, ())) / len(watched[minute]) if minute in watched else 0
            ),
        }
        for minute in every
    ]


def _live_engagement(call: Call, query: ReportQuery) -> list[Row]:
    """Live viewers of webcasts and participants of rooms; reactions and questions are always 0."""
    found = viewing.by_person(call, viewing.visits_for(call, query, WEBCAST, ROOM))
    return [_engagement(one) for one in found if one.live_s]


def _engagement(one: ViewingTotals) -> Row:
    about = dict.fromkeys(("title", "company", "country", "role", "industry"), "")
    counts = (
        "count_group_chat_messages_sent",
        "count_poll_answered",
        "count_q_and_a_threads",
        "count_download_attachment_clicked",
    )
    return {
        "user_id": one.key,
        "user_name": one.name,
        "email": one.email,
        **about,
        "live_view_time": minutes(one.live_s),
        "count_reaction_clicked": "0",
        "count_raise_hand_clicked": "0",
        "combined_live_engaged_users_play_time_ratio": ratio(one.engaged_live),
        **dict.fromkeys(counts, "0"),
    }


def _top_content(call: Call, query: ReportQuery) -> list[Row]:
    found = viewing.by_entry(call, viewing.visits_for(call, query, WEBCAST))
    return [_content(one) for one in found if not query.objects or one.key in query.objects]


def _user_top_content(call: Call, query: ReportQuery) -> list[Row]:
    """What some users watched on demand."""
    users = query.users | query.objects
    found = [s for s in viewing.visits_for(call, query, WEBCAST) if not users or s.user_id in users]
    return [_content(one) for one in viewing.by_entry(call, found) if one.watched_s > one.live_s]


def _content(one: ViewingTotals) -> Row:
    mean = one.watched_s / one.plays if one.plays else 0
    return {
        "object_id": one.key,
        "entry_name": one.name,
        "count_plays": str(one.plays),
        "sum_time_viewed": minutes(one.watched_s),
        "avg_time_viewed": minutes(mean),
        "count_loads": str(one.loads),
        "load_play_ratio": ratio(one.plays / one.loads if one.loads else 0),
        "avg_view_drop_off": ratio(one.completed),
        "unique_known_users": str(len(one.users - {viewing.UNKNOWN_USER})),
    }


# --------------------------------------------------------------------------- totals
def _highlights(call: Call, query: ReportQuery) -> Row:
    people = _people(call, query)
    if not people:
        return {}
    return {
        "count_plays": str(sum(one.plays for one in people)),
        "unique_viewers": str(sum(bool(one.plays) for one in people)),
        "sum_view_period": minutes(sum(one.watched_s for one in people)),
        "sum_live_view_period": minutes(sum(one.live_s for one in people)),
    }


def _participation(call: Call, query: ReportQuery) -> Row:
    """Who chats and asks; nobody here clicks on reactions or answers polls.

    Kaltura's: kKavaCnCReports.php. What it calls the shares is not documented.
    """
    audience = {visit.user_id for visit in viewing.visits_for(call, query, WEBCAST, ROOM)}
    said = [
        message
        for message in call.store.all(call.partner, viewing.MESSAGE)
        if message["place"] in query.entries and query.since <= message["at"] <= query.until
    ]
    asked = [note for entry in query.entries for note in viewing.questions_to(call, entry)]
    asked = [note for note in asked if query.since <= note["createdAt"] <= query.until]
    if not audience and not said and not asked:
        return {}
    everybody = len(audience) or 1
    return {
        "count_reaction_clicked": "0",
        "reaction_clicked_participation": ratio(0),
        "count_group_chat_messages_sent": str(len(said)),
        "group_chat_participation": ratio(len({m["user_id"] for m in said}) / everybody),
        "poll_participation": ratio(0),
        "q_and_a_participation": ratio(len({note["userId"] for note in asked}) / everybody),
        "count_q_and_a_threads": str(len(asked)),
    }


def _top_users_total(call: Call, query: ReportQuery) -> Row:
    """The totals of the table of viewers, for the columns that can be added up."""
    people = _people(call, query)
    if not people:
        return {}
    return {
        "registered": "",
        "count_loads": str(sum(one.loads for one in people)),
        "count_plays": str(sum(one.plays for one in people)),
        "sum_view_period": minutes(sum(one.watched_s for one in people)),
        "sum_live_view_period": minutes(sum(one.live_s for one in people)),
        "avg_live_buffer_time": "0",
    }


def _overview_total(call: Call, query: ReportQuery) -> Row:
    found = _played(viewing.visits_for(call, query, WEBCAST))
    return _audience(found) if found else {}


def _content_total(call: Call, query: ReportQuery) -> Row:
    found = viewing.by_entry(call, viewing.visits_for(call, query, WEBCAST))
    if not found:
        return {}
    everything = ViewingTotals("")
    for one in found:
        everything.loads += one.loads
        everything.plays += one.plays
        everything.watched_s += one.watched_s
        everything.completion += one.completion
        everything.users |= one.users
    return {k: v for k, v in _content(everything).items() if k not in {"object_id", "entry_name"}}


# --------------------------------------------------------------------------- graphs
def _overview_graphs(call: Call, query: ReportQuery) -> dict[str, Row]:
    rows = _overview(call, query)
    names = [name for name in rows[0] if name != "date_id"] if rows else []
    return {name: {row["date_id"]: row[name] for row in rows} for name in names}


def _attendees(call: Call, query: ReportQuery) -> dict[str, Row]:
    people: dict[str, set[str]] = {}
    for visit in _played(viewing.visits_for(call, query, WEBCAST, ROOM)):
        for view in visit.views:
            for label in query.labels_of(view.start, view.seconds):
                people.setdefault(label, set()).add(visit.user_id)
    points = {label: str(len(users)) for label, users in sorted(people.items())}
    return {"attendees": points} if points else {}


Table = Callable[[Call, ReportQuery], list[Row]]
TABLES: dict[str, Table] = {
    TOP_CONTENT: _top_content,
    USER_TOP_CONTENT: _user_top_content,
    PLATFORMS_REALTIME: _platforms,
    USERS_OVERVIEW_REALTIME: _overview,
    ENTRY_LEVEL_USERS_DISCOVERY_REALTIME: _users_of_entry,
    TOP_USERS_WEBCAST: _top_users_webcast,
    ENGAGMENT_TIMELINE_WEBCAST: _engagement_timeline,
    EP_WEBCAST_LIVE_USER_ENGAGEMENT: _live_engagement,
}
TOTALS: dict[str, Callable[[Call, ReportQuery], Row]] = {
    TOP_CONTENT: _content_total,
    USERS_OVERVIEW_REALTIME: _overview_total,
    HIGHLIGHTS_WEBCAST: _highlights,
    TOP_USERS_WEBCAST: _top_users_total,
    CNC_PARTICIPATION: _participation,
}
GRAPHS: dict[str, Callable[[Call, ReportQuery], dict[str, Row]]] = {
    USERS_OVERVIEW_REALTIME: _overview_graphs,
    EP_ATTENDEES: _attendees,
}
#: The order of a table when none is asked for.
ORDERS = {TOP_USERS_WEBCAST: "-count_plays", TOP_CONTENT: "-count_plays"}
