"""How gunicorn runs the portal: ``gunicorn -c python:portal.gunicorn portal.wsgi``.

With Redis these are plain web processes. Without it there is exactly one, which
also holds the broker, the worker and the scheduler (portal/embedded.py).
"""

import ctypes
import gc
import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# Read by the settings: only web processes keep a pool of database connections.
os.environ.setdefault("DATABASE_POOL", "true")

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from portal.embedded import EmbeddedServices

try:
    _embedded: bool = settings.EMBEDDED_WORKER
except ImproperlyConfigured as error:
    sys.exit(str(error))
if _embedded and settings.WEB_CONCURRENCY > 1:
    sys.exit(
        f"WEB_CONCURRENCY is {settings.WEB_CONCURRENCY}, but the embedded worker, broker and "
        "scheduler run inside one web process. Set REDIS_URL, or WEB_CONCURRENCY to 1."
    )

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = settings.WEB_CONCURRENCY
worker_class = "portal.web_worker.BufferingWorker"
threads = settings.WEB_THREADS
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
graceful_timeout = 2 if _embedded else 10
timeout = 60
control_socket_disable = True
logconfig_dict = settings.LOGGING

# mallopt(3): how many places threads take memory from. By default there are eight for each core,
# and each keeps what its largest page once needed: some 20 MB more in a process of eight threads.
_M_ARENA_MAX = -8
_ARENAS = 2

_services: "EmbeddedServices | None" = None
_held_open: "sqlite3.Connection | None" = None


def post_worker_init(worker: Any) -> None:
    """The application is loaded: start worker and scheduler, if they run in this process."""
    global _held_open, _services
    _held_open = _hold_open(settings.DATABASES["default"])
    _save_memory()
    if _embedded:
        from portal.embedded import EmbeddedServices  # Needs Django set up, as it is by now.

        _services = EmbeddedServices()
        _services.start()


def _save_memory() -> None:
    """Before threads start. Where the C library is another one, nothing happens."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt:
        mallopt(_M_ARENA_MAX, _ARENAS)
    # What is there by now stays, so the collector need not look at it again and again.
    gc.collect()
    gc.freeze()


def _hold_open(database: dict[str, Any]) -> "sqlite3.Connection | None":
    """Keep SQLite's -wal and -shm files there for as long as this process lives.

    Whoever closes a database last deletes them, and whoever opens it next makes them anew, for
    reading too: on a full disk no page could be shown. https://www.sqlite.org/wal.html#walformat
    """
    if not database["ENGINE"].endswith("sqlite3"):
        return None
    held = sqlite3.connect(database["NAME"], check_same_thread=False)
    held.execute("SELECT count(*) FROM sqlite_master")
    return held


def worker_exit(server: Any, worker: Any) -> None:
    """Stop them. gunicorn also calls this in its master, for a process that crashed."""
    if _services:
        _services.stop()
