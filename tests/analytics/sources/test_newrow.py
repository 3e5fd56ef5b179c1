"""What Newrow may answer when it does not answer well, over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from analytics.sources.newrow import NewrowClient, NewrowError, NewrowRefused, NewrowUnavailable

Answer = Callable[[int], tuple[int, str]]


class Script(ThreadingHTTPServer):
    """A server that answers as a test says, and remembers what it was asked."""

    answer: Answer
    asked: list[tuple[str, dict[str, str], str]]


class Handler(BaseHTTPRequestHandler):
    server: Script
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.server.asked.append((parts.path, query, self.headers.get("Authorization", "")))
        status, body = self.server.answer(int(query.get("page", 0)))
        data = body.encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@pytest.fixture
def script(settings: Any) -> Iterator[Script]:
    server = Script(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.NEWROW_API_URL = f"http://127.0.0.1:{server.server_port}/backend/api"
    settings.NEWROW_API_TOKEN = "a-token"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def page(rows: list[Any], total: Any, next_page: Any = "") -> str:
    data = {"sessions": rows, "total_count": total, "next_page": next_page}
    return json.dumps({"status": "success", "data": data})


def runs() -> Any:
    with NewrowClient() as newrow:
        return newrow.runs("1_room0001", 1000, 2000)


def test_direct_door_asks_with_token_and_query(script):
    script.answer = lambda number: (200, page([{"id": "1"}], 1))
    runs()

    assert script.asked == [
        (
            "/backend/api/analytics/sessions",
            {
                "from_date": "1000",
                "to_date": "2000",
                "third_party_room_id": "1_room0001",
                "page": "0",
            },
            "Bearer a-token",
        )
    ]


def test_pages_go_on_until_the_last(script):
    script.answer = lambda number: (
        200,
        page([{"id": str(number)}], 3, str(number + 1) if number < 2 else None),
    )
    listing = runs()

    assert [row["id"] for row in listing.rows] == ["0", "1", "2"]
    assert listing.is_complete


def test_an_empty_page_ends_the_list(script):
    script.answer = lambda number: (200, page([{"id": "0"}] if number == 0 else [], 2, "9"))
    listing = runs()

    assert (len(listing.rows), listing.expected, len(script.asked)) == (1, 2, 2)


def test_a_list_that_repeats_itself_ends(script):
    script.answer = lambda number: (200, page([{"id": "same"}], 1, "1"))
    listing = runs()

    assert (len(listing.rows), listing.is_complete, len(script.asked)) == (1, True, 2)


def test_a_row_that_moved_to_the_next_page_shows_that_another_is_missing(script):
    pages = [[{"id": "0"}, {"id": "1"}], [{"id": "1"}, {"id": "3"}]]
    script.answer = lambda number: (200, page(pages[number], 4, "" if number else "1"))
    listing = runs()

    assert ([row["id"] for row in listing.rows], listing.expected) == (["0", "1", "3"], 4)


def test_equal_rows_of_one_page_are_two_rows(script):
    script.answer = lambda number: (200, page([{"id": "0"}, {"id": "0"}], 2))

    assert runs().is_complete


@pytest.mark.parametrize(
    ("status", "body", "error", "said"),
    [
        (
            500,
            "<h1>Oh</h1>",
            NewrowUnavailable,
            "Newrow answered analytics/sessions with HTTP 500.",
        ),
        (429, "", NewrowUnavailable, "Newrow answered analytics/sessions with HTTP 429."),
        (302, "", NewrowUnavailable, "Newrow answered analytics/sessions with HTTP 302."),
        (
            401,
            '{"message": "No such token."}',
            NewrowRefused,
            "Newrow refused analytics/sessions (HTTP 401: No such token.). Check KALTURA_KAF_URL "
            "and the room, or NEWROW_API_URL and NEWROW_API_TOKEN.",
        ),
        (200, "<html>", NewrowUnavailable, "Newrow's answer to analytics/sessions is not JSON."),
        (
            200,
            '{"status": "success", "data": {"sessions": [1,]}}',
            NewrowUnavailable,
            "Newrow's answer to analytics/sessions is not JSON.",
        ),
        (
            200,
            '{"status": "error", "message": "Busy"}',
            NewrowRefused,
            "Newrow did not succeed with analytics/sessions: Busy.",
        ),
        (200, "[]", NewrowRefused, "Newrow did not succeed with analytics/sessions."),
        (
            200,
            '{"status": "success", "data": []}',
            NewrowUnavailable,
            "Newrow's answer to analytics/sessions has no data.",
        ),
        (
            200,
            '{"status": "success", "data": {"total_count": 0}}',
            NewrowUnavailable,
            "Newrow's answer to analytics/sessions has no list “sessions”.",
        ),
        (
            200,
            page([], None),
            NewrowUnavailable,
            "Newrow's answer to analytics/sessions does not count its rows.",
        ),
    ],
)
def test_a_bad_answer_is_an_error_that_says_what_was_seen(script, status, body, error, said):
    script.answer = lambda number: (status, body)

    with pytest.raises(NewrowError) as refused:
        runs()
    assert (type(refused.value), str(refused.value)) == (error, said)
    # No redirect was followed: it would carry the secret along.
    assert len(script.asked) == 1


def test_no_answer_in_time_is_an_error(script, settings):
    settings.KALTURA_TIMEOUT_S = 0.2
    waiting = threading.Event()
    script.answer = lambda number: (waiting.wait(2), (200, page([], 0)))[1]

    with pytest.raises(NewrowUnavailable, match="did not answer analytics/sessions in time"):
        runs()
    waiting.set()


def test_an_error_holds_no_ks(settings):
    settings.KALTURA_KAF_URL = "http://127.0.0.1:9"

    with pytest.raises(NewrowUnavailable) as refused:
        runs()
    error = refused.value
    assert "djJ8" not in f"{error!r}"
    assert (error.__cause__, error.__suppress_context__) == (None, True)
