"""``/p/PARTNER/embedPlaykitJs/uiconf_id/ID`` and ``/p/PARTNER/sp/PARTNER00/embedIframeJs/...``.

As scripts they bring ``KalturaPlayer`` (V7) and ``kWidget`` (V2); with ``iframeembed=true`` they
are pages with a player in it. A uiConf of the account that is of the other version, or none, is
an empty 404. The scripts hold no session: what may be played the API and the files say.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kaltura_simulator.state.store import Data
from kaltura_simulator.web import http
from kaltura_simulator.web.access_log import RequestLog
from kaltura_simulator.web.html import Html, fill
from kaltura_simulator.web.http import HttpRequest, HttpResponse

#: The tag that marks a player of the newer version.
V7_TAG = "kalturaPlayerJs"
_SCRIPT = (Path(__file__).parent / "static" / "player.js").read_text("utf-8")
_HEADERS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Cache-Control", "no-cache"),
    ("X-Content-Type-Options", "nosniff"),
]
_PAGE = Html(
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Player</title>'
    '<meta name="referrer" content="no-referrer"></head><body>'
    '<div id="player" data-setup="$setup" data-entry="$entry"></div>'
    '<script src="$script"></script></body></html>\n'
)


def serve_v7(request: HttpRequest, partner: int, params: dict[str, str]) -> HttpResponse:
    """The V7 player: its script, or a page with it."""
    return _serve(request, partner, params, newer=True)


def serve_v2(request: HttpRequest, partner: int, params: dict[str, str]) -> HttpResponse:
    """The older player: its script, or a page with it."""
    return _serve(request, partner, params, newer=False)


def is_v7(player: Data) -> bool:
    """Whether a uiConf is a player of the newer version."""
    return V7_TAG in str(player.get("tags") or "").split(",")


def _serve(
    request: HttpRequest, partner: int, params: dict[str, str], *, newer: bool
) -> HttpResponse:
    name = "embedPlaykitJs" if newer else "embedIframeJs"
    log = RequestLog(request, "player", name)
    log.partner = partner
    number = params.get("uiconf_id", "")
    player = _player(request, partner, number)
    if player is None or is_v7(player) is not newer:
        log.finish("not-found", "404")
        return http.text("", 404)
    if request.query.get("iframeembed") == "true":
        log.params = {"entry_id": request.query.get("entry_id", ""), "uiconf_id": number}
        log.finish("ok", "A page with the player")
        return _page(request, partner, player)
    log.params = {"uiconf_id": number}
    log.finish("ok", "The player's script")
    return _script(request, partner, player)


def _player(request: HttpRequest, partner: int, number: str) -> Data | None:
    if not (number.isascii() and number.isdecimal() and len(number) < 12):
        return None
    return request.world.store.get(partner, "ui_conf", int(number))


def _script(request: HttpRequest, partner: int, player: Data) -> HttpResponse:
    """The script, which knows the server that it came from."""
    known = {"server": request.host_url, "partnerId": partner, "uiConfId": player["id"]}
    body = f"(() => {{\nconst KALTURA = {_json(known)};\n{_SCRIPT}\n}})();\n".encode()
    return HttpResponse(body, 200, "text/javascript; charset=utf-8", list(_HEADERS))


def _page(request: HttpRequest, partner: int, player: Data) -> HttpResponse:
    """The page of the plain frame; the session stands in its address."""
    asked = request.query
    ks = asked.get("ks") or asked.get("flashvars[ks]") or ""
    setup = {
        "targetId": "player",
        "provider": {"partnerId": partner, "uiConfId": player["id"], "ks": ks},
        "playback": {"autoplay": True},
    }
    script = f"{request.host_url}{request.path}"
    page = fill(_PAGE, setup=_json(setup), entry=asked.get("entry_id", ""), script=script)
    headers = [("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer")]
    return HttpResponse(page.encode(), 200, "text/html; charset=utf-8", headers)


def _json(value: Any) -> str:
    return json.dumps(value).replace("<", "\\u003c")
