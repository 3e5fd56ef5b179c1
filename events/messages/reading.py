"""Which messages stand on which pages, and the word by which open pages ask about them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from events.caching.fragments import Fragment, FragmentStore, fragment_key
from events.models import AudienceMessage, Event, MessageLevel, Session
from events.programme.reading import programme_version, version_name

#: More at a time nobody reads.
MOST_SHOWN: Final = 5
_KEPT_S: Final = 86_400
_AFTERWARDS: Final = timedelta(days=2)
# The same word for all who read the same page, for these are kept: so it holds when it ends, and
# not when it was given.
_signer = Signer(salt="messages to an audience", sep=".")


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as a page shows it. ``name`` changes with what it says."""

    pk: int
    name: str
    session_id: int | None
    level: str
    text: str
    ends_at: datetime

    @property
    def is_warning(self) -> bool:
        return self.level == MessageLevel.WARNING


_KEPT: Final[FragmentStore[tuple[ShownMessage, ...]]] = FragmentStore()


@dataclass(frozen=True)
class MessagesAsked:
    """Whose messages a page shows: those of the event (0: not), and of a session (0: of none)."""

    event_pk: int
    session_pk: int = 0

    def covers(self, message: ShownMessage) -> bool:
        if message.session_id is None:
            return bool(self.event_pk)
        return message.session_id == self.session_pk


def messages_on(event: Event, asked: MessagesAsked, now: datetime) -> list[ShownMessage]:
    """What a page of the event shows now.

    Every change of them raises the programme's version, which says whether there are any: so a
    warm page asks nothing for it, nor one of an event where nothing is said.
    """

    def read() -> Fragment[tuple[ShownMessage, ...]]:
        return Fragment(tuple(_shown(_standing(now).filter(event=event))), time.time() + _KEPT_S)

    if not programme_version(event).has_messages:
        return []
    kept = _KEPT.get(fragment_key("messages", version_name(event)), read)
    return [each for each in kept if each.ends_at > now and asked.covers(each)][:MOST_SHOWN]


def messages_now(asked: MessagesAsked, slug: str) -> list[ShownMessage]:
    """The same for a page of this event that is open, read anew."""
    of_event = Q(event=asked.event_pk, session=None) if asked.event_pk else Q(pk=None)
    of_session = Q(session=asked.session_pk) if asked.session_pk else Q(pk=None)
    rows = _standing(timezone.now()).filter(of_event | of_session, event__slug=slug)
    return list(_shown(rows))[:MOST_SHOWN]


def _standing(now: datetime) -> QuerySet[AudienceMessage]:
    return AudienceMessage.objects.filter(ended_at=None, ends_at__gt=now)


def _shown(rows: Iterable[AudienceMessage]) -> Iterable[ShownMessage]:
    """Warnings first, then the newest."""
    ordered = sorted(rows, key=lambda row: (row.level != MessageLevel.WARNING, -row.pk))
    for row in ordered:
        said = sha256(f"{row.key}\0{row.level}\0{row.text}".encode()).hexdigest()[:16]
        yield ShownMessage(row.pk, said, row.session_id, row.level, row.text, row.ends_at)


def question_url(event: Event, asked: MessagesAsked, session: Session | None, now: datetime) -> str:
    """Where an open page asks; "" long after the end, when nothing is said any more.

    Whoever sees a page of it may know what is said there, so it names nobody.
    """
    last = max(event.ends_on, session.ends_at.date()) if session else event.ends_on
    ends = datetime.combine(last, datetime.min.time(), event.zone) + _AFTERWARDS
    if ends <= now:
        return ""
    word = _signer.sign_object([asked.event_pk, asked.session_pk, int(ends.timestamp())])
    return f"{reverse('events:messages_now', args=[event.slug])}?{urlencode({'of': word})}"


def asked_by(word: str) -> MessagesAsked:
    """What a page asks about. Raises Http404 for a word that no page of ours gave, or too old."""
    try:
        event_pk, session_pk, ends = _signer.unsign_object(word)
    except (BadSignature, ValueError):
        raise Http404 from None
    if time.time() > ends:
        raise Http404
    return MessagesAsked(int(event_pk), int(session_pk))
