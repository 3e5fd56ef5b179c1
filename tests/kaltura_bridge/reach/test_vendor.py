"""The vendor's worker: from the order to captions in the customer's account, or an honest error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from KalturaClient.Plugins import Caption, Core, Reach, Schedule

from kaltura_bridge.models import VendorJob, VendorStep
from kaltura_bridge.reach.account import VendorNotSetUp
from kaltura_bridge.reach.engines.base import EngineFailed
from kaltura_bridge.reach.features import Feature
from kaltura_bridge.reach.outputs import caption_output
from kaltura_bridge.subtitles import CaptionCue
from kaltura_simulator import constants
from tests.kaltura_bridge.support.vendoring import (
    HUMAN,
    OTHER_VIDEO,
    VENDOR,
    VIDEO,
    EchoEngine,
    LiveEngine,
    VendorSite,
    expire_leases,
)

pytestmark = [pytest.mark.django_db]


def test_order_becomes_captions_and_every_call_has_the_right_session(vendor: VendorSite):
    task = vendor.order(notes="Names: Ann")
    engine = EchoEngine({})
    before = len(vendor.simulator.requests())

    report = vendor.round(engine)

    (asset,) = vendor.captions()
    job = VendorJob.objects.get()
    done = vendor.task(task)
    assert report.as_json() == {
        "ready": [task],
        "scheduled": [],
        "failed": [],
        "withdrawn": [],
        "waiting": [],
    }
    assert (done["status"], done["outputObjectId"]) == (2, asset["id"])
    assert (done["externalTaskId"], asset["partnerData"]) == (str(job.key), str(job.key))
    assert (asset["entryId"], asset["language"], asset["format"]) == (VIDEO, "English", "1")
    assert "bytes of English" in vendor.text_of(asset["id"])
    assert (job.step, job.cues, job.holder) == (VendorStep.READY, [], "")
    (work,) = engine.worked
    assert (work.notes, work.name) == ("Names: Ann", "Welcome to the conference")
    own, customer = f"event-portal_{VENDOR}", f"event-portal-{VENDOR}-{task}"
    seen = [
        (row["action"], row["params"]["partnerId"], row["params"]["clientTag"].partition("_")[2])
        for row in vendor.simulator.requests()[before:]
        if row["params"].get("clientTag", "").startswith("python") and row["service"] != "session"
    ]
    ours, theirs = str(VENDOR), str(vendor.simulator.partner_id)
    assert [row for row in seen if row[0] not in {"startSession", "getUrl"}] == [
        ("getJobs", ours, own),
        ("updateJob", ours, customer),
        ("get", theirs, customer),
        ("get", theirs, customer),
        ("get", ours, own),
        ("getPlaybackContext", theirs, customer),
        ("list", theirs, customer),
        ("add", theirs, customer),
        ("setContent", theirs, customer),
        ("updateJob", ours, customer),
    ]


def test_response_profile_goes_with_the_one_call_alone(vendor: VendorSite):
    vendor.order()
    vendor.round()

    named = {
        (row["service"], row["action"])
        for row in vendor.simulator.requests()
        if "responseProfile" in row["params"]
    }
    assert named == {("reach_entryvendortask", "get")}


@pytest.mark.parametrize(
    ("form", "kept", "start"),
    [("", "1", "1\n00:00"), ("1", "1", "1\n00:00"), ("2", "2", "<?xml"), ("3", "3", "WEBVTT")],
)
def test_captions_come_in_the_ordered_form(form: str, kept: str, start: str):
    made = caption_output([CaptionCue(0, 1000, "Hi")], "English", form)

    assert (made.asset.format, made.content[: len(start)]) == (kept, start)


@pytest.mark.parametrize(("kind", "form"), [("json", "4"), ("text", "1")])
def test_transcript_stands_beside_the_captions(vendor: VendorSite, settings, kind, form):
    settings.REACH_VENDOR_TRANSCRIPT = kind
    vendor.order()
    vendor.round()

    (transcript,) = vendor.simulator.objects("attachmentAsset")
    (captions,) = vendor.captions()
    assert (transcript["format"], transcript["status"]) == (form, 2)
    assert captions["associatedTranscriptIds"] == transcript["id"]
    assert vendor.simulator.objects("entryVendorTask")[0]["outputObjectId"] == captions["id"]


# ------------------------------------------------------------------------ what goes wrong
class BrokenEngine(EchoEngine):
    def transcribe(self, work):
        raise EngineFailed("There is only music in it.")


class SilentEngine(EchoEngine):
    def transcribe(self, work):
        return []


class CrashingEngine(EchoEngine):
    def transcribe(self, work):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("engine", "why"),
    [(BrokenEngine, "There is only music in it."), (SilentEngine, "No speech was found in it.")],
)
def test_what_cannot_be_done_is_an_error_with_its_reason(vendor: VendorSite, engine, why):
    task = vendor.order()
    report = vendor.round(engine({}))

    assert vendor.status(task) == (6, why)
    assert (report.failed, vendor.captions(), vendor.round().as_json()["ready"]) == (
        [(task, why)],
        [],
        [],
    )


def test_engine_that_breaks_down_costs_the_customer_nothing(vendor: VendorSite, caplog):
    task, other = vendor.order(), vendor.order(OTHER_VIDEO)
    report = vendor.round(CrashingEngine({}))
    caplog.clear()

    assert [each for each, _ in report.waiting] == [task, other]
    expire_leases()
    assert vendor.round().ready == [task, other]


def test_captions_that_kaltura_cannot_read_are_taken_back(vendor: VendorSite):
    task = vendor.order()
    vendor.simulator.answer_with("captionAsset.setContent", "INVALID_OBJECT_ID", ID="x")
    vendor.round()

    status, why = vendor.status(task)
    assert (status, vendor.captions(0), vendor.captions()) == (6, [], [])
    assert "INVALID_OBJECT_ID" in why


def test_kaltura_that_does_not_answer_is_asked_again(vendor: VendorSite):
    task = vendor.order()
    vendor.simulator.lose_reply("captionAsset.add")
    first = vendor.round()
    expire_leases()
    second = vendor.round()

    assert ([each for each, _ in first.waiting], second.ready) == ([task], [task])
    assert len(vendor.captions()) == 1
    assert vendor.captions(0) == []


def test_withdrawn_order_is_left_alone(vendor: VendorSite):
    task = vendor.order()
    engine = EchoEngine({})
    vendor.simulator.answer_with("entryVendorTask.updateJob", "ENTRY_VENDOR_TASK_NOT_FOUND", ID=1)
    report = vendor.round(engine)

    assert report.withdrawn == [(task, "The customer withdrew the order.")]
    assert (engine.worked, vendor.captions()) == ([], [])


def test_order_that_its_customer_aborts_in_between_ends(vendor: VendorSite):
    task = vendor.order()
    vendor.simulator.refuse("entryVendorTask.updateJob", times=1)
    vendor.round()
    vendor.customer().reach.entryVendorTask.abort(task, "no")
    for _ in range(4):
        expire_leases()
        vendor.round()

    job = VendorJob.objects.get()
    assert (job.step, job.problem) == (VendorStep.WITHDRAWN, "The customer withdrew the order.")


def test_entry_that_is_gone_is_said(vendor: VendorSite):
    task = vendor.order()
    engine = EchoEngine({})
    engine.meanwhile = lambda: vendor.customer().baseEntry.delete(VIDEO)
    vendor.round(engine)

    status, why = vendor.status(task)
    assert (status, "ENTRY_ID_NOT_FOUND" in why or "INVALID_KS" in why) == (6, True)


def test_task_that_another_installation_took_is_left_to_it(vendor: VendorSite):
    task = vendor.order()
    engine = EchoEngine({})
    vendor.simulator.refuse("entryVendorTask.updateJob", times=1)
    vendor.round(engine)
    told = Reach.KalturaEntryVendorTask(status=3, externalTaskId="theirs")
    vendor.vendor().reach.entryVendorTask.updateJob(task, told)
    expire_leases()
    report = vendor.round(engine)

    assert report.withdrawn == [(task, "Another worker of this vendor has it.")]
    assert (engine.worked, vendor.captions()) == ([], [])


# ------------------------------------------------------------------------------ the keys
def test_key_that_has_run_out_is_extended_and_the_work_goes_on(vendor: VendorSite):
    task = vendor.order()
    engine = EchoEngine({})
    engine.meanwhile = lambda: vendor.simulator.advance(8 * 86_400)
    # Our own clock stays: the key's end is learnt from Kaltura's refusal.
    report = vendor.round(engine)

    assert report.ready == [task]
    # Twice: the vendor's own session had run out as well.
    assert vendor.simulator.calls("entryVendorTask.extendAccessKey") == 2
    assert VendorJob.objects.get().key_made_at is not None


def test_key_is_extended_a_day_before_its_end(vendor: VendorSite):
    task = vendor.order()
    vendor.simulator.refuse("captionAsset.list", times=1)
    vendor.round()
    VendorJob.objects.update(key_made_at=datetime.now(UTC) - timedelta(days=6, hours=1))
    expire_leases()
    vendor.round()

    job = VendorJob.objects.get()
    assert (vendor.status(task)[0], job.step) == (2, VendorStep.READY)
    assert datetime.now(UTC) - job.key_made_at < timedelta(minutes=1)
    assert vendor.simulator.calls("entryVendorTask.extendAccessKey") == 1


def test_token_without_the_privilege_is_refused_in_words(vendor: VendorSite):
    vendor.set_up("list:*")
    with pytest.raises(VendorNotSetUp, match="lacks the privilege disableentitlement"):
        vendor.round()


def test_token_that_is_wrong_costs_no_job_its_order(vendor: VendorSite, settings):
    task = vendor.order()
    settings.REACH_VENDOR_APP_TOKEN = "0" * 32
    with pytest.raises(VendorNotSetUp, match="INVALID_APP_TOKEN_HASH"):
        vendor.round()
    assert vendor.status(task) == (1, "")


def test_account_that_is_no_vendor_is_told_so(vendor: VendorSite, settings):
    token = vendor.customer().appToken.add(
        Core.KalturaAppToken(sessionPrivileges="disableentitlement", sessionType=2)
    )
    settings.REACH_VENDOR_PARTNER_ID = vendor.simulator.partner_id
    settings.REACH_VENDOR_APP_TOKEN_ID, settings.REACH_VENDOR_APP_TOKEN = token.id, token.token

    with pytest.raises(Exception, match="SERVICE_FORBIDDEN"):
        vendor.round()


# ------------------------------------------------------------------------- several workers
def test_of_two_workers_one_does_it(vendor: VendorSite):
    task = vendor.order()
    engine, second = EchoEngine({}), EchoEngine({})
    reports = []
    engine.meanwhile = lambda: reports.append(vendor.round(second))
    first = vendor.round(engine)

    assert (first.ready, reports[0].ready, second.worked) == ([task], [], [])
    assert len(vendor.captions()) == 1


def test_worker_that_was_held_up_tells_nothing_any_more(vendor: VendorSite):
    task = vendor.order()
    engine = EchoEngine({})
    reports = []

    def another_takes_over():
        expire_leases()
        reports.append(vendor.round())

    engine.meanwhile = another_takes_over
    first = vendor.round(engine)

    assert (first.ready, first.failed, reports[0].ready) == ([], [], [task])
    assert (len(vendor.captions()), vendor.status(task)) == (1, (2, ""))


def test_round_has_a_limit_and_leaves_other_kinds_of_work(vendor: VendorSite):
    first, second = vendor.order(), vendor.order(OTHER_VIDEO)
    asset = vendor.customer().caption.captionAsset.add(
        OTHER_VIDEO, Caption.KalturaCaptionAsset(language="English")
    )
    data = Reach.KalturaTranslationVendorTaskData(captionAssetId=asset.id)
    translation = vendor.order(OTHER_VIDEO, constants.REACH_TRANSLATION, taskJobData=data)

    assert vendor.round(most=1).ready == [first]
    assert vendor.round(only=frozenset({Feature.TRANSLATION})).ready == []
    last = vendor.round()
    assert (last.ready, last.waiting) == (
        [second],
        [(translation, "the engine echo does not do this kind of work (translation)")],
    )


# --------------------------------------------------------------------------------- live
def test_live_captions_are_announced_begun_and_ended(vendor: VendorSite, it_is):
    now = datetime.now(UTC)
    task, event = vendor.order_live(now + timedelta(hours=1), now + timedelta(hours=2))
    engine = LiveEngine({})
    first = vendor.round(engine)
    (feature,) = vendor.customer().schedule.scheduleEvent.get(event).liveFeatures
    key = str(VendorJob.objects.get().key)

    assert (first.scheduled, vendor.status(task)[0]) == ([task], 9)
    assert (feature.mediaUrl, feature.mediaKey) == ("rtmps://in.test/live", key)
    assert (feature.captionUrl, feature.captionToken, feature.inputDelay) == (
        "wss://out.test/captions",
        key,
        3,
    )
    assert vendor.round(engine).scheduled == []  # not before its hour

    it_is(now + timedelta(hours=1, minutes=1))
    expire_leases()
    assert (vendor.round(engine).scheduled, vendor.status(task)[0]) == ([task], 3)

    it_is(now + timedelta(hours=2, minutes=1))
    expire_leases()
    assert (vendor.round(engine).ready, vendor.status(task)) == ([task], (2, ""))
    assert len(engine.ended) == 1


def test_live_captions_that_nobody_here_makes_are_refused_at_once(vendor: VendorSite):
    now = datetime.now(UTC)
    task, _event = vendor.order_live(now + timedelta(hours=1), now + timedelta(hours=2))
    vendor.round()

    assert vendor.status(task) == (6, "This vendor makes no live captions.")


def test_live_captions_without_a_place_on_the_event_are_refused(vendor: VendorSite):
    now = datetime.now(UTC)
    task, event = vendor.order_live(now + timedelta(hours=1), now + timedelta(hours=2))
    vendor.customer().schedule.scheduleEvent.update(
        event, Schedule.KalturaLiveStreamScheduleEvent(liveFeatures=[])
    )
    vendor.round(LiveEngine({}))

    status, why = vendor.status(task)
    assert (status, "has no place for captions" in why) == (6, True)


def test_human_item_takes_the_same_way(vendor: VendorSite):
    task = vendor.order(item=HUMAN)
    assert vendor.round().ready == [task]


def test_one_gap_in_a_list_loses_no_order_however_often_it_failed_before(vendor):
    task = vendor.order()
    vendor.simulator.refuse("captionAsset.add", times=3)
    for _ in range(3):
        vendor.round()
        expire_leases()
    vendor.simulator.fault("entryVendorTask.list", "lose_item", times=1)
    for _ in range(3):
        vendor.round()
        expire_leases()

    assert vendor.status(task)[0] == 2


def test_a_pause_is_kept_for_orders_that_wait(vendor):
    """A short failure of Kaltura's ends no order after a few rounds."""
    tasks = [vendor.order(), vendor.order(OTHER_VIDEO)]
    vendor.simulator.refuse("entryVendorTask.updateJob", times=None)
    for _ in range(25):
        vendor.round()
    vendor.simulator.clear_faults()
    attempts = set(VendorJob.objects.values_list("attempts", flat=True))
    expire_leases()
    vendor.round()

    assert attempts == {1}
    assert [vendor.status(task)[0] for task in tasks] == [2] * 2


def test_the_customer_learns_of_a_failure_though_what_was_made_cannot_be_deleted(vendor):
    task = vendor.order()
    vendor.simulator.answer_with("captionAsset.setContent", "INVALID_OBJECT_ID", ID="x")
    vendor.simulator.answer_with(
        "captionAsset.delete", "SERVICE_FORBIDDEN", times=None, SERVICE="caption", ACTION="delete"
    )
    for _ in range(4):
        vendor.round()
        expire_leases()

    assert vendor.status(task)[0] == 6


def test_an_engine_that_breaks_down_each_time_ends_the_order(vendor):
    task = vendor.order()

    class BrokenEngine(EchoEngine):
        def transcribe(self, work):
            raise MemoryError("no")

    for _ in range(22):
        vendor.round(BrokenEngine({}))
        expire_leases()

    assert vendor.status(task)[0] == 6
