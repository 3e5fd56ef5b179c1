"""HTML from template files: ``string.Template`` with every value escaped.

Values get into a page only through :func:`fill`, which escapes them unless they are
:class:`Html`, that is, came out of ``fill`` itself. So nothing that somebody typed can
become markup.
"""

from collections.abc import Iterable
from html import escape as _escape
from pathlib import Path
from string import Template


class Html(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def escaped(value: object) -> Html:
    """``value`` as HTML text."""
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
