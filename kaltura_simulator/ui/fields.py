"""The fields of the console's forms: how a property is shown, and what is sent of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

#: The value that a field had when its form was shown comes back under this prefix.
WAS = "was."
FieldChoice = tuple[int, str]


class InvalidInput(ValueError):
    """What was typed cannot be sent; the text says what to type."""


@dataclass(frozen=True)
class Field:
    """A property of a Kaltura object that a person may change."""

    name: str
    label: str
    kind: Literal["line", "lines", "document", "moment", "choice"] = "line"
    hint: str = ""
    choices: tuple[FieldChoice, ...] = ()

    def text_of(self, value: Any) -> str:
        """The text in the form for a stored value."""
        if value is None:
            return ""
        if self.kind == "moment":
            return _moment_text(int(value))
        return _unix_lines(str(value)) if self.kind != "line" else " ".join(str(value).splitlines())

    def value_of(self, text: str) -> str | int:
        """The value that is sent for a text; times become Unix seconds. Raises InvalidInput."""
        if self.kind == "moment":
            return self._moment(text)
        if self.kind == "choice":
            return next((value for value, _ in self.choices if str(value) == text), text)
        return _unix_lines(text)

    def _moment(self, text: str) -> int:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as problem:
            raise InvalidInput(
                f"{self.label}: give a date and a time in UTC, such as 2030-05-06T09:10:00."
            ) from problem
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())

    def is_changed(self, text: str, was: str) -> bool:
        """Whether somebody changed the field; browsers write the same time in two ways."""
        if self.kind == "moment":
            with suppress(InvalidInput):
                return self.value_of(text) != self.value_of(was)
        return _unix_lines(text) != _unix_lines(was)


def changes(fields: Iterable[Field], form: Mapping[str, str]) -> dict[str, str | int]:
    """The properties that differ from what the form showed, by name; the others are not sent.

    So a change that somebody else made meanwhile is not undone. Raises InvalidInput.
    """
    return {
        field.name: field.value_of(form[field.name])
        for field in fields
        if field.name in form and field.is_changed(form[field.name], form.get(WAS + field.name, ""))
    }


def _unix_lines(text: str) -> str:
    """A text with the line ends that it has at Kaltura; browsers send others."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _moment_text(unix: int) -> str:
    """A moment in UTC in the format of ``<input type="datetime-local">``."""
    with suppress(OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(unix, UTC).replace(tzinfo=None).isoformat()
    return ""
