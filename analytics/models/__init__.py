from analytics.models.attendance import EventReport, SessionAttendance
from analytics.models.decisions import MarkedTester, PersonLink, RunDecision
from analytics.models.presence import PresenceConsent, PresenceSetting
from analytics.models.pulls import Coverage, PullRun, RejectedRow, SessionPull, Trigger
from analytics.models.raw import MatchedBy, RoomRun, RunRule, Source, Stay, ViewerTotal

__all__ = [
    "Coverage",
    "EventReport",
    "MarkedTester",
    "MatchedBy",
    "PersonLink",
    "PresenceConsent",
    "PresenceSetting",
    "PullRun",
    "RejectedRow",
    "RoomRun",
    "RunDecision",
    "RunRule",
    "SessionAttendance",
    "SessionPull",
    "Source",
    "Stay",
    "Trigger",
    "ViewerTotal",
]
