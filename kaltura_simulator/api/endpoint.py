"""``/api_v3/``: the endpoint of the Kaltura API.

Kaltura's: api_v3/lib/KalturaFrontController.php in https://github.com/kaltura/server.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from kaltura_simulator.api import dispatch, multirequest, wire_in, wire_out
from kaltura_simulator.api import params as param_types
from kaltura_simulator.api.dispatch import HttpFault, RequestContext
from kaltura_simulator.web.files import File
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router
from kaltura_simulator.web.http_faults import changed_reply, instead_of_request

PREFIXES = ("/api_v3", "//api_v3")
_CORS = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Kaltura, X-Kaltura-Session, X-Me"),
]


def add_routes(router: Router) -> None:
    """Serve the API."""
    for prefix in PREFIXES:
        router.route(prefix, handle)


def handle(request: HttpRequest) -> HttpResponse:
    """Answer one request: always 200 for Kaltura's own answers, refusals included."""
    if request.method == "OPTIONS":
        return HttpResponse(headers=[*_CORS, ("Access-Control-Allow-Headers", "content-type")])
    world = request.world
    if world.latency_s:
        time.sleep(world.latency_s)
    started = time.perf_counter()
    incoming = wire_in.read(request)
    context = RequestContext(
        world,
        request.path.replace("//", "/", 1) if request.path.startswith("//") else request.path,
        request.remote_addr,
        request.host_url,
        incoming.files,
        world.recorder.http_request(),
    )
    try:
        result = _run(context, incoming.params)
    except HttpFault as problem:
        return instead_of_request(problem.fault)
    return changed_reply(_answer(result, incoming.params, started), context.reply_faults)


def _run(context: RequestContext, params: wire_in.Params) -> Any:
    if multirequest.is_many(params):
        return multirequest.run(context, params)
    return dispatch.run(context, params)


def _answer(result: Any, params: wire_in.Params, started: float) -> HttpResponse:
    form = param_types.to_int(params.get("format") or wire_out.XML)
    callback = str(params.get("callback") or "")
    headers = [
        *_CORS,
        ("X-Me", "simulator"),
        ("X-Kaltura-Session", f"{uuid.uuid4().int % 10**10}, {int(time.time())}"),
    ]
    if isinstance(result, File):
        return HttpResponse(result.body, 200, result.content_type, headers + result.headers)
    bare = param_types.to_bool(params.get("ignoreNull") or "")
    body, kind = wire_out.render(result, form, time.perf_counter() - started, callback, bare)
    return HttpResponse(body.encode("utf-8", "replace"), 200, kind, headers)
