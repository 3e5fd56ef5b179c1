"""Saying something to the audience, correcting it, and ending it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import router, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from events.actions import NotAllowed
from events.messages.shown import settle_counts
from events.models import AudienceMessage, Event, ProgrammeVersion, Session, User
from events.programme.recording import raise_version


@dataclass(frozen=True)
class MessageDraft:
    """What a form says. ``mail_to``: the audience that gets it by mail too, or ""."""

    text: str
    level: str
    ends_at: datetime
    mail_to: str = ""


def send_message(
    key: UUID, event: Event, session: Session | None, author: User, draft: MessageDraft
) -> AudienceMessage:
    """Put a message on the pages, and owe its mails. The same ``key`` again does nothing."""
    with transaction.atomic():
        message, is_new = AudienceMessage.objects.get_or_create(
            key=key,
            defaults={
                "event": event,
                "session": session,
                "sent_by": author,
                "text": draft.text,
                "level": draft.level,
                "ends_at": draft.ends_at,
                "mail_to": draft.mail_to,
                "mail_version": 1 if draft.mail_to else 0,
            },
        )
        if message.event_id != event.pk or message.session_id != (session and session.pk):
            raise NotAllowed(_("This form was used elsewhere. Open it anew."))
        if is_new:
            _renew_pages(message)
    return message


def correct_message(
    message: AudienceMessage, seen_version: int, draft: MessageDraft, *, mail_again: bool
) -> None:
    """Say it otherwise. ``mail_again``: those who got it by mail get this text by mail as well.

    Raises NotAllowed when somebody else changed or ended it meanwhile.
    """
    values: dict[str, Any] = {
        "text": draft.text,
        "level": draft.level,
        "ends_at": draft.ends_at,
        "version": F("version") + 1,
    }
    if mail_again and message.mail_to:
        values["mail_version"] = F("version") + 1
    with transaction.atomic():
        rows = AudienceMessage.objects.filter(pk=message.pk, version=seen_version, ended_at=None)
        if not rows.update(**values):
            raise NotAllowed(
                _("It was changed or ended meanwhile. Look at it as it is now, then try again.")
            )
        message.refresh_from_db()
        _renew_pages(message)


def end_message(message: AudienceMessage) -> bool:
    """Take it off all pages. Mails that have not left are dropped. False: it was over already."""
    with transaction.atomic():
        rows = AudienceMessage.objects.filter(pk=message.pk, ended_at=None)
        has_ended = bool(rows.update(ended_at=timezone.now(), version=F("version") + 1))
        if has_ended:
            _renew_pages(message)
    message.refresh_from_db()
    return has_ended


def end_expired(now: datetime) -> None:
    """Take what is over off the pages that are kept. Safe to repeat, and to run twice at a time."""
    settle_counts()
    due = AudienceMessage.objects.filter(ended_at=None, ends_at__lte=now)
    for message in due:
        with transaction.atomic():
            rows = AudienceMessage.objects.filter(pk=message.pk, ended_at=None, ends_at__lte=now)
            if rows.update(ended_at=F("ends_at")):
                _renew_pages(message)


def _renew_pages(message: AudienceMessage) -> None:
    """What is kept of the event's pages is old now, and whether something is said is known."""
    using = router.db_for_write(AudienceMessage)
    # The version's row is locked from here on, so of two that write at once the second sees both.
    raise_version(message.event_id, using)
    standing = AudienceMessage.objects.using(using).filter(event=message.event_id, ended_at=None)
    versions = ProgrammeVersion.objects.using(using).filter(event=message.event_id)
    versions.update(has_messages=standing.exists())
