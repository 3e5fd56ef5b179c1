"""What attendees said about a session."""

from __future__ import annotations

from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.constraints import PlainText
from events.models.event import Event
from events.models.fields import ProseField
from events.models.people import User
from events.models.session import Session

MOST_STARS: Final = 5
LONGEST_FEEDBACK: Final = 4000


class SessionFeedback(models.Model):
    """One to five stars and a text from one person, who may change them.

    Speakers read neither names nor times, and nothing at all of few (feedback/results.py).
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="feedback")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="session_feedback")
    stars = models.PositiveSmallIntegerField(
        _("stars"), validators=[MinValueValidator(1), MaxValueValidator(MOST_STARS)]
    )
    text = ProseField(_("text"), blank=True, max_length=LONGEST_FEEDBACK)
    given_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["session", "pk"]
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="feedback_once_a_person"),
            models.CheckConstraint(
                condition=models.Q(stars__gte=1, stars__lte=MOST_STARS), name="feedback_stars"
            ),
            PlainText(name="feedback_plain_text", texts=("text",)),
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.stars}"

    @property
    def event(self) -> Event:
        return self.session.event
