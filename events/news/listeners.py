"""Whose stars count: everybody's but those who closed their account or gave their place back."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from events.models import Bookmark, NewsPreferences, Registration
from events.news.wishes import Topic


def stars_for(topic: Topic) -> QuerySet[Bookmark]:
    """Stars of people who want to hear about this; what they may see is asked later."""
    unwanted = NewsPreferences.objects.filter(user=OuterRef("user"), **{topic.value: False})
    withdrawn = Registration.objects.filter(
        user=OuterRef("user"), event=OuterRef("session__event"), withdrawn_at__isnull=False
    )
    return Bookmark.objects.filter(
        ~Exists(unwanted), ~Exists(withdrawn), user__is_active=True
    ).select_related("user")
