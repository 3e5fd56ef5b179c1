"""The Celery app: ``celery -A portal worker`` and ``celery -A portal beat``."""

import os
import sys
from functools import cached_property
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


class PortalCelery(Celery):
    """Celery with our kind of worker."""

    @cached_property
    def Worker(self) -> Any:
        """What ``celery worker`` runs; named by its path, for only a worker needs it."""
        return self.subclass_with_self("portal.worker:RestartingWorker")


app = PortalCelery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Keep settings.LOGGING, which masks secrets: with a receiver Celery sets up no logging.

    https://docs.celeryq.dev/en/stable/userguide/signals.html#setup-logging
    """


@app.on_after_finalize.connect
def add_heartbeat(sender: Celery, **_: Any) -> None:
    """Every worker writes the heartbeat that /health/ready looks for."""
    from portal.heartbeat import HeartbeatStep  # Needs Django's settings, which celery loads late.

    sender.steps["consumer"].add(HeartbeatStep)


@worker_init.connect
def refuse_in_memory_broker(sender: Any = None, **_: Any) -> None:
    """A separate worker on the in-memory broker would wait for ever for its first task."""
    if app.conf.broker_url.startswith("memory://") and not _is_embedded(sender):
        sys.exit(
            "REDIS_URL is empty: the in-memory broker cannot reach another process, and the web "
            "process already runs a worker. Set REDIS_URL to run workers as separate processes."
        )


def _is_embedded(worker: Any) -> bool:
    return str(getattr(worker, "hostname", "")).startswith("embedded@")
