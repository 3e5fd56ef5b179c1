"""Whether the process is alive, and whether the portal can serve: each part by name."""

import logging
from collections.abc import Callable
from functools import cache as remember
from typing import Final

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import heartbeat
from portal.celery import app

logger = logging.getLogger(__name__)

_BROKER_TIMEOUT_S: Final = 2


class NotReady(Exception):
    """A part is not available; the text says what to do."""


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. It checks nothing else, so a slow database causes no restart."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part is available, else 503; either way each is named."""
    parts = {name: _verdict(name, look) for name, look in _PARTS.items()}
    is_ready = all(part["ok"] for part in parts.values())
    response = JsonResponse({"ready": is_ready, **parts}, status=200 if is_ready else 503)
    # Django would log each 503 as an error; the cause is logged already, by _verdict.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def _verdict(name: str, look: Callable[[], str]) -> dict[str, object]:
    try:
        return {"ok": True, "seen": look()}
    except NotReady as missing:
        return {"ok": False, "seen": str(missing)}
    except Exception as error:
        # Drivers put hosts and users in their errors: those go to the log, not to the visitor.
        logger.warning("Health: %s does not answer: %s", name, error)
        return {"ok": False, "seen": f"does not answer ({type(error).__name__}); see the log"}


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


def _cache() -> str:
    token = get_random_string(12)
    cache.set(f"health-{token}", token, timeout=10)
    if cache.get(f"health-{token}") != token:
        raise NotReady("a value that was just stored could not be read back")
    cache.delete(f"health-{token}")
    return "stores and returns values"


def _broker() -> str:
    with app.connection_for_write(connect_timeout=_BROKER_TIMEOUT_S) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=_BROKER_TIMEOUT_S)
        return str(broker.transport.driver_name)


def _migrations() -> str:
    _all_applied()
    return "all applied"


@remember
def _all_applied() -> None:
    # Reading every migration takes a while, and once applied they stay so for the life of
    # a process. Only the good answer is remembered: an exception is not.
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        raise NotReady(f"{pending} not applied; run: python manage.py migrate")


def _worker() -> str:
    age_s = heartbeat.age_s()
    if age_s is None:
        raise NotReady("no heartbeat; start: celery -A portal worker")
    if age_s > heartbeat.STALE_AFTER_S:
        raise NotReady(f"last heartbeat {age_s:.0f} s ago")
    return f"heartbeat {age_s:.0f} s ago"


_PARTS: Final[dict[str, Callable[[], str]]] = {
    "database": _database,
    "cache": _cache,
    "broker": _broker,
    "migrations": _migrations,
    "worker": _worker,
}
