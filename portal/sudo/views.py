"""The page that asks who is there, and the one that shows what was about to be done."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from events.models import User
from portal.sudo.pending import forget_request, kept_request
from portal.sudo.proof import asks_by_mail, has_code, is_proved, send_code, takes_code


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, name: str) -> HttpResponse:
    """By password, app or passkey where there is one (allauth's own pages), else by mail."""
    assert isinstance(request.user, User)  # login_required
    done = reverse("sudo_go_on", args=[name])
    if is_proved(request):
        return redirect(done)
    if not asks_by_mail(request.user):
        methods = get_adapter(request).get_reauthentication_methods(request.user)
        return redirect(f"{methods[0]['url']}?{urlencode({'next': done})}")
    if request.method == "POST":
        if request.POST.get("do") == "send":
            _send(request, request.user)
        elif takes_code(request, request.POST.get("code", "")):
            return redirect(done)
        else:
            messages.error(request, _("That is not the code, or it does not count any more."))
        return redirect("sudo_ask", name)
    context = {"kept": kept_request(request, name), "is_sent": has_code(request)}
    return render(request, "account/sudo_ask.html", context)


def _send(request: HttpRequest, user: User) -> None:
    if not send_code(request, user):
        messages.error(request, _("That were many codes. Wait some minutes, then try again."))


@login_required
@never_cache
@require_safe
def go_on(request: HttpRequest, name: str) -> HttpResponse:
    """What was about to be done, to be confirmed; an address is just opened."""
    if not is_proved(request):
        return redirect("sudo_ask", name)
    kept = kept_request(request, name)
    if kept is None:
        messages.info(request, _("Thank you. Now repeat what you were about to do."))
        return redirect("events:home")
    if kept.fields is None:
        forget_request(request, name)
        if kept.has_lost:
            said = _("Thank you. The form was too large to be kept, or had files: fill it in anew.")
            messages.info(request, said)
        return redirect(kept.path)
    return render(request, "account/sudo_go_on.html", {"kept": kept})
