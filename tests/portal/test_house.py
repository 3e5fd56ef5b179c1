"""The house check finds what it is there for, in a small made-up house."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import house


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def write(root: Path, **files: str) -> None:
    """Modules of the package ``hut`` and their text; ``_in_`` stands between folder and file."""
    for name, text in {"__init__": "", **files}.items():
        path = root / "hut" / f"{name.replace('_in_', '/')}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def test_files_that_import_each_other_are_a_circle(root):
    write(
        root,
        a="from hut import b",
        b="def late():\n    from hut.c import x",
        c="import hut.a; x = 1",
    )

    ring = house.circle("hut")

    assert (ring[0] == ring[-1], set(ring)) == (True, {"hut.a", "hut.b", "hut.c"})


def test_packages_may_use_each_others_files(root):
    write(
        root,
        one_in___init__="",
        one_in_low="",
        one_in_top="import hut.two.middle",
        two_in___init__="",
        two_in_middle="import hut.one.low",
    )

    assert house.circle("hut") == []


def test_folder_with_too_many_modules_is_named(root):
    write(root, **{f"m{number}": "" for number in range(26)})

    assert house.full_folders(root, "hut") == {"hut": 26}


def test_folder_that_is_just_full_is_not(root):
    write(root, **{f"m{number}": "" for number in range(25)})

    assert house.full_folders(root, "hut") == {}


def test_class_of_two_modules_is_named(root):
    write(root, a="class Row: ...\nclass Meta: ...", b="class Row: ...", c="class Command: ...")

    assert house.shared_names(root, "hut") == {"Row": ["hut/a.py", "hut/b.py"]}


def test_migrations_are_left_out(root):
    write(root, a="class Row: ...", migrations_in_m1="class Row: ...")

    assert house.shared_names(root, "hut") == {}


def test_browser_tests_wait_outside_of_the_page():
    """See ``wait_until``: Playwright's own waiting fails when there is something to wait for."""
    here = Path(__file__)
    texts = {
        path: path.read_text(encoding="utf-8") for path in (house.ROOT / "tests").rglob("*.py")
    }
    assert [
        str(path) for path, text in texts.items() if ".wait_for_function(" in text and path != here
    ] == []
