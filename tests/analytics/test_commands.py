"""The two commands as operators and scripts call them."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from analytics.models import PullRun
from events.models import Event
from tests.factories import EventFactory, RegistrationFactory, WebcastFactory

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def manage(env, *arguments):
    """Run a command in a process of its own, as a shell would."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        timeout=60,
    )


def test_pull_prints_one_json_document_and_ends_with_0(hold, portal_env):
    conference = hold()
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ann"), 0, 20)
    conference.visit(room, "A guest", 0, 5)

    done = manage(portal_env(), "pull_attendance", "conf", "--json")

    assert (done.returncode, json.loads(done.stdout)) == (
        0,
        {
            "runs": 1,
            "stays": 2,
            "totals": 0,
            "new": 2,
            "changed": 0,
            "rejected": 0,
            "unmatched_people": 1,
            "unmatched_runs": 0,
            "incomplete": [],
            "errors": [],
        },
    )


def test_pull_ends_with_1_when_rows_are_missing(hold, capsys):
    conference = hold()
    (room,) = conference.rooms
    ann = conference.person("Ann")
    conference.visits([conference.a_visit(room, ann, n / 2, n / 2 + 0.25) for n in range(31)])
    conference.simulator.set_newrow(lost_page=1)

    with pytest.raises(SystemExit) as ended:
        call_command("pull_attendance", "conf")

    said = capsys.readouterr().out
    assert ended.value.code == 1
    assert "1 room runs with 30 stays, 0 webcast viewers: 30 new, 0 changed.\n" in said
    assert "returned 30 of 31 rows." in said


def test_pull_takes_sessions_of_the_time_it_is_given(hold):
    conference = hold()
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ann"), 0, 20)

    call_command("pull_attendance", "--since", "2001-01-01", "--until", "2001-02-01T00:00:00Z")
    call_command("pull_attendance", "--since", "2001-01-01")
    before, whole = PullRun.objects.order_by("pk")

    assert (before.runs, whole.runs) == (0, 1)
    assert (before.since.isoformat(), before.until.isoformat()) == (
        "2001-01-01T00:00:00+00:00",
        "2001-02-01T00:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "There is no event “nowhere”. Events: conf."),
        (["--since", "yesterday"], "--since is 'yesterday'. Write a time such as"),
        (["--until", "2026-02-31"], "--until is '2026-02-31'. Write a time such as"),
        (["--since", "2026-02-02", "--until", "2026-02-01"], "--since is after --until."),
    ],
)
def test_pull_ends_with_2_when_used_wrongly(arguments, said):
    EventFactory(slug="conf")

    with pytest.raises(CommandError) as refused:
        call_command("pull_attendance", *arguments)

    assert (refused.value.returncode, str(refused.value)[: len(said)]) == (2, said)
    assert PullRun.objects.count() == 0


@pytest.mark.parametrize("arguments", [["--format", "pdf"], ["--level", "minute"], []])
def test_export_ends_with_2_when_used_wrongly(portal_env, arguments):
    event = [] if not arguments else ["conf"]
    assert manage(portal_env(), "export_attendance", *event, *arguments).returncode == 2


def test_export_writes_the_same_bytes_to_output_and_file(hold, portal_env, tmp_path):
    conference = hold()
    (room,) = conference.rooms
    conference.visit(room, conference.person("Ännchen"), 0, 20)
    call_command("pull_attendance", "conf")

    done = manage(portal_env(), "export_attendance", "conf", "--level", "stay")
    call_command("export_attendance", "conf", level="stay", output=tmp_path / "stays.csv")

    assert done.returncode == 0
    assert done.stdout == (tmp_path / "stays.csv").read_bytes()
    assert done.stdout.startswith(b"event,session_id,session_title,attendee_id,")
    assert "Ännchen".encode() in done.stdout
    assert done.stdout.count(b"\r\n") == done.stdout.count(b"\n") == 2


def test_export_writes_a_workbook(hold, tmp_path):
    conference = hold()
    conference.person("Ann")
    path = tmp_path / "people.xlsx"

    call_command("export_attendance", "conf", format="xlsx", output=path)

    rows = list(load_workbook(path).active.iter_rows(values_only=True))
    assert (len(rows), rows[0][0], rows[1][0], rows[1][10]) == (2, "event", "conf", "Ann")


def test_export_begins_with_a_byte_order_mark_on_request(portal_env, tmp_path):
    EventFactory(slug="conf")
    plain = manage(portal_env(), "export_attendance", "conf").stdout
    call_command("export_attendance", "conf", bom=True, output=tmp_path / "people.csv")

    assert manage(portal_env(), "export_attendance", "conf", "--bom").stdout == (
        b"\xef\xbb\xbf" + plain
    )
    assert (tmp_path / "people.csv").read_bytes() == b"\xef\xbb\xbf" + plain


def test_export_that_fails_leaves_the_file_of_before(tmp_path, monkeypatch):
    RegistrationFactory(event=EventFactory(slug="conf"))
    WebcastFactory(event=Event.objects.get())
    path = tmp_path / "people.csv"
    path.write_text("of before")

    def disk_full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("analytics.exports.csv_file.csv_text", disk_full)
    with pytest.raises(CommandError, match="cannot be written: No space left on device"):
        call_command("export_attendance", "conf", output=path)

    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [
        ("people.csv", "of before")
    ]


def test_export_says_when_it_cannot_write():
    EventFactory(slug="conf")
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        call_command("export_attendance", "conf", output=Path("/nowhere/at/all.csv"))
