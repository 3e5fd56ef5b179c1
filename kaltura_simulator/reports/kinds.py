"""The reports that visits can answer, each by its number. All others are known and empty.

``TABLES`` make rows by column, ``TOTALS`` one row, ``GRAPHS`` points by graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kaltura_simulator.api.call import Call
from kaltura_simulator.reports import watched
from kaltura_simulator.reports.question import Question
from kaltura_simulator.reports.watched import ROOM, WEBCAST, Stay, Sums

TOP_CONTENT, USER_TOP_CONTENT = "1", "13"
PLATFORMS_REALTIME, USERS_OVERVIEW_REALTIME = "10004", "10005"
ENTRY_LEVEL_USERS_DISCOVERY_REALTIME = "10008"
HIGHLIGHTS_WEBCAST, TOP_USERS_WEBCAST = "40001", "40009"
EP_WEBCAST_LIVE_USER_ENGAGEMENT, EP_ATTENDEES = "60010", "60014"
#: Whoever opens the pages here sits at one.
DEVICE = "Computer"
#: From this share of attention on a person counts as engaged.
ENGAGED_FROM = 0.5
Row = dict[str, str]


def minutes(seconds: float) -> str:
    """Seconds as reports write them: minutes."""
    return f"{seconds / 60:.4f}"


def ratio(value: float) -> str:
    """A share of 0 to 1."""
    return f"{min(1.0, value):.4f}"


# --------------------------------------------------------------------------- tables
def _top_users_webcast(call: Call, asked: Question) -> list[Row]:
    return [_webcast_user(one) for one in _people(call, asked)]


def _people(call: Call, asked: Question) -> list[Sums]:
    """Who opened or watched webcasts; ``objectIds`` names people here, like ``userIds``."""
    found = watched.by_person(call, watched.stays(call, asked, WEBCAST))
    return [one for one in found if not asked.objects or one.key in asked.objects]


def _webcast_user(one: Sums) -> Row:
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


def _users_of_entry(call: Call, asked: Question) -> list[Row]:
    found = watched.by_person(call, _played(watched.stays(call, asked, WEBCAST)))
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


def _played(found: Iterable[Stay]) -> list[Stay]:
    return [stay for stay in found if stay.views]


def _platforms(call: Call, asked: Question) -> list[Row]:
    found = _played(watched.stays(call, asked, WEBCAST))
    if not found:
        return []
    seconds = sum(view.seconds for stay in found for view in stay.views)
    audience = len({stay.user_id for stay in found})
    return [
        {
            "device": DEVICE,
            "view_unique_audience": str(audience),
            "sum_view_time": minutes(seconds),
        }
    ]


def _overview(call: Call, asked: Question) -> list[Row]:
    found = _played(watched.stays(call, asked, WEBCAST))
    by_point: dict[str, list[Stay]] = {}
    for stay in found:
        by_point.setdefault(asked.label_of(stay.views[0].start), []).append(stay)
    return [{"date_id": label} | _audience(group) for label, group in sorted(by_point.items())]


def _audience(found: list[Stay]) -> Row:
    engaged = {stay.user_id for stay in found if stay.attention >= ENGAGED_FROM}
    mean = sum(stay.attention for stay in found) / len(found)
    return {
        "view_unique_audience": str(len({stay.user_id for stay in found})),
        "view_unique_engaged_users": str(len(engaged)),
        "views": str(len(found)),
        "avg_view_engagement": ratio(mean),
    }


def _live_engagement(call: Call, asked: Question) -> list[Row]:
    """Who was there live, in webcasts and in rooms; nothing is raised, clicked or asked here."""
    found = watched.by_person(call, watched.stays(call, asked, WEBCAST, ROOM))
    return [_engagement(one) for one in found if one.live_s]


def _engagement(one: Sums) -> Row:
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


def _top_content(call: Call, asked: Question) -> list[Row]:
    found = watched.by_entry(call, watched.stays(call, asked, WEBCAST))
    return [_content(one) for one in found if not asked.objects or one.key in asked.objects]


def _user_top_content(call: Call, asked: Question) -> list[Row]:
    """What one person, or several, watched on demand."""
    users = asked.users | asked.objects
    found = [s for s in watched.stays(call, asked, WEBCAST) if not users or s.user_id in users]
    return [_content(one) for one in watched.by_entry(call, found) if one.watched_s > one.live_s]


def _content(one: Sums) -> Row:
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
        "unique_known_users": str(len(one.users - {watched.UNKNOWN_USER})),
    }


# --------------------------------------------------------------------------- totals
def _highlights(call: Call, asked: Question) -> Row:
    people = _people(call, asked)
    if not people:
        return {}
    return {
        "count_plays": str(sum(one.plays for one in people)),
        "unique_viewers": str(sum(bool(one.plays) for one in people)),
        "sum_view_period": minutes(sum(one.watched_s for one in people)),
        "sum_live_view_period": minutes(sum(one.live_s for one in people)),
    }


def _top_users_total(call: Call, asked: Question) -> Row:
    """The sums of the table of viewers, as far as they add up."""
    people = _people(call, asked)
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


def _overview_total(call: Call, asked: Question) -> Row:
    found = _played(watched.stays(call, asked, WEBCAST))
    return _audience(found) if found else {}


def _content_total(call: Call, asked: Question) -> Row:
    found = watched.by_entry(call, watched.stays(call, asked, WEBCAST))
    if not found:
        return {}
    everything = Sums("")
    for one in found:
        everything.loads += one.loads
        everything.plays += one.plays
        everything.watched_s += one.watched_s
        everything.completion += one.completion
        everything.users |= one.users
    return {k: v for k, v in _content(everything).items() if k not in {"object_id", "entry_name"}}


# --------------------------------------------------------------------------- graphs
def _overview_graphs(call: Call, asked: Question) -> dict[str, Row]:
    rows = _overview(call, asked)
    names = [name for name in rows[0] if name != "date_id"] if rows else []
    return {name: {row["date_id"]: row[name] for row in rows} for name in names}


def _attendees(call: Call, asked: Question) -> dict[str, Row]:
    people: dict[str, set[str]] = {}
    for stay in _played(watched.stays(call, asked, WEBCAST, ROOM)):
        people.setdefault(asked.label_of(stay.views[0].start), set()).add(stay.user_id)
    points = {label: str(len(users)) for label, users in sorted(people.items())}
    return {"attendees": points} if points else {}


Table = Callable[[Call, Question], list[Row]]
TABLES: dict[str, Table] = {
    TOP_CONTENT: _top_content,
    USER_TOP_CONTENT: _user_top_content,
    PLATFORMS_REALTIME: _platforms,
    USERS_OVERVIEW_REALTIME: _overview,
    ENTRY_LEVEL_USERS_DISCOVERY_REALTIME: _users_of_entry,
    TOP_USERS_WEBCAST: _top_users_webcast,
    EP_WEBCAST_LIVE_USER_ENGAGEMENT: _live_engagement,
}
TOTALS: dict[str, Callable[[Call, Question], Row]] = {
    TOP_CONTENT: _content_total,
    USERS_OVERVIEW_REALTIME: _overview_total,
    HIGHLIGHTS_WEBCAST: _highlights,
    TOP_USERS_WEBCAST: _top_users_total,
}
GRAPHS: dict[str, Callable[[Call, Question], dict[str, Row]]] = {
    USERS_OVERVIEW_REALTIME: _overview_graphs,
    EP_ATTENDEES: _attendees,
}
#: The order of a table when none is asked for.
ORDERS = {TOP_USERS_WEBCAST: "-count_plays", TOP_CONTENT: "-count_plays"}
