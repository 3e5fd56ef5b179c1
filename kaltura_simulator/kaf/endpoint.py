"""The paths of the pages, and what an open page calls while somebody is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kaltura_simulator.kaf import chat, galleries, pages, picker, rooms, tester
from kaltura_simulator.kaf.admission import Guest, admit, admit_to_room, is_room, partner_here
from kaltura_simulator.kaf.answers import opened, read_session, refused, session_behind
from kaltura_simulator.kaf.launch import admit_to_launch
from kaltura_simulator.kaf.paths import LAUNCH, VIEW_ENTRY, VIEW_ROOM
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.kaf.stage import Stage, stage_now
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import Visitor, Visits, is_open
from kaltura_simulator.state.world import World
from kaltura_simulator.web import http
from kaltura_simulator.web.access_log import Noted
from kaltura_simulator.web.html import Html
from kaltura_simulator.web.http import Request, Response, Router
from kaltura_simulator.web.static import Static

#: What the paths of pages begin with; whatever else comes there is told that it is no page.
MODULES = ("/hosted/", "/embeddedrooms/", "/browseandembed/", "/kaftestme/")
#: What KAF has besides, and no event needs.
OTHER_MODULES = ("/genie", "/contentlab", "/avatarvodstudio")
STATIC = "/kaf/static/"
VISIT = "/kaf/visit/"

_FILES = Static(Path(__file__).parent / "static")


def add_routes(router: Router) -> None:
    """Serve the pages."""
    router.route(VIEW_ENTRY, view_entry)
    router.route(VIEW_ROOM, view_room)
    router.route(LAUNCH, launch)
    for prefix in MODULES:
        router.route(prefix, unknown_page)
    for prefix in OTHER_MODULES:
        router.route(prefix, other_module)
    router.route("/version", version)
    router.route(STATIC, lambda request: _FILES.serve(request.path[len(STATIC) :]))
    router.route(VISIT, visit_call)
    for door in (galleries, picker, tester, rooms):
        door.add_routes(router)


def view_entry(request: Request) -> Response:
    """The page of a session: a room for a room entry, a player for everything else."""
    return opened(request, "view-entry", lambda noted: _entered(request, VIEW_ENTRY, noted))


def view_room(request: Request) -> Response:
    """The page of a room."""
    return opened(request, "view-room", lambda noted: _entered(request, VIEW_ROOM, noted))


def launch(request: Request) -> Response:
    """The page of an older room, made of a scheduled event and its resource."""
    return opened(request, "launch", lambda noted: _launched(request, noted))


def unknown_page(request: Request) -> Response:
    """A path of these pages that leads nowhere."""
    return refused(Refused("not-found"))


def other_module(request: Request) -> Response:
    """A part of KAF that is left out."""
    return refused(Refused("no-module", seen=request.path.split("/")[1]))


def version(request: Request) -> Response:
    """200 says that the pages are provisioned and answer."""
    return http.text("local Kaltura\n", content_type="text/plain; charset=utf-8")


def _entered(request: Request, prefix: str, noted: Noted) -> tuple[Html, str]:
    session = session_behind(request, prefix, noted)
    guest = (admit_to_room if prefix == VIEW_ROOM else admit)(request.world, session)
    page = _enter_room(request.world, guest) if guest.in_room else _watch(request.world, guest)
    what = "room" if guest.in_room else "player"
    return page, f"The {what} page of {guest.entry['name']} for {guest.name}"


def _launched(request: Request, noted: Noted) -> tuple[Html, str]:
    session = read_session(request, request.query.get("ks", ""), noted)
    found = admit_to_launch(request.world, session)
    page = _enter_room(request.world, found.guest, found.class_mode)
    return page, f"The room page of {found.guest.entry['name']} for {found.guest.name}"


def _enter_room(world: World, guest: Guest, class_mode: str = "") -> Html:
    visits = Visits(world.store, world.clock, guest.partner)
    visit = visits.join(guest.entry["id"], "room", _visitor(guest))
    present = visits.present(visit["place"])
    return pages.room(guest, visit, present, visits.setting("beat_s"), class_mode)


def _watch(world: World, guest: Guest) -> Html:
    visits = Visits(world.store, world.clock, guest.partner)
    stage = stage_now(world, guest.partner, guest.entry)
    visit = visits.join(guest.entry["id"], "webcast", _visitor(guest), stage.playing)
    watching = len(visits.present(visit["place"]))
    return pages.webcast(guest, visit, watching, stage, visits.setting("beat_s"))


def _visitor(guest: Guest) -> Visitor:
    return Visitor(guest.user_id, guest.name, guest.email, "user", guest.role)


# ------------------------------------------------------------------ an open page
def visit_call(request: Request) -> Response:
    """``beat``, ``say`` and ``leave`` of an open page, which knows its visit by a token."""
    action = _ACTIONS.get(request.path[len(VISIT) :])
    if action is None or request.method != "POST":
        return http.data({"error": "POST beat, say or leave"}, 404)
    form = request.form
    visits = Visits(request.world.store, request.world.clock, partner_here(request))
    answer = action(request.world, visits, partner_here(request), form)
    status = 404 if answer is None else 200
    response = http.data(answer or {"error": "no such visit"}, status)
    response.headers.append(("Cache-Control", "no-store"))
    return response


def _beat(world: World, visits: Visits, partner: int, form: dict[str, str]) -> Any:
    visit = visits.by_token(form.get("visit", ""))
    if visit is None:
        return None
    entry = world.store.get(partner, "entry", visit["place"])
    stage = stage_now(world, partner, entry) if entry and not is_room(entry) else None
    seen = visits.beat(
        visit["token"],
        attentive=form.get("visible", "1") == "1",
        playing=stage.playing if stage else None,
    )
    return _state(world, visits, partner, seen or visit, stage, _number(form.get("after", "")))


def _state(
    world: World, visits: Visits, partner: int, visit: Data, stage: Stage | None, after: int
) -> dict[str, Any]:
    """What the page should show now."""
    if not is_open(visit):
        return {"state": {"silent": "gone"}.get(visit["ended_by"], visit["ended_by"])}
    present = visits.present(visit["place"])
    place = pages.webcast_state(len(present), stage) if stage else pages.room_state(present)
    written = chat.messages(world, partner, visit["place"], after)
    return {"state": "in", "now": world.clock.time(), "messages": written, **place}


def _leave(world: World, visits: Visits, partner: int, form: dict[str, str]) -> Any:
    visit = visits.leave(form.get("visit", ""))
    return {"state": visit["ended_by"]} if visit else None


def _say(world: World, visits: Visits, partner: int, form: dict[str, str]) -> Any:
    visit = visits.by_token(form.get("visit", ""))
    if visit is None or not is_open(visit):
        return None
    message = chat.say(world, partner, visit, form.get("text", ""))
    return {"said": message["id"] if message else None}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


_ACTIONS = {"beat": _beat, "leave": _leave, "say": _say}
