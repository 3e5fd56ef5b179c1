"""A person's own calendar feed, which is read without signing in."""

from __future__ import annotations

import uuid

from django.db import models

from events.models.event import Event
from events.models.people import User


class PersonalFeed(models.Model):
    """An address under which a calendar reads someone's favourites: of one event, or of all.

    The address itself is not stored: it is made of ``key`` and a signature (agenda/mine.py),
    so whoever reads the database cannot read the feeds. A new ``key`` ends the old address.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="feeds")
    event = models.ForeignKey(
        Event, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="feed_once_an_event"),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(event=None), name="feed_once_for_all_events"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.event or 'all events'}"


class SharedAgenda(models.Model):
    """A link under which anybody sees the stars that someone gave at one event.

    As with feeds, the address is made of ``key`` and a signature (agenda/sharing.py).
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shared_agendas")
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="shared_once_an_event"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.event}"
