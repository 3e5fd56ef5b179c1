"""Messages by mail: written by a worker (tasks.py), told as they stand when they leave, once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.i18n.content import shown_title
from events.messages.audiences import STARRED, people_of
from events.models import AudienceMessage, MailState, MessageLevel, OutgoingMail
from events.news.wishes import Topic, off_address
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.queries import events_for


def owe_mails() -> None:
    """Write the mails of every message that owes some. Safe to repeat and to run twice at once."""
    while _owe_one():
        pass


@transaction.atomic
def _owe_one() -> bool:
    """The mails and the mark that they are there are written together, or neither is."""
    owing = AudienceMessage.objects.filter(mail_version__gt=F("mailed_version"))
    locked = owing.select_for_update(skip_locked=True, of=["self"]).order_by("pk")
    message = locked.select_related("event", "session").first()
    if message is None:
        return False
    if message.ended_at is None and message.ends_at > timezone.now():
        enqueue_all(_mails(message))
    AudienceMessage.objects.filter(pk=message.pk).update(mailed_version=message.mail_version)
    return True


def _mails(message: AudienceMessage) -> Iterable[OutgoingMail]:
    kind = STARRED_MAIL if message.mail_to == STARRED.name else MAIL
    for user in people_of(message).order_by("pk").iterator(chunk_size=1000):
        yield new_mail(
            kind,
            user,
            f"{message.pk}:{message.mail_version}",
            event=message.event,
            session=message.session,
            expires_at=message.ends_at,
        )


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """What the messages say now, for who still belongs to their audience.

    Left out is what has ended, what its reader may not see any more, and a version that another
    mail to the same people replaces.
    """
    rows = AudienceMessage.objects.select_related("event", "session")
    messages = rows.in_bulk({_named(mail)[0] for mail in mails})
    found: Items = {}
    for mail in mails:
        pk, version = _named(mail)
        message = messages.get(pk)
        if message and version == message.mail_version and _still_concerns(message, mail):
            about = message.session or message.event
            found[mail.pk] = {
                "text": message.text,
                "is_warning": message.level == MessageLevel.WARNING,
                "title": shown_title(about),
                "url": settings.SITE_URL + about.get_absolute_url(),
            }
    return found


def _named(mail: OutgoingMail) -> tuple[int, int]:
    pk, _colon, version = mail.about.partition(":")
    return int(pk), int(version)


def _still_concerns(message: AudienceMessage, mail: OutgoingMail) -> bool:
    is_over = message.ended_at is not None or message.ends_at <= timezone.now()
    if is_over or mail.user is None:
        return False
    if not people_of(message).filter(pk=mail.user.pk).exists():
        return False
    return events_for(mail.user).filter(pk=message.event_id).exists()


@dataclass(frozen=True)
class MailReceipt:
    """How the mails of a message stand."""

    sent: int = 0
    waiting: int = 0
    failed: int = 0
    dropped: int = 0


_WAITING: Final = (MailState.WAITING, MailState.SENDING)
_FAILED: Final = (MailState.FAILED, MailState.IN_DOUBT)


def receipts_of(messages: Sequence[AudienceMessage]) -> dict[int, MailReceipt]:
    """How the mails of these messages stand, by primary key: one query for all."""
    names = {
        f"{message.pk}:{version}": message.pk
        for message in messages
        for version in range(1, message.mail_version + 1)
    }
    kinds = [MAIL.name, STARRED_MAIL.name]
    rows = OutgoingMail.objects.filter(
        event__in={message.event_id for message in messages}, kind__in=kinds, about__in=names
    )
    counts = rows.order_by().values_list("about", "state").annotate(n=Count("pk"))
    found: dict[int, dict[str, int]] = {message.pk: {} for message in messages}
    for about, state, n in counts:
        of = found[names[about]]
        of[state] = of.get(state, 0) + n
    return {pk: _receipt(of) for pk, of in found.items()}


def _receipt(counts: dict[str, int]) -> MailReceipt:
    return MailReceipt(
        sent=counts.get(MailState.SENT, 0),
        waiting=sum(counts.get(state, 0) for state in _WAITING),
        failed=sum(counts.get(state, 0) for state in _FAILED),
        dropped=counts.get(MailState.DROPPED, 0),
    )


MAIL: Final = register_kind(
    MailKind(
        "audience_message",
        _("You get this mail because you take part in this event."),
        items_of=items_of,
    )
)
STARRED_MAIL: Final = register_kind(
    MailKind(
        "audience_message_starred",
        _("You get this because you starred sessions of this event."),
        items_of=items_of,
        off_url=off_address(Topic.CHANGED),
    )
)
