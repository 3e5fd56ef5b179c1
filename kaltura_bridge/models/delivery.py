"""How sessions are delivered: defaults on the event, what a session does otherwise.

An empty value means “as the event says”, and there “as the portal does by itself”
(delivery.py merges the three). The events app knows nothing of this.
"""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from events.models.base import ProgrammeModel

validate_entry_id = RegexValidator(
    r"^[0-9]_[0-9a-z]{8}$",
    "This is no entry id. Kaltura's look like 1_abcd2345: copy it from the entry's page there.",
)


class RecordingMode(models.TextChoices):
    NONE = "none", "Not recorded"
    APPENDED = "appended", "One recording of everything"
    PER_SESSION = "per_session", "A recording for each time on air"


class Chat(models.TextChoices):
    OFF = "off", "Off"
    ON = "on", "Open all the time"
    SCHEDULED = "scheduled", "Open around the session"


class RoomForm(models.TextChoices):
    ENTRY = "entry", "Room entries"
    LEGACY = "legacy", "Location resources (older accounts)"


class Delivery(ProgrammeModel):
    """What an event decides for its sessions and each session may decide otherwise."""

    dvr = models.BooleanField(
        "viewers may rewind", null=True, blank=True, help_text="While it is on air (DVR)."
    )
    dvr_window_minutes = models.PositiveSmallIntegerField(
        "how far back, in minutes",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text="1 to 1440.",
    )
    recording = models.CharField(max_length=12, choices=RecordingMode.choices, blank=True)
    recordings_hidden = models.BooleanField(
        "recordings hidden at Kaltura",
        null=True,
        blank=True,
        help_text="They are then in no list there; this portal still plays them.",
    )
    preview = models.BooleanField(
        "preview before going live",
        null=True,
        blank=True,
        help_text="Viewers see nothing until the producer chooses Go live.",
    )
    self_serve = models.BooleanField(
        "sent from the browser's camera",
        null=True,
        blank=True,
        help_text="Otherwise from an encoder.",
    )
    chat = models.CharField("group chat", max_length=12, choices=Chat.choices, blank=True)
    questions = models.CharField(
        "questions and answers", max_length=12, choices=Chat.choices, blank=True
    )
    questions_before_minutes = models.PositiveSmallIntegerField(
        "questions open before the start, in minutes",
        null=True,
        blank=True,
        validators=[MaxValueValidator(1440)],
    )
    questions_after_minutes = models.PositiveSmallIntegerField(
        "questions stay open after the end, in minutes",
        null=True,
        blank=True,
        validators=[MaxValueValidator(1440)],
    )
    thumbnail_url = models.URLField(
        "picture while nothing is on air",
        blank=True,
        max_length=500,
        help_text="An address of a JPEG or PNG that Kaltura can open; it takes a copy.",
    )
    room_tags: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        "room settings", default=dict, blank=True
    )

    class Meta:
        abstract = True


class EventDelivery(Delivery):
    """An event's defaults, and what only an event as a whole decides."""

    event = models.OneToOneField(
        "events.Event", on_delete=models.CASCADE, related_name="delivery", editable=False
    )
    room_form = models.CharField(
        "rooms are made as", max_length=8, choices=RoomForm.choices, default=RoomForm.ENTRY
    )
    channel = models.BooleanField(
        "one channel feeds all webcasts",
        default=False,
        help_text="Experimental: Kaltura documents this with a picture only. One live entry is "
        "the channel; while it is on air, the webcast of the hour shows it.",
    )

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "delivery"

    def __str__(self) -> str:
        return str(self.event)


class SessionDelivery(Delivery):
    """A session's own choices, and what only its type needs."""

    session = models.OneToOneField(
        "events.Session", on_delete=models.CASCADE, related_name="delivery", editable=False
    )
    slides_entry_id = models.CharField(
        "slides", max_length=20, blank=True, validators=[validate_entry_id], help_text="Entry id."
    )
    room_template_id = models.CharField(
        "template room",
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text="Entry id of a room whose look and mode this room takes over, once.",
    )
    source_entry_id = models.CharField(
        "video to play",
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text="Entry id. Simulive plays it as if it were live.",
    )
    pre_clip_id = models.CharField(
        "clip before it",
        max_length=20,
        blank=True,
        validators=[validate_entry_id],
        help_text="Entry id. It begins its own length before the start.",
    )
    post_clip_id = models.CharField(
        "clip after it", max_length=20, blank=True, validators=[validate_entry_id]
    )
    replay = models.BooleanField(
        "the video stays on afterwards",
        default=True,
        help_text="After the end viewers get the video itself (simulive).",
    )

    class Meta:
        verbose_name = "delivery"
        verbose_name_plural = "delivery"

    def __str__(self) -> str:
        return str(self.session)
