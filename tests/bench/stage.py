"""Where the benches play: an empty database, a local Kaltura, an event of any size."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import django

from kaltura_simulator.testing import Simulator
from tests import environment

if TYPE_CHECKING:
    from django.test import Client

    from events.models import Event

ATTENDEES = 100


@contextmanager
def stage() -> Iterator[Simulator]:
    """Set Django up on a database that goes away afterwards, beside a Kaltura that does too."""
    environment.prepare()
    kaltura = Simulator.start()
    files = tempfile.TemporaryDirectory(prefix="portal-bench-")
    # Slow machines shall show in the figures, not in calls that are made again.
    os.environ.update(
        DJANGO_SETTINGS_MODULE="portal.settings",
        KALTURA_SERVICE_URL=kaltura.url,
        KALTURA_KAF_URL=kaltura.url,
        KALTURA_TIMEOUT_S="60",
        LOG_LEVEL="WARNING",
        # As an installation serves them: with hashes in their names.
        STATIC_MANIFEST="true",
        STATIC_ROOT=files.name,
    )
    try:
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False)
        yield kaltura
    finally:
        kaltura.stop()
        files.cleanup()


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    from django.db import connection

    version = ".".join(map(str, connection.get_database_version()))
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": f"{connection.display_name} {version}",
    }


def event_of(sessions: int) -> Event:
    """The made-up conference, grown to so many sessions."""
    from django.utils import timezone

    from portal.seed.synthetic import seed_synthetic

    return seed_synthetic(sessions, ATTENDEES, timezone.now())


def attendee() -> Client:
    """Someone registered, signed in."""
    from django.test import Client

    from events.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email="guest0001@synthetic.example"))
    return client
