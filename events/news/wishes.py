"""Which of the mails somebody wants, and the link in each that needs no signing in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from events.models import NewsPreferences, User

_SALT: Final = "events.news-off"
_KEY_CHARS: Final = 32


class Topic(StrEnum):
    """What can be turned off; also the names of the fields of NewsPreferences."""

    DAY_AHEAD = "day_ahead"
    SOON = "soon"
    CHANGED = "changed"
    RECORDED = "recorded"
    AFTERWARDS = "afterwards"


def wishes_of(user: User) -> NewsPreferences:
    """Their choice; everything, of who never chose. Not saved."""
    found = NewsPreferences.objects.filter(user=user).first()
    return found or NewsPreferences(user=user)


def wants(user: User, topic: Topic) -> bool:
    return bool(getattr(wishes_of(user), topic))


def turn_off(user: User, topic: Topic) -> None:
    """No more mails of this topic. Safe to repeat."""
    NewsPreferences.objects.update_or_create(user=user, defaults={topic.value: False})


def off_address(topic: Topic) -> Callable[[User], str]:
    """Where a person turns the topic off without signing in; a GET there changes nothing."""

    def address(user: User) -> str:
        path = reverse("events:news_off", args=[topic.value, off_token(user, topic)])
        return settings.SITE_URL + path

    return address


def off_token(user: User, topic: Topic) -> str:
    """The person's UUID in hexadecimal, then a signature over it and the topic."""
    return user.uuid.hex + _signature(user.uuid.hex, topic)


def _signature(person: str, topic: Topic) -> str:
    value = f"{person} {topic}"
    return salted_hmac(_SALT, value, algorithm="sha256").hexdigest()[:_KEY_CHARS]


def person_of_token(token: str, topic: Topic) -> User | None:
    """Whose link it is; None for one that was never given out."""
    person, signature = token[:_KEY_CHARS], token[_KEY_CHARS:]
    if not constant_time_compare(signature, _signature(person, topic)):
        return None
    return User.objects.filter(uuid=uuid.UUID(person)).first()
