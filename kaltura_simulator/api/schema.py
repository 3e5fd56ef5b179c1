"""Kaltura's classes, enumerations and services, as its client knows them.

The table is ``schema.json`` (see ``build_schema``). What the client does not say,
which classes are abstract, is here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

_TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text("utf-8"))
_CLASSES: dict[str, Any] = _TABLE["classes"]
_ENUMS: dict[str, list[Any]] = _TABLE["enums"]

#: The client is generated without PHP's ``abstract``; these cannot be sent to an action.
ABSTRACT = frozenset(
    {
        "KalturaScheduleEvent",
        "KalturaEntryScheduleEvent",
        "KalturaBaseLiveScheduleEvent",
        "KalturaScheduleResource",
        "KalturaLiveEntry",
        "KalturaCuePoint",
        "KalturaResource",
        "KalturaOperationAttributes",
        "KalturaLiveFeature",
    }
)
REPORT_ACTIONS = ("getTable", "getTotal", "getGraphs", "getBaseTotal", "getUrlForReportAsCsv")
#: Enumerations of parameters, which the client does not tell; only those that matter.
PARAMETER_ENUMS = {
    ("session", "start", "type"): "KalturaSessionType",
    ("session", "impersonate", "type"): "KalturaSessionType",
    ("session", "impersonateByKs", "type"): "KalturaSessionType",
    ("apptoken", "startSession", "type"): "KalturaSessionType",
    ("category", "delete", "moveEntriesToParentCategory"): "KalturaNullableBoolean",
    ("conversionprofile", "getDefault", "type"): "KalturaConversionProfileType",
    ("livestream", "add", "sourceType"): "KalturaSourceType",
    ("metadata_metadata", "add", "objectType"): "KalturaMetadataObjectType",
    ("metadata_metadata", "addFromFile", "objectType"): "KalturaMetadataObjectType",
    ("eventnotification_eventnotificationtemplate", "updateStatus", "status"): (
        "KalturaEventNotificationTemplateStatus"
    ),
    ("reach_reachprofile", "updateStatus", "status"): "KalturaReachProfileStatus",
    **{("report", name, "reportType"): "KalturaReportType" for name in REPORT_ACTIONS},
}
READ_ONLY, INSERT_ONLY = "r", "i"


class Property(NamedTuple):
    """One property of a class; ``flag`` is READ_ONLY, INSERT_ONLY or empty."""

    name: str
    type: str
    flag: str


class Parameter(NamedTuple):
    """One parameter of an action."""

    name: str
    type: str
    required: bool
    default: Any


@dataclass(frozen=True)
class ActionSchema:
    """One action: its service on the wire, its name in camel case, parameters and result."""

    service: str
    name: str
    parameters: tuple[Parameter, ...]
    returns: str

    @property
    def label(self) -> str:
        """``service->action`` as Kaltura writes it in errors."""
        return f"{service_label(self.service)}->{self.name}"


def is_class(name: str) -> bool:
    """Whether Kaltura has a class of this name."""
    return name in _CLASSES


def enum_values(name: str) -> list[Any] | None:
    """The values of an enumeration, None when there is no such enumeration."""
    return _ENUMS.get(name)


@lru_cache(maxsize=4096)
def is_a(name: str, base: str) -> bool:
    """Whether class ``name`` is ``base`` or below it."""
    while name:
        if name == base:
            return True
        name = _CLASSES.get(name, {"base": ""})["base"]
    return False


def lineage(name: str) -> list[str]:
    """A class and its ancestors, nearest first."""
    found = []
    while name:
        found.append(name)
        name = _CLASSES.get(name, {"base": ""})["base"]
    return found


def listed_by(filter_kind: str) -> list[str]:
    """The services whose ``list`` takes filters of exactly this class."""
    return [
        wire
        for wire, described in _TABLE["services"].items()
        for entry in described["actions"].get("list", {"params": []})["params"]
        if entry[:2] == ["filter", filter_kind]
    ]


@lru_cache(maxsize=4096)
def properties(name: str) -> dict[str, Property]:
    """The properties of a class, its ancestors' first."""
    described = _CLASSES.get(name)
    if described is None:
        return {}
    found = dict(properties(described["base"])) if described["base"] else {}
    own = described["props"].items()
    return found | {prop: Property(prop, kind, flag) for prop, (kind, flag) in own}


@lru_cache(maxsize=1024)
def service_label(wire: str) -> str:
    """The service as errors name it: core in camel case, plugins as on the wire."""
    if "_" in wire:
        return wire
    name: str = _TABLE["services"][wire]["name"]
    return name[0].lower() + name[1:]


def has_service(wire: str) -> bool:
    """Whether the lower-case ``wire`` is a service."""
    return wire in _TABLE["services"]


@lru_cache(maxsize=4096)
def action(wire: str, name: str) -> ActionSchema | None:
    """An action by its service on the wire and its name in any case."""
    actions = _TABLE["services"].get(wire, {"actions": {}})["actions"]
    for camel, described in actions.items():
        if camel.lower() == name.lower():
            entries = described["params"]
            parameters = tuple(_parameter(entry, wire, camel) for entry in entries)
            return ActionSchema(wire, camel, parameters, described["returns"])
    return None


def _parameter(entry: list[Any], wire: str, action_name: str) -> Parameter:
    name, kind, *default = entry
    kind = PARAMETER_ENUMS.get((wire, action_name, name), kind)
    return Parameter(name, kind, not default, default[0] if default else None)
