"""The paths of the KAF pages, and the calls that an open page makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kaltura_simulator.kaf import chat, galleries, pages, picker, rooms, tester
from kaltura_simulator.kaf.access import AdmittedUser, check_entry_page, check_room_page, partner_of
from kaltura_simulator.kaf.launch import check_launch
from kaltura_simulator.kaf.paths import LAUNCH, VIEW_ENTRY, VIEW_ROOM
from kaltura_simulator.kaf.player import PlayerState, player_state
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.kaf.responses import (
    page_response,
    refusal_response,
    session_for_page,
    session_in_path,
)
from kaltura_simulator.rules.entry_types import is_room
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.visits import VisitingUser, Visits, is_open
from kaltura_simulator.state.world import World
from kaltura_simulator.web import http
from kaltura_simulator.web.access_log import RequestLog
from kaltura_simulator.web.html import Html
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router
from kaltura_simulator.web.static import Static

#: The prefixes of KAF's modules; unknown paths below them are answered with a page.
MODULES = ("/hosted/", "/embeddedrooms/", "/browseandembed/", "/kaftestme/")
#: Modules of KAF that this simulator does not have.
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
    for module in (galleries, picker, tester, rooms):
        module.add_routes(router)


def view_entry(request: HttpRequest) -> HttpResponse:
    """The page of an entry: a room for a room entry, a player for everything else."""
    return page_response(request, "view-entry", lambda log: _entry_page(request, VIEW_ENTRY, log))


def view_room(request: HttpRequest) -> HttpResponse:
    """The page of a room."""
    return page_response(request, "view-room", lambda log: _entry_page(request, VIEW_ROOM, log))


def launch(request: HttpRequest) -> HttpResponse:
    """The page of an older room, which is a scheduled event and its resource."""
    return page_response(request, "launch", lambda log: _launch_page(request, log))


def unknown_page(request: HttpRequest) -> HttpResponse:
    """A path of these modules that has no page."""
    return refusal_response(PageRefused("not-found"))


def other_module(request: HttpRequest) -> HttpResponse:
    """A part of KAF that is left out."""
    return refusal_response(PageRefused("no-module", seen=request.path.split("/")[1]))


def version(request: HttpRequest) -> HttpResponse:
    """200: the pages are provisioned."""
    return http.text("local Kaltura\n", content_type="text/plain; charset=utf-8")


def _entry_page(request: HttpRequest, prefix: str, log: RequestLog) -> tuple[Html, str]:
    session = session_in_path(request, prefix, log)
    check = check_room_page if prefix == VIEW_ROOM else check_entry_page
    participant = check(request.world, session)
    if participant.is_in_room:
        kind, page = "room", _join_room(request.world, participant)
    else:
        kind, page = "player", _join_webcast(request.world, participant)
    return page, f"The {kind} page of {participant.entry['name']} for {participant.name}"


def _launch_page(request: HttpRequest, log: RequestLog) -> tuple[Html, str]:
    session = session_for_page(request, request.query.get("ks", ""), log)
    room_launch = check_launch(request.world, session)
    page = _join_room(request.world, room_launch.participant, room_launch.class_mode)
    participant = room_launch.participant
    return page, f"The room page of {participant.entry['name']} for {participant.name}"


def _join_room(world: World, participant: AdmittedUser, class_mode: str = "") -> Html:
    visits = Visits(world.store, world.clock, participant.partner)
    visit = visits.join(participant.entry["id"], "room", _visitor(participant))
    present = visits.present(visit["place"])
    return pages.room(participant, visit, present, visits.setting("beat_s"), class_mode)


def _join_webcast(world: World, participant: AdmittedUser) -> Html:
    visits = Visits(world.store, world.clock, participant.partner)
    player = player_state(world, participant.partner, participant.entry)
    visit = visits.join(participant.entry["id"], "webcast", _visitor(participant), player.playing)
    watching = len(visits.present(visit["place"]))
    return pages.webcast(participant, visit, watching, player, visits.setting("beat_s"))


def _visitor(participant: AdmittedUser) -> VisitingUser:
    return VisitingUser(
        participant.user_id, participant.name, participant.email, "user", participant.role
    )


# -------------------------------------------------------- calls of an open page
def visit_call(request: HttpRequest) -> HttpResponse:
    """``beat``, ``say`` or ``leave``, called by an open page with the token of its visit."""
    action = _ACTIONS.get(request.path[len(VISIT) :])
    if action is None or request.method != "POST":
        return http.data({"error": "POST beat, say or leave"}, 404)
    form = request.form
    visits = Visits(request.world.store, request.world.clock, partner_of(request))
    answer = action(request.world, visits, partner_of(request), form)
    status = 404 if answer is None else 200
    response = http.data(answer or {"error": "no such visit"}, status)
    response.headers.append(("Cache-Control", "no-store"))
    return response


def _beat(world: World, visits: Visits, partner: int, form: dict[str, str]) -> Any:
    visit = visits.by_token(form.get("visit", ""))
    if visit is None:
        return None
    entry = world.store.get(partner, "entry", visit["place"])
    player = player_state(world, partner, entry) if entry and not is_room(entry) else None
    seen = visits.beat(
        visit["token"],
        attentive=form.get("visible", "1") == "1",
        playing=player.playing if player else None,
    )
    return _state(world, visits, partner, seen or visit, player, _number(form.get("after", "")))


def _state(
    world: World, visits: Visits, partner: int, visit: Data, player: PlayerState | None, after: int
) -> dict[str, Any]:
    """What the open page is to show now."""
    if not is_open(visit):
        return {"state": {"silent": "gone"}.get(visit["ended_by"], visit["ended_by"])}
    present = visits.present(visit["place"])
    content = pages.webcast_state(len(present), player) if player else pages.room_state(present)
    written = chat.messages(world, partner, visit["place"], after)
    return {"state": "in", "now": world.clock.time(), "messages": written, **content}


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
