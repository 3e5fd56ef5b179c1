"""``/_control/``: the clock, faults, streams, recordings, and a look at the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kaltura_simulator.api import errors, features, narrow_text
from kaltura_simulator.api.call import internal
from kaltura_simulator.control.sent import UNUSABLE, number, sent_object
from kaltura_simulator.media import content, live, recordings
from kaltura_simulator.provision import accounts
from kaltura_simulator.rules.entry_types import is_room
from kaltura_simulator.services import apptoken
from kaltura_simulator.state.faults import MODES
from kaltura_simulator.state.timefmt import MAX_UNIX
from kaltura_simulator.state.world import World
from kaltura_simulator.web import http
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

PREFIX = "/_control/"
MAX_LATENCY_S = 60.0
MAX_MEETING_S = 7 * 86400.0


def add_routes(router: Router) -> None:
    """Serve the general controls."""
    router.route(PREFIX, handle)


def handle(request: HttpRequest) -> HttpResponse:
    """Answer one control request."""
    name = request.path[len(PREFIX) :].strip("/")
    handler = _HANDLERS.get((request.method, name))
    if handler is None:
        known = sorted(f"{method} {PREFIX}{path}" for method, path in _HANDLERS)
        return http.data({"error": "no such control", "known": known}, 404)
    try:
        return http.data(handler(request))
    except UNUSABLE as problem:
        return http.data({"error": str(problem)}, 400)


def _state(request: HttpRequest) -> dict[str, Any]:
    world = request.world
    store = world.store
    return {
        "partners": store.partners(),
        "partner_id": world.options.partner_id,
        "now": world.clock.now(),
        "clock": world.clock.state(),
        "index_delay": store.index_delay_s,
        "background": world.background_s,
        "latency": world.latency_s,
        "wide_characters": world.wide_characters,
        "live_cache": world.live_cache,
        "faults": _fault_rules(world),
        "objects": {str(p): _counts(world, p) for p in store.partners()},
    }


def _counts(world: World, partner: int) -> dict[str, int]:
    store = world.store
    return {kind: len(store.all(partner, kind)) for kind in store.kinds(partner)}


def _reset(request: HttpRequest) -> dict[str, Any]:
    accounts.start_over(request.world)
    return {"reset": True}


def _clock(request: HttpRequest) -> dict[str, Any]:
    """``advance`` seconds, ``set`` a Unix time, ``freeze``, or back to ``real`` time."""
    world, sent = request.world, sent_object(request)
    if "advance" in sent:
        seconds = number(sent, "advance", -MAX_UNIX, MAX_UNIX)
        if not 0 <= world.clock.time() + seconds <= MAX_UNIX:
            raise ValueError("'advance' would leave the years 1970 to 9999")
        world.clock.advance(seconds)
    if "set" in sent:
        world.clock.set(number(sent, "set", 0, MAX_UNIX))
    if "freeze" in sent:
        (world.clock.freeze if sent["freeze"] else world.clock.run)()
    if sent.get("real"):
        world.clock.real()
    world.save_clock()
    return {"now": world.clock.now(), "clock": world.clock.state()}


def _index_delay(request: HttpRequest) -> dict[str, Any]:
    seconds = number(sent_object(request), "seconds", 0, MAX_UNIX)
    request.world.store.set_index_delay(seconds)
    return {"index_delay": seconds}


def _background(request: HttpRequest) -> dict[str, Any]:
    """How long work goes on behind an answer; ``seconds`` null: as long as lists lag."""
    sent = sent_object(request)
    seconds = None if sent["seconds"] is None else number(sent, "seconds", 0, MAX_UNIX)
    request.world.set_background(seconds)
    return {"background": request.world.background_s}


def _wide_characters(request: HttpRequest) -> dict[str, Any]:
    """``shown_as``: what readers see in place of characters beyond U+FFFF; "": they are kept."""
    shown_as = sent_object(request)["shown_as"]
    if shown_as not in narrow_text.SHOWN_AS:
        raise ValueError(f"'shown_as' must be one of {list(narrow_text.SHOWN_AS)}")
    request.world.show_wide_characters_as(shown_as)
    return {"wide_characters": shown_as}


def _live_cache(request: HttpRequest) -> dict[str, Any]:
    """Whether ``liveStream.isLive`` is kept, 5 s while off air and 30 s while on: ``on``."""
    is_on = bool(sent_object(request)["on"])
    request.world.set_live_cache(is_on)
    return {"live_cache": is_on}


def _latency(request: HttpRequest) -> dict[str, Any]:
    """From now on every HTTP request of the API, however many calls it holds, takes longer."""
    seconds = number(sent_object(request), "seconds", 0, MAX_LATENCY_S)
    request.world.latency_s = seconds
    return {"latency": seconds}


def _fault_rules(world: World) -> list[dict[str, Any]]:
    """The active rules, each with the message that an API error of it has."""
    return [
        rule | {"message": rule["message"] or errors.message_of(rule["code"], rule["args"])}
        for rule in world.faults.rules()
    ]


def _faults(request: HttpRequest) -> dict[str, Any]:
    modes = {name: mode.description for name, mode in MODES.items()}
    return {"faults": _fault_rules(request.world), "modes": modes}


def _add_fault(request: HttpRequest) -> dict[str, Any]:
    return {"id": request.world.faults.add(sent_object(request)).id}


def _drop_faults(request: HttpRequest) -> dict[str, Any]:
    wanted = request.query.get("id")
    request.world.faults.drop(int(wanted) if wanted else None)
    return {"faults": _fault_rules(request.world)}


def _requests(request: HttpRequest) -> dict[str, Any]:
    query = request.query
    calls = request.world.recorder.calls(
        query.get("action", ""), query.get("outcome", ""), int(query.get("limit", "200"))
    )
    return {"requests": calls}


def _calls(request: HttpRequest) -> dict[str, Any]:
    return request.world.recorder.counts()


def _forget_requests(request: HttpRequest) -> dict[str, Any]:
    request.world.recorder.clear()
    return request.world.recorder.counts()


def _objects(request: HttpRequest) -> dict[str, Any]:
    """The objects of one ``kind`` as they are now, secrets included: this is for tests."""
    query, world = request.query, request.world
    partner = int(query.get("partner", world.options.partner_id))
    return {"objects": world.store.all(partner, query["kind"])}


def _entry(request: HttpRequest) -> dict[str, Any]:
    """``state`` connects or disconnects an encoder, ``seconds`` sets a clip's length.

    ``fails``: "replacement": what was to become its content cannot be converted.
    """
    if "fails" in sent_object(request):
        return _fail_replacement(request)
    return _length(request) if "seconds" in sent_object(request) else _switch(request)


def _length(request: HttpRequest) -> dict[str, Any]:
    sent, world = sent_object(request), request.world
    partner = int(sent.get("partner", world.options.partner_id))
    seconds = int(sent["seconds"])
    if seconds < 0:
        raise ValueError("'seconds' must be 0 or more")
    with world.store.transaction():
        row = world.store.get(partner, "entry", sent["id"])
        if row is None or "msDuration" not in row or "liveStatus" in row:
            raise LookupError(f"there is no clip {sent['id']}")
        fields = {"duration": seconds, "msDuration": seconds * 1000}
        world.store.change(partner, "entry", sent["id"], **fields)
    return {"id": sent["id"], "seconds": seconds}


def _fail_replacement(request: HttpRequest) -> dict[str, Any]:
    sent, world = sent_object(request), request.world
    partner = int(sent.get("partner", world.options.partner_id))
    if sent["fails"] != "replacement":
        raise ValueError("'fails' must be replacement")
    with world.store.transaction():
        row = world.store.get(partner, "entry", sent["id"])
        if row is None or not row.get("replacingEntryId"):
            raise LookupError(f"nothing replaces the content of {sent['id']}")
        content.fail_replacement(world, row)
    return {"id": sent["id"], "fails": sent["fails"]}


def _switch(request: HttpRequest) -> dict[str, Any]:
    """Connect or disconnect an encoder: ``id`` and ``state`` on_air, preview or off."""
    sent, world = sent_object(request), request.world
    partner = int(sent.get("partner", world.options.partner_id))
    with world.store.transaction():
        row = world.store.get(partner, "entry", sent["id"])
        if row is None or "liveStatus" not in row:
            raise LookupError(f"there is no live entry {sent['id']}")
        fields = live.encoder_changes(row, str(sent["state"]), world.clock.now())
        new = world.store.change(partner, "entry", sent["id"], **fields)
        recordings.update_for_stream(internal(world, partner, host_url=request.host_url), row, new)
    return {"id": sent["id"], "state": sent["state"]}


def _recordings(request: HttpRequest) -> dict[str, Any]:
    """The processing time of recordings, and the account's recordings."""
    query, world = request.query, request.world
    partner = int(query.get("partner", world.options.partner_id))
    rows = [row for row in world.store.all(partner, "entry") if recordings.is_recording(row)]
    return {"seconds": recordings.processing_s(world.store), "recordings": rows}


def _recording(request: HttpRequest) -> dict[str, Any]:
    """``seconds`` alone sets the processing time; with a room's ``id`` it adds a recording."""
    sent, world = sent_object(request), request.world
    if "id" not in sent:
        seconds = number(sent, "seconds", 0, MAX_UNIX)
        recordings.set_processing_s(world.store, seconds)
        return {"seconds": seconds}
    seconds = number(sent, "seconds", 0, MAX_MEETING_S)
    partner = int(sent.get("partner", world.options.partner_id))
    with world.store.transaction():
        room = world.store.get(partner, "entry", sent["id"])
        if room is None or not is_room(room):
            raise LookupError(f"there is no room {sent['id']}")
        call = internal(world, partner, host_url=request.host_url)
        recording = recordings.of_room(call, room, seconds, str(sent.get("name") or ""))
    return {"id": recording["id"]}


def _features(request: HttpRequest) -> dict[str, Any]:
    """Turn features of an account on or off: ``{"reachVendor": true}``."""
    world, sent = request.world, dict(sent_object(request))
    partner = int(sent.pop("partner", world.options.partner_id))
    with world.store.transaction():
        found = features.set_features(world.store, partner, sent)
    return {"partner": partner, "features": sorted(found)}


def _account(request: HttpRequest) -> dict[str, Any]:
    """Block an account, as Kaltura's staff can, or let it in again: ``{"blocked": true}``."""
    world, sent = request.world, sent_object(request)
    partner, blocked = int(sent.get("partner", world.options.partner_id)), bool(sent["blocked"])
    with world.store.transaction():
        features.set_blocked(world.store, partner, blocked)
    return {"partner": partner, "blocked": blocked}


def _app_token(request: HttpRequest) -> dict[str, Any]:
    """Disable or enable an app token: ``{"id": "0-...", "active": false}``."""
    world, sent = request.world, sent_object(request)
    partner = int(sent.get("partner", world.options.partner_id))
    apptoken.set_active(world.store, partner, str(sent["id"]), bool(sent["active"]))
    return {"id": sent["id"], "active": bool(sent["active"])}


_HANDLERS: dict[tuple[str, str], Callable[[HttpRequest], dict[str, Any]]] = {
    ("GET", ""): _state,
    ("GET", "state"): _state,
    ("POST", "reset"): _reset,
    ("POST", "clock"): _clock,
    ("POST", "index-delay"): _index_delay,
    ("POST", "background"): _background,
    ("POST", "latency"): _latency,
    ("POST", "live-cache"): _live_cache,
    ("POST", "wide-characters"): _wide_characters,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _drop_faults,
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _forget_requests,
    ("GET", "calls"): _calls,
    ("GET", "objects"): _objects,
    ("POST", "entry"): _entry,
    ("POST", "features"): _features,
    ("POST", "account"): _account,
    ("POST", "app-token"): _app_token,
    ("GET", "recordings"): _recordings,
    ("POST", "recordings"): _recording,
}
