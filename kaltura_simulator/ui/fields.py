"""The fields of the console's forms: how a property is shown, and what is sent of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

#: What stood in a field when its form was shown comes back under this name.
WAS = "was."
Choice = tuple[int, str]


class Unreadable(ValueError):
    """What was typed cannot be sent; the text says what to type."""


@dataclass(frozen=True)
class Field:
    """A property of Kaltura's that a person may change."""

    name: str
    words: str
    kind: Literal["line", "lines", "document", "moment", "choice"] = "line"
    hint: str = ""
    choices: tuple[Choice, ...] = ()

    def shown(self, value: Any) -> str:
        """What stands in the form for a stored value."""
        if value is None:
            return ""
        if self.kind == "moment":
            return _moment_text(int(value))
        return _lines(str(value)) if self.kind != "line" else " ".join(str(value).splitlines())

    def read(self, text: str) -> str | int:
        """What is sent for a text; times become Unix seconds. Raises Unreadable."""
        if self.kind == "moment":
            return self._moment(text)
        if self.kind == "choice":
            return next((value for value, _ in self.choices if str(value) == text), text)
        return _lines(text)

    def _moment(self, text: str) -> int:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as problem:
            raise Unreadable(
                f"{self.words}: give a date and a time in UTC, such as 2030-05-06T09:10:00."
            ) from problem
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())

    def differs(self, text: str, was: str) -> bool:
        """Whether somebody changed the field; browsers write the same time in two ways."""
        if self.kind == "moment":
            with suppress(Unreadable):
                return self.read(text) != self.read(was)
        return _lines(text) != _lines(was)


def changes(fields: Iterable[Field], form: Mapping[str, str]) -> dict[str, str | int]:
    """The properties that differ from what the form showed, by name; the others are not sent.

    So a change that somebody else made meanwhile is not undone. Raises Unreadable.
    """
    return {
        field.name: field.read(form[field.name])
        for field in fields
        if field.name in form and field.differs(form[field.name], form.get(WAS + field.name, ""))
    }


def _lines(text: str) -> str:
    """A text with the line ends that it has at Kaltura; browsers send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _moment_text(unix: int) -> str:
    """A moment in UTC as a browser's field for date and time writes it."""
    with suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(unix, UTC).replace(tzinfo=None).isoformat()
    return ""
