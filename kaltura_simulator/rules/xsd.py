"""Validates XML documents by XML schemas, with error messages as libxml gives them under PHP.

Kaltura's: infra/general/kXsd.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

import html
from functools import lru_cache
from typing import Any

from lxml import etree

NUMBER_TYPES = frozenset({"dateType", "intType"})
_PARSER_OPTIONS = {"resolve_entities": False, "no_network": True, "huge_tree": False}


def _parser() -> etree.XMLParser:
    return etree.XMLParser(**_PARSER_OPTIONS)  # type: ignore[arg-type]


@lru_cache(maxsize=128)
def _compiled(schema_text: str) -> etree.XMLSchema:
    return etree.XMLSchema(parsed(schema_text))


def parsed(document: str) -> etree._Element:
    """A document as a tree, without resolving entities."""
    return etree.fromstring(document.encode(), _parser())


def element_names(schema_text: str) -> frozenset[str]:
    """The names of all elements that a schema declares."""
    found = parsed(schema_text).iter("{http://www.w3.org/2001/XMLSchema}element")
    return frozenset(str(element.get("name") or element.get("ref")) for element in found)


def leaves(schema_text: str) -> list[tuple[str, ...]]:
    """The elements that hold a value, each as the names from the root down to it."""
    tag = "{http://www.w3.org/2001/XMLSchema}element"
    found = []
    for element in parsed(schema_text).iter(tag):
        if element.find(f".//{tag}") is None:
            above = [str(outer.get("name")) for outer in element.iterancestors(tag)]
            found.append((*reversed(above), str(element.get("name"))))
    return found


def schema_problem(schema_text: str) -> str:
    """Why this is not an XML schema; empty when it is one."""
    try:
        _compiled(schema_text)
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, ValueError) as problem:
        return _escaped(str(problem))
    return ""


def problems(schema_text: str, document: str) -> str:
    """What is wrong with a document; empty when it is valid."""
    parser = _parser()
    try:
        tree = etree.fromstring(document.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        return _unreadable(problem, _log(parser.error_log), document)
    schema = _compiled(schema_text)
    try:
        fits = schema.validate(tree)
    except etree.XMLSchemaValidateError as problem:
        return _escaped(str(problem))
    if fits:
        return _padded_number(schema_text, document, tree)
    first = _log(schema.error_log)[0]
    return _escaped(f"{first.message}\n at line {first.line} [{_line(document, first.line)}]")


def _padded_number(schema_text: str, document: str, tree: etree._Element) -> str:
    """Refuse spaces around numbers, which Kaltura does although XML schemas allow them."""
    numbers = _number_elements(schema_text)
    for element in tree.iter():
        text, kind = element.text or "", numbers.get(str(element.tag))
        if kind and text != text.strip():
            fault = f"'{text}' is not a valid value of the atomic type '{kind}'."
            line = int(str(element.sourceline or 1))
            where = f"\n at line {line} [{_line(document, line)}]"
            return _escaped(f"Element '{element.tag}': {fault}{where}")
    return ""


@lru_cache(maxsize=128)
def _number_elements(schema_text: str) -> dict[str, str]:
    """The elements that hold numbers, with their type, by Kaltura's type names."""
    schema = parsed(schema_text)
    found = schema.iter("{http://www.w3.org/2001/XMLSchema}element")
    typed = ((str(element.get("name")), str(element.get("type"))) for element in found)
    return {name: kind for name, kind in typed if kind in NUMBER_TYPES}


def _log(entries: Any) -> list[Any]:
    """libxml's errors in order; the log is iterable, although the stubs do not say so."""
    return list(entries)


def _unreadable(problem: Exception, log: list[Any], document: str) -> str:
    """The parser's first error, followed by PHP's message about a missing document."""
    message, line = (log[0].message, log[0].line) if log else (str(problem), 1)
    return _escaped(
        f"{message}\n at line {line} [{_line(document, line)}]\n"
        "The document has no document element.\n at line -1 "
    )


def _line(document: str, number: int) -> str:
    lines = document.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _escaped(text: str) -> str:
    return html.escape(text).replace("&#x27;", "&#039;")
