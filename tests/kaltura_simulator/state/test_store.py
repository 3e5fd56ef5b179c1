"""The store: what it keeps, when lists show it, what it recovers after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from kaltura_simulator.state.store import Store, StoreInUse


class Steady:
    """A clock for background work, moved by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def store(tmp_path: Path, steady: Steady) -> Store:
    return Store(str(tmp_path / "k.sqlite3"), steady, index_delay_s=5)


def test_store_lists_a_new_object_after_the_index_delay(store, steady):
    store.put(1, "entry", "0_a", {"name": "a"})

    assert (store.get(1, "entry", "0_a"), store.listed(1, "entry")) == ({"name": "a"}, [])
    steady.now += 5
    assert store.listed(1, "entry") == [{"name": "a"}]


def test_store_keeps_showing_the_old_version_until_the_index_knows(store, steady):
    store.put(1, "entry", "0_a", {"name": "old"})
    steady.now += 10
    store.put(1, "entry", "0_a", {"name": "new"})
    steady.now += 1
    store.put(1, "entry", "0_a", {"name": "newest"})

    seen = []
    for _ in range(3):
        seen.append(store.listed(1, "entry"))
        steady.now += 4
    assert seen == [[{"name": "old"}], [{"name": "new"}], [{"name": "newest"}]]


def test_store_keeps_showing_a_deleted_object_until_the_index_knows(store, steady):
    store.put(1, "entry", "0_a", {"name": "a"})
    steady.now += 10
    store.delete(1, "entry", "0_a")

    assert (store.get(1, "entry", "0_a"), store.listed(1, "entry")) == (None, [{"name": "a"}])
    steady.now += 5
    assert store.listed(1, "entry") == []


def test_store_lists_kinds_without_an_index_at_once(store):
    store.put(1, "schedule_resource", 7, {"id": 7})

    assert store.listed(1, "schedule_resource") == [{"id": 7}]


def test_store_shortens_the_delay_for_what_already_waits(store, steady):
    store.put(1, "entry", "0_a", {"name": "a"})

    store.set_index_delay(0)

    assert store.listed(1, "entry") == [{"name": "a"}]


def test_store_undoes_a_transaction_that_fails(store, tmp_path, steady):
    store.put(1, "category", 1, {"name": "before"})

    with pytest.raises(RuntimeError), store.transaction():
        store.change(1, "category", 1, name="within")
        store.put(1, "category", 2, {"name": "new"})
        raise RuntimeError("failed")

    store.close()
    again = Store(str(tmp_path / "k.sqlite3"), steady)
    assert store.all(1, "category") == again.all(1, "category") == [{"name": "before"}]


def test_store_belongs_to_one_process_at_a_time(store, steady, monkeypatch):
    monkeypatch.setattr("kaltura_simulator.state.store.LOCK_S", 0.1)

    with pytest.raises(StoreInUse, match="in use by another simulator"):
        Store(store.path, steady)


def test_store_finds_everything_again_when_opened_anew(store, tmp_path, steady):
    store.put(1, "entry", "0_a", {"name": "old"})
    steady.now += 10
    store.put(1, "entry", "0_a", {"name": "new", "tags": ["é", None, 1.5]})
    store.set_setting("clock", {"offset_s": 3})

    store.close()
    again = Store(str(tmp_path / "k.sqlite3"), steady, index_delay_s=5)

    assert again.get(1, "entry", "0_a") == {"name": "new", "tags": ["é", None, 1.5]}
    assert again.listed(1, "entry") == [{"name": "old"}]
    assert again.setting("clock") == {"offset_s": 3}


def test_store_never_gives_a_number_twice(store, tmp_path, steady):
    first = [store.next_id("category") for _ in range(3)]
    store.close()
    again = Store(str(tmp_path / "k.sqlite3"), steady)

    assert len({*first, again.next_id("category"), again.next_id("category")}) == 5


def test_store_keeps_partners_apart(store):
    store.put(1, "category", 1, {"name": "one"})
    store.put(2, "category", 1, {"name": "two"})

    assert (store.all(1, "category"), store.partners()) == ([{"name": "one"}], [1, 2])


def test_store_is_empty_after_clear_in_memory_and_in_the_file(store, tmp_path, steady):
    store.put(1, "category", 1, {"name": "one"})

    store.clear()

    store.close()
    again = Store(str(tmp_path / "k.sqlite3"), steady)
    assert (store.all(1, "category"), again.all(1, "category")) == ([], [])


def test_store_looks_objects_up_by_what_they_are_and_by_what_lists_show(store, steady):
    store.put(1, "schedule_event", 7, {"id": 7, "templateEntryId": "0_a"})
    steady.now += 10
    store.put(1, "schedule_event", 7, {"id": 7, "templateEntryId": "0_b"})

    def found(value, listed):
        return [row["id"] for row in store.where(1, "schedule_event", value, listed)]

    assert [found("0_a", False), found("0_b", False)] == [[], [7]]
    assert [found("0_a", True), found("0_b", True)] == [[7], []]


def test_store_looks_objects_up_after_opening_anew(store, tmp_path, steady):
    store.put(1, "metadata", 7, {"id": 7, "objectId": "0_a"})
    store.close()
    again = Store(str(tmp_path / "k.sqlite3"), steady)
    assert again.where(1, "metadata", "0_a") == [{"id": 7, "objectId": "0_a"}]
