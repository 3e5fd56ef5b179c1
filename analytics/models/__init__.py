from analytics.models.attendance import CountedAs, EventReport, SessionAttendance
from analytics.models.audience import BroadcastReport
from analytics.models.credits import (
    AppealState,
    Certificate,
    CertificateChanged,
    CreditAppeal,
    CreditOverride,
    CreditRule,
)
from analytics.models.decisions import MarkedTester, PersonLink, RunDecision
from analytics.models.erasure import (
    ErasureReceipt,
    KalturaErasure,
    KnownSignIn,
    RecordingConsent,
    StageStandIn,
    WithheldIdentity,
)
from analytics.models.figures import StoredEventFigures, StoredFigures
from analytics.models.files import (
    AttendanceFile,
    ColumnPreset,
    FileDownload,
    FileForm,
    FileSchedule,
    FileState,
    Repetition,
    ScheduleState,
)
from analytics.models.presence import PresenceSetting, enough_percent
from analytics.models.privacy import EventPrivacy, PrivacyChange, PrivacyMode, RetentionAction
from analytics.models.pulls import Coverage, PullRun, RejectedRow, SessionPull, Trigger
from analytics.models.raw import MatchedBy, RoomRun, RunRule, Source, Stay, ViewerTotal

__all__ = [
    "AppealState",
    "AttendanceFile",
    "BroadcastReport",
    "Certificate",
    "CertificateChanged",
    "ColumnPreset",
    "CountedAs",
    "Coverage",
    "CreditAppeal",
    "CreditOverride",
    "CreditRule",
    "ErasureReceipt",
    "EventPrivacy",
    "EventReport",
    "FileDownload",
    "FileForm",
    "FileSchedule",
    "FileState",
    "KalturaErasure",
    "KnownSignIn",
    "MarkedTester",
    "MatchedBy",
    "PersonLink",
    "PresenceSetting",
    "PrivacyChange",
    "PrivacyMode",
    "PullRun",
    "RecordingConsent",
    "RejectedRow",
    "Repetition",
    "RetentionAction",
    "RoomRun",
    "RunDecision",
    "RunRule",
    "ScheduleState",
    "SessionAttendance",
    "SessionPull",
    "Source",
    "StageStandIn",
    "Stay",
    "StoredEventFigures",
    "StoredFigures",
    "Trigger",
    "ViewerTotal",
    "WithheldIdentity",
    "enough_percent",
]
