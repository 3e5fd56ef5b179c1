"""The door of the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from django.utils import timezone

from events.models import Event, OutgoingMail, Session, User
from events.outbox.kinds import MailKind

# Rows for one statement: https://www.sqlite.org/limits.html#max_variable_number
_CHUNK: Final = 500


def enqueue_mail(
    kind: MailKind,
    to: User | str,
    about: str,
    *,
    event: Event | None = None,
    session: Session | None = None,
    context: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Owe somebody a mail, in the transaction that this is called in. Safe to repeat.

    ``to``: a person, or the address of somebody without an account.
    ``about``: thing and version in at most 200 characters, such as ``f"{uuid}:{sequence}"``;
    the same person is told of it once. ``event`` is whose managers see the mail in the log.
    ``context``: JSON for the template. It is emptied when the mail has left, so it may hold
    a personal link. ``due_at`` and ``expires_at``: not before, and no longer from then on.
    """
    enqueue_all(
        [
            new_mail(
                kind,
                to,
                about,
                event=event,
                session=session,
                context=context or {},
                due_at=due_at or timezone.now(),
                expires_at=expires_at,
            )
        ]
    )


def new_mail(kind: MailKind, to: User | str, about: str, **fields: Any) -> OutgoingMail:
    """A row for ``enqueue_all``; ``fields`` as for ``enqueue_mail``."""
    user = to if isinstance(to, User) else None
    address = to.email if isinstance(to, User) else to.strip().lower()
    person = f"user {user.pk}" if user else address
    key = sha256("\0".join((person, kind.name, about)).encode()).hexdigest()
    return OutgoingMail(key=key, kind=kind.name, user=user, address=address, about=about, **fields)


def enqueue_all(mails: Iterable[OutgoingMail]) -> None:
    """The same for many; those that are there already stay as they are.

    In one order, so that two writers of the same rows never wait for each other in a circle.
    """
    ordered = sorted(mails, key=lambda mail: mail.key)
    OutgoingMail.objects.bulk_create(ordered, batch_size=_CHUNK, ignore_conflicts=True)
