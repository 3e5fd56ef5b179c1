"""Somebody looks up at Kaltura what they want to link to, and the worker answers."""

from __future__ import annotations

from typing import Any

from events.models import User
from kaltura_bridge.models import RelinkLookup, RemoteLink
from kaltura_bridge.repair import lookups
from tests.factories import UserFactory


def operator() -> User:
    """Somebody who answers for the whole account."""
    return UserFactory(is_staff=True, is_superuser=True)


def looked_at(link: RemoteLink, remote_id: Any, user: User | None = None) -> RelinkLookup:
    """What the person, by default an operator, is shown of this ID."""
    asked_by = user or operator()
    lookup = RelinkLookup.objects.create(link=link, remote_id=remote_id, asked_by=asked_by)
    answer_lookups()
    return RelinkLookup.objects.get(pk=lookup.pk)


def answer_lookups() -> None:
    """The worker answers everybody who waits."""
    for pk in RelinkLookup.objects.filter(finished_at=None).values_list("pk", flat=True):
        lookups.run_lookup(pk)
