"""Texts for people that no translator would ever see, because gettext is not told of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from django.utils.translation.template import templatize

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ("events", "kaltura_bridge", "analytics", "portal")
TEMPLATES: Final = ROOT / "templates"
# Commands speak English, and so does what only an operator reads.
ENGLISH: Final = re.compile(
    r"/(migrations|management|recipes|demo|seed|demo_data)/|/(doctor|checks|health|metrics)"
)

# --- Templates ---------------------------------------------------------------

_ATTRIBUTE: Final = re.compile(r'="((?:{%.*?%}|{{.*?}}|[^"])*)"', re.S)
_WRAPPED: Final = re.compile(
    r'{%\s*trans(?:late)?\s+"(.*?)"|{%\s*blocktrans(?:late)?\b.*?%}(.*?){%\s*endblock', re.S
)

_TRANSLATED: Final = re.compile(
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}|{%\s*comment\b.*?{%\s*endcomment\s*%}"
    r"|{%\s*block body_?class\s*%}.*?{%\s*endblock\s*%}|{#.*?#}",
    re.S,
)
_TOKEN: Final = re.compile(r"{%.*?%}|{{.*?}}", re.S)
_SPOKEN: Final = {"aria-label", "title", "placeholder", "alt", "data-label"}
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
# Names, which are the same in every language.
_NAMES: Final = re.compile(
    r"&\w+;|\b(UTC|CSV|PDF|ID|JSON|Kaltura|Newrow|Excel|BBB|OBS Studio)\b|\(?\.ics\)?|schedule\.(xml|json)|name@example\.org"
)
_SILENT: Final = {"script", "style", "code"}


class _Reader(HTMLParser):
    """Collects what a page says by itself, in text and in attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        given = dict(attrs)
        is_button = tag == "input" and given.get("type") == "submit"
        spoken = _SPOKEN | ({"value"} if is_button else set())
        self.found += [text for name, text in attrs if name in spoken and text]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def in_template(text: str) -> list[str]:
    """What a template says without ``translate``."""
    reader = _Reader()
    # A quote within a tag would end the attribute that the tag stands in.
    reader.feed(_TOKEN.sub("", _TRANSLATED.sub("", text)))
    reader.close()
    return [" ".join(each.split()) for each in reader.found if _WORD.search(_NAMES.sub("", each))]


# --- Python ------------------------------------------------------------------

_GETTEXT: Final = {
    "_",
    "gettext",
    "gettext_lazy",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "format_lazy",
}
_KEYWORDS: Final = {
    "label", "help_text", "short_description",
    "violation_error_message", "empty_label", "search_help_text", "delete_note",
}  # fmt: skip
_TOLD: Final = {"success", "info", "warning", "error"}


def in_python(source: str) -> list[str]:
    """What a module says to people without gettext: in forms, models, the admin, messages.

    Names of models and fields need none, see portal/i18n/naming.py.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        for text in _spoken(node):
            said = _text_of(text)
            if said is not None and _WORD.search(_NAMES.sub("", said)):
                found.append(said)
    return found


def _spoken(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.ClassDef) and any("Choices" in ast.unparse(b) for b in node.bases):
        for line in node.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
                yield line.value.elts[-1]
    # An app's ``label`` is its name for Django.
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in _KEYWORDS - {"label"}:
        yield node.value
    if not isinstance(node, ast.Call):
        return
    called = ast.unparse(node.func)
    yield from (each.value for each in node.keywords if each.arg in _KEYWORDS)
    if called in {"admin.action", "admin.display"}:
        yield from (each.value for each in node.keywords if each.arg == "description")
    if called.rpartition(".")[2] == "ValidationError":
        yield from node.args[:1]
    if called.startswith("messages.") and called.rpartition(".")[2] in _TOLD:
        yield from node.args[1:2]


def _text_of(node: ast.expr) -> str | None:
    """The fixed text of an expression, None when it is not one."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


# --- All of them ---------------------------------------------------------------


def sources() -> Iterator[Path]:
    """The Python files that speak to people."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not ENGLISH.search(f"/{path.relative_to(ROOT)}"):
                yield path


def templates() -> Iterator[Path]:
    yield from (path for path in sorted(TEMPLATES.rglob("*.*")) if path.suffix in {".html", ".txt"})


def wrapped_texts() -> set[str]:
    """The keys of all texts that gettext is told of, as compiled catalogues know them."""
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text("utf-8")
            if "translation" in source:
                found |= set(_keys(ast.parse(source)))
    for path in templates():
        found |= set(_keys_of_template(templatize(path.read_text("utf-8"))))
    return found


def _keys(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in _GETTEXT and node.args and (first := _constant(node.args[0])):
                plural = _constant(node.args[1]) if name.startswith("ng") else None
                yield f"{first}\0{plural}" if plural else first


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _keys_of_template(pseudo: str) -> Iterator[str]:
    """``templatize`` blanks all but the calls of gettext, which are Python."""
    for match in re.finditer(r"\b(?:ngettext|gettext|_)\(", pseudo):
        end = pseudo.find(")", match.end())
        while end >= 0:
            try:
                tree = ast.parse(pseudo[match.start() : end + 1].strip())
            except SyntaxError:
                end = pseudo.find(")", end + 1)
                continue
            yield from _keys(tree)
            break


def texts_in_attributes() -> set[str]:
    """The texts of templates that stand within the quotes of an attribute, as catalogues know them.

    Translations are put there as they are: a straight quote in one would end the attribute.
    """
    found = set()
    for path in TEMPLATES.rglob("*.html"):
        for attribute in _ATTRIBUTE.findall(path.read_text()):
            for plain, block in _WRAPPED.findall(attribute):
                named = re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", block)
                found |= {plain, *re.split(r"{%\s*plural\s*%}", named)} - {""}
    return found
