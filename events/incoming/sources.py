"""Schedules that come from an address by themselves, and wait for a yes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.characters import clean_line
from events.desk.needs import Need, Urgency
from events.fetching.public import Fetched, FetchLimits, NothingFetched, fetch
from events.imports import MAX_BYTES
from events.incoming.work import work_on
from events.models import IncomingFile, IncomingState, ScheduleSource
from events.permissions import PLANNERS, events_for_team

WHOLE_S: Final = 25.0
#: So often in a row it may fail before it stops.
MOST_FAILURES: Final = 5
#: A change that nobody looked at is offered again when the file changes next.
KEPT: Final = timedelta(days=30)
#: After the last day of an event its programme changes no more.
AFTER_EVENT: Final = timedelta(days=2)
_LEASE: Final = timedelta(minutes=5)
_HEADERS: Final = {
    "Accept": "application/json, application/xml, text/xml, text/csv, */*;q=0.5",
    "User-Agent": "event-portal",
}


def look_at_all(stop: Callable[[], bool]) -> None:
    """Every address that is due."""
    now = timezone.now()
    due = ScheduleSource.objects.filter(next_at__lte=now)
    going_on = due.filter(event__ends_on__gte=(now - AFTER_EVENT).date())
    for pk in list(going_on.order_by("next_at").values_list("pk", flat=True)[:50]):
        if stop():
            return
        look_at(pk)


def look_at(pk: int) -> bool:
    """Look at one address now. Says whether it was ours to look: one worker at a time does."""
    now = timezone.now()
    mine = ScheduleSource.objects.filter(pk=pk, next_at__lte=now)
    # Whoever dies here is followed by the next one after the lease.
    if not mine.update(next_at=now + _LEASE, looked_at=now):
        return False
    source = ScheduleSource.objects.select_related("event").get(pk=pk)
    tag = {"If-None-Match": source.tag} if source.tag else {}
    limits = FetchLimits(MAX_BYTES, WHOLE_S, settings.SCHEDULE_HOSTS, keeps_tls=True)
    try:
        found = fetch(source.url, limits, {**_HEADERS, **tag})
    except NothingFetched as refused:
        _failed(source, str(refused))
        return True
    incoming = _take(source, found)
    if incoming:
        work_on(incoming.pk)
    return True


def _failed(source: ScheduleSource, reason: str) -> None:
    failures = source.failures + 1
    stops = failures >= MOST_FAILURES
    later = timezone.now() + source.every * min(2 ** (failures - 1), 8)
    _same(source).update(
        failures=failures, last_error=reason[:300], next_at=None if stops else later
    )


def _same(source: ScheduleSource) -> Any:
    """The row, unless somebody has given it another address meanwhile."""
    return ScheduleSource.objects.filter(pk=source.pk, updated_at=source.updated_at)


def _take(source: ScheduleSource, found: Fetched) -> IncomingFile | None:
    """Keep a file that is another one than the last; older ones that waited are out of date."""
    now = timezone.now()
    told: dict[str, Any] = {"failures": 0, "last_error": "", "next_at": now + source.every}
    digest = hashlib.sha256(found.data).hexdigest() if found.data is not None else source.digest
    if digest == source.digest:
        _same(source).update(**told)
        return None
    tag = {name.lower(): value for name, value in found.headers.items()}.get("etag", "")
    with transaction.atomic():
        told |= {"digest": digest, "tag": tag if len(tag) <= 500 else "", "changed_at": now}
        if not _same(source).update(**told):
            return None
        of_event = IncomingFile.objects.filter(event=source.event, source=source)
        of_event.exclude(state__in=(IncomingState.SAVING, IncomingState.SAVED)).delete()
        return IncomingFile.objects.create(
            event=source.event,
            source=source,
            name=_name_of(source.url),
            data=found.data or b"",
            rules=source.rules,
            applies_itself=source.applies_itself,
            expires_at=now + KEPT,
        )


def _name_of(url: str) -> str:
    parts = urlsplit(url)
    return clean_line(PurePosixPath(parts.path).name or parts.hostname or "schedule")[-250:]


def changes_that_wait(user: Any) -> Iterator[Need]:
    """What came from an address and waits for a yes, and addresses that no longer answer."""
    waiting = IncomingFile.objects.filter(
        source=OuterRef("pk"),
        state__in=(IncomingState.READY, IncomingState.BROKEN),
        expires_at__gt=timezone.now(),
    ).order_by("-pk")
    mine = events_for_team(user, PLANNERS).order_by().values("pk")
    found = ScheduleSource.objects.filter(event__in=mine).annotate(
        file=Subquery(waiting.values("uuid")[:1]), state=Subquery(waiting.values("state")[:1])
    )
    rows = found.filter(Q(next_at=None) | Q(file__isnull=False)).order_by("-changed_at")
    for row in rows.select_related("event")[:50]:
        event: Any = row.event
        if row.file:
            url = reverse("admin:events_event_import_file", args=[event.pk, row.file])
            text = (
                _("The schedule at its address has changed")
                if row.state == IncomingState.READY
                else _("The schedule at its address cannot be read")
            )
            yield Need(Urgency.SOON, text, url, event.title, event.pk)
        if row.is_stopped:
            url = reverse("admin:events_event_import_source", args=[event.pk])
            text = _("The address of the schedule does not answer any more")
            yield Need(Urgency.SOON, text, url, event.title, event.pk)
