"""Clients that take their time, on purpose: what a phone in a tunnel does, or an attacker."""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LARGE: Final = "/static/admin/js/vendor/xregexp/xregexp.js"
_HALF_HEADERS: Final = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: a"
_HALF_BODY: Final = (
    b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10000\r\n\r\nlogin=a"
)
_NEVER_READS: Final = f"GET {LARGE} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


@contextmanager
def slow_clients(port: int, number: int) -> Iterator[list[socket.socket]]:
    """``number`` connections: half headers, half bodies, answers that nobody reads, in turn.

    The first two kinds send one more byte every half second, so no idle timeout meets them.
    """
    kinds = itertools.cycle((_HALF_HEADERS, _HALF_BODY, _NEVER_READS))
    clients = [_client(port, begin) for _, begin in zip(range(number), kinds, strict=False)]
    done = threading.Event()
    thread = threading.Thread(target=_drip, args=(clients, done))
    thread.start()
    try:
        yield clients
    finally:
        done.set()
        thread.join()
        for client in clients:
            client.close()


def _client(port: int, begin: bytes) -> socket.socket:
    client = socket.socket()
    # Little room: what the client does not read, the server must keep.
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.settimeout(10)
    client.connect(("127.0.0.1", port))
    client.sendall(begin)
    return client


def _drip(clients: list[socket.socket], done: threading.Event) -> None:
    while not done.wait(0.5):
        for number, client in enumerate(clients):
            if number % 3 != 2:
                try:
                    client.send(b"a")
                except OSError:  # The server has cut it off, as it may.
                    continue
