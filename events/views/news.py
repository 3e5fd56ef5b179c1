from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from events.forms import NewsForm
from events.models import NewsPreferences, User
from events.news.wishes import Topic, person_of_token, turn_off, wishes_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def news_settings(request: HttpRequest) -> HttpResponse:
    """Which mails this person wants."""
    assert isinstance(request.user, User)  # login_required
    form = NewsForm(request.POST or None, instance=wishes_of(request.user))
    if request.method == "POST" and form.is_valid():
        NewsPreferences.objects.update_or_create(user=request.user, defaults=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("events:news_settings")
    return render(request, "events/news_settings.html", {"form": form})


@csrf_exempt  # The mail program posts (RFC 8058); the signed link says who it is about.
@require_http_methods(["GET", "HEAD", "POST"])
def news_off(request: HttpRequest, topic: str, token: str) -> HttpResponse:
    """Turn one kind of mail off by the link in it. Only a POST does, for scanners follow links."""
    wanted = Topic(topic)
    person = person_of_token(token, wanted)
    if person is None:
        raise Http404("There is no such link.")
    if request.method == "POST":
        turn_off(person, wanted)
    label = NewsForm.base_fields[wanted.value].label
    response = render(
        request,
        "events/news_off.html",
        {"label": label, "is_off": request.method == "POST"},
    )
    response["Referrer-Policy"] = "no-referrer"
    patch_cache_control(response, private=True, no_store=True)
    return response
