"""A day before the first starred session of a day: one mail with all of that day.

A day before is the same time on the clock of the event, so 23 or 25 hours where the clocks
change in between. Whoever stars a session later than that knows of it and is not reminded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.agenda.days import event_days
from events.models import Bookmark, Event, EventStatus, OutgoingMail, Session, SessionStatus
from events.news.items import item_of, kept_by_reader, takes_place
from events.news.listeners import stars_for
from events.news.wishes import Topic, off_address
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind

# The longest that a day before can be, where a zone turns its clocks back by two hours.
LONGEST_DAY: Final = timedelta(hours=26)
_ONE_DAY: Final = timedelta(days=1)


def day_before(moment: datetime, event: Event) -> datetime:
    """The same time on the event's clock, a day earlier; an hour that is skipped counts on."""
    return (moment.astimezone(event.zone) - _ONE_DAY).astimezone(UTC)


def about(event: Event, day: date) -> str:
    return f"{event.uuid} {day.isoformat()}"


def days_of(event: Event) -> dict[int, date]:
    """The day of the event under which attendees find each session."""
    shown = Session.objects.filter(event=event).exclude(status=SessionStatus.DRAFT)
    spans = list(shown.only("starts_at", "ends_at").order_by("starts_at", "pk"))
    return dict(zip([span.pk for span in spans], event_days(spans, event.zone), strict=True))


def remind(now: datetime) -> None:
    """Owe everybody the mail about a day that begins for them in a day."""
    soon = Session.objects.filter(
        status=SessionStatus.PUBLISHED, starts_at__gt=now, starts_at__lte=now + LONGEST_DAY
    )
    events = Event.objects.filter(status=EventStatus.PUBLISHED, sessions__in=soon).distinct()
    for event in events:
        _remind_of(event, now)


def _remind_of(event: Event, now: datetime) -> None:
    days = days_of(event)
    first, last = now - LONGEST_DAY, now + LONGEST_DAY
    stars = stars_for(Topic.DAY_AHEAD).filter(
        session__event=event,
        session__status=SessionStatus.PUBLISHED,
        session__starts_at__range=(first, last),
    )
    ordered = sorted(
        (star for star in stars.select_related("user", "session") if star.session_id in days),
        key=lambda star: (days[star.session_id], star.user_id, star.session.starts_at),
    )
    for day, of_day in groupby(ordered, key=lambda star: days[star.session_id]):
        told = OutgoingMail.objects.filter(kind=DAY_AHEAD.name, about=about(event, day))
        known = set(told.values_list("user_id", flat=True))
        people = groupby(of_day, key=lambda star: star.user_id)
        theirs = [list(group) for person, group in people if person not in known]
        enqueue_all(_mail(event, day, group) for group in theirs if _is_due(group, event, now))


def _is_due(stars: list[Bookmark], event: Event, now: datetime) -> bool:
    """Whether it is a day before the first of them, and that one was starred before."""
    begins = stars[0].session.starts_at
    due = day_before(begins, event)
    return due <= now < begins and min(star.created_at for star in stars) <= due


def _mail(event: Event, day: date, stars: list[Bookmark]) -> OutgoingMail:
    return new_mail(
        DAY_AHEAD,
        stars[0].user,
        about(event, day),
        event=event,
        expires_at=stars[0].session.starts_at,
    )


def items_of(mails: Sequence[OutgoingMail]) -> Items:
    """All of the day that is still ahead; one mail is about one day."""
    kept, found = kept_by_reader(mails, Topic.DAY_AHEAD), {}
    days, now = days_of(mails[0].event) if mails[0].event else {}, timezone.now()
    for mail in mails:
        day = date.fromisoformat(mail.about.rpartition(" ")[2])
        sessions = [
            session
            for session in kept.values()
            if days.get(session.pk) == day and takes_place(session) and session.starts_at > now
        ]
        if sessions:
            items = [item_of(session, mail, day) for session in sessions]
            found[mail.pk] = {"day": day, "sessions": items}
    return found


DAY_AHEAD = register_kind(
    MailKind(
        "day_ahead",
        _("You get this because you starred sessions of {event}."),
        must_arrive=False,
        items_of=items_of,
        off_url=off_address(Topic.DAY_AHEAD),
    )
)
