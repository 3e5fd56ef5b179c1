"""A read-only picture of somebody's stars of one event, for whoever has its link."""

from __future__ import annotations

import uuid
from typing import Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from events.models import Event, Session, SharedAgenda, User
from events.queries import events_for, membership_in, sessions_for

_SALT: Final = "events.shared-agenda"
_KEY_CHARS: Final = 32


def share(user: User, event: Event) -> SharedAgenda:
    """Give a person a link to their stars of this event, or a new one that ends the old."""
    shared, _ = SharedAgenda.objects.update_or_create(
        user=user, event=event, defaults={"key": uuid.uuid4()}
    )
    return shared


def end_sharing(user: User, event: Event) -> None:
    """The link leads nowhere any more. Safe to repeat."""
    SharedAgenda.objects.filter(user=user, event=event).delete()


def shared_address(shared: SharedAgenda) -> str:
    """The secret address; the database alone does not tell it."""
    token = shared.key.hex + _signature(shared.key.hex)
    return settings.SITE_URL + reverse("events:shared_agenda", args=[token])


def _signature(key: str) -> str:
    return salted_hmac(_SALT, key, algorithm="sha256").hexdigest()[:_KEY_CHARS]


def shared_of_token(token: str) -> SharedAgenda | None:
    """What is shared at an address; None for one that was never given out, or has ended."""
    key, signature = token[:_KEY_CHARS], token[_KEY_CHARS:]
    if not constant_time_compare(signature, _signature(key)):
        return None
    found = SharedAgenda.objects.filter(key=uuid.UUID(key), user__is_active=True)
    return found.select_related("user").first()


def shared_sessions(shared: SharedAgenda) -> tuple[Event, list[Session]] | None:
    """The event and its starred sessions that everybody may see; None when it is not public."""
    anybody = AnonymousUser()
    events = events_for(anybody).select_related("programme_version")
    event = events.filter(pk=shared.event_id).first()
    if event is None:
        return None
    starred = sessions_for(event, membership_in(event, anybody)).filter(
        bookmarks__user=shared.user_id
    )
    sessions = list(starred.select_related("track").order_by("starts_at", "title", "pk"))
    for session in sessions:
        session.event = event
    return event, sessions
