"""Notifications by HTTP: sent when something changed, signed, and sent again until they arrive."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from KalturaClient.Plugins import Caption, Core, EventNotification, HttpNotification, Reach

from kaltura_simulator import constants
from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, client_of, code_of, ks_of, value_of
from tests.kaltura_simulator.support.receiver import Receiver

VIDEO = constants.READY_VIDEOS[0][0]
ACTIVE, DISABLED = 2, 1
JSON = 1


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def client(kaltura):
    return client_of(kaltura)


def as_object(kind: str = "KalturaBaseEntry", form: int = JSON):
    return HttpNotification.KalturaHttpNotificationObjectData(apiObjectType=kind, format=form)


def watch(client, url, source="HTTP_ENTRY_CHANGED", active=True, **fields):
    """A copy of one of Kaltura's templates, sending to ``url``."""
    service = client.eventNotification.eventNotificationTemplate
    asked = EventNotification.KalturaEventNotificationTemplateFilter(systemNameEqual=source)
    (original,) = service.listTemplates(asked).objects
    chosen = {"systemName": f"{source}_{time.monotonic_ns()}", "url": url, "data": as_object()}
    wanted = HttpNotification.KalturaHttpNotificationTemplate(**chosen | fields)
    made = service.clone(original.id, wanted)
    return service.updateStatus(made.id, ACTIVE) if active else made


def rename(client, name="Renamed", entry=VIDEO):
    client.baseEntry.update(entry, Core.KalturaBaseEntry(name=name))


def jobs(kaltura):
    return kaltura.control("GET", "notifications")["notifications"]


def settled(kaltura, *states):
    """The notifications, once none of them waits (or all are in ``states``)."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        found = jobs(kaltura)
        if found and all(
            job["status"] in (states or ("sent", "failed", "refused")) for job in found
        ):
            return found
        time.sleep(0.02)
    raise AssertionError(jobs(kaltura))


# ---------------------------------------------------------------------- templates
def test_nothing_is_sent_at_first(kaltura, client):
    rename(client)
    assert client.eventNotification.eventNotificationTemplate.list().objects == []
    assert jobs(kaltura) == []


def test_templates_are_copied_not_made(kaltura, client):
    own = HttpNotification.KalturaHttpNotificationTemplate(
        name="Hook", eventType="2", eventObjectType="1", url="http://127.0.0.1:9/"
    )
    service = client.eventNotification.eventNotificationTemplate

    assert code_of(service.add, own) == "SERVICE_FORBIDDEN"
    kaltura.control("POST", "features", {"notificationTemplates": True})
    made = service.add(own)
    assert (value_of(made.status), value_of(made.type)) == (ACTIVE, "httpNotification.Http")


def test_copy_waits_for_its_status_and_has_its_own_name(client, receiver):
    copy = watch(client, receiver.url, active=False, systemName="MINE")
    service = client.eventNotification.eventNotificationTemplate
    twin = code_of(watch, client, receiver.url, active=False, systemName="MINE")
    mail = EventNotification.KalturaEventNotificationTemplate(name="x")

    assert (value_of(copy.status), copy.partnerId) == (DISABLED, 101)
    assert twin == "EVENT_NOTIFICATION_TEMPLATE_DUPLICATE_SYSTEM_NAME"
    assert code_of(service.clone, copy.id, mail) == "EVENT_NOTIFICATION_WRONG_TYPE"
    service.delete(copy.id)
    assert code_of(service.get, copy.id) == "EVENT_NOTIFICATION_TEMPLATE_NOT_FOUND"


def test_status_there_is_none_of_and_viewers_are_refused(kaltura):
    action = "eventnotification_eventnotificationtemplate.updateStatus"
    bad = call(kaltura, action, ks=ks_of(kaltura), id=1, status=9)
    viewer = client_of(kaltura, USER, "viewer").eventNotification.eventNotificationTemplate

    assert (bad["code"], bad["args"]["ENUM_TYPE"]) == (
        "INVALID_ENUM_VALUE",
        "KalturaEventNotificationTemplateStatus",
    )
    assert code_of(viewer.list) == "SERVICE_FORBIDDEN"


# ------------------------------------------------------------------------ sending
def test_change_is_told_as_json_and_signed(kaltura, client, receiver):
    template = watch(client, receiver.url, name="Entries")
    rename(client, "Über")
    (got,) = receiver.wait()
    said = json.loads(got.body)

    assert (got.method, got.path, got.headers["content-type"]) == (
        "POST",
        "/hook",
        "application/json",
    )
    signed = hashlib.sha1((kaltura.admin_secret + got.body).encode()).hexdigest()
    assert got.headers["x-kaltura-signature"] == signed
    assert got.headers["x-kaltura-hash-algo"] == "sha1"
    assert (said["object"]["id"], said["object"]["name"]) == (VIDEO, "Über")
    assert said["object"]["objectType"] == "KalturaBaseEntry"
    del said["object"]
    assert said == {
        "eventObjectType": 1,
        "eventNotificationJobId": settled(kaltura)[0]["id"],
        "templateId": template.id,
        "templateName": "Entries",
        "templateSystemName": template.systemName,
        "eventType": 2,
        "objectType": "KalturaHttpNotification",
    }


@pytest.mark.parametrize(("number", "name"), [(1, "sha1"), (2, "sha256"), (3, "sha512")])
def test_digest_is_the_one_that_the_template_names(kaltura, client, receiver, number, name):
    watch(client, receiver.url, secureHashingAlgo=number)
    rename(client)
    (got,) = receiver.wait()

    signed = hashlib.new(name, (kaltura.admin_secret + got.body).encode()).hexdigest()
    assert (got.headers["x-kaltura-hash-algo"], got.headers["x-kaltura-signature"]) == (
        name,
        signed,
    )


def test_xml_holds_the_same(client, receiver):
    watch(client, receiver.url, data=as_object(form=2))
    rename(client, "A & B")
    (got,) = receiver.wait()

    assert got.headers["content-type"] == "application/xml"
    assert got.body.startswith("<notification><objectType>KalturaHttpNotification</objectType>")
    assert "<name>A &amp; B</name>" in got.body


def test_text_and_fields_are_filled_with_the_objects_values(client, receiver):
    def value(key, code):
        field = Core.KalturaEvalStringField(code=code)
        return EventNotification.KalturaEventNotificationParameter(key=key, value=field)

    names = [
        value("entry", "{event.object.id}"),
        value("title", '$scope->getEvent()->getObject()->getName() . "!"'),
    ]
    text = HttpNotification.KalturaHttpNotificationDataText(
        content=Core.KalturaStringValue(value="{entry} is now {title}"), contentType="text/plain"
    )
    watch(client, receiver.url, data=text, contentParameters=names)
    fields = HttpNotification.KalturaHttpNotificationDataFields()
    watch(client, receiver.url + "/{entry}", data=fields, contentParameters=names)
    rename(client, "Talk")
    by_path = {got.path: got for got in receiver.wait(2)}

    plain, form = by_path["/hook"], by_path[f"/hook/{VIDEO}"]
    assert (plain.body, plain.headers["content-type"]) == (f"{VIDEO} is now Talk!", "text/plain")
    assert parse_qs(form.body) == {"entry": [VIDEO], "title": ["Talk!"]}


def test_get_carries_the_body_in_the_address(client, receiver):
    text = HttpNotification.KalturaHttpNotificationDataText(
        content=Core.KalturaStringValue(value="a=1")
    )
    watch(client, receiver.url, method=1, data=text)
    rename(client)
    (got,) = receiver.wait()

    assert (got.method, urlsplit(got.path).query, got.body) == ("GET", "a=1", "")


def test_headers_and_password_of_ones_own_are_sent(client, receiver):
    mine = Core.KalturaKeyValue(key="X-Mine", value="yes")
    watch(client, receiver.url, customHeaders=[mine], username="u", password="p")
    rename(client)
    (got,) = receiver.wait()

    assert (got.headers["x-mine"], got.headers["authorization"]) == ("yes", "Basic dTpw")


@pytest.mark.parametrize(
    ("source", "act"),
    [
        ("HTTP_ENTRY_ADDED", lambda c: c.media.add(Core.KalturaMediaEntry(name="N", mediaType=1))),
        ("HTTP_ENTRY_DELETED", lambda c: c.baseEntry.delete(VIDEO)),
        ("HTTP_CATEGORY_ADDED", lambda c: c.category.add(Core.KalturaCategory(name="New"))),
    ],
)
def test_each_event_tells_its_own_template_once(kaltura, client, receiver, source, act):
    watch(client, receiver.url, source, data=None)
    act(client)
    receiver.wait()

    assert [job["status"] for job in settled(kaltura)] == ["sent"]
    assert len(receiver.got) == 1


def test_going_on_air_is_a_change_of_the_live_stream(kaltura, client, receiver):
    stream = client.liveStream.add(
        Core.KalturaLiveStreamEntry(name="Live", mediaType=201), Core.KalturaSourceType.LIVE_STREAM
    )
    status = EventNotification.KalturaEventObjectChangedCondition(modifiedColumns="LIVE_STATUS")
    whole = as_object("KalturaLiveStreamEntry")
    watch(client, receiver.url, "HTTP_LIVE_STREAM_CHANGED", data=whole, eventConditions=[status])
    rename(client, "No news", stream.id)
    kaltura.switch(stream.id, "on_air")
    (got,) = receiver.wait()

    said = json.loads(got.body)
    assert (said["eventObjectType"], said["object"]["id"], said["object"]["liveStatus"]) == (
        38,
        stream.id,
        1,
    )


def test_done_captions_are_told_to_who_watches_orders(kaltura, client, receiver):
    watch(
        client, receiver.url, "HTTP_VENDOR_TASK_CHANGED", data=as_object("KalturaEntryVendorTask")
    )
    task = Reach.KalturaEntryVendorTask(
        entryId=VIDEO, catalogItemId=constants.REACH_MACHINE_CAPTIONS
    )
    made = client.reach.entryVendorTask.add(task)
    client.reach.entryVendorTask.update(made.id, Reach.KalturaEntryVendorTask(notes="soon"))
    (got,) = receiver.wait()

    said = json.loads(got.body)["object"]
    assert (said["id"], said["notes"], said["status"]) == (made.id, "soon", 1)


def test_what_was_refused_or_changed_nothing_is_not_told(kaltura, client, receiver):
    watch(client, receiver.url)
    code_of(client.baseEntry.update, VIDEO, Core.KalturaBaseEntry(name="x", referenceId="1"))
    code_of(client.baseEntry.update, "0_nosuchid", Core.KalturaBaseEntry(name="x"))

    assert jobs(kaltura) == []


def test_conditions_decide(client, receiver):
    service = EventNotification
    column = service.KalturaEventObjectChangedCondition(modifiedColumns="entry.TAGS")
    watch(client, receiver.url + "/tags", eventConditions=[column])
    field = Core.KalturaEvalBooleanField(code="{event.object.name}=='Talk' && 1")
    named = service.KalturaEventFieldCondition(field=field)
    watch(client, receiver.url + "/named", eventConditions=[named])
    odd = Core.KalturaEvalBooleanField(code="system('x')")
    unread = service.KalturaEventFieldCondition(field=odd)
    watch(client, receiver.url + "/odd", eventConditions=[unread])

    rename(client, "Other")
    rename(client, "Talk")
    client.baseEntry.update(VIDEO, Core.KalturaBaseEntry(tags="one, two"))

    # The tags came while the name was still "Talk".
    assert sorted(got.path for got in receiver.wait(3)) == [
        "/hook/named",
        "/hook/named",
        "/hook/tags",
    ]


def test_dispatch_sends_without_a_change(client, receiver):
    template = watch(client, receiver.url, active=False, manualDispatchEnabled=True)
    service = client.eventNotification.eventNotificationTemplate
    scope = EventNotification.KalturaEventNotificationScope(objectId=VIDEO)
    number = service.dispatch(template.id, scope)
    (got,) = receiver.wait()
    nothing = EventNotification.KalturaEventNotificationScope(objectId="0_nosuchid")

    assert json.loads(got.body)["eventNotificationJobId"] == number
    assert code_of(service.dispatch, template.id, nothing) == "EVENT_NOTIFICATION_DISPATCH_FAILED"
    off = watch(client, receiver.url, active=False, manualDispatchEnabled=False)
    assert code_of(service.dispatch, off.id, scope) == "EVENT_NOTIFICATION_DISPATCH_DISABLED"


# ------------------------------------------------------------------------ failures
def test_notification_is_sent_again_until_it_arrives(kaltura, client, receiver):
    kaltura.control("POST", "notifications", {"first_retry_s": 0.05})
    receiver.answers += [500, 302, 404]
    watch(client, receiver.url)
    rename(client)
    bodies = [got.body for got in receiver.wait(4)]
    (job,) = settled(kaltura)

    assert len(set(bodies)) == 1
    assert (job["status"], job["attempts"], job["lastStatus"]) == ("sent", 4, 200)


def test_notification_is_given_up_in_the_end(kaltura, client, receiver):
    kaltura.control("POST", "notifications", {"first_retry_s": 0.01, "retries": 2})
    receiver.answers += [503] * 9
    watch(client, receiver.url)
    rename(client)
    (job,) = settled(kaltura)

    assert (job["status"], job["attempts"], job["lastError"]) == ("failed", 3, "status 503")


def test_moving_the_clock_brings_the_next_try_nearer(kaltura, client, receiver):
    kaltura.control("POST", "notifications", {"first_retry_s": 3600})
    receiver.answers.append(500)
    watch(client, receiver.url)
    rename(client)
    receiver.wait(1)
    settled(kaltura, "pending")
    kaltura.advance(3601)

    assert len(receiver.wait(2)) == 2


@pytest.mark.parametrize(
    "url", ["http://192.0.2.1/hook", "http://example.test/", "file:///x", "http://[", ""]
)
def test_nothing_leaves_this_machine(kaltura, client, url):
    watch(client, url)
    rename(client)
    (job,) = settled(kaltura)

    assert (job["status"], job["attempts"]) == ("refused", 0)
    assert "--notify-hosts" in job["lastError"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/", "http://127.0.0.1/a b", "http://localhost:x/"]
)
def test_address_that_cannot_be_called_fails_and_stops_nothing(kaltura, client, receiver, url):
    kaltura.control("POST", "notifications", {"retries": 0})
    watch(client, url)
    watch(client, receiver.url, customHeaders=[Core.KalturaKeyValue(key="X-Ä", value="\u20ac")])
    watch(client, receiver.url)
    rename(client)

    receiver.wait(1)
    assert sorted(job["status"] for job in settled(kaltura)) == ["failed", "failed", "sent"]


def test_settings_that_make_no_sense_are_refused(kaltura):
    for wish in ({"speed": 1}, {"retries": -1}, {"retries": "many"}, []):
        with pytest.raises(RuntimeError):
            kaltura.control("POST", "notifications", wish)


def test_what_waited_is_sent_after_a_kill(receiver):
    simulator = Simulator.start()
    try:
        client = client_of(simulator)
        simulator.control("POST", "notifications", {"first_retry_s": 2})
        receiver.answers.append(500)
        watch(client, receiver.url)
        rename(client)
        receiver.wait(1)
        settled(simulator, "pending")
        simulator.restart()

        assert len({got.body for got in receiver.wait(2)}) == 1
    finally:
        simulator.stop()


def test_host_that_the_option_names_may_be_told(receiver):
    simulator = Simulator.start("--notify-hosts", "other.localhost,hooks.test")
    try:
        client = client_of(simulator)
        simulator.control("POST", "notifications", {"retries": 0})
        watch(client, "http://hooks.test:1/")
        rename(client)
        (job,) = settled(simulator)

        # Tried, and not found: this machine knows no such host.
        assert (job["status"], job["attempts"]) == ("failed", 1)
    finally:
        simulator.stop()


def test_without_options_no_address_of_this_machine_is_asked(receiver):
    simulator = Simulator.start("--notify-hosts", "", "--fetch-hosts", "")
    try:
        client = client_of(simulator)
        captions = client.caption.captionAsset
        asset = captions.add(VIDEO, Caption.KalturaCaptionAsset(language="English", format="1"))
        content = Core.KalturaUrlResource(url=receiver.url)
        captions.setContent(asset.id, content)
        assert captions.get(asset.id).status.getValue() == -1
        change = client.baseEntry.updateThumbnailFromUrl
        assert code_of(change, VIDEO, receiver.url) == "THUMB_ASSET_DOWNLOAD_FAILED"
        watch(client, receiver.url)
        rename(client)
        (job,) = settled(simulator)

        assert (job["status"], job["attempts"], receiver.got) == ("refused", 0, [])
    finally:
        simulator.stop()
