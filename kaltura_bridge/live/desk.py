"""The live desk of a session: one page that says what this person can do now, and its state.

To add a panel: a function in a module of this folder, and a line in ``PANELS``.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from events.caching.answers import digest_of, tell_time
from kaltura_bridge.live import (
    action_panels,
    checks,
    ingest,
    moderator,
    numbers,
    preview,
    studio,
    watching,
)
from kaltura_bridge.live.panels import DeskPanel, LiveDesk, MakeDeskPanel, live_desk, registered
from kaltura_bridge.live.tool_pages import frames_ours

PANELS: Final[tuple[MakeDeskPanel, ...]] = (
    checks.check_panel,
    checks.stage_panel,
    ingest.ingest_panel,
    studio.studio_panel,
    preview.preview_panel,
    action_panels.go_live_panel,
    moderator.moderator_panel,
    action_panels.end_panel,
    checks.recording_panel,
    numbers.numbers_panel,
)


@require_safe
def desk_page(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """What this person can do now, in the order in which it is done."""
    desk = live_desk(request, event_slug, session_slug)
    panels = panels_for(desk)
    context = {
        "event": desk.event,
        "session": desk.session,
        "desk": desk,
        "state": watching.state_of(desk),
        "steps": [(step.title, list(of)) for step, of in groupby(panels, lambda p: p.step)],
        "scripts": [panel.script for panel in panels if panel.script],
    }
    response = frames_ours(render(request, "kaltura_bridge/live/desk.html", context))
    response["Cache-Control"] = "no-store, private"
    response["Referrer-Policy"] = "same-origin"
    tell_time(response)
    return response


def panels_for(desk: LiveDesk) -> list[DeskPanel]:
    """What stands on the desk for this person, by step; of one step in the order of the table."""
    made = (make(desk) for make in (*PANELS, *registered()))
    return sorted((panel for panel in made if panel), key=lambda panel: panel.step)


@require_safe
def desk_state(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """The state in a few words, for the page's script: JSON, or 304 when it is as it was."""
    said = watching.state_of(live_desk(request, event_slug, session_slug)).as_json()
    response: HttpResponse = JsonResponse(said)
    etag = f'"{digest_of(response.content)}"'
    response["ETag"] = etag
    response = get_conditional_response(request, etag=etag, response=response) or response
    patch_cache_control(response, private=True, no_cache=True)
    tell_time(response)
    return response
