"""Three versions of one thing: what was drawn, what it is now, and what somebody sends.

What only one of two people changed is merged, and said. What both changed is a question with
both answers; nothing is saved before it is answered. Answers are about the value that was
shown: what changes once more meanwhile is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django import forms

from events.admin.editing.drawn import Drawn, Values, drawn, in_words, is_upload, put, sent
from events.admin.editing.seen import AskedChange, SeenForm

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.datastructures import MultiValueDict

    from events.admin.generics import ModelForm

MINE: Final = "mine"
THEIRS: Final = "theirs"
_CHOICE: Final = "_choice-"


@dataclass(frozen=True)
class Question:
    """Both changed this; ``was``, ``theirs`` and ``mine`` in words."""

    key: str
    label: str
    was: str
    theirs: str
    mine: str
    answer: str = ""
    field: str = ""  # Of the object itself; "" in its rows.

    @property
    def choice_name(self) -> str:
        return _CHOICE + self.key


@dataclass(frozen=True)
class KeptEdit:
    """What somebody else changed meanwhile and stays so: ``value`` in words, None: removed."""

    label: str
    value: str | None
    is_new: bool = False
    field: str = ""  # Of the object itself; "" in its rows.


@dataclass
class Merge:
    """One form on its way to be saved: what its author saw, what they are asked, what is kept."""

    seen: SeenForm | None  # None: from a script, which saw nothing.
    data: QueryDict
    #: What is drawn from now on, for the form's next version.
    now: SeenForm = field(default_factory=SeenForm)
    questions: list[Question] = field(default_factory=list)
    kept: list[KeptEdit] = field(default_factory=list)

    @property
    def asked(self) -> dict[str, AskedChange]:
        """What the author was asked when the form was drawn."""
        return self.seen.asked if self.seen else {}

    @property
    def is_open(self) -> bool:
        return any(not question.answer for question in self.questions)

    def answer(self, key: str) -> str:
        """What the author chose, of what they were asked when the form was drawn."""
        chosen = self.data.get(_CHOICE + key, "") if key in self.asked else ""
        return chosen if chosen in {MINE, THEIRS} else ""

    def ask(self, question: Question, was: Drawn | None, mine: Drawn | None) -> None:
        self.questions.append(question)
        self.now.asked[question.key] = AskedChange(was, mine)


@dataclass
class FormParts:
    """A form before it reads what was sent: ``form`` shows what is there now."""

    form: ModelForm
    data: QueryDict
    files: MultiValueDict[str, Any]
    key: str = ""  # What its questions are called by: "" for the main form.
    kind: str = ""  # What a row is called; "" for the main form.

    def merge(self, into: Merge, base: Values | None) -> None:
        """Put what others changed into what was sent; ask about what both did."""
        now = drawn(self.form)
        for name, value in now.items():
            self._merge_field(into, name, (base or {}).get(name), value)

    def is_touched(self, base: Values | None) -> bool:
        """Whether the author changed anything of it."""
        return any(self._is_mine(name, (base or {}).get(name)) for name in self._open_fields())

    def differs(self, base: Values | None) -> bool:
        """Whether somebody else changed anything of it."""
        return (base or {}) != drawn(self.form)

    @property
    def row_label(self) -> str:
        """Which row it is, for one that two people changed: to ask may cost queries."""
        return f"{self.kind} “{self.form.instance}”"

    def take_theirs(self) -> None:
        for name, value in drawn(self.form).items():
            self._put(name, value)

    def described(self, values: Values) -> str:
        """The values in words, for a row that both did something with."""
        shown = [
            (self.form.fields[name], value) for name, value in values.items() if value is not False
        ]
        words = (in_words(each, value) for each, value in shown if not _is_number(each))
        return " · ".join(word for word in words if word)

    def sent_values(self, base: Values | None = None) -> Values:
        return {name: self._sent(name, (base or {}).get(name)) for name in self._open_fields()}

    def _open_fields(self) -> list[str]:
        return [name for name, each in self.form.fields.items() if not each.disabled]

    def _merge_field(self, into: Merge, name: str, base: Drawn | None, now: Drawn) -> None:
        key = f"{self.key}{name}"
        mine, is_mine = self._sent(name, base), self._is_mine(name, base)
        if key in into.asked:
            self._answer(into, name, base, now)
        elif base == now:
            return
        elif not is_mine:
            self._put(name, now)
            words = in_words(self.form.fields[name], now)
            own = "" if self.kind else name
            into.kept.append(KeptEdit(self._label(name), words, field=own))
        elif mine != now or is_upload(self.form.fields[name], self._html(name), *self._sent_data):
            self._ask(into, name, was=base, theirs=now, mine=mine)

    def _answer(self, into: Merge, name: str, base: Drawn | None, now: Drawn) -> None:
        """The author was asked about this when the form was drawn, with ``base`` as theirs."""
        key = f"{self.key}{name}"
        asked = into.asked[key]
        answer = into.answer(key) if base == now else ""
        mine = self._sent(name, base)
        if not self._is_mine(name, base) and asked.mine is not None:
            mine = asked.mine  # It was put aside for theirs.
        if isinstance(self.form.fields[name], forms.FileField):
            # Browsers do not keep a file: it is chosen again, or was not meant.
            answer = "" if answer == MINE and not self._is_mine(name, base) else answer
        elif not answer and mine == now:
            return  # The author has typed the same.
        elif answer == MINE:
            self._put(name, mine)
        if answer == THEIRS:
            self._put(name, now)
        self._ask(into, name, was=asked.was, theirs=now, mine=mine, answer=answer)

    def _ask(
        self,
        into: Merge,
        name: str,
        *,
        was: Drawn | None,
        theirs: Drawn,
        mine: Drawn,
        answer: str = "",
    ) -> None:
        each = self.form.fields[name]
        question = Question(
            f"{self.key}{name}",
            self._label(name),
            was=in_words(each, was),
            theirs=in_words(each, theirs),
            mine=in_words(each, mine),
            answer=answer,
            field="" if self.kind else name,
        )
        into.ask(question, was, mine)

    @property
    def _sent_data(self) -> tuple[Any, Any]:
        return self.data, self.files

    def _html(self, name: str) -> str:
        return self.form.add_prefix(name)

    def _sent(self, name: str, base: Drawn | None) -> Drawn:
        return sent(self.form.fields[name], self._html(name), *self._sent_data, base)

    def _is_mine(self, name: str, base: Drawn | None) -> bool:
        each = self.form.fields[name]
        if isinstance(each, forms.FileField):
            return is_upload(each, self._html(name), *self._sent_data)
        return self._sent(name, base) != base

    def _put(self, name: str, value: Drawn) -> None:
        put(self.form.fields[name], self._html(name), *self._sent_data, value)

    def _label(self, name: str) -> str:
        label = str(self.form[name].label)
        return f"{self.row_label}: {label}" if self.kind else label


def _is_number(field: forms.Field) -> bool:
    return isinstance(field, forms.IntegerField)
