"""What a reader of reports and files may be shown of an event, decided in one place.

``rules_of(event)`` says it; pages, files and credit lists ask it about every person and
every number, and print its ``notice``. What a person is shown about themselves is not
asked here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from analytics.models import EventPrivacy, PrivacyMode
from analytics.models.privacy import DEFAULT_GROUP
from analytics.privacy.suppression import rounded
from events.models import Event

_DIGITS: Final = 16  # 64 bits: of 100,000 people, two get one code once in 3.7 billion events.


@dataclass(frozen=True)
class ShownPerson:
    """A person as pages and files may name them; empty texts for what is not shown."""

    identifier: str
    name: str
    email: str
    reported_id: str = ""


@dataclass(frozen=True)
class PrivacyRules:
    """What may be shown of one event. ``files_valid_from``: files made before are withdrawn."""

    mode: PrivacyMode
    minimum_group: int
    key: bytes
    files_valid_from: datetime | None = None

    @property
    def names_people(self) -> bool:
        """Whether names, addresses and ids may be shown."""
        return self.mode is PrivacyMode.IDENTIFIED

    @property
    def lists_people(self) -> bool:
        """Whether there may be a line for each person, or only groups of them."""
        return self.mode is not PrivacyMode.AGGREGATE

    @property
    def notice(self) -> str:
        """The sentence that every page and file carries."""
        if self.mode is PrivacyMode.PSEUDONYMOUS:
            return _("Pseudonymous: each person stands under a code of this event.")
        if self.mode is PrivacyMode.AGGREGATE:
            return _(
                "Aggregate: numbers are rounded to multiples of %(group)d, and groups of fewer "
                "than %(group)d people are not shown."
            ) % {"group": self.minimum_group}
        return _("Identified: names and addresses are shown.")

    def pseudonym(self, subject: str) -> str:
        """The person's code in this event.

        ``subject`` is the UUID of an account, or for guests the ``person_key`` of their
        attendance. In SQL: ``'P-' || left(encode(sha256(key || convert_to(subject, 'UTF8')),
        'hex'), 16)``. Cut as it is, the digest cannot be extended; without the key nobody
        can find the subject by trying all of them.
        """
        return f"P-{hashlib.sha256(self.key + subject.encode()).hexdigest()[:_DIGITS]}"

    def person(
        self, subject: str, name: str, email: str, *, identifier: str = "", reported_id: str = ""
    ) -> ShownPerson:
        """The person as they may be named; ``subject`` as for ``pseudonym``.

        Raises ValueError in the aggregate mode, which lists nobody.
        """
        if not self.lists_people:
            raise ValueError("In the aggregate mode nobody is listed.")
        if self.names_people:
            return ShownPerson(identifier, name, email, reported_id)
        code = self.pseudonym(subject)
        return ShownPerson(code, code, "")

    def count(self, people: int) -> int | None:
        """A number of people by itself: as it is, or rounded, or None for a group too small."""
        return people if self.lists_people else rounded(people, self.minimum_group)


def rules_of(event: Event) -> PrivacyRules:
    """The event's rules; of an event that has none, the default."""
    return rules_of_events([event])[event.pk]


def rules_of_events(events: Iterable[Event]) -> dict[int, PrivacyRules]:
    """The rules of many events by their primary keys, in one query."""
    known = {event.pk: event for event in events}
    rows = {row.event_id: row for row in EventPrivacy.objects.filter(event__in=known)}
    return {pk: rules_from(event, rows.get(pk)) for pk, event in known.items()}


def events_without_names() -> QuerySet[EventPrivacy, int]:
    """The primary keys of the events whose people may not be named."""
    others = EventPrivacy.objects.exclude(mode=PrivacyMode.IDENTIFIED)
    return others.values_list("event_id", flat=True)


def rules_from(event: Event, row: EventPrivacy | None) -> PrivacyRules:
    """The event's rules, by its row of choices; None stands for the default."""
    key = event_key(event, row.salt if row else "")
    if row is None:
        return PrivacyRules(PrivacyMode.IDENTIFIED, DEFAULT_GROUP, key)
    return PrivacyRules(PrivacyMode(row.mode), row.minimum_group, key, row.files_valid_from)


def event_key(event: Event, salt: str) -> bytes:
    """32 bytes that only this installation knows: a copy of the database alone lacks them."""
    text = f"analytics.privacy:{event.uuid}:{salt}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()
