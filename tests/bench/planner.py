"""The planner as the event grows: the day's board, a place in a drag, an edit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event, TeamMember, TeamRole, User
from tests.bench.figures import SPREAD, Column, Row, Table, timed
from tests.bench.stage import event_of

SIZES = (50, 500)
RUNS = 15
COLUMNS = (*map(Column, ("sessions", "queries", "bytes")), *SPREAD)


def measure() -> Table:
    """What a manager's browser asks."""
    table = Table(
        "Planner",
        "a manager signed in, the first day of an event of so many sessions, all of them checked for "
        f"conflicts; in this process, through all middleware; median of {RUNS} after a warm-up",
        COLUMNS,
    )
    rows = [_rows(event_of(size), size) for size in SIZES]
    for first, last in zip(*rows, strict=True):
        table.rows += [first, last]
        table.add_ratio(f"{first.name}, ratio", last, first)
    return table


def _rows(event: Event, size: int) -> list[Row]:
    client, query = _manager(event), f"?day={event.starts_on.isoformat()}&across=rooms"
    board, check, edits = (
        reverse(f"admin:events_event_planner{name}", args=[event.pk]) + query
        for name in ("_board", "_check", "_edits")
    )
    event.sessions.filter(location="").update(location="Hall")
    drawn = client.get(board).json()
    card = drawn["cards"][0]
    place = {name: card[name] for name in ("starts", "ends", "column")}
    asked = f"{check}&session={card['id']}&starts={card['starts']}&ends={card['ends']}&column=Hall"

    def edit() -> Any:
        now = next(c for c in client.get(board).json()["cards"] if c["id"] == card["id"])
        by = 300 if now["starts"] == card["starts"] else 0
        moved = {**place, "starts": card["starts"] + by, "ends": card["ends"] + by}
        wish = {"session": card["id"], "version": now["version"], **moved}
        return client.post(edits, json.dumps({"edits": [wish]}), "application/json")

    return [
        _row("page", lambda: client.get(board.replace("board/", "")), size),
        _row("board", lambda: client.get(board), size),
        _row("place in a drag", lambda: client.get(asked), size),
        _row("board and edit", edit, size),
    ]


def _row(name: str, ask: Callable[[], Any], size: int) -> Row:
    ask()
    with CaptureQueriesContext(connection) as queries:
        answer = ask()
    if answer.status_code != 200:
        raise RuntimeError(f"{name} answered {answer.status_code}.")
    counts = (size, len(queries), len(answer.content))
    return Row(name, (*counts, *timed(ask, RUNS).ms))


def _manager(event: Event) -> Client:
    user, _ = User.objects.get_or_create(
        email="planner@example.org", defaults={"name": "Planner", "is_staff": True}
    )
    TeamMember.objects.get_or_create(event=event, user=user, defaults={"role": TeamRole.MANAGER})
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
