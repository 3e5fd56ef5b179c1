"""What an event says in other languages than the one in which it is written.

An empty field falls back to the original, so half a translation is a translation.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.constraints import PlainText, SameParent
from events.models.base import ProgrammeModel
from events.models.event import Event, Track
from events.models.fields import LineField, ProseField
from events.models.session import Session

_TWICE = _("There is a translation into this language already.")


class ContentTranslation(ProgrammeModel):
    """What the translations of events, tracks and sessions have in common."""

    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)

    class Meta:
        abstract = True
        ordering = ["language", "pk"]

    def __str__(self) -> str:
        return str(self.get_language_display())

    def _refuse_language_of(self, event: Event) -> None:
        if self.language and self.language == event.language:
            raise ValidationError({"language": _("The event is written in this language.")})


class EventTranslation(ContentTranslation):
    """An event in another language."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="translations")
    title = LineField(_("title"), max_length=200, blank=True)
    tagline = LineField(_("tagline"), max_length=200, blank=True)
    description = ProseField(_("description"), blank=True, help_text=_("Markdown."))

    class Meta(ContentTranslation.Meta):
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "language"],
                name="event_translation_once",
                violation_error_message=_TWICE,
            ),
            PlainText(
                name="event_translation_plain_text",
                lines=("title", "tagline"),
                texts=("description",),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        self._refuse_language_of(self.event)


class TrackTranslation(ContentTranslation):
    """A track of ``event`` in another language."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="track_translations")
    track = models.ForeignKey(
        Track, on_delete=models.CASCADE, related_name="translations", verbose_name=_("track")
    )
    name = LineField(_("name"), max_length=200, blank=True)

    class Meta(ContentTranslation.Meta):
        verbose_name = _("translation of a track")
        verbose_name_plural = _("translations of tracks")
        constraints = [
            models.UniqueConstraint(
                fields=["track", "language"],
                name="track_translation_once",
                violation_error_message=_TWICE,
            ),
            PlainText(name="track_translation_plain_text", lines=("name",)),
            SameParent(
                field="track",
                parent="event",
                name="track_translation_same_event",
                violation_error_message=_("This track belongs to another event."),
            ),
        ]

    def clean(self) -> None:
        super().clean()
        self._refuse_language_of(self.event)


class SessionTranslation(ContentTranslation):
    """A session in another language; its own may be another one than the event's."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="translations")
    title = LineField(_("title"), max_length=250, blank=True)
    subtitle = LineField(_("subtitle"), max_length=250, blank=True)
    abstract = ProseField(_("abstract"), blank=True, help_text=_("A paragraph, Markdown."))
    description = ProseField(
        _("description"), blank=True, help_text=_("Everything else, Markdown.")
    )

    class Meta(ContentTranslation.Meta):
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "language"],
                name="session_translation_once",
                violation_error_message=_TWICE,
            ),
            PlainText(
                name="session_translation_plain_text",
                lines=("title", "subtitle"),
                texts=("abstract", "description"),
            ),
        ]
