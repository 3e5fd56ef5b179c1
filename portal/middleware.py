"""Requests that are not text are refused; response headers that no package sets for us."""

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

# Powerful features stay off. The join page sets its own header, which hands camera
# and microphone to the one Kaltura origin it shows.
_NOTHING_ALLOWED = (
    "camera=(), microphone=(), display-capture=(), geolocation=(), payment=(), usb=(), "
    "browsing-topics=()"
)


# Names of the one encoding in which our pages send forms.
_UTF_8 = {"", "utf-8", "utf8"}


class PlainRequestMiddleware:
    """Refuses an address with a NUL in it, and a form that is not in UTF-8, with a 400.

    PostgreSQL takes no NUL, not even to search for it; no link and no form of ours has one.
    Forms have validators for it, addresses and cookies would need one at every reader.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A cookie with a NUL in it is none."""
        if b"\0" in unquote_to_bytes(request.META.get("QUERY_STRING", "")):
            raise BadRequest("The address holds a NUL.")
        if "\0" in request.path_info:
            raise BadRequest("The path holds a NUL.")
        charset = (request.content_params or {}).get("charset", "")
        if charset.strip("\"' ").lower() not in _UTF_8:
            raise BadRequest("The body is not in UTF-8.")
        request.COOKIES = {
            name: value for name, value in request.COOKIES.items() if "\0" not in name + value
        }
        return self.get_response(request)


class PermissionsPolicyMiddleware:
    """Denies the browser's powerful features unless the view has said otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """``get_response`` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A header the view has set stays."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", _NOTHING_ALLOWED)
        return response
