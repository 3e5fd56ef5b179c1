from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from events.forms import NewsForm, PushForm
from events.models import NewsPreferences, User
from events.news.wishes import Topic, person_of_token, turn_off, wishes_of
from events.push.keys import application_key, is_on
from events.push.subscriptions import browser_name, subscribe

_DIGITS: Final = 18


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
    context = {
        "form": form,
        "push_key": application_key() if is_on() else "",
        "browsers": list(request.user.push_subscriptions.order_by("pk")),
    }
    return render(request, "events/news_settings.html", context)


@login_required
@require_POST
def change_push(request: HttpRequest) -> HttpResponse:
    """Show notifications in this browser from now on, or in one of them no more."""
    assert isinstance(request.user, User)  # login_required
    if number := request.POST.get("end", ""):
        # Numbers of the form itself are not longer.
        is_number = number.isascii() and number.isdigit() and len(number) <= _DIGITS
        request.user.push_subscriptions.filter(pk=int(number) if is_number else 0).delete()
        messages.success(request, _("This browser shows no notifications any more."))
        return redirect("events:news_settings")
    form = PushForm(request.POST)
    if not is_on() or not form.is_valid():
        text = " ".join(str(each) for errors in form.errors.values() for each in errors)
        return JsonResponse({"error": text}, status=400)
    browser = browser_name(request.headers.get("User-Agent", ""))
    subscribe(request.user, **form.cleaned_data, browser=browser)
    messages.success(request, _("Notifications are on in this browser."))
    return JsonResponse({"subscribed": True})


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
