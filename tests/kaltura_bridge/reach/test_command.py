"""``manage.py reach_vendor``: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.kaltura_bridge.support.vendoring import (
    OTHER_VIDEO,
    VIDEO,
    VendorSite,
    expire_leases,
)

pytestmark = [pytest.mark.django_db]
SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello\n"


def run(*arguments: str) -> int:
    """The exit code."""
    try:
        call_command("reach_vendor", "--once", *arguments)
    except SystemExit as ended:
        return int(ended.code or 0)
    except CommandError as error:
        return int(error.returncode)
    return 0


def test_files_of_people_are_delivered_as_they_come(vendor: VendorSite, tmp_path: Path, capsys):
    first, second = vendor.order(), vendor.order(OTHER_VIDEO)
    (tmp_path / f"{VIDEO}.srt").write_text(SRT)
    folder = ("--engine-option", f"folder={tmp_path}")

    assert run(*folder, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "ready": [first],
        "scheduled": [],
        "failed": [],
        "withdrawn": [],
        "waiting": [
            {
                "task": second,
                "reason": f"no subtitle file {OTHER_VIDEO}.en.vtt in the folder yet",
            }
        ],
    }
    assert vendor.status(second) == (1, "")
    (asset,) = vendor.captions()
    assert vendor.text_of(asset["id"]) == SRT

    (tmp_path / f"{OTHER_VIDEO}.srt").write_text("no subtitles")
    assert run(*folder) == 1
    assert capsys.readouterr().out.startswith(f"failed    task {second}: The file for this video")
    assert vendor.status(second)[0] == 6


def test_file_that_comes_after_the_key_has_run_out_is_delivered(
    vendor: VendorSite, tmp_path: Path, capsys
):
    task = vendor.order()
    vendor.simulator.advance(9 * 86_400)
    folder = ("--engine-option", f"folder={tmp_path}")
    assert run(*folder) == 0
    (tmp_path / f"{VIDEO}.srt").write_text(SRT)
    run(*folder)
    expire_leases()

    assert (vendor.status(task)[0], len(vendor.captions())) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--engine", "magic"], "There is no engine “magic”"),
        (["--engine-option", "folder"], "An option is NAME=VALUE"),
        (["--only", "poems"], "There is no kind of work “poems”"),
        ([], "The engine “sidecar” needs a folder"),
    ],
)
def test_wrong_usage_ends_with_2(vendor: VendorSite, arguments, why):
    with pytest.raises(CommandError, match=why) as refused:
        call_command("reach_vendor", "--once", *arguments)
    assert refused.value.returncode == 2


def test_installation_that_is_no_vendor_says_what_to_set(tmp_path: Path):
    with pytest.raises(CommandError, match="set REACH_VENDOR_PARTNER_ID") as refused:
        call_command("reach_vendor", "--once", "--engine-option", f"folder={tmp_path}")
    assert refused.value.returncode == 2


def test_kaltura_that_does_not_answer_ends_with_1(vendor: VendorSite, tmp_path: Path):
    vendor.simulator.refuse()
    with pytest.raises(CommandError) as refused:
        call_command("reach_vendor", "--once", "--engine-option", f"folder={tmp_path}")
    assert refused.value.returncode == 1
