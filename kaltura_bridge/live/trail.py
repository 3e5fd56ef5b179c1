"""Who did what at the desk: lines in the history of the session's page in the admin."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType

from events.models import Session
from kaltura_bridge.live.panels import LiveDesk

_BEGINS = "Live desk: "


def note(desk: LiveDesk, what: str) -> None:
    """Write down what this person did or saw. ``what`` holds no key, address or KS."""
    LogEntry.objects.create(
        user=desk.user,
        content_type=ContentType.objects.get_for_model(Session),
        object_id=str(desk.session.pk),
        object_repr=str(desk.session)[:200],
        action_flag=CHANGE,
        change_message=f"{_BEGINS}{what}",
    )


def times_lately(desk: LiveDesk, what: str, within: timedelta) -> int:
    """How often notes of this person, about whichever session, began like this lately."""
    return LogEntry.objects.filter(
        user=desk.user,
        action_time__gt=desk.now - within,
        content_type=ContentType.objects.get_for_model(Session),
        change_message__startswith=f"{_BEGINS}{what}",
    ).count()
