"""A whole event brought in sync with Kaltura: HTTP calls, writes, seconds, near and far."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from events import actions
from events.models import Event
from kaltura_bridge.models import Account, RemoteLink, SyncState, SyncTarget
from kaltura_bridge.sync import reconcile, service
from kaltura_bridge.sync.work import Work
from kaltura_simulator.testing import Simulator
from tests.bench.figures import Column, Row, Table

LATENCIES_S = (0.0, 0.05)
FIRST, AGAIN, CHANGES, SWEEPS = 2, 3, 5, 3
LIMIT_S = 300.0
COLUMNS = (
    Column("added ms"),
    Column("runs"),
    Column("HTTP calls"),
    Column("writes"),
    Column("seconds", 2),
    Column("least", 2),
    Column("own CPU", 2),
)


class _Cost(NamedTuple):
    calls: float
    writes: float
    seconds: float
    cpu_s: float


def measure(kaltura: Simulator, event: Event) -> Table:
    """The first sync, one with nothing to do, one changed session, sweeps; at each latency."""
    table = Table(
        "Sync",
        f"{event.sessions.count()} sessions, {event.tracks.count()} tracks, from one process; "
        "medians; own CPU is this process's share of the seconds, the rest is the local Kaltura's "
        "and waiting",
        COLUMNS,
    )
    near, far = ([_row(*what) for what in _all_three(kaltura, event, s)] for s in LATENCIES_S)
    for one, other in zip(near, far, strict=True):
        table.rows += [one, other]
        table.add_ratio("  ratio", other, one)
    kaltura.set_latency(0)
    return table


def _all_three(
    kaltura: Simulator, event: Event, latency_s: float
) -> list[tuple[str, float, Sequence[_Cost]]]:
    firsts = [_first(kaltura, event, latency_s) for _ in range(FIRST)]
    # Not counted: the sync after the first reads back for the first time what was written.
    _whole(event)
    again = [_cost(lambda: _whole(event)) for _ in range(AGAIN)]
    changes = [_one_changed(event) for _ in range(CHANGES)]
    _whole(event)
    kaltura.set_clock(time.time())
    sweeps = [_sweep(timedelta(minutes=11)) for _ in range(SWEEPS)]
    looks = [_sweep(timedelta(minutes=61)) for _ in range(SWEEPS)]
    return [
        ("first sync", latency_s, firsts),
        ("nothing changed", latency_s, again),
        ("one session moved", latency_s, changes),
        ("sweep, nothing changed", latency_s, sweeps),
        ("sweep, a look at all", latency_s, looks),
    ]


def _row(name: str, latency_s: float, costs: Sequence[_Cost]) -> Row:
    calls, writes, seconds, cpu_s = zip(*costs, strict=True)
    middle = statistics.median
    took = (middle(seconds), min(seconds), middle(cpu_s))
    return Row(name, (1000 * latency_s, len(costs), middle(calls), middle(writes), *took))


def _first(kaltura: Simulator, event: Event, latency_s: float) -> _Cost:
    """Into an account that holds nothing yet, with no memory of any object here."""
    kaltura.reset()
    kaltura.set_latency(latency_s)
    # Kaltura dates what it gets an hour back, so that a sweep finds nothing new in it.
    kaltura.set_clock(time.time() - 3600)
    RemoteLink.objects.all().delete()
    SyncTarget.objects.all().delete()
    Account.objects.update(resources={}, resources_at=None)
    service.ensure_targets(event)
    return _cost(lambda: _whole(event))


def _whole(event: Event) -> Work:
    return service.sync_event(event, LIMIT_S)


def _one_changed(event: Event) -> _Cost:
    session = event.sessions.earliest("starts_at", "pk")
    quarter = timedelta(minutes=15)
    actions.move_session(session, session.starts_at - quarter, session.ends_at - quarter)
    return _cost(lambda: service.sync_due(service.targets_of(event)))


def _sweep(later: timedelta) -> _Cost:
    """The sweep that is due so long after everything was read."""
    SyncTarget.objects.update(synced_at=timezone.now() - later)
    Account.objects.update(changes_read_at=None)
    return _cost(reconcile.sweep)


def _cost(work_once: Callable[[], Work]) -> _Cost:
    """What it took; raises when it did not end in sync, for then the figures mean nothing."""
    cpu = time.process_time()
    work = work_once()
    cpu = time.process_time() - cpu
    waiting = SyncTarget.objects.exclude(state=SyncState.SYNCED).first()
    if waiting is not None:
        raise RuntimeError(f"{waiting} is not in sync: {waiting.error or waiting.state}")
    return _Cost(work.calls, work.writes, work.seconds, cpu)
