"""A change in words: which field, what it was, what it became, and who did it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Final

from django.db import models
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from events.history.parts import State, field_named, part_named
from events.i18n.dates import in_letters
from events.models import ObjectHistory, User

# Beyond that a text is shown whole before and after: comparing words takes the square of it.
_MOST_WORDS: Final = 1500
_LINE: Final = re.compile(r"(?<=\n)")
_WORD: Final = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class ChangedField:
    """One line of a diff."""

    path: str
    label: str
    before: SafeString
    after: SafeString
    diff: SafeString | None = None  # Of a text: what went and what came, within it.


class NamesInHistory:
    """What references of many states are called, looked up together.

    An account is called by its address, as whoever entered it typed it, and its name is nobody's
    to learn by doing so (events/admin/people_fields.py). ``shows_addresses``: for those who enter
    them; to others it is an account.
    """

    def __init__(
        self,
        root: type[models.Model],
        zone: tzinfo,
        states: Iterable[State],
        *,
        shows_addresses: bool = False,
    ) -> None:
        self.root, self.zone, self.shows_addresses = root, zone, shows_addresses
        self._wanted: dict[type[models.Model], set[int]] = defaultdict(set)
        for state in states:
            for path, value in state.items():
                self._collect(path, value)

    def _collect(self, path: str, value: Any) -> None:
        """Of a state or of changes: both have paths, the latter pairs of values."""
        name, *rest = path.split("/")
        if part := part_named(self.root, name):
            key_model = _target(part.key_field)
            for row_key, row in [(rest[0], value)] if rest else (value or {}).items():
                if key_model and row_key.isdigit():
                    self._wanted[key_model].add(int(row_key))
                self._collect_row(part.fields, row if isinstance(row, dict) else {})
            return
        self._want(field_named(self.root, name), value)

    def _collect_row(self, fields: Sequence[Any], row: Mapping[str, Any]) -> None:
        for field in fields:
            self._want(field, row.get(field.name))

    def _want(self, field: Any, value: Any) -> None:
        if field is not None and (model := _target(field)):
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, int):
                    self._wanted[model].add(one)

    @cached_property
    def _names(self) -> dict[type[models.Model], dict[int, str]]:
        found: dict[type[models.Model], dict[int, str]] = {}
        for model, keys in self._wanted.items():
            rows = model._base_manager.in_bulk(sorted(keys))
            live = {pk: self._called(row) for pk, row in rows.items()}
            gone = ObjectHistory.objects.filter(
                model=model._meta.model_name, object_key__in=keys - live.keys()
            )
            if model is not User and keys - live.keys():
                live = dict(gone.values_list("object_key", "label")) | live
            found[model] = live
        return found

    def _called(self, row: models.Model) -> str:
        if not isinstance(row, User):
            return str(row)
        return row.email if self.shows_addresses else str(_("an account"))

    def name_of(self, model: type[models.Model], key: Any) -> str:
        known = self._names.get(model, {})
        number = int(key) if str(key).isdigit() else -1
        return known.get(number) or str(_("one that is gone"))

    # --- Lines ------------------------------------------------------------------------

    def line(self, path: str, before: Any, after: Any) -> ChangedField:
        name, *rest = path.split("/")
        part = part_named(self.root, name)
        if part is None or not rest:
            field = field_named(self.root, name)
            label = capfirst(str(field.verbose_name)) if field is not None else name
            return self._of_field(path, label, field, before, after)
        whose = self._key_words(part, rest[0], before, after)
        label = f"{capfirst(part.label)} “{whose}”" if whose else capfirst(part.label)
        if len(rest) > 1:
            field = next((f for f in part.fields if f.name == rest[1]), None)
            inner = str(field.verbose_name) if field is not None else rest[1]
            return self._of_field(path, f"{label}: {inner}", field, before, after)
        shown = [self._row_words(part.fields, row) for row in (before, after)]
        return ChangedField(path, label, shown[0], shown[1])

    def _of_field(self, path: str, label: str, field: Any, before: Any, after: Any) -> ChangedField:
        is_text = isinstance(field, models.TextField | models.CharField)
        is_text = is_text and not isinstance(field, models.FileField) and not field.choices
        diff = None
        if is_text and before and after and isinstance(before, str) and isinstance(after, str):
            diff = text_diff(before, after)
        return ChangedField(path, label, self.value(field, before), self.value(field, after), diff)

    def _key_words(self, part: Any, key: str, *rows: Any) -> str:
        if model := _target(part.key_field):
            return self.name_of(model, key)
        if part.key_field is not None and part.key_field.choices:
            return str(dict(part.key_field.flatchoices).get(key, key))
        for row in rows:
            if isinstance(row, dict):
                named = (row.get(name) for name in ("title", "name", "label", "url"))
                return next((str(text) for text in named if text), "")
        return ""

    def _row_words(self, fields: Sequence[Any], row: Any) -> SafeString:
        if not isinstance(row, dict):
            return NOTHING
        return format_html_join(
            ", ",
            "{}: {}",
            (
                (str(f.verbose_name), self.value(f, row.get(f.name)))
                for f in fields
                if row.get(f.name) not in (None, "", [])
            ),
        ) or format_html("{}", _("there"))

    def value(self, field: Any, value: Any) -> SafeString:
        """A value as people read it."""
        if value is None or value in ("", []):
            return NOTHING
        return format_html("{}", self._plain(field, value))

    def _plain(self, field: Any, value: Any) -> Any:
        if field is not None and (model := _target(field)):
            return self.name_of(model, value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(field, models.DateTimeField) and (moment := parse_datetime(str(value))):
            return moment_words(moment, self.zone)
        if isinstance(field, models.DateField) and (day := parse_date(str(value))):
            return in_letters(day, "j M Y")
        if isinstance(field, models.FileField):
            return _("a file")
        if field is not None and field.choices:
            return dict(field.flatchoices).get(value, value)
        if isinstance(value, list):
            return ", ".join(str(one) for one in value)
        return value


NOTHING: Final = mark_safe('<span class="history-nothing">–</span>')


def _target(field: Any) -> type[models.Model] | None:
    return field.related_model if field is not None and field.is_relation else None


def moment_words(moment: datetime, zone: tzinfo) -> str:
    return in_letters(moment.astimezone(zone), "j M Y, H:i")


def text_diff(before: str, after: str) -> SafeString:
    """A text with what went struck out and what came underlined, by line and then by word."""
    pieces: list[SafeString] = []
    for old, new in _changed_stretches(_LINE.split(before), _LINE.split(after)):
        if old == new:
            pieces.append(_same(old))
        else:
            pieces += _word_diff(old, new)
    return mark_safe("".join(pieces))  # noqa: S308  (each piece is escaped)


def _changed_stretches(old: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    if max(len(old), len(new)) > _MOST_WORDS:
        yield "".join(old), "".join(new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left, right = "".join(old[a:b]), "".join(new[c:d])
        yield (left, left) if tag == "equal" else (left, right)


def _word_diff(old: str, new: str) -> Iterator[SafeString]:
    words, others = _WORD.findall(old), _WORD.findall(new)
    if max(len(words), len(others)) > _MOST_WORDS:
        yield _mark("del", old)
        yield _mark("ins", new)
        return
    for tag, a, b, c, d in SequenceMatcher(None, words, others, autojunk=False).get_opcodes():
        left, right = "".join(words[a:b]), "".join(others[c:d])
        if tag == "equal":
            yield _same(left)
        else:
            yield _mark("del", left)
            yield _mark("ins", right)


def _mark(tag: str, text: str) -> SafeString:
    return format_html("<{0}>{1}</{0}>", mark_safe(tag), text) if text else SafeString("")  # noqa: S308


def _same(text: str) -> SafeString:
    """What stays; of a long stretch only its ends."""
    if len(text) > 400:
        text = f"{text[:150]} … {text[-150:]}"
    return SafeString(conditional_escape(text))
