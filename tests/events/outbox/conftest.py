from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.events.support import mail_server
from tests.events.support.mail_server import MailServer

TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """Mails go over SMTP to a server on this machine, and there is a template for notes."""
    folders = [*settings.TEMPLATES[0]["DIRS"], TEMPLATES]
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": folders}]
    with mail_server.running() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running
