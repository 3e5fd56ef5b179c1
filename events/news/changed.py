"""When a starred session is moved, cancelled, or takes place after all.

The change log is written in the transaction of the change (programme/recording.py); here
it is told to those who starred the session, in a transaction of its own, for there may be
thousands and a writer on SQLite holds up all others. A change that is told is marked so in
the same transaction, so it is told once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from events.i18n.content import ShownText
from events.models import EventStatus, OutgoingMail, ProgrammeChange
from events.news.items import item_of, kept_by_reader
from events.news.listeners import stars_for
from events.news.wishes import Topic, off_address
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Item, Items, MailKind, register_kind
from events.outbox.letters import zone_of
from events.programme.reading import sentences
from events.push.subscriptions import with_pushes
from events.queries import events_for

# A manager who moves several sessions, or one twice, makes one mail.
WAIT: Final = timedelta(minutes=2)
_AT_A_TIME: Final = 50
# What is worth a mail. A new title is not.
_TOLD: Final = ("starts_at", "ends_at", "location", "is_cancelled")


def tell_changes(now: datetime) -> None:
    """Owe a mail to everybody who starred what changed."""
    while _tell_some(now):
        pass


@transaction.atomic
def _tell_some(now: datetime) -> bool:
    untold = ProgrammeChange.objects.filter(told_at=None).order_by("changed_at", "pk")
    changes = list(untold.select_for_update(skip_locked=True)[:_AT_A_TIME])
    for change in changes:
        _tell(change, now)
    pks = [change.pk for change in changes]
    ProgrammeChange.objects.filter(pk__in=pks).update(told_at=now)
    return bool(changes)


def _tell(change: ProgrammeChange, now: datetime) -> None:
    begins = max(_starts(change))
    is_coming = begins > now and change.event.status != EventStatus.DRAFT
    if change.session_id and change.before and is_coming and is_news(change.before, change.after):
        stars = stars_for(Topic.CHANGED).filter(session=change.session_id)
        mails = (
            new_mail(
                CHANGED,
                star.user,
                str(change.pk),
                event=change.event,
                session=change.session,
                context={"before": change.before, "after": change.after},
                due_at=change.changed_at + WAIT,
                expires_at=begins,
            )
            for star in stars.iterator(chunk_size=1000)
        )
        enqueue_all(with_pushes(mails))


def _starts(change: ProgrammeChange) -> list[datetime]:
    """When it was planned to start, and when it is now."""
    seen = [seen for seen in (change.before, change.after) if seen]
    return [datetime.fromisoformat(each["starts_at"]) for each in seen]


def is_news(before: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    """Whether somebody who plans to go there must know."""
    if before is None or after is None:
        return before != after
    return any(before[name] != after[name] for name in _TOLD)


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """One item for each session, from what it was before the first change to what it is now.

    Of several changes of one session the last stands for all; the others are dropped, and so
    is what was changed back.
    """
    kept = kept_by_reader(mails, Topic.CHANGED)
    by_session: dict[int, list[OutgoingMail]] = {}
    for mail in sorted(mails, key=lambda mail: int(mail.about)):
        by_session.setdefault(mail.session_id or 0, []).append(mail)
    found: Items = {}
    for pk, its_mails in by_session.items():
        first, last = its_mails[0].context, its_mails[-1]
        before, after = first["before"], last.context["after"]
        if not is_news(before, after):
            continue
        if pk in kept and after:
            found[last.pk] = item_of(kept[pk], last) | _told(last, before, after)
        elif after is None and _has_lost(last):
            title = ShownText(before["title"], last.event.language if last.event else "")
            found[last.pk] = {"title": title} | _told(last, before, after)
    return found


def _told(mail: OutgoingMail, before: dict[str, Any], after: dict[str, Any] | None) -> Item:
    told = sentences(before, after, zone_of(mail.user, mail.event))
    return {"sentences": told, "is_cancelled": bool(after and after["is_cancelled"])}


def _has_lost(mail: OutgoingMail) -> bool:
    """Whether the reader sees the event, and starred the session that was taken out of it."""
    if not mail.user or not mail.event:
        return False
    stars = stars_for(Topic.CHANGED).filter(user=mail.user, session=mail.session)
    return stars.exists() and events_for(mail.user).filter(pk=mail.event.pk).exists()


CHANGED = register_kind(
    MailKind(
        "changed",
        _("You get this because you starred these sessions."),
        gather_s=int(WAIT.total_seconds()),
        must_arrive=True,
        items_of=items_of,
        off_url=off_address(Topic.CHANGED),
    )
)
