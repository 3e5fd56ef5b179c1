"""Parameters as Kaltura reads them by their types.

Unknown properties are dropped, an objectType of another family is ignored, numbers
may be texts, ``name__null`` unsets and ``{"-": ""}`` empties a collection. Kaltura's:
api_v3/lib/KalturaRequestDeserializer.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from kaltura_simulator.api import schema
from kaltura_simulator.api.errors import ApiError

NULL = "__null"
#: Numbers as PHP finds them at the start of a text: behind its own blanks, in ASCII digits.
_NUMBER = re.compile(r"[ \t\n\r\v\f]*([+-]?[0-9]+)")
_FLOAT = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FALSE = frozenset({"", "0", "false"})


@dataclass
class SentObject:
    """An object as sent: its class, and the properties that were sent (None = unset it)."""

    object_type: str
    values: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        """A property, or ``default`` when it was not sent or sent as null."""
        value = self.values.get(name)
        return default if value is None else value

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def pop(self, name: str) -> Any:
        """Remove a property and return it."""
        return self.values.pop(name, None)

    def require(self, *names: str) -> None:
        """Refuse the object when one of these properties is missing."""
        for name in names:
            if self.values.get(name) is None:
                raise ApiError(
                    "PROPERTY_VALIDATION_CANNOT_BE_NULL", PROP_NAME=self.qualified_name(name)
                )

    def qualified_name(self, name: str) -> str:
        """``KalturaClass::property``, as errors name it."""
        return f"{self.object_type}::{name}"

    def check_length(
        self, name: str, least: int = 0, most: int | None = None, bare: bool = False
    ) -> None:
        """Refuse a text that is too short or too long; Kaltura counts bytes.

        Most errors name the class too; ``bare`` is for those that do not.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return
        size, named = len(value.encode()), name if bare else self.qualified_name(name)
        if size < least:
            raise ApiError("PROPERTY_VALIDATION_MIN_LENGTH", PROP_NAME=named, MIN_LEN=least)
        if most is not None and size > most:
            raise ApiError("PROPERTY_VALIDATION_MAX_LENGTH", PROP_NAME=named, MAX_LEN=most)

    def refuse_read_only(self) -> None:
        """Refuse read-only properties of a new object."""
        for name, prop in schema.properties(self.object_type).items():
            if prop.flag == schema.READ_ONLY and self.values.get(name) is not None:
                raise ApiError(
                    "PROPERTY_VALIDATION_NOT_UPDATABLE", PROP_NAME=self.qualified_name(name)
                )

    def refuse_read_only_changes(
        self, stored: dict[str, Any], strict: frozenset[str] = frozenset()
    ) -> None:
        """Refuse read-only and insert-only properties that differ from what is stored.

        Those named in ``strict`` are refused even when they are equal; the others are
        removed, so that sending an object back changes nothing.
        """
        for name, prop in schema.properties(self.object_type).items():
            if not prop.flag or name not in self.values:
                continue
            value = self.values.pop(name)
            same = value is None or str(value) == str(stored.get(name))
            if name in strict or not same:
                raise ApiError(
                    "PROPERTY_VALIDATION_NOT_UPDATABLE", PROP_NAME=self.qualified_name(name)
                )


def read_object(value: Any, declared: str, outer: str = "") -> SentObject:
    """An object of the declared class or one below it; ``outer`` is the parameter's name."""
    if isinstance(value, str) and value:
        raise ApiError("PROPERTY_VALIDATION_WRONG_FORMAT", PROP_NAME=outer, FORMAT="array")
    fields = value if isinstance(value, dict) else {}
    named = str(fields.get("objectType", ""))
    kind = named if schema.is_class(named) and schema.is_a(named, declared) else declared
    if kind in schema.ABSTRACT:
        raise ApiError("OBJECT_TYPE_ABSTRACT", OBJ_TYPE=kind)
    found = SentObject(kind)
    known = schema.properties(kind)
    for name, inner in fields.items():
        if name.endswith(NULL) and name[: -len(NULL)] in known:
            found.values[name[: -len(NULL)]] = None
        elif name in known:
            found.values[name] = _property(inner, known[name], outer)
    return found


def _property(value: Any, prop: schema.Property, outer: str) -> Any:
    """One property; an error about a text names the parameter that it is in."""
    if prop.type == "str" and isinstance(value, dict | list):
        named = f"{outer}:{prop.name}" if outer else prop.name
        raise ApiError("PROPERTY_VALIDATION_WRONG_FORMAT", PROP_NAME=named, FORMAT="array")
    return read_value(value, prop.type, prop.name)


def read_value(value: Any, kind: str, name: str) -> Any:
    """One value of a declared type."""
    if kind == "str":
        return _text(value, name)
    if kind == "int":
        return to_int(value)
    if kind == "bool":
        return to_bool(value)
    if kind == "float":
        found = _FLOAT.match(str(value))
        number = float(found[1]) if found else 0.0
        return number if isfinite(number) else 0.0
    if kind == "KalturaNullableBoolean":
        return _nullable_boolean(value, name)
    if schema.enum_values(kind) is not None:
        return _enum(value, kind, name)
    return _structure(value, kind, name)


def _text(value: Any, name: str) -> str:
    if value is None:
        raise ApiError("WRONG_REQUEST_LANGUAGE", LANGUAGE="N/A")
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, dict | list):
        raise ApiError("PROPERTY_VALIDATION_WRONG_FORMAT", PROP_NAME=name, FORMAT="array")
    text = str(value).encode("utf-8", "ignore").decode()
    if _CONTROL.search(text):
        raise ApiError("INVALID_PARAMETER_CHAR", XML_FIELD=name)
    return text


def to_int(value: Any) -> int:
    """A whole number as PHP reads it: what a text starts with, else 0."""
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, float):
        return int(value) if abs(value) < 1e300 else 0
    found = _NUMBER.match(str(value))
    number = int(found[1][:40]) if found else 0
    return max(-(2**63), min(2**63 - 1, number))


def to_bool(value: Any) -> bool:
    """A truth value: 1 and 0, true and false in any case."""
    return str(value).lower() not in _FALSE if not isinstance(value, bool) else value


def _nullable_boolean(value: Any, name: str) -> bool | None:
    text = str(value).lower()
    if text in {"1", "true"}:
        return True
    if text in {"0", "false", ""}:
        return False
    if text == "-1":
        return None
    raise _bad_enum(value, "KalturaNullableBoolean", name)


def _enum(value: Any, kind: str, name: str) -> int | str:
    """An enumeration's value; numbers stay numbers whatever the enumeration holds."""
    wanted = str(value)
    for known in schema.enum_values(kind) or []:
        if str(known) == wanted:
            return int(wanted) if re.fullmatch(r"-?\d{1,9}", wanted) else wanted
    raise _bad_enum(value, kind, name)


def _bad_enum(value: Any, kind: str, name: str) -> ApiError:
    return ApiError("INVALID_ENUM_VALUE", ENUM_VAL=value, PARAM_NAME=name, ENUM_TYPE=kind)


def _structure(value: Any, kind: str, name: str) -> Any:
    if kind.startswith("["):
        inner = kind.strip("[]") or "str"
        return [_item(piece, inner, name) for piece in _pieces(value)]
    if schema.is_class(kind):
        found = read_object(value, kind, name)
        return {"objectType": found.object_type, **found.values}
    return value if isinstance(value, dict) else {}


def _item(value: Any, kind: str, name: str) -> Any:
    return read_value(value, kind, name)


def _pieces(value: Any) -> list[Any]:
    """The items of an array: a list, or an object with the keys 0, 1, 2 ..."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    keys = sorted((key for key in value if str(key).isdecimal()), key=int)
    return [value[key] for key in keys]
