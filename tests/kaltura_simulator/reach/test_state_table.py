"""REACH's whole table of states: what each deed does to a task in each of them.

A number is the state after the deed; words are Kaltura's refusal. Sources:
plugins/reach/services/EntryVendorTaskService.php of kaltura/server, and a running one (22.19):
an aborted task is invisible to everybody, a vendor may begin or fail what nobody approved,
and begin twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from KalturaClient.exceptions import KalturaException
from KalturaClient.Plugins import Core, Reach, Schedule

from kaltura_simulator import constants
from tests.kaltura_simulator.reach.test_reach import (
    CAPTIONS,
    LIVE,
    VIDEO,
    keyed,
    order,
    profile_set,
    report,
    status,
    vendor_of,
)
from tests.kaltura_simulator.support.clients import USER, client_of, code_of

#: The states: waiting, done, at work, moderated, rejected, failed, aborted, no content yet, planned.
PENDING, READY, WORK, MODERATED, REJECTED, ERROR, ABORTED, NOT_YET, PLANNED = range(1, 10)
CODES = {
    "final": "CANNOT_UPDATE_STATUS_OF_TASK_WHICH_IS_IN_FINAL_STATE",
    "gone": "ENTRY_VENDOR_TASK_NOT_FOUND",
    "moved": "ENTRY_VENDOR_TASK_ITEM_COULD_NOT_BE_UPDATED",
    "begun": "CANNOT_ABORT_NOT_MODERATED_TASK",
    "approve": "CANNOT_APPROVE_NOT_MODERATED_TASK",
    "reject": "CANNOT_REJECT_NOT_MODERATED_TASK",
    "extend": "CANNOT_EXTEND_ACCESS_KEY",
    "twice": "ENTRY_VENDOR_TASK_DUPLICATION",
    "key": "INVALID_KS",
}
TABLE = """
                1     2       3       4        5       6       7     8       9
vendor to 1     1     final   1       1        final   final   gone  1       1
vendor to 2     2     2       2       2        final   final   gone  2       2
vendor to 3     3     final   3       3        final   final   gone  3       3
vendor to 5     5     final   5       5        5       final   gone  5       5
vendor to 6     6     final   6       6        final   6       gone  6       6
vendor to 7     7     final   moved   7        final   final   gone  7       7
vendor to 9     9     final   9       9        final   final   gone  9       9
approve         approve approve approve 1      approve approve gone  approve approve
reject          reject reject reject  5        reject  reject  gone  reject  reject
abort           7     begun   begun   7        begun   begun   gone  begun   7
extend          extend extend 3       extend   extend  extend  gone  extend  9
customer sees   1     2       3       4        5       6       gone  8       9
key sees        1     key     3       4        5       6       gone  8       9
same again      twice twice   twice   twice    1       1       1     8       1
"""


@dataclass
class Scene:
    """A task in some state, and those who deal with it."""

    kaltura: Any
    manager: Any
    vendor: Any
    task: Any
    again: Callable[[], Any]

    def do(self, deed: str) -> int:
        """The state of the task after this deed, or of the second order."""
        tasks = self.manager.reach.entryVendorTask
        if deed.startswith("vendor to "):
            return status(report(self.vendor, self.task, status=int(deed[-1])))
        if deed == "approve":
            return status(tasks.approve(self.task.id))
        if deed == "reject":
            return status(tasks.reject(self.task.id, "no"))
        if deed == "abort":
            return status(tasks.abort(self.task.id, "no"))
        if deed == "extend":
            return status(self.vendor.reach.entryVendorTask.extendAccessKey(self.task.id))
        if deed == "key sees":
            helper = keyed(self.kaltura, self.task.accessKey)
            return status(helper.reach.entryVendorTask.get(self.task.id))
        if deed == "same again":
            return status(self.again())
        return status(tasks.get(self.task.id))


def scene(kaltura: Any, state: int) -> Scene:
    """A new account with one task in this state."""
    kaltura.reset()
    manager, vendor = client_of(kaltura), vendor_of(kaltura)
    ordering: Callable[[], Any] = lambda: order(manager)  # noqa: E731
    if state in (MODERATED, REJECTED):
        profile_set(manager, enableMachineModeration=1)
        viewer = client_of(kaltura, USER, "viewer")
        first = order(viewer)
    elif state == NOT_YET:
        recording = recording_in_progress(kaltura, manager)
        ordering = lambda: order(manager, recording)  # noqa: E731
        first = ordering()
    elif state == PLANNED:
        stream, data = live_event(manager)
        ordering = lambda: order(manager, stream, LIVE, taskJobData=data)  # noqa: E731
        first = ordering()
    else:
        first = ordering()
    made = Scene(kaltura, manager, vendor, first, ordering)
    for step in {
        READY: ["vendor to 3", "vendor to 2"],
        WORK: ["vendor to 3"],
        REJECTED: ["reject"],
        ERROR: ["vendor to 6"],
        ABORTED: ["abort"],
        PLANNED: ["vendor to 9"],
    }.get(state, []):
        made.do(step)
    return made


def recording_in_progress(kaltura: Any, manager: Any) -> str:
    stream = manager.liveStream.add(
        Core.KalturaLiveStreamEntry(name="Live", mediaType=201, recordStatus=1),
        Core.KalturaSourceType.LIVE_STREAM,
    )
    kaltura.switch(stream.id, "on_air")
    return str(manager.liveStream.get(stream.id).recordedEntryId)


def live_event(manager: Any) -> tuple[str, Any]:
    stream = manager.liveStream.add(
        Core.KalturaLiveStreamEntry(name="Live", mediaType=201), Core.KalturaSourceType.LIVE_STREAM
    )
    event = manager.schedule.scheduleEvent.add(
        Schedule.KalturaLiveStreamScheduleEvent(
            summary="Keynote",
            startDate=2_000_000_000,
            endDate=2_000_003_600,
            recurrenceType=0,
            templateEntryId=stream.id,
        )
    )
    return stream.id, Reach.KalturaScheduledVendorTaskData(scheduledEventId=event.id)


def rows() -> dict[str, list[str]]:
    """The table's cells by deed."""
    lines = TABLE.strip("\n").splitlines()[1:]
    return {line[:16].strip(): line[16:].split() for line in lines}


def test_table_is_whole():
    assert {len(cells) for cells in rows().values()} == {9}


@pytest.mark.parametrize("state", range(1, 10))
def test_each_deed_in_each_state(kaltura, state):
    expected = {
        deed: CODES.get(cells[state - 1], cells[state - 1]) for deed, cells in rows().items()
    }
    found: dict[str, str] = {}
    made: Scene | None = None
    for deed in expected:
        if made is None:
            made = scene(kaltura, state)
        try:
            found[deed] = str(made.do(deed))
        except KalturaException as error:
            found[deed] = error.code
        if found[deed].isdecimal() and found[deed] != str(state):
            made = None

    assert found == expected


def test_vendors_get_what_waits_or_is_planned_and_nothing_else(kaltura):
    for state in range(1, 10):
        made = scene(kaltura, state)
        listed = {
            asked: [
                task.id
                for task in made.vendor.reach.entryVendorTask.getJobs(
                    Reach.KalturaEntryVendorTaskFilter(
                        statusEqual=asked, vendorPartnerIdEqual=constants.PARTNER_ID
                    )
                ).objects
            ]
            for asked in range(1, 10)
        }
        waits = [made.task.id] if state == PENDING else []
        planned = [made.task.id] if state == PLANNED else []
        # Whatever else is asked for, the answer is what waits; so is another vendor's id.
        assert listed == {a: planned if a == PLANNED else waits for a in range(1, 10)}, state


def test_what_was_never_charged_is_not_given_back(kaltura):
    """The vendor begins and fails an order that nobody approved, beside one that was paid."""
    made = scene(kaltura, MODERATED)
    order(made.manager, item=constants.REACH_HUMAN_CAPTIONS)

    def used() -> float:
        return float(made.manager.reach.reachProfile.get(constants.REACH_PROFILE).usedCredit)

    before = used()
    made.do("vendor to 3")
    made.do("vendor to 6")
    assert (before, used()) == (5.0, 5.0)


@pytest.mark.parametrize(("seconds", "code"), [(9, "ENTRY_TOO_SHORT"), (10, "")])
def test_order_needs_ten_seconds(kaltura, seconds, code):
    made = scene(kaltura, ABORTED)
    kaltura.set_length(VIDEO, seconds)

    if code:
        assert code_of(order, made.manager) == code
    else:
        assert status(order(made.manager)) == 1


def test_one_stream_has_captions_at_several_events(kaltura):
    made = scene(kaltura, PLANNED)
    stream = made.task.entryId
    job = Reach.KalturaScheduledVendorTaskData(startDate=2_000_100_000, endDate=2_000_103_600)

    assert status(order(made.manager, stream, LIVE, taskJobData=job)) == 1


def test_what_only_vendors_write_is_dropped_in_all_states_of_a_customers_update(kaltura):
    sent = Reach.KalturaEntryVendorTask(
        notes="n",
        status=2,
        errDescription="mine",
        accuracy=99,
        outputObjectId="0_x",
        externalTaskId="mine",
    )
    for state in (PENDING, WORK, PLANNED):
        made = scene(kaltura, state)
        kept = made.manager.reach.entryVendorTask.update(made.task.id, sent)
        written = (kept.errDescription, kept.accuracy, kept.outputObjectId, kept.externalTaskId)

        assert (status(kept), kept.notes) == (state, "n")
        assert [value for value in written if value not in (NotImplemented, None, "")] == []


def test_second_order_goes_by_the_content(kaltura):
    made = scene(kaltura, PENDING)
    assert code_of(order, made.manager, VIDEO, CAPTIONS) == "ENTRY_VENDOR_TASK_DUPLICATION"
