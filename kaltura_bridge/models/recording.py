"""What is left of a session: its recordings at Kaltura, and what people want changed about them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models.fields import LineField, ProseField
from kaltura_bridge.leases import Leased
from kaltura_bridge.recordings import lengths


class RecordingOrigin(models.TextChoices):
    """How a recording came to its session."""

    RECORDED = "recorded", _("Recorded from the broadcast")
    CHILD = "child", _("Recorded from one broadcast of several")
    ROOM = "room", _("Recorded in the room")
    REDIRECT = "redirect", _("Where Kaltura leads viewers")
    SOURCE = "source", _("The video that was played")
    NAMED = "named", _("Chosen for the recordings of the room")
    REPLACED = "replaced", _("Chosen by a person")


class RecordingStatus(models.TextChoices):
    """How a recording stands at Kaltura."""

    PROCESSING = "processing", _("Processing")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed at Kaltura")
    GONE = "gone", _("Deleted at Kaltura")


class Recording(models.Model):
    """One video of a session, as the worker last saw it at Kaltura.

    ``is_main``: "the recording" of the session; at most one. With ``chosen_at`` a person said
    so, and the worker leaves it there. ``is_changing``: Kaltura is replacing its content, and
    plays the old one until then. Nothing here is deleted: what Kaltura has no more is GONE.
    """

    session = models.ForeignKey(
        "events.Session", on_delete=models.CASCADE, related_name="recordings"
    )
    entry_id = models.CharField(max_length=20)
    origin = models.CharField(max_length=8, choices=RecordingOrigin.choices)
    state = models.CharField(max_length=10, choices=RecordingStatus.choices)
    name = LineField(max_length=250, blank=True)
    seconds = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0, help_text=_("0: not known."))
    plays = models.PositiveIntegerField(default=0)
    is_published = models.BooleanField(default=False)
    is_main = models.BooleanField(default=False)
    chosen_at = models.DateTimeField(null=True, blank=True)
    is_changing = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-is_main", "-recorded_at", "pk"]
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "entry_id"], name="recording_once_a_session"
            ),
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(is_main=True), name="one_main_recording"
            ),
        ]
        indexes = [models.Index(fields=["entry_id"], name="recording_by_entry")]

    def __str__(self) -> str:
        return self.name or self.entry_id

    @property
    def is_shown(self) -> bool:
        """Whether attendees can watch it."""
        return self.is_published and self.state == RecordingStatus.READY

    @property
    def length(self) -> str:
        """``1:02:03``; "" while Kaltura does not say."""
        return lengths.length(self.seconds) if self.seconds else ""

    @property
    def size(self) -> str:
        """``1.2 GB``; "" while it is not known."""
        return lengths.size(self.bytes)


class RecordingLook(models.Model):
    """When the worker looked for a session's recordings, and when it looks again."""

    session = models.OneToOneField(
        "events.Session", on_delete=models.CASCADE, related_name="recording_look"
    )
    looked_at = models.DateTimeField(null=True, blank=True)
    next_look_at = models.DateTimeField(default=timezone.now, db_index=True)
    failures = models.PositiveIntegerField(default=0, help_text=_("Consecutive."))
    error = ProseField(blank=True)

    class Meta:
        verbose_name = _("look for recordings")
        verbose_name_plural = _("looks for recordings")

    def __str__(self) -> str:
        return f"look for recordings of {self.session}"


class RecordingChangeKind(models.TextChoices):
    """What a person wants done about a session's recordings."""

    CLIP = "clip", _("Cut into a new video")
    TRIM = "trim", _("Cut the recording itself")
    UPLOAD = "upload", _("Upload a video")
    LINK = "link", _("Use a video of the account")


class RecordingChangeState(models.TextChoices):
    """How far it is."""

    UPLOADING = "uploading", _("Uploading")
    WAITING = "waiting", _("Waiting to be sent")
    PROCESSING = "processing", _("Kaltura is working on it")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class RecordingChange(Leased):
    """One change that somebody confirmed: the worker's order, and its history.

    ``key`` comes from the form, so that a form sent twice is one change; it stands on what is
    made at Kaltura, too. ``adding_since``: when it was sent, or about to be; looks that began
    before tell nothing of it. ``length_before_ms``: of what the person saw, then of what was
    cut; by it a cut whose answer was lost is told from one that never came.
    """

    session = models.ForeignKey(
        "events.Session", on_delete=models.CASCADE, related_name="recording_changes"
    )
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(max_length=8, choices=RecordingChangeKind.choices)
    state = models.CharField(
        max_length=10,
        choices=RecordingChangeState.choices,
        default=RecordingChangeState.WAITING,
        db_index=True,
    )
    source = models.ForeignKey(
        Recording, on_delete=models.SET_NULL, null=True, blank=True, related_name="changes"
    )
    name = LineField(max_length=250, blank=True)
    start_ms = models.PositiveBigIntegerField(default=0)
    length_ms = models.PositiveBigIntegerField(default=0)
    length_before_ms = models.PositiveBigIntegerField(default=0)
    replaces = models.BooleanField(
        default=False, help_text=_("Attendees see the new one instead, once it is ready.")
    )
    upload_token = models.CharField(max_length=64, blank=True)
    bytes_expected = models.PositiveBigIntegerField(default=0)
    bytes_received = models.PositiveBigIntegerField(default=0)
    entry_id = models.CharField(max_length=20, blank=True)
    adding_since = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    error = ProseField(blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        verbose_name = _("change of a recording")
        verbose_name_plural = _("changes of recordings")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.session}"
