"""Everybody of an event replaced by unnamed accounts at once: a statement for each table.

Who stands for whom is in a temporary table, and only for as long as the transaction lasts.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from analytics.figures.dialect import written
from analytics.models import SessionAttendance
from analytics.privacy.tokens import UNNAMED
from events.models import Bookmark, Event, User
from kaltura_bridge.join.identity import kaltura_user_id

# With the columns' own types, which differ between the databases.
STAND_INS: Final = """
CREATE TEMPORARY TABLE stand_ins {temporary} AS
SELECT g.user_id, g.user_id AS stand_in, g.uuid AS place, st.remote_user_id AS identifier
FROM {Registration} g, {Stay} st WHERE 1 = 0"""
TOKENS: Final = """
CREATE TEMPORARY TABLE tokens {temporary} AS
SELECT person_key, person_key AS token FROM {SessionAttendance} WHERE 1 = 0"""

OF_EVENT: Final = "(SELECT id FROM {Session} WHERE event_id = {event})"
RUNS_OF_EVENT: Final = """(
    SELECT ru.id FROM {RoomRun} ru LEFT JOIN {Session} s ON s.id = ru.session_id
    WHERE COALESCE(s.event_id, ru.event_id) = {event}
)"""
# Each statement reads ``s``, who stands for whom.
REPLACED: Final = (
    """UPDATE {Registration} SET user_id = s.stand_in, uuid = s.place FROM stand_ins s
    WHERE {Registration}.user_id = s.user_id AND {Registration}.event_id = {event}""",
    """UPDATE {SessionAttendance} SET user_id = s.stand_in,
        person_key = 'user:' || CAST(s.stand_in AS text), name = '', email = ''
    FROM stand_ins s
    WHERE {SessionAttendance}.user_id = s.user_id
        AND {SessionAttendance}.session_id IN {of_event}""",
    """UPDATE {Stay} SET user_id = s.stand_in, remote_user_id = s.identifier, name = '', email = ''
    FROM stand_ins s WHERE {Stay}.user_id = s.user_id AND {Stay}.run_id IN {runs}""",
    """UPDATE {ViewerTotal} SET user_id = s.stand_in, name = '',
        remote_user_id = s.identifier || '/' || CAST({ViewerTotal}.id AS text)
    FROM stand_ins s
    WHERE {ViewerTotal}.user_id = s.user_id AND {ViewerTotal}.session_id IN {of_event}""",
    """UPDATE {bookmarks} SET user_id = s.stand_in FROM stand_ins s
    WHERE {bookmarks}.user_id = s.user_id AND {bookmarks}.session_id IN {of_event}""",
)
UNNAMED_GUESTS: Final = """
UPDATE {SessionAttendance} SET person_key = t.token, name = '', email = '' FROM tokens t
WHERE {SessionAttendance}.person_key = t.person_key AND {SessionAttendance}.user_id IS NULL
    AND {SessionAttendance}.session_id IN {of_event}"""


def replace_people(event: Event, people: Sequence[int], stand_ins: Sequence[User]) -> None:
    """Let an unnamed account stand where each of these people did; needs a transaction."""
    words = {
        "event": str(int(event.pk)),
        "of_event": written(OF_EVENT, event=str(int(event.pk))),
        "runs": written(RUNS_OF_EVENT, event=str(int(event.pk))),
        "bookmarks": Bookmark._meta.db_table,
    }
    # Shuffled, for the order of the new accounts must not tell whose place each has taken.
    shuffled = secrets.SystemRandom().sample(stand_ins, len(people))
    rows = [
        (person, stand_in.pk, _uuid(), kaltura_user_id(stand_in))
        for person, stand_in in zip(people, shuffled, strict=True)
    ]
    with connection.cursor() as cursor:
        _fill(cursor, written(STAND_INS), "stand_ins", rows)
        for statement in REPLACED:
            cursor.execute(written(statement, **words))
        cursor.execute("DROP TABLE stand_ins")


def unname_guests(event: Event) -> None:
    """Give each person without an account one token in all of the event's sessions."""
    rows = SessionAttendance.objects.filter(session__event=event, user=None).order_by()
    keys = sorted(set(rows.values_list("person_key", flat=True)))
    of_event = written(OF_EVENT, event=str(int(event.pk)))
    with connection.cursor() as cursor:
        tokens = [(key, f"{UNNAMED}{secrets.token_hex(8)}") for key in keys]
        _fill(cursor, written(TOKENS), "tokens", tokens)
        cursor.execute(written(UNNAMED_GUESTS, of_event=of_event))
        cursor.execute("DROP TABLE tokens")


def _fill(cursor: Any, made: str, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    cursor.execute(made)
    if rows:
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  (ours)


def _uuid() -> Any:
    """A new UUID, as the database takes it."""
    return uuid.uuid4() if connection.features.has_native_uuid_field else uuid.uuid4().hex
