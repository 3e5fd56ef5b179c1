from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.bounds import (
    FIRST_DAY,
    LAST_DAY,
    LONGEST_EVENT_DAYS,
    MOST_PLACES,
    check_event_days,
)
from events.constraints import Backstop, PlainText
from events.files.fields import PictureField
from events.models.base import Identified, ProgrammeModel, free_slug, validate_timezone
from events.models.fields import LineField, ProseField

validate_color = RegexValidator(
    r"^#[0-9a-fA-F]{6}$", _("Write the colour as # and six hexadecimal digits, such as #1f6feb.")
)


class EventStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CANCELLED = "cancelled", _("Cancelled")


class Visibility(models.TextChoices):
    """Who may know of an event, and who may read its programme."""

    PUBLIC = "public", _("Public: listed, and open to everybody")
    UNLISTED = "unlisted", _("Unlisted: open to whoever has the address")
    REGISTERED = "registered", _("Registered people: listed, the programme only after registering")
    INVITED = "invited", _("By invitation: nobody else learns that it exists")


class AttendanceMode(models.TextChoices):
    """How people take part, as search engines and calendars ask it."""

    ONLINE = "online", _("Online")
    MIXED = "mixed", _("Online and on site")
    ON_SITE = "on_site", _("On site only")


class Event(ProgrammeModel, Identified):
    """A conference, a training day, a series: what sessions belong to.

    Its days are calendar days in its own zone; all instants are kept in UTC.
    """

    slug = models.SlugField(max_length=80, unique=True, help_text=_("Its place in web addresses."))
    title = LineField(max_length=200)
    tagline = LineField(max_length=200, blank=True)
    description = ProseField(blank=True, help_text=_("Markdown."))
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=settings.LANGUAGES,
        help_text=_("In which its texts are written. Empty: not said."),
    )
    location = LineField(max_length=200, blank=True, help_text=_("Empty: online only."))
    timezone = models.CharField(
        max_length=64,
        default="UTC",
        validators=[validate_timezone],
        help_text=_("The zone in which the event lives, such as Europe/Berlin."),
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    status = models.CharField(
        max_length=12, choices=EventStatus.choices, default=EventStatus.DRAFT, db_index=True
    )
    visibility = models.CharField(
        _("who sees it"),
        max_length=12,
        choices=Visibility.choices,
        default=Visibility.PUBLIC,
        help_text=_("The team, people on stage and registered people always see it."),
    )
    registration_open = models.BooleanField(
        default=True,
        help_text=_("On: whoever sees the event may register. Invitations work in any case."),
    )
    capacity = models.PositiveIntegerField(
        _("places"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_PLACES)],
        help_text=_(
            "Empty: as many as come. When all are taken, others wait in line and move up by "
            "themselves."
        ),
    )
    accent_color = models.CharField(max_length=7, default="#1f6feb", validators=[validate_color])
    picture = PictureField(
        _("picture"),
        blank=True,
        help_text=_("Wide, 1920 × 1080 or so; also part of the preview in messengers."),
    )
    picture_alt = LineField(
        _("what the picture shows"),
        max_length=200,
        blank=True,
        help_text=_("For people who do not see it. Empty: it is decoration."),
    )
    attendance_mode = models.CharField(
        _("how people take part"),
        max_length=8,
        choices=AttendanceMode.choices,
        blank=True,
        help_text=_("Search engines show it. Empty: online, and on site where there is a place."),
    )
    takes_feedback = models.BooleanField(
        _("ask for feedback"),
        default=True,
        help_text=_("Registered people give stars and a text after each session."),
    )
    main_stages = models.BooleanField(
        _("a main stage for each track"),
        default=False,
        help_text=_(
            "One page for each track, which carries its viewers from session to session. Off: "
            "tracks may have one by themselves."
        ),
    )
    doors_open_minutes = models.PositiveSmallIntegerField(
        default=15,
        validators=[MaxValueValidator(24 * 60)],
        help_text=_("How long before its start a session may be entered."),
    )
    overrun_minutes = models.PositiveSmallIntegerField(
        default=30,
        validators=[MaxValueValidator(24 * 60)],
        help_text=_("How long after its planned end a session stays open."),
    )
    external_id = LineField(
        max_length=200, blank=True, editable=False, help_text=_("Its id in an imported schedule.")
    )

    class Meta:
        ordering = ["starts_on", "title"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="event_ends_after_start",
                violation_error_message=_("The last day must not be before the first day."),
            ),
            Backstop(
                condition=models.Q(starts_on__gte=FIRST_DAY, ends_on__lte=LAST_DAY),
                name="event_within_years",
            ),
            Backstop(
                condition=models.Q(
                    ends_on__lt=models.F("starts_on") + timedelta(days=LONGEST_EVENT_DAYS)
                ),
                name="event_not_too_long",
            ),
            PlainText(
                name="event_plain_text",
                lines=("title", "tagline", "location", "external_id", "picture_alt"),
                texts=("description",),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        check_event_days(self.starts_on, self.ends_on)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            self.slug = free_slug(self.title, Event.objects.exclude(pk=self.pk), "event")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("events:event", args=[self.slug])

    @property
    def is_public(self) -> bool:
        """Whether everybody with the address reads its programme, other sites included."""
        return self.visibility in (Visibility.PUBLIC, Visibility.UNLISTED)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def days(self) -> list[date]:
        count = (self.ends_on - self.starts_on).days + 1
        return [self.starts_on + timedelta(days=n) for n in range(count)]


class Track(ProgrammeModel, Identified):
    """A strand of an event's programme: a topic, a stage, a stream."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="tracks")
    slug = models.SlugField(max_length=80, blank=True)
    name = LineField(max_length=200)
    description = ProseField(blank=True)
    color = models.CharField(max_length=7, default="#57606a", validators=[validate_color])
    position = models.PositiveIntegerField(default=0)
    main_stage = models.BooleanField(
        _("main stage"),
        default=False,
        help_text=_("One page that carries its viewers from session to session."),
    )
    external_id = LineField(max_length=200, blank=True, editable=False)

    class Meta:
        ordering = ["event", "position", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "slug"],
                name="track_slug_unique",
                violation_error_message=_("Another track of this event has this slug."),
            ),
            models.UniqueConstraint(
                fields=["event", "name"],
                name="track_name_unique",
                violation_error_message=_("Another track of this event has this name."),
            ),
            # What Session.track refers to, see SameParent.
            models.UniqueConstraint(fields=["event", "id"], name="track_event_id_unique"),
            PlainText(
                name="track_plain_text", lines=("name", "external_id"), texts=("description",)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:
            others = Track.objects.filter(event=self.event_id).exclude(pk=self.pk)
            self.slug = free_slug(self.name, others, "track")
        super().save(*args, **kwargs)
