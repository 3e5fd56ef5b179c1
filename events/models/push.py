"""Browsers that show somebody notifications."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.db import models
from django.utils import timezone

from events.models.fields import LineField
from events.models.people import User


class PushSubscription(models.Model):
    """One browser of one person, as its push service knows it; it goes when that says so."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.TextField()
    # A long address makes no index everywhere.
    endpoint_digest = models.CharField(max_length=64, unique=True, editable=False)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    browser = LineField(max_length=100, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user}: {self.browser}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.endpoint_digest = digest_of_endpoint(self.endpoint)
        super().save(*args, **kwargs)


def digest_of_endpoint(endpoint: str) -> str:
    return sha256(endpoint.encode()).hexdigest()
