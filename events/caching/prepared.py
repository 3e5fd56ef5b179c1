"""A query whose SQL is written once, and asked again and again with other values.

Django takes longer to write a query with several subqueries than PostgreSQL to answer it, and
the one that says what a person is to an event stands before every page. The query is the
same as ever, and Django makes its rows; only the writing is left out.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.db import connections, models, router
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

Row = TypeVar("Row", bound=models.Model)


class PreparedQuery(Generic[Row]):
    """``build`` makes the query, with stand-ins for the values that differ each time.

    A stand-in is a value that nothing else in the query can be equal to.
    """

    def __init__(self, model: type[Row], build: Callable[[], QuerySet[Row]]) -> None:
        self._model, self._build = model, build
        self._written = cache(self._write)

    def first(self, values: Mapping[Any, Any]) -> Row | None:
        """The first row, with each stand-in replaced by its value; None when there is none."""
        using = router.db_for_read(self._model)
        compiler, sql, params = self._written(using)
        asked = copy.copy(compiler)
        asked.connection = connections[using]
        given = tuple(values.get(param, param) for param in params)
        asked.as_sql = lambda *_, **__: (sql, given)
        source = SimpleNamespace(
            db=using,
            query=SimpleNamespace(get_compiler=lambda using: asked),
            _known_related_objects={},
        )
        rows: list[Row] = list(ModelIterable(source))  # type: ignore[arg-type]
        return rows[0] if rows else None

    def _write(self, using: str) -> tuple[Any, str, tuple[Any, ...]]:
        compiler = self._build()[:1].query.get_compiler(using=using)
        sql, params = compiler.as_sql()
        return compiler, sql, tuple(params)
