"""Locks between two callers, and refusals that depend on the account's state."""

from __future__ import annotations

import hashlib
import threading
import time
from typing import Any

import pytest

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import call, http, ks_of

START = 2_000_000_000
HEAD = '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:element name="metadata">'
HEAD += "<xsd:complexType><xsd:sequence>"
TAIL = "</xsd:sequence></xsd:complexType></xsd:element></xsd:schema>"


class RunningCall:
    """A call that runs in another thread."""

    def __init__(self, kaltura: Simulator, action: str, **params: Any):
        self.answer: Any = None

        def work() -> None:
            self.answer = call(kaltura, action, **params)

        self._thread = threading.Thread(target=work)
        self._thread.start()
        # The fault is used up as soon as the call has begun.
        deadline = time.monotonic() + 10
        while kaltura.state()["faults"] and time.monotonic() < deadline:
            time.sleep(0.01)

    def result(self) -> Any:
        """The reply, once it has come."""
        self._thread.join()
        return self.answer


def booking(kaltura: Simulator) -> dict[str, int]:
    """An event and a room that nobody booked."""
    ks = ks_of(kaltura)
    event = {"objectType": "KalturaRecordScheduleEvent", "summary": "s", "recurrenceType": 0}
    event |= {"startDate": START, "endDate": START + 60}
    made = call(kaltura, "schedule_scheduleevent.add", ks=ks, scheduleEvent=event)
    room = {"objectType": "KalturaLocationScheduleResource", "name": "Room"}
    place = call(kaltura, "schedule_scheduleresource.add", ks=ks, scheduleResource=room)
    return {"eventId": made["id"], "resourceId": place["id"]}


def test_resource_is_reserved_while_another_session_books_it(kaltura: Simulator):
    sent = booking(kaltura)
    action = "schedule_scheduleeventresource.add"
    mine, other = ks_of(kaltura), ks_of(kaltura)
    kaltura.slow_work("scheduleEventResource.add", seconds=1)

    first = RunningCall(kaltura, action, ks=mine, scheduleEventResource=sent)
    refused = call(kaltura, action, ks=other, scheduleEventResource=sent)
    booked = first.result()
    again = call(kaltura, action, ks=other, scheduleEventResource=sent)

    message = f"Resource with id {sent['resourceId']} is already reserved"
    assert (refused["code"], refused["message"]) == ("RESOURCE_IS_RESERVED", message)
    assert (booked["eventId"], again["code"]) == (
        sent["eventId"],
        "SCHEDULE_EVENT_RESOURCE_ALREADY_EXISTS",
    )


def test_booking_is_written_again_and_cannot_move(kaltura: Simulator):
    sent = booking(kaltura)
    ks, service = ks_of(kaltura), "schedule_scheduleeventresource"
    call(kaltura, f"{service}.add", ks=ks, scheduleEventResource=sent)
    ids = {"scheduleEventId": sent["eventId"], "scheduleResourceId": sent["resourceId"]}
    same = call(kaltura, f"{service}.update", ks=ks, **ids, scheduleEventResource=sent)
    moved = sent | {"resourceId": 77}
    other = call(kaltura, f"{service}.update", ks=ks, **ids, scheduleEventResource=moved)
    assert (same["eventId"], same["resourceId"]) == (sent["eventId"], sent["resourceId"])
    assert other["code"] == "PROPERTY_VALIDATION_NOT_UPDATABLE"


def test_lock_times_out_for_whoever_adds_the_same_person_meanwhile(kaltura: Simulator):
    ks = ks_of(kaltura)
    kaltura.slow_work("user.add", seconds=3)

    first = RunningCall(kaltura, "user.add", ks=ks, user={"id": "ann"})
    elsewhere = call(kaltura, "category.add", ks=ks, category={"name": "Free"})
    refused = call(kaltura, "user.add", ks=ks, user={"id": "ann"})
    made = first.result()
    twin = call(kaltura, "user.add", ks=ks, user={"id": "ann"})

    assert (refused["code"], refused["message"]) == (
        "LOCK_TIMED_OUT",
        "Timed out while attempting to grab lock",
    )
    assert (elsewhere["name"], made["id"], twin["code"]) == ("Free", "ann", "DUPLICATE_USER_BY_ID")


def test_sessions_of_a_token_end_and_revive_with_it(kaltura: Simulator):
    ks = ks_of(kaltura)
    token = call(kaltura, "apptoken.add", ks=ks, appToken={"sessionUserId": "robot"})
    widget = call(kaltura, "session.startWidgetSession", widgetId="_101")["ks"]
    proof = hashlib.sha1((widget + token["token"]).encode()).hexdigest()
    asked = {"ks": widget, "id": token["id"], "tokenHash": proof}
    started = call(kaltura, "apptoken.startSession", **asked)["ks"]

    def seen() -> list[str]:
        replies = (
            call(kaltura, "category.list", ks=started),
            call(kaltura, "apptoken.startSession", **asked),
        )
        return [reply.get("code", "ok") for reply in replies]

    kaltura.switch_token(token["id"], active=False)
    asleep = seen()
    kaltura.switch_token(token["id"], active=True)
    assert (asleep, seen()) == (["INVALID_KS", "APP_TOKEN_NOT_ACTIVE"], ["ok", "ok"])


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("Tea & <b>cake</b>", "ok"),
        ("<script>alert(1)</script>", "UNSAFE_HTML_TAGS"),
        ('<img src="x" onerror="go()">', "UNSAFE_HTML_TAGS"),
        ('<a href="javascript:go()">x</a>', "UNSAFE_HTML_TAGS"),
    ],
)
def test_harmful_texts_are_refused_where_the_account_wants_it(
    kaltura: Simulator, text: str, outcome: str
):
    def add() -> Any:
        sent = {"name": "Talk", "description": text, "mediaType": 201}
        return call(
            kaltura, "livestream.add", ks=ks_of(kaltura), sourceType="32", liveStreamEntry=sent
        )

    before = add()
    kaltura.set_features(purifyHtml=True)
    after = add()
    assert (before.get("code", "ok"), after.get("code", "ok")) == ("ok", outcome)
    if outcome != "ok":
        words = "Potential Unsafe HTML tags found in [KalturaLiveStreamEntry]::[description]"
        assert after["message"] == words


def test_profile_is_transforming_while_its_records_are_rewritten(kaltura: Simulator):
    ks, background = ks_of(kaltura), 60
    kaltura.set_index_delay(background)
    one, two = (f'<xsd:element name="{name}" type="xsd:string" minOccurs="0"/>' for name in "AB")
    profile = {"metadataObjectType": 1, "name": "P"}
    made = call(
        kaltura,
        "metadata_metadataprofile.add",
        ks=ks,
        metadataProfile=profile,
        xsdData=HEAD + one + two + TAIL,
    )
    record = {"metadataProfileId": made["id"], "objectType": 1, "objectId": "0_videoone"}
    xml = "<metadata><A>a</A><B>b</B></metadata>"
    kept = call(kaltura, "metadata_metadata.add", ks=ks, xmlData=xml, **record)

    def update(schema: str) -> Any:
        sent = {"id": made["id"], "metadataProfile": {"name": "Q"}, "xsdData": schema}
        return call(kaltura, "metadata_metadataprofile.update", ks=ks, **sent)

    begun = update(HEAD + two + TAIL)
    refused = update(HEAD + one + TAIL)
    kaltura.advance(background + 1)
    rewritten = call(kaltura, "metadata_metadata.get", ks=ks, id=kept["id"])
    after = call(kaltura, "metadata_metadataprofile.get", ks=ks, id=made["id"])

    assert (begun["status"], begun["version"], after["status"]) == (3, 2, 1)
    assert (refused["code"], refused["message"]) == (
        "METADATA_TRANSFORMING",
        "Metadata profile is currently transforming",
    )
    assert (rewritten["xml"], rewritten["status"]) == ("<metadata><B>b</B></metadata>", 1)
    assert rewritten["metadataProfileVersion"] == 2


def test_report_as_a_file_is_for_whoever_knows_its_address(kaltura: Simulator):
    visit = {"entryId": "0_videoone", "userId": "ann", "joined": START, "left": START + 60}
    kaltura.add_visits([visit | {"played": "vod"}])
    asked = {"reportTitle": "Watched", "reportText": "In 2033", "headers": "", "reportType": "13"}
    window = {"reportInputFilter": {"fromDate": START - 60, "toDate": START + 3600}}
    ks = ks_of(kaltura)
    url = call(kaltura, "report.getUrlForReportAsCsv", ks=ks, **asked, **window)
    table = call(kaltura, "report.getTable", ks=ks, reportType="13", pager={}, **window)

    status, headers, body = http(url)
    rows = [row for row in table["data"].split(";") if row]
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert body.splitlines() == ["Watched", "In 2033", table["header"], *rows]
    bare = http(f"{url.partition('/ks/')[0]}?format=1")[2]
    assert "REPORT_NOT_FOUND" in bare
    assert len(rows) == 1
