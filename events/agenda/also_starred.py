"""Which sessions to suggest: those that enough of the same people starred as well.

People count who are registered and agreed to it, ten of them at least for each pair, and only
which pairs these are is stored, never how many people or who. Whoever owns nine accounts
could still find out about a tenth person, by watching when a pair appears. So how many are
enough is more than ten for most pairs, by a secret and differently each day, and stars are
counted once an hour, all together.
"""

from __future__ import annotations

import hmac
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone

from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.i18n.content import ShownText, content_of, translated_into
from events.models import (
    AlsoStarred,
    Bookmark,
    CountedStars,
    Event,
    EventStatus,
    Session,
    SessionStatus,
    User,
)
from events.programme.reading import version_name
from events.programme.recording import raise_version

LEAST: Final = 10
#: The most that a day's secret adds to it.
MORE: Final = 4
SHOWN: Final = 3
# Long after its end nobody plans a day at an event.
COUNTED_AFTER: Final = timedelta(days=30)
_KEPT_S: Final = 86_400

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another session of the same event."""

    slug: str
    title: ShownText


_SUGGESTIONS: Final[FragmentStore[tuple[Suggestion, ...]]] = FragmentStore()


def suggestions_for(session: Session) -> tuple[Suggestion, ...]:
    """What people who starred ``session`` starred too; no query while nothing changes."""

    def read() -> Fragment[tuple[Suggestion, ...]]:
        content = content_of(session.event)
        rows = AlsoStarred.objects.filter(
            session=session, other__status=SessionStatus.PUBLISHED
        ).select_related("other")
        others = (row.other for row in rows)
        found = tuple(Suggestion(each.slug, content.text(each, "title")) for each in others)
        return Fragment(found, time.time() + _KEPT_S)

    language = translated_into(session.event)
    key = fragment_key("also starred", version_name(session.event), session.pk, language)
    return _SUGGESTIONS.get(key, read)


def agree(user: User, *, agrees: bool) -> None:
    """Let the person's stars count from the next counting on, or not any more."""
    if agrees:
        CountedStars.objects.get_or_create(user=user)
    else:
        CountedStars.objects.filter(user=user).delete()


def count_stars(today: date | None = None) -> int:
    """Count the stars of all events that are on or coming; says for how many it changed."""
    today = today or timezone.localdate()
    events = Event.objects.filter(status=EventStatus.PUBLISHED, ends_on__gte=today - COUNTED_AFTER)
    return sum(_recount(event, today) for event in events.iterator())


@transaction.atomic
def _recount(event: Event, today: date) -> bool:
    wanted = _suggested(event, today)
    rows = AlsoStarred.objects.filter(session__event=event)
    if {(r.session_id, r.other_id): r.rank for r in rows} == wanted:
        return False
    rows.delete()
    AlsoStarred.objects.bulk_create(
        AlsoStarred(session_id=one, other_id=other, rank=rank)
        for (one, other), rank in wanted.items()
    )
    raise_version(event.pk, "default")
    return True


def _suggested(event: Event, today: date) -> dict[Pair, int]:
    """The pairs that may be shown, each with its place beside the first session."""
    others: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (one, other), people in _people_of_pairs(event).items():
        if people >= _enough(one, other, today):
            others[one].append((-people, other))
    return {
        (one, other): rank
        for one, found in others.items()
        for rank, (_, other) in enumerate(sorted(found)[:SHOWN])
    }


def _people_of_pairs(event: Event) -> dict[Pair, int]:
    """How many of those who count starred both; one query, of pairs that ten starred."""
    of_event = {"session__event": event, "user__bookmarks__session__event": event}
    rows = (
        Bookmark.objects.filter(
            **of_event,
            user__counted_stars__isnull=False,
            user__is_active=True,
            user__registrations__event=event,
            user__registrations__withdrawn_at=None,
        )
        .values(one=F("session"), other=F("user__bookmarks__session"))
        .annotate(people=Count("user", distinct=True))
        .filter(people__gte=LEAST)
        .order_by()
    )
    return {(r["one"], r["other"]): r["people"] for r in rows if r["one"] != r["other"]}


def _enough(one: int, other: int, today: date) -> int:
    """How many people are enough for this pair today, ten to fourteen; the same both ways."""
    named = f"{min(one, other)} {max(one, other)} {today}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), named, sha256).digest()
    return LEAST + int.from_bytes(digest[:4]) % (MORE + 1)
