"""When a whole event is cancelled, taken back to a draft, or takes place after all.

The notice is written in the transaction of the change (programme/recording.py), and told here
as changes of sessions are (changed.py): to those who are registered or wait for a place, and to
those who starred a session of it. What somebody was told last decides what is news to them, so
an event that is cancelled by mistake and brought back within two minutes tells nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import chain
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.agenda.days import is_over
from events.i18n.content import shown_title
from events.models import Event, EventNotice, EventStatus, MailState, OutgoingMail, User
from events.news.listeners import stars_for
from events.news.wishes import Topic, off_address
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.queries import events_for

# A manager who slips has as long to take it back.
WAIT: Final = timedelta(minutes=2)
_AT_A_TIME: Final = 5


def tell_notices(now: datetime) -> None:
    """Owe a mail to everybody who planned to come."""
    while _tell_some(now):
        pass


@transaction.atomic
def _tell_some(now: datetime) -> bool:
    untold = EventNotice.objects.filter(told_at=None).order_by("happened_at", "pk")
    locked = untold.select_for_update(skip_locked=True, of=["self"]).select_related("event")
    notices = list(locked[:_AT_A_TIME])
    for notice in notices:
        if not is_over(notice.event.ends_on, notice.event.zone, now) and _may_be_news(notice):
            enqueue_all(_mails(notice))
    EventNotice.objects.filter(pk__in=[notice.pk for notice in notices]).update(told_at=now)
    return bool(notices)


def _may_be_news(notice: EventNotice) -> bool:
    """That it takes place is news only after one heard that it does not."""
    earlier = EventNotice.objects.filter(event=notice.event_id, pk__lt=notice.pk)
    return notice.status != EventStatus.PUBLISHED or earlier.exists()


def _mails(notice: EventNotice) -> Iterable[OutgoingMail]:
    event = notice.event
    day_after = event.ends_on + timedelta(days=1)
    people = _coming_to(event)
    stars = stars_for(Topic.CHANGED).filter(session__event=event).exclude(user__in=people)
    starring = User.objects.filter(pk__in=stars.values("user"))
    owed = chain(
        ((COMING, user) for user in people.iterator(chunk_size=1000)),
        ((STARRED, user) for user in starring.iterator(chunk_size=1000)),
    )
    for kind, user in owed:
        yield new_mail(
            kind,
            user,
            f"{notice.pk}:{notice.status}",
            event=event,
            context={"title": event.title},
            due_at=notice.happened_at + WAIT,
            expires_at=datetime.combine(day_after, time(), event.zone),
        )


def _coming_to(event: Event) -> Any:
    """Who has a place at the event, or waits for one."""
    registered = Q(pk__in=event.registrations.filter(withdrawn_at=None).values("user"))
    waiting = Q(pk__in=event.waiting_list.values("user"))
    return User.objects.filter(registered | waiting, is_active=True)


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """One item at most: how things stand, if the reader was last told something else."""
    last = max(mails, key=lambda mail: int(mail.about.split(":")[0]))
    event, user = last.event, last.user
    if not event or not user or not _is_concerned(last):
        return {}
    is_on = event.status == EventStatus.PUBLISHED
    if _takes_place(last) is not is_on or is_on is _was_told(user, event):
        return {}
    is_seen = events_for(user).filter(pk=event.pk).exists()
    return {
        last.pk: {
            # What a draft is called by now is not theirs to know.
            "title": shown_title(event) if is_seen else last.context["title"],
            "status": event.status,
            "event": event if is_seen else None,
            "url": settings.SITE_URL + event.get_absolute_url() if is_seen else "",
        }
    }


def _is_concerned(mail: OutgoingMail) -> bool:
    assert mail.event
    if mail.kind == COMING.name:
        found = _coming_to(mail.event)
        return bool(found.filter(pk=mail.user_id).exists())
    stars = stars_for(Topic.CHANGED).filter(session__event=mail.event, user=mail.user)
    return stars.exists()


def _takes_place(mail: OutgoingMail) -> bool:
    return mail.about.split(":")[1] == EventStatus.PUBLISHED


def _was_told(user: User, event: Event) -> bool:
    """Whether the last mail said that it takes place; as long as there was none, it does."""
    told = OutgoingMail.objects.filter(
        kind__in=[COMING.name, STARRED.name], user=user, event=event, state=MailState.SENT
    )
    last = told.order_by("-settled_at", "-pk").first()
    return last is None or _takes_place(last)


COMING = register_kind(
    MailKind(
        "event_status",
        _("You get this mail because you registered for this event."),
        gather_s=int(WAIT.total_seconds()),
        items_of=items_of,
    )
)
STARRED = register_kind(
    MailKind(
        "event_status_starred",
        _("You get this because you starred sessions of this event."),
        gather_s=int(WAIT.total_seconds()),
        items_of=items_of,
        off_url=off_address(Topic.CHANGED),
    )
)
