"""What an event asks those who register, and what they answered."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.constraints import PlainText
from events.models.base import Identified
from events.models.event import Event
from events.models.fields import LineField, ProseField
from events.models.people import User

LONGEST_CHOICE: Final = 200
MOST_CHOICES: Final = 50


class QuestionKind(models.TextChoices):
    LINE = "line", _("One line of text")
    TEXT = "text", _("Several lines of text")
    CHOICE = "choice", _("One of several choices")
    CONSENT = "consent", _("Consent to a text")


class SignUpQuestion(Identified):
    """One field of an event's sign-up form.

    ``version`` goes up whenever what people consent to is another text; each answer keeps the
    text and the version that the person saw.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=8, choices=QuestionKind.choices, default=QuestionKind.LINE)
    label = LineField(max_length=200, help_text=_("The question, or what is consented to."))
    help_text = LineField(max_length=300, blank=True, help_text=_("Shown below the field."))
    choices = ProseField(
        blank=True, max_length=10_000, help_text=_("For a choice: one on each line.")
    )
    consent_text = ProseField(
        blank=True,
        max_length=20_000,
        help_text=_("For a consent: the whole text, Markdown. Who agrees keeps their version."),
    )
    is_required = models.BooleanField(_("required"), default=False)
    is_retired = models.BooleanField(
        _("no longer asked"), default=False, help_text=_("Answers that were given are kept.")
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["event", "position", "pk"]
        verbose_name = _("sign-up question")
        constraints = [
            PlainText(
                name="question_plain_text",
                lines=("label", "help_text"),
                texts=("choices", "consent_text"),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def options(self) -> list[str]:
        """The choices, each once."""
        lines = (line.strip() for line in self.choices.splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean(self) -> None:
        super().clean()
        if self.kind == QuestionKind.CHOICE:
            self._check_options()
        if self.kind == QuestionKind.CONSENT and not self.consent_text:
            raise ValidationError({"consent_text": _("Write down what people consent to.")})

    def _check_options(self) -> None:
        if not 2 <= len(self.options) <= MOST_CHOICES:
            text = _("Write 2 to %(most)d choices, one on each line.")
            raise ValidationError({"choices": ValidationError(text, params={"most": MOST_CHOICES})})
        if any(len(option) > LONGEST_CHOICE for option in self.options):
            text = _("A choice has at most %(most)d characters.")
            raise ValidationError(
                {"choices": ValidationError(text, params={"most": LONGEST_CHOICE})}
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Another text is another version, whoever saves it."""
        before = SignUpQuestion.objects.filter(pk=self.pk).first() if self.pk else None
        if before and (before.consent_text, before.label) != (self.consent_text, self.label):
            self.version = before.version + 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "version"}
        super().save(*args, **kwargs)


class SignUpAnswer(models.Model):
    """What one person answered; of a consent, the very text that they saw as well.

    It hangs on the person and not on their registration: it is given before there is a place,
    and stays when one is given back.
    """

    question = models.ForeignKey(SignUpQuestion, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_up_answers")
    value = ProseField(blank=True)
    consent_text = ProseField(blank=True)
    version = models.PositiveIntegerField(default=1)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["question", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "user"], name="sign_up_answer_once"),
            PlainText(name="answer_plain_text", texts=("value", "consent_text")),
        ]

    def __str__(self) -> str:
        return f"{self.user.email}: {self.question}"
