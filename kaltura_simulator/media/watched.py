"""What the stand-in player tells of its viewers, as Kaltura's players tell analytics.

``POST /p/PARTNER/watched/entry_id/ID/ks/KS`` begins a visit of the session's user at an entry
that plays, ``/watched/visit/TOKEN`` goes on with it, with ``/left/1`` ends it. Kaltura's wire
format (``analytics.trackEvent``) is not imitated; what reports show afterwards is.
"""

from __future__ import annotations

from kaltura_simulator.media import playing
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Playing, VisitingUser, Visits, is_open
from kaltura_simulator.web import http
from kaltura_simulator.web.http import HttpRequest, HttpResponse

_CORS = [("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store")]


def tell(request: HttpRequest, partner: int, params: dict[str, str]) -> HttpResponse:
    """Begin, continue or end a visit; 404 where nothing plays for this session."""
    if request.method != "POST":
        return http.text("", 404)
    visits = Visits(request.world.store, request.world.clock, partner)
    token = params.get("visit", "")
    visit = _go_on(request, partner, visits, token, params) if token else None
    if visit is None:
        visit = None if token else _begin(request, partner, visits, params)
    response = http.data({"visit": visit["token"]} if visit else {}, 200 if visit else 404)
    response.headers += _CORS
    return response


def _begin(
    request: HttpRequest, partner: int, visits: Visits, params: dict[str, str]
) -> Data | None:
    row = playing.playable_entry(request, partner, params | {"entryId": params.get("entry_id", "")})
    if row is None:
        return None
    user = playing.caller(request, partner, params.get("ks", "")).user
    who = VisitingUser(user, user, user_type="user" if user else "guest")
    return visits.join(row["id"], "webcast", who, _what(row))


def _go_on(
    request: HttpRequest, partner: int, visits: Visits, token: str, params: dict[str, str]
) -> Data | None:
    if params.get("left"):
        return visits.leave(token)
    visit = visits.by_token(token)
    if visit is None or not is_open(visit):
        return None  # it was silent for too long: the player begins another
    row = request.world.store.get(partner, "entry", visit["place"])
    return visits.beat(token, attentive=True, playing=_what(row)) if row else None


def _what(row: Data) -> Playing:
    return (row["id"], "live" if row["type"] == entry_types.LIVE else "vod")
