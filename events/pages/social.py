"""What messengers and search engines show of a page: Open Graph, Twitter cards, a summary.

Sources: https://ogp.me, https://developer.x.com/en/docs/x-for-websites/cards/overview/markup
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from events.i18n.content import content_of
from events.models import Event, EventStatus, Session, Speaker, Visibility
from events.pages.preview import can_draw
from events.programme.reading import programme_version
from events.text import plain_text

LONGEST_SUMMARY: Final = 200


@dataclass(frozen=True)
class SocialCard:
    """A page as a link to it looks elsewhere; ``image`` is an address, empty for none."""

    title: str
    summary: str
    url: str
    site: str
    image: str = ""
    kind: str = "website"


def card_of_event(event: Event) -> SocialCard | None:
    """None for what only some people see: nobody can show others what is not for them."""
    title = content_of(event).text(event, "title")
    return _card(event, title, summary_of(event), event.get_absolute_url())


def card_of_session(session: Session) -> SocialCard | None:
    """Of a session whose event has a programme that anybody may read."""
    event = session.event
    if not event.is_public:
        return None
    title = content_of(event).text(session, "title")
    return _card(event, title, summary_of(session), session.get_absolute_url(), "article")


def card_of_speaker(event: Event, speaker: Speaker) -> SocialCard | None:
    """Of somebody on stage there; their own picture, where they have one."""
    if not event.is_public:
        return None
    summary = _short(speaker.biography) or speaker.title
    url = reverse("events:speaker", args=[event.slug, speaker.slug])
    return _card(event, speaker.name, summary, url, "profile")


def _card(
    event: Event, title: str, summary: str, path: str, kind: str = "website"
) -> SocialCard | None:
    if not is_seen_by_all(event):
        return None
    own = content_of(event).text(event, "title")
    site = own if title != own else "Event portal"
    return SocialCard(title, summary, settings.SITE_URL + path, site, preview_url(event), kind)


def is_seen_by_all(event: Event) -> bool:
    """Whether anybody may open the event's own page."""
    return event.status != EventStatus.DRAFT and event.visibility != Visibility.INVITED


def preview_url(event: Event) -> str:
    """The whole address of its preview image; another one with each version, for caches."""
    if not (is_seen_by_all(event) and can_draw(event)):
        return ""
    path = reverse("events:preview", args=[event.slug])
    return f"{settings.SITE_URL}{path}?v={programme_version(event).number}"


def summary_of(thing: Event | Session) -> str:
    """A sentence or two without markup."""
    texts = content_of(thing if isinstance(thing, Event) else thing.event).texts(thing)
    short = ("tagline",) if isinstance(thing, Event) else ("abstract", "subtitle")
    return _short(next(filter(None, (texts[name] for name in (*short, "description"))), ""))


def _short(text: str) -> str:
    return Truncator(" ".join(plain_text(text).split())).chars(LONGEST_SUMMARY)
