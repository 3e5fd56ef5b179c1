"""Times, days and texts as attendees read them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from events.agenda.card_html import list_item
from events.agenda.cards import Card, iso, language_names
from events.agenda.marks import COUNTED, COUNTED_TO, MARKS, counted_down
from events.exports.calendar_links import calendar_links
from events.forms import login_url
from events.i18n.content import (
    NO_TEXT,
    ShownText,
    content_of,
    shown_title,
    translated_into,
)
from events.i18n.dates import days_between, long_day, moment, plain_day, short_day
from events.i18n.languages import PARAMETER
from events.models import Event, EventStatus, Session
from events.queries import sees_programme
from events.text import plain_text, rich_text
from events.zones import clock, day_shift, span_dash, zone_label

register = template.Library()
register.filter("languages", language_names)
register.filter("calendar_links", calendar_links)
register.filter("long_day", long_day)
register.filter("plain_day", plain_day)
register.filter("short_day", short_day)
register.filter("moment", moment)
register.filter("shown_title", shown_title)
register.simple_tag(login_url, name="login_url")


@register.filter
def texts(thing: Event | Session) -> dict[str, ShownText]:
    """What an event or a session says, in the language of the page where it is translated."""
    return content_of(thing if isinstance(thing, Event) else thing.event).texts(thing)


@register.filter
def lang_of(text: str) -> SafeString:
    """The ``lang`` attribute of what may be an event's own text in another language."""
    return text.lang if isinstance(text, ShownText) else SafeString("")


@register.filter
def marked_title(thing: Event | Session) -> SafeString:
    """Its title alone for the middle of a sentence, with the language that it is in."""
    return shown_title(thing).marked


@register.simple_tag(takes_context=True)
def leads_to_agenda(context: dict[str, Any]) -> bool:
    """Whether the menu links to the agenda: not where its page knows that the reader may not."""
    membership = context.get("membership")
    return membership is None or sees_programme(context["event"], membership)


@register.simple_tag
def feed_query(event: Event, query: str = "") -> str:
    """``query`` with "lang=de" where the page shows translations: then its feeds do, too."""
    language = translated_into(event)
    return f"{query}{'&' if query else '?'}{PARAMETER}={language}" if language else query


@register.filter
def track_name(session: Session) -> ShownText:
    """The name of its track."""
    content = content_of(session.event)
    return content.text(session.track, "name") if session.track else NO_TEXT


@register.filter
def rich(text: str) -> SafeString:
    """A text in Markdown, plain text or HTML as safe HTML."""
    return mark_safe(rich_text(text))  # noqa: S308  (nh3 has cleaned it)


@register.filter
def rich_below(text: str, level: int) -> SafeString:
    """Its HTML below a heading of ``level``: its own headings begin one deeper."""
    return mark_safe(rich_text(text, below=level))  # noqa: S308


@register.filter
def plain(text: str) -> str:
    """The same text without markup."""
    return plain_text(text)


@register.filter
def dates(event: Event) -> str:
    """ "27–30 December 2014": the days of an event, saying nothing twice."""
    return days_between(event.starts_on, event.ends_on)


@register.simple_tag
def at(instant: datetime, zone: ZoneInfo) -> SafeString:
    """ "11:00" as a ``time`` element."""
    return format_html('<time datetime="{}">{}</time>', iso(instant), clock(instant, zone))


@register.simple_tag
def clock_of(instant: datetime, zone: ZoneInfo) -> str:
    """ "11:00 CET", for mails, which are text as well."""
    return f"{clock(instant, zone)} {zone_label(instant, zone)}"


@register.simple_tag
def span_of(starts_at: datetime, ends_at: datetime, zone: ZoneInfo, day: date) -> SafeString:
    """ "11:00–11:30 CET", and "+1 day" when that is another day than ``day`` in ``zone``."""
    shift = day_shift(starts_at, zone, day)
    return format_html(
        '<bdi dir="ltr">{}{}{} {}{}</bdi>',
        at(starts_at, zone),
        span_dash(starts_at, ends_at, zone),
        at(ends_at, zone),
        zone_label(starts_at, zone),
        f" ({shift})" if shift else "",
    )


@register.simple_tag
def plain_card(card: Card, *, show_day: bool = False) -> SafeString:
    """A session of a list without stars, perhaps with its day."""
    return list_item(card, day=short_day(card.day) if show_day else "")


@register.simple_tag
def counted(text: str, until: datetime, now: datetime) -> str:
    """``text`` with the time left until then in its place ``{}``; scripts count it down."""
    return counted_down(text, until, now)


@register.simple_tag
def phase_marks() -> list[dict[str, str]]:
    """What stands for each phase that passes by time, and to which phase its minutes count."""
    return [
        {"phase": phase, "text": str(text), "counts_to": COUNTED_TO if phase in COUNTED else ""}
        for phase, text in MARKS.items()
    ]


@register.filter
def local_date(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


@register.filter
def is_cancelled(event: Event) -> bool:
    return event.status == EventStatus.CANCELLED


@register.filter
def is_draft(event: Event) -> bool:
    return event.status == EventStatus.DRAFT
