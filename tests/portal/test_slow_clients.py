"""Slow clients cost memory, never a thread: everybody else is answered as if they were not there."""

import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.web_worker import Limits, Listeners
from tests.factories import EventFactory, SessionFactory
from tests.portal.support.slow_clients import slow_clients
from tests.portal.test_gunicorn import free_port, gunicorn, readiness, wait_until_ready


def seconds_to_answer(url: str) -> float:
    """How long a whole answer with status 200 takes."""
    asked = time.monotonic()
    with urllib.request.urlopen(url, timeout=15) as answer:
        assert answer.status == 200
        answer.read()
    return time.monotonic() - asked


@pytest.mark.parametrize("number", [24, pytest.param(200, marks=pytest.mark.proof)])
def test_slow_clients_hold_up_nobody_else(portal_env, number):
    event = EventFactory(slug="congress")
    SessionFactory.create_batch(5, event=event)
    port = free_port()
    with gunicorn(portal_env(), port):
        assert wait_until_ready(port), readiness(port)
        site = f"http://127.0.0.1:{port}"
        seconds_to_answer(f"{site}/e/congress/agenda/")
        with slow_clients(port, number):
            time.sleep(1)
            live = [seconds_to_answer(f"{site}/health/live") for _ in range(20)]
            agenda = [seconds_to_answer(f"{site}/e/congress/agenda/") for _ in range(20)]

    print(f"{number} slow clients: live {max(live):.3f} s, agenda {max(agenda):.3f} s at most")
    assert max(live) < 3 and max(agenda) < 5


def hello(environ, start_response):
    """Answers with the body it got; HEAD as WSGI has it, body included."""
    body = environ["wsgi.input"].read() or b"hello"
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def listening(app=hello, *, trusts_proxy: bool = False, **limits: float) -> Iterator[int]:
    """The worker's listeners in a thread of this process, without gunicorn."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        listeners = Listeners(
            [listener], app, threads=2, limits=Limits(**limits), trusts_proxy=trusts_proxy
        )
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                listeners.turn()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            listeners.wake()
            thread.join()
            listeners.close(1)


def connect(port: int, send: bytes) -> socket.socket:
    """A connection that has sent this."""
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    client.sendall(send)
    return client


def reply(client: socket.socket, end: bytes) -> bytes:
    """What the server says, up to ``end`` or until it hangs up."""
    said = b""
    while not said.endswith(end) and (more := client.recv(1000)):
        said += more
    return said


def closed_within(client: socket.socket, seconds: float) -> bool:
    """Whether the server hangs up in time, without a word."""
    client.settimeout(seconds)
    try:
        return client.recv(100) == b""
    except TimeoutError:
        return False
    except ConnectionError:
        return True


def test_request_that_does_not_end_is_cut_off():
    with listening(request_s=1) as port:
        client = connect(port, b"GET / HTTP/1.1\r\nHost: a\r\n")
        began = time.monotonic()
        while time.monotonic() - began < 0.9:
            client.sendall(b"X: y\r\n")
            time.sleep(0.1)
        assert closed_within(client, 4)
        client.close()


def test_connection_stays_open_between_requests():
    with listening(request_s=1) as port, connect(port, b"") as client:
        for _ in range(3):
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            assert reply(client, b"hello").endswith(b"\r\n\r\nhello")
            time.sleep(0.6)


def test_answer_to_head_has_no_body():
    with listening() as port, connect(port, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n") as client:
        time.sleep(0.3)
        answer = client.recv(1000)

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 5\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_crowd_of_idle_clients_leaves_room_for_the_next():
    with listening(connections=20) as port:
        crowd = [connect(port, b"GET / HTTP/1.1\r\n") for _ in range(40)]
        with connect(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") as client:
            assert reply(client, b"hello").endswith(b"hello")
        for one in crowd:
            one.close()


def test_body_larger_than_the_limit_is_refused_unread():
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n"
    with listening(body_bytes=1000) as port, connect(port, head) as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(("trusts_proxy", "seen"), [(False, b"none"), (True, b"203.0.113.7")])
def test_forwarded_headers_count_only_behind_a_proxy(trusts_proxy, seen):
    def app(environ, start_response):
        start_response("200 OK", [])
        return [environ.get("HTTP_X_FORWARDED_FOR", "none").encode()]

    request = b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n"
    with (
        listening(app, trusts_proxy=trusts_proxy) as port,
        connect(port, request) as client,
    ):
        assert reply(client, seen).endswith(b"\r\n\r\n" + seen)


def test_access_log_has_a_masked_line_for_each_request(portal_env, tmp_path):
    port = free_port()
    with (
        (tmp_path / "log").open("wb") as log,
        gunicorn(portal_env() | {"ACCESS_LOG": "true"}, port, log=log),
    ):
        assert wait_until_ready(port), readiness(port)
        url = f"http://127.0.0.1:{port}/health/live?token=secret-secret"
        urllib.request.urlopen(url, timeout=5).close()
        time.sleep(0.3)

    [line] = [line for line in (tmp_path / "log").read_text().splitlines() if "/live" in line]
    assert '"GET /health/live?token=[masked] HTTP/1.1" 200 14' in line
