from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.http import http_date, quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from events.i18n.languages import own_language, remember_language
from events.models import ProfilePicture, User
from events.profile.forms import ProfileForm
from events.profile.pictures import picture_for

_ONE_HOUR_S = 3600


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Who this person is to others, and how pages and mails speak to them."""
    assert isinstance(request.user, User)  # login_required
    # A copy: a form that fails leaves the name at the page's head as it is.
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, request.FILES or None, instance=person)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            person = form.save()
        chosen = own_language(person)
        with translation.override(chosen or None):
            messages.success(request, _("Saved."))
        done = redirect("events:profile")
        # What this browser remembers of an earlier choice is no longer wanted.
        remember_language(request, done, chosen)
        return done
    picture = ProfilePicture.objects.filter(user=person).first()
    response = render(request, "events/profile.html", {"form": form, "picture": picture})
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_safe
def profile_picture(request: HttpRequest, person: UUID) -> HttpResponse:
    """A person's picture, for those who may see it; for others there is none."""
    found = User.objects.filter(uuid=person).first()
    picture = picture_for(request.user, found) if found else None
    if picture is None:
        raise Http404("There is no such picture.")
    response = HttpResponse(bytes(picture.jpeg), content_type="image/jpeg")
    response["ETag"] = quote_etag(picture.version)
    response["Last-Modified"] = http_date(picture.changed_at.timestamp())
    patch_cache_control(response, private=True, max_age=_ONE_HOUR_S)
    return response
