"""Random and hostile callers at the pages, the analytics and the visits: never a 500."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from kaltura_simulator.api import ks
from kaltura_simulator.testing import Simulator, SimulatorFailed
from tests.kaltura_simulator.support.kaf_users import Account, call_newrow_directly, join, open_with
from tests.suites import many

NAMES = ("userId", "entryId", "role", "actionslimit", "firstName", "lastName", "email")
NAMES += ("userContextualRole", "chatModerator", "roomModerator", "api", "resourceId", "eventId")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NO_CRASH = {200, 400, 401, 403, 404, 405}


@many(150)
@given(
    privileges=st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)),
    user=st.text(max_size=20),
    kind=st.integers(-1, 3),
    expiry=st.integers(-(10**18), 10**18),
)
def test_pages_survive_any_session(
    account: Account, privileges: dict[str, str], user: str, kind: int, expiry: int
) -> None:
    simulator = account.simulator
    text = ks.mint(
        simulator.admin_secret,
        simulator.partner_id,
        user=user,
        type=kind,
        expiry=expiry,
        privileges=privileges,
    )

    assert open_with(simulator, text).status in NO_CRASH
    reply = requests.get(f"{simulator.url}/newrowkaf/index/api", {"ks": text}, timeout=10)
    assert reply.status_code in NO_CRASH


@many(150)
@given(name=st.text(min_size=1, max_size=60), message=st.text(max_size=80))
def test_any_name_and_message_is_shown_and_never_becomes_markup(
    account: Account, name: str, message: str
) -> None:
    simulator = account.simulator
    [room, *_] = [e["id"] for e in simulator.objects("room") if e["name"] == "R"] or [
        account.room("R")
    ]
    session = ks.mint(
        simulator.admin_secret,
        simulator.partner_id,
        user="u-1",
        expiry=int(time.time()) + 60,
        privileges={
            "actionslimit": "-1",
            "userId": "u-1",
            "entryId": room,
            "role": "viewerRole",
            "firstName": name,
        },
    )
    page = open_with(simulator, session)
    page.call("say", text=message)

    assert page.status == 200
    assert page.beat()["people"][0]["name"] == (" ".join(name.split()) or "u-1")
    assert page.reply.text.count("<script") == 1
    assert requests.get(f"{simulator.url}/ui/parts", timeout=10).status_code == 200


@many(150)
@given(text=st.text(max_size=60))
def test_pages_survive_any_address(kaltura: Simulator, text: str) -> None:
    quoted = requests.utils.quote(text, safe="")

    assert open_with(kaltura, quoted).status in NO_CRASH


@many(150)
@given(
    row=st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("entryId", "userId", "joined", "left", "attention", "role", "name"), ANYTHING
        ),
    )
)
def test_seeding_survives_any_row(account: Account, row: dict[str, Any]) -> None:
    body = json.dumps([row])

    reply = requests.post(f"{account.simulator.url}/_control/visits", body, timeout=10)

    assert reply.status_code == 400
    assert account.simulator.visits() == []


@many(150)
@given(body=st.text(max_size=60) | ANYTHING.map(json.dumps))
@pytest.mark.parametrize("path", ["visits", "visits/settings", "newrow"])
def test_controls_survive_any_body(kaltura: Simulator, path: str, body: str) -> None:
    reply = requests.post(
        f"{kaltura.url}/_control/{path}", body.encode("utf-8", "replace"), timeout=10
    )

    assert reply.status_code in {200, 400}


@many(150)
@given(params=st.dictionaries(st.sampled_from(["page", "from_date", "session_id"]), st.text()))
def test_analytics_survive_any_question(kaltura: Simulator, params: dict[str, str]) -> None:
    for action in ("analytics/sessions", "analytics/session-attendees", "rooms"):
        assert call_newrow_directly(kaltura, action, **params).status_code in NO_CRASH


def test_seeded_texts_with_halves_of_characters_are_shown(account: Account) -> None:
    room = account.room()
    row = {"entryId": room, "userId": "u\ud800", "name": "A\udfff", "joined": 1}
    account.simulator.add_visits([row])

    assert [v["name"] for v in account.simulator.visits()] == ["A?"]
    assert "A?" in requests.get(f"{account.simulator.url}/ui/parts", timeout=10).json()["people"]


@pytest.mark.parametrize("moment", [1e30, -1, float("inf"), float("nan"), 253_402_300_800])
def test_seeding_refuses_times_out_of_range(account: Account, moment: float) -> None:
    row = {"entryId": account.room(), "userId": "u-1", "joined": moment}

    with pytest.raises(SimulatorFailed, match="'joined' must be Unix seconds"):
        account.simulator.add_visits([row])


def test_pages_of_another_account_live_under_its_host_name(account: Account) -> None:
    """The same session opens the pages of its own account only."""
    ours = join(account.simulator, account.room(), "u-1").reply.url
    found = {
        host: requests.get(ours, headers={"Host": host}, timeout=10).status_code
        for host in ("101.kaf.localhost", "102.kaf.localhost", "portal.example.org")
    }

    assert found == {"101.kaf.localhost": 200, "102.kaf.localhost": 403, "portal.example.org": 200}
