"""Stands before every view: what is in the table waits until its person has shown who they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal.sudo.pending import keep_request
from portal.sudo.proof import is_proved
from portal.sudo.table import guarded


class SudoMiddleware:
    """Whoever is not signed in is the view's own business."""

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
        if not settings.SUDO_MINUTES or match is None or not match.view_name:
            return None
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        found = guarded(request, match.view_name, kwargs)
        if found is None or not request.user.is_authenticated or is_proved(request):
            return None
        if "application/json" in request.headers.get("Accept", ""):
            said = _("Show once more who you are: reload the page, and repeat it there.")
            return JsonResponse({"error": said}, status=403)
        return redirect("sudo_ask", keep_request(request, str(found.what)))
