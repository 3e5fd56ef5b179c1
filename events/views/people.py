from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from events import actions
from events.agenda.early_stars import merge_stars, remember_star
from events.forms import BookmarkForm, login_url, safe_next
from events.models import User
from events.queries import sessions_for, visible_event


@csrf_exempt  # Pages for strangers are the same for all of them, so they hold no token.
@require_POST
def bookmark(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep a session as a favourite, or drop it. Answers a script with JSON."""
    if request.user.is_authenticated:
        return _bookmark_with_token(request, slug)
    if not _is_from_here(request):
        raise PermissionDenied("The form is not on a page of this portal.")
    return _bookmark(request, slug)


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a page of ours sent this, as far as the browser says; all that send forms do."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    own = f"{request.scheme}://{request.get_host()}"
    return site in ("same-origin", "none") and request.headers.get("Origin", own) == own


def _bookmark(request: HttpRequest, slug: str) -> HttpResponse:
    event, membership = visible_event(request.user, slug)
    back = safe_next(request, event.get_absolute_url() + "agenda/")
    form = BookmarkForm(request.POST, sessions=sessions_for(event, membership))
    if not request.user.is_authenticated:
        if form.is_valid() and form.cleaned_data["kept"]:
            remember_star(request, form.cleaned_data["session"])
        return _sign_in_first(request, back)
    if not form.is_valid():
        refusals = [reason for reasons in form.errors.values() for reason in reasons]
        return _refuse(request, str(refusals[0]), back)
    session, kept = form.cleaned_data["session"], form.cleaned_data["kept"]
    actions.set_bookmark(request.user, session, kept)
    if request.accepts("text/html"):
        return redirect(f"{back}#{session.slug}")
    return JsonResponse({"kept": kept})


_bookmark_with_token = csrf_protect(_bookmark)


@login_required
@require_POST
def merge_early_stars(request: HttpRequest) -> HttpResponse:
    """Take over the stars that the browser kept before its owner signed in."""
    assert isinstance(request.user, User)  # login_required
    return JsonResponse({"kept": merge_stars(request.user, request.POST.getlist("star"))})


def _sign_in_first(request: HttpRequest, back: str) -> HttpResponse:
    if request.accepts("text/html"):
        return redirect(login_url(back))
    return JsonResponse({"sign_in": login_url(back)}, status=401)


def _refuse(request: HttpRequest, reason: str, back: str) -> HttpResponse:
    if request.accepts("text/html"):
        messages.error(request, reason)
        return redirect(back)
    return JsonResponse({"error": reason}, status=400)
