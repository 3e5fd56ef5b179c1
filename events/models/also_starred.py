"""Which sessions the same people starred, for those who let their stars be counted."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from events.models.people import User
from events.models.session import Session


class CountedStars(models.Model):
    """Somebody's consent that their stars count, with those of others, for suggestions."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="counted_stars"
    )
    agreed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user_id}"


class AlsoStarred(models.Model):
    """Of the people who starred ``session``, enough starred ``other`` too.

    Only pairs that may be shown are here at all; how many people they are is nowhere.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="also_starred")
    other = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["session", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["session", "other"], name="also_starred_once"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.other_id}"
