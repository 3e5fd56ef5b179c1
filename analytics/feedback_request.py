"""When an event is over: one mail to those who were there, asking what its sessions were like.

Only attendance that is kept by name counts, so who said no to that is not asked. The mail is
written in the first hours of the day after, and in the days behind it for people whose stays
were reported later; each person is asked once for each event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analytics.models import SessionAttendance
from events.feedback.giving import FeedbackState, state_for
from events.i18n.content import content_of
from events.models import (
    Event,
    EventStatus,
    NewsPreferences,
    OutgoingMail,
    Registration,
    Session,
    SessionFeedback,
    User,
)
from events.news.wishes import Topic, off_address, wants
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.queries import events_for, membership_in, sessions_for, staged

# On the event's clock, the day after it.
ASKED_AT: Final = time(9)
# Later nobody remembers well; reports of stays come in before.
ASKED_FOR: Final = timedelta(days=7)
MOST_SESSIONS: Final = 5
_LATEST_ZONE: Final = timedelta(days=1)


def asked_from(event: Event) -> datetime:
    """The moment from which people are asked."""
    return datetime.combine(event.ends_on + timedelta(days=1), ASKED_AT, event.zone)


def ask(now: datetime) -> None:
    """Owe the mail to everybody who was at an event that has just ended. Safe to repeat."""
    today = now.astimezone(UTC).date()
    ended = Event.objects.filter(
        status=EventStatus.PUBLISHED,
        takes_feedback=True,
        ends_on__range=(today - ASKED_FOR - _LATEST_ZONE, today),
    )
    for event in ended:
        if asked_from(event) <= now < asked_from(event) + ASKED_FOR:
            enqueue_all(_mails(event))


def _mails(event: Event) -> Iterable[OutgoingMail]:
    for user in _to_ask(event).iterator(chunk_size=1000):
        until = asked_from(event) + ASKED_FOR
        yield new_mail(AFTERWARDS, user, str(event.uuid), event=event, expires_at=until)


def _to_ask(event: Event) -> QuerySet[User]:
    """Who was there, has a place, wants such mails, and has none yet."""
    mine = {"user": OuterRef("pk")}
    was_there = SessionAttendance.objects.filter(session__event=event, attended=True, **mine)
    registered = Registration.objects.filter(event=event, withdrawn_at=None, **mine)
    unwanted = NewsPreferences.objects.filter(afterwards=False, **mine)
    asked = OutgoingMail.objects.filter(kind=AFTERWARDS.name, event=event, **mine)
    return User.objects.filter(
        Exists(was_there), Exists(registered), ~Exists(unwanted), ~Exists(asked), is_active=True
    )


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """The sessions that the person was in and may still say something about."""
    found: Items = {}
    for mail in mails:
        if mail.event and mail.user and wants(mail.user, Topic.AFTERWARDS):
            sessions = _unrated(mail.event, mail.user)
            if sessions:
                found[mail.pk] = {"sessions": sessions}
    return found


def _unrated(event: Event, user: User) -> list[dict[str, Any]]:
    seen = events_for(user).select_related("programme_version").filter(pk=event.pk).first()
    if seen is None:
        return []
    membership, now, content = membership_in(seen, user), timezone.now(), content_of(seen)
    return [
        {"title": content.text(session, "title"), "url": _address(session)}
        for session in _sessions_of(seen, membership, user)
        if state_for(session, membership, now) is FeedbackState.OPEN
    ][:MOST_SESSIONS]


def _sessions_of(event: Event, membership: Any, user: User) -> list[Session]:
    was_there = SessionAttendance.objects.filter(session=OuterRef("pk"), user=user, attended=True)
    said = SessionFeedback.objects.filter(session=OuterRef("pk"), user=user)
    shown = staged(sessions_for(event, membership)).filter(Exists(was_there), ~Exists(said))
    sessions = list(shown.order_by("starts_at", "pk"))
    for session in sessions:
        session.event = event
    return sessions


def _address(session: Session) -> str:
    path = reverse("events:feedback", args=[session.event.slug, session.slug])
    return f"{settings.SITE_URL}{path}"


AFTERWARDS: Final = register_kind(
    MailKind(
        "afterwards",
        _("You get this mail because you took part in {event}."),
        must_arrive=False,
        items_of=items_of,
        off_url=off_address(Topic.AFTERWARDS),
    )
)
