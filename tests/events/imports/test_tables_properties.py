"""Whatever a programme says: out as a table and in again, it is what it was."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from events.characters import clean_line
from events.exports.agenda_table import AGENDA_COLUMNS, agenda_rows
from events.exports.tables import csv_chunks, write_xlsx
from events.imports.diff import ImportRules, known_sessions, plan_import
from events.imports.tables.columns import guess_layout
from events.imports.tables.files import read_table
from events.imports.tables.sessions import SessionTable
from events.models import Event, Session, SessionSpeaker, SpeakerRole
from tests.factories import EventFactory, SessionFactory, SpeakerFactory, TrackFactory
from tests.suites import many

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

# What separates, quotes, escapes or begins a formula, and letters between.
TRICKY = st.text(st.sampled_from("ab,;|\"'=+-@[]<>_x0041 \t\n#שé＝"), max_size=14)
LINES = TRICKY.map(clean_line)
NAMES = LINES.filter(bool)
# The night in which an hour comes twice, and seconds.
MOMENTS = st.integers(0, 8 * 3600).map(
    lambda seconds: datetime(2030, 10, 26, 21, tzinfo=UTC) + timedelta(seconds=seconds)
)
TALKS = st.fixed_dictionaries(
    {
        "title": NAMES,
        "subtitle": LINES,
        "location": LINES,
        "abstract": TRICKY,
        "starts_at": MOMENTS,
        "capacity": st.none() | st.integers(1, 99),
        "status": st.sampled_from(["draft", "published", "cancelled"]),
    }
)


def written(event: Event, form: str) -> bytes:
    rows = agenda_rows(event, "https://events.example.org")
    if form == "csv":
        return "".join(csv_chunks(AGENDA_COLUMNS, rows)).encode()
    book = io.BytesIO()
    write_xlsx(AGENDA_COLUMNS, rows, book, "Agenda")
    return book.getvalue()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@many(100)
@given(talks=st.lists(TALKS, min_size=1, max_size=3), names=st.lists(NAMES, max_size=4))
def test_table_of_any_programme_changes_nothing(form: str, talks: Any, names: Any) -> None:
    with transaction.atomic():
        event = EventFactory(timezone="Europe/Berlin")
        people = [SpeakerFactory(event=event, name=name) for name in names]
        track = TrackFactory(event=event)
        for talk in talks:
            ends_at = talk["starts_at"] + timedelta(minutes=50, seconds=10)
            session = SessionFactory(event=event, track=track, ends_at=ends_at, **talk)
            for position, speaker in enumerate(people):
                role = [SpeakerRole.SPEAKER, SpeakerRole.MODERATOR][position % 2]
                SessionSpeaker.objects.create(
                    session=session, speaker=speaker, position=position, role=role
                )
        table = read_table(written(event, form))

        known = known_sessions(event)
        agenda = SessionTable(table, guess_layout(table), event, known).agenda()
        plan = plan_import(agenda, event, ImportRules("webcast", of_everything=True), known)

        found = (plan.changes_anything, plan.rejected, len(plan.sessions))
        assert found == (False, [], len(talks)), [p.changes for p in plan.sessions]
        assert Session.objects.filter(event=event).count() == len(talks)
        transaction.set_rollback(True)
