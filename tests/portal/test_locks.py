"""The locks hold what the .in files ask for."""

from packaging.requirements import Requirement

from tests import locks


def test_locks_fit_their_in_files():
    assert locks.problems() == []


def test_lock_check_sees_a_wrong_and_a_missing_pin(monkeypatch):
    monkeypatch.setattr(locks, "wanted", lambda name: [Requirement("a~=2.0"), Requirement("b")])
    monkeypatch.setattr(locks, "pinned", lambda name: {"a": "1.0"})

    assert locks.problems()[:2] == ["base.txt has 1.0 for: a~=2.0", "base.txt has nothing for: b"]
