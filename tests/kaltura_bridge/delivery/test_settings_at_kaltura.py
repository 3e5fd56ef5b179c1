"""Delivery settings at Kaltura: sent, taken back, changed there, and refused while on air."""

from __future__ import annotations

import json
from typing import Any

import pytest

from events.models import Event, Session, SpeakerRole
from kaltura_bridge.api.adapters.metadata import parse
from kaltura_bridge.api.client import new
from kaltura_bridge.doctor import DoctorRun
from kaltura_bridge.doctor.permissions import check_push_publish
from kaltura_bridge.models import SessionDelivery, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.repair.diff import object_of
from kaltura_bridge.sync import service
from kaltura_bridge.sync.drift import drift_rows
from kaltura_bridge.sync.plan_report import plan_report
from tests.factories import SessionSpeakerFactory, UserFactory
from tests.kaltura_bridge.support.at_kaltura import at_kaltura, held_there, link_of, page_of
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle, states
from tests.kaltura_bridge.support.recipe_cases import OF_ALL, decide

pytestmark = [pytest.mark.django_db(transaction=True)]

OWN = {"conversion_profile_id": 1002, "admin_tags": "Sponsor", "push_publish": True, **OF_ALL}
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("owner_id", "organizer", "classification", "calendar_tags", "admin_tags"), ""),
    **dict.fromkeys(("conversion_profile_id", "push_publish", "calendar_details")),
}


@pytest.fixture
def event(simulator: Any) -> Event:
    planned = planned_event()
    settle(planned)
    return planned


def keynote() -> Session:
    return Session.objects.select_related("event").get(title="Keynote")


def entry(simulator: Any) -> dict[str, Any]:
    return held_there(simulator, "entry", link_of("entry").remote_id)


def calendar(simulator: Any) -> dict[str, Any]:
    return held_there(simulator, "scheduleEvent", link_of("schedule_event").remote_id)


def chosen(simulator: Any) -> dict[str, Any]:
    """What the settings of this file become."""
    names = ("conversionProfileId", "adminTags", "userId")
    found = {name: entry(simulator).get(name) for name in names}
    texts = ("organizer", "classificationType", "tags")
    return found | {name: calendar(simulator).get(name) or "" for name in texts}


def test_what_is_chosen_is_sent_and_what_is_taken_back_goes_back(
    simulator: Any, settings: Any, event: Event
) -> None:
    settings.KALTURA_CONVERSION_PROFILE_ID = 1001
    before = chosen(simulator)

    decide(keynote(), **OWN)
    settle(event)
    during = chosen(simulator)
    decide(keynote(), **NOTHING)
    settle(event)

    assert during == {
        "conversionProfileId": 1002,
        "adminTags": "kms-webcast-event,kwebcast,sponsor,vpaas-webcast",
        "userId": "stage-crew",
        "organizer": "Programme team",
        "classificationType": 2,
        "tags": f"Ethics,Law,Spring,{event.slug}",
    }
    assert chosen(simulator) == before
    assert states(event)["Keynote"] == ("synced", "")
    assert (in_step(event), service.sync_event(event, 20).writes) == (True, 0)


def test_profile_of_the_settings_is_not_sent_to_what_is_there(
    simulator: Any, settings: Any, event: Event
) -> None:
    """It would begin a new recording of every session that there ever was."""
    settings.KALTURA_CONVERSION_PROFILE_ID = 1002

    assert service.sync_event(event, 20).writes == 0


def test_all_that_was_changed_there_can_be_adopted(simulator: Any, event: Event) -> None:
    decide(keynote(), **OWN | {"push_publish": None})
    settle(event)
    options = new("KalturaLiveEntryRecordingOptions", shouldMakeHidden=1, shouldCopyThumbnail=1)
    there = new(
        "KalturaLiveStreamEntry",
        conversionProfileId=1001,
        adminTags="kms-webcast-event,kwebcast,vpaas-webcast,press",
        userId="agency",
        recordingOptions=options,
    )
    link, of_calendar = link_of("entry"), link_of("schedule_event")
    at_kaltura(lambda c: c.liveStream.update(link.remote_id, there))
    moved = new("KalturaLiveStreamScheduleEvent", organizer="Agency", classificationType=3)
    at_kaltura(lambda c: c.schedule.scheduleEvent.update(of_calendar.remote_id, moved))
    service.sync_event(event, 20)

    for each in (link, of_calendar):
        each.refresh_from_db()
        actions.adopt_fields(each, list(each.drift))
    settle(event)

    own = SessionDelivery.objects.get(session=keynote())
    assert (own.conversion_profile_id, own.admin_tags, own.owner_id) == (1001, "press", "agency")
    assert (own.organizer, own.classification) == ("Agency", "confidential")
    recordings = {
        name: getattr(own, f"recordings_{name}")
        for name in ("copy_access", "hidden", "archived", "copy_thumbnail", "copy_schedule")
    }
    assert recordings == {
        "copy_access": False,
        "hidden": True,
        "archived": False,
        "copy_thumbnail": True,
        "copy_schedule": False,
    }
    assert (in_step(event), SyncTarget.objects.get(title="Keynote").changed_there) == (True, "")


def test_series_made_of_an_event_there_is_told(simulator: Any, event: Event) -> None:
    link = link_of("schedule_event")
    rule = new("KalturaScheduleEventRecurrence", frequency="days", count=3)
    series = new("KalturaLiveStreamScheduleEvent", recurrenceType=1, recurrence=rule)
    at_kaltura(lambda c: c.schedule.scheduleEvent.update(link.remote_id, series))

    service.sync_event(event, 20)

    told = SyncTarget.objects.get(title="Keynote").changed_there
    assert told == "Schedule event recurrence"


# --- Push publishing ---------------------------------------------------------

LACKING = (
    "Kaltura did not keep “push to other services”: the account has no PUSH_PUBLISH_PERMISSION. "
    "Ask Kaltura to enable it, or set it to off."
)


def test_what_kaltura_drops_without_a_word_is_told_and_is_no_drift(
    simulator: Any, event: Event
) -> None:
    simulator.set_features(pushPublish=False)
    decide(keynote(), push_publish=True)
    settle(event)
    again = [service.sync_event(event, 20).writes for _ in range(2)]
    planned = service.plan_event(event)

    link = link_of("entry")
    assert (again, in_step(event), drift_rows(planned.operations)) == ([0, 0], True, [])
    assert plan_report(planned).warnings == [f"live entry “Keynote”: {LACKING}"]
    assert (object_of(link).note, object_of(link).fields) == (LACKING, [])
    line = check_push_publish(DoctorRun())
    assert (line.verdict, line.seen) == (
        "failed",
        "PUSH_PUBLISH_PERMISSION is not enabled for the account: Kaltura drops the setting of "
        "“Keynote” without a word.",
    )


def test_account_that_may_push_keeps_it_and_drift_is_seen(simulator: Any, event: Event) -> None:
    simulator.set_features(pushPublish=True)
    decide(keynote(), push_publish=True)
    settle(event)
    held = entry(simulator)["pushPublishEnabled"]
    off = new("KalturaLiveStreamEntry", pushPublishEnabled=0)
    at_kaltura(lambda c: c.liveStream.update(link_of("entry").remote_id, off))
    service.sync_event(event, 20)

    rows = drift_rows(service.plan_event(event).operations)
    assert (held, [(row["field"], row["theirs"]) for row in rows]) == (
        1,
        [("pushPublishEnabled", "0")],
    )
    assert check_push_publish(DoctorRun()).verdict == "ok"


# --- On air ------------------------------------------------------------------


def test_what_is_frozen_on_air_waits_and_the_rest_does_not(simulator: Any, event: Event) -> None:
    remote_id, session = str(link_of("entry").remote_id), keynote()
    simulator.switch(remote_id, "on_air")
    decide(session, dvr_window_minutes=30, conversion_profile_id=1002)
    Session.objects.filter(pk=session.pk).update(title="Opening")
    Session.objects.get(pk=session.pk).save()

    settle(event, 0)
    waiting, during = states(event)["Opening"], held_there(simulator, "entry", remote_id)
    simulator.switch(remote_id, "off")
    settle(event)
    after = held_there(simulator, "entry", remote_id)

    assert waiting == ("pending", "on air")
    fields = ("name", "dvrWindow", "conversionProfileId")
    assert tuple(during[n] for n in fields) == ("Opening", 60, 1001)
    assert (in_step(event), tuple(after[n] for n in fields)) == (True, ("Opening", 30, 1002))


@pytest.mark.parametrize(
    ("changes", "calls"),
    [({}, [{"name"}]), ({"dvr_window_minutes": 30}, [{"name", "dvrWindow"}, {"name"}])],
)
def test_what_kaltura_freezes_besides_is_not_sent_again_and_again(
    simulator: Any, event: Event, changes: dict[str, Any], calls: list[set[str]]
) -> None:
    code = "CANNOT_UPDATE_FIELDS_WHILE_ENTRY_BROADCASTING"
    simulator.answer_with("liveStream.update", code, times=None, FIELD="name")
    decide(keynote(), **changes)
    Session.objects.filter(title="Keynote").update(title="Opening")
    Session.objects.get(title="Opening").save()
    simulator.forget_requests()

    settle(event, 0)

    sent = [
        call["params"]["liveStreamEntry"]
        for call in simulator.requests()
        if (call["service"].lower(), call["action"].lower()) == ("livestream", "update")
    ]
    assert states(event)["Opening"] == ("pending", "on air")
    assert [fields.keys() - {"objectType"} for fields in sent] == calls


# --- People ------------------------------------------------------------------


def test_moderators_and_presenters_are_named(simulator: Any, settings: Any, event: Event) -> None:
    session, user = keynote(), UserFactory()
    SessionSpeakerFactory(
        session=session, speaker__name="Ada", speaker__biography="One.\n\nTwo.", position=1
    )
    guide = SessionSpeakerFactory(
        session=session,
        speaker__name="Grace",
        speaker__user=user,
        role=SpeakerRole.MODERATOR,
        position=2,
    )
    settle(event)
    named = _details(), _presenters(simulator)
    guide.delete()
    settle(event)

    ada = session.speakers.get()
    page = f"{settings.SITE_URL}/e/{event.slug}/speakers/{ada.slug}/"
    (first, second) = named[1]
    assert first == {
        "PresenterId": str(ada.uuid),
        "PresenterName": "Ada",
        "PresenterBio": "One.\n\nTwo.",
        "PresenterLink": page,
    }
    assert second["PresenterName"] == "Grace"
    ids = [f"presenter_{first['PresenterId']}", f"presenter_{second['PresenterId']}"]
    assert named[0] == ([f"portal-{user.uuid.hex}"], ids)
    assert _details() == ([], [f"presenter_{ada.uuid}"])
    assert in_step(event)


def _details() -> tuple[Any, Any]:
    link = link_of("metadata", ending="EntryAdditionalInfo")
    held = {**link.pushed, **link.seen}
    names = ("kwebcast_moderators_array", "presenters")
    first, second = (json.loads(held.get(f"Detail/{name}", "[]")) for name in names)
    return first, second


def _presenters(simulator: Any) -> Any:
    record = held_there(simulator, "metadata", page_of().remote_id)
    return json.loads(parse(record["xml"])["Presenter"])
