"""Whether the process is alive, and whether the portal can serve: each part by name."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import readiness


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers. It checks nothing else, so a slow database causes no restart."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part is available, else 503; either way each is named."""
    parts = readiness.report()
    is_ready = all(part.ok for part in parts.values())
    named = {name: {"ok": part.ok, "seen": part.seen} for name, part in parts.items()}
    response = JsonResponse({"ready": is_ready, **named}, status=200 if is_ready else 503)
    # Django would log each 503 as an error; the cause is logged already, by the report.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response
