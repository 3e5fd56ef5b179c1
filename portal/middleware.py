"""Response headers that no installed package sets for us."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Powerful features stay off. The join page sets its own header, which hands camera
# and microphone to the one Kaltura origin it shows.
_NOTHING_ALLOWED = (
    "camera=(), microphone=(), display-capture=(), geolocation=(), payment=(), usb=(), "
    "browsing-topics=()"
)


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
