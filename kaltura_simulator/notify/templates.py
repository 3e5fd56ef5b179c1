"""Notification templates: what to watch and whom to notify. Accounts copy Kaltura's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.notify import events, expressions
from kaltura_simulator.notify.events import NotificationEvent
from kaltura_simulator.state.store import Data, Store

logger = logging.getLogger(__name__)
KIND = "notification_template"
DISABLED, ACTIVE, DELETED = 1, 2, 3
HTTP, HTTP_CLASS = "httpNotification.Http", "KalturaHttpNotificationTemplate"
_SCHEDULE, _METADATA = (events.OBJECT_TYPES[kind][0] for kind in ("schedule_event", "metadata"))
#: Kaltura's own: name, system name, event, object.
_DEFAULTS = (
    ("Entry added", "HTTP_ENTRY_ADDED", events.ADDED, events.ENTRY),
    ("Entry changed", "HTTP_ENTRY_CHANGED", events.CHANGED, events.ENTRY),
    ("Entry deleted", "HTTP_ENTRY_DELETED", events.DELETED, events.ENTRY),
    ("Live stream changed", "HTTP_LIVE_STREAM_CHANGED", events.CHANGED, events.LIVE_STREAM),
    ("Category added", "HTTP_CATEGORY_ADDED", events.ADDED, "2"),
    ("Category changed", "HTTP_CATEGORY_CHANGED", events.CHANGED, "2"),
    ("User added to category", "HTTP_CATEGORY_USER_ADDED", events.ADDED, "12"),
    ("Metadata changed", "HTTP_METADATA_CHANGED", events.CHANGED, _METADATA),
    ("Schedule event added", "HTTP_SCHEDULE_EVENT_ADDED", events.ADDED, _SCHEDULE),
    ("Schedule event changed", "HTTP_SCHEDULE_EVENT_CHANGED", events.CHANGED, _SCHEDULE),
    ("Vendor task changed", "HTTP_VENDOR_TASK_CHANGED", events.CHANGED, "42"),
)
_FIRST_DEFAULT_ID = 2001


def default_templates() -> list[Data]:
    """Kaltura's own templates, which every account may copy."""
    return [
        {
            "objectType": HTTP_CLASS,
            "id": _FIRST_DEFAULT_ID + number,
            "partnerId": 0,
            "name": name,
            "systemName": system_name,
            "description": "",
            "type": HTTP,
            "status": DISABLED,
            "createdAt": 1_500_000_000,
            "updatedAt": 1_500_000_000,
            "manualDispatchEnabled": True,
            "automaticDispatchEnabled": True,
            "eventType": event,
            "eventObjectType": object_type,
            "method": 2,
        }
        for number, (name, system_name, event, object_type) in enumerate(_DEFAULTS)
    ]


def find(call: Call, key: int, or_default: bool = False) -> Data:
    """A template of this account, or one of Kaltura's."""
    found = call.get(KIND, key)
    if found is None and or_default:
        found = next((row for row in default_templates() if row["id"] == key), None)
    if found is None or found["status"] == DELETED:
        raise ApiError("EVENT_NOTIFICATION_TEMPLATE_NOT_FOUND", ID=key)
    return found


def of_account(call: Call) -> list[Data]:
    """The account's templates."""
    return [row for row in call.all(KIND) if row["status"] != DELETED]


def refuse_duplicate(call: Call, row: Data) -> None:
    """Refuse a system name that another template of the account has."""
    name = row.get("systemName")
    others = (t for t in of_account(call) if name and t.get("systemName") == name)
    if any(other["id"] != row.get("id") for other in others):
        raise ApiError("EVENT_NOTIFICATION_TEMPLATE_DUPLICATE_SYSTEM_NAME", NAME=name)


def triggered_by(store: Store, event: NotificationEvent) -> Iterator[Data]:
    """The account's templates that an event triggers."""
    for row in store.all(event.partner, KIND):
        if _watches(row, event) and all(_holds(c, event) for c in row.get("eventConditions") or []):
            yield row


def _watches(row: Data, event: NotificationEvent) -> bool:
    return (
        row["status"] == ACTIVE
        and bool(row.get("automaticDispatchEnabled"))
        and row["objectType"] == HTTP_CLASS
        and str(row.get("eventType")) == event.type
        and str(row.get("eventObjectType")) in event.object_types
    )


def _holds(condition: Data, event: NotificationEvent) -> bool:
    """Whether a condition holds; an unsupported one never does, and is logged."""
    kind, negated = condition["objectType"], bool(condition.get("not"))
    if kind == "KalturaEventObjectChangedCondition":
        return _column_changed(condition, event) != negated
    code = str((condition.get("field") or {}).get("code") or "")
    if kind == "KalturaEventFieldCondition" and code:
        try:
            return expressions.truth(code, event) != negated
        except expressions.UnsupportedExpression as problem:
            logger.warning(
                "The simulator does not support this condition of a notification: %s", problem
            )
            return False
    logger.warning("The simulator does not support this condition of a notification: %s", kind)
    return False


def _column_changed(condition: Data, event: NotificationEvent) -> bool:
    """Whether one of the named columns changed: ``entry.NAME`` is ``name``."""
    wanted = str(condition.get("modifiedColumns") or "").split(",")
    names = {_bare(column.rpartition(".")[2]) for column in wanted if column.strip()}
    return bool(names & {_bare(name) for name in event.changed})


def _bare(name: str) -> str:
    return name.strip().replace("_", "").lower()
