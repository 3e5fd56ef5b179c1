"""What people decided about matching: kept apart from what was reported, so nothing forgets it.

A decision is never changed. To take it back, it is marked as undone, and stays readable.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.models.raw import RoomRun, Source
from events.models import Event, Session
from events.models.fields import LineField


class Decision(models.Model):
    """Who decided, when and why; and who took it back, when."""

    reason = LineField(max_length=300, blank=True, help_text=_("Why, for whoever reads it later."))
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        abstract = True

    @property
    def stands(self) -> bool:
        return self.undone_at is None


class RunDecision(Decision):
    """Which session a run belongs to; with ``split_at``, what comes before and after.

    Without a session, the run or the part of it belongs to none (a rehearsal). A run has at
    most one decision that stands; it outlives every pull and every new matching.
    """

    run = models.ForeignKey(RoomRun, on_delete=models.CASCADE, related_name="decisions")
    session = models.ForeignKey(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    split_at = models.DateTimeField(null=True, blank=True)
    session_after = models.ForeignKey(
        Session, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run"],
                condition=models.Q(undone_at=None),
                name="one_decision_stands_for_a_run",
            ),
        ]

    def __str__(self) -> str:
        if self.split_at is None:
            return f"{self.run} belongs to {self.session or 'no session'}"
        return (
            f"{self.run} is {self.session or 'no session'} until {self.split_at:%H:%M:%S}, "
            f"then {self.session_after or 'no session'}"
        )


class PersonLink(Decision):
    """A remote person is this account, at one event: what an analyst found out.

    Only people whom a source names by an id can be linked; a name is not an id. The account
    is one that belongs to the event.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="person_links")
    source = models.CharField(max_length=12, choices=Source.choices)
    remote_user_id = models.CharField(max_length=200)
    name = LineField(max_length=255, blank=True, help_text=_("As reported when it was linked."))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="person_links"
    )

    class Meta:
        ordering = ["-decided_at", "-pk"]
        verbose_name = _("person's link")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "source", "remote_user_id"],
                condition=models.Q(undone_at=None),
                name="one_link_stands_for_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or self.remote_user_id} is {self.user}"


class MarkedTester(Decision):
    """An account whose attendance of an event is a test, so it counts among no people."""

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="marked_testers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="marked_testers"
    )

    class Meta:
        ordering = ["-decided_at", "-pk"]
        verbose_name = "tester"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "user"],
                condition=models.Q(undone_at=None),
                name="one_test_mark_stands_for_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} tests {self.event}"
