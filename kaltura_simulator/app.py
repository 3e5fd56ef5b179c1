"""The WSGI application, and the place where all parts of a simulator come together."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
from collections.abc import Iterable
from typing import Any

from kaltura_simulator import routes, services
from kaltura_simulator.control import endpoint
from kaltura_simulator.notify.sender import Notifier
from kaltura_simulator.options import SimulatorOptions
from kaltura_simulator.provision import accounts
from kaltura_simulator.state import background
from kaltura_simulator.state.recorder import masked_text
from kaltura_simulator.state.world import World
from kaltura_simulator.ui import endpoint as console
from kaltura_simulator.web import http, same_origin
from kaltura_simulator.web.http import Environ, HttpRequest, HttpResponse, StartResponse

logger = logging.getLogger(__name__)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def open_world(options: SimulatorOptions) -> World:
    """What a simulator remembers, with its accounts made and its notifications going out."""
    services.load_all()
    world = World(options)
    notifier = Notifier(world)
    accounts.create_all(world)
    notifier.resume()
    return world


class App:
    """The WSGI callable of one world."""

    def __init__(self, world: World):
        self.world = world
        self.router = routes.router()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        response = self.answer(HttpRequest(environ, self.world))
        if response.hang_up:
            _hang_up(environ.get("gunicorn.socket"))
        return response.send(start_response)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Find the handler and call it; an error of ours is a 500 with a trace in the log."""
        handler = self.router.find(request.path)
        if handler is None:
            return http.text("<h1>404 Not Found</h1>", 404)
        if against := _refusal(request):
            return http.data({"error": against}, 403)
        try:
            background.run_due(self.world)
            return handler(request)
        except Exception:
            # The path of a page holds a Kaltura Session, which no log may show.
            logger.exception("%s %s failed", request.method, masked_text(request.path))
            return http.text("<h1>500 Internal Server Error</h1>", 500)


def _refusal(request: HttpRequest) -> str:
    """Why the control or the console is not for this caller; the API is for everybody."""
    if request.path.startswith(endpoint.PREFIX):
        return same_origin.program_refusal(request)
    # The console answers what is posted to it with a page, also when it refuses.
    is_page = request.path == "/" or request.path.startswith(console.ROOT)
    if is_page and request.method != "POST":
        return same_origin.page_refusal(request)
    return ""


def _hang_up(connection: Any) -> None:
    """Drop the connection so that the caller sees a reset, never an answer."""
    if connection is None:
        return
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        connection.shutdown(socket.SHUT_RDWR)
