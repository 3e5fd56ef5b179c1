"""What the attendance sources reported, as they reported it.

Only a pull writes these rows, under the source's own key. Which person and session they
belong to (``user``, ``session``) is our interpretation: it can be emptied and matched
again at any time, see match.py.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from events.models import Event, Session


class Source(models.TextChoices):
    """Who reports attendance."""

    NEWROW = "newrow", _("Meeting room")
    REPORT = "report", _("Webcast report")
    ENGAGEMENT = "engagement", _("Live engagement report")
    REALTIME = "realtime", _("Realtime report")
    PORTAL = "portal", _("Portal's own page")


class MatchedBy(models.TextChoices):
    """How a reported person was matched. Never by name."""

    NOBODY = "", _("Nobody")
    USER_ID = "user_id", _("User id")
    ADDRESS = "address", _("Verified address")
    LINK = "link", _("Linked by an analyst")


class RunRule(models.TextChoices):
    """Which rule gave a run its session (analytics.matching)."""

    NONE = "", _("No session")
    WINDOW = "window", _("The only session of the room whose window it touches")
    MOST_TIME = "most_time", _("Of several sessions, the one it shares most time with")
    DECISION = "decision", _("Decided by a person")
    PAGE = "page", _("The session's own page")


class Reported(models.Model):
    """What every reported row has: its source, what was received, and when."""

    source = models.CharField(max_length=12, choices=Source.choices)
    raw: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    pulled_at = models.DateTimeField(help_text=_("When the source last said so."))

    class Meta:
        abstract = True


class RoomRun(Reported):
    """One run of a meeting room: from the first person in to the last one out.

    A room may run several times for one session, and may run with no session at all
    (a rehearsal). A run that is still going on has no end yet.
    """

    remote_id = models.CharField(max_length=64, help_text=_("The source's number of the run."))
    room_remote_id = models.CharField(max_length=64, help_text=_("The room's entry at Kaltura."))
    room_name = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    session = models.ForeignKey(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="room_runs"
    )
    matched_by = models.CharField(max_length=12, choices=RunRule.choices, blank=True)
    event = models.ForeignKey(
        Event,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="room_runs",
        help_text=_("Whose room was asked for it: its analysts see a run without a session."),
    )
    part_of = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="parts",
        help_text=_("The reported run that a person split; this is a part of it, made by us."),
    )
    is_split = models.BooleanField(default=False, help_text=_("Its parts count, not the whole."))
    # Of its stays as they were last written: the same need not be compared again.
    digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["-started_at", "pk"]
        indexes = [models.Index(fields=["room_remote_id", "started_at"], name="runs_of_room")]
        constraints = [
            models.UniqueConstraint(fields=["source", "remote_id"], name="run_once_a_remote_id"),
        ]

    def __str__(self) -> str:
        return f"{self.room_name or self.room_remote_id}, run {self.remote_id}"


class Stay(Reported):
    """One person's presence in a room run, from joining to leaving.

    The source gives stays no id of their own. ``remote_key`` is run, person and moment of
    joining, which do not change while the stay goes on or when it ends.
    """

    run = models.ForeignKey(RoomRun, on_delete=models.CASCADE, related_name="stays")
    remote_key = models.CharField(max_length=200)
    remote_user_id = models.CharField(
        max_length=200, blank=True, db_index=True, help_text=_("Who, as the source names them.")
    )
    name = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=255, blank=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    minutes = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    attention = models.DecimalField(
        _("attention, %"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    open_interval = models.BooleanField(
        default=False, help_text=_("The source reported no time of leaving.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="stays",
    )
    matched_by = models.CharField(max_length=12, choices=MatchedBy.choices, blank=True)

    class Meta:
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "remote_key"], name="stay_once_a_remote_key"),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.remote_user_id} from {self.joined_at:%Y-%m-%d %H:%M:%S}"


class ViewerTotal(Reported):
    """How long one person watched one webcast, as a report sums it up.

    Reports count minutes and plays; they have no times of joining or leaving.
    Viewers without a user id share one row, see ``is_anonymous``.
    """

    entry_remote_id = models.CharField(
        max_length=64, help_text=_("The webcast's entry at Kaltura.")
    )
    remote_user_id = models.CharField(max_length=200, db_index=True)
    name = models.CharField(max_length=255, blank=True)
    is_anonymous = models.BooleanField(default=False)
    plays = models.PositiveIntegerField(default=0)
    live_minutes = models.DecimalField(max_digits=12, decimal_places=4)
    recording_minutes = models.DecimalField(max_digits=12, decimal_places=4)
    engaged = models.DecimalField(
        _("engaged, %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Share of the live minutes with the player in view and audible."),
    )
    session = models.ForeignKey(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="viewer_totals"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="viewer_totals",
    )
    matched_by = models.CharField(max_length=12, choices=MatchedBy.choices, blank=True)

    class Meta:
        ordering = ["-live_minutes", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "entry_remote_id", "remote_user_id"],
                name="viewer_total_once_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.remote_user_id} on {self.entry_remote_id}"
