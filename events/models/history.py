"""What planned objects were, who changed them, and what is in the trash."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ChangeSource(models.TextChoices):
    """From where a change came."""

    ADMIN = "admin", _("admin")
    PLANNER = "planner", _("planner")
    SITE = "site", _("site")
    SPEAKER = "speaker", _("speaker")
    IMPORT = "import", _("import")
    RELEASE = "release", _("release")
    COMMAND = "command", _("command")
    KALTURA = "kaltura", _("Kaltura")
    PORTAL = "portal", _("the portal itself")


class VersionKind(models.TextChoices):
    """What happened to an object."""

    FIRST = "first", _("first seen")
    MADE = "made", _("made")
    CHANGED = "changed", _("changed")
    PUT_BACK = "put_back", _("put back")
    DELETED = "deleted", _("deleted")
    RESTORED = "restored", _("restored")


class ObjectHistory(models.Model):
    """One planned object as it was last recorded, with what stands beside it.

    Nothing here hangs on the object by a foreign key, so that its history survives a stay in
    the trash. ``object_key`` is its primary key; those are never used twice.
    """

    uuid = models.UUIDField(primary_key=True, editable=False)
    model = models.CharField(max_length=20)
    object_key = models.BigIntegerField()
    event_uuid = models.UUIDField(db_index=True)
    label = models.CharField(max_length=250)
    state: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
    number = models.PositiveIntegerField(default=0)
    people = models.TextField(
        blank=True, help_text=_("Accounts that any version names: keys with commas around.")
    )
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "object_key"], name="history_once_an_object"),
        ]

    def __str__(self) -> str:
        return self.label


class ObjectVersion(models.Model):
    """One change of one object: what it changed, from what to what, who and when.

    ``changes`` names each value by its path (``title``, ``translations/de/title``) and has what
    it was and what it became; so the state at any version is the last one with the later
    changes taken away.
    """

    history = models.ForeignKey(ObjectHistory, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=VersionKind.choices)
    source = models.CharField(max_length=10, choices=ChangeSource.choices)
    note = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,  # Who erases themselves may have changed something on the way.
    )
    happened_at = models.DateTimeField(default=timezone.now, db_index=True)
    changes: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["history", "number"], name="history_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.history_id}: {self.number}"


class TrashedObject(models.Model):
    """A planned object that was deleted, and can be restored until it is deleted for good."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    model = models.CharField(max_length=20)
    object_key = models.BigIntegerField()
    object_uuid = models.UUIDField()
    event_uuid = models.UUIDField(db_index=True)
    label = models.CharField(_("name"), max_length=250)
    event_title = models.CharField(_("event"), max_length=250)
    deleted_at = models.DateTimeField(_("deleted"), default=timezone.now, db_index=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name=_("by"),
    )
    owners = models.TextField(
        blank=True,
        help_text=_("Who owned a deleted event, and may restore it: keys with commas around."),
    )
    counts: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(
        default=dict, help_text=_("How many rows of which table it holds.")
    )
    holds: models.JSONField[dict[str, list[int]], dict[str, list[int]]] = models.JSONField(
        default=dict, help_text=_("Primary keys of the planned objects in it.")
    )

    class Meta:
        ordering = ["-deleted_at", "-pk"]
        verbose_name = _("deleted object")
        verbose_name_plural = _("trash")
        constraints = [
            models.UniqueConstraint(fields=["model", "object_key"], name="trashed_once"),
        ]

    def __str__(self) -> str:
        return self.label


class TrashedRows(models.Model):
    """Some rows of one table, as they were; or references of rows that stayed (``is_reference``).

    Rows in the order in which they can be inserted. A reference is a row's key, the column and
    what it held.
    """

    trashed = models.ForeignKey(TrashedObject, on_delete=models.CASCADE, related_name="chunks")
    position = models.PositiveIntegerField()
    model = models.CharField(max_length=100)
    is_reference = models.BooleanField(default=False)
    columns: models.JSONField[list[str], list[str]] = models.JSONField(default=list)
    rows: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list)

    class Meta:
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["model"], name="trashed_rows_of_model")]

    def __str__(self) -> str:
        return f"{self.model}, {len(self.rows)}"
