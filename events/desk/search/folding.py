"""Text as searches compare it, in the database: without case and accents.

"cafe" finds "Café" on both databases, with no extension: SQLite gets ``folded`` of Python as a
function of each connection, PostgreSQL says the same with its own functions.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.backends.signals import connection_created
from django.db.models import CharField, Func
from django.dispatch import receiver

from events.agenda.filters import folded

_FUNCTION: Final = "portal_folded"
# What Python's ``unicodedata.combining`` knows of the scripts that people write names in.
_MARKS: Final = (
    r"[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    r"\u064b-\u065f\u0670\u20d0-\u20ff]+"
)


class _FoldedLetters(dict[int, str]):
    """What ``folded`` makes of each letter, found once: it is asked for every row of a table."""

    def __missing__(self, code: int) -> str:
        self[code] = found = folded(chr(code))
        return found


_LETTERS: Final = _FoldedLetters()


@receiver(connection_created)
def add_function(connection: Any, **_more: Any) -> None:
    """Give a new connection to SQLite the function; ``None`` stays ``None``."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(_FUNCTION, 1, _folded, deterministic=True)


def _folded(text: str | None) -> str | None:
    if text is None:
        return None
    return text.lower() if text.isascii() else text.translate(_LETTERS)


class Folded(Func):
    """A column, or texts put together, as ``folded`` gives it."""

    arity = 1
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function=_FUNCTION, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = (
            "replace(replace(lower(regexp_replace("
            f"normalize(%(expressions)s, NFKD), '{_MARKS}', '', 'g')), 'ß', 'ss'), 'ς', 'σ')"
        )
        return self.as_sql(compiler, connection, template=template, **more)
