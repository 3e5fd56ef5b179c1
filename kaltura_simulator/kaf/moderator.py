"""``/apps/webcast/vlatest/index.html``: the page for moderators of a webcast.

Kaltura's is an application of its own whose code is not public. This one checks what it is given,
as the guide asks for it, and lists the questions of the entry. It is stricter than Kaltura's
where that matters to whoever makes the address: times need an offset, and its own server's name.
Source: webcasting-integration of kaltura-vpaas, "Moderator View".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kaltura_simulator.api import ks, permissions, sessions
from kaltura_simulator.api.call import internal
from kaltura_simulator.media import entry_access
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data
from kaltura_simulator.web.access_log import RequestLog, with_faults
from kaltura_simulator.web.html import Html, Templates, fill, joined
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

PATH = "/apps/webcast/vlatest/index.html"
_TIMES = ("ks_expiry", "fromDate", "toDate")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_TEMPLATES = Templates(Path(__file__).parent / "templates")
_HEADERS = [
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]


class NotUsable(Exception):
    """What the page was given does not open it; the text says what is wrong."""


def add_routes(router: Router) -> None:
    """Serve the page."""
    router.route(PATH, moderator_page)


def moderator_page(request: HttpRequest) -> HttpResponse:
    """The questions of a webcast, or what is wrong with the address."""
    log = RequestLog(request, "webcast", "moderator")
    return with_faults(request, log, lambda: _answer(request, log))


def _answer(request: HttpRequest, log: RequestLog) -> HttpResponse:
    log.params = request.query
    try:
        session, entry = _admitted(request)
    except NotUsable as problem:
        log.finish("refused", str(problem))
        return _page(_TEMPLATES.render("moderator_refused", reason=str(problem)), 403)
    log.user, log.partner = session.user, session.partner
    questions = _questions(request, session, entry)
    log.finish("ok", f"The questions of {entry['name']} for {session.user}")
    body = _TEMPLATES.render(
        "moderator",
        entry=entry["id"],
        name=entry["name"],
        user=session.user,
        until=request.query["ks_expiry"],
        questions=joined(fill("<li>$text</li>", text=row.get("text", "")) for row in questions),
    )
    return _page(body, 200)


def _admitted(request: HttpRequest) -> tuple[ks.Ks, Data]:
    """The session and the entry of an address that is as it should be; raises NotUsable."""
    given = request.query
    _check_parameters(given, request.host_url)
    try:
        session = sessions.read(request.world, given["ks"])
        held = permissions.permissions_of(session)
    except ks.KsRefused as refused:
        word = refused.reason if refused.reason in {"EXPIRED", "LOGOUT"} else "not one of ours"
        raise NotUsable(f"ks is {word}") from refused
    if "WEBCAST_PRODUCER_PERMISSION" not in held:
        raise NotUsable("ks has no setrole:WEBCAST_PRODUCER_DEVICE_ROLE")
    entry = request.world.store.get(session.partner, "entry", given["MediaEntryId"])
    if entry is None or entry["type"] != entry_types.LIVE or entry["status"] == entry_types.DELETED:
        raise NotUsable("MediaEntryId is no live entry")
    return session, entry


def _check_parameters(given: Mapping[str, str], own_address: str) -> None:
    for name in ("MediaEntryId", "ks", "qnaModeratorMode", "serverAddress", *_TIMES):
        if not given.get(name):
            raise NotUsable(f"{name} is missing")
    for name in _TIMES:
        if not _TIME.fullmatch(given[name]):
            raise NotUsable(f"{name} is no time like 2026-03-29T09:00:00+00:00")
    if given["qnaModeratorMode"] != "true":
        raise NotUsable("qnaModeratorMode is not true")
    if given["serverAddress"] != own_address:
        raise NotUsable(f"serverAddress is not {own_address}")


def _questions(request: HttpRequest, session: ks.Ks, entry: Data) -> list[dict[str, Any]]:
    """What this session may read of what was asked: public notes, its own, all where it edits."""
    call = internal(request.world, session.partner, session)
    notes = [
        row
        for row in call.all("cue_point")
        if row["entryId"] == entry["id"] and row["objectType"] == "KalturaAnnotation"
    ]
    edits = entry_access.can_edit(call, entry)
    return [n for n in notes if edits or n.get("isPublic") or n["userId"] == session.user]


def _page(body: Html, status: int) -> HttpResponse:
    page = _TEMPLATES.render("moderator_page", body=body)
    return HttpResponse(page.encode("utf-8", "replace"), status, headers=list(_HEADERS))
