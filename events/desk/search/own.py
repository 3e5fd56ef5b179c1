"""What of the events' own can be found: pages, events, sessions, people on stage and coming."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.agenda.filters import folded
from events.desk.search.results import MOST, DeskSearch, SearchResult, register_source
from events.desk.sections import all_pages
from events.i18n.dates import in_letters
from events.models import Event, Registration, Session, Speaker, User
from events.permissions import PLANNERS

#: Of so many events pages are looked for, the latest first.
_EVENTS: Final = 200


def register() -> None:
    """Called once, before other apps add theirs."""
    register_source(_("Events"), events)
    register_source(_("Sessions"), sessions)
    register_source(_("Speakers"), speakers)
    register_source(_("Pages"), pages)
    register_source(_("Registered people"), registered)
    register_source(_("Accounts"), accounts)


def pages(search: DeskSearch) -> Iterator[SearchResult]:
    """Pages of events by their name and, if more words are asked, the event's: "planner spring"."""
    named = [(page, folded(f"{page.section.label} {page.label}")) for page in all_pages()]
    asked = [(page, {w for w in search.words if w in name}) for page, name in named]
    likely = [(page, own) for page, own in asked if own]
    if not likely:
        return
    latest = search.within(Event.objects.order_by("-ends_on", "title"), "")
    for event in latest.only("pk", "uuid", "slug", "title")[:_EVENTS]:
        title = folded(event.title)
        for page, own in likely:
            fits = all(word in own or word in title for word in search.words)
            if fits and search.user.has_perm(page.permission, event):
                yield SearchResult(str(page.label), page.address(event), event.title)


def events(search: DeskSearch) -> Iterator[SearchResult]:
    rows = search.within(Event.objects.all(), "")
    found = search.matching(rows, "title", "slug", also=Q(uuid=search.uuid))
    for event in found.order_by("found_at", "-ends_on", "title")[:MOST]:
        url = reverse("admin:events_event_overview", args=[event.pk])
        yield SearchResult(event.title, url, in_letters(event.starts_on, "j M Y"))


def sessions(search: DeskSearch) -> Iterator[SearchResult]:
    rows = search.within(Session.objects.select_related("event"), "event")
    found = search.matching(rows, "title", "subtitle", also=Q(uuid=search.uuid))
    for session in found.order_by("found_at", "-starts_at", "title")[:MOST]:
        starts = session.starts_at.astimezone(session.event.zone)
        note = f"{session.event.title}, {in_letters(starts, 'j M Y, H:i')}"
        url = reverse("admin:events_session_change", args=[session.pk])
        yield SearchResult(session.title, url, note)


def speakers(search: DeskSearch) -> Iterator[SearchResult]:
    rows = search.within(Speaker.objects.select_related("event"), "event")
    found = search.matching(rows, "name", also=Q(uuid=search.uuid))
    for speaker in found.order_by("found_at", "name", "-event__ends_on")[:MOST]:
        url = reverse("admin:events_speaker_change", args=[speaker.pk])
        yield SearchResult(speaker.name, url, speaker.event.title)


def registered(search: DeskSearch) -> Iterator[SearchResult]:
    """By name or address, for those who see the list of registrations."""
    rows = search.within(Registration.objects.select_related("event", "user"), "event", PLANNERS)
    found = search.matching(rows, "user__name", "user__email", also=Q(uuid=search.uuid))
    for each in found.order_by("found_at", "user__name", "-event__ends_on")[:MOST]:
        url = reverse("admin:events_registration_change", args=[each.pk])
        note = f"{each.user.email}, {each.event.title}"
        yield SearchResult(each.user.name or each.user.email, url, note)


def accounts(search: DeskSearch) -> Iterator[SearchResult]:
    """For superusers only."""
    if not search.user.is_superuser:
        return
    found = search.matching(User.objects.all(), "name", "email", also=Q(uuid=search.uuid))
    for user in found.order_by("found_at", "name", "email")[:MOST]:
        url = reverse("admin:events_user_change", args=[user.pk])
        yield SearchResult(user.name or user.email, url, user.email)
