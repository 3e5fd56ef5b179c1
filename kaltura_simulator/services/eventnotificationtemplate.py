"""eventNotification_eventNotificationTemplate: whom to notify when something changes.

Kaltura's: plugins/event_notification/services/EventNotificationTemplateService.php
"""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.notify import events, queue, templates
from kaltura_simulator.notify.events import NotificationEvent
from kaltura_simulator.state.store import Data

SERVICE = "eventnotification_eventnotificationtemplate"
RESPONSE = "KalturaEventNotificationTemplateListResponse"
_TYPES = {
    templates.HTTP_CLASS: templates.HTTP,
    "KalturaEmailNotificationTemplate": "emailNotification.Email",
    "KalturaBooleanNotificationTemplate": "booleanNotification.Boolean",
    "KalturaPushNotificationTemplate": "pushNotification.Push",
}


@action(f"{SERVICE}.add")
def add(call: Call, eventNotificationTemplate: SentObject) -> Data:
    """Add a template; only accounts with the feature may, others copy Kaltura's."""
    features.require_permission(call, features.NOTIFICATION_TEMPLATES)
    sent = eventNotificationTemplate
    sent.refuse_read_only()
    sent.require("name", "eventType", "eventObjectType")
    own = {"status": templates.ACTIVE, "type": _TYPES.get(sent.object_type, templates.HTTP)}
    return _new(call, {"objectType": sent.object_type} | own | sent.values)


@action(f"{SERVICE}.clone")
def clone(call: Call, id: int, eventNotificationTemplate: SentObject | None) -> Data:
    """Copy a template, with changes; it is inactive until ``updateStatus``."""
    source = templates.find(call, id, or_default=True)
    sent = eventNotificationTemplate
    if sent is not None and sent.object_type != source["objectType"]:
        raise ApiError("EVENT_NOTIFICATION_WRONG_TYPE", ID=id, TYPE=source["type"])
    changes = {} if sent is None else sent.values
    return _new(call, source | changes | {"objectType": source["objectType"]})


def _new(call: Call, wanted: Data) -> Data:
    now = call.clock.now()
    row: Data = {"automaticDispatchEnabled": False, "manualDispatchEnabled": False}
    row |= {name: value for name, value in wanted.items() if value is not None and name != "id"}
    row |= {"partnerId": call.partner, "createdAt": now, "updatedAt": now}
    templates.refuse_duplicate(call, row)
    row["id"] = call.store.next_id(templates.KIND)
    return call.put(templates.KIND, row["id"], row)


@action(f"{SERVICE}.get")
def get(call: Call, id: int) -> Data:
    """One template of this account."""
    return templates.find(call, id)


@action(f"{SERVICE}.update")
def update(call: Call, id: int, eventNotificationTemplate: SentObject) -> Data:
    """Change a template."""
    stored = templates.find(call, id)
    eventNotificationTemplate.refuse_read_only_changes(stored)
    templates.refuse_duplicate(call, stored | eventNotificationTemplate.values)
    return _write(call, id, **eventNotificationTemplate.values)


@action(f"{SERVICE}.updateStatus")
def update_status(call: Call, id: int, status: int) -> Data:
    """Activate or disable a template."""
    stored = templates.find(call, id)
    if status == templates.ACTIVE:
        templates.refuse_duplicate(call, stored)
    return _write(call, id, status=status)


@action(f"{SERVICE}.delete")
def delete(call: Call, id: int) -> None:
    """Delete a template."""
    templates.find(call, id)
    _write(call, id, status=templates.DELETED)


def _write(call: Call, key: int, **changes: object) -> Data:
    return call.change(templates.KIND, key, **changes | {"updatedAt": call.clock.now()})


@action(f"{SERVICE}.list")
def list_templates_of_account(
    call: Call, filter: SentObject | None, pager: SentObject | None
) -> Data:
    """The account's templates."""
    return _listing(templates.of_account(call), filter, pager)


@action(f"{SERVICE}.listTemplates")
def list_templates(call: Call, filter: SentObject | None, pager: SentObject | None) -> Data:
    """Kaltura's own templates, to copy."""
    return _listing(templates.default_templates(), filter, pager)


def _listing(rows: list[Data], sent_filter: SentObject | None, pager: SentObject | None) -> Data:
    found = lists.sorted_by(
        lists.filtered(lists.of_filter_class(rows, sent_filter), sent_filter), sent_filter
    )
    return lists.list_response(RESPONSE, lists.page_of(found, pager, indexed=False), len(found))


@action(f"{SERVICE}.dispatch")
def dispatch(call: Call, id: int, scope: SentObject) -> int:
    """Send a notification about one object now."""
    template = templates.find(call, id)
    if not template.get("manualDispatchEnabled"):
        raise ApiError("EVENT_NOTIFICATION_DISPATCH_DISABLED", ID=id)
    changed = _object(call, scope, template)
    if changed is None or template["objectType"] != templates.HTTP_CLASS:
        raise ApiError("EVENT_NOTIFICATION_DISPATCH_FAILED", ID=id)
    event = NotificationEvent(call.partner, str(template.get("eventType")), (), changed, changed)
    return queue.enqueue(call.world, template, event)


def _object(call: Call, scope: SentObject, template: Data) -> Data | None:
    """The object of a scope, of the type in the scope or in the template."""
    wanted = str(scope.get("scopeObjectType") or template.get("eventObjectType"))
    wanted = events.ENTRY if wanted == events.LIVE_STREAM else wanted
    for kind, names in events.OBJECT_TYPES.items():
        if wanted in names:
            return call.get(kind, str(scope.get("objectId", "")))
    return None
