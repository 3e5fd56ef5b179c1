from events.models.event import Event, EventStatus, Track
from events.models.people import Bookmark, Registration, TeamMember, TeamRole, User
from events.models.session import (
    Session,
    SessionSpeaker,
    SessionStatus,
    SessionType,
    Speaker,
    SpeakerRole,
)

__all__ = [
    "Bookmark",
    "Event",
    "EventStatus",
    "Registration",
    "Session",
    "SessionSpeaker",
    "SessionStatus",
    "SessionType",
    "Speaker",
    "SpeakerRole",
    "TeamMember",
    "TeamRole",
    "Track",
    "User",
]
