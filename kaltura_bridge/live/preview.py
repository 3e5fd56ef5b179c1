"""What arrives at Kaltura before viewers see it, in a player on the live desk.

A session that is broadcast without a preview needs none: there everybody sees what arrives. The
player is a page of the portal's in a frame of the desk, opened by a form: a KS is minted at the
click, for an hour, and stands in that page's JSON and nowhere else of ours. It is no person's,
so what producers look at counts as nobody's attendance.
"""

from __future__ import annotations

from typing import Any, Final

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from kaltura_bridge.api import ks
from kaltura_bridge.api.broadcast_ks import Purpose, purpose_user_id
from kaltura_bridge.api.player_ks import preview_ks
from kaltura_bridge.delivery.options import privacy_context_of
from kaltura_bridge.join.views import confidential
from kaltura_bridge.live import trail
from kaltura_bridge.live.hours import closed_to_producers
from kaltura_bridge.live.ingest import FED
from kaltura_bridge.live.panels import DeskPanel, DeskStep, LiveDesk, producers_desk
from kaltura_bridge.models import PlayerChoice
from kaltura_bridge.watch.player import player_page

#: How often the player asks whether there is something to show, in seconds.
_ASKS_EVERY_S: Final = 5


def has_preview(desk: LiveDesk) -> bool:
    """Whether producers of this session see its broadcast before viewers do."""
    return desk.session.session_type in FED and desk.options.preview


def preview_panel(desk: LiveDesk) -> DeskPanel | None:
    """The player, for producers of what has a preview."""
    if not desk.rights.produces or not has_preview(desk):
        return None
    context: dict[str, Any] = {"refusal": _refusal(desk)}
    template, script = "kaltura_bridge/live/_preview.html", "kaltura_bridge/preview.js"
    return DeskPanel("preview", DeskStep.GO_LIVE, template, context, script=script)


@require_POST
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
@confidential
def show_preview(request: HttpRequest, event_slug: str, session_slug: str) -> HttpResponse:
    """The player's page, for the desk's frame; noted before it is shown. 409: why not now."""
    desk = producers_desk(request, event_slug, session_slug)
    if not has_preview(desk):
        raise Http404("This session has no preview.")
    if refusal := _refusal(desk):
        return HttpResponse(refusal, content_type="text/plain; charset=utf-8", status=409)
    trail.note(desk, f"looked at the preview ({desk.broadcast_id})")
    return player_page(desk.session, _uiconf_id(desk), _config(desk))


def _refusal(desk: LiveDesk) -> str:
    if closed := closed_to_producers(desk):
        return closed
    if not desk.broadcast_id:
        return _("Kaltura does not have the broadcast yet.")
    if not _uiconf_id(desk):
        return _("No player is set (KALTURA_PLAYER_UICONF_ID): look at the encoder's picture.")
    if not ks.can_mint():
        return _("The portal needs KALTURA_ADMIN_SECRET to show the preview.")
    return ""


def _uiconf_id(desk: LiveDesk) -> int:
    """The V7 player of the session where it has one, else that of the settings."""
    chosen = desk.destination.player
    own = chosen.uiconf_id if chosen.choice is PlayerChoice.V7 else None
    return own or settings.KALTURA_PLAYER_UICONF_ID or 0


def _config(desk: LiveDesk) -> dict[str, Any]:
    """What the player is given; it asks with the KS, for without it there is no preview."""
    context = privacy_context_of(desk.event)
    provider = {
        "partnerId": settings.KALTURA_PARTNER_ID,
        "uiConfId": _uiconf_id(desk),
        "ks": preview_ks(desk.session.uuid, desk.broadcast_id, context),
    }
    asks = {"checkLiveWithKs": True, "isLiveInterval": _ASKS_EVERY_S}
    return {
        "setup": {
            "targetId": "player",
            "provider": provider,
            # Whoever looks sits beside a microphone, maybe.
            "playback": {"autoplay": True, "muted": True},
            "session": {"userId": purpose_user_id(Purpose.PRODUCER, desk.session.uuid)},
            "plugins": {"kaltura-live": asks},
        },
        "media": {"entryId": desk.broadcast_id},
    }
