from events.models.event import Event, EventStatus, Track, Visibility
from events.models.feeds import PersonalFeed, SharedAgenda
from events.models.import_run import ImportRun, ImportState
from events.models.invitation import Invitation, InvitationState
from events.models.news import NewsPreferences
from events.models.outbox import MailState, OutgoingMail, RestingAddress
from events.models.people import Bookmark, Registration, TeamMember, TeamRole, User
from events.models.places import SessionPlace, WaitingListEntry
from events.models.profile import ProfilePicture
from events.models.programme import AnnouncedSession, ProgrammeChange, ProgrammeVersion
from events.models.session import (
    Session,
    SessionSpeaker,
    SessionStatus,
    SessionType,
    Speaker,
    SpeakerRole,
)
from events.models.signup import QuestionKind, SignUpAnswer, SignUpQuestion

__all__ = [
    "AnnouncedSession",
    "Bookmark",
    "Event",
    "EventStatus",
    "ImportRun",
    "ImportState",
    "Invitation",
    "InvitationState",
    "MailState",
    "NewsPreferences",
    "OutgoingMail",
    "PersonalFeed",
    "ProfilePicture",
    "ProgrammeChange",
    "ProgrammeVersion",
    "QuestionKind",
    "Registration",
    "RestingAddress",
    "Session",
    "SessionPlace",
    "SessionSpeaker",
    "SessionStatus",
    "SessionType",
    "SharedAgenda",
    "SignUpAnswer",
    "SignUpQuestion",
    "Speaker",
    "SpeakerRole",
    "TeamMember",
    "TeamRole",
    "Track",
    "User",
    "Visibility",
    "WaitingListEntry",
]
