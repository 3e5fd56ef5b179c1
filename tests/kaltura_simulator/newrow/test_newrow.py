"""Meeting analytics, directly and through KAF: strings everywhere, thirty rows a page."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from kaltura_simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_simulator.support.kaf_users import (
    Account,
    call_newrow_directly,
    call_newrow_through_kaf,
    join,
    sign,
)

START = 1_700_000_000


def row(entry: str, user: str, joined: int, left: int | None, **more: Any) -> dict[str, Any]:
    return {"entryId": entry, "userId": user, "joined": joined, "left": left, **more}


def sessions(simulator: Simulator, **params: Any) -> list[dict[str, str]]:
    return list(
        call_newrow_directly(simulator, "analytics/sessions", **params).json()["data"]["sessions"]
    )


def attendees(simulator: Simulator, session: str, **params: Any) -> list[dict[str, str]]:
    params |= {"session_id": session}
    reply = call_newrow_directly(simulator, "analytics/session-attendees", **params).json()
    return list(reply["data"]["session_attendance"])


# ------------------------------------------------------------------------ replies
def test_sessions_tell_a_run_in_text(account: Account) -> None:
    room = account.room("Coffee")
    account.simulator.add_visits(
        [
            row(room, "u-1", START, START + 1498, name="Ada", role="instructor"),
            row(room, "u-2", START + 60, START + 92),
            row(room, "u-2", START + 600, START + 700),
        ]
    )

    reply = call_newrow_directly(account.simulator, "analytics/sessions").json()

    [found] = reply["data"].pop("sessions")
    assert reply == {"status": "success", "data": {"total_count": 1, "next_page": ""}}
    assert all(isinstance(value, str) for value in found.values())
    instructors = json.loads(found.pop("instructors"))
    assert list(instructors.values()) == [{"role": "instructor", "name": "Ada"}]
    assert {k: v for k, v in found.items() if k not in ("id", "room_id")} == {
        "third_party_room_id": room,
        "room_name": "Coffee",
        "date_start": str(START),
        "date_end": str(START + 1498),
        "start_date": str(START),
        "end_date": str(START + 1498),
        "duration": "24.9667",
        "type": "room",
        "participants_count": "2",
    }


def test_attendees_tell_each_stay_in_text(account: Account) -> None:
    room = account.room()
    account.simulator.add_visits(
        [
            row(room, "u-1", START, START + 32, name="Ada", email="a@example.org", attention=34),
            row(room, "", START + 10, START + 20, userType="guest", name="Visitor"),
        ]
    )
    [session] = sessions(account.simulator)

    first, guest = attendees(account.simulator, session["id"], include_third_party_data=1)

    assert first == {
        "session_id": session["id"],
        "user_id": first["user_id"],
        "user_type": "user",
        "user_name": "Ada",
        "user_email": f"{first['user_id']}@lti-newrow.com",
        "time_joined": str(START),
        "time_left": str(START + 32),
        "duration": "0.5333",
        "attention": "34%",
        "lti_user_id": "u-1",
        "lti_user_email": "a@example.org",
    }
    assert (guest["user_type"], guest["user_name"]) == ("guest", "Visitor")
    assert (guest["lti_user_id"], guest["lti_user_email"], guest["attention"]) == ("", "", "")


def test_third_party_data_comes_only_when_asked_for(account: Account) -> None:
    account.simulator.add_visits([row(account.room(), "u-1", START, START + 60)])
    [session] = sessions(account.simulator)
    names = [
        {name for row_ in attendees(account.simulator, session["id"], **params) for name in row_}
        for params in ({}, {"include_third_party_data": 0}, {"include_third_party_data": 1})
    ]

    assert names[0] == names[1]
    assert names[2] - names[0] == {"lti_user_id", "lti_user_email"}


def test_a_person_keeps_their_number_and_comes_back_as_a_row_of_its_own(account: Account) -> None:
    room, other = account.room(), account.room("Other")
    account.simulator.add_visits(
        [
            row(room, "u-1", START, START + 100),
            row(room, "u-1", START + 130, START + 200),
            row(other, "u-1", START, START + 10),
        ]
    )
    rows = [a for s in sessions(account.simulator) for a in attendees(account.simulator, s["id"])]

    assert len(rows) == 3
    assert len({r["user_id"] for r in rows}) == 1


def test_a_real_visit_arrives_with_name_and_minutes(account: Account) -> None:
    account.simulator.freeze()
    page = join(
        account.simulator, account.room(), "u-1", "view-room", firstName="Ada", email="a@b.c"
    )
    account.simulator.advance(90)
    page.leave()
    [session] = sessions(account.simulator)

    [found] = attendees(account.simulator, session["id"], include_third_party_data=1)

    assert (found["user_name"], found["lti_user_id"], found["lti_user_email"]) == (
        "Ada",
        "u-1",
        "a@b.c",
    )
    assert (found["duration"], found["attention"]) == ("1.5000", "100%")


# ------------------------------------------------------------------------ switches
@pytest.mark.parametrize(
    ("mode", "end", "duration"),
    [("empty", "", ""), ("zero", "0", "0.0000"), ("moving", "later", "1.5000")],
)
def test_what_goes_on_has_no_reliable_end(
    account: Account, mode: str, end: str, duration: str
) -> None:
    account.simulator.set_newrow(running_end=mode)
    account.simulator.freeze()
    join(account.simulator, account.room(), "u-1")
    [visit] = account.simulator.visits()
    account.simulator.advance(90)
    expected = str(visit["joined"] + 90) if end == "later" else end

    [session] = sessions(account.simulator)
    [found] = attendees(account.simulator, session["id"])

    assert (session["date_end"], session["duration"]) == (expected, duration)
    assert (found["time_left"], found["duration"]) == (expected, duration)


def test_dates_may_be_spelt_the_other_way_and_in_milliseconds(account: Account) -> None:
    account.simulator.set_newrow(spelling="start_date", milliseconds=True)
    account.simulator.add_visits([row(account.room(), "u-1", START, START + 60)])

    [session] = sessions(account.simulator)
    [found] = attendees(account.simulator, session["id"])

    assert (session["start_date"], session["end_date"]) == (f"{START}000", f"{START + 60}000")
    assert "date_start" not in session
    assert (found["time_joined"], found["duration"]) == (f"{START}000", "1.0000")


@pytest.mark.parametrize(
    "wish",
    [
        {"spelling": "when"},
        {"running_end": 1},
        {"milliseconds": 1},
        {"lost_page": -1},
        {"total_count_off": "2"},
        {"colour": "red"},
    ],
)
def test_switches_refuse_what_makes_no_sense(kaltura: Simulator, wish: dict[str, Any]) -> None:
    with pytest.raises(SimulatorFailed):
        kaltura.set_newrow(**wish)
    assert kaltura.control("GET", "newrow")["spelling"] == "both"


# ------------------------------------------------------------------------ paging
def seeded(account: Account, people: int) -> str:
    room = account.room()
    rows = [row(room, f"u-{n:03}", START + n, START + 5000) for n in range(people)]
    account.simulator.add_visits(rows)
    return sessions(account.simulator)[0]["id"]


def walk(account: Account, session: str) -> tuple[list[str], list[int], list[Any]]:
    """Ids, totals and next pages of every page, as a caller walks them."""
    ids: list[str] = []
    totals, following, page = [], [], "0"
    while page and len(totals) < 50:
        data = call_newrow_directly(
            account.simulator,
            "analytics/session-attendees",
            session_id=session,
            page=page,
            include_third_party_data=1,
        ).json()["data"]
        ids += [r["lti_user_id"] for r in data["session_attendance"]]
        totals.append(data["total_count"])
        page = data["next_page"]
        following.append(page)
    return ids, totals, following


@pytest.mark.parametrize(
    ("people", "following"),
    [(1, [""]), (30, [""]), (31, ["1", ""]), (60, ["1", ""]), (61, ["1", "2", ""])],
)
def test_pages_hold_thirty_rows_and_count_from_0(
    account: Account, people: int, following: list[str]
) -> None:
    session = seeded(account, people)

    assert walk(account, session) == (
        [f"u-{n:03}" for n in range(people)],
        [people] * len(following),
        following,
    )


def test_a_page_past_the_end_is_empty(account: Account) -> None:
    session = seeded(account, 3)

    assert attendees(account.simulator, session, page=7) == []


def test_a_lost_page_shows_only_in_the_total(account: Account) -> None:
    session = seeded(account, 95)
    account.simulator.set_newrow(lost_page=1)

    ids, totals, following = walk(account, session)

    assert ids == [f"u-{n:03}" for n in (*range(30), *range(60, 95))]
    assert (totals, following) == ([95] * 3, ["1", "2", ""])


def test_a_wrong_total_is_wrong_on_every_page(account: Account) -> None:
    session = seeded(account, 31)
    account.simulator.set_newrow(total_count_off=-2)

    assert walk(account, session)[1] == [29, 29]


def test_windows_narrow_by_the_start(account: Account) -> None:
    room = account.room()
    starts = [START, START + 5000, START + 10_000]
    account.simulator.add_visits([row(room, "u-1", s, s + 60) for s in starts])

    def started(**params: Any) -> list[int]:
        return [int(s["date_start"]) - START for s in sessions(account.simulator, **params)]

    assert started() == [0, 5000, 10_000]
    assert started(from_date=START + 1) == [5000, 10_000]
    assert started(from_date=START + 5000, to_date=START + 5000) == [5000]
    assert started(to_date=START - 1) == []


def test_sessions_narrow_by_room(account: Account) -> None:
    room, other = account.room(), account.room("Other")
    account.simulator.add_visits(
        [row(room, "u-1", START, START + 60), row(other, "u-1", START, START + 60)]
    )

    found = sessions(account.simulator, third_party_room_id=other)

    assert [s["third_party_room_id"] for s in found] == [other]


# ------------------------------------------------------------------------ through KAF
def test_through_kaf_sees_only_the_room_of_the_session(account: Account) -> None:
    room, other = account.room(), account.room("Other")
    account.simulator.add_visits(
        [row(room, "u-1", START, START + 60), row(other, "u-2", START, START + 60)]
    )
    foreign = sessions(account.simulator, third_party_room_id=other)[0]["id"]
    scope = f"resourceId:{room}"

    def names(action: str, key: str, name: str, **params: Any) -> list[str]:
        reply = call_newrow_through_kaf(account.simulator, scope, action, **params).json()
        return [found[name] for found in reply["data"][key]]

    assert names("analytics/sessions", "sessions", "third_party_room_id") == [room]
    asked = {"third_party_room_id": other}
    assert names("analytics/sessions", "sessions", "third_party_room_id", **asked) == []
    assert names("users", "users", "third_party_id") == ["u-1"]
    assert names("rooms", "rooms", "third_party_id") == [room]
    attendance = call_newrow_through_kaf(
        account.simulator, scope, "analytics/session-attendees", session_id=foreign
    )
    assert attendance.status_code == 404


def test_both_ways_answer_the_same(account: Account) -> None:
    room = account.room()
    account.simulator.add_visits([row(room, f"u-{n}", START, START + 60 + n) for n in range(40)])
    [session] = sessions(account.simulator)
    params = {"session_id": session["id"], "page": "1", "include_third_party_data": 1}
    action = "analytics/session-attendees"

    direct = call_newrow_directly(account.simulator, action, **params).json()
    through = call_newrow_through_kaf(
        account.simulator, f"resourceId:{room}", action, **params
    ).json()

    assert direct == through
    assert len(direct["data"]["session_attendance"]) == 10


def test_through_kaf_takes_an_event_for_its_room(account: Account) -> None:
    from KalturaClient.Plugins.Schedule import (
        KalturaRecordScheduleEvent,
        KalturaScheduleEventRecurrenceType,
    )

    room = account.room()
    event = KalturaRecordScheduleEvent(
        summary="Coffee",
        startDate=START,
        endDate=START + 3600,
        recurrenceType=KalturaScheduleEventRecurrenceType.NONE,
        templateEntryId=room,
    )
    made = account.client.schedule.scheduleEvent.add(event).id
    account.simulator.add_visits([row(room, "u-1", START, START + 60)])

    reply = call_newrow_through_kaf(
        account.simulator, f"eventId:{made}", "analytics/sessions"
    ).json()
    unknown = call_newrow_through_kaf(account.simulator, "eventId:999999", "analytics/sessions")

    assert [s["third_party_room_id"] for s in reply["data"]["sessions"]] == [room]
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("privileges", "status"),
    [
        ("role:viewerRole,api:{api}", 400),
        ("resourceId:0_a,eventId:1,role:viewerRole,api:{api}", 400),
        ("resourceId:0_a,api:{api}", 400),
        ("resourceId:0_a,role:viewerRole", 400),
        ("resourceId:0_a,role:viewerRole,api:%7Bnonsense", 400),
        ("resourceId:0_a,role:viewerRole,api:%5B1%5D", 400),
        ("resourceId:0_a,role:viewerRole,api:{post}", 400),
        ("resourceId:0_a,role:viewerRole,api:{unknown}", 404),
        ("resourceId:0_a,role:viewerRole,api:{api}", 200),
    ],
)
def test_through_kaf_refuses_half_a_request(
    kaltura: Simulator, privileges: str, status: int
) -> None:
    calls = {
        "api": "%7B%22method%22%3A%22GET%22%2C%22action%22%3A%22analytics%2Fsessions%22%7D",
        "post": "%7B%22method%22%3A%22POST%22%2C%22action%22%3A%22analytics%2Fsessions%22%7D",
        "unknown": "%7B%22method%22%3A%22GET%22%2C%22action%22%3A%22nothing%22%7D",
    }
    ks = sign(kaltura, "analyst", privileges.format(**calls))

    reply = requests.get(f"{kaltura.url}/newrowkaf/index/api", {"ks": ks}, timeout=10)

    assert reply.status_code == status
    assert reply.json()["status"] == ("success" if status == 200 else "error")


def test_through_kaf_refuses_a_dead_session(kaltura: Simulator) -> None:
    ks = sign(kaltura, "analyst", "resourceId:0_a,role:viewerRole,api:%7B%7D", expiry=-5)

    reply = requests.get(f"{kaltura.url}/newrowkaf/index/api", {"ks": ks}, timeout=10)

    assert (reply.status_code, reply.json()["reason"]) == (403, "expired")


# ------------------------------------------------------------------------ directly
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic demo-newrow-token"])
def test_directly_wants_its_token(kaltura: Simulator, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}

    reply = requests.get(f"{kaltura.url}/backend/api/rooms", headers=headers, timeout=10)

    assert (reply.status_code, reply.json()["status"]) == (401, "error")


@pytest.mark.parametrize(
    ("action", "params", "status"),
    [
        ("analytics/session-attendees", {}, 400),
        ("analytics/session-attendees", {"session_id": "1"}, 404),
        ("analytics/sessions", {"page": "first"}, 400),
        ("analytics/sessions", {"page": "-1"}, 400),
        ("analytics/sessions", {"from_date": "yesterday"}, 400),
        ("analytics/room-messages", {"type": "public"}, 400),
        ("analytics/room-messages", {"type": "secret", "third_party_room_id": "0_a"}, 400),
        ("users/1", {}, 404),
        ("nothing", {}, 404),
    ],
)
def test_directly_refuses_half_a_request(
    kaltura: Simulator, action: str, params: dict[str, str], status: int
) -> None:
    reply = call_newrow_directly(kaltura, action, **params)

    assert (reply.status_code, reply.json()["status"]) == (status, "error")


def test_rooms_people_and_messages_can_be_read(account: Account) -> None:
    room = account.room("Coffee")
    page = join(account.simulator, room, "u-1", firstName="Ada", lastName="King")
    page.call("say", text="Hello")

    rooms = call_newrow_directly(account.simulator, "rooms").json()["data"]["rooms"]
    [user] = call_newrow_directly(account.simulator, "users").json()["data"]["users"]
    one = call_newrow_directly(account.simulator, f"users/{user['id']}").json()["data"]["users"]
    messages = call_newrow_directly(
        account.simulator, "analytics/room-messages", third_party_room_id=room, type="public"
    ).json()["data"]

    assert ("Coffee", room) in [(r["name"], r["third_party_id"]) for r in rooms]
    assert (user["third_party_id"], user["first_name"], user["last_name"]) == ("u-1", "Ada", "King")
    assert one == [user]
    assert [(m["third_party_user_id"], m["message"]) for m in messages["messages"]] == [
        ("u-1", "Hello")
    ]
    assert messages["next_page"] is None


# ------------------------------------------------------------------------ faults
@pytest.mark.parametrize(
    ("mode", "how", "status"),
    [("status_429", {"retry_after": 3}, 429), ("status_5xx", {"status": 502}, 502)],
)
def test_faults_reach_the_analytics_once(
    kaltura: Simulator, mode: str, how: dict[str, int], status: int
) -> None:
    kaltura.fault("newrow.analytics/sessions", mode, **how)
    replies = [call_newrow_directly(kaltura, "analytics/sessions") for _ in range(2)]

    assert [r.status_code for r in replies] == [status, 200]


def test_lost_and_cut_replies_reach_the_caller_as_such(kaltura: Simulator) -> None:
    kaltura.fault("newrow.*", "lose_reply")
    with pytest.raises(requests.ConnectionError):
        call_newrow_directly(kaltura, "analytics/sessions")
    kaltura.fault("newrow.*", "cut_reply")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        call_newrow_directly(kaltura, "analytics/sessions").json()
