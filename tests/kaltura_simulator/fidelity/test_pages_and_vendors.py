"""REACH orders, the KAF pages and Newrow's analytics."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

import pytest
import requests

from kaltura_simulator.api import ks as sessions
from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import ADMIN, USER, call, ks_of
from tests.kaltura_simulator.support.kaf_users import (
    Account,
    call_newrow_directly,
    call_newrow_through_kaf,
    open_with,
    privileges_for,
    sign,
)

MACHINE_CAPTIONS, PROFILE = 1411, 1401
PENDING, READY, PROCESSING, MODERATED, REJECTED, FAILED, ABORTED = range(1, 8)
VENDOR = 200_101
LATER = 4_000_000_000
START = 1_700_000_000


# ------------------------------------------------------------------------- REACH
def vendor_ks(kaltura: Simulator) -> str:
    """A session of the vendor's account."""
    named = f"{VENDOR}:{kaltura.admin_secret}".encode()
    secret = hashlib.sha256(named).hexdigest()[:32]
    return sessions.mint(secret, VENDOR, user="vendor", type=ADMIN, expiry=LATER)


def task(kaltura: Simulator, verb: str, ks: str, **params: Any) -> Any:
    return call(kaltura, f"reach_entryvendortask.{verb}", ks=ks, **params)


def order(kaltura: Simulator, ks: str = "", entry: str = "0_videoone") -> dict[str, Any]:
    sent = {"entryId": entry, "catalogItemId": MACHINE_CAPTIONS}
    return dict(task(kaltura, "add", ks or ks_of(kaltura), entryVendorTask=sent))


def work(kaltura: Simulator, key: int, status: int) -> str:
    """The task's status after the vendor's update, or the code of the refusal."""
    made = task(
        kaltura, "updateJob", vendor_ks(kaltura), id=key, entryVendorTask={"status": status}
    )
    return str(made.get("code") or made["status"])


def test_takes_an_order_from_pending_to_ready(kaltura: Simulator):
    """An order is pending, then processed, then ready; after that its status is final."""
    key = order(kaltura)["id"]
    moves = [work(kaltura, key, status) for status in (PROCESSING, READY, PROCESSING, FAILED)]
    final = "CANNOT_UPDATE_STATUS_OF_TASK_WHICH_IS_IN_FINAL_STATE"
    seen = task(kaltura, "get", ks_of(kaltura), id=key)
    assert moves == [str(PROCESSING), str(READY), final, final]
    assert (seen["status"], seen["finishTime"] >= seen["queueTime"]) == (READY, True)


def test_refuses_to_abort_an_order_in_work(kaltura: Simulator):
    """An order in work cannot be aborted, and an aborted one is gone."""
    ks = ks_of(kaltura)
    first, second = order(kaltura)["id"], order(kaltura, entry="0_videotwo")["id"]
    work(kaltura, first, PROCESSING)
    back = work(kaltura, first, ABORTED)
    late = task(kaltura, "abort", ks, id=first, abortReason="late")["code"]
    task(kaltura, "abort", ks, id=second, abortReason="changed my mind")
    gone = task(kaltura, "get", ks, id=second)["code"]
    assert (back, late, gone) == (
        "ENTRY_VENDOR_TASK_ITEM_COULD_NOT_BE_UPDATED",
        "CANNOT_ABORT_NOT_MODERATED_TASK",
        "ENTRY_VENDOR_TASK_NOT_FOUND",
    )


@pytest.mark.parametrize(("verb", "status"), [("approve", PENDING), ("reject", REJECTED)])
def test_lets_viewers_orders_wait_for_approval(kaltura: Simulator, verb: str, status: int):
    """On a moderated profile a viewer's order waits; ADMIN decides it once."""
    ks = ks_of(kaltura)
    change = {"enableMachineModeration": True}
    call(kaltura, "reach_reachprofile.update", ks=ks, id=PROFILE, reachProfile=change)
    made = order(kaltura, ks_of(kaltura, USER, "viewer"))
    decided = task(kaltura, verb, ks, id=made["id"], rejectReason="no")
    again = task(kaltura, verb, ks, id=made["id"], rejectReason="no")
    assert (made["status"], decided["status"]) == (MODERATED, status)
    assert again["code"] == f"CANNOT_{verb.upper()}_NOT_MODERATED_TASK"


def test_refuses_the_same_order_twice(kaltura: Simulator):
    """The same work on the same entry is ordered once while it goes on."""
    assert [order(kaltura).get("code", "ok") for _ in range(2)] == [
        "ok",
        "ENTRY_VENDOR_TASK_DUPLICATION",
    ]


def test_hands_out_an_access_key_that_is_a_session(kaltura: Simulator):
    """The access key is a USER session of the customer for this entry; it ends with the work."""
    made = order(kaltura)
    key = made["accessKey"]
    read = call(kaltura, "session.get", ks=ks_of(kaltura), session=key)
    before = call(kaltura, "baseentry.get", ks=key, entryId="0_videoone")["id"]
    work(kaltura, made["id"], PROCESSING)
    work(kaltura, made["id"], READY)
    after = call(kaltura, "baseentry.get", ks=key, entryId="0_videoone")
    assert read["sessionType"] == "0"
    assert read["privileges"].startswith("edit:0_videoone,setrole:REACH_VENDOR_ROLE")
    assert (before, after["code"]) == ("0_videoone", "INVALID_KS")


@pytest.mark.parametrize("status", [None, PENDING, READY, PROCESSING])
def test_gives_vendors_only_pending_jobs(kaltura: Simulator, status: int | None):
    """``getJobs`` lists this vendor's pending orders, whatever the filter asks."""
    one, two = order(kaltura)["id"], order(kaltura, entry="0_videotwo")["id"]
    work(kaltura, two, PROCESSING)
    asked = {"statusEqual": status} if status else {}
    asked |= {"vendorPartnerIdEqual": 1}
    jobs = task(kaltura, "getJobs", vendor_ks(kaltura), filter=asked)
    assert [(row["id"], row["status"]) for row in jobs["objects"]] == [(one, PENDING)]


def test_keeps_jobs_from_customers(kaltura: Simulator):
    """An account that is no vendor may neither list jobs nor update them."""
    key = order(kaltura)["id"]
    codes = [
        task(kaltura, "getJobs", ks_of(kaltura))["code"],
        task(kaltura, "updateJob", ks_of(kaltura), id=key, entryVendorTask={"status": READY})[
            "code"
        ],
        task(kaltura, "extendAccessKey", ks_of(kaltura), id=key)["code"],
    ]
    assert codes == ["SERVICE_FORBIDDEN"] * 3


# ------------------------------------------------------ the KAF pages and Newrow
def test_opens_for_a_valid_session(account: Account):
    """An entry's page opens for a session with user and entry, if a channel holds the entry."""
    room = account.room()
    page = open_with(account.simulator, sign(account.simulator, "u-1", privileges_for(room, "u-1")))
    assert (page.status, page.data["data-user-id"], page.data["data-entry-id"]) == (
        200,
        "u-1",
        room,
    )


def test_refuses_an_expired_session(account: Account):
    """An expired session opens no page."""
    privileges = privileges_for(account.room(), "u-1")
    page = open_with(account.simulator, sign(account.simulator, "u-1", privileges, expiry=-1))
    assert page.refusal[:2] == (403, "expired")


def test_refuses_another_partners_session(account: Account):
    """Another partner's session opens no page."""
    privileges = privileges_for(account.room(), "u-1")
    ks = sign(account.simulator, "u-1", privileges, partner=999)
    assert open_with(account.simulator, ks).refusal[:2] == (403, "partner")


@pytest.mark.parametrize("name", ["entryId", "role"])
def test_refuses_a_session_without_entry_or_role(account: Account, name: str):
    """``entryId`` and ``role`` must be there, and are named when they are not."""
    privileges = privileges_for(account.room(), "u-1", **{name: ""})
    page = open_with(account.simulator, sign(account.simulator, "u-1", privileges))
    assert page.refusal == (400, "missing", name)


def test_refuses_an_entry_outside_the_channels(account: Account):
    """An entry that is in no category below ``site>channels`` is invisible to KAF."""
    privileges = privileges_for(account.room(categorised=False), "u-1")
    page = open_with(account.simulator, sign(account.simulator, "u-1", privileges))
    assert page.refusal[:2] == (403, "entry-outside")


def test_reads_the_request_inside_the_session(account: Account):
    """``/newrowkaf/index/api`` runs the ``api`` privilege's request, for that room alone."""
    one, two = account.room(), account.room()
    visit = {"joined": START, "left": START + 60, "userId": "u-1"}
    account.simulator.add_visits([visit | {"entryId": room} for room in (one, two)])
    scope = f"resourceId:{one}"
    reply = call_newrow_through_kaf(account.simulator, scope, "analytics/sessions").json()
    without = sign(account.simulator, "analyst", f"{scope},role:viewerRole")
    refused = requests.get(
        f"{account.simulator.url}/newrowkaf/index/api", {"ks": without}, timeout=10
    )
    assert [row["third_party_room_id"] for row in reply["data"]["sessions"]] == [one]
    assert (refused.status_code >= 400, refused.json()["status"]) == (True, "error")


def test_takes_the_request_percent_encoded(account: Account):
    """The request is percent-encoded in the privilege, which has commas and colons of its own."""
    room = account.room()
    asked = json.dumps({"method": "GET", "action": "analytics/sessions", "params": {"page": 0}})
    privileges = f"resourceId:{room},role:viewerRole,api:{quote(asked, safe='')}"
    ks = sign(account.simulator, "analyst", privileges)
    reply = requests.get(f"{account.simulator.url}/newrowkaf/index/api", {"ks": ks}, timeout=10)
    assert (reply.status_code, reply.json()["status"]) == (200, "success")


def test_answers_in_pages_of_thirty_and_in_strings(account: Account):
    """A page has 30 rows, pages count from 0, every value is a string."""
    room = account.room()
    account.simulator.add_visits(
        [
            {
                "entryId": room,
                "userId": "u",
                "joined": START + n * 600,
                "left": START + n * 600 + 60,
            }
            for n in range(35)
        ]
    )
    pages = [
        call_newrow_directly(account.simulator, "analytics/sessions", page=page).json()["data"]
        for page in (0, 1)
    ]
    rows = [row for page in pages for row in page["sessions"]]
    assert [len(page["sessions"]) for page in pages] == [30, 5]
    assert {type(value) for row in rows for value in row.values()} == {str}


@pytest.mark.parametrize(
    ("spelling", "names"),
    [
        ("date_start", {"date_start", "date_end"}),
        ("start_date", {"start_date", "end_date"}),
        ("both", {"date_start", "date_end", "start_date", "end_date"}),
    ],
)
def test_spells_its_dates_as_configured(account: Account, spelling: str, names: set[str]):
    """Kaltura's document and its samples spell them differently."""
    account.simulator.set_newrow(spelling=spelling)
    visit = {"entryId": account.room(), "userId": "u", "joined": START, "left": START + 60}
    account.simulator.add_visits([visit])
    [row] = call_newrow_directly(account.simulator, "analytics/sessions").json()["data"]["sessions"]
    assert {name for name in row if "date" in name} == names
