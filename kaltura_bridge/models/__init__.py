"""What the portal remembers of Kaltura, a file for each story."""

from kaltura_bridge.models.delivery import (
    Chat,
    Classification,
    Delivery,
    EventDelivery,
    PlayerChoice,
    RecordingMode,
    RoomForm,
    RoomSharing,
    SecondDevice,
    SessionDelivery,
)
from kaltura_bridge.models.error_kinds import ErrorClass, ErrorKind
from kaltura_bridge.models.recording import (
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RecordingChangeState,
    RecordingLook,
    RecordingOrigin,
    RecordingStatus,
)
from kaltura_bridge.models.runs import (
    Checkup,
    LookupVerdict,
    Notification,
    OrphanScan,
    PlanRun,
    RelinkLookup,
)
from kaltura_bridge.models.sync import (
    Account,
    RemoteLink,
    SyncAttempt,
    SyncState,
    SyncTarget,
    TargetKind,
)
from kaltura_bridge.models.ticket import LaunchTicket
from kaltura_bridge.models.vendor import VendorJob, VendorStep

__all__ = [
    "Account",
    "Chat",
    "Checkup",
    "Classification",
    "Delivery",
    "ErrorClass",
    "ErrorKind",
    "EventDelivery",
    "LaunchTicket",
    "LookupVerdict",
    "Notification",
    "OrphanScan",
    "PlanRun",
    "PlayerChoice",
    "Recording",
    "RecordingChange",
    "RecordingChangeKind",
    "RecordingChangeState",
    "RecordingLook",
    "RecordingMode",
    "RecordingOrigin",
    "RecordingStatus",
    "RelinkLookup",
    "RemoteLink",
    "RoomForm",
    "RoomSharing",
    "SecondDevice",
    "SessionDelivery",
    "SyncAttempt",
    "SyncState",
    "SyncTarget",
    "TargetKind",
    "VendorJob",
    "VendorStep",
]
