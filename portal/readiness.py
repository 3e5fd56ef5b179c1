"""Whether the portal can do what it promises, part by part, in words."""

import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as remember
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from kaltura_bridge.models import Account, SyncTarget
from kaltura_bridge.sync import states
from portal import heartbeat
from portal.celery import app
from portal.models import HealthProbe

logger = logging.getLogger(__name__)

# Whoever asks more often gets the last answer: asking must not become a load.
_KEEP_S: Final = 1.5
_BROKER_TIMEOUT_S: Final = 2
# SQLite has one writer at a time; how long the probe waits for its turn.
_WRITE_WAIT_MS: Final = 1000
# A long import may hold the write lock for so long before we call the database unwritable.
_WRITE_OLD_S: Final = 30.0
_LEAST_FREE_BYTES: Final = 16 * 1024 * 1024
# Due and not taken by any worker for so long: something is stuck, whatever the heartbeats say.
_QUEUE_OLD_S: Final = 300.0


class NotReady(Exception):
    """A part is not available; the text says what is wrong, or what to do."""


@dataclass(frozen=True)
class Part:
    """What one look found: whether it is well, and what was seen, in words."""

    ok: bool
    seen: str


class _Report:
    """The last answer, and the lock that lets one thread at a time find a new one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.parts: dict[str, Part] = {}
        self.until = 0.0


_last = _Report()


def report() -> dict[str, Part]:
    """Each part by its name, at most 1.5 seconds old."""
    with _last.lock:
        if time.monotonic() >= _last.until:
            _last.parts = {name: _verdict(name, look) for name, look in _PARTS.items()}
            _last.until = time.monotonic() + _KEEP_S
        return _last.parts


def forget() -> None:
    """Look anew at the next question; for tests, which change what is there."""
    _last.until = 0.0


def away() -> list[str]:
    """What the admin's pages say while Redis is away. It costs one look at the cache."""
    heartbeat.age_s()
    if not heartbeat.is_unknown():
        return []
    return [
        _(
            "Redis does not answer. Attendees can sign in and join sessions; "
            "changes are saved here and reach Kaltura when it is back."
        )
    ]


def _verdict(name: str, look: Callable[[], str]) -> Part:
    try:
        return Part(True, look())
    except NotReady as missing:
        return Part(False, str(missing))
    except Exception as error:
        # Drivers put hosts and users in their errors: those go to the log, not to the visitor.
        logger.warning("Health: %s does not answer: %s", name, error)
        return Part(False, f"does not answer ({type(error).__name__}); see the log")


class _Writes:
    """When this process last wrote its probe."""

    last = float("-inf")


def _database() -> str:
    """A real write: reading goes on when a disk is full or a standby was not promoted."""
    try:
        _write_probe()
    except OperationalError as error:
        age_s = time.monotonic() - _Writes.last
        # Another writer has the lock: that is no fault before it lasts.
        if "database is locked" not in str(error) or age_s > _WRITE_OLD_S:
            raise
        return f"{connection.vendor}, busy; last written {age_s:.0f} s ago"
    _Writes.last = time.monotonic()
    return f"{connection.vendor}, takes writes"


def _write_probe() -> None:
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if is_sqlite:
            cursor.execute(f"PRAGMA busy_timeout={_WRITE_WAIT_MS}")
        try:
            # One statement, and no transaction around it: the lock is held for a moment.
            if not HealthProbe.objects.filter(pk=1).update(written_at=timezone.now()):
                HealthProbe.objects.bulk_create(
                    [HealthProbe(pk=1, written_at=timezone.now())], ignore_conflicts=True
                )
        finally:
            if is_sqlite:
                wait_s = connection.settings_dict["OPTIONS"].get("timeout", 5)
                cursor.execute(f"PRAGMA busy_timeout={int(wait_s * 1000)}")


def _disk() -> str:
    """Room for the database (if it is a file here) and for uploads on their way."""
    folders = {"temporary files": Path(tempfile.gettempdir())}
    if connection.vendor == "sqlite":
        folders["the database"] = Path(connection.settings_dict["NAME"]).absolute().parent
    free = {name: _free_bytes(folder) for name, folder in folders.items()}
    name, least = min(free.items(), key=lambda item: item[1])
    seen = f"{least // 1024**2} MB free for {name}"
    if least < _LEAST_FREE_BYTES:
        raise NotReady(f"only {seen}")
    return seen


def _free_bytes(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def _cache() -> str:
    token = get_random_string(12)
    cache.set(f"health-{token}", token, timeout=10)
    found = cache.get(f"health-{token}")
    cache.delete(f"health-{token}")
    if heartbeat.is_unknown():
        raise NotReady("Redis does not answer; until it does, rate limits count in each process")
    if found != token:
        raise NotReady("a value that was just stored could not be read back")
    return "stores and returns values"


def _broker() -> str:
    if heartbeat.is_unknown():  # The same server: waiting for it once is enough.
        raise NotReady("Redis does not answer")
    with app.connection_for_write(connect_timeout=_BROKER_TIMEOUT_S) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=_BROKER_TIMEOUT_S)
        return str(broker.transport.driver_name)


def _migrations() -> str:
    all_applied()
    return "all applied"


@remember
def all_applied() -> None:
    """Raise NotReady if a migration is missing."""
    # Reading every migration takes a while, and once applied they stay so for the life of
    # a process. Only the good answer is remembered: an exception is not.
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        raise NotReady(f"{pending} not applied; run: python manage.py migrate")


def _worker() -> str:
    return _alive(heartbeat.WORKER, heartbeat.STALE_AFTER_S, "celery -A portal worker")


def _scheduler() -> str:
    return _alive(heartbeat.SCHEDULER, heartbeat.SCHEDULER_STALE_AFTER_S, "celery -A portal beat")


def _alive(who: str, stale_after_s: float, command: str) -> str:
    if heartbeat.is_unknown():
        raise NotReady("unknown: heartbeats are in Redis, which does not answer")
    age_s = heartbeat.age_s(who)
    if age_s is None:
        raise NotReady(f"no heartbeat; start: {command}")
    if age_s > stale_after_s:
        raise NotReady(f"last heartbeat {age_s:.0f} s ago")
    return f"heartbeat {age_s:.0f} s ago"


def _queue() -> str:
    """How long the oldest change has been due, while Kaltura takes changes at all."""
    found: dict[str, Any] = SyncTarget.objects.filter(states.due()).aggregate(
        number=Count("pk"), oldest=Min("next_attempt_at")
    )
    if not found["number"]:
        return "nothing waits"
    age_s = (timezone.now() - found["oldest"]).total_seconds()
    seen = f"{found['number']} due, the oldest for {age_s:.0f} s"
    account = Account.objects.filter(partner_id=settings.KALTURA_PARTNER_ID).first()
    if account and account.failing_since:
        return f"{seen}; Kaltura does not take changes"
    if age_s > _QUEUE_OLD_S:
        raise NotReady(seen)
    return seen


_PARTS: Final[dict[str, Callable[[], str]]] = {
    "database": _database,
    "disk": _disk,
    "cache": _cache,
    "broker": _broker,
    "migrations": _migrations,
    "worker": _worker,
    "scheduler": _scheduler,
    "queue": _queue,
}
