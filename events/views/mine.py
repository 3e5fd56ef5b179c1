from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from events import actions
from events.agenda.also_starred import agree
from events.agenda.mine import feed_address, feed_of_token, kept_days, kept_sessions
from events.agenda.sharing import (
    end_sharing,
    share,
    shared_address,
    shared_of_token,
    shared_sessions,
)
from events.i18n.content import content_in, shown_title
from events.i18n.languages import Words, feed_language, own_language
from events.models import (
    AnnouncedSession,
    CountedStars,
    Event,
    PersonalFeed,
    Session,
    SessionSpeaker,
    User,
)
from events.offline.keeping import is_fetched_ahead
from events.queries import events_for
from events.zones import remember_zone, zone_for

ONE_HOUR_S = 3600
# With its version, which knows what it is called in other languages.
_EVENT = "event__programme_version"
GONE = gettext_lazy("An event that you no longer see")


@dataclass(frozen=True)
class OfferedFeed:
    """A calendar that somebody has, or may have; ``address`` is empty until they make it."""

    slug: str
    title: Words
    address: str


@login_required
@require_safe
def my_agenda(request: HttpRequest) -> HttpResponse:
    """The sessions this person keeps, by event and day, and the calendar feeds of them."""
    assert isinstance(request.user, User)  # login_required
    days = kept_days(kept_sessions(request.user))
    context: dict[str, Any] = {"days": [(day, zone_for(request, day.event)) for day in days]}
    # The addresses of feeds are secrets: a copy for reading offline is without them.
    is_copy = is_fetched_ahead(request)
    if not is_copy:
        context["feeds"] = _feeds(request.user, [day.event for day in days])
        context["counts_stars"] = CountedStars.objects.filter(user=request.user).exists()
        context["shares"] = _shares(request.user, [day.event for day in days])
    response = render(request, "events/my_agenda.html", context)
    remember_zone(request, response)
    patch_vary_headers(response, ["Purpose"])
    patch_cache_control(response, private=True, **{"no_cache" if is_copy else "no_store": True})
    return response


@login_required
@require_POST
def change_counting(request: HttpRequest) -> HttpResponse:
    """Let one's own stars count for suggestions, or not any more."""
    assert isinstance(request.user, User)  # login_required
    agree(request.user, agrees=request.POST.get("count") == "yes")
    messages.success(request, _("Saved."))
    return redirect("events:my_agenda")


def _feeds(user: User, starred: list[Event]) -> list[OfferedFeed]:
    """One for all events, and one for each event of a star or a feed."""
    feeds = list(PersonalFeed.objects.filter(user=user).select_related(_EVENT))
    addresses = {feed.event_id: feed_address(feed) for feed in feeds}
    # A feed can be ended also when its last star is gone.
    events = {event.pk: event for event in [*starred, *(f.event for f in feeds if f.event)]}
    if not events and not addresses:
        return []
    visible = set(events_for(user).filter(pk__in=events).values_list("pk", flat=True))
    return [
        OfferedFeed("", _("All events"), addresses.get(None, "")),
        *(
            # What it is called by now is not theirs to know.
            OfferedFeed(
                event.slug,
                shown_title(event) if pk in visible else GONE,
                addresses.get(pk, ""),
            )
            for pk, event in events.items()
        ),
    ]


def _shares(user: User, starred: list[Event]) -> list[OfferedFeed]:
    """A link for each event of a star that everybody may see, and for each that has one."""
    shared = {s.event_id: s for s in user.shared_agendas.select_related(_EVENT)}
    events = {event.pk: event for event in [*starred, *(s.event for s in shared.values())]}
    public = set(events_for(AnonymousUser()).filter(pk__in=events).values_list("pk", flat=True))
    mine = set(events_for(user).filter(pk__in=events).values_list("pk", flat=True))
    return [
        OfferedFeed(
            event.slug,
            shown_title(event) if pk in mine else GONE,
            shared_address(shared[pk]) if pk in shared else "",
        )
        for pk, event in events.items()
        if pk in shared or pk in public
    ]


@login_required
@require_POST
def change_sharing(request: HttpRequest) -> HttpResponse:
    """Make, renew or end the link under which others see one's stars of ``event``."""
    assert isinstance(request.user, User)  # login_required
    slug = request.POST.get("event", "")
    if request.POST.get("do") == "end":
        # Theirs to end, even when the event is no longer theirs to see.
        mine = Event.objects.filter(pk__in=request.user.shared_agendas.values("event"))
        end_sharing(request.user, get_object_or_404(mine, slug=slug))
        messages.success(request, _("The link no longer works."))
    else:
        share(request.user, get_object_or_404(events_for(AnonymousUser()), slug=slug))
        messages.success(request, _("Here is your link. Earlier ones no longer work."))
    return redirect("events:my_agenda")


@require_safe
def shared_agenda(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's stars of one event, for whoever has the link: what everybody may see."""
    shared = shared_of_token(token)
    found = shared_sessions(shared) if shared else None
    if shared is None or found is None:
        raise Http404("There is no such page.")
    event, sessions = found
    context = {
        "event": event,
        "owner": shared.user.get_short_name() if shared.user.name else _("a guest"),
        "days": [(day, zone_for(request, event)) for day in kept_days(sessions)],
    }
    response = render(request, "events/shared_agenda.html", context)
    remember_zone(request, response)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, no_store=True)
    return response


@login_required
@require_POST
def change_feed(request: HttpRequest) -> HttpResponse:
    """Make, renew or end a calendar feed: of ``event``, or without one of all events."""
    assert isinstance(request.user, User)  # login_required
    slug = request.POST.get("event", "")
    if request.POST.get("do") == "end":
        # Theirs to end, even when the event is no longer theirs to see.
        mine = Event.objects.filter(pk__in=request.user.feeds.values("event"))
        actions.end_feed(request.user, get_object_or_404(mine, slug=slug) if slug else None)
        messages.success(request, _("The calendar address no longer works."))
    else:
        event = get_object_or_404(events_for(request.user), slug=slug) if slug else None
        actions.renew_feed(request.user, event)
        messages.success(request, _("Here is your calendar address. Earlier ones no longer work."))
    return redirect("events:my_agenda")


@require_safe
def personal_ics(request: HttpRequest, token: str) -> HttpResponse:
    """A person's favourites for calendar programs; whoever has the address may read them."""
    feed = feed_of_token(token)
    if feed is None:
        raise Http404("There is no such calendar.")
    sessions = kept_sessions(feed.user, feed.event)
    zone = sessions[0].event.timezone if sessions else "UTC"
    from events.exports.calendars import Calendar  # Which loads icalendar, as feeds.py says.

    language = feed_language(request) or own_language(feed.user)
    title = content_in(feed.event, language).text(feed.event, "title") if feed.event else ""
    calendar = Calendar(
        _("My agenda: %(event)s") % {"event": title} if title else _("My agenda"),
        zone,
        sessions,
        settings.SITE_URL,
        _names(sessions),
        _sequences(sessions),
        language,
    )
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="my-agenda.ics"'
    response["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, max_age=ONE_HOUR_S)
    return response


def _names(sessions: list[Session]) -> dict[int, list[str]]:
    names: dict[int, list[str]] = {}
    rows = SessionSpeaker.objects.filter(session__in=[session.pk for session in sessions])
    for pk, name in rows.order_by("position", "pk").values_list("session_id", "speaker__name"):
        names.setdefault(pk, []).append(name)
    return names


def _sequences(sessions: list[Session]) -> dict[int, int]:
    rows = AnnouncedSession.objects.filter(pk__in=[session.pk for session in sessions])
    return dict(rows.values_list("session_id", "sequence"))
