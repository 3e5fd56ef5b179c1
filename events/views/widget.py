"""The agenda in frames of other sites, and the script that makes such a frame."""

from __future__ import annotations

from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from csp.decorators import csp_replace
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import etag, require_safe

from events.programme.reading import programme_version
from events.queries import visible_event
from events.views.conditional import versioned
from events.widget.options import WidgetOptions
from events.widget.page import WidgetView
from events.widget.sites import frame_ancestors

_ONE_MINUTE_S: Final = 60
_ONE_HOUR_S: Final = 3600
_SCRIPT: Final = Path(__file__).parents[1] / "static" / "events" / "js" / "widget.js"


@cache
def _script() -> bytes:
    return _SCRIPT.read_bytes()


@require_safe
@etag(lambda request: f'"{sha256(_script()).hexdigest()[:16]}"')
def widget_script(request: HttpRequest) -> HttpResponse:
    """What a site includes. It has no version in its address, so it is not kept for long."""
    response = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_cache_control(response, public=True, max_age=_ONE_HOUR_S)
    return response


@gzip_page
@xframe_options_exempt
@require_safe
def widget(request: HttpRequest, slug: str) -> HttpResponse:
    """The agenda of a public event. Who asks makes no difference, so no cookie is read or set."""
    event, _ = visible_event(AnonymousUser(), slug)
    if not event.is_public:
        raise Http404("There is no such page.")
    language = get_language() or ""
    view = WidgetView.of(event, WidgetOptions.from_query(request.GET), timezone.now())
    language = view.options.language or language
    ancestors = frame_ancestors(event)

    response = versioned(
        request,
        programme_version(event),
        f"widget {language} {_named(view.selected)} {ancestors}",
        lambda: HttpResponse(view.html(language)),
        _ONE_MINUTE_S,
    )
    response["Content-Language"] = language
    patch_cache_control(response, public=True)
    # Only this page may be framed, and by those whom the event lets.
    framed = csp_replace({"frame-ancestors": ancestors})(lambda request: response)
    return framed(request)  # type: ignore[return-value]


def _named(day: date | None) -> str:
    return day.isoformat() if day else "all"
