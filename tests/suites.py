"""Which tests ``make test`` runs, and which ``make proof``: each is in one of them, none in neither.

A test belongs to ``make proof`` when it is marked ``proof`` (exhaustive, so it takes long), or
on PostgreSQL when nothing about it is likely to differ there. Property tests of
``many`` examples are in both: ``make test`` tries a tenth of them.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, settings

TEST, PROOF, ALL = "test", "proof", "all"
NAMES: Final = (TEST, PROOF, ALL)
_FEW: Final = 10
_Test = TypeVar("_Test", bound=Callable[..., Any])

# Property tests run against no clock: two cores may be busy with other tests.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

#: The suite of this process; pytest alone, without ``--suite``, runs whatever it is told to.
current = ALL


def runs(marks: Set[str], suite: str, on_postgres: bool) -> bool:
    """Whether a test with these marks is one of the suite's on this database."""
    if on_postgres:
        belongs = bool(marks & {"postgres", "postgres_first", "postgres_only"})
        first = bool(marks & {"postgres_first", "postgres_only"})
    else:
        belongs, first = "postgres_only" not in marks, True
    first = first and "proof" not in marks
    in_suite = {
        TEST: first,
        PROOF: not first or "few_first" in marks,
        ALL: True,
    }
    return belongs and in_suite[suite]


def examples(number: int) -> int:
    """How many examples to try: ``number``, in ``make test`` a tenth of it."""
    return max(1, number // _FEW) if current == TEST else number


def many(number: int, **more: Any) -> Callable[[_Test], _Test]:
    """Decorates a property test that tries ``number`` examples, in ``make test`` a tenth of it.

    ``more`` are other settings of Hypothesis.
    """
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    options = {"suppress_health_check": quiet, **more}

    def decorate(test: _Test) -> _Test:
        return pytest.mark.few_first(settings(max_examples=examples(number), **options)(test))

    return decorate
