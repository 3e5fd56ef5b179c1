from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from events import actions
from events.access import takes_registrations
from events.forms import BookmarkForm, login_url, safe_next
from events.models import User
from events.queries import events_for, sessions_for, visible_event


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a place. A GET, where signing in leads back to, asks with one button."""
    event, membership = visible_event(request.user, slug)
    back = safe_next(request, event.get_absolute_url())
    if request.method != "POST" and not membership.is_registered:
        return render(
            request,
            "events/register.html",
            {"event": event, "next": back, "takes_registrations": takes_registrations(event)},
        )
    assert isinstance(request.user, User)  # login_required
    try:
        actions.register(request.user, event)
    except actions.NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"You are registered for {event}.")
    return redirect(back)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the place back, after saying what that means."""
    event, membership = visible_event(request.user, slug)
    if not membership.is_registered:
        return redirect(event)
    if request.method != "POST":
        return render(
            request,
            "events/withdraw.html",
            {"event": event, "takes_registrations": takes_registrations(event)},
        )
    assert isinstance(request.user, User)  # login_required
    actions.withdraw(request.user, event)
    messages.success(request, f"You are no longer registered for {event}.")
    # An event that is not public may just have vanished for this person.
    is_still_visible = events_for(request.user).filter(pk=event.pk).exists()
    return redirect(event if is_still_visible else "events:home")


@require_POST
def bookmark(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep a session as a favourite, or drop it. Answers a script with JSON."""
    event, membership = visible_event(request.user, slug)
    back = safe_next(request, event.get_absolute_url() + "agenda/")
    if not request.user.is_authenticated:
        return _sign_in_first(request, back)
    form = BookmarkForm(request.POST, sessions=sessions_for(event, membership))
    if not form.is_valid():
        refusals = [reason for reasons in form.errors.values() for reason in reasons]
        return _refuse(request, str(refusals[0]), back)
    session, kept = form.cleaned_data["session"], form.cleaned_data["kept"]
    actions.set_bookmark(request.user, session, kept)
    if request.accepts("text/html"):
        return redirect(f"{back}#{session.slug}")
    return JsonResponse({"kept": kept})


def _sign_in_first(request: HttpRequest, back: str) -> HttpResponse:
    if request.accepts("text/html"):
        return redirect(login_url(back))
    return JsonResponse({"sign_in": login_url(back)}, status=401)


def _refuse(request: HttpRequest, reason: str, back: str) -> HttpResponse:
    if request.accepts("text/html"):
        messages.error(request, reason)
        return redirect(back)
    return JsonResponse({"error": reason}, status=400)
