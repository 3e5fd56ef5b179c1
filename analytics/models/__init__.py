from analytics.models.attendance import EventReport, SessionAttendance
from analytics.models.pulls import Coverage, PullRun, RejectedRow, Trigger
from analytics.models.raw import MatchedBy, RoomRun, Source, Stay, ViewerTotal

__all__ = [
    "Coverage",
    "EventReport",
    "MatchedBy",
    "PullRun",
    "RejectedRow",
    "RoomRun",
    "SessionAttendance",
    "Source",
    "Stay",
    "Trigger",
    "ViewerTotal",
]
