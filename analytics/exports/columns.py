"""The columns of the attendance files, schema 1.

Scripts read these files: columns keep their names and order, new ones go to the end, and
``SCHEMA`` stands in every file's name.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from analytics.models import Source

SCHEMA: Final = 1


class ExportLevel(StrEnum):
    """What a row of the file is: a person and session, or a reported stay."""

    PERSON = "person"
    STAY = "stay"


class CellKind(Enum):
    """What the cells of a column hold."""

    TEXT = "text"  # Whatever somebody typed or a source reported.
    WORD = "word"  # One of our own words or numbers of things: never a formula.
    UUID = "uuid"
    TIME = "time"
    LOCAL_TIME = "local time"  # With its offset from UTC.
    BOOL = "bool"
    NUMBER = "number"


@dataclass(frozen=True)
class ExportColumn:
    """One column. ``decimals`` belong to numbers.

    ``of_session`` columns are the same in all rows of a session; ``personal`` ones say who
    somebody is.
    """

    name: str
    kind: CellKind = CellKind.TEXT
    decimals: int = 0
    of_session: bool = False
    personal: bool = False


def _of_session(*names: str, kind: CellKind = CellKind.TEXT) -> list[ExportColumn]:
    return [ExportColumn(name, kind, of_session=True) for name in names]


def _numbers(decimals: int, *names: str) -> list[ExportColumn]:
    return [ExportColumn(name, CellKind.NUMBER, decimals) for name in names]


_WHO: Final = (
    ExportColumn("attendee_id", CellKind.UUID, personal=True),
    ExportColumn("attendee_name", personal=True),
    ExportColumn("attendee_email", personal=True),
)
_OPEN: Final = ExportColumn("open_interval", CellKind.BOOL)
_MATCHED: Final = ExportColumn("matched_by", CellKind.WORD)
_PULLED: Final = ExportColumn("pulled_at_utc", CellKind.TIME)

# The columns of a session come first: each line begins with the same text.
PERSON: Final[Sequence[ExportColumn]] = (
    *_of_session("event", "session_id", "session_title", "track", "session_type"),
    *_of_session("scheduled_start_utc", "scheduled_end_utc", kind=CellKind.TIME),
    *_of_session("event_timezone"),
    *_of_session("scheduled_start_local", kind=CellKind.LOCAL_TIME),
    *_WHO,
    ExportColumn("role", CellKind.WORD),
    ExportColumn("registered", CellKind.BOOL),
    ExportColumn("attended", CellKind.BOOL),
    ExportColumn("first_joined_utc", CellKind.TIME),
    ExportColumn("last_left_utc", CellKind.TIME),
    *_numbers(0, "join_count"),
    *_numbers(2, "minutes_present"),
    *_numbers(1, "scheduled_percent"),
    _OPEN,
    *_numbers(1, "attention_percent"),
    *_numbers(2, "live_minutes", "recording_minutes"),
    ExportColumn("sources", CellKind.WORD),
    _MATCHED,
    _PULLED,
    *_numbers(2, *(f"{source}_minutes" for source in Source.values)),
)
STAY: Final[Sequence[ExportColumn]] = (
    *_of_session("event", "session_id", "session_title"),
    *_WHO,
    ExportColumn("source", CellKind.WORD),
    ExportColumn("remote_session_id"),
    ExportColumn("remote_user_id", personal=True),
    ExportColumn("joined_utc", CellKind.TIME),
    ExportColumn("left_utc", CellKind.TIME),
    *_numbers(4, "minutes"),
    _OPEN,
    *_numbers(1, "attention_percent"),
    _MATCHED,
    _PULLED,
)
# The one file of an event that shows groups only: analytics/privacy/published.py.
AGGREGATE: Final[Sequence[ExportColumn]] = (
    *PERSON[:8],
    *_numbers(0, "registered_attended", "others_attended", "people_attended", "mean_minutes"),
    *_numbers(0, "smallest_group"),
)
COLUMNS: Final = {ExportLevel.PERSON: PERSON, ExportLevel.STAY: STAY}
PERSON_COLUMNS: Final = [column.name for column in PERSON]
STAY_COLUMNS: Final = [column.name for column in STAY]


def chosen_columns(
    level: ExportLevel, names: Collection[str] | None = None
) -> Sequence[ExportColumn]:
    """The level's columns of these names, all for none, in the order of the schema.

    Raises ValueError with the names that the level does not have.
    """
    known = COLUMNS[level]
    if not names:
        return known
    if unknown := [name for name in names if name not in {column.name for column in known}]:
        raise ValueError(", ".join(unknown))
    return [column for column in known if column.name in names]
