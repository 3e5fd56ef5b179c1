"""The expressions in templates that are supported.

Kaltura evaluates PHP. These are the forms in its guides: properties of the object,
``{event.object.name}`` or ``$scope->getEvent()->getObject()->getName()``, quoted texts,
both joined with ``.``; and comparisons of those with ``==``, ``!=`` and ``in_array``,
joined with ``&&`` and ``||``.
"""

from __future__ import annotations

import re

from kaltura_simulator.notify.events import NotificationEvent

_PROPERTY = re.compile(
    r"\{event\.object\.(\w+)\}"
    r"|\$scope->get(?:Event\(\)->get)?Object\(\)->get(\w+)\(\)"
)
_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"|(-?\d+(?:\.\d+)?)|(true|false|null)", re.I)
_IN = re.compile(r"\s*in_array\s*\((.+?),\s*array\s*\((.*)\)\s*\)\s*", re.S)
_COMPARED = re.compile(r"(.+?)(===?|!==?)(.+)", re.S)
#: Getters whose property has another name in the API.
_NAMES = {"PuserId": "userId", "KuserId": "userId", "LengthInMsecs": "msDuration"}


class UnsupportedExpression(ValueError):
    """An expression of another form."""


def text(code: str, event: NotificationEvent) -> str:
    """The value of a string expression; other text is kept, with properties filled in."""
    try:
        return "".join(_value(part, event) for part in _parts(code))
    except UnsupportedExpression:
        return _PROPERTY.sub(lambda found: _property(found, event), code)


def truth(code: str, event: NotificationEvent) -> bool:
    """The value of a boolean expression. Raises UnsupportedExpression for other forms."""
    code = code.strip().rstrip(";")
    return any(
        all(_term(part, event) for part in alternative.split("&&"))
        for alternative in code.split("||")
    )


def _term(code: str, event: NotificationEvent) -> bool:
    code = code.strip()
    negated = code.startswith("!")
    code = code[1:].strip() if negated else code
    return _positive_term(code, event) != negated


def _positive_term(code: str, event: NotificationEvent) -> bool:
    among = _IN.fullmatch(code)
    if among:
        return _value(among[1], event) in [_value(v, event) for v in among[2].split(",") if v]
    compared = _COMPARED.fullmatch(code)
    if compared:
        same = _value(compared[1], event) == _value(compared[3], event)
        return same != compared[2].startswith("!")
    return _value(code, event).lower() not in {"", "0", "false", "null"}


def _parts(code: str) -> list[str]:
    """The operands of ``.``, which has no meaning inside quotes."""
    pieces = re.findall(r"'[^']*'|\"[^\"]*\"|\{[^}]*\}|\$[^'\".]+|[^'\".{$]+|\.", code)
    return [piece for piece in pieces if piece.strip() and piece != "."]


def _value(code: str, event: NotificationEvent) -> str:
    code = code.strip()
    found = _PROPERTY.fullmatch(code)
    if found:
        return _property(found, event)
    literal = _LITERAL.fullmatch(code)
    if not literal:
        raise UnsupportedExpression(code)
    return next(group for group in literal.groups() if group is not None)


def _property(found: re.Match[str], event: NotificationEvent) -> str:
    name = found[1] or _NAMES.get(found[2], found[2][:1].lower() + found[2][1:])
    value = event.after.get(name)
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)
