"""Ten minutes before a starred session begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from events.models import EventStatus, OutgoingMail, Session, SessionStatus
from events.news.items import item_of, kept_by_reader, takes_place
from events.news.listeners import stars_for
from events.news.wishes import Topic, off_address
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.push.subscriptions import with_pushes

BEFORE: Final = timedelta(minutes=10)
# Written that much earlier, so that all of them are there when the time comes.
AHEAD: Final = timedelta(minutes=2)


def about(session: Session) -> str:
    """Session and start: moved, it is announced again."""
    return f"{session.uuid} {session.starts_at.isoformat()}"


def remind(now: datetime) -> None:
    """Owe everybody the mail about their sessions that begin in about ten minutes."""
    sessions = Session.objects.filter(
        status=SessionStatus.PUBLISHED,
        event__status=EventStatus.PUBLISHED,
        starts_at__gt=now,
        starts_at__lte=now + BEFORE + AHEAD,
    )
    for session in sessions.select_related("event"):
        _remind_of(session)


def _remind_of(session: Session) -> None:
    written = OutgoingMail.objects.filter(session=session, kind=SOON.name, about=about(session))
    stars = stars_for(Topic.SOON).filter(session=session)
    mails = (
        new_mail(
            SOON,
            star.user,
            about(session),
            event=session.event,
            session=session,
            due_at=session.starts_at - BEFORE,
            expires_at=session.starts_at,
        )
        for star in stars.exclude(user__in=written.values("user"))
    )
    enqueue_all(with_pushes(mails))


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """Those that still begin when the mail was written for."""
    kept = kept_by_reader(mails, Topic.SOON)
    found: Items = {}
    for mail in mails:
        session = kept.get(mail.session_id or 0)
        if session and takes_place(session) and mail.about == about(session):
            found[mail.pk] = item_of(session, mail)
    return found


SOON = register_kind(
    MailKind(
        "soon",
        _("You get this because you starred these sessions."),
        gather_s=120,
        must_arrive=False,
        items_of=items_of,
        off_url=off_address(Topic.SOON),
    )
)
