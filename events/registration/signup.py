"""The sign-up form of an event: its fields as the manager chose them, and who answered what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from events.models import Event, QuestionKind, SignUpAnswer, SignUpQuestion, User
from events.models.fields import LineInput, ProseInput

YES: Final = "yes"
NO: Final = "no"
LONGEST_LINE: Final = 500
LONGEST_TEXT: Final = 5_000


class SignUpForm(forms.Form):
    """The questions of an event, with what the person answered before."""

    #: Sent by the page that shows the fields, so that a click elsewhere is no empty answer.
    sent = forms.BooleanField(required=False, widget=forms.HiddenInput, initial=True)

    def __init__(self, event: Event, user: User, data: Any = None) -> None:
        super().__init__(data if data is not None and data.get("sent") else None)
        self.user = user
        self.questions = list(event.questions.filter(is_retired=False))
        given = {answer.question_id: answer for answer in self._answers()}
        for question in self.questions:
            field = _field_of(question)
            field.initial = _initial(question, given.get(question.pk))
            self.fields[name_of(question)] = field

    def _answers(self) -> QuerySet[SignUpAnswer]:
        if not self.questions:
            return SignUpAnswer.objects.none()
        return SignUpAnswer.objects.filter(user=self.user, question__in=self.questions)

    def rows(self) -> Iterator[tuple[SignUpQuestion, forms.BoundField]]:
        """Each question with its field, for the template."""
        return ((question, self[name_of(question)]) for question in self.questions)

    @transaction.atomic
    def save(self) -> None:
        """Keep the answers, each with what was asked at this moment."""
        for question in self.questions:
            value = self.cleaned_data[name_of(question)]
            if question.kind == QuestionKind.CONSENT:
                value = YES if value else NO
            SignUpAnswer.objects.update_or_create(
                question=question,
                user=self.user,
                defaults={
                    "value": value,
                    "consent_text": question.consent_text,
                    "version": question.version,
                    "answered_at": timezone.now(),
                },
            )


def name_of(question: SignUpQuestion) -> str:
    return f"question-{question.pk}"


def _initial(question: SignUpQuestion, given: SignUpAnswer | None) -> str | bool | None:
    """Nothing is ticked for somebody who agreed to nothing, or to another text than this."""
    if given is None:
        return None
    if question.kind != QuestionKind.CONSENT:
        return given.value
    return given.value == YES and given.version == question.version


def _field_of(question: SignUpQuestion) -> forms.Field:
    common: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help_text,
        "required": question.is_required,
    }
    match question.kind:
        case QuestionKind.CONSENT:
            refused = {"required": _("You can only register if you agree to this.")}
            return forms.BooleanField(**common, error_messages=refused)
        case QuestionKind.CHOICE:
            options = [("", _("Please choose")), *((o, o) for o in question.options)]
            return forms.ChoiceField(**common, choices=options)
        case QuestionKind.TEXT:
            area = forms.Textarea(attrs={"rows": 4})
            return ProseInput(**common, max_length=LONGEST_TEXT, widget=area)
        case _:
            return LineInput(**common, max_length=LONGEST_LINE)
