"""The accounts that a simulator starts with, and what each may do."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from kaltura_simulator import constants
from kaltura_simulator.testing import ROOT, Simulator, free_port
from tests.kaltura_simulator.support.clients import call, ks_of

FIRST = constants.PARTNER_ID
CUSTOMER, VENDOR = FIRST + 100_000, FIRST + 200_000


@pytest.fixture(scope="module")
def bare() -> Iterator[Simulator]:
    simulator = Simulator.start("--provision", "empty")
    yield simulator
    simulator.stop()


@pytest.fixture(scope="module")
def pair_process() -> Iterator[Simulator]:
    simulator = Simulator.start("--provision", "reach")
    yield simulator
    simulator.stop()


@pytest.fixture
def pair(pair_process: Simulator) -> Simulator:
    """One who orders and one who delivers, with nothing done yet."""
    pair_process.reset()
    return pair_process


def secret_of(simulator: Simulator, partner: int) -> str:
    rows = simulator.control("GET", "objects", kind="partner", partner=partner)["objects"]
    return str(rows[0]["adminSecret"])


def session(simulator: Simulator, partner: int, secret: str) -> str:
    return str(call(simulator, "session.start", partnerId=partner, secret=secret, type=2))


def asked(simulator: Simulator, action: str, ks: str) -> str:
    """The code of a refusal, or how many objects a list holds."""
    answer = call(simulator, action, ks=ks)
    return str(answer.get("code") or answer["totalCount"])


def test_empty_account_has_next_to_nothing(bare):
    ks = ks_of(bare)

    assert bare.state()["partners"] == [FIRST]
    assert asked(bare, "category.list", ks) == "0"
    assert asked(bare, "baseEntry.list", ks) == "0"
    assert asked(bare, "metadata_metadataprofile.list", ks) == "0"
    assert asked(bare, "reach_reachprofile.list", ks) == "FEATURE_FORBIDDEN"
    assert int(asked(bare, "conversionProfile.list", ks)) > 0


def test_reach_adds_one_who_orders_and_one_who_delivers(pair):
    customer = session(pair, CUSTOMER, secret_of(pair, CUSTOMER))
    vendor = session(pair, VENDOR, secret_of(pair, VENDOR))

    assert pair.state()["partners"] == [FIRST, CUSTOMER, VENDOR]
    assert asked(pair, "reach_reachprofile.list", customer) == "1"
    assert asked(pair, "reach_vendorcatalogitem.list", customer) == "1"
    assert asked(pair, "reach_entryvendortask.getJobs", vendor) == "0"
    assert asked(pair, "reach_entryvendortask.getJobs", customer) == "SERVICE_FORBIDDEN"
    assert asked(pair, "reach_reachprofile.list", ks_of(pair)) == "FEATURE_FORBIDDEN"


def test_accounts_are_the_same_after_a_reset(pair):
    before = {partner: secret_of(pair, partner) for partner in (CUSTOMER, VENDOR)}
    pair.reset()
    assert {partner: secret_of(pair, partner) for partner in (CUSTOMER, VENDOR)} == before


def test_accounts_do_not_see_each_other(pair):
    customer = session(pair, CUSTOMER, secret_of(pair, CUSTOMER))

    assert asked(pair, "baseEntry.list", customer) == "0"
    assert call(pair, "baseEntry.list", ks=customer, partnerId=FIRST)["code"] == (
        "SERVICE_FORBIDDEN"
    )


def test_clip_of_the_customer_is_ready_without_content(pair):
    customer = session(pair, CUSTOMER, secret_of(pair, CUSTOMER))
    clip = {"objectType": "KalturaMediaEntry", "name": "Clip", "mediaType": 1}

    assert call(pair, "media.add", ks=customer, entry=clip)["status"] == 2
    assert call(pair, "media.add", ks=ks_of(pair), entry=clip)["status"] == 7


def test_reach_prints_who_the_two_are(tmp_path):
    """``RECORDINGS_REACH="CUSTOMER SECRET VENDOR SECRET"``, ready for a shell."""
    command = [sys.executable, "-m", "kaltura_simulator", "--provision", "reach"]
    command += ["--bind", f"127.0.0.1:{free_port()}", "--data", str(tmp_path / "k.sqlite3")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True)
    try:
        printed = _read_until(process, b"RECORDINGS_REACH", 20)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=10)

    line = next(text for text in printed.splitlines() if text.startswith("RECORDINGS_REACH"))
    assert re.fullmatch(
        rf'RECORDINGS_REACH="{CUSTOMER} [0-9a-f]{{32}} {VENDOR} [0-9a-f]{{32}}"', line
    )


def _read_until(process: subprocess.Popen[bytes], word: bytes, seconds: float) -> str:
    output, deadline = process.stdout, time.monotonic() + seconds
    assert output is not None
    found = b""
    while not (word in found and found.endswith(b"\n")) and time.monotonic() < deadline:
        if select.select([output], [], [], 0.2)[0]:
            found += os.read(output.fileno(), 4096)
    return found.decode()


def test_features_are_switched_by_name(kaltura):
    on = kaltura.control("POST", "features", {"virtualEvents": True, "reach": False})
    again = kaltura.control("POST", "features", {"reach": True})

    assert (on["features"], again["features"]) == (["virtualEvents"], ["reach", "virtualEvents"])
    with pytest.raises(RuntimeError, match="no such feature: flying"):
        kaltura.control("POST", "features", {"flying": True})


def test_secrets_of_the_options_replace_those_of_older_data(tmp_path):
    data = str(tmp_path / "kaltura.sqlite3")
    new = "00112233445566778899aabbccddeeff"
    vendor = constants.PARTNER_ID + 200_000

    def secrets_of(kaltura, partner):
        [row] = kaltura.control("GET", "objects", kind="partner", partner=partner)["objects"]
        return row["adminSecret"], row["userSecret"]

    first = Simulator.start(data=data)
    made = call(first, "baseentry.add", ks=ks_of(first), entry={"name": "Kept"}, type="1")
    before = secrets_of(first, vendor)
    first.stop()
    later = Simulator.start("--admin-secret", new, "--user-secret", new[::-1], data=data)
    try:
        old = call(later, "baseentry.get", ks=ks_of(later), entryId=made["id"])
        later.admin_secret = new
        kept = call(later, "baseentry.get", ks=ks_of(later), entryId=made["id"])

        assert (old["code"], kept["name"]) == ("INVALID_KS", "Kept")
        assert secrets_of(later, later.partner_id) == (new, new[::-1])
        assert not {*secrets_of(later, vendor)} & {*before, new}
    finally:
        later.stop()
