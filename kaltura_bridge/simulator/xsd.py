"""Holds XML documents to XML schemas, and words the faults as libxml does under PHP."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import Any

from lxml import etree

_PARSER_OPTIONS = {"resolve_entities": False, "no_network": True, "huge_tree": False}


def _parser() -> etree.XMLParser:
    return etree.XMLParser(**_PARSER_OPTIONS)  # type: ignore[arg-type]


@lru_cache(maxsize=128)
def _compiled(schema_text: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(schema_text.encode(), _parser()))


def schema_problem(schema_text: str) -> str:
    """Why this is no XML schema; empty when it is one."""
    try:
        _compiled(schema_text)
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, ValueError) as problem:
        return _escaped(str(problem))
    return ""


def problems(schema_text: str, document: str) -> str:
    """What is wrong with a document; empty when it fits."""
    try:
        tree = etree.fromstring(document.encode(), _parser())
    except (etree.XMLSyntaxError, ValueError) as problem:
        return _unreadable(problem, document)
    schema = _compiled(schema_text)
    if schema.validate(tree):
        return ""
    first = _log(schema.error_log)[0]
    return _escaped(f"{first.message}\n at line {first.line} [{_line(document, first.line)}]")


def _log(entries: Any) -> list[Any]:
    """libxml's complaints in order; its log can be walked, though its stubs do not say so."""
    return list(entries)


def _unreadable(problem: Exception, document: str) -> str:
    """The parser's first complaint, then the one of having no document at all."""
    log = _log(problem.error_log) if isinstance(problem, etree.XMLSyntaxError) else []
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
