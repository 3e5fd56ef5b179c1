"""Visits of rooms and webcasts, live and imported, and the meetings they make up."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kaltura_simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_simulator.support.kaf_users import Account, join

START = 1_700_000_000


def row(entry: str, user: str, joined: int, left: int | None, **more: Any) -> dict[str, Any]:
    return {"entryId": entry, "userId": user, "joined": joined, "left": left, **more}


def stays(simulator: Simulator, **query: str) -> list[tuple[str, int | None, str]]:
    """User, length and how it ended."""
    return [
        (v["userId"], None if v["left"] is None else v["left"] - v["joined"], v["endedBy"])
        for v in simulator.visits(**query)
    ]


def runs(simulator: Simulator) -> list[tuple[str, int, int | None]]:
    rows = simulator.control("GET", "objects", kind="room_run")["objects"]
    return sorted(((r["place"], r["started"], r["ended"]) for r in rows), key=lambda r: r[:2])


# ------------------------------------------------------------------------ living
def test_visit_lasts_from_opening_the_page_to_leaving(account: Account) -> None:
    account.simulator.freeze()
    page = join(account.simulator, account.room(), "u-1", email="ada@example.org")
    account.simulator.advance(1498)
    page.leave()

    [visit] = account.simulator.visits()
    assert visit["left"] - visit["joined"] == 1498
    assert (visit["kind"], visit["email"], visit["userType"], visit["endedBy"]) == (
        "room",
        "ada@example.org",
        "user",
        "left",
    )


def test_visit_that_falls_silent_ended_with_its_last_beat(account: Account) -> None:
    account.simulator.freeze()
    page = join(account.simulator, account.room(), "u-1")
    account.simulator.advance(300)
    page.beat()
    account.simulator.advance(4000)
    account.simulator.set_visits(silence_s=0)
    time.sleep(0.05)

    assert stays(account.simulator) == [("u-1", 300, "silent")]
    assert page.beat() == {"state": "gone"}


def test_moving_the_clock_throws_nobody_out(account: Account) -> None:
    page = join(account.simulator, account.room(), "u-1")
    account.simulator.advance(86_400)

    assert page.beat()["state"] == "in"


def test_clock_moved_back_makes_no_stay_negative(account: Account) -> None:
    account.simulator.freeze()
    page = join(account.simulator, account.room(), "u-1")
    account.simulator.advance(-500)
    page.beat()
    page.leave()

    assert stays(account.simulator) == [("u-1", 0, "left")]


def test_replaced_person_left_when_they_came_again(account: Account) -> None:
    account.simulator.freeze()
    room = account.room()
    join(account.simulator, room, "u-1")
    account.simulator.advance(60)
    join(account.simulator, room, "u-1")

    assert stays(account.simulator) == [("u-1", 60, "replaced"), ("u-1", None, "")]


def test_attention_is_the_share_of_time_in_view(account: Account) -> None:
    account.simulator.freeze()
    page = join(account.simulator, account.room(), "u-1")
    for visible, seconds in (("1", 30), ("0", 60), ("1", 10)):
        page.beat(visible=visible)
        account.simulator.advance(seconds)
    page.leave()

    assert [v["attention"] for v in account.simulator.visits()] == [40]


def test_webcast_remembers_what_was_played_and_when(account: Account) -> None:
    account.simulator.freeze()
    account.simulator.set_recording(3600)  # nothing to watch yet when the stream has ended
    webcast = account.webcast(starts_in=60)
    page = join(account.simulator, webcast, "u-1")
    account.simulator.advance(120)
    account.simulator.switch(webcast, "on_air")
    page.beat()
    account.simulator.advance(600)
    page.beat()
    account.simulator.switch(webcast, "off")
    account.simulator.advance(30)
    page.beat()
    account.simulator.advance(1000)
    page.leave()

    [visit] = account.simulator.visits()
    views = [(e, k, a - visit["joined"], b - visit["joined"]) for e, k, a, b in visit["views"]]
    # The last beat on air and the next one, off air, are 30 s apart: it played until then.
    assert views == [(webcast, "live", 120, 750)]
    assert visit["run"] == ""


def test_visits_survive_kill_9(tmp_path: Any) -> None:
    from tests.kaltura_simulator.support.kaf_users import account_at

    simulator = Simulator.start(data=str(tmp_path / "kaltura.sqlite3"))
    try:
        account = account_at(simulator)
        page = join(simulator, account.room(), "u-1")
        before = simulator.visits()
        simulator.restart()

        assert simulator.visits() == before
        assert page.beat()["state"] == "in"
    finally:
        simulator.stop()


# ------------------------------------------------------------------------ runs
def test_room_run_lasts_while_anybody_is_there(account: Account) -> None:
    account.simulator.freeze()
    room = account.room()
    first = join(account.simulator, room, "u-1")
    started = account.simulator.visits()[0]["joined"]
    account.simulator.advance(100)
    second = join(account.simulator, room, "u-2")
    first.leave()
    assert runs(account.simulator) == [(room, started, None)]

    account.simulator.advance(100)
    second.leave()
    assert runs(account.simulator) == [(room, started, started + 200)]


@pytest.mark.parametrize(("away", "expected"), [(60, 1), (61, 2)])
def test_room_run_survives_a_short_gap(account: Account, away: int, expected: int) -> None:
    account.simulator.freeze()
    room = account.room()
    for _ in range(2):
        join(account.simulator, room, "u-1").leave()
        account.simulator.advance(away)

    assert len(runs(account.simulator)) == expected


def test_webcasts_have_no_runs(account: Account) -> None:
    join(account.simulator, account.webcast(), "u-1")

    assert runs(account.simulator) == []


# ------------------------------------------------------------------------ seeding
def test_seeded_visits_form_runs(account: Account) -> None:
    room, other = account.room(), account.room("Other")
    account.simulator.add_visits(
        [
            row(room, "u-1", START + 5000, START + 6000),
            row(room, "u-1", START, START + 1000),
            row(room, "u-2", START + 900, START + 1500),
            row(other, "u-1", START + 100, START + 200),
        ]
    )

    assert runs(account.simulator) == sorted(
        [
            (room, START, START + 1500),
            (room, START + 5000, START + 6000),
            (other, START + 100, START + 200),
        ]
    )


def test_seeding_again_lengthens_a_run_and_keeps_its_id(account: Account) -> None:
    room = account.room()
    account.simulator.add_visits([row(room, "u-1", START, START + 100)])
    [before] = {v["run"] for v in account.simulator.visits()}
    account.simulator.add_visits([row(room, "u-2", START - 500, START + 50)])

    assert {v["run"] for v in account.simulator.visits()} == {before}
    assert runs(account.simulator) == [(room, START - 500, START + 100)]


def test_seeding_joins_two_runs_that_turn_out_to_be_one(account: Account) -> None:
    room = account.room()
    account.simulator.add_visits(
        [row(room, "u-1", START, START + 100), row(room, "u-1", START + 900, START + 1000)]
    )
    account.simulator.add_visits([row(room, "u-2", START + 50, START + 950)])

    assert runs(account.simulator) == [(room, START, START + 1000)]


def test_seeded_visit_without_an_end_goes_on(account: Account) -> None:
    room = account.room()
    account.simulator.set_visits(silence_s=0)
    account.simulator.add_visits([row(room, "u-1", START, None)])

    assert stays(account.simulator) == [("u-1", None, "")]
    assert runs(account.simulator) == [(room, START, None)]


def test_seeded_visit_takes_every_field(account: Account) -> None:
    webcast = account.webcast()
    more = {"name": "Ada", "email": "a@b.c", "attention": 34, "role": "moderator"}
    account.simulator.add_visits(
        [
            row(webcast, "u-1", START, START + 60, **more),
            row(webcast, "u-1", START, START + 60, played="vod"),
            row(webcast, "", START, START + 60, userType="guest", played="none"),
            {
                "entryId": webcast,
                "userId": "u-2",
                "joined": "2026-03-29T09:00:00Z",
                "left": "2026-03-29T11:01:00+02:00",
            },
        ]
    )

    found = account.simulator.visits()
    assert {k: found[0][k] for k in more} == more
    assert [v["views"] for v in found] == [
        [[webcast, "live", START, START + 60]],
        [[webcast, "vod", START, START + 60]],
        [],
        [[webcast, "live", 1774774800, 1774774860]],
    ]
    assert (found[2]["userType"], found[2]["name"]) == ("guest", "Guest")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"entryId": "0_nothing"}, "visit 2: 'entryId' '0_nothing' is no entry here"),
        ({"entryId": None}, "visit 2: 'entryId' is missing"),
        ({"userId": ""}, "visit 2: 'userId' is missing"),
        ({"joined": "soon"}, "visit 2: 'joined' must be Unix seconds or 2026-03-29T09:00:00Z"),
        ({"joined": None}, "visit 2: 'joined' must be Unix seconds or 2026-03-29T09:00:00Z"),
        ({"joined": START + 61}, "visit 2: 'left' is before 'joined'"),
        ({"attention": 101}, "visit 2: 'attention' must be a whole number from 0 to 100, or null"),
        ({"role": "king"}, "visit 2: 'role' must be one of"),
        ({"userType": "bot"}, "visit 2: 'userType' must be user or guest"),
        ({"played": "tape"}, "visit 2: 'played' must be one of live, vod, none"),
        ({"colour": "red"}, "visit 2: unknown field 'colour'"),
    ],
)
def test_seeding_names_what_is_wrong_and_changes_nothing(
    account: Account, change: dict[str, Any], message: str
) -> None:
    room = account.room()
    good = row(room, "u-1", START, START + 60)

    with pytest.raises(SimulatorFailed) as refusal:
        account.simulator.add_visits([good, good | change])

    assert message in str(refusal.value)
    assert account.simulator.visits() == []


def test_seeding_thousands_is_quick(account: Account) -> None:
    room = account.room()
    rows = [
        row(room, f"u-{n % 700}", START + n // 700 * 7200, START + n // 700 * 7200 + 3000 + n % 99)
        for n in range(7000)
    ]
    started = time.monotonic()
    account.simulator.add_visits(rows)

    assert time.monotonic() - started < 10
    assert len(runs(account.simulator)) == 10


def test_visits_can_be_narrowed_and_forgotten(account: Account) -> None:
    room, other = account.room(), account.room("Other")
    account.simulator.add_visits(
        [row(room, "u-1", START, START + 60), row(other, "u-2", START, START + 60)]
    )

    assert stays(account.simulator, entryId=room) == [("u-1", 60, "")]
    assert stays(account.simulator, userId="u-2") == [("u-2", 60, "")]

    account.simulator.control("DELETE", "visits")
    assert (account.simulator.visits(), runs(account.simulator)) == ([], [])


@pytest.mark.parametrize(
    "wish", [{"silence_s": -1}, {"silence_s": "long"}, {"silence_s": True}, {"speed": 1}]
)
def test_settings_refuse_what_makes_no_sense(kaltura: Simulator, wish: dict[str, Any]) -> None:
    with pytest.raises(SimulatorFailed):
        kaltura.set_visits(**wish)
