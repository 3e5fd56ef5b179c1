"""Several accounts in one simulator, and where it listens."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kaltura_simulator import command_line
from kaltura_simulator.testing import ROOT, Simulator, free_port
from tests.kaltura_simulator.support.clients import call, http

EVENT = {
    "objectType": "KalturaLiveStreamScheduleEvent",
    "summary": "s",
    "startDate": 2_000_000_000,
    "endDate": 2_000_000_060,
    "recurrenceType": 0,
}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Accounts 555 and 101: the second start opened another account in the same file."""
    data = str(tmp_path_factory.mktemp("two") / "kaltura.sqlite3")
    Simulator.start(data=data, partner_id=555).stop()
    simulator = Simulator.start(data=data)
    yield simulator
    simulator.stop()


def session(simulator: Simulator, partner: int) -> str:
    """An ADMIN session of one of the accounts, started with its secret."""
    sent = {"secret": simulator.admin_secret, "type": 2, "partnerId": partner}
    return str(call(simulator, "session.start", **sent))


def made_by(simulator: Simulator, partner: int) -> dict[str, Any]:
    """One object of each type, added by an account."""
    ks = session(simulator, partner)
    live = {"name": "x", "mediaType": 201, "referenceId": "portal:1"}
    entry = call(simulator, "livestream.add", ks=ks, sourceType="32", liveStreamEntry=live)
    event = EVENT | {"templateEntryId": entry["id"]}
    added = call(simulator, "schedule_scheduleevent.add", ks=ks, scheduleEvent=event)
    place = call(simulator, "category.add", ks=ks, category={"name": f"Same {time.monotonic()}"})
    return {"ks": ks, "entry": entry["id"], "event": added["id"], "category": place["id"]}


def test_partners_live_side_by_side(two: Simulator):
    assert {101, 555} <= set(two.state()["partners"])
    names = [
        [row["fullName"] for row in call(two, "category.list", ks=session(two, partner))["objects"]]
        for partner in (101, 555)
    ]
    assert names[0][:3] == names[1][:3] == ["KAF", "KAF>site", "KAF>site>channels"]


def test_partners_may_use_the_same_names(two: Simulator):
    replies = []
    for partner in (101, 555):
        ks = session(two, partner)
        sent = {"objectType": "KalturaLocationScheduleResource", "name": "R", "systemName": "one"}
        replies.append(call(two, "category.add", ks=ks, category={"name": "Twin"}))
        replies.append(call(two, "schedule_scheduleresource.add", ks=ks, scheduleResource=sent))
    assert [reply.get("code", "ok") for reply in replies] == ["ok"] * 4


def test_partners_do_not_reach_each_others_objects(two: Simulator):
    ours, theirs = made_by(two, 101), made_by(two, 555)
    ks = ours["ks"]
    replies = [
        call(two, "livestream.get", ks=ks, entryId=theirs["entry"]),
        call(two, "baseentry.update", ks=ks, entryId=theirs["entry"], baseEntry={"name": "y"}),
        call(two, "baseentry.delete", ks=ks, entryId=theirs["entry"]),
        call(two, "schedule_scheduleevent.get", ks=ks, scheduleEventId=theirs["event"]),
        call(two, "schedule_scheduleevent.delete", ks=ks, scheduleEventId=theirs["event"]),
        call(two, "category.get", ks=ks, id=theirs["category"]),
        call(two, "category.delete", ks=ks, id=theirs["category"]),
    ]
    assert [reply["code"] for reply in replies] == [
        *["ENTRY_ID_NOT_FOUND"] * 3,
        *["INVALID_OBJECT_ID"] * 2,
        *["CATEGORY_NOT_FOUND"] * 2,
    ]
    found = call(two, "baseentry.list", ks=ks, filter={"referenceIdEqual": "portal:1"})
    assert theirs["entry"] not in [row["id"] for row in found["objects"]]


def test_partners_secret_opens_no_other_account(two: Simulator):
    ks = session(two, 555)
    assert call(two, "category.list", ks=ks, partnerId=101)["code"] == "SERVICE_FORBIDDEN"
    assert call(two, "session.get", ks=ks)["partnerId"] == "555"


def test_partners_keep_what_they_made_through_a_kill(two: Simulator):
    ours, theirs = made_by(two, 101), made_by(two, 555)
    two.restart()
    assert [
        call(two, "livestream.get", ks=account["ks"], entryId=account["entry"])["id"]
        for account in (ours, theirs)
    ] == [ours["entry"], theirs["entry"]]


# -------------------------------------------------------------------- where it listens
def test_address_is_loopback_unless_set_otherwise():
    parser = argparse.ArgumentParser()
    command_line.add_arguments(parser)
    host, _, port = parser.parse_args([]).bind.partition(":")
    assert (host, port) == ("127.0.0.1", "8090")


def test_address_is_the_only_one_it_listens_on(two: Simulator):
    """Another address of this machine, even a loopback one, is refused."""
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", two.port), timeout=2)


def test_address_is_as_set(tmp_path: Path):
    address = f"127.0.0.2:{free_port()}"
    command = [sys.executable, "-m", "kaltura_simulator", "--bind", address]
    command += ["--data", str(tmp_path / "k.sqlite3")]
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        while not _answers(address):
            assert time.monotonic() - started < 20
            time.sleep(0.05)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def _answers(address: str) -> bool:
    try:
        return http(f"http://{address}/api_v3/service/system/action/ping?format=1")[2] == "true"
    except OSError:
        return False
