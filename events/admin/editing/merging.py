"""Forms and formsets that take in what others saved since they were drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import connections
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from events.admin.editing.drawn import Values, drawn
from events.admin.editing.merge import MINE, THEIRS, FormParts, KeptEdit, Merge, Question
from events.admin.editing.seen import SeenForm
from events.admin.generics import InlineFormSet, ModelForm


class MergedForm(ModelForm):
    """Mixed into the form of a change page, whose request has a merge."""

    merging: Merge

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        if data is not None:
            data, files = data.copy(), files.copy()
            now = type(self)(**kwargs)
            self.merging.now.fields = drawn(now)
            if seen := self.merging.seen:
                FormParts(now, data, files).merge(self.merging, seen.fields)
        super().__init__(data, files, **kwargs)

    def full_clean(self) -> None:
        """An open question keeps all of the page from being saved."""
        super().full_clean()
        if self.is_bound and self.merging.is_open:
            text = _("Nothing is saved yet: choose what applies where two of you changed the same.")
            self._errors = self.errors
            self.add_error(NON_FIELD_ERRORS, text)


@dataclass
class _SentRow:
    """A row as it was sent; ``index`` where it stands in the form data."""

    index: int
    pk: str
    is_initial: bool
    is_leaving: bool
    parts: FormParts
    there: Any = None  # The row as it is now, if it is.
    base: Values | None = None


class MergedFormSet(InlineFormSet):
    """Mixed into the rows of a change page.

    Rows are known by their primary keys, so rows that others added or removed meanwhile do not
    shift what was typed into another.
    """

    merging: Merge
    kind: str  # What a row is called.
    model: Any
    data: Any
    files: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound and self.management_form.is_valid():
            self.data, self.files = self.data.copy(), self.files.copy()
            self._merge()

    def get_queryset(self) -> Any:
        """Nobody else changes these rows before this form is saved."""
        if not hasattr(self, "_queryset"):
            rows = super().get_queryset()
            # Of rows that were read already another query would forget what was laid over them.
            self._queryset = self.held(rows) if rows._result_cache is None else rows
        return self._queryset

    def held(self, rows: Any) -> Any:
        features = connections[rows.db].features
        if self.is_bound and features.has_select_for_update_of:
            return rows.select_for_update(no_key=True, of=("self",))
        return rows

    def add_fields(self, form: Any, index: int | None) -> None:
        """A row that somebody else removed keeps its key, by which its question is known."""
        super().add_fields(form, index)
        is_new = index is not None and index >= self.initial_form_count()
        if self.is_bound and is_new and self._pk_name != self.fk.name:
            form.fields[self._pk_name] = forms.CharField(
                required=False, widget=forms.HiddenInput, label=""
            )

    # --- What is there now ---------------------------------------------------

    @cached_property
    def _there(self) -> dict[str, Any]:
        return {str(row.pk): row for row in self.get_queryset()}

    @property
    def _pk_name(self) -> str:
        return str(self.model._meta.pk.name)

    @property
    def _is_single(self) -> bool:
        """Whether there is one row at most, such as the settings of an event."""
        return self.max_num == 1

    def _unbound(self, index: int, row: Any = None) -> Any:
        return self.form(instance=row, prefix=self.add_prefix(index), **self.get_form_kwargs(index))

    # --- What was sent -------------------------------------------------------

    def _sent_rows(self) -> Iterator[_SentRow]:
        seen = self.merging.seen
        base = seen.rows.get(self.prefix or "", {}) if seen else {}
        blank = seen.blank.get(self.prefix or "") if seen else None
        for index in range(self.total_form_count()):
            name = self.add_prefix(index)
            pk = str(self.data.get(f"{name}-{self._pk_name}", ""))
            if self._is_single and not pk:
                pk = next(iter(self._there), "")
            there = self._there.get(pk)
            form = self._unbound(index, there)
            yield _SentRow(
                index,
                pk,
                index < self.initial_form_count(),
                self._is_ticked(f"{name}-DELETE"),
                FormParts(form, self.data, self.files, f"{self.prefix}:{pk}:", self.kind),
                there,
                base.get(pk, blank if self._is_single else None),
            )

    def _is_ticked(self, name: str) -> bool:
        box = forms.CheckboxInput()
        return self.can_delete and bool(box.value_from_datadict(self.data, self.files, name))

    @property
    def _may_differ(self) -> bool:
        """Whether rows are looked at: where the author saw none, others' first ones just stay."""
        if self.initial_form_count():
            return True
        prefix = self.prefix or ""
        seen = self.merging.seen or SeenForm()
        if any(key.startswith(f"{prefix}:") for key in seen.asked):
            return True
        row = FormParts(self._unbound(0), self.data, self.files)
        return self._is_single and row.is_touched(seen.blank.get(prefix))

    # --- Row by row ----------------------------------------------------------

    def _merge(self) -> None:
        if not self._may_differ:
            self._note_now([])
            return
        rows = list(self._sent_rows())
        if self.merging.seen is None:
            self._note_now([row.pk for row in rows if row.there])
            return
        stays = [row for row in rows if row.there or self._stays(row)]
        existing = [row.index for row in stays if row.there]
        for row in stays:
            if row.there:
                self._merge_row(row)
        added = list(self._added({row.pk for row in rows}))
        new = [row.index for row in stays if not row.there]
        self._renumber([*existing, *added], new)
        self._note_now(list(self._there))

    def _stays(self, row: _SentRow) -> bool:
        """Whether a row that is not there is a new one, or is to be there again."""
        merge = self.merging
        key = f"{self.prefix}:{row.pk}:gone"
        if not row.pk or not (row.is_initial or row.base or key in merge.asked):
            return True
        if self._is_single and not row.is_initial and key not in merge.asked:
            return True  # The settings that are not there yet have their owner's key.
        if row.is_leaving:
            return False
        if key not in merge.asked and row.base and not row.parts.is_touched(row.base):
            label = f"{self.kind} “{row.parts.described(row.base)}”"
            merge.kept.append(KeptEdit(label, None))
            return False
        answer = merge.answer(key)
        if answer == THEIRS:
            return False
        self._ask_gone(row, key, answer)
        return True

    def _ask_gone(self, row: _SentRow, key: str, answer: str) -> None:
        mine = row.parts.described(row.parts.sent_values(row.base))
        was = row.parts.described(row.base or {})
        question = Question(key, self.kind, was, _("Removed"), mine, answer)
        self.merging.ask(question, was, mine)
        if answer == MINE and self._pk_name != self.fk.name:
            self.data[f"{self.add_prefix(row.index)}-{self._pk_name}"] = ""

    def _merge_row(self, row: _SentRow) -> None:
        self.data[f"{self.add_prefix(row.index)}-{self._pk_name}"] = row.pk
        if not row.is_leaving:
            row.parts.merge(self.merging, row.base)
            return
        key = f"{self.prefix}:{row.pk}:removed"
        differs = row.parts.differs(row.base)
        if not differs and key not in self.merging.asked:
            return
        # Of what changed once more since the question nobody has seen the answers.
        answer = "" if differs else self.merging.answer(key)
        if answer == THEIRS:
            del self.data[f"{self.add_prefix(row.index)}-DELETE"]
            row.parts.take_theirs()
            return
        was, now = row.parts.described(row.base or {}), row.parts.described(drawn(row.parts.form))
        question = Question(key, row.parts.row_label, was, now, _("Removed"), answer)
        self.merging.ask(question, was, None)

    def _added(self, sent: set[str]) -> Iterator[int]:
        """Rows that others added meanwhile are shown too, as nobody touched them."""
        seen, index = self.merging.seen, self.total_form_count()
        known = seen.rows.get(self.prefix or "", {}) if seen else {}
        for pk, row in self._there.items():
            if pk in sent or pk in known:
                continue
            parts = FormParts(self._unbound(index, row), self.data, self.files)
            parts.take_theirs()
            self.data[f"{self.add_prefix(index)}-{self._pk_name}"] = pk
            self.data[f"{self.add_prefix(index)}-{self.fk.name}"] = str(self.instance.pk)
            label = f"{self.kind} “{parts.described(drawn(parts.form))}”"
            self.merging.kept.append(KeptEdit(label, None, is_new=True))
            yield index
            index += 1

    # --- The form data -------------------------------------------------------

    def _renumber(self, existing: list[int], new: list[int]) -> None:
        """Existing rows first, then new ones, counted from 0."""
        order = [*existing, *new]
        self._set_count("TOTAL", len(order))
        self._set_count("INITIAL", len(existing))
        if order != list(range(len(order))) or len(order) != self.total_form_count():
            for data in (self.data, self.files):
                self._move(data, order)
        del self.management_form

    def _set_count(self, name: str, number: int) -> None:
        self.data[f"{self.prefix}-{name}_FORMS"] = str(number)

    def _move(self, data: Any, order: list[int]) -> None:
        places = {str(old): new for new, old in enumerate(order)}
        start = f"{self.prefix}-"
        moved = {}
        for key in [key for key in data if key.startswith(start)]:
            number, dash, rest = key.removeprefix(start).partition("-")
            if not (dash and number.isdecimal()):
                continue
            values = data.getlist(key)
            del data[key]
            if number in places:
                moved[f"{start}{places[number]}-{rest}"] = values
        for key, values in moved.items():
            data.setlist(key, values)

    def _note_now(self, pks: list[str]) -> None:
        prefix = self.prefix or ""
        rows = {pk: drawn(self._unbound(0, self._there[pk])) for pk in pks}
        self.merging.now.rows[prefix] = rows
        if self._is_single and not pks:
            self.merging.now.blank[prefix] = drawn(self._unbound(0))
