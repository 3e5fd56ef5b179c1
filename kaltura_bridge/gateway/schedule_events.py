from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kaltura_bridge.client import Request, new, wire
from kaltura_bridge.gateway.base import Wanted, fields_of, key_lists, list_each
from kaltura_bridge.resources import Resources
from kaltura_bridge.specs import Kind, Observed, Spec

FIELDS = ("summary", "startDate", "endDate", "templateEntryId")
TIMES = ("startDate", "endDate")


class ScheduleEventDesk:
    kind = Kind.SCHEDULE_EVENT

    def lookups(self, wanted: Wanted, resources: Resources) -> list[Request]:
        filters = [
            new("KalturaScheduleEventFilter", referenceIdIn=keys)
            for keys in key_lists(wanted.keys.get(self.kind, set()))
        ]
        return list_each(lambda c: c.schedule.scheduleEvent, filters)

    def get(self, remote_id: str) -> Request | None:
        return Request(lambda c: c.schedule.scheduleEvent.get(remote_id))

    def read(self, raw: Any, wanted: Wanted, resources: Resources) -> Observed | None:
        remote_id = wire(raw.id)
        key = wanted.owner(self.kind, remote_id) or wire(raw.referenceId)
        fields = fields_of(raw, FIELDS)
        return Observed(self.kind, key, remote_id, fields, int(wire(raw.createdAt) or 0))

    def add(self, spec: Spec, values: Mapping[str, str], resources: Resources) -> Request:
        event = new(spec.variant, referenceId=spec.key, **values)
        return Request(lambda c: c.schedule.scheduleEvent.add(event), write=True)

    def added(self, spec: Spec, values: Mapping[str, str], raw: Any) -> str:
        return wire(raw.id)

    def update(
        self,
        spec: Spec,
        remote_id: str,
        changed: Mapping[str, str],
        values: Mapping[str, str],
        found: Observed | None,
        resources: Resources,
    ) -> Request:
        """Both times go together: a start past the stored end would be refused (facts 4.5)."""
        sent = dict(changed)
        if any(name in changed for name in TIMES):
            sent |= {name: values[name] for name in TIMES}
        event = new(spec.variant, **sent)
        return Request(lambda c: c.schedule.scheduleEvent.update(remote_id, event), write=True)

    def delete(self, remote_id: str) -> Request:
        return Request(lambda c: c.schedule.scheduleEvent.delete(remote_id), write=True)
