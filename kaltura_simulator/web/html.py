"""Pages from plain files: ``string.Template`` with every value escaped.

A value stands in a page only through :func:`fill`, which escapes it
unless it is :class:`Html`, that is, came out of ``fill`` itself. So no
name, title or reason that somebody typed can ever become markup.
"""

from collections.abc import Iterable
from html import escape as _escape
from pathlib import Path
from string import Template


class Html(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def escaped(value: object) -> Html:
    """``value`` as markup that reads exactly as it was typed."""
    return value if isinstance(value, Html) else Html(_escape(str(value), quote=True))


def fill(template: str, /, **values: object) -> Html:
    """``template`` with each ``$name`` replaced; a missing value raises KeyError."""
    return Html(Template(template).substitute({k: escaped(v) for k, v in values.items()}))


def joined(parts: Iterable[Html]) -> Html:
    """Several pieces of markup as one."""
    return Html("".join(parts))


class Templates:
    """The ``.html`` files of one folder, read once."""

    def __init__(self, folder: Path) -> None:
        self._texts = {path.stem: path.read_text("utf-8") for path in folder.glob("*.html")}

    def render(self, name: str, /, **values: object) -> Html:
        """The page or fragment ``name`` filled with ``values``."""
        return fill(self._texts[name], **values)
