"""Where finished files lie, and until when they may be taken."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from analytics.models import AttendanceFile
from analytics.privacy.modes import rules_of
from events.models import Event, User
from events.permissions import ANALYSTS, events_for_team


def path_of(uuid: UUID) -> Path:
    """Where a finished file lies."""
    return Path(settings.EXPORT_DIR) / str(uuid)


def is_withdrawn(file: AttendanceFile, now: datetime) -> bool:
    """Whether the file says more than may be shown now, or its time is over."""
    valid_from = rules_of(file.event).files_valid_from
    too_old = valid_from is not None and file.asked_at < valid_from
    return too_old or (file.expires_at is not None and file.expires_at <= now)


def may_have_files(user: User, event: Event) -> bool:
    """Whether somebody can still open the event's figures, asked while they are not here."""
    reads_admin = user.is_active and user.is_staff
    return reads_admin and events_for_team(user, ANALYSTS).filter(pk=event.pk).exists()
