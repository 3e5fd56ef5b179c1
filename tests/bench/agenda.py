"""The agenda page as the event grows: queries, bytes, milliseconds."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Event
from tests.bench.figures import SPREAD, Column, Row, Table, timed
from tests.bench.stage import ATTENDEES, attendee, event_of

SIZES = (50, 500)
RUNS = 15
COUNTS = ("sessions", "cards", "queries", "bytes", "gzip")
COLUMNS = (*map(Column, COUNTS), *SPREAD)


def measure() -> Table:
    """Both views of the agenda, at every size."""
    table = Table(
        "Agenda page",
        f"an attendee signed in, {ATTENDEES} registered; in this process, through all middleware; "
        f"median of {RUNS} after a warm-up",
        COLUMNS,
    )
    rows = [_both_views(event_of(size), size) for size in SIZES]
    for number, name in enumerate(("as it opens", "all days")):
        first, last = rows[0][number], rows[-1][number]
        table.rows += [row[number] for row in rows]
        table.add_ratio(f"{name}, ratio", last, first)
    return table


def _both_views(event: Event, size: int) -> Sequence[Row]:
    client, url = attendee(), reverse("events:agenda", args=[event.slug])
    return (
        _view("as it opens (one day)", client, url, size),
        _view("all days", client, f"{url}?day=all", size),
    )


def _view(name: str, client: Client, url: str, size: int) -> Row:
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(url)
    if page.status_code != 200:
        raise RuntimeError(f"{url} answered {page.status_code}.")
    body = page.content
    cards = body.count(b'class="card ')
    counts = (size, cards, len(queries), len(body), len(gzip.compress(body, 6)))
    return Row(name, (*counts, *timed(lambda: client.get(url), RUNS).ms))
