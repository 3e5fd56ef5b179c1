"""The periodic safety net: reads Kaltura back and finds what slipped by.

Every ten minutes Kaltura is asked what has changed, which costs next to nothing when
nothing has. Once an hour everything is looked at: only that finds what was deleted, and
what code changed here behind the back of signals. A look compares as a sync does and
writes nothing; what it finds different goes the only path (service.py).
"""

from __future__ import annotations

import gc
import logging
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import inf
from typing import Final
from uuid import UUID

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from events.models import Event
from kaltura_bridge.api.account import account, resources_for
from kaltura_bridge.api.changes import RemoteChange, changes_since
from kaltura_bridge.api.client import Kaltura, chunks
from kaltura_bridge.api.errors import KalturaError
from kaltura_bridge.models import (
    Account,
    Notification,
    OrphanScan,
    RelinkLookup,
    RemoteLink,
    SyncAttempt,
    SyncState,
    SyncTarget,
)
from kaltura_bridge.specs import Kind, uuid_of_key
from kaltura_bridge.sync import pause, states
from kaltura_bridge.sync.dependants import left_behind
from kaltura_bridge.sync.lag import index_delay
from kaltura_bridge.sync.operations import Keep, Operation, duplicates_of
from kaltura_bridge.sync.prepare import prepare
from kaltura_bridge.sync.service import CLAIM, sync_due, touch_unknown
from kaltura_bridge.sync.work import Work, keep_work

logger = logging.getLogger(__name__)

ASK_FOR_CHANGES_EVERY: Final = timedelta(minutes=10)
# The scheduler sweeps every minute, so nothing waits longer than an hour. Once one is due,
# those that would be soon are looked at with it.
LOOK_EVERY: Final = timedelta(minutes=58)
LOOK_EARLY: Final = timedelta(minutes=45)
LOOK_AT_PAST_EVERY: Final = timedelta(days=1)
PAST: Final = timedelta(days=7)
KEEP_HISTORY: Final = timedelta(days=30)
# How far Kaltura's clock, by which it dates changes, may be from ours.
CLOCKS_DIFFER: Final = timedelta(minutes=1)
_UNTOUCHED: Final = Q(state=SyncState.SYNCED, holder="")


def sweep(for_s: float = inf) -> Work:
    """Touch what was never touched and what differs by now, then sync.

    An object in sync is read and compared, and written only if the plan differs from
    what we last wrote; what someone changed at Kaltura is reported, not overwritten. Ends
    after ``for_s`` seconds; the next sweep goes on.
    """
    began = time.monotonic()
    touch_unknown()  # restored data came without a signal
    states.touch_all(left_behind())
    _forget_old()
    looked = Work() if pause.is_paused() else _look(began + for_s)
    work = sync_due(for_s=for_s - (time.monotonic() - began))
    work.calls += looked.calls
    work.seconds += looked.seconds
    return work


def _forget_old() -> None:
    now = timezone.now()
    SyncAttempt.objects.filter(at__lt=now - KEEP_HISTORY).delete()
    Notification.objects.filter(received_at__lt=now - Notification.KEPT_FOR).delete()
    OrphanScan.objects.filter(asked_at__lt=now - KEEP_HISTORY).delete()
    RelinkLookup.objects.filter(asked_at__lt=now - RelinkLookup.FRESH_FOR).delete()


def _look(until: float) -> Work:
    """Look at what is due, until this moment of the monotonic clock."""
    began, kaltura, looked_at = time.monotonic(), Kaltura(), 0
    error: KalturaError | None = None
    try:
        for pks in chunks(_due_to_be_looked_at(), CLAIM):
            if time.monotonic() > until:
                break
            _look_at(kaltura, pks)
            looked_at += len(pks)
        _ask_for_changes(kaltura)
    except KalturaError as found:
        error = found
    if kaltura.calls or error:
        pause.record_result(error)
    work = Work(kaltura.calls, 0, time.monotonic() - began)
    if looked_at:
        keep_work(work, looked_at)
    return work


# Everything


def _due_to_be_looked_at() -> Sequence[int]:
    untouched = SyncTarget.objects.filter(_UNTOUCHED)
    if not untouched.filter(_read_before(LOOK_EVERY)).exists():
        return ()
    due = untouched.filter(_read_before(LOOK_EARLY))
    # Of one event together: what depends on each other is read once.
    return list(due.order_by("event_uuid", "pk").values_list("pk", flat=True))


def _read_before(ago: timedelta) -> Q:
    """Targets of current events that were read so long ago, and past ones once a day."""
    now = timezone.now()
    current = Q(synced_at__lt=now - ago) & ~Q(event_uuid__in=_past_events())
    return Q(synced_at__lt=now - LOOK_AT_PAST_EVERY) | current


def _past_events() -> QuerySet[Event, UUID]:
    over = Event.objects.filter(ends_on__lt=(timezone.now() - PAST).date())
    return over.values_list("uuid", flat=True)


def _look_at(kaltura: Kaltura, pks: Collection[int]) -> None:
    """Compare these with Kaltura; whoever differs from what we know is due.

    Nobody claims them for that: what is edited meanwhile is no longer untouched.
    Raises KalturaError when Kaltura cannot be read.
    """
    began = timezone.now()
    targets = list(SyncTarget.objects.filter(_UNTOUCHED, pk__in=pks))
    try:
        with _uncollected():
            differing = _differing(kaltura, targets)
    except KalturaError:
        raise
    except Exception:
        # The sync runs into the same, and reports it on each of them.
        logger.exception("A look at %d targets failed", len(targets))
        differing = {target.pk for target in targets}
    same = [target.pk for target in targets if target.pk not in differing]
    RemoteLink.objects.filter(target__in=same, seen_at__lt=began).update(seen_at=began)
    seen = SyncTarget.objects.filter(_UNTOUCHED, pk__in=same, synced_at__lt=began)
    seen.update(synced_at=began)
    _make_due(differing)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let nobody look for garbage meanwhile.

    A look makes hundreds of thousands of objects, and all live to its end: the collector
    would walk them time and again for nothing, which takes a quarter of a look.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _differing(kaltura: Kaltura, targets: Sequence[SyncTarget]) -> set[int]:
    """The ids of those for which a sync would have something to do or to tell."""
    prepared = prepare(kaltura, targets)
    differing = {o.target_id for o in prepared.operations if not _is_as_known(o)}
    return differing | set(prepared.missing)


def _is_as_known(operation: Operation) -> bool:
    """Whether it is held just as it was last seen, and nothing is to be written."""
    if not isinstance(operation, Keep) or duplicates_of(operation):
        return False
    comparison, link = operation.comparison, operation.link
    if comparison.conflicts or comparison.agreed or link.gone:
        return False
    found = operation.found
    if found is None:
        return link.unlinked or not link.remote_id
    return (dict(found.fields), sorted(found.narrowed)) == (dict(link.seen), link.narrowed)


# What changed


def _ask_for_changes(kaltura: Kaltura) -> None:
    """Make due whatever changed at Kaltura since it was last asked for that.

    Raises KalturaError when a list has no usable answer.
    """
    since = _unknown_since()
    if since is None or timezone.now() - since < ASK_FOR_CHANGES_EVERY:
        return
    now = timezone.now()
    # How far a moment that Kaltura gives may be from when we can see the change.
    blur = index_delay() + CLOCKS_DIFFER
    changes = changes_since(kaltura, since - blur, _entries_by_profile(), resources_for(kaltura))
    Account.objects.filter(pk=account().pk).update(changes_read_at=now)
    _make_due(_targets_of(changes, blur))


def _unknown_since() -> datetime | None:
    """From when on a change may have slipped by; None when nothing is in sync."""
    current = SyncTarget.objects.filter(_UNTOUCHED).exclude(event_uuid__in=_past_events())
    oldest: datetime | None = current.aggregate(oldest=Min("synced_at"))["oldest"]
    asked = account().changes_read_at
    return max(oldest, asked) if oldest and asked else oldest


def _entries_by_profile() -> dict[str, list[str]]:
    """The entries of current events whose records are ours, by the metadata profile's name."""
    current = RemoteLink.objects.exclude(target__event_uuid__in=_past_events())
    made = current.exclude(remote_id=None)
    entries = made.filter(kind__in=[Kind.ENTRY, Kind.ROOM])
    ids = dict(entries.values_list("key", "remote_id"))
    found: dict[str, list[str]] = defaultdict(list)
    for key in made.filter(kind=Kind.METADATA).values_list("key", flat=True):
        entry, _, profile = key.rpartition("/")
        if remote_id := ids.get(entry):
            found[profile].append(remote_id)
    return found


def _targets_of(changes: Iterable[RemoteChange], blur: timedelta) -> set[int]:
    """The ids of the targets that these are about, unless we read them since."""
    by_id = {(str(change.kind), change.remote_id): change for change in changes}
    found, known = set[int](), set[tuple[str, str]]()
    for ids in chunks(sorted({remote_id for _, remote_id in by_id}), CLAIM):
        links = RemoteLink.objects.filter(remote_id__in=ids)
        for pk, kind, remote_id, seen in links.values_list(
            "target_id", "kind", "remote_id", "seen_at"
        ):
            change = by_id.get((kind, remote_id or ""))
            if change:
                known.add((kind, remote_id or ""))
            if change and (seen is None or change.at > seen - blur):
                found.add(pk)
    # With our key and without a link: a copy that somebody made, or what we forgot.
    keys = {by_id[each].key for each in by_id.keys() - known}
    uuids = [uuid for key in keys if (uuid := uuid_of_key(key))]
    for some in chunks(uuids, CLAIM):
        mine = SyncTarget.objects.filter(object_uuid__in=some)
        found.update(mine.values_list("pk", flat=True))
    return found


def _make_due(pks: Iterable[int]) -> None:
    for some in chunks(sorted(pks), CLAIM):
        states.touch_all(SyncTarget.objects.filter(_UNTOUCHED, pk__in=some))
