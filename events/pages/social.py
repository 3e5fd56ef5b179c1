"""What messengers and search engines show of a page: Open Graph, Twitter cards, a summary.

Sources: https://ogp.me, https://developer.x.com/en/docs/x-for-websites/cards/overview/markup
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator

from events.i18n.content import content_of, translated_into
from events.i18n.languages import PARAMETER
from events.models import Event, EventStatus, Session, Speaker, Visibility
from events.pages.preview import (
    PreviewText,
    can_draw,
    text_of_event,
    text_of_session,
    text_of_speaker,
)
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
    path = event.get_absolute_url()
    return _card(event, title, summary_of(event), path, preview_url(event))


def card_of_session(session: Session) -> SocialCard | None:
    """Of a session whose event has a programme that anybody may read."""
    event = session.event
    if not event.is_public:
        return None
    title = content_of(event).text(session, "title")
    image = reverse("events:session_preview", args=[event.slug, session.slug])
    image = _image(event, image, text_of_session(session))
    path = session.get_absolute_url()
    return _card(event, title, summary_of(session), path, image, "article")


def card_of_speaker(event: Event, speaker: Speaker) -> SocialCard | None:
    """Of somebody on stage there; with their portrait, where they have one."""
    if not event.is_public:
        return None
    summary = _short(speaker.biography) or speaker.title
    url = reverse("events:speaker", args=[event.slug, speaker.slug])
    image = reverse("events:speaker_preview", args=[event.slug, speaker.slug])
    image = _image(event, image, text_of_speaker(event, speaker))
    return _card(event, speaker.name, summary, url, image, "profile")


def _card(
    event: Event, title: str, summary: str, path: str, image: str, kind: str = "website"
) -> SocialCard | None:
    if not is_seen_by_all(event):
        return None
    own = content_of(event).text(event, "title")
    site = own if title != own else "Event portal"
    return SocialCard(title, summary, settings.SITE_URL + path, site, image, kind)


def is_seen_by_all(event: Event) -> bool:
    """Whether anybody may open the event's own page."""
    return event.status != EventStatus.DRAFT and event.visibility != Visibility.INVITED


def preview_url(event: Event) -> str:
    """The whole address of its preview image; another one with each version, for caches."""
    return _image(event, reverse("events:preview", args=[event.slug]), text_of_event(event))


def _image(event: Event, path: str, text: PreviewText) -> str:
    if not (is_seen_by_all(event) and can_draw(text)):
        return ""
    address = f"{settings.SITE_URL}{path}?v={programme_version(event).number}"
    # Messengers that fetch it say nothing of the language of the page.
    language = translated_into(event)
    return f"{address}&{PARAMETER}={language}" if language else address


def summary_of(thing: Event | Session) -> str:
    """A sentence or two without markup."""
    texts = content_of(thing if isinstance(thing, Event) else thing.event).texts(thing)
    short = ("tagline",) if isinstance(thing, Event) else ("abstract", "subtitle")
    return _short(next(filter(None, (texts[name] for name in (*short, "description"))), ""))


def _short(text: str) -> str:
    return Truncator(" ".join(plain_text(text).split())).chars(LONGEST_SUMMARY)
