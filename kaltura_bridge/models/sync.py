"""What the portal remembers of Kaltura: the sync state of each planned object, and its remote ones.

The domain is not referred to by foreign key: a target outlives its event, track or
session until Kaltura has let go of everything it made for it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kaltura_bridge.models.error_kinds import ErrorKind, error_kind_choices
from kaltura_bridge.specs import Kind


class SyncState(models.TextChoices):
    """The states of a target; sync/states.py has the steps between them."""

    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Sending")
    SYNCED = "synced", _("In sync")
    FAILED = "failed", _("Failed")


class TargetKind(models.TextChoices):
    """The planned objects that have a target."""

    EVENT = "event", _("Event")
    TRACK = "track", _("Track")
    SESSION = "session", _("Session")
    MEMBER = "member", _("Member")


class SyncTarget(models.Model):
    """An event, track, session or member and its sync state: the unit that a worker claims.

    ``version`` rises with every edit and every step of the state machine
    (sync/states.py); whoever ends a step does so only for the version it began with.
    """

    kind = models.CharField(max_length=8, choices=TargetKind.choices)
    object_uuid = models.UUIDField()
    event_uuid = models.UUIDField(db_index=True)
    title = models.CharField(max_length=250)
    removed = models.BooleanField(
        default=False, help_text=_("Deleted here; stays until Kaltura has deleted it too.")
    )
    state = models.CharField(
        max_length=8, choices=SyncState.choices, default=SyncState.PENDING, db_index=True
    )
    version = models.PositiveBigIntegerField(default=1)
    holder = models.CharField(
        max_length=200, blank=True, help_text=_("The worker that claimed it.")
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(
        default=0, help_text=_("Since the last edit or success.")
    )
    next_attempt_at = models.DateTimeField(default=timezone.now, db_index=True)
    error_kind = models.CharField(max_length=32, blank=True, choices=error_kind_choices)
    error = models.TextField(blank=True, help_text=_("What managers read."))
    # No constraint: to check it the database locks the other row, for which an editor may
    # wait who holds this one. What is deleted is let go of by Django.
    waits_for = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="dependants",
        db_constraint=False,
        help_text=_("Whose object must be at Kaltura before this can be in sync."),
    )
    changed_there = models.CharField(
        max_length=250, blank=True, help_text=_("Fields that were changed at Kaltura.")
    )
    changed_at = models.DateTimeField(default=timezone.now, help_text=_("Last edit here."))
    synced_at = models.DateTimeField(null=True, blank=True, help_text=_("Last found in sync."))
    taken_names: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Names that its category cannot have: another one at Kaltura has them."),
    )

    class Meta:
        ordering = ["title"]
        verbose_name = _("sync state")
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_uuid"], name="target_once_an_object"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} “{self.title}”"

    @property
    def cause(self) -> SyncTarget | None:
        """The target whose failure is behind this one's, through others; None: its own."""
        if self.error_kind != ErrorKind.BLOCKED or self.waits_for is None:
            return None
        return self.waits_for.cause or self.waits_for


class RemoteLink(models.Model):
    """One object at Kaltura that stands for a planned one, never shared between two.

    ``pushed`` holds the fields as we last wrote them, ``seen`` as last read back; both
    in the form Kaltura gives back. ``adding_since`` says that an add was sent (or about
    to be) whose outcome is not known: the object may exist.
    """

    target = models.ForeignKey(SyncTarget, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=24, choices=[(k.value, k.label) for k in Kind])
    key = models.CharField(max_length=120)
    remote_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  (unique)
    made_for = models.CharField(
        max_length=200,
        blank=True,
        help_text=_("Its class and owners; when they change, it must be recreated."),
    )
    pushed = models.JSONField(default=dict, blank=True)
    pushed_at = models.DateTimeField(null=True, blank=True)
    seen = models.JSONField(default=dict, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    narrowed: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Fields in which Kaltura shows question marks for characters it cannot keep."),
    )
    gone = models.BooleanField(default=False, help_text=_("Deleted or cancelled at Kaltura."))
    cancelled = models.BooleanField(
        default=False, help_text=_("Cancelled at Kaltura: it is there and no longer does its work.")
    )
    adding_since = models.DateTimeField(null=True, blank=True)
    doubts: models.JSONField[list[float], list[float]] = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Moments of adds whose outcome was never known, in Unix seconds."),
    )
    ignored: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list, blank=True, help_text=_("Fields that a person chose to ignore.")
    )
    unlinked = models.BooleanField(
        default=False,
        db_column="let_go",
        help_text=_("A person unlinked it: it stays at Kaltura, and the portal leaves it alone."),
    )
    # Its own id while the desk leads its viewers to another entry: one that is made anew in
    # its place has another id, and leads nowhere.
    led_elsewhere_id = models.CharField(max_length=64, blank=True, default="")
    led_to_id = models.CharField(
        max_length=64, blank=True, default="", help_text=_("Where the desk leads its viewers.")
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = _("object at Kaltura")
        verbose_name_plural = _("objects at Kaltura")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="link_once_a_key"),
            models.UniqueConstraint(fields=["kind", "remote_id"], name="link_once_a_remote_object"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.remote_id or self.key}"

    @property
    def drift(self) -> dict[str, tuple[str, str]]:
        """Fields whose value at Kaltura differs from what we wrote: name -> (ours, theirs)."""
        if not self.seen:
            return {}
        return {
            name: (value, self.seen[name])
            for name, value in self.pushed.items()
            if name in self.seen and self.seen[name] != value and name not in self.ignored
        }


class SyncAttempt(models.Model):
    """A line of a target's history: what one try did and how it ended."""

    target = models.ForeignKey(SyncTarget, on_delete=models.CASCADE, related_name="history")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=8, choices=SyncState.choices)
    error_kind = models.CharField(max_length=32, blank=True, choices=error_kind_choices)
    message = models.TextField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["target", "-at"], name="attempts_of_target")]
        verbose_name = "attempt"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.message}"


class Account(models.Model):
    """The Kaltura account itself: whether it answers, and what was looked up once."""

    partner_id = models.PositiveBigIntegerField(unique=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text=_("Consecutive."))
    error_kind = models.CharField(max_length=32, blank=True, choices=error_kind_choices)
    error = models.TextField(blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    lag_s = models.FloatField(
        default=0.0, help_text=_("How far lists were seen to lag behind writes, in seconds.")
    )
    lag_seen_at = models.DateTimeField(null=True, blank=True)
    resources: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True
    )
    resources_at = models.DateTimeField(null=True, blank=True)
    changes_read_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When Kaltura was last asked what had changed.")
    )
    recent_syncs: models.JSONField[list[dict[str, Any]], list[dict[str, Any]]] = models.JSONField(
        default=list,
        blank=True,
        db_column="works",
        help_text=_("The last syncs: at, objects, calls, writes, seconds."),
    )

    class Meta:
        verbose_name = _("Kaltura account")
        permissions = [
            ("operate_account", _("Can choose among all objects of the Kaltura account"))
        ]

    def __str__(self) -> str:
        return f"Kaltura account {self.partner_id}"
