"""When there is a recording to watch of a starred session.

Whoever keeps recordings says so (``tell_recorded``) in the transaction that first shows one, so
neither exists without the other. Each person is told once of each session, and of nothing that
is hidden again before the mail leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import EventStatus, OutgoingMail, Session, SessionStatus
from events.news.items import item_of, kept_by_reader, takes_place
from events.news.listeners import stars_for
from events.news.wishes import Topic, off_address
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.remote import length_text, recorded_length

#: The recordings of a morning leave in one mail; what was published by mistake in none.
WAIT: Final = timedelta(minutes=10)
#: Later it is history that somebody puts in order, and no news.
NEWS_FOR: Final = timedelta(days=30)


def tell_recorded(session: Session) -> None:
    """Owe everybody who starred it the mail that it can be watched. Safe to repeat."""
    now = timezone.now()
    until = session.ends_at + NEWS_FOR
    # Kaltura may have it before the session is over, or had it all along.
    due_at = max(now, session.ends_at) + WAIT
    is_public = session.status == SessionStatus.PUBLISHED
    if not is_public or session.event.status != EventStatus.PUBLISHED or due_at >= until:
        return
    stars = stars_for(Topic.RECORDED).filter(session=session)
    enqueue_all(
        new_mail(
            RECORDED,
            star.user,
            str(session.uuid),
            event=session.event,
            session=session,
            due_at=due_at,
            expires_at=until,
        )
        for star in stars.iterator(chunk_size=1000)
    )


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """Those sessions that are over and have a recording that attendees can watch, now."""
    kept, now = kept_by_reader(mails, Topic.RECORDED), timezone.now()
    over = [each.pk for each in kept.values() if takes_place(each) and each.ends_at <= now]
    rows = Session.objects.filter(pk__in=over)
    lengths = dict(rows.annotate(recorded_s=recorded_length()).values_list("pk", "recorded_s"))
    found: Items = {}
    for mail in mails:
        seconds = lengths.get(mail.session_id or 0)
        if seconds is not None:
            item = item_of(kept[mail.session_id or 0], mail)
            found[mail.pk] = item | {"length": length_text(seconds) if seconds else ""}
    return found


RECORDED: Final = register_kind(
    MailKind(
        "recorded",
        _("You get this because you starred these sessions."),
        gather_s=int(WAIT.total_seconds()),
        must_arrive=False,
        items_of=items_of,
        off_url=off_address(Topic.RECORDED),
    )
)
