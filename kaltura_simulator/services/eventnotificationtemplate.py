"""eventNotification_eventNotificationTemplate: whom to tell when something changes."""

from __future__ import annotations

from kaltura_simulator.api import features, lists
from kaltura_simulator.api.call import Call, action
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import Given
from kaltura_simulator.notify import events, queue, templates
from kaltura_simulator.notify.events import Event
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
def add(call: Call, eventNotificationTemplate: Given) -> Data:
    """A template of one's own making: for few accounts, the others copy Kaltura's."""
    features.need_permission(call, features.NOTIFICATION_TEMPLATES)
    sent = eventNotificationTemplate
    sent.refuse_read_only()
    sent.need("name", "eventType", "eventObjectType")
    own = {"status": templates.ACTIVE, "type": _TYPES.get(sent.kind, templates.HTTP)}
    return _new(call, {"objectType": sent.kind} | own | sent.values)


@action(f"{SERVICE}.clone")
def clone(call: Call, id: int, eventNotificationTemplate: Given | None) -> Data:
    """A copy of a template with changes; it sends nothing before its status is set."""
    source = templates.find(call, id, also_offered=True)
    sent = eventNotificationTemplate
    if sent is not None and sent.kind != source["objectType"]:
        raise ApiError("EVENT_NOTIFICATION_WRONG_TYPE", ID=id, TYPE=source["type"])
    changes = {} if sent is None else sent.values
    return _new(call, source | changes | {"objectType": source["objectType"]})


def _new(call: Call, wanted: Data) -> Data:
    now = call.clock.now()
    row: Data = {"automaticDispatchEnabled": False, "manualDispatchEnabled": False}
    row |= {name: value for name, value in wanted.items() if value is not None and name != "id"}
    row |= {"partnerId": call.partner, "createdAt": now, "updatedAt": now}
    templates.refuse_twin(call, row)
    row["id"] = call.store.next_id(templates.KIND)
    return call.put(templates.KIND, row["id"], row)


@action(f"{SERVICE}.get")
def get(call: Call, id: int) -> Data:
    """One template of this account."""
    return templates.find(call, id)


@action(f"{SERVICE}.update")
def update(call: Call, id: int, eventNotificationTemplate: Given) -> Data:
    """Change a template."""
    stored = templates.find(call, id)
    eventNotificationTemplate.refuse_changed(stored)
    templates.refuse_twin(call, stored | eventNotificationTemplate.values)
    return _write(call, id, **eventNotificationTemplate.values)


@action(f"{SERVICE}.updateStatus")
def update_status(call: Call, id: int, status: int) -> Data:
    """Let a template send, or stop it."""
    stored = templates.find(call, id)
    if status == templates.ACTIVE:
        templates.refuse_twin(call, stored)
    return _write(call, id, status=status)


@action(f"{SERVICE}.delete")
def delete(call: Call, id: int) -> None:
    """Delete a template."""
    templates.find(call, id)
    _write(call, id, status=templates.DELETED)


def _write(call: Call, key: int, **changes: object) -> Data:
    return call.change(templates.KIND, key, **changes | {"updatedAt": call.clock.now()})


@action(f"{SERVICE}.list")
def list_templates_of_account(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """The account's templates."""
    return _listing(templates.of_account(call), filter, pager)


@action(f"{SERVICE}.listTemplates")
def list_templates(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Kaltura's own templates, to copy."""
    return _listing(templates.offered(), filter, pager)


def _listing(rows: list[Data], asked: Given | None, pager: Given | None) -> Data:
    found = lists.ordered(lists.chosen(lists.of_class(rows, asked), asked), asked)
    return lists.response(RESPONSE, lists.paged(found, pager, indexed=False), len(found))


@action(f"{SERVICE}.dispatch")
def dispatch(call: Call, id: int, scope: Given) -> int:
    """Send a notification now, about one object, whether it changed or not."""
    template = templates.find(call, id)
    if not template.get("manualDispatchEnabled"):
        raise ApiError("EVENT_NOTIFICATION_DISPATCH_DISABLED", ID=id)
    thing = _object(call, scope, template)
    if thing is None or template["objectType"] != templates.HTTP_CLASS:
        raise ApiError("EVENT_NOTIFICATION_DISPATCH_FAILED", ID=id)
    event = Event(call.partner, str(template.get("eventType")), (), thing, thing)
    return queue.enqueue(call.world, template, event)


def _object(call: Call, scope: Given, template: Data) -> Data | None:
    """The object that a scope names, of the type it or the template says."""
    wanted = str(scope.get("scopeObjectType") or template.get("eventObjectType"))
    wanted = events.ENTRY if wanted == events.LIVE_STREAM else wanted
    for kind, names in events.OBJECT_TYPES.items():
        if wanted in names:
            return call.get(kind, str(scope.get("objectId", "")))
    return None
