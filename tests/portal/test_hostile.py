"""Hostile values at every door of the portal: no answer is ever a 500.

``make test`` tries some hundreds, ``make proof`` 20,000 on each database. A case is one hostile
value at one field; a request carries several, for what one part of a form is spared another meets.
"""

from __future__ import annotations

import hashlib
import json
from itertools import count
from typing import Any, Final

import pytest
from django.core.cache import cache
from django.template.base import Template
from django.test import Client
from django.test.utils import _TestState
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from kaltura_simulator.testing import Simulator
from tests import suites
from tests.portal.support.hostile_doors import (
    COOKIES,
    Door,
    Way,
    addresses,
    doors_of,
    header_doors,
    path_doors,
    path_with,
    read,
    undone,
    with_value,
)
from tests.portal.support.hostile_values import JSON_VALUES, VALUES, query_of, quoted
from tests.portal.support.hostile_world import ATTENDEE, BOSS, MANAGER, STRANGER, HostileWorld

CASES: Final = 20_000
PARTS: Final = 5
# Values beside that at its door: none, for what one keeps from being looked at, or several.
BESIDE: Final = (0, 9, 16)
#: Cases of one part.
A_PART: Final = CASES // PARTS if suites.current != suites.TEST else 500
#: Requests after which Hypothesis begins anew.
A_ROUND: Final = min(50, A_PART // 4)
# Managers meet the forms that superusers do, with other choices.
MANAGED: Final = None if suites.current != suites.TEST else 5
FORM: Final = "application/x-www-form-urlencoded"
TOGETHER: Final = frozenset({Way.FORM, Way.QUERY})
SECRET: Final = "a-secret-of-the-account"
# What is away may be said with a 503; nothing else of ours may fail.
MAY_BE_AWAY: Final = {"/health/ready"}
#: Where what was saved is shown again.
SHOWN: Final = (
    *("/", "/e/conf/", "/e/conf/agenda/", "/e/conf/agenda.ics", "/e/conf/sessions/room/"),
    *("/e/conf/speakers/speaker/", "/e/conf/theme.css", "/e/conf/sessions/room.ics"),
    *("/admin/", "/admin/events/event/", "/admin/events/session/", "/admin/events/speaker/"),
    *("/admin/events/registration/", "/admin/events/user/", "/admin/analytics/eventreport/"),
    *("/admin/kaltura_bridge/synctarget/", "/admin/kaltura_bridge/synctarget/dashboard/"),
)


class Attack:
    """All doors, and what knocking at one of them is answered."""

    def __init__(self, world: HostileWorld) -> None:
        self.world = world
        self.clients = world.clients()
        arguments = world.arguments()
        paths = list(addresses(arguments))
        public = [path for path in paths if not path.startswith("/admin/")]
        reports = [path for path in paths if path.endswith((".csv", ".xlsx"))]
        self.shown = [*SHOWN, *reports]
        self.doors = [
            *self._found(BOSS, paths),
            *self._found(MANAGER, [p for p in paths if p.startswith("/admin/events/")][:MANAGED]),
            *self._found(ATTENDEE, public),
            *self._found(STRANGER, public),
            *path_doors(BOSS, arguments),
            *path_doors(STRANGER, arguments),
            *header_doors(BOSS, SHOWN),
            *header_doors(STRANGER, public),
        ]

    def _found(self, visitor: str, paths: list[str]) -> list[Door]:
        return doors_of(visitor, self.clients[visitor], paths)

    def knock(self, door: Door, value: str, more: dict[str, str], data: st.DataObject) -> None:
        client = self.clients[door.visitor]
        cache.clear()
        with undone(client):
            answer = self._answer(client, door, value, more)
            check(door.path, answer)
            if door.way is Way.FORM and answer.status_code == 302:
                self._look_around(client, door, data)

    def _answer(self, client: Client, door: Door, value: str, more: dict[str, str]) -> Any:
        pairs = with_value(door, {**more, door.field: value})
        match door.way:
            case Way.FORM:
                return client.generic("POST", door.path, query_of(pairs), FORM)
            case Way.QUERY:
                return client.generic("GET", f"{door.path}?{query_of(pairs)}")
            case Way.PATH:
                return client.generic("GET", path_with(door, quoted(value)))
            case Way.HEADER:
                text = value.encode("utf-8", "surrogatepass").decode("latin-1")
                if door.field in COOKIES:
                    client.cookies[door.field] = text
                    return client.get(door.path)
                method = "POST" if door.field.startswith("CONTENT") else "GET"
                return client.generic(method, door.path, "a=b", FORM, **{door.field: text})

    def _look_around(self, client: Client, door: Door, data: st.DataObject) -> None:
        """Pages show what was just saved."""
        for path in data.draw(st.lists(st.sampled_from(self.shown), max_size=2)):
            check(f"{path} after {door}", client.get(path))


def check(place: str, answer: Any) -> None:
    body = read(answer)
    allowed = answer.status_code == 503 and place in MAY_BE_AWAY
    assert answer.status_code < 500 or allowed, f"{place}: {answer.status_code} {body[:500]!r}"


# transactional_db: each request is rolled back for good. PostgreSQL keeps what a savepoint undid
# until the transaction around it ends, so that each case would take longer than the one before.
@pytest.fixture
def attack(
    simulator: Simulator, transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Attack:
    settings.KALTURA_WEBHOOK_SECRET = SECRET
    # Django's test client notes every template with a copy of its context; nobody reads it here.
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)
    return Attack(HostileWorld(simulator))


def parts() -> list[Any]:
    """One is tried in ``make test``, all of them in ``make proof``."""
    marks = [pytest.mark.few_first]
    return [pytest.param(0, marks=marks)] + [
        pytest.param(number, marks=pytest.mark.proof) for number in range(1, PARTS)
    ]


def some_of(doors: list[Door]) -> st.SearchStrategy[Door]:
    """Forms most often, for they are fewest and lead furthest."""
    by_way = {way: [door for door in doors if door.way is way] for way in Way}
    forms, queries = st.sampled_from(by_way[Way.FORM]), st.sampled_from(by_way[Way.QUERY])
    others = st.sampled_from([*by_way[Way.PATH], *by_way[Way.HEADER]])
    return st.integers(0, 9).flatmap(lambda n: forms if n < 6 else queries if n < 9 else others)


def assert_reached(attack: Attack) -> None:
    """The walk reaches the forms: what it finds is not listed, but it must not shrink unseen."""
    forms = {(door.path, door.field) for door in attack.doors if door.way is Way.FORM}
    paths = {door.path for door in attack.doors}
    event, session = attack.world.event, attack.world.room

    assert len(forms) > 300
    assert forms >= {
        (f"/admin/events/event/{event.pk}/change/", "ends_on"),
        (f"/admin/events/event/{event.pk}/change/", "tracks-0-name"),
        (f"/admin/events/event/{event.pk}/clone/", "title"),
        (f"/admin/events/event/{event.pk}/move/", "starts_on"),
        (f"/admin/events/session/{session.pk}/change/", "starts_at_0"),
        ("/admin/events/session/", "minutes"),
        ("/admin/events/speaker/add/", "user"),
        ("/accounts/login/", "login"),
        ("/accounts/signup/", "name"),
        ("/e/conf/bookmark/", "keep"),
        ("/e/conf/register/", "next"),
    }
    assert paths >= {"/", "/webhooks/kaltura/", "/metrics", *SHOWN}


@pytest.mark.postgres
@pytest.mark.parametrize("part", parts())
def test_no_value_at_any_door_is_answered_with_500(attack: Attack, part: int) -> None:
    assert_reached(attack)
    doors = attack.doors[part::PARTS] if suites.current != suites.TEST else attack.doors
    fields: dict[tuple[Way, str], list[str]] = {}
    for door in doors:
        fields.setdefault((door.way, door.path), []).append(door.field)

    tried = 0

    @settings(
        max_examples=A_ROUND,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(door=some_of(doors), value=VALUES, data=st.data())
    def knock(door: Door, value: str, data: st.DataObject) -> None:
        nonlocal tried
        beside = fields[door.way, door.path]
        number = min(len(beside), data.draw(st.sampled_from(BESIDE)))
        more = data.draw(
            st.dictionaries(st.sampled_from(beside), VALUES, max_size=number, min_size=number)
        )
        tried += len({*more, door.field}) if door.way in TOGETHER else 1
        attack.knock(door, value, more, data)

    rounds = count(part * 1000)
    while tried < A_PART:
        # The same cases in each run: what passed here passes there.
        seed(next(rounds))(knock)()


NOTIFIED: Final = (
    *("objectType", "id", "referenceId", "systemName", "entryId", "eventId", "objectId", "tags"),
    *("updatedAt", "createdAt", "status", "name", "startDate", "endDate", "parentId"),
)


@pytest.mark.postgres
@suites.many(1000)
@given(
    thing=st.dictionaries(st.sampled_from(NOTIFIED), JSON_VALUES, max_size=5),
    kind=st.sampled_from(["KalturaLiveStreamScheduleEvent", "KalturaCategory", "KalturaMetadata"]),
    beside=st.dictionaries(st.sampled_from(["eventType", "object", "x"]), JSON_VALUES, max_size=1),
)
def test_no_signed_notification_is_answered_with_500(
    db: None, settings: Any, thing: dict[str, Any], kind: str, beside: dict[str, Any]
) -> None:
    settings.KALTURA_WEBHOOK_SECRET = SECRET
    sent = {"object": {"objectType": kind, **thing}, "eventType": 2, **beside}
    body = json.dumps(sent).encode()
    signature = hashlib.sha256(SECRET.encode() + body).hexdigest()
    headers = {"HTTP_X_KALTURA_SIGNATURE": signature, "HTTP_X_KALTURA_HASH_ALGO": "sha256"}

    with undone(client := Client()):
        check("", client.post("/webhooks/kaltura/", body, "application/json", **headers))
