"""Whatever a file holds, an import ends in order: saved as it said, or nothing at all."""

from __future__ import annotations

import copy
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from events.models import Event, Session
from tests.events.test_imports import CAMP, CONGRESS, conference, everything, talk
from tests.suites import many

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

ZONE = "--timezone=Europe/Berlin"
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(["2026-03-29", "09:00", "99:99", "\0", "", "0001-01-01T00:00:00+14:00"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@contextmanager
def undone() -> Iterator[None]:
    """Each example begins with the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def apply_file(data: bytes, slug: str = "conf") -> tuple[dict[str, Any], int]:
    """The command as a shell would see it: a document and an exit code, never a traceback."""
    out, code = io.StringIO(), 0
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        try:
            call_command("import_agenda", slug, file.name, ZONE, "--apply", "--json", stdout=out)
        except CommandError as error:
            code = error.returncode
    return json.loads(out.getvalue()), code


def check(data: bytes) -> None:
    with undone():
        before = everything()
        document, code = apply_file(data)
        if document["applied"]:
            assert Session.objects.count() == document["new"] > 0
            assert code == (1 if document["rejected"] else 0)
            again, _ = apply_file(data)
            assert (again["new"], again["changed"], again["removed"]) == (0, 0, 0)
            assert again["unchanged"] == document["new"]
        else:
            assert (code, everything()) == (1, before)


@many(80, derandomize=True)
@given(st.binary(max_size=200))
def test_import_of_any_bytes_ends_in_order(data):
    check(data)


@many(80, derandomize=True)
@given(JUNK)
def test_import_of_any_json_ends_in_order(junk):
    check(json.dumps(junk).encode())
    check(json.dumps({"schedule": {"conference": junk}}).encode())


def places(thing: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a JSON document."""
    if path:
        yield path
    children = thing.items() if isinstance(thing, dict) else enumerate(thing)
    if isinstance(thing, dict | list):
        for key, child in children:
            yield from (
                places(child, (*path, key)) if isinstance(child, dict | list) else [(*path, key)]
            )


BASE = conference(talk(), talk(guid="g-2", title="Second"), talk(guid="g-3", title="Third"))


@many(250, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(list(places(BASE))), JUNK), min_size=1, max_size=3))
def test_import_with_any_value_replaced_ends_in_order(damages):
    document = copy.deepcopy(BASE)
    for path, junk in damages:
        parent: Any = document
        for key in path[:-1]:
            parent = parent[key] if isinstance(parent, dict | list) and _has(parent, key) else {}
        if isinstance(parent, dict | list) and _has(parent, path[-1]):
            parent[path[-1]] = junk
    check(json.dumps(document).encode())


def _has(parent: Any, key: Any) -> bool:
    if isinstance(parent, list):
        return isinstance(key, int) and key < len(parent)
    return key in parent


@many(40, derandomize=True)
@given(st.data())
def test_import_of_a_damaged_real_file_ends_in_order(data):
    path = data.draw(st.sampled_from([CONGRESS, CAMP]))
    # The head of a real file with its first talks: quick to read, all of its forms present.
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    kind = data.draw(st.sampled_from(["cut", "flip", "insert", "drop"]))
    if kind == "cut":
        del whole[place:]
    elif kind == "flip":
        whole[place] ^= data.draw(st.integers(1, 255))
    elif kind == "insert":
        whole[place:place] = data.draw(st.binary(min_size=1, max_size=6))
    else:
        del whole[place : place + data.draw(st.integers(1, 40))]
    with undone():
        before = everything()
        document, code = dry_run(bytes(whole))
        assert (everything(), document["applied"]) == (before, False)
        assert code == (1 if document["rejected"] or document.get("error") else 0)


def dry_run(data: bytes) -> tuple[dict[str, Any], int]:
    out, code = io.StringIO(), 0
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        try:
            call_command("import_agenda", "real", file.name, ZONE, "--json", stdout=out)
        except CommandError as error:
            code = error.returncode
    return json.loads(out.getvalue()), code


def test_import_that_fails_half_way_leaves_nothing_behind():
    """Something refuses the second session: the event, the first session, all of it goes."""
    from events import signals

    seen: list[Any] = []

    def refuse(**kwargs: Any) -> None:
        seen.append(kwargs["instance"])
        if kwargs["instance"].title == "Second":
            raise RuntimeError("refused")

    signals.session_changed.connect(refuse)
    try:
        with pytest.raises(RuntimeError), transaction.atomic():
            apply_file(json.dumps(BASE).encode())
    finally:
        signals.session_changed.disconnect(refuse)

    assert len(seen) > 1
    assert (Event.objects.count(), Session.objects.count()) == (0, 0)
