"""Who did what to a session's recordings: lines in the history of its page in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from events.models import Session


def note(user: Any, session: Session, what: str) -> None:
    """Write down what this person did. ``what`` holds no key, address or KS."""
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Session),
        object_id=str(session.pk),
        object_repr=str(session)[:200],
        action_flag=CHANGE,
        change_message=f"Recordings: {what}",
    )
