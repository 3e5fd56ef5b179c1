"""An import is saved whole or not at all, quickly, and beside whatever else happens."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from events.actions import save_planned, set_bookmark
from events.changes import changes
from events.holders import this_machine
from events.imports import load
from events.imports.apply import EventChanged, PreparedImport
from events.imports.diff import plan_import
from events.imports.rows import agenda_of
from events.imports.runs import ImportBusy, end_saved, running_import
from events.models import Event, ImportRun, ImportState, Session, SessionSpeaker, Speaker
from kaltura_bridge.models import SyncTarget
from tests.events.support.big_schedule import big_schedule
from tests.events.test_imports import conference, counts, everything, run, run_json, talk
from tests.factories import SessionFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(document: dict[str, Any], name: str = "schedule.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(document))
        return path

    return write


# --- Edits meanwhile ---------------------------------------------------------


class Interrupted(io.StringIO):
    """Standard output; somebody does something as soon as the report is shown."""

    def __init__(self, what: Callable[[], object]) -> None:
        super().__init__()
        self.what: Callable[[], object] | None = what

    def write(self, text: str) -> int:
        what, self.what = self.what, None
        if what:
            what()
        return super().write(text)


def run_interrupted(path: Path, what: Callable[[], object]) -> str:
    """Import ``path`` into conf, with an interruption between the plan and its saving."""
    try:
        call_command("import_agenda", "conf", str(path), "--apply", stdout=Interrupted(what))
    except CommandError as error:
        assert error.returncode == 1
        return str(error)
    return ""


def edit(title: str, **fields: object) -> None:
    session = Session.objects.get(title=title)
    for name, value in fields.items():
        setattr(session, name, value)
    save_planned(session)


CEM = {"id": 9, "public_name": "Cem"}
FIRST = conference(
    talk(), talk(guid="g-2", title="Second"), talk(guid="g-3", title="Third", persons=[CEM])
)
ADA, BEN = {"id": 7, "public_name": "Ada L."}, {"id": 8, "public_name": "Ben"}
SECOND = conference(
    talk(title="Opened", date="2026-03-29T12:00:00+02:00", track="Other", persons=[ADA]),
    talk(guid="g-2", title="Second", persons=[BEN, ADA]),
    talk(guid="g-4", title="Fourth", persons=[CEM]),
)


def test_edit_of_what_the_import_writes_is_kept_and_nothing_is_saved(written):
    run("conf", written(FIRST), "--apply")
    path = written(SECOND)

    said = run_interrupted(path, lambda: edit("Opening", abstract="By hand"))

    assert said == (
        "The event was changed by someone else meanwhile (“Opened” was edited or deleted "
        "meanwhile.). Nothing was saved; run the command again."
    )
    assert sorted(Session.objects.values_list("title", "abstract")) == [
        ("Opening", "By hand"), ("Second", "Hello"), ("Third", "Hello"),
    ]  # fmt: skip
    assert ImportRun.objects.first().state == ImportState.REFUSED
    assert run_interrupted(path, lambda: None) == ""


def test_edit_of_what_the_import_leaves_alone_is_kept_beside_it(written):
    run("conf", written(FIRST), "--apply")
    event = Event.objects.get()

    def edits() -> None:
        cem = Speaker.objects.get(name="Cem")
        cem.biography = "By hand"
        save_planned(cem)
        edit("Second", session_type="webinar")
        SessionFactory(event=event, title="By hand", slug="fourth")

    said = run_interrupted(written(SECOND), edits)

    assert said == ""
    assert set(Session.objects.values_list("title", "session_type", "slug")) == {
        ("Opened", "webcast", "opening"),
        ("Second", "webinar", "second"),
        ("Third", "webcast", "third"),
        ("Fourth", "webcast", "fourth-2"),
        ("By hand", "webcast", "fourth"),
    }
    on_stage = SessionSpeaker.objects.order_by("session__title", "position")
    assert list(on_stage.values_list("session__title", "speaker__name", "speaker__biography")) == [
        ("Fourth", "Cem", "By hand"),
        ("Opened", "Ada L.", ""),
        ("Second", "Ben", ""),
        ("Second", "Ada L.", ""),
        ("Third", "Cem", "By hand"),
    ]


@pytest.mark.parametrize(
    "what",
    [
        lambda: Session.objects.get(title="Third").delete(),
        lambda: Session.objects.get(title="Second").delete(),
        lambda: Speaker.objects.get(name="Ada").delete(),
        lambda: SessionSpeaker.objects.filter(session__title="Second").delete(),
        lambda: Session.objects.get(title="Opening").event.delete(),
        lambda: SessionFactory(event=Event.objects.get(), external_id="g-4"),
        lambda: edit("Third", language="de"),
    ],
)
def test_whatever_contradicts_the_import_meanwhile_lets_nothing_be_saved(written, what):
    run("conf", written(FIRST), "--apply")
    path, after = written(SECOND), []

    def interrupt() -> None:
        what()
        after.append(everything())

    said = run_interrupted(path, interrupt)

    assert said.startswith("The event was changed by someone else meanwhile")
    assert everything() == after[0]


# --- Two imports at once -----------------------------------------------------


def test_second_import_says_who_imports_since_when(written):
    path = written(FIRST)
    with running_import("conf", "spring.xml") as first:
        document, code = run_json("conf", path, "--apply")
        dry, dry_code = run_json("conf", path)
        other, other_code = run_json("other", path, "--apply")

    assert (code, document["applied"]) == (1, False)
    assert document["error"] == (
        f"{first.started_by} is importing spring.xml into conf since "
        f"{first.started_at:%Y-%m-%d %H:%M:%S} UTC. Wait for its end and run this again; should "
        f"that machine be gone, the event is free at {first.lease_until:%H:%M:%S} UTC. "
        "Nothing was saved."
    )
    assert f"(process {os.getpid()})" in first.started_by
    assert (dry_code, counts(dry), other_code, other["applied"]) == (0, (3, 0, 0, 0, 0), 0, True)
    assert run_json("conf", path, "--apply")[0]["applied"] is True


@pytest.mark.parametrize(
    ("holder", "minutes", "is_free"),
    [
        ("elsewhere|1|1|x", 5, False),
        ("elsewhere|1|1|x", -1, True),
        ("HERE|999999999|1|x", 5, True),
        ("HERE|1|1|x", 5, True),  # Its number is another process's now.
    ],
)
def test_import_of_the_dead_holds_nobody_up(written, holder, minutes, is_free):
    until = timezone.now() + timedelta(minutes=minutes)
    holder = holder.replace("HERE", this_machine())
    dead = ImportRun.objects.create(
        slug="conf", file="f", started_by="ada@elsewhere", holder=holder, lease_until=until
    )

    document, code = run_json("conf", written(FIRST), "--apply")

    dead.refresh_from_db()
    assert (document["applied"], code, dead.state) == (
        (True, 0, "abandoned") if is_free else (False, 1, "running")
    )


def test_import_that_lost_its_lease_saves_nothing(written):
    run("conf", written(FIRST), "--apply")
    event, before = Event.objects.get(), everything()
    plan = plan_import(agenda_of(load(written(SECOND)), event.zone), event, "webcast")

    with running_import("conf", "slow.json") as slow:
        ImportRun.objects.filter(pk=slow.pk).update(lease_until=timezone.now())
        with (
            running_import("conf", "quick.json"),
            pytest.raises(ImportBusy, match="lost its turn"),
            changes(),
        ):
            end_saved(slow, PreparedImport(plan).save(), "")

    assert everything() == before


def test_each_import_is_remembered_with_its_outcome(written):
    run("conf", written(FIRST), "--apply")
    run("conf", written(FIRST))
    run("conf", written(conference(talk(title=""))), "--apply")
    run("conf", written(conference(talk(guid="x"), acronym="other")), "--apply")

    about = ImportRun.objects.order_by("pk").values_list("state", "outcome", "event__slug")
    assert [*about[:2]] == [
        ("saved", "3 new, 0 changed, 0 removed, 0 unchanged, 0 rejected.", "conf"),
        ("refused", "No row could be read.", "conf"),
    ]
    assert (len(about), about[2][0]) == (3, "refused")
    assert "The file is the schedule of “other”" in about[2][1]


# --- kill -9 -----------------------------------------------------------------


def import_and_die(path: Path, at: int) -> bool:
    """Import in a child that is killed before its statement number ``at``; whether it came to it.

    Statement 0 is the first that the transaction sends; the commit and what follows it count.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            _die_at(at)
            call_command("import_agenda", "conf", str(path), "--apply", stdout=io.StringIO())
        except BaseException:
            traceback.print_exc()
            os._exit(70)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "the import failed by itself"
    return os.WIFSIGNALED(status)


def _die_at(at: int) -> None:
    left = [at]

    def step() -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    def execute(run: Any, *args: Any) -> Any:
        step()
        return run(*args)

    connection.execute_wrappers.append(execute)
    commit = connection._commit

    def committed() -> None:
        step()
        commit()
        step()

    connection._commit = committed


def targets() -> dict[str, int]:
    return dict(SyncTarget.objects.values_list("title", "version"))


def test_import_killed_at_any_statement_is_whole_or_nothing(written):
    run("conf", written(FIRST), "--apply")
    before, told = everything(), targets()
    path, at, states = written(SECOND), 0, []

    while import_and_die(path, at):
        states.append(everything() == before)
        assert (targets() == told) is states[-1]
        if not states[-1]:
            break
        at += 1

    # All along nothing, then all of it; and it is told once.
    assert len(states) > 20
    assert states == [True] * (len(states) - 1) + [False]
    assert targets() == {
        "The Conf": 1, "Main": 1, "Other": 1, "Opened": 2, "Second": 2, "Third": 2, "Fourth": 1,
    }  # fmt: skip
    document, code = run_json("conf", path, "--apply")
    assert (counts(document), code) == ((0, 0, 0, 3, 0), 0)


def test_import_killed_early_is_done_by_the_next(written):
    run("conf", written(FIRST), "--apply")
    path = written(SECOND)

    assert import_and_die(path, 15)
    document, code = run_json("conf", path, "--apply")

    assert (counts(document), document["applied"], code) == ((1, 2, 1, 0, 0), True, 0)
    assert list(ImportRun.objects.values_list("state", flat=True)) == [
        "saved",
        "abandoned",
        "saved",
    ]


# --- Many rows ---------------------------------------------------------------


def test_many_rows_are_written_as_one_by_one(written):
    """Slugs, order on stage and times are those that saving each by itself gives."""
    rows = [
        talk(guid=f"g-{n}", title="Lunch", persons=[{"id": n, "name": "Ada"}]) for n in range(1, 4)
    ]

    run("conf", written(conference(*rows)), "--apply")

    assert list(Session.objects.order_by("pk").values_list("slug", "external_id")) == [
        ("lunch", "g-1"), ("lunch-2", "g-2"), ("lunch-3", "g-3"),
    ]  # fmt: skip
    assert list(Speaker.objects.order_by("pk").values_list("slug", flat=True)) == [
        "ada",
        "ada-2",
        "ada-3",
    ]
    for session in Session.objects.all():
        session.full_clean()
        assert session.created_at == session.updated_at
    assert {s.track.name for s in Session.objects.all()} == {"Main"}


def test_many_sessions_change_in_few_statements(written, django_assert_max_num_queries):
    document = big_schedule(300)
    run("conf", written(document), "--apply")
    for day in document["schedule"]["conference"]["days"]:
        for number, row in enumerate(row for rows in day["rooms"].values() for row in rows):
            row["title"] = f"Changed {row['guid']}"
            if number % 2:
                row["persons"].reverse()

    with django_assert_max_num_queries(45):
        changed, code = run_json("conf", written(document), "--apply")

    assert (counts(changed), changed["applied"], code) == ((0, 300, 0, 0, 0), True, 0)
    assert run_json("conf", written(document))[0]["unchanged"] == 300


def test_stale_rows_among_many_are_named(written):
    document = big_schedule(1100)
    run("conf", written(document), "--apply")
    event = Event.objects.get()
    for day in document["schedule"]["conference"]["days"]:
        for row in (row for rows in day["rooms"].values() for row in rows):
            row["title"] = f"T {row['id']}"
    plan = plan_import(agenda_of(load(written(document)), event.zone), event, "webcast")
    for session in Session.objects.filter(external_id__endswith="77"):
        save_planned(session)

    with pytest.raises(EventChanged) as refused:
        PreparedImport(plan).save()

    assert str(refused.value) == (
        "“T 78”, “T 178”, “T 278” and 8 more were edited or deleted meanwhile."
    )
    assert not Session.objects.filter(title__startswith="T ").exists()


# --- How long, how large -----------------------------------------------------


def importing(slug: str, path: Path, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """The command in a process of its own, on this test's database."""
    database = connection.settings_dict
    code = (
        "import os, re, sys, django\n"
        "from tests import settings\n"
        "settings.DATABASES['default'].update(NAME=os.environ['NAME'])\n"
        "django.setup()\n"
        "from django.core.management import call_command\n"
        # Not getrusage: its maximum is that of the parent, too.
        "def peak(): return re.search(r'VmHWM:\\s*(\\d+)', open('/proc/self/status').read())[1]\n"
        "base = peak()\n"
        f"call_command('import_agenda', {slug!r}, {str(path)!r}, '--apply', '--json', stdout=sys.stderr)\n"
        "print(base, peak())\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            **os.environ,
            "NAME": str(database["NAME"]),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def longest_star(process: subprocess.Popen[str], event: Event) -> float:
    """Seconds that the slowest favourite took while the process ran; the agenda is read as well."""
    user, session = UserFactory(), SessionFactory(event=event)
    slowest, kept = 0.0, True
    while process.poll() is None:
        began = time.monotonic()
        set_bookmark(user, session, kept)
        slowest, kept = max(slowest, time.monotonic() - began), not kept
        # Nobody sees a part of the new programme.
        assert Session.objects.filter(event__slug="big").count() in (0, 900)
        time.sleep(0.02)
    return slowest


def used_cpu_s() -> float:
    """What the children that have ended used of the processor."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_favourite_does_not_wait_for_an_import(written):
    """Half a second on a machine that has nothing else to do; more as others take its time."""
    path, event = written(big_schedule(900)), SessionFactory().event
    waits = []
    for _ in range(3):
        Event.objects.filter(slug="big").delete()
        began, cpu = time.monotonic(), used_cpu_s()
        with importing("big", path) as process:
            wait = longest_star(process, event)
        slowed = (time.monotonic() - began) / (used_cpu_s() - cpu)
        assert (process.returncode, Session.objects.filter(event__slug="big").count()) == (0, 900)
        waits.append(wait / max(slowed, 1))
        print(f"A favourite waits {wait:.2f} s for 900 talks, all slowed down {slowed:.1f} times.")
        if waits[-1] < 0.5:
            break

    assert min(waits) < 0.5


@pytest.mark.proof
def test_five_thousand_talks_come_in_within_memory_and_time(written):
    path = written(big_schedule(5000))
    began = time.monotonic()
    with importing("big", path) as process:
        said, _ = process.communicate(timeout=200)
    seconds = time.monotonic() - began
    base, peak = (int(kib) / 1024 for kib in said.split())

    print(
        f"5,000 talks in {seconds:.1f} s, {peak:.0f} MB at most, {peak - base:.0f} MB of them for the import."
    )
    assert Session.objects.filter(event__slug="big").count() == 5000
    assert (seconds < 120, peak - base < 200) == (True, True)
    again, code = run_json("big", path, "--apply")
    assert (counts(again), code) == ((0, 0, 0, 5000, 0), 0)
