"""Links that open a web calendar with a session filled in.

None of the services documents them whole; the parameters are those that the common
"add to calendar" buttons use, and that all of them have taken for years.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.conf import settings

from events.i18n.content import content_of
from events.models import Session
from events.text import plain_text

# Longer addresses are cut by browsers and refused by servers.
LONGEST_TEXT = 1000


@dataclass(frozen=True)
class CalendarLink:
    """One web calendar to add a session to."""

    label: str
    href: str


def calendar_links(session: Session) -> list[CalendarLink]:
    """Google, Outlook and Yahoo; whoever uses another takes the file."""
    url = settings.SITE_URL + session.get_absolute_url()
    said = content_of(session.event).texts(session)
    text = f"{plain_text(said['abstract'])[:LONGEST_TEXT]}\n\n{url}".strip()
    place = session.location or session.event.location or url
    return [
        CalendarLink("Google Calendar", _google(session, said["title"], text, place)),
        CalendarLink(
            "Outlook.com", _outlook("outlook.live.com", session, said["title"], text, place)
        ),
        CalendarLink(
            "Microsoft 365", _outlook("outlook.office.com", session, said["title"], text, place)
        ),
        CalendarLink("Yahoo", _yahoo(session, said["title"], text, place)),
    ]


def _google(session: Session, title: str, text: str, place: str) -> str:
    query = {
        "action": "TEMPLATE",
        "text": title,
        "dates": f"{_compact(session.starts_at)}/{_compact(session.ends_at)}",
        "ctz": session.event.timezone,
        "details": text,
        "location": place,
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(query)}"


def _outlook(host: str, session: Session, title: str, text: str, place: str) -> str:
    query = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": _iso(session.starts_at),
        "enddt": _iso(session.ends_at),
        "body": text,
        "location": place,
    }
    return f"https://{host}/calendar/0/deeplink/compose?{urlencode(query)}"


def _yahoo(session: Session, title: str, text: str, place: str) -> str:
    query = {
        "v": "60",
        "title": title,
        "st": _compact(session.starts_at),
        "et": _compact(session.ends_at),
        "desc": text,
        "in_loc": place,
    }
    return f"https://calendar.yahoo.com/?{urlencode(query)}"


def _compact(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
