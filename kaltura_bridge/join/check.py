"""The check before joining: camera, microphone, sound, cookies, and whether Kaltura is reached.

The page asks for nothing before somebody presses its buttons, and sends nothing anywhere: what
camera and microphone give stays in the page, and Kaltura is asked for its version only, without
cookies and without an address of ours. Without JavaScript the same page is a list to go through.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from events.queries import ProgrammeHidden, visible_event, visible_session
from kaltura_bridge.join import embeds
from kaltura_bridge.join.destination import ROOMS

#: What is checked, in this order: its name for the script, its title, and what to do without one.
CHECKS: Final = (
    (
        "cookies",
        _("Cookies"),
        _(
            "Your browser must accept cookies of this site and of Kaltura's. In private windows "
            "and in Safari, allow cookies of other sites, or open the room in a tab of its own."
        ),
    ),
    (
        "kaltura",
        _("Kaltura can be reached"),
        _(
            "Open the address below in a new tab: if nothing comes, a company network, VPN or "
            "blocker is in the way. Try another network, or ask your IT to allow it."
        ),
    ),
    (
        "sound",
        _("Sound"),
        _(
            "Play any video. If you hear nothing: volume, headphones, and whether the browser's "
            "tab is muted."
        ),
    ),
    (
        "microphone",
        _("Microphone"),
        _(
            "Allow it in the browser (the sign beside the address) and in the system's privacy "
            "settings; close other programs that use it."
        ),
    ),
    (
        "camera",
        _("Camera"),
        _(
            "Allow it in the browser (the sign beside the address) and in the system's privacy "
            "settings; open its cover, and close other programs that use it."
        ),
    ),
)
_STAGE_ONLY: Final = frozenset({"microphone", "camera"})


@require_safe
def check(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """The page, for whoever may know of the session; nobody has to be let in for it."""
    event, membership = visible_event(request.user, event_slug)
    try:
        session = visible_session(event, membership, session_slug, with_stage=False)
    except ProgrammeHidden:
        return redirect("events:session", event_slug, session_slug)
    in_room = session.session_type in ROOMS
    context: dict[str, Any] = {
        "event": event,
        "session": session,
        "in_room": in_room,
        "checks": [each for each in CHECKS if in_room or each[0] not in _STAGE_ONLY],
        "optional": [each for each in CHECKS if not in_room and each[0] in _STAGE_ONLY],
        "kaf_url": settings.KALTURA_KAF_URL,
        "kaf_host": urlsplit(settings.KALTURA_KAF_URL).netloc,
    }
    response = render(request, "kaltura_bridge/check.html", context)
    response["Permissions-Policy"] = embeds.permissions_policy()
    changes = {"connect-src": [SELF, embeds.kaf_origin()]} if settings.KALTURA_KAF_URL else {}
    return csp_replace(changes)(lambda request: response)(request)  # type: ignore[return-value]
