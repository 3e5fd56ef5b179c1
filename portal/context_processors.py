"""What every template can use."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The portal's address, and whether this is the demo with its mail page."""
    return {"site_url": settings.SITE_URL, "demo": settings.DEMO}
