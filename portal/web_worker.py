"""gunicorn's worker process with waitress inside: slow clients hold no thread.

gunicorn's own threads read from the client and write to it, so eight half-sent requests
would occupy all eight of them. waitress reads requests and sends answers in one event loop;
a thread is taken only while the portal works. gunicorn stays the parent process: it opens
the sockets, starts a new worker when one dies, and calls our hooks (portal/gunicorn.py).
"""

import os
import resource
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher, WSGITask

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_MEGABYTE: Final = 1024 * 1024
# A connection needs a descriptor, and up to two more while its data waits in files.
_OPEN_FILES: Final = 4096

# A request and the task that answered it, once the answer is complete.
AccessLog = Callable[[WSGITask], None]


@dataclass(frozen=True)
class Limits:
    """What one client may ask of a process; operations.md says what the proxy adds."""

    connections: int = 1000
    # From the first byte of a request to its last: 40 MB at 3 Mbit/s.
    request_s: float = 120
    # From the end of our work until the client has the answer: 100 MB at 1 Mbit/s.
    answer_s: float = 900
    header_bytes: int = 64 * 1024
    # Import files may have 32 MB (events/imports).
    body_bytes: int = 40 * _MEGABYTE


class _LoggedTask(WSGITask):
    """Answers a request and then writes the line of the access log."""

    def service(self) -> None:
        super().service()
        if self.channel.server.access_log:
            self.channel.server.access_log(self)


class _TimedChannel(HTTPChannel):
    """A connection that knows since when the portal has been waiting for its client."""

    task_class = _LoggedTask

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.waits_since = time.time()
        super().__init__(*args, **kwargs)

    def received(self, data: bytes) -> bool:
        if self.request is None:  # The first bytes of a request.
            self.waits_since = time.time()
        return bool(super().received(data))

    def service(self) -> None:
        super().service()
        self.waits_since = time.time()

    def is_late(self, now: float, limits: Limits) -> bool:
        """Whether its request, or taking the answer, has lasted too long.

        waitress only looks for silence, and a byte a minute is no silence.
        """
        if self.total_outbufs_len:
            return now - self.waits_since > limits.answer_s
        return self.request is not None and now - self.waits_since > limits.request_s


class _PatientServer:
    """Cuts off late clients; when it gets crowded, the one that keeps us waiting longest.

    A quarter of the connections stays free for requests being answered, so a crowd of idle
    clients keeps nobody out.
    """

    channel_class = _TimedChannel
    access_log: AccessLog | None = None
    limits = Limits()
    active_channels: dict[int, _TimedChannel]

    def maintenance(self, now: float) -> None:
        """waitress calls this about every second."""
        super().maintenance(now)  # type: ignore[misc]
        for channel in self._waiting():
            if channel.is_late(now, self.limits):
                channel.will_close = True

    def handle_accept(self) -> None:
        """One more connection: somebody else may have to go for it."""
        super().handle_accept()  # type: ignore[misc]
        if len(self.active_channels) > self.limits.connections * 3 // 4:
            longest = min(self._waiting(), key=lambda channel: channel.waits_since, default=None)
            if longest:
                longest.will_close = True

    def _waiting(self) -> Iterator[_TimedChannel]:
        channels = self.active_channels.values()
        return (each for each in channels if not each.requests and not each.will_close)


class _TcpServer(_PatientServer, TcpWSGIServer):
    """On an address and port."""


class _UnixServer(_PatientServer, UnixWSGIServer):
    """On a Unix socket."""


class Listeners:
    """The event loop over sockets that are open already, and the threads behind it."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        app: "WSGIApplication",
        *,
        threads: int,
        limits: Limits | None = None,
        trusts_proxy: bool = False,
        access_log: AccessLog | None = None,
    ) -> None:
        """``trusts_proxy`` hands X-Forwarded-... headers on; otherwise no code sees them."""
        limits = limits or Limits()
        self._map: dict[int, Any] = {}
        self._threads = ThreadedTaskDispatcher()
        self._threads.set_thread_count(threads)
        adjustments = _adjustments(limits, trusts_proxy)
        self._servers = [self._serve(each, _without_body(app), adjustments) for each in sockets]
        for server in self._servers:
            server.limits, server.access_log = limits, access_log

    def turn(self) -> None:
        """Do what can be done now, after at most a second of waiting for it."""
        wasyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)

    def wake(self) -> None:
        """End the wait of ``turn``; may be called from a thread or a signal handler."""
        for server in self._servers:
            server.pull_trigger()

    def close(self, grace_s: float) -> None:
        """Take no more connections, finish what has been asked, then close them all."""
        for server in self._servers:
            server.accepting = False
        deadline = time.monotonic() + grace_s
        while self._are_busy() and time.monotonic() < deadline:
            self.turn()
        # Threads that still work are left to end with the process.
        self._threads.shutdown(timeout=0.5)
        for server in self._servers:
            server.close()
        wasyncore.close_all(self._map, ignore_all=True)

    def _serve(self, listener: socket.socket, app: "WSGIApplication", adjustments: Any) -> Any:
        kind = _UnixServer if listener.family == socket.AF_UNIX else _TcpServer
        return kind(
            app,
            map=self._map,
            _sock=listener,
            dispatcher=self._threads,
            adj=adjustments,
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )

    def _are_busy(self) -> bool:
        return any(
            channel.requests or channel.total_outbufs_len
            for server in self._servers
            for channel in server.active_channels.values()
        )


class BufferingWorker(Worker):
    """What ``worker_class`` names. gunicorn calls ``run`` and, from a signal, ``handle_exit``."""

    _listeners: Listeners | None = None

    def run(self) -> None:
        """Serve until asked to stop or left alone by the parent process."""
        _allow_open_files()
        self._listeners = Listeners(
            [listener.sock for listener in self.sockets],
            self.wsgi,
            threads=self.cfg.threads,
            trusts_proxy=settings.TRUSTED_PROXY_COUNT > 0,
            access_log=self._log_access,
        )
        while self.alive and self.ppid == os.getppid():
            self.notify()
            self._listeners.turn()
        self._listeners.close(self.cfg.graceful_timeout)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM: finish what has been asked."""
        super().handle_exit(sig, frame)
        if self._listeners:
            self._listeners.wake()

    def _log_access(self, task: WSGITask) -> None:
        environ = task.get_environment()
        answer = SimpleNamespace(
            status=task.status, sent=task.content_bytes_written, headers=task.response_headers
        )
        took = timedelta(seconds=time.time() - task.start_time)
        self.log.access(answer, [], environ | {"RAW_URI": environ["REQUEST_URI"]}, took)


def _adjustments(limits: Limits, trusts_proxy: bool) -> Adjustments:
    return Adjustments(
        ident="portal",
        clear_untrusted_proxy_headers=not trusts_proxy,
        connection_limit=limits.connections,
        max_request_header_size=limits.header_bytes,
        max_request_body_size=limits.body_bytes,
        # Silence between two requests, or within one. Proxies must not keep theirs longer.
        channel_timeout=75,
        cleanup_interval=1,
        # An answer larger than this would hold its thread until the client has taken the rest.
        # Whatever exceeds a megabyte waits in a temporary file.
        outbuf_high_watermark=512 * _MEGABYTE,
        asyncore_use_poll=True,
        log_socket_errors=False,
    )


def _without_body(app: "WSGIApplication") -> "WSGIApplication":
    """``app`` without bodies in answers to HEAD: waitress would send them (RFC 9110, 9.3.2)."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = app(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if hasattr(body, "close"):
            body.close()
        return []

    return answer


def _allow_open_files() -> None:
    """Raise the soft limit, which is 1024 on most systems, as far as we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
