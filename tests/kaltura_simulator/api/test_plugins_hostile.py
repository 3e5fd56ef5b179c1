"""Whatever is sent to the plugins' services, they answer without an internal error."""

from __future__ import annotations

import random
from typing import Any

import pytest

from kaltura_simulator import constants
from kaltura_simulator.api import schema
from tests.kaltura_simulator.support.clients import USER, call, ks_of

SERVICES = (
    "reach_entryvendortask",
    "reach_reachprofile",
    "reach_vendorcatalogitem",
    "caption_captionasset",
    "attachment_attachmentasset",
    "eventnotification_eventnotificationtemplate",
    "virtualevent_virtualevent",
    "report",
)
VIDEO = constants.READY_VIDEOS[0][0]
ODD: tuple[Any, ...] = (
    *(None, "", 0, -1, 1, 2, 99, 1.5, True, "x", "9" * 40, "\u20ac", [], {}, [1, 2]),
    *({"-": ""}, {"a": {"b": 1}}, VIDEO, constants.REACH_PROFILE, constants.REACH_MACHINE_CAPTIONS),
)
ROUNDS = 60
NAMES = {
    service: [name for name in schema._TABLE["services"][service]["actions"] if "erve" not in name]
    for service in SERVICES
}
BELOW: dict[str, list[str]] = {}
for _name, _described in schema._CLASSES.items():
    BELOW.setdefault(_described["base"], []).append(_name)


class Chance:
    """Random values of a type, valid and invalid, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def value(self, kind: str, depth: int = 0) -> Any:
        """A value of ``kind``, or an odd one."""
        if schema.is_class(kind) and depth < 3 and self.random.random() < 0.8:
            return self.some_object(self.random.choice([kind, *BELOW.get(kind, [])]), depth)
        if kind.startswith("[") and self.random.random() < 0.7:
            return [self.value(kind.strip("[]"), depth + 1)]
        values = schema.enum_values(kind)
        if values and self.random.random() < 0.7:
            return self.random.choice(values)
        return self.random.choice(ODD)

    def some_object(self, kind: str, depth: int) -> dict[str, Any]:
        """An object of a class with some of its properties."""
        found: dict[str, Any] = {"objectType": kind}
        for prop in schema.properties(kind).values():
            if self.random.random() < 0.4:
                found[prop.name] = self.value(prop.type, depth + 1)
            elif self.random.random() < 0.05:
                found[f"{prop.name}__null"] = ""
        return found

    def call(self) -> tuple[str, dict[str, Any]]:
        """An action and its parameters."""
        service = self.random.choice(SERVICES)
        name = self.random.choice(NAMES[service])
        action = schema.action(service, name)
        assert action is not None
        wanted = [p for p in action.parameters if self.random.random() < 0.9]
        return f"{service}.{name}", {p.name: self.value(p.type) for p in wanted}


@pytest.mark.parametrize("seed", range(8))
def test_plugins_never_trip(kaltura, seed):
    kaltura.set_features(virtualEvents=True, notificationTemplates=True, reachVendor=seed % 2 == 0)
    sessions = [ks_of(kaltura), ks_of(kaltura, USER, "viewer")]
    chance = Chance(seed)

    for _ in range(ROUNDS):
        action, params = chance.call()
        answer = call(kaltura, action, ks=chance.random.choice(sessions), **params)
        failed = isinstance(answer, dict) and answer.get("code") == "INTERNAL_SERVERL_ERROR"
        assert not failed, (action, params)


@pytest.mark.parametrize("seed", range(3))
def test_orders_and_edits_go_on_after_all_that(kaltura, seed):
    """What such calls have written does not break anything for other callers."""
    kaltura.set_features(notificationTemplates=True)
    ks, chance = ks_of(kaltura), Chance(100 + seed)
    for _ in range(ROUNDS):
        for service, verb, name, kind in (
            ("reach_reachprofile", "update", "reachProfile", "KalturaReachProfile"),
            (SERVICES[5], "add", "eventNotificationTemplate", "KalturaHttpNotificationTemplate"),
        ):
            params = {name: chance.some_object(kind, 0), "id": constants.REACH_PROFILE}
            call(kaltura, f"{service}.{verb}", ks=ks, **params)

    task = {"entryId": VIDEO, "catalogItemId": constants.REACH_MACHINE_CAPTIONS}
    ordered = call(kaltura, "reach_entryvendortask.add", ks=ks, entryVendorTask=task)
    edited = call(kaltura, "baseentry.update", ks=ks, entryId=VIDEO, baseEntry={"name": "Still"})

    assert ordered.get("code") in {None, "EXCEEDED_MAX_CREDIT_ALLOWED", "CREDIT_EXPIRED"}
    assert edited.get("name") == "Still"
