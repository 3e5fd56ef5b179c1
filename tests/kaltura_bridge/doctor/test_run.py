"""The doctor's own judgement, its run and its command."""

from __future__ import annotations

import io
import json
import time

import pytest
from django.core.management import call_command
from lxml import etree

from kaltura_bridge.api import ks
from kaltura_bridge.api.account import Profile
from kaltura_bridge.api.adapters.metadata import render
from kaltura_bridge.doctor import Check, DoctorRun, failed, ok, run
from kaltura_bridge.doctor.fetch import HttpAnswer
from kaltura_bridge.doctor.kaf import judge
from kaltura_bridge.doctor.metadata_profiles import SAMPLES, judge_schema
from kaltura_simulator.provision import metadata_schemas
from portal import heartbeat
from tests.kaltura_bridge.support.doctoring import look, not_well
from tests.kaltura_bridge.support.planning import planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]
# The local Kaltura's metadata profiles by number.
SCHEMAS = {
    1301: ("KMS_KWEBCAST2", metadata_schemas.kwebcast),
    1302: ("KMS_EVENTS3", metadata_schemas.events),
    1303: ("EntryAdditionalInfo", metadata_schemas.additional_info),
}


# ------------------------------------------------------------------ what it judges by itself
def test_samples_hold_every_element_that_the_sync_writes(simulator):
    settle(planned_event())

    records = simulator.objects("metadata")

    for record in records:
        number = record["metadataProfileId"]
        name, xsd = SCHEMAS[number]
        sample = etree.fromstring(render(SAMPLES[name], Profile(str(number), xsd())))
        written = {element.tag for element in etree.fromstring(record["xml"].encode()).iter()}
        assert written <= {element.tag for element in sample.iter()}
    assert {record["metadataProfileId"] for record in records} == set(SCHEMAS)


def test_schema_that_is_none_is_told():
    found = judge_schema("KMS_KWEBCAST2", Profile("7", "<no"))

    assert (found.verdict, found.seen.split(":")[0]) == (
        "failed",
        "The schema of profile 7 cannot be read",
    )


def test_kaf_that_says_the_same_to_everybody_tells_nothing():
    page = HttpAnswer(200, "<p>Sorry 17</p>")

    found = judge(page, HttpAnswer(200, "<p>Sorry 18</p>"))

    assert (found.verdict, found.seen) == (
        "warning",
        "KAF gives the same answer to a correct and to a damaged signature.",
    )


def test_account_with_nothing_in_it_needs_provisioning(settings, site):
    from kaltura_simulator.testing import Simulator

    bare = Simulator.start("--provision", "empty")
    settings.KALTURA_SERVICE_URL = settings.KALTURA_KAF_URL = bare.url
    heartbeat.beat()

    lines = look(settings)

    bare.stop()
    assert {name for name, line in lines.items() if line.verdict == "failed"} == {
        "recording",
        "parent category",
        "metadata profile KMS_KWEBCAST2",
        "metadata profile KMS_EVENTS3",
        "metadata profile EntryAdditionalInfo",
        "player",
        "room template: interactive",
        "room template: webinar",
        "room template: studio",
    }


# ------------------------------------------------------------------ the run
def checks(monkeypatch, *found: Check) -> None:
    monkeypatch.setattr(run, "all_checks", lambda: list(found))


def sleepy(run: DoctorRun):
    time.sleep(0.5)
    return ok("at last")


def test_no_check_takes_longer_than_it_may(monkeypatch, settings):
    checks(monkeypatch, Check("slow", sleepy), Check("quick", lambda run: ok("there")))

    started = time.monotonic()
    lines = look(settings, check_s=0.05)

    assert time.monotonic() - started < 0.4
    assert [(line.name, line.verdict) for line in lines.values()] == [
        ("slow", "failed"),
        ("quick", "ok"),
    ]


def test_run_has_a_deadline(monkeypatch, settings):
    checks(monkeypatch, Check("slow", sleepy), Check("late", lambda run: ok("there")))

    lines = look(settings, whole_s=0.05)

    assert not_well(lines) == {"slow": "failed", "late": "skipped"}
    assert lines["late"].seen == ("Not checked, because the checks before it took all the time.")


def test_broken_check_hides_no_other(monkeypatch, settings):
    def broken(run: DoctorRun):
        raise ZeroDivisionError

    checks(monkeypatch, Check("broken", broken), Check("after", lambda run: ok("there")))

    lines = look(settings)

    assert not_well(lines) == {"broken": "failed"}
    assert lines["broken"].seen == "The check itself is broken (ZeroDivisionError)."


def test_secrets_and_sessions_are_masked(monkeypatch, settings):
    text = ks.sync_admin_ks()
    said = f"{text} and {settings.KALTURA_ADMIN_SECRET}"
    checks(monkeypatch, Check("leak", lambda run: failed(said, said)))

    line = look(settings)["leak"]

    assert (line.seen, line.fix) == ("[masked] and [masked]",) * 2


# ------------------------------------------------------------------ the command
def command(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("kaltura_doctor", *words, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_command_prints_a_line_for_each_check(account):
    code, out = command()

    names = [line.name for line in run.run_checks()]
    assert (code, len(out.splitlines())) == (0, len(names))
    assert out.splitlines()[1].startswith("ok       service address: http://127.0.0.1:")


def test_command_says_how_to_fix_it_and_ends_with_1(account):
    account.settings.KALTURA_PLAYER_UICONF_ID = 99

    code, out = command()

    assert code == 1
    assert (
        "failed   player: Kaltura has no player 99. -> Set KALTURA_PLAYER_UICONF_ID to a "
        "player's ID (KMC, Studio)."
    ) in out.splitlines()


def test_command_prints_one_json_document(account):
    account.settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID = None

    code, out = command("--json")

    found = {check["name"]: check for check in json.loads(out)["checks"]}
    assert code == 0
    assert found["simulive profile"] == {
        "name": "simulive profile",
        "verdict": "warning",
        "seen": "KALTURA_SIMULIVE_ACCESS_CONTROL_ID is empty: simulives may not play.",
        "fix": "Set KALTURA_SIMULIVE_ACCESS_CONTROL_ID to the account's simulive profile. "
        "Ask Kaltura for its ID.",
    }
    assert {tuple(check) for check in found.values()} == {("name", "verdict", "seen", "fix")}
