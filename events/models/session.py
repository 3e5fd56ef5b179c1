from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.bounds import (
    FIRST_MOMENT,
    LAST_MOMENT,
    LONGEST_SESSION,
    MOST_PLACES,
    check_session_times,
)
from events.constraints import Backstop, PlainText, SameParent
from events.files.fields import PictureField
from events.models.base import Exchanged, ProgrammeModel, free_slug
from events.models.event import Event, Track
from events.models.fields import LineField, ProseField


class SessionType(models.TextChoices):
    WEBCAST = "webcast", _("Webcast")
    INTERACTIVE = "interactive", _("Interactive room")
    WEBINAR = "webinar", _("Webinar")
    STUDIO = "studio", _("Webcast studio")
    SIMULIVE = "simulive", _("Simulive")


class SessionStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CANCELLED = "cancelled", _("Cancelled")


class SpeakerRole(models.TextChoices):
    SPEAKER = "speaker", _("Speaker")
    MODERATOR = "moderator", _("Moderator")


class Speaker(ProgrammeModel, Exchanged):
    """A person on stage, as the event presents them; ``user`` when they have an account."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="speakers")
    slug = models.SlugField(max_length=80, blank=True)
    name = LineField(max_length=200)
    title = LineField(max_length=200, blank=True, help_text=_("Position and organisation."))
    biography = ProseField(blank=True, help_text=_("Markdown."))
    picture = PictureField(_("picture"), blank=True, help_text=_("Shown as a square."))
    user = models.ForeignKey(
        "events.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="speaker_profiles",
        help_text=_("The account with which this person enters their sessions as a speaker."),
    )
    external_id = LineField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "slug"],
                name="speaker_slug_unique",
                violation_error_message=_("Another speaker of this event has this slug."),
            ),
            models.UniqueConstraint(
                fields=["event", "external_id"],
                condition=~models.Q(external_id=""),
                name="speaker_external_id_unique",
            ),
            PlainText(
                name="speaker_plain_text",
                lines=("name", "title", "external_id"),
                texts=("biography",),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            others = Speaker.objects.filter(event=self.event_id).exclude(pk=self.pk)
            self.slug = free_slug(self.name, others, "speaker")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("events:speaker", args=[self.event.slug, self.slug])


class Session(ProgrammeModel, Exchanged):
    """One item of the agenda: a talk, a panel, a workshop."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="sessions")
    track = models.ForeignKey(
        Track, on_delete=models.SET_NULL, null=True, blank=True, related_name="sessions"
    )
    slug = models.SlugField(max_length=80, blank=True)
    title = LineField(max_length=250)
    subtitle = LineField(max_length=250, blank=True)
    abstract = ProseField(blank=True, help_text=_("A paragraph, Markdown."))
    description = ProseField(blank=True, help_text=_("Everything else, Markdown."))
    session_type = models.CharField(
        _("type"), max_length=12, choices=SessionType.choices, default=SessionType.WEBCAST
    )
    status = models.CharField(
        max_length=12, choices=SessionStatus.choices, default=SessionStatus.DRAFT, db_index=True
    )
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    location = LineField(
        _("room"), max_length=200, blank=True, help_text=_("Where it happens on site.")
    )
    language = LineField(max_length=16, blank=True, help_text=_("Such as en or de."))
    capacity = models.PositiveIntegerField(
        _("places"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_PLACES)],
        help_text=_(
            "Empty: open to everybody who is registered. Otherwise people reserve a place, and "
            "wait in line when all are taken. Recordings are open to all."
        ),
    )
    speakers = models.ManyToManyField(
        Speaker, through="SessionSpeaker", related_name="sessions", blank=True
    )
    external_id = LineField(
        max_length=200, blank=True, editable=False, help_text=_("Its guid in an imported schedule.")
    )
    status_before_removal = models.CharField(
        max_length=12,
        blank=True,
        editable=False,
        help_text=_(
            "What it was when an import cancelled it because the schedule no "
            "longer had it; it becomes that again when a later schedule has it "
            "again."
        ),
    )

    class Meta:
        ordering = ["starts_at", "title"]
        indexes = [models.Index(fields=["event", "starts_at"], name="session_by_start")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="session_ends_after_start",
                violation_error_message=_("The end must be after the start."),
            ),
            Backstop(
                condition=models.Q(starts_at__gte=FIRST_MOMENT, ends_at__lt=LAST_MOMENT),
                name="session_within_years",
            ),
            Backstop(
                condition=models.Q(ends_at__lte=models.F("starts_at") + LONGEST_SESSION),
                name="session_not_too_long",
            ),
            PlainText(
                name="session_plain_text",
                lines=("title", "subtitle", "location", "language", "external_id"),
                texts=("abstract", "description"),
            ),
            models.UniqueConstraint(
                fields=["event", "slug"],
                name="session_slug_unique",
                violation_error_message=_("Another session of this event has this slug."),
            ),
            models.UniqueConstraint(
                fields=["event", "external_id"],
                condition=~models.Q(external_id=""),
                name="session_external_id_unique",
            ),
            SameParent(
                field="track",
                parent="event",
                name="session_track_same_event",
                violation_error_message=_(
                    "This track belongs to another event. Choose a track of the "
                    "session's own event."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        check_session_times(self.starts_at, self.ends_at)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            others = Session.objects.filter(event=self.event_id).exclude(pk=self.pk)
            self.slug = free_slug(self.title, others, "session")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("events:session", args=[self.event.slug, self.slug])

    @property
    def languages(self) -> tuple[str, ...]:
        """Each language once, in their order: ``language`` may be "de, en"."""
        codes = (code.strip() for code in re.split("[,;/]", self.language))
        return tuple(dict.fromkeys(code for code in codes if code))

    @property
    def duration(self) -> timedelta:
        return self.ends_at - self.starts_at

    @property
    def doors_open_at(self) -> datetime:
        return self.starts_at - timedelta(minutes=self.event.doors_open_minutes)

    @property
    def doors_close_at(self) -> datetime:
        return self.ends_at + timedelta(minutes=self.event.overrun_minutes)


class SessionSpeaker(ProgrammeModel):
    """Who does what in a session."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="appearances")
    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="appearances")
    role = models.CharField(max_length=12, choices=SpeakerRole.choices, default=SpeakerRole.SPEAKER)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "speaker"],
                name="speaker_once_a_session",
                violation_error_message=_("This person is already in this session."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.speaker} ({self.get_role_display()})"
