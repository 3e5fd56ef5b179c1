from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from events import theme
from events.agenda.cards import cards_for
from events.agenda.chips import known_values
from events.agenda.filters import Facet, Filters
from events.caching.strangers import reader_of
from events.exports.schedule import schedule_of
from events.i18n.content import content_in, shown_title
from events.i18n.languages import feed_language
from events.models import Event, EventStatus, Session, Speaker
from events.programme.log import by_day, change_log
from events.programme.reading import programme_version, sequences_of
from events.queries import (
    sessions_for,
    speaker_names,
    visible_event,
    visible_programme,
    visible_session,
)
from events.roles import EventMembership
from events.views.conditional import versioned
from events.zones import remember_zone, zone_for

ONE_YEAR_S = 365 * 24 * 3600
FIVE_MINUTES_S = 300


@require_safe
def agenda_ics(request: HttpRequest, slug: str) -> HttpResponse:
    """The sessions this visitor may see, for calendar programs; filters as on the agenda."""
    event, membership = visible_programme(reader_of(request), slug)
    language = feed_language(request)

    def build() -> HttpResponse:
        asked = request.GET
        cards = cards_for(
            event,
            membership,
            request.user,
            searching=bool(asked.get(Facet.SEARCH)),
            with_long_texts=True,
        )
        filters = Filters.from_query(asked, known_values(cards))
        fitting = [card for card in cards if not filters.misses(card)]
        for card in fitting:
            card.session.track = card.track
        return _calendar(event, [card.session for card in fitting], event.slug, language)

    # Favourites change without the programme: then there is nothing to compare.
    if request.GET.get(Facet.FAVOURITES):
        return build()
    version, scope = programme_version(event), _scope(membership, language)
    return versioned(request, version, scope, build, FIVE_MINUTES_S, is_whole=True)


@require_safe
def session_ics(request: HttpRequest, slug: str, session_slug: str) -> HttpResponse:
    """One session, for calendar programs."""
    event, membership = visible_programme(reader_of(request), slug)
    session = visible_session(event, membership, session_slug)
    name, language = f"{event.slug}-{session.slug}", feed_language(request)
    title = content_in(event, language).text(session, "title")
    return versioned(
        request,
        programme_version(event),
        _scope(membership, language),
        lambda: _calendar(event, [session], name, language, title),
        FIVE_MINUTES_S,
    )


@require_safe
def speaker_ics(request: HttpRequest, slug: str, speaker_slug: str) -> HttpResponse:
    """The sessions of one person on stage, for calendar programs."""
    event, membership = visible_programme(reader_of(request), slug)
    speaker = Speaker.objects.filter(event=event, slug=speaker_slug).first()
    found = sessions_for(event, membership).filter(speakers=speaker).select_related("track")
    sessions = list(found.order_by("starts_at", "pk"))
    if speaker is None or not (sessions or membership.is_team):
        raise Http404("There is no such speaker.")
    name, language = f"{event.slug}-{speaker.slug}", feed_language(request)
    return versioned(
        request,
        programme_version(event),
        _scope(membership, language),
        lambda: _calendar(event, sessions, name, language, speaker.name),
        FIVE_MINUTES_S,
    )


@require_safe
def schedule_xml(request: HttpRequest, slug: str) -> HttpResponse:
    """The published programme as frab's schedule.xml."""
    return _schedule(request, slug, "application/xml; charset=utf-8", "xml")


@require_safe
def schedule_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The published programme as frab's schedule.json."""
    return _schedule(request, slug, "application/json", "json")


def _schedule(request: HttpRequest, slug: str, content_type: str, form: str) -> HttpResponse:
    event, _ = visible_programme(reader_of(request), slug)
    if event.status == EventStatus.DRAFT:
        raise Http404("There is no schedule yet.")
    language = feed_language(request)
    response = versioned(
        request,
        programme_version(event),
        f"{form} {language}".strip(),
        lambda: HttpResponse(_written(event, form, language), content_type=content_type),
        FIVE_MINUTES_S,
        is_whole=True,
    )
    if event.is_public:
        # Schedule apps and other sites' pages read it; it holds nothing that is not public.
        response["Access-Control-Allow-Origin"] = "*"
    return response


def _written(event: Event, form: str, language: str) -> bytes:
    # libxml2 takes five megabytes, and most web processes find the file written.
    from events.exports.frab_json import to_json
    from events.exports.frab_xml import to_xml

    write = {"xml": to_xml, "json": to_json}[form]
    return write(schedule_of(event, settings.SITE_URL, language))


@require_safe
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What changed in the programme, by day, the latest first."""
    event, _ = visible_programme(reader_of(request), slug)
    zone = zone_for(request, event)
    context = {"event": event, "zone": zone, "days": by_day(change_log(event, zone), zone)}
    response = render(request, "events/changes.html", context)
    remember_zone(request, response)
    return response


@require_safe
def changes_atom(request: HttpRequest, slug: str) -> HttpResponse:
    """The same as a feed, in the event's own zone."""
    event, _ = visible_programme(reader_of(request), slug)

    def build() -> HttpResponse:
        return HttpResponse(
            _atom(event).writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
        )

    return versioned(request, programme_version(event), "atom", build, FIVE_MINUTES_S)


def _atom(event: Event) -> Atom1Feed:
    page = settings.SITE_URL + reverse("events:changes", args=[event.slug])
    feed = Atom1Feed(
        title=_("%(title)s: changes of the programme") % {"title": shown_title(event)},
        link=page,
        description=None,
        feed_url=settings.SITE_URL + reverse("events:changes_atom", args=[event.slug]),
        feed_guid=f"urn:uuid:{event.uuid}",
    )
    for change in change_log(event, event.zone, at_most=100):
        at = change.changed_at.astimezone(UTC)
        feed.add_item(
            title=change.title,
            link=settings.SITE_URL + change.href if change.href else page,
            description=" ".join(change.sentences),
            unique_id=f"{page}#change-{change.pk}",
            pubdate=at,
            updateddate=at,
        )
    return feed


def _scope(membership: EventMembership, language: str) -> str:
    """The team sees drafts; a feed is as the event was written, if its address says no language."""
    return f"{'team' if membership.is_team else 'shown'} {language}".strip()


def _calendar(
    event: Event, sessions: Iterable[Session], name: str, language: str, title: str = ""
) -> HttpResponse:
    """``title``: what it is of, where that is not all of the event."""
    # As above: icalendar takes six.
    from events.exports.calendars import Calendar

    its_sessions = list(sessions)
    for session in its_sessions:
        session.event = event
    whole = content_in(event, language).text(event, "title")
    calendar = Calendar(
        f"{whole}: {title}" if title else whole,
        event.timezone,
        its_sessions,
        settings.SITE_URL,
        speaker_names(event),
        sequences_of(event),
        language,
    )
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return response


@require_safe
def event_theme(request: HttpRequest, slug: str) -> HttpResponse:
    """The event's colours. Kept for good under the address that names this very version."""
    event, _ = visible_event(request.user, slug)
    css = theme.stylesheet(event, request.GET.get("scheme", ""))
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    is_current = request.GET.get("v") == theme.version(css)
    age_s = ONE_YEAR_S if is_current else FIVE_MINUTES_S
    extra = {"immutable": True} if is_current else {}
    # Browsers may keep it; nobody else, because who asks decides what is seen.
    patch_cache_control(response, private=True, max_age=age_s, **extra)
    return response
