"""Registrations as a table: who, since when, and what they answered to the sign-up form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet

from events.exports.tables import CellValue
from events.models import QuestionKind, Registration, SignUpAnswer, SignUpQuestion

_COLUMNS: Final = ("event", "name", "email", "registered_at_utc", "withdrawn_at_utc")
_CHUNK: Final = 500

Answers = dict[tuple[int, int], SignUpAnswer]


class RegistrationTable:
    """The rows of some registrations; every question of their events has a column.

    A consent has three: the answer, the version of its text, and the text itself.
    """

    def __init__(self, registrations: QuerySet[Registration]) -> None:
        self._rows = registrations.select_related("event", "user")
        events = registrations.order_by().values("event")
        asked = SignUpQuestion.objects.filter(event__in=events).select_related("event")
        self._questions = list(asked.order_by("event", "position", "pk"))

    @property
    def columns(self) -> list[str]:
        names = [name for question in self._questions for name in _columns_of(question)]
        return [*_COLUMNS, *_distinct(names)]

    def rows(self) -> Iterator[list[CellValue]]:
        """A few hundred people in memory at a time."""
        batch: list[Registration] = []
        for registration in self._rows.iterator(chunk_size=_CHUNK):
            batch.append(registration)
            if len(batch) == _CHUNK:
                yield from self._written(batch)
                batch = []
        yield from self._written(batch)

    def _written(self, batch: list[Registration]) -> Iterator[list[CellValue]]:
        answers = self._answers_of(batch)
        for registration in batch:
            row: list[CellValue] = [
                registration.event.title,
                registration.user.name,
                registration.user.email,
                registration.created_at,
                registration.withdrawn_at,
            ]
            for question in self._questions:
                row += _cells(question, answers.get((question.pk, registration.user_id)))
            yield row

    def _answers_of(self, batch: list[Registration]) -> Answers:
        if not self._questions:
            return {}
        people = [registration.user_id for registration in batch]
        found = SignUpAnswer.objects.filter(question__in=self._questions, user__in=people)
        return {(answer.question_id, answer.user_id): answer for answer in found}


def _columns_of(question: SignUpQuestion) -> list[str]:
    if question.kind != QuestionKind.CONSENT:
        return [question.label]
    return [question.label, f"{question.label}: version", f"{question.label}: text"]


def _cells(question: SignUpQuestion, answer: SignUpAnswer | None) -> list[CellValue]:
    if question.kind != QuestionKind.CONSENT:
        return [answer.value if answer else None]
    return [answer.value, answer.version, answer.consent_text] if answer else [None] * 3


def _distinct(names: list[str]) -> list[str]:
    """Two events may well ask the same; every column has a name of its own."""
    seen: dict[str, int] = defaultdict(int)
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
