"""Templates: what to watch, whom to tell. Kaltura's own are there to be copied."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.notify import events, expressions
from kaltura_simulator.notify.events import Event
from kaltura_simulator.state.store import Data, Store

logger = logging.getLogger(__name__)
KIND = "notification_template"
DISABLED, ACTIVE, DELETED = 1, 2, 3
HTTP, HTTP_CLASS = "httpNotification.Http", "KalturaHttpNotificationTemplate"
_SCHEDULE, _METADATA = (events.OBJECT_TYPES[kind][0] for kind in ("schedule_event", "metadata"))
#: Kaltura's own: name, system name, event, object.
_OFFERED = (
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
_FIRST_OFFERED_ID = 2001


def offered() -> list[Data]:
    """Kaltura's own templates, as every account may copy them."""
    return [
        {
            "objectType": HTTP_CLASS,
            "id": _FIRST_OFFERED_ID + number,
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
            "eventObjectType": thing,
            "method": 2,
        }
        for number, (name, system_name, event, thing) in enumerate(_OFFERED)
    ]


def find(call: Call, key: int, also_offered: bool = False) -> Data:
    """A template of this account, or one of Kaltura's."""
    found = call.get(KIND, key)
    if found is None and also_offered:
        found = next((row for row in offered() if row["id"] == key), None)
    if found is None or found["status"] == DELETED:
        raise ApiError("EVENT_NOTIFICATION_TEMPLATE_NOT_FOUND", ID=key)
    return found


def of_account(call: Call) -> list[Data]:
    """The account's templates."""
    return [row for row in call.all(KIND) if row["status"] != DELETED]


def refuse_twin(call: Call, row: Data) -> None:
    """A system name is an account's own."""
    name = row.get("systemName")
    twins = (t for t in of_account(call) if name and t.get("systemName") == name)
    if any(twin["id"] != row.get("id") for twin in twins):
        raise ApiError("EVENT_NOTIFICATION_TEMPLATE_DUPLICATE_SYSTEM_NAME", NAME=name)


def fired(store: Store, event: Event) -> Iterator[Data]:
    """The account's templates that this event sets off."""
    for row in store.all(event.partner, KIND):
        if _watches(row, event) and all(_met(c, event) for c in row.get("eventConditions") or []):
            yield row


def _watches(row: Data, event: Event) -> bool:
    return (
        row["status"] == ACTIVE
        and bool(row.get("automaticDispatchEnabled"))
        and row["objectType"] == HTTP_CLASS
        and str(row.get("eventType")) == event.type
        and str(row.get("eventObjectType")) in event.object_types
    )


def _met(condition: Data, event: Event) -> bool:
    """Whether one condition holds; one that cannot be read here never does, and is logged."""
    kind, negated = condition["objectType"], bool(condition.get("not"))
    if kind == "KalturaEventObjectChangedCondition":
        return _touches(condition, event) != negated
    code = str((condition.get("field") or {}).get("code") or "")
    if kind == "KalturaEventFieldCondition" and code:
        try:
            return expressions.truth(code, event) != negated
        except expressions.NotUnderstood as problem:
            logger.warning("A notification's condition is beyond this simulator: %s", problem)
            return False
    logger.warning("A notification's condition is beyond this simulator: %s", kind)
    return False


def _touches(condition: Data, event: Event) -> bool:
    """Whether one of the named columns changed: ``entry.NAME`` is ``name``."""
    wanted = str(condition.get("modifiedColumns") or "").split(",")
    names = {_bare(column.rpartition(".")[2]) for column in wanted if column.strip()}
    return bool(names & {_bare(name) for name in event.changed})


def _bare(name: str) -> str:
    return name.strip().replace("_", "").lower()
