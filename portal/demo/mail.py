"""The demo's mailbox: mails go to a folder, from there to a page and to the terminal."""

import json
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

_KEPT: Final = 50
# allauth writes a code on a line of its own.
_CODE = re.compile(r"^\s*([A-Z0-9]{4,}(?:-[A-Z0-9]{3,})*)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """One mail as it was sent."""

    to: list[str]
    subject: str
    body: str
    sent_unix: float

    @property
    def sent_at(self) -> datetime:
        """The same as a datetime, for templates."""
        return datetime.fromtimestamp(self.sent_unix, UTC)

    @property
    def code(self) -> str:
        """The sign-in code in the mail; empty if there is none."""
        found = _CODE.search(self.body)
        return found.group(1) if found else ""


class EmailBackend(BaseEmailBackend):
    """A Django mail backend that keeps the last mails instead of sending them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Called by Django with the finished mails; returns how many were kept."""
        for message in email_messages:
            addresses = [parseaddr(address)[1] for address in message.recipients()]
            keep(
                settings.DEMO_MAIL_DIR,
                Mail(addresses, str(message.subject), str(message.body), time.time()),
            )
        return len(email_messages)


def keep(folder: Path, mail: Mail) -> None:
    """Store ``mail`` as a file of its own. The rename makes it appear complete at once."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{time.time_ns()}.json"
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(asdict(mail)), encoding="utf-8")
    draft.rename(path)
    for old in sorted(folder.glob("*.json"))[:-_KEPT]:
        old.unlink(missing_ok=True)


def kept(folder: Path) -> dict[str, Mail]:
    """The mails by file name, the oldest first."""
    return {path.name: _read(path) for path in sorted(folder.glob("*.json"))}


def _read(path: Path) -> Mail:
    return Mail(**json.loads(path.read_text(encoding="utf-8")))
