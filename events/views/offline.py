"""Reading without a network: the service worker, its fallback page, and the event as an app."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.html import format_html
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from events import theme
from events.i18n.content import shown_title
from events.models import Event
from events.offline.keeping import worker_script
from events.queries import visible_event

_FIVE_MINUTES_S = 300


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps pages; from the root, for that decides which pages are its own.

    Browsers ask for it anew at each visit, so that a switch in the settings takes effect.
    """
    response = HttpResponse(worker_script(), content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, no_cache=True)
    return response


@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    """What stands for a page that is not kept: it names nobody, for it is kept for everybody."""
    return HttpResponse(render_to_string("events/offline.html", {"site_url": settings.SITE_URL}))


@require_safe
def app_manifest(request: HttpRequest, slug: str) -> HttpResponse:
    """The event as an app on somebody's home screen: https://www.w3.org/TR/appmanifest/"""
    event, _ = visible_event(request.user, slug)
    palette = _colors(event)
    response = JsonResponse(
        {
            "id": event.get_absolute_url(),
            "name": shown_title(event),
            "start_url": reverse("events:agenda", args=[event.slug]),
            "scope": "/",
            "display": "minimal-ui",
            "lang": get_language(),
            "theme_color": palette[0],
            "background_color": theme.LIGHT[0],
            "icons": [
                {
                    "src": reverse("events:app_icon", args=[event.slug]),
                    "sizes": "any",
                    "type": "image/svg+xml",
                }
            ],
        },
        content_type="application/manifest+json",
    )
    patch_cache_control(response, private=True, max_age=_FIVE_MINUTES_S)
    return response


@require_safe
def app_icon(request: HttpRequest, slug: str) -> HttpResponse:
    """The portal's sign in the event's colour."""
    event, _ = visible_event(request.user, slug)
    icon = format_html(_ICON, *_colors(event))
    response = HttpResponse(icon, content_type="image/svg+xml")
    patch_cache_control(response, private=True, max_age=_FIVE_MINUTES_S)
    return response


# Square to its edges: systems cut their own corners off.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" '
    'fill="{0}"/><circle cx="16" cy="16" r="8" fill="none" stroke="{1}" stroke-width="2.25"/>'
    '<path d="M13.7 12.1v7.8l6.2-3.9z" fill="{1}"/></svg>\n'
)


def _colors(event: Event) -> tuple[str, str]:
    """The event's colour as a surface, and what can be read on it."""
    fill = theme.readable(event.accent_color, theme.LIGHT, theme.GRAPHIC_RATIO)
    return fill, theme.on(fill)
