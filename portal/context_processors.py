"""What every template can use."""

from django.conf import settings
from django.http import HttpRequest

from portal import readiness


def site(request: HttpRequest) -> dict[str, object]:
    """The portal's address, whether this is the demo with its mail page, and what is away.

    ``parts_away`` is a function: only the admin's pages show it, so only they look.
    """
    return {
        "site_url": settings.SITE_URL,
        "demo": settings.DEMO,
        "parts_away": readiness.away,
    }
