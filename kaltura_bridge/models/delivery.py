"""How sessions are delivered: defaults on the event, and what a session overrides.

An empty value means “same as the event”, and on the event “the portal's default”
(delivery/options.py merges the three). The events app knows nothing of this.
"""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models.base import ProgrammeModel

# The digit is the data centre that created the entry.
validate_entry_id = RegexValidator(
    r"^[0-9]_[0-9a-z]{8}$",
    _(
        "This is not an entry ID. Entry IDs look like 1_abcd2345: copy it from "
        "the entry's page at Kaltura."
    ),
)


class RecordingMode(models.TextChoices):
    """Whether a webcast is recorded; fields.py has Kaltura's value of each."""

    NONE = "none", _("Not recorded")
    APPENDED = "appended", _("One recording of everything")
    PER_SESSION = "per_session", _("One recording per broadcast")


class Chat(models.TextChoices):
    """When chat or questions are open beside the video."""

    OFF = "off", _("Off")
    ON = "on", _("Always open")
    SCHEDULED = "scheduled", _("Open around the session")


class RoomForm(models.TextChoices):
    """What a room is at Kaltura: today an entry, on older accounts a resource with tags."""

    ENTRY = "entry", _("Room entries")
    LEGACY = "legacy", _("Location resources (older accounts)")


class Delivery(ProgrammeModel):
    """What an event sets for all its sessions, and each session can override."""

    dvr = models.BooleanField(
        _("viewers can rewind"),
        null=True,
        blank=True,
        help_text=_("While the session is live (DVR)."),
    )
    dvr_window_minutes = models.PositiveSmallIntegerField(
        _("rewind window, in minutes"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("1 to 1440."),
    )
    recording = models.CharField(max_length=12, choices=RecordingMode.choices, blank=True)
    recordings_hidden = models.BooleanField(
        _("recordings hidden at Kaltura"),
        null=True,
        blank=True,
        help_text=_("Kaltura's own lists do not show them; this portal still plays them."),
    )
    preview = models.BooleanField(
        _("preview before going live"),
        null=True,
        blank=True,
        help_text=_("Viewers see nothing until the producer chooses Go live."),
    )
    self_serve = models.BooleanField(
        _("broadcast from the browser"),
        null=True,
        blank=True,
        help_text=_("With its camera and microphone; otherwise from an encoder."),
    )
    chat = models.CharField(_("group chat"), max_length=12, choices=Chat.choices, blank=True)
    questions = models.CharField(
        _("questions and answers"), max_length=12, choices=Chat.choices, blank=True
    )
    questions_before_minutes = models.PositiveSmallIntegerField(
        _("questions open before the start, in minutes"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1440)],
    )
    questions_after_minutes = models.PositiveSmallIntegerField(
        _("questions stay open after the end, in minutes"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(1440)],
    )
    thumbnail_url = models.URLField(
        _("image while not live"),
        blank=True,
        max_length=500,
        help_text=_("Address of a JPEG or PNG that Kaltura can reach. It keeps a copy."),
    )
    room_tags: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("room settings"), default=dict, blank=True
    )
    lent_ids: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text=_("What belongs to other events, chosen by somebody who plans those too."),
    )

    class Meta:
        abstract = True


class EventDelivery(Delivery):
    """An event's defaults, and what can only be set for an event as a whole."""

    event = models.OneToOneField(
        "events.Event", on_delete=models.CASCADE, related_name="delivery", editable=False
    )
    room_form = models.CharField(
        _("rooms are created as"), max_length=8, choices=RoomForm.choices, default=RoomForm.ENTRY
    )
    channel = models.BooleanField(
        _("one channel feeds all webcasts"),
        default=False,
        help_text=_(
            "Experimental: Kaltura documents it only with a diagram. One live "
            "entry is the channel; while it is live, the webcast that is "
            "scheduled at that time shows it."
        ),
    )

    prepare_drafts = models.BooleanField(
        _("prepare drafts for rehearsals"),
        default=False,
        help_text=_(
            "Creates the entries and rooms of drafts at Kaltura, in no channel "
            "and no calendar. Otherwise Kaltura has nothing of a draft."
        ),
    )

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "delivery"

    def __str__(self) -> str:
        return str(self.event)


class SessionDelivery(Delivery):
    """What a session overrides, and what only its type needs."""

    session = models.OneToOneField(
        "events.Session", on_delete=models.CASCADE, related_name="delivery", editable=False
    )
    slides_entry_id = models.CharField(
        _("slides"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID."),
    )
    room_template_id = models.CharField(
        _("template room"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID of a room whose look and mode are copied when this room is created."),
    )
    source_entry_id = models.CharField(
        _("video to play"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID. Simulive plays it as if it were live."),
    )
    pre_clip_id = models.CharField(
        _("clip before the video"),
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text=_("Entry ID. It ends when the session starts."),
    )
    post_clip_id = models.CharField(
        _("clip after the video"), max_length=20, blank=True, validators=[validate_entry_id]
    )
    replay = models.BooleanField(
        _("the video stays available"),
        default=True,
        help_text=_("After the end, viewers can watch the video itself (simulive)."),
    )

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "delivery"

    def __str__(self) -> str:
        return str(self.session)
