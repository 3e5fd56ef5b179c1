"""Coming in: registering and withdrawing, a place in a session."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from events.access import takes_registrations
from events.actions import NotAllowed
from events.forms import safe_next
from events.i18n.content import shown_title
from events.models import (
    Event,
    EventStatus,
    Invitation,
    InvitationState,
    User,
    WaitingListEntry,
)
from events.queries import events_for, visible_event, visible_session
from events.registration import invitations, places
from events.registration.signup import SignUpForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a place; a GET, where signing in leads back to, asks. Answers can be changed here."""
    event, membership = visible_event(request.user, slug)
    assert isinstance(request.user, User)  # login_required
    back = safe_next(request, event.get_absolute_url())
    form = SignUpForm(event, request.user, request.POST)
    if not form.questions and (request.method == "POST" or membership.is_registered):
        return _take_place(request, event, None, back)
    if form.is_bound and form.is_valid():
        return _take_place(request, event, form, back)
    context = {
        "event": event,
        "membership": membership,
        "form": form,
        "next": back,
        "takes_registrations": takes_registrations(event),
        "places": places.places_at(event),
    }
    return render(request, "events/register.html", context)


def _take_place(
    request: HttpRequest, event: Event, form: SignUpForm | None, back: str
) -> HttpResponse:
    """Register with the answers, all or nothing."""
    assert isinstance(request.user, User)  # login_required
    try:
        with transaction.atomic():
            taken = places.register(request.user, event)
            if form:
                form.save()
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        say_what_became(request, event, isinstance(taken, WaitingListEntry))
    return redirect(back)


def say_what_became(request: HttpRequest, event: Event, waits: bool) -> None:
    if waits:
        text = _("All places at {event} are taken. You are on the waiting list.")
        messages.info(request, format_html(text, event=shown_title(event).marked))
    else:
        text = _("You are registered for {event}.")
        messages.success(request, format_html(text, event=shown_title(event).marked))


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A personal link: whom it is for, and once they are signed in, the way in."""
    invited = invitations.invitation_of_token(token)
    if invited is None:
        raise Http404("There is no such page.")
    user = request.user if isinstance(request.user, User) else None
    is_mine = user is not None and invitations.is_for(invited, user)
    if is_mine and invited.used_by_id == request.user.pk:
        return redirect(invited.event)
    form = SignUpForm(invited.event, user, request.POST) if user and is_mine else None
    if form and request.method == "POST" and (not form.questions or form.is_valid()):
        return _accept(request, invited, form)
    response = render(
        request,
        "events/invitation.html",
        {
            "event": invited.event,
            "sees_event": events_for(request.user).filter(pk=invited.event_id).exists(),
            "invitation": invited,
            "is_open": invited.state == InvitationState.OPEN
            and invited.event.status == EventStatus.PUBLISHED,
            "is_mine": is_mine,
            "form": form,
            "places": places.places_at(invited.event),
            "next": request.path,
        },
    )
    # The address is a secret. With no-referrer a browser would send "null" as the origin of the
    # form, which Django refuses as forged: https://fetch.spec.whatwg.org/#origin-header
    response["Referrer-Policy"] = "same-origin"
    patch_cache_control(response, private=True, no_store=True)
    return response


def _accept(request: HttpRequest, invited: Invitation, form: SignUpForm) -> HttpResponse:
    try:
        with transaction.atomic():
            taken = invitations.accept(invited, form.user)
            form.save()
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(request.path)
    say_what_became(request, invited.event, isinstance(taken, WaitingListEntry))
    return redirect(invited.event)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the place back, or the wait for one up, after saying what that means."""
    event, membership = visible_event(request.user, slug)
    if not (membership.is_registered or membership.is_waiting):
        return redirect(event)
    if request.method != "POST":
        context = {
            "event": event,
            "membership": membership,
            "takes_registrations": takes_registrations(event),
        }
        return render(request, "events/withdraw.html", context)
    assert isinstance(request.user, User)  # login_required
    places.withdraw(request.user, event)
    if membership.is_registered:
        text = _("You are no longer registered for {event}.")
    else:
        text = _("You are no longer on the waiting list of {event}.")
    messages.success(request, format_html(text, event=shown_title(event).marked))
    # An event that is not public may just have vanished for this person.
    is_still_visible = events_for(request.user).filter(pk=event.pk).exists()
    return redirect(event if is_still_visible else "events:home")


@login_required
@require_POST
def session_place(request: HttpRequest, slug: str, session_slug: str) -> HttpResponse:
    """Reserve a place in a session, or with ``do=give_back`` leave it to others."""
    event, membership = visible_event(request.user, slug)
    session = visible_session(event, membership, session_slug)
    assert isinstance(request.user, User)  # login_required
    if request.POST.get("do") == "give_back":
        places.give_back(request.user, session)
        messages.success(request, _("Your place is free for others now."))
        return redirect(session)
    try:
        place = places.reserve(request.user, session)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect(session)
    if place.is_waiting:
        messages.info(request, _("All places are taken. You are on the waiting list."))
    else:
        messages.success(request, _("A place in this session is reserved for you."))
    return redirect(session)
