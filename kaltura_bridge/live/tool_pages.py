"""What the pages of a producer's tools have in common: no cache keeps them, no other site hears."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse

from kaltura_bridge.api.broadcast_ks import service_address, working_time
from kaltura_bridge.join.views import View
from kaltura_bridge.live.launching import Broadcast
from kaltura_bridge.live.panels import LiveDesk

KsForWork = Callable[[UUID, str, timedelta], str]


def broadcast_for(desk: LiveDesk, new_ks: KsForWork) -> Broadcast:
    """The desk's broadcast as Kaltura's programs are told of it, with a KS minted now."""
    life = working_time(desk.session.doors_close_at, desk.now)
    return Broadcast(
        entry_id=desk.broadcast_id,
        ks=new_ks(desk.session.uuid, desk.broadcast_id, life),
        ks_expires_at=desk.now + life,
        starts_at=desk.session.starts_at,
        ends_at=desk.session.ends_at,
        server_address=service_address(),
    )


def forms_lead_to(response: HttpResponse, source: str, *, in_frame: bool = False) -> HttpResponse:
    """The response, whose forms may be answered by a redirect there: browsers look at that too.

    ``in_frame``: a frame on the page takes the answer, so that the page itself stays.
    """
    leads = {"form-action": [SELF, source]}
    allowed = csp_replace(leads | ({"frame-src": [SELF, source]} if in_frame else {}))
    return allowed(lambda request: response)(HttpRequest())  # type: ignore[return-value]


def frames_ours(response: HttpResponse) -> HttpResponse:
    """The response, which may show pages of the portal in frames."""
    allowed = csp_replace({"frame-src": [SELF]})
    return allowed(lambda request: response)(HttpRequest())  # type: ignore[return-value]


def confidential_form(view: View) -> View:
    """As ``confidential``, for pages with a form of ours on them.

    With ``no-referrer`` browsers would hide where the form comes from, and it would be refused
    as forged; other sites are told nothing either way.
    """

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["Referrer-Policy"] = "same-origin"
        return response

    return wrapped
