"""Who may see what, and whose object it is: rules behind the recorded steps."""

from __future__ import annotations

from typing import Any

import pytest

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import ADMIN, USER, call, ks_of

STRICT = "enableentitlement,privacycontext:conf"


def session(kaltura: Simulator, user: str, privileges: str = STRICT, kind: int = USER) -> str:
    return ks_of(kaltura, kind, user, privileges=privileges)


class Gate:
    """A category for members of the context ``conf``, a track that inherits, an entry in each."""

    def __init__(self, kaltura: Simulator) -> None:
        self.kaltura, self.ks = kaltura, ks_of(kaltura)
        self.top = self.category(name="Gate", privacyContext="conf", privacy=3, appearInList=3)
        self.track = self.category(name="Track", parentId=self.top, inheritanceType=1, privacy=3)
        self.inside, self.below = self.entry(self.top), self.entry(self.track)

    def call(self, action: str, ks: str = "", **sent: Any) -> Any:
        return call(self.kaltura, action, ks=ks or self.ks, **sent)

    def category(self, **fields: Any) -> int:
        return int(self.call("category.add", category=fields)["id"])

    def entry(self, category: int, **fields: Any) -> str:
        sent = {"name": "Talk", "mediaType": 201, "userId": "owner"} | fields
        made = self.call("livestream.add", sourceType="32", liveStreamEntry=sent)["id"]
        link = {"categoryId": category, "entryId": made}
        self.call("categoryentry.add", categoryEntry=link)
        return str(made)

    def join(self, user: str) -> Any:
        return self.call("categoryuser.add", categoryUser={"categoryId": self.top, "userId": user})

    def sees(self, user: str, privileges: str = STRICT, kind: int = USER) -> list[bool]:
        """Whether somebody gets the entry inside, and the one in the track below."""
        ks = session(self.kaltura, user, privileges, kind)
        found = [self.call("baseentry.get", ks, entryId=key) for key in (self.inside, self.below)]
        return ["code" not in row for row in found]


@pytest.fixture
def gate(kaltura: Simulator) -> Gate:
    return Gate(kaltura)


def test_members_see_and_heirs_learn_of_them_later(gate: Gate):
    gate.kaltura.set_background(30)
    gate.join("ann")
    early = gate.sees("ann")
    gate.kaltura.advance(31)
    late = gate.sees("ANN")
    gate.call("categoryuser.delete", categoryId=gate.top, userId="ann")
    left = gate.sees("ann")
    gate.kaltura.advance(31)
    assert (early, late, left, gate.sees("ann")) == (
        [True, False],
        [True, True],
        [False, True],
        [False, False],
    )


def test_members_by_way_of_a_group_go_with_it(gate: Gate):
    gate.call("user.add", user={"id": "ann"})
    gate.call("group_group.add", group={"id": "crew", "screenName": "Crew"})
    gate.call("groupuser.add", groupUser={"userId": "ann", "groupId": "crew"})
    before = gate.sees("ann")
    gate.join("crew")
    inside = gate.sees("ann")
    gate.call("groupuser.delete", userId="ann", groupId="crew")
    assert (before, inside, gate.sees("ann")) == ([False] * 2, [True] * 2, [False] * 2)


def test_what_a_session_must_hold_to_be_bound(gate: Gate):
    open_to = [
        gate.sees("eve", ""),
        gate.sees("eve", "privacycontext:conf"),
        gate.sees("eve", f"{STRICT},disableentitlementforentry:{gate.inside}/{gate.below}"),
        gate.sees("owner"),
    ]
    closed_to = [
        gate.sees("eve"),
        gate.sees("eve", STRICT, ADMIN),
        gate.sees("eve", f"{STRICT},disableentitlement"),
        gate.sees("eve", f"{STRICT},edit:{gate.inside},sview:*"),
        gate.sees("eve", f"{STRICT},disableentitlementforentry:{gate.inside}|{gate.below}"),
        gate.sees("eve", "enableentitlement"),
    ]
    assert (open_to, closed_to) == ([[True] * 2] * 4, [[False] * 2] * 6)


def test_categories_and_places_hide_with_the_gate(gate: Gate):
    gate.join("ann")
    found = {}
    for user in ("ann", "eve"):
        ks = session(gate.kaltura, user)
        asked = {"idIn": f"{gate.top},{gate.track}"}
        places = {"categoryIdEqual": gate.top}
        listed = gate.call("category.list", ks, filter=asked)["objects"]
        inside = gate.call("categoryentry.list", ks, filter=places)
        live = gate.call("livestream.isLive", ks, id=gate.inside)
        found[user] = (
            [row["name"] for row in listed],
            inside.get("code", inside.get("totalCount")),
            live if live is False else live["code"],
        )
    # A track that is listed for all is known to all; what is in it is not.
    assert found == {
        "ann": (["Gate", "Track"], 1, False),
        "eve": (["Track"], "CATEGORY_NOT_FOUND", "INVALID_ENTRY_ID"),
    }


def test_only_managers_change_members_of_a_strict_session(gate: Gate):
    for user in ("ann", "bob"):
        gate.join(user)
    ann = session(gate.kaltura, "ann")
    member = {"categoryId": gate.top, "userId": "eve"}
    about_bob = {"categoryId": gate.top, "userId": "bob"}
    level = {"permissionLevel": 0}
    codes = [
        gate.call("categoryuser.add", ann, categoryUser=member),
        gate.call("categoryuser.delete", ann, **about_bob),
        gate.call("categoryuser.update", ann, **about_bob, override=1, categoryUser=level),
    ]
    owner = gate.call("category.get", id=gate.top)["owner"]
    kept = gate.call("categoryuser.delete", categoryId=gate.top, userId=owner)
    gate.call(
        "categoryuser.update", categoryId=gate.top, userId="ann", override=1, categoryUser=level
    )
    added = gate.call("categoryuser.add", ann, categoryUser=member)
    assert [row["code"] for row in [*codes, kept]] == [
        "CATEGORY_USER_JOIN_NOT_ALLOWED",
        "CANNOT_UPDATE_CATEGORY_USER",
        "CANNOT_UPDATE_CATEGORY_USER",
        "CANNOT_UPDATE_CATEGORY_USER_OWNER",
    ]
    assert (added["userId"], added["permissionNames"]) == ("eve", "CATEGORY_VIEW")


# ----------------------------------------------------------------- whose object it is
def test_whose_object_it_is_comes_before_the_permission(gate: Gate):
    change = {"entryId": gate.inside, "liveStreamEntry": {"name": "New"}}
    producer = "setrole:WEBCAST_PRODUCER_DEVICE_ROLE"
    stranger = gate.call("livestream.update", session(gate.kaltura, "eve", ""), **change)
    owner = gate.call("livestream.update", session(gate.kaltura, "owner", ""), **change)
    allowed = gate.call("livestream.update", session(gate.kaltura, "owner", producer), **change)
    other = gate.call("livestream.update", session(gate.kaltura, "eve", producer), **change)
    assert [stranger["code"], owner["code"], allowed["name"], other["code"]] == [
        "INVALID_KS",
        "SERVICE_FORBIDDEN",
        "New",
        "INVALID_KS",
    ]


def test_only_administrators_pass_an_entry_on(gate: Gate):
    ks = session(gate.kaltura, "owner", "")
    for change in ({"userId": "eve"}, {"entitledUsersEdit": "eve"}):
        refused = gate.call("baseentry.update", ks, entryId=gate.inside, baseEntry=change)
        assert (refused["code"], refused["args"]["ERR_CODE"]) == ("INVALID_KS", "-4")
    same = {"userId": "owner", "name": "New"}
    assert gate.call("baseentry.update", ks, entryId=gate.inside, baseEntry=same)["name"] == "New"


def test_a_group_may_co_edit(gate: Gate):
    gate.call("user.add", user={"id": "ann"})
    gate.call("group_group.add", group={"id": "crew", "screenName": "Crew"})
    gate.call("groupuser.add", groupUser={"userId": "ann", "groupId": "crew"})
    shared = gate.entry(gate.top, entitledUsersEdit="crew")
    ks = session(gate.kaltura, "ann", "")
    change = {"entryId": shared, "baseEntry": {"name": "By Ann"}}
    before = gate.call("baseentry.update", ks, **change)
    gate.call("groupuser.delete", userId="ann", groupId="crew")
    after = gate.call("baseentry.update", ks, **change)
    assert (before["name"], after["code"]) == ("By Ann", "INVALID_KS")


def test_a_session_has_the_roles_of_its_user(gate: Gate):
    roles = gate.call("userrole.list", filter={"systemNameEqual": "REPORT_VIEWER_ROLE"})
    number = roles["objects"][0]["id"]
    gate.call("user.add", user={"id": "ann", "roleIds": str(number)})
    event = {
        "objectType": "KalturaRecordScheduleEvent",
        "summary": "s",
        "recurrenceType": 0,
        "startDate": 2_000_000_000,
        "endDate": 2_000_003_600,
    }

    def add(user: str, kind: int, privileges: str = "") -> str:
        ks = session(gate.kaltura, user, privileges, kind)
        found = gate.call("schedule_scheduleevent.add", ks, scheduleEvent=event)
        return str(found.get("code", "made"))

    assert [
        add("bob", USER),
        add("account@example.test", USER),
        add("bob", ADMIN),
        add("ann", ADMIN),
        add("bob", ADMIN, f"setrole:{number}"),
    ] == ["SERVICE_FORBIDDEN", "made", "made", "SERVICE_FORBIDDEN", "SERVICE_FORBIDDEN"]
