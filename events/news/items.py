"""What a mail says of each session, in the reader's zone, as things stand when it is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from events.access import status_of
from events.agenda.mine import kept_sessions
from events.i18n.content import shown_title
from events.models import OutgoingMail, Session, SessionStatus
from events.news.listeners import stars_for
from events.news.wishes import Topic
from events.outbox.letters import zone_of
from events.zones import clock, day_shift, span_dash, zone_label


def kept_by_reader(mails: Sequence[OutgoingMail], topic: Topic) -> dict[int, Session]:
    """Sessions of the mails' event that its reader starred, may see and wants to hear of."""
    first = mails[0]
    if not first.user or not first.event:
        return {}
    stars = stars_for(topic).filter(user=first.user, session__event=first.event)
    wanted = set(stars.values_list("session_id", flat=True))
    kept = kept_sessions(first.user, first.event) if wanted else []
    return {session.pk: session for session in kept if session.pk in wanted}


def takes_place(session: Session) -> bool:
    return status_of(session) == SessionStatus.PUBLISHED


def item_of(session: Session, mail: OutgoingMail, day: date | None = None) -> dict[str, Any]:
    """``day``: the date that the mail is about; another one is told with the time."""
    zone = zone_of(mail.user, mail.event)
    shown = day or session.starts_at.astimezone(zone).date()
    return {
        "title": shown_title(session),
        "url": settings.SITE_URL + session.get_absolute_url(),
        "place": session.location,
        "starts": clock(session.starts_at, zone),
        "when": _when(session, zone, shown),
        "day": shown,
    }


def _when(session: Session, zone: ZoneInfo, day: date) -> str:
    """ "10:00–11:00 CET", with "(+1 day)" when that is not on ``day`` in this zone."""
    start, end = session.starts_at, session.ends_at
    shift = day_shift(start, zone, day)
    dash = span_dash(start, end, zone)
    text = f"{clock(start, zone)}{dash}{clock(end, zone)} {zone_label(start, zone)}"
    return f"{text} ({shift})" if shift else text
