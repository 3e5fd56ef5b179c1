"""How the bench of the web reads what it measures with; its figures are its own affair."""

from __future__ import annotations

import socket
import threading

from tests.bench.web.load import Connection, Load, read_wrk, summed

WRK = """Running 6s test @ http://127.0.0.1:8000/
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     9.30ms    4.11ms  61.11ms   91.02%
    Req/Sec     0.88k    81.11     1.01k    71.67%
  Latency Distribution
     50%    8.40ms
     75%   10.01ms
     90%   12.00ms
     99%    1.02s
  5280 requests in 6.01s, 92.00MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 4
Requests/sec:    878.54
Transfer/sec:     15.31MB
"""


def test_wrk_is_read_with_its_failures():
    assert read_wrk(WRK) == Load(5280, 6.01, 8.4, 1020.0, 7)


def test_figures_of_answers_are_in_milliseconds():
    found = summed([n / 1000 for n in range(1, 102)], 2.0, 1)

    assert (found.per_s, found.p50_ms, round(found.p99_ms), found.failed) == (50.5, 51.0, 101, 1)


def test_connection_reads_answers_in_pieces_and_one_after_the_other():
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nETag: x\r\n\r\nab", b"cd"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer, args=(listener, answers), daemon=True).start()
        connection = Connection(listener.getsockname()[1])
        for _ in range(2):
            status, headers, body = connection.ask("/", {"Cookie": "a=b"})
            assert (status, headers["etag"], body) == (200, "x", b"abcd")
        connection.close()


def _answer(listener: socket.socket, pieces: list[bytes]) -> None:
    client, _ = listener.accept()
    with client:
        for _ in range(2):
            asked = b""
            while not asked.endswith(b"\r\n\r\n"):
                asked += client.recv(4096)
            for piece in pieces:
                client.sendall(piece)
