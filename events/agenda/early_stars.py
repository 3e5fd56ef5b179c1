"""Stars that somebody gave before signing in: kept by their browser, merged once they do.

Scripts keep them in the browser's storage and hand them over on the first page after signing
in. Without scripts a star leads to the sign-in page, and the visit remembers it until then.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from events.models import Bookmark, Session, User
from events.queries import events_for, membership_in, sessions_for

MOST: Final = 500
_KEY: Final = "early_stars"
_NAME = re.compile(r"([-a-zA-Z0-9_]{1,80})/([-a-zA-Z0-9_]{1,80})")


def name_of(session: Session) -> str:
    """As browsers keep it: the slugs of event and session."""
    return f"{session.event.slug}/{session.slug}"


def merge_stars(user: User, names: Iterable[str]) -> list[str]:
    """Give these stars to an account; safe to repeat. Returns those that it has now.

    What is not there, or not for this person to see, is left out; at most 500 are read.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    for name in list(names)[:MOST]:
        if found := _NAME.fullmatch(name):
            wanted[found.group(1)].add(found.group(2))
    kept: list[Session] = []
    for event in events_for(user).filter(slug__in=wanted):
        for session in sessions_for(event, membership_in(event, user)).filter(
            slug__in=wanted[event.slug]
        ):
            session.event = event
            kept.append(session)
    stars = [Bookmark(user=user, session=session) for session in kept]
    Bookmark.objects.bulk_create(stars, ignore_conflicts=True)
    return [name_of(session) for session in kept]


def remember_star(request: HttpRequest, session: Session) -> None:
    """Keep a star with the visit until it signs in; Django keeps such things through that."""
    names: list[str] = request.session.get(_KEY, [])
    request.session[_KEY] = [*names, name_of(session)][-MOST:]


@receiver(user_logged_in)
def merge_remembered(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    """Whoever signs in gets the stars of the visit."""
    session = getattr(request, "session", None)
    if session and (names := session.pop(_KEY, None)):
        merge_stars(user, names)
