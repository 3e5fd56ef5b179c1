"""Files on their way into an event, and the addresses from which they come."""

from events.models.incoming.files import (
    IncomingFile,
    IncomingKind,
    IncomingState,
    RememberedColumns,
)
from events.models.incoming.sources import LookEvery, ScheduleSource

__all__ = [
    "IncomingFile",
    "IncomingKind",
    "IncomingState",
    "LookEvery",
    "RememberedColumns",
    "ScheduleSource",
]
