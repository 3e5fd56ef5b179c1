from events.models.also_starred import AlsoStarred, CountedStars
from events.models.event import AttendanceMode, Event, EventStatus, Track, Visibility
from events.models.feedback import SessionFeedback
from events.models.feeds import PersonalFeed, SharedAgenda
from events.models.import_run import ImportRun, ImportState
from events.models.invitation import Invitation, InvitationState
from events.models.news import NewsPreferences
from events.models.outbox import MailState, OutgoingMail, RestingAddress
from events.models.pages import Audience, InfoBlock, Partner, SessionMaterial, SpeakerLink
from events.models.people import Bookmark, Registration, TeamMember, TeamRole, User
from events.models.places import SessionPlace, WaitingListEntry
from events.models.planner import (
    ConflictLevel,
    EventRoom,
    PlannerRules,
    PlannerStep,
    RoomHours,
    SpeakerHours,
)
from events.models.profile import ProfilePicture
from events.models.programme import AnnouncedSession, EventNotice, ProgrammeChange, ProgrammeVersion
from events.models.push import PushSubscription
from events.models.session import (
    Session,
    SessionSpeaker,
    SessionStatus,
    SessionType,
    Speaker,
    SpeakerRole,
)
from events.models.signup import QuestionKind, SignUpAnswer, SignUpQuestion
from events.models.translation import (
    ContentTranslation,
    EventTranslation,
    SessionTranslation,
    TrackTranslation,
)
from events.models.widget import AgendaWidget, FramedBy

__all__ = [
    "AgendaWidget",
    "AlsoStarred",
    "AnnouncedSession",
    "AttendanceMode",
    "Audience",
    "Bookmark",
    "ConflictLevel",
    "ContentTranslation",
    "CountedStars",
    "Event",
    "EventNotice",
    "EventRoom",
    "EventStatus",
    "EventTranslation",
    "FramedBy",
    "ImportRun",
    "ImportState",
    "InfoBlock",
    "Invitation",
    "InvitationState",
    "MailState",
    "NewsPreferences",
    "OutgoingMail",
    "Partner",
    "PersonalFeed",
    "PlannerRules",
    "PlannerStep",
    "ProfilePicture",
    "ProgrammeChange",
    "ProgrammeVersion",
    "PushSubscription",
    "QuestionKind",
    "Registration",
    "RestingAddress",
    "RoomHours",
    "Session",
    "SessionFeedback",
    "SessionMaterial",
    "SessionPlace",
    "SessionSpeaker",
    "SessionStatus",
    "SessionTranslation",
    "SessionType",
    "SharedAgenda",
    "SignUpAnswer",
    "SignUpQuestion",
    "Speaker",
    "SpeakerHours",
    "SpeakerLink",
    "SpeakerRole",
    "TeamMember",
    "TeamRole",
    "Track",
    "TrackTranslation",
    "User",
    "Visibility",
    "WaitingListEntry",
]
