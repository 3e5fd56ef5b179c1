"""A second step for staff, where the installation requires one: nothing of the admin and no live
desk opens to them without it.

What counts is this visit: that its sign-in, or its person since, has shown an app's code, a
recovery code or a passkey. Who has none set up is led there, and back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

REQUIRED: Final = "required"
_OPEN: Final = frozenset({"admin:login", "admin:logout", "admin:jsi18n"})
_MESSAGES: Final = frozenset({"events:messages", "events:session_messages", "events:message"})
_STEPS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Where somebody was going who had no second step yet; in their session.
_NEXT: Final = "staff_step_next"


def asks_for_step(request: HttpRequest, view_name: str) -> bool:
    """Whether this page is not for this visit before a second step."""
    if settings.STAFF_TWO_FACTOR != REQUIRED or not _is_of_staff(view_name):
        return False
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    user: Any = request.user
    return user.is_authenticated and user.is_staff and not has_taken_step(request)


def _is_of_staff(view_name: str) -> bool:
    if view_name in _OPEN:
        return False
    return view_name.startswith(("admin:", "kaltura:live_")) or view_name in _MESSAGES


def has_taken_step(request: HttpRequest) -> bool:
    """Whether a second step belongs to this visit, and is still one of the account's."""
    user: Any = request.user
    records = get_authentication_records(request, user)
    return any(each.get("method") == "mfa" for each in records) and has_step(user)


def has_step(user: Any) -> bool:
    """Whether the account has an app or a passkey; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user.pk, type__in=_STEPS).exists())


class StaffStepMiddleware:
    """Stands before every view; who is not staff, or not signed in, is the view's business."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        """A redirect to the page that asks; None: go on."""
        match = request.resolver_match
        if match is None or not asks_for_step(request, match.view_name or ""):
            return None
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse({"error": _("This needs your second step.")}, status=403)
        # A form is not kept here: it belongs to a visit that was never let in.
        back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
        if has_step(request.user):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': back})}")
        request.session[_NEXT] = back
        return redirect("staff_step")


@login_required
@never_cache
@require_safe
def staff_step(request: HttpRequest) -> HttpResponse:
    """Says why, and leads to where one is set up."""
    return render(request, "account/staff_step.html", {"has_step": has_step(request.user)})


def lead_back(request: HttpRequest) -> None:
    """After one was set up: a word with the way back to where its person was going."""
    back = request.session.pop(_NEXT, "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        said = _("Your second step is set up. Keep your recovery codes in a safe place.")
        link = format_html('{} <a href="{}">{}</a>', said, back, _("Go on where you were."))
        messages.success(request, link)
