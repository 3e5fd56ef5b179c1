"""Places in a session, and who waits for one there or at the event itself."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models.event import Event
from events.models.people import User
from events.models.session import Session


class WaitingListEntry(models.Model):
    """Somebody who would register, were there a place; whoever came first has the lowest key.

    It goes when the person moves up (a Registration takes its place) or gives up.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="waiting_list")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="waits_for")
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = gettext_lazy("waiting list")
        constraints = [
            models.UniqueConstraint(fields=["event", "user"], name="waiting_once_a_person"),
        ]

    def __str__(self) -> str:
        return _("%(email)s waits for %(event)s") % {"email": self.user.email, "event": self.event}


class SessionPlace(models.Model):
    """A place in a session that has only so many; without ``taken_at`` one that is waited for."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="places")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="session_places")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    taken_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["session", "taken_at"], name="places_of_session")]
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="session_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user.email} in {self.session}"

    @property
    def is_waiting(self) -> bool:
        return self.taken_at is None

    @property
    def event(self) -> Event:
        return self.session.event

    @property
    def event_id(self) -> int:
        return self.session.event_id
