"""REACH: the life of an order between the account that gives it and the vendor that takes it."""

from __future__ import annotations

from typing import Any

import pytest
from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Plugins import Caption, Core, Reach, Schedule

from kaltura_simulator import constants
from tests.kaltura_simulator.support.clients import ADMIN, USER, call, client_of, code_of, value_of

VIDEO, OTHER_VIDEO = (key for key, *_ in constants.READY_VIDEOS)
VENDOR = constants.PARTNER_ID + 200_000
DAY = 86_400
WEEK = 7 * DAY
CAPTIONS, HUMAN, TRANSLATION, LIVE = (
    constants.REACH_MACHINE_CAPTIONS,
    constants.REACH_HUMAN_CAPTIONS,
    constants.REACH_TRANSLATION,
    constants.REACH_LIVE_CAPTIONS,
)


def vendor_of(kaltura) -> KalturaClient:
    """The vendor, with a session of its own account."""
    partner = kaltura.control("GET", "objects", kind="partner", partner=VENDOR)["objects"][0]
    client = KalturaClient(KalturaConfiguration(kaltura.url))
    made = client.generateSessionV2(partner["adminSecret"], "vendor", ADMIN, VENDOR, 3600, "")
    client.setKs(made.decode())
    client.setPartnerId(VENDOR)
    return client


@pytest.fixture
def manager(kaltura):
    return client_of(kaltura)


@pytest.fixture
def vendor(kaltura):
    return vendor_of(kaltura)


def order(client, entry=VIDEO, item=CAPTIONS, **fields: Any):
    task = Reach.KalturaEntryVendorTask(entryId=entry, catalogItemId=item)
    task.reachProfileId = fields.pop("profile", constants.REACH_PROFILE)
    for name, value in fields.items():
        setattr(task, name, value)
    return client.reach.entryVendorTask.add(task)


def report(vendor, task, **fields: Any):
    told = Reach.KalturaEntryVendorTask(**fields)
    return vendor.reach.entryVendorTask.updateJob(task.id, told)


def status(task) -> int:
    return int(value_of(task.status))


def profile_set(manager, **fields: Any) -> None:
    manager.reach.reachProfile.update(constants.REACH_PROFILE, Reach.KalturaReachProfile(**fields))


def keyed(kaltura, key: str) -> KalturaClient:
    """A client whose session is a job's access key."""
    client = KalturaClient(KalturaConfiguration(kaltura.url))
    client.setKs(key)
    client.setPartnerId(kaltura.partner_id)
    return client


def test_account_starts_with_a_profile_and_a_catalogue(manager):
    profile = manager.reach.reachProfile.list(Reach.KalturaReachProfileFilter(statusEqual=2))
    asked = Reach.KalturaVendorCatalogItemFilter(serviceFeatureEqual=1, statusEqual=2)
    items = manager.reach.vendorCatalogItem.list(asked)
    live = manager.reach.vendorCatalogItem.list(Reach.KalturaVendorLiveCaptionCatalogItemFilter())

    assert [p.id for p in profile.objects] == [constants.REACH_PROFILE]
    assert [(i.id, i.name, i.vendorPartnerId) for i in items.objects] == [
        (CAPTIONS, "English captions", VENDOR),
        (HUMAN, "English captions by people", VENDOR),
    ]
    assert [type(i).__name__ for i in live.objects] == ["KalturaVendorLiveCaptionCatalogItem"]


def test_order_is_done_by_the_vendor_and_its_key_dies(kaltura, manager, vendor):
    task = order(manager, notes="n", partnerData='{"a": 1}')
    jobs = vendor.reach.entryVendorTask.getJobs()
    assert [job.id for job in jobs.objects] == [task.id]

    helper = keyed(kaltura, jobs.objects[0].accessKey)
    report(vendor, task, status=3, externalTaskId="x1")
    made = helper.caption.captionAsset.add(
        VIDEO, Caption.KalturaCaptionAsset(language="English", format="1")
    )
    text = "1\n00:00:01,000 --> 00:00:02,000\nHi\n"
    helper.caption.captionAsset.setContent(made.id, Core.KalturaStringResource(content=text))
    done = report(vendor, task, status=2, outputObjectId=made.id)

    assert (status(done), done.outputObjectId, done.externalTaskId) == (2, made.id, "x1")
    assert code_of(helper.reach.entryVendorTask.get, task.id) == "INVALID_KS"
    assert vendor.reach.entryVendorTask.getJobs().objects == []


def test_key_is_a_user_session_for_one_entry_and_a_week(kaltura, manager):
    task = order(manager)
    said = manager.session.get(task.accessKey)
    helper = keyed(kaltura, task.accessKey)
    another = code_of(
        helper.caption.captionAsset.add,
        OTHER_VIDEO,
        Caption.KalturaCaptionAsset(language="English"),
    )

    assert said.privileges == (
        f"edit:{VIDEO},setrole:REACH_VENDOR_ROLE,disableentitlementforentry:{VIDEO},"
        f"sview:{VIDEO},download:{VIDEO},enablecaptionmoderation"
    )
    assert abs(int(said.expiry) - (task.createdAt + WEEK)) <= 2
    assert (helper.baseEntry.get(VIDEO).id, another) == (VIDEO, "INVALID_KS")
    assert code_of(
        helper.reach.entryVendorTask.updateJob, task.id, Reach.KalturaEntryVendorTask()
    ) == ("SERVICE_FORBIDDEN")


def test_captions_that_go_straight_to_the_player_need_no_moderation(kaltura, manager):
    profile_set(manager, autoDisplayMachineCaptionsOnPlayer=1)
    shown = order(manager)
    hidden = order(manager, OTHER_VIDEO, HUMAN)

    def displayed(task, entry):
        sent = Caption.KalturaCaptionAsset(language="English", displayOnPlayer=True)
        return keyed(kaltura, task.accessKey).caption.captionAsset.add(entry, sent).displayOnPlayer

    assert (displayed(shown, VIDEO), displayed(hidden, OTHER_VIDEO)) == (True, False)


def test_orders_of_viewers_wait_for_approval_when_the_profile_says_so(kaltura, manager, vendor):
    viewer = client_of(kaltura, USER, "viewer")
    profile_set(manager, enableMachineModeration=1)

    waiting, refused = order(viewer), order(viewer, OTHER_VIDEO)
    of_manager = order(manager, item=HUMAN)
    before = [job.id for job in vendor.reach.entryVendorTask.getJobs().objects]
    approved = manager.reach.entryVendorTask.approve(waiting.id)
    rejected = manager.reach.entryVendorTask.reject(refused.id, "no")

    assert (status(waiting), status(of_manager), before) == (4, 1, [of_manager.id])
    assert (status(approved), approved.moderatingUser) == (1, "manager")
    assert (status(rejected), rejected.errDescription) == (5, "no")
    assert code_of(viewer.reach.entryVendorTask.approve, waiting.id) == "SERVICE_FORBIDDEN"
    assert code_of(manager.reach.entryVendorTask.approve, waiting.id) == (
        "CANNOT_APPROVE_NOT_MODERATED_TASK"
    )
    assert code_of(manager.reach.entryVendorTask.reject, refused.id) == (
        "CANNOT_REJECT_NOT_MODERATED_TASK"
    )


def test_vendor_may_start_or_fail_what_nobody_approved(kaltura, manager, vendor):
    viewer = client_of(kaltura, USER, "viewer")
    profile_set(manager, enableMachineModeration=1)

    started = report(vendor, order(viewer), status=3)
    failed = report(vendor, order(viewer, OTHER_VIDEO), status=6, errDescription="no sound")

    assert (status(started), status(failed), failed.errDescription) == (3, 6, "no sound")


def test_aborted_order_is_gone_for_everybody_and_may_be_given_again(kaltura, manager, vendor):
    other = client_of(kaltura, USER, "somebody")
    task = order(manager)
    refused = code_of(other.reach.entryVendorTask.abort, task.id)
    aborted = manager.reach.entryVendorTask.abort(task.id, "why")

    asked = Reach.KalturaEntryVendorTaskFilter(idEqual=task.id, statusEqual=7)
    assert (refused, status(aborted), aborted.errDescription) == (
        "ENTRY_VENDOR_TASK_ACTION_NOT_ALLOWED",
        7,
        "why",
    )
    assert manager.reach.entryVendorTask.list(asked).objects == []
    assert code_of(manager.reach.entryVendorTask.get, task.id) == "ENTRY_VENDOR_TASK_NOT_FOUND"
    assert code_of(report, vendor, task, status=3) == "ENTRY_VENDOR_TASK_NOT_FOUND"
    assert status(order(manager)) == 1


@pytest.mark.parametrize("final", [2, 6])
def test_final_states_cannot_be_left(manager, vendor, final):
    task = order(manager)
    report(vendor, task, status=3)
    report(vendor, task, status=final)

    assert code_of(report, vendor, task, status=3) == (
        "CANNOT_UPDATE_STATUS_OF_TASK_WHICH_IS_IN_FINAL_STATE"
    )
    assert code_of(manager.reach.entryVendorTask.abort, task.id) == (
        "CANNOT_ABORT_NOT_MODERATED_TASK"
    )


def test_work_under_way_cannot_be_aborted_by_either_side(manager, vendor):
    task = order(manager)
    report(vendor, task, status=3)

    assert code_of(manager.reach.entryVendorTask.abort, task.id) == (
        "CANNOT_ABORT_NOT_MODERATED_TASK"
    )
    assert code_of(report, vendor, task, status=7) == "ENTRY_VENDOR_TASK_ITEM_COULD_NOT_BE_UPDATED"


def test_same_order_twice_is_refused_until_it_failed(manager, vendor):
    first = order(manager)
    twice = code_of(order, manager)
    report(vendor, first, status=6)
    again = order(manager)
    report(vendor, again, status=3)
    report(vendor, again, status=2)

    assert (twice, code_of(order, manager)) == ("ENTRY_VENDOR_TASK_DUPLICATION",) * 2


def test_item_that_may_be_ordered_again_is_when_it_is_done(manager, vendor):
    first = order(manager, item=HUMAN)
    report(vendor, first, status=3)
    assert code_of(order, manager, item=HUMAN) == "ENTRY_VENDOR_TASK_DUPLICATION"
    report(vendor, first, status=2)

    assert status(order(manager, item=HUMAN)) == 1


@pytest.mark.parametrize(
    ("entry", "fields", "code"),
    [
        ("0_nosuchid", {}, "ENTRY_ID_NOT_FOUND"),
        (VIDEO, {"item": 99}, "CATALOG_ITEM_NOT_FOUND"),
        (VIDEO, {"profile": 99}, "REACH_PROFILE_NOT_FOUND"),
        (VIDEO, {"partnerData": "hello"}, "PARTNER_DATA_NOT_VALID_JSON_STRING"),
        (VIDEO, {"partnerData": "[1]"}, "PARTNER_DATA_NOT_VALID_JSON_STRING"),
        (VIDEO, {"item": LIVE}, "FEATURE_TYPE_NOT_SUPPORTED_FOR_ENTRY"),
        (VIDEO, {"item": TRANSLATION}, "REQUIRE_CAPTION"),
    ],
)
def test_orders_that_are_refused(manager, entry, fields, code):
    assert code_of(order, manager, entry, **fields) == code


def test_order_needs_an_entry_that_is_ready_and_long_enough(manager):
    empty = manager.media.add(Core.KalturaMediaEntry(name="Empty", mediaType=1))
    stream = manager.liveStream.add(
        Core.KalturaLiveStreamEntry(name="Live", mediaType=201), Core.KalturaSourceType.LIVE_STREAM
    )

    assert code_of(order, manager, empty.id) == "ENTRY_NOT_READY"
    assert code_of(order, manager, stream.id) == "ENTRY_TOO_SHORT"


@pytest.mark.parametrize(("moderated", "after"), [(False, 1), (True, 4)])
def test_order_for_a_recording_waits_until_it_is_ready(kaltura, manager, vendor, moderated, after):
    """The vendor hears of it, and it costs, only then."""
    profile_set(manager, enableMachineModeration=int(moderated))
    entry = Core.KalturaLiveStreamEntry(name="Live", mediaType=201, recordStatus=1)
    stream = manager.liveStream.add(entry, Core.KalturaSourceType.LIVE_STREAM)
    kaltura.freeze()
    kaltura.set_recording(60)
    kaltura.switch(stream.id, "on_air")
    recording = manager.liveStream.get(stream.id).recordedEntryId
    task = order(client_of(kaltura, USER, "ann"), recording)
    kaltura.advance(90)
    kaltura.switch(stream.id, "off")
    early = status(manager.reach.entryVendorTask.get(task.id))
    jobs = vendor.reach.entryVendorTask.getJobs().totalCount
    kaltura.advance(61)
    late = manager.reach.entryVendorTask.get(task.id)

    assert (status(task), task.price, early, jobs) == (8, 0, 8, 0)
    assert (status(late), late.unitsUsed) == (after, 90_000)
    assert vendor.reach.entryVendorTask.getJobs().totalCount == int(after == 1)


def test_order_without_an_item_names_the_property(kaltura, manager):
    answer = call(
        kaltura,
        "reach_entryvendortask.add",
        ks=str(manager.getKs()),
        entryVendorTask={"entryId": VIDEO},
    )
    assert answer["message"] == (
        'The property "KalturaEntryVendorTask::catalogItemId" cannot be null'
    )


def test_order_without_a_profile_takes_that_of_the_item(manager):
    task = Reach.KalturaEntryVendorTask(entryId=VIDEO, catalogItemId=CAPTIONS)
    assert manager.reach.entryVendorTask.add(task).reachProfileId == constants.REACH_PROFILE


def test_orderer_cannot_say_what_only_the_vendor_says(manager):
    task = order(manager, status=2, outputObjectId="0_x", accuracy=99)
    changed = manager.reach.entryVendorTask.update(
        task.id, Reach.KalturaEntryVendorTask(notes="more", errDescription="mine")
    )

    assert (status(task), status(changed), changed.notes) == (1, 1, "more")
    for name in ("outputObjectId", "accuracy", "errDescription"):
        assert getattr(changed, name) in (NotImplemented, None, "")


def test_credit_is_taken_given_back_and_runs_out(manager, vendor):
    def used() -> float:
        return float(manager.reach.reachProfile.get(constants.REACH_PROFILE).usedCredit)

    first = order(manager)
    paid = used()
    report(vendor, first, status=6)
    back = used()
    profile_set(manager, credit=Reach.KalturaVendorCredit(credit=1, fromDate=1))

    assert (float(first.price), paid, back) == (2.0, 2.0, 0.0)
    assert code_of(order, manager) == "EXCEEDED_MAX_CREDIT_ALLOWED"
    profile_set(manager, credit=Reach.KalturaTimeRangeVendorCredit(credit=99, fromDate=1, toDate=2))
    assert code_of(order, manager) == "CREDIT_EXPIRED"


def test_key_is_extended_while_the_work_goes_on(manager, vendor):
    task = order(manager)
    early = code_of(vendor.reach.entryVendorTask.extendAccessKey, task.id)
    report(vendor, task, status=3)
    extended = vendor.reach.entryVendorTask.extendAccessKey(task.id)

    assert early == "CANNOT_EXTEND_ACCESS_KEY"
    assert extended.accessKey != task.accessKey
    assert manager.session.get(extended.accessKey).userId in {"", NotImplemented}


def test_jobs_are_those_that_wait_whatever_is_asked(manager, vendor):
    waiting = order(manager)
    report(vendor, order(manager, OTHER_VIDEO), status=3)

    for asked in (1, 2, 3, 6):
        found = vendor.reach.entryVendorTask.getJobs(
            Reach.KalturaEntryVendorTaskFilter(statusEqual=asked)
        )
        assert [task.id for task in found.objects] == [waiting.id]


def test_jobs_are_for_vendors_only(manager, vendor):
    task = order(manager)
    for refused in (
        code_of(manager.reach.entryVendorTask.getJobs),
        code_of(report, manager, task, status=3),
        code_of(manager.reach.entryVendorTask.extendAccessKey, task.id),
    ):
        assert refused == "SERVICE_FORBIDDEN"
    assert code_of(vendor.reach.entryVendorTask.get, task.id) == "ENTRY_VENDOR_TASK_NOT_FOUND"
    assert [t.id for t in vendor.reach.entryVendorTask.list().objects] == [task.id]


def test_orders_of_an_entry_that_goes_go_with_it(manager, vendor):
    waiting, under_way = order(manager), order(manager, item=HUMAN)
    report(vendor, under_way, status=3)
    manager.baseEntry.delete(VIDEO)

    left = [task.id for task in manager.reach.entryVendorTask.list().objects]
    assert left == [under_way.id]
    assert code_of(manager.reach.entryVendorTask.get, waiting.id) == "ENTRY_VENDOR_TASK_NOT_FOUND"


def test_viewer_sees_the_catalogue_but_not_the_profiles(kaltura):
    viewer = client_of(kaltura, USER, "viewer")
    assert viewer.reach.vendorCatalogItem.list().totalCount == 4
    assert code_of(viewer.reach.reachProfile.list) == "SERVICE_FORBIDDEN"


def test_account_without_reach_is_refused_by_the_feature(kaltura, manager):
    kaltura.control("POST", "features", {"reach": False})
    viewer = client_of(kaltura, USER, "viewer")

    assert code_of(order, manager) == "FEATURE_FORBIDDEN"
    assert code_of(order, viewer) == "FEATURE_FORBIDDEN"
    assert code_of(manager.reach.reachProfile.list) == "FEATURE_FORBIDDEN"
    assert code_of(viewer.reach.reachProfile.list) == "SERVICE_FORBIDDEN"


def test_lists_of_tasks_lag_and_get_does_not(kaltura, manager):
    kaltura.set_index_delay(60)
    task = order(manager)

    assert manager.reach.entryVendorTask.list().objects == []
    assert manager.reach.entryVendorTask.get(task.id).id == task.id
    kaltura.advance(61)
    assert [t.id for t in manager.reach.entryVendorTask.list().objects] == [task.id]


# --------------------------------------------------------------------- live captions
@pytest.fixture
def stream(manager):
    return manager.liveStream.add(
        Core.KalturaLiveStreamEntry(name="Live", mediaType=201), Core.KalturaSourceType.LIVE_STREAM
    ).id


def live_data(**fields: Any):
    return Reach.KalturaScheduledVendorTaskData(**fields)


def event_on(manager, entry: str, start: int, end: int):
    return manager.schedule.scheduleEvent.add(
        Schedule.KalturaLiveStreamScheduleEvent(
            summary="Keynote", startDate=start, endDate=end, recurrenceType=0, templateEntryId=entry
        )
    )


def test_live_captions_stand_on_the_event_they_are_for(manager, vendor, stream):
    event = event_on(manager, stream, 2_000_000_000, 2_000_003_600)
    task = order(manager, stream, LIVE, taskJobData=live_data(scheduledEventId=event.id))
    features = manager.schedule.scheduleEvent.get(event.id).liveFeatures

    assert (task.taskJobData.startDate, task.taskJobData.endDate) == (2_000_000_000, 2_000_003_600)
    assert [f.systemName for f in features] == [f"LiveCaptionFeature-reach-{task.id}"]
    assert (task.unitsUsed, float(task.price)) == (3_600_000, 90.0)
    assert status(report(vendor, task, status=9)) == 9
    assert status(report(vendor, task, status=3)) == 3


def test_live_captions_without_an_event_make_one(manager, stream):
    job = live_data(startDate=2_000_000_000, endDate=2_000_003_600)
    task = order(manager, stream, LIVE, taskJobData=job)
    made = manager.schedule.scheduleEvent.get(task.taskJobData.scheduledEventId)

    assert (made.templateEntryId, made.startDate, made.endDate) == (
        stream,
        2_000_000_000,
        2_000_003_600,
    )


def test_live_captions_are_refused_for_another_event_or_a_video(manager, stream):
    other = manager.liveStream.add(
        Core.KalturaLiveStreamEntry(name="Two", mediaType=201), Core.KalturaSourceType.LIVE_STREAM
    ).id
    event = event_on(manager, other, 2_000_000_000, 2_000_003_600)
    job = live_data(scheduledEventId=event.id)
    past, long = (
        live_data(startDate=1_000_000_000, endDate=1_000_003_600),
        live_data(startDate=2_000_000_000, endDate=2_000_100_000),
    )

    assert code_of(order, manager, stream, LIVE, taskJobData=job) == "TASK_EVENT_ENTRY_ID_MISMATCH"
    assert code_of(order, manager, VIDEO, taskJobData=job) == "CATALOG_ITEM_AND_JOB_DATA_MISMATCH"
    assert code_of(order, manager, stream, LIVE, taskJobData=past) == "TOO_LATE_ORDER"
    assert code_of(order, manager, stream, LIVE, taskJobData=long) == "TOO_LONG_SCHEDULED_TASK"


def test_vendor_tells_the_event_where_the_captions_come_from(kaltura, manager, stream):
    event = event_on(manager, stream, 2_000_000_000, 2_000_003_600)
    task = order(manager, stream, LIVE, taskJobData=live_data(scheduledEventId=event.id))
    helper = keyed(kaltura, task.accessKey).schedule.scheduleEvent
    name = f"LiveCaptionFeature-reach-{task.id}"
    sent = Schedule.KalturaLiveCaptionFeature(captionUrl="wss://captions.test/1", inputDelay=5)
    (feature,) = helper.updateLiveFeature(event.id, name, sent).liveFeatures
    meeting = manager.schedule.scheduleEvent.add(
        Schedule.KalturaMeetingScheduleEvent(
            summary="Other", startDate=2_100_000_000, endDate=2_100_003_600, recurrenceType=0
        )
    )

    assert (feature.systemName, feature.captionUrl, feature.inputDelay) == (
        name,
        "wss://captions.test/1",
        5,
    )
    assert code_of(helper.updateLiveFeature, event.id, "other", sent) == "FEATURE_NAME_NOT_FOUND"
    assert code_of(helper.updateLiveFeature, 99, name, sent) == "INVALID_OBJECT_ID"
    assert code_of(helper.updateLiveFeature, meeting.id, name, sent) == (
        "INVALID_SCHEDULE_EVENT_TYPE"
    )
    viewer = client_of(kaltura, USER, "viewer").schedule.scheduleEvent
    assert code_of(viewer.updateLiveFeature, event.id, name, sent) == "SERVICE_FORBIDDEN"


def test_catalogue_is_kalturas_own(manager):
    item = Reach.KalturaVendorCaptionsCatalogItem(name="Mine")
    service = manager.reach.vendorCatalogItem

    assert code_of(service.add, item) == "SERVICE_FORBIDDEN"
    assert code_of(service.update, CAPTIONS, item) == "SERVICE_FORBIDDEN"
    assert code_of(service.get, 99) == "CATALOG_ITEM_NOT_FOUND"
