from events.models.also_starred import AlsoStarred, CountedStars
from events.models.event import (
    TEMPLATE_IS_DRAFT,
    AttendanceMode,
    Event,
    EventStatus,
    Track,
    Visibility,
)
from events.models.feedback import SessionFeedback
from events.models.feeds import PersonalFeed, SharedAgenda
from events.models.history import (
    ChangeSource,
    ObjectHistory,
    ObjectVersion,
    TrashedObject,
    TrashedRows,
    VersionKind,
)
from events.models.import_run import ImportRun, ImportState
from events.models.incoming import (
    IncomingFile,
    IncomingKind,
    IncomingState,
    LookEvery,
    RememberedColumns,
    ScheduleSource,
)
from events.models.invitation import Invitation, InvitationState
from events.models.messages import AudienceMessage, MessageLevel
from events.models.news import NewsPreferences
from events.models.outbox import MailState, OutgoingMail, RestingAddress
from events.models.pages import Audience, InfoBlock, Partner, SessionMaterial, SpeakerLink
from events.models.people import Bookmark, Registration, TeamMember, TeamRole, User
from events.models.places import (
    RegistrationRequest,
    RequestState,
    SessionPlace,
    WaitingListEntry,
)
from events.models.planner import (
    ConflictLevel,
    EventRoom,
    PlannerRules,
    PlannerStep,
    RoomHours,
    SpeakerHours,
)
from events.models.profile import ProfilePicture
from events.models.programme import (
    AnnouncedSession,
    ChangeOf,
    EventNotice,
    ProgrammeChange,
    ProgrammeVersion,
    Release,
    UnreleasedChange,
)
from events.models.push import PushSubscription
from events.models.series import EventSeries
from events.models.session import (
    Session,
    SessionPreset,
    SessionSpeaker,
    SessionStatus,
    SessionType,
    Speaker,
    SpeakerRole,
)
from events.models.signup import QuestionKind, SignUpAnswer, SignUpQuestion
from events.models.stage import (
    ProposalState,
    SpeakerAlias,
    SpeakerAvailability,
    SpeakerProposal,
    StageCalendar,
    StageField,
    StageRules,
    StageScope,
)
from events.models.translation import (
    ContentTranslation,
    EventTranslation,
    SessionTranslation,
    TrackTranslation,
)
from events.models.widget import AgendaWidget, FramedBy

__all__ = [
    "TEMPLATE_IS_DRAFT",
    "AgendaWidget",
    "AlsoStarred",
    "AnnouncedSession",
    "AttendanceMode",
    "Audience",
    "AudienceMessage",
    "Bookmark",
    "ChangeOf",
    "ChangeSource",
    "ConflictLevel",
    "ContentTranslation",
    "CountedStars",
    "Event",
    "EventNotice",
    "EventRoom",
    "EventSeries",
    "EventStatus",
    "EventTranslation",
    "FramedBy",
    "ImportRun",
    "ImportState",
    "IncomingFile",
    "IncomingKind",
    "IncomingState",
    "InfoBlock",
    "Invitation",
    "InvitationState",
    "LookEvery",
    "MailState",
    "MessageLevel",
    "NewsPreferences",
    "ObjectHistory",
    "ObjectVersion",
    "OutgoingMail",
    "Partner",
    "PersonalFeed",
    "PlannerRules",
    "PlannerStep",
    "ProfilePicture",
    "ProgrammeChange",
    "ProgrammeVersion",
    "ProposalState",
    "PushSubscription",
    "QuestionKind",
    "Registration",
    "RegistrationRequest",
    "Release",
    "RememberedColumns",
    "RequestState",
    "RestingAddress",
    "RoomHours",
    "ScheduleSource",
    "Session",
    "SessionFeedback",
    "SessionMaterial",
    "SessionPlace",
    "SessionPreset",
    "SessionSpeaker",
    "SessionStatus",
    "SessionTranslation",
    "SessionType",
    "SharedAgenda",
    "SignUpAnswer",
    "SignUpQuestion",
    "Speaker",
    "SpeakerAlias",
    "SpeakerAvailability",
    "SpeakerHours",
    "SpeakerLink",
    "SpeakerProposal",
    "SpeakerRole",
    "StageCalendar",
    "StageField",
    "StageRules",
    "StageScope",
    "TeamMember",
    "TeamRole",
    "Track",
    "TrackTranslation",
    "TrashedObject",
    "TrashedRows",
    "UnreleasedChange",
    "User",
    "VersionKind",
    "Visibility",
    "WaitingListEntry",
]
