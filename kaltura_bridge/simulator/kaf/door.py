"""The paths of the pages, and what an open page calls while somebody is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaltura_bridge.simulator import http
from kaltura_bridge.simulator.doorbook import Noted, troubled
from kaltura_bridge.simulator.http import Request, Response
from kaltura_bridge.simulator.kaf import chat, pages
from kaltura_bridge.simulator.kaf.admission import Guest, admit, is_room, partner_here, session_here
from kaltura_bridge.simulator.kaf.launch import Launch, admit_to_launch
from kaltura_bridge.simulator.kaf.refusals import Refused
from kaltura_bridge.simulator.kaf.stage import Stage, is_live, stage_for
from kaltura_bridge.simulator.static import Static
from kaltura_bridge.simulator.visits import Visitor, Visits, is_open

if TYPE_CHECKING:
    from kaltura_bridge.simulator.http import Router
    from kaltura_bridge.simulator.store import Data
    from kaltura_bridge.simulator.world import World

VIEW_ENTRY = "/hosted/index/view-entry/ks/"
VIEW_ROOM = "/embeddedrooms/index/view-room/ks/"
LAUNCH = "/virtualEvent/launch"
STATIC = "/kaf/static/"
VISIT = "/kaf/visit/"

_FILES = Static(Path(__file__).parent / "static")
#: The pages stand in other sites' iframes and load nothing from anywhere else.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors *"
)
_HEADERS = [
    ("Content-Security-Policy", _POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


def open_door(router: Router) -> None:
    """Serve the pages."""
    router.route(VIEW_ENTRY, view_entry)
    router.route(VIEW_ROOM, view_room)
    router.route(LAUNCH, launch)
    router.route("/hosted/", unknown_page)
    router.route("/embeddedrooms/", unknown_page)
    router.route("/version", version)
    router.route(STATIC, lambda request: _FILES.serve(request.path[len(STATIC) :]))
    router.route(VISIT, visit_call)


def view_entry(request: Request) -> Response:
    """The page of a session: a room for a room entry, a player for everything else."""
    noted = Noted(request, "kaf", "view-entry")
    return troubled(request, noted, lambda: _answered(request, VIEW_ENTRY, noted))


def view_room(request: Request) -> Response:
    """The page of a room."""
    noted = Noted(request, "kaf", "view-room")
    return troubled(request, noted, lambda: _answered(request, VIEW_ROOM, noted))


def launch(request: Request) -> Response:
    """The page of an older room, made of a scheduled event and its resource."""
    noted = Noted(request, "kaf", "launch")
    return troubled(request, noted, lambda: _launched(request, noted))


def unknown_page(request: Request) -> Response:
    """A path of these pages that leads nowhere."""
    return _refusal(Refused("not-found"))


def version(request: Request) -> Response:
    """200 says that the pages are provisioned and answer."""
    return http.text("local Kaltura\n", content_type="text/plain; charset=utf-8")


def _answered(request: Request, prefix: str, noted: Noted) -> Response:
    try:
        guest = _guest(request, prefix, noted)
    except Refused as refusal:
        noted.write(refusal.reason, f"{refusal.status}: {refusal.sentence}")
        return _refusal(refusal)
    page = _enter_room(request.world, guest) if guest.in_room else _watch(request.world, guest)
    what = "room" if guest.in_room else "player"
    noted.write("ok", f"The {what} page of {guest.entry['name']} for {guest.name}")
    return Response(page.encode("utf-8", "replace"), headers=list(_HEADERS))


def _launched(request: Request, noted: Noted) -> Response:
    try:
        found = _launch(request, noted)
    except Refused as refusal:
        noted.write(refusal.reason, f"{refusal.status}: {refusal.sentence}")
        return _refusal(refusal)
    page = _enter_room(request.world, found.guest, found.class_mode)
    noted.write("ok", f"The room page of {found.guest.entry['name']} for {found.guest.name}")
    return Response(page.encode("utf-8", "replace"), headers=list(_HEADERS))


def _launch(request: Request, noted: Noted) -> Launch:
    if request.method != "GET":
        raise Refused("method")
    session = session_here(request, request.query.get("ks", ""))
    noted.params, noted.user, noted.partner = session.privileges, session.user, session.partner
    return admit_to_launch(request.world, session)


def _guest(request: Request, prefix: str, noted: Noted) -> Guest:
    """Who knocks with the session behind ``prefix``; raises Refused."""
    if request.method != "GET":
        raise Refused("method")
    session = session_here(request, request.path[len(prefix) :].partition("/")[0])
    noted.params, noted.user, noted.partner = session.privileges, session.user, session.partner
    guest = admit(request.world, session)
    if prefix == VIEW_ROOM and not guest.in_room:
        raise Refused("not-a-room", seen=guest.entry["id"])
    return guest


def _refusal(refusal: Refused) -> Response:
    body = pages.refused(refusal).encode("utf-8", "replace")
    return Response(body, refusal.status, headers=list(_HEADERS))


def _enter_room(world: World, guest: Guest, class_mode: str = "") -> str:
    visits = Visits(world.store, world.clock, guest.partner)
    visit = visits.join(guest.entry["id"], "room", _visitor(guest))
    present = visits.present(visit["place"])
    return pages.room(guest, visit, present, visits.setting("beat_s"), class_mode)


def _watch(world: World, guest: Guest) -> str:
    visits = Visits(world.store, world.clock, guest.partner)
    stage = _stage(world, guest.partner, guest.entry)
    visit = visits.join(guest.entry["id"], "webcast", _visitor(guest), stage.playing)
    watching = len(visits.present(visit["place"]))
    return pages.webcast(guest, visit, watching, stage, visits.setting("beat_s"))


def _visitor(guest: Guest) -> Visitor:
    return Visitor(guest.user_id, guest.name, guest.email, "user", guest.role)


def _stage(world: World, partner: int, entry: Data) -> Stage:
    return stage_for(world, partner, entry, is_live(world, partner, entry))


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
    stage = _stage(world, partner, entry) if entry and not is_room(entry) else None
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
