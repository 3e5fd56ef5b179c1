"""Kaltura's signed notifications: taken once, believed only when signed, adopting nothing."""

from __future__ import annotations

import hashlib
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import Session
from kaltura_bridge.models import Notification, RemoteLink, SyncTarget
from kaltura_bridge.sync import reconcile
from tests.factories import WebcastFactory
from tests.kaltura_bridge.support.planning import waiting

pytestmark = [pytest.mark.django_db(transaction=True)]

URL = "/webhooks/kaltura/"
SECRET = "a-secret-of-the-account"


@pytest.fixture
def secret(settings):
    settings.KALTURA_WEBHOOK_SECRET = SECRET
    return SECRET


def body_of(fields=None, event=2, job=1, **more):
    thing = {"objectType": "KalturaLiveStreamScheduleEvent", "id": 77} | (fields or {})
    return json.dumps(
        {
            "objectType": "KalturaHttpNotification",
            "object": thing,
            "eventNotificationJobId": job,
            "eventType": event,
            **more,
        }
    ).encode()


def signed(body, key=SECRET, name="sha256"):
    digest = hashlib.new(name, key.encode() + body).hexdigest()
    return {"HTTP_X_KALTURA_SIGNATURE": digest, "HTTP_X_KALTURA_HASH_ALGO": name}


def send(body, headers=None, client=None):
    headers = signed(body) if headers is None else headers
    reply = (client or Client()).post(URL, body, content_type="application/json", **headers)
    return reply.status_code, reply.content.decode()


def planned_link(remote_id="77", kind="schedule_event", **fields):
    """A session in sync, with one object at Kaltura."""
    session = WebcastFactory()
    target = SyncTarget.objects.get(object_uuid=session.uuid)
    SyncTarget.objects.update(state="synced", synced_at=timezone.now())
    key = f"portal:{session.uuid}"
    return RemoteLink.objects.create(
        target=target, kind=kind, key=key, remote_id=remote_id, **fields
    )


@pytest.mark.postgres
def test_known_object_calls_up_its_session_and_nothing_else(secret):
    link = planned_link()
    before = (link.pushed, link.seen, Session.objects.values().get())

    status = send(body_of())

    link.refresh_from_db()
    assert status == (200, "1 queued\n")
    assert waiting() == [link.target.title]
    assert (link.pushed, link.seen, Session.objects.values().get()) == before
    assert list(Notification.objects.values_list("event_type", "remote_id", "targets")) == [
        ("changed LiveStreamScheduleEvent", "77", 1)
    ]


@pytest.mark.parametrize(
    ("fields", "kind", "remote_id"),
    [
        ({"objectType": "KalturaCategory", "id": 5}, "category", "5"),
        ({"objectType": "KalturaRoomEntry", "id": "1_abcd2345"}, "room", "1_abcd2345"),
        ({"objectType": "KalturaMetadata", "id": 9}, "metadata", "9"),
        (
            {"objectType": "KalturaMetadata", "id": 9, "objectId": "1_abcd2345"},
            "entry",
            "1_abcd2345",
        ),
        (
            {"objectType": "KalturaCategoryEntry", "categoryId": 5, "entryId": "1_abcd2345"},
            "entry",
            "1_abcd2345",
        ),
    ],
)
def test_each_kind_of_object_finds_its_target(secret, fields, kind, remote_id):
    link = planned_link(remote_id, kind)

    send(body_of(fields))

    assert waiting() == [link.target.title]


def test_number_of_another_kind_of_object_is_another_object(secret):
    planned_link("77", "category")

    assert send(body_of()) == (200, "0 queued\n")
    assert waiting() == []


def test_unlinked_object_with_our_key_calls_up_its_owner(secret):
    link = planned_link()

    send(body_of({"id": 78, "referenceId": f"{link.key}/redirect"}))

    assert waiting() == [link.target.title]


def test_unknown_object_is_noted_and_touches_nothing(secret):
    planned_link()

    status = send(body_of({"id": 78, "referenceId": "somebody-else"}))

    assert (status, waiting(), Notification.objects.count()) == ((200, "0 queued\n"), [], 1)


def test_replay_answers_200_and_does_nothing(secret):
    planned_link()
    send(body_of())
    SyncTarget.objects.update(state="synced")

    assert send(body_of()) == (200, "known already\n")
    assert send(body_of(), signed(body_of(), name="sha512")) == (200, "known already\n")
    assert (waiting(), Notification.objects.count()) == ([], 1)


def test_second_change_of_the_same_object_is_no_replay(secret):
    link = planned_link()
    send(body_of())
    SyncTarget.objects.update(state="synced")

    send(body_of(job=2))

    assert waiting() == [link.target.title]


@pytest.mark.postgres
def test_two_at_once_are_taken_once(secret):
    planned_link()

    def one(_):
        try:
            return send(body_of())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(one, range(8)))

    assert answers == [(200, "1 queued\n")] + [(200, "known already\n")] * 7
    assert Notification.objects.count() == 1


def refused(caplog):
    """What the log says of a refusal, without the address."""
    return [r.getMessage() for r in caplog.records if r.name == "kaltura_bridge.webhooks"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(body_of(), key="another-secret-altogether"),
        signed(body_of(job=2)),
        signed(body_of()) | {"HTTP_X_KALTURA_SIGNATURE": "ü"},
        signed(body_of()) | {"HTTP_X_KALTURA_HASH_ALGO": "sha512"},
        {
            "HTTP_X_KALTURA_SIGNATURE": hashlib.md5(SECRET.encode() + body_of()).hexdigest(),
            "HTTP_X_KALTURA_HASH_ALGO": "md5",
        },
    ],
    ids=["none", "secret", "tampered", "no hexadecimal", "digest", "weak digest"],
)
def test_wrong_signature_is_refused_and_logged_without_the_body(secret, caplog, headers):
    planned_link()

    with caplog.at_level(logging.WARNING):
        status = send(body_of(), headers)

    (line,) = refused(caplog)
    assert status == (403, "refused\n")
    assert line.startswith("Refused a notification of 127.0.0.1: its ")
    assert "77" not in line.removeprefix("Refused a notification of 127.0.0.1")
    assert (waiting(), Notification.objects.count()) == ([], 0)


def test_without_a_secret_nothing_is_taken(settings, caplog):
    settings.KALTURA_WEBHOOK_SECRET = ""

    with caplog.at_level(logging.WARNING):
        status = send(body_of(), signed(body_of(), key=""))

    assert (status, Notification.objects.count()) == ((403, "refused\n"), 0)
    assert refused(caplog) == [
        "Refused a notification of 127.0.0.1: KALTURA_WEBHOOK_SECRET is not set"
    ]


@pytest.mark.parametrize("name", ["sha1", "sha256", "sha512"])
def test_each_digest_of_kaltura_is_understood(secret, name):
    assert send(body_of(), signed(body_of(), name=name))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"[]",
        b'"text"',
        b'{"object": 5, "eventType": 2}',
        b'{"object": {"objectType": "KalturaCategory", "id": 1}}',
        b'{"object": {"objectType": "Category", "id": 1}, "eventType": 2}',
        b'{"object": {"objectType": ["KalturaCategory"], "id": 1}, "eventType": 2}',
        b"[" * 100_000,
        # What prolonging a plain digest appends.
        body_of() + b"\x80" + b"\x00" * 20 + body_of(),
    ],
)
def test_malformed_message_is_refused(secret, body):
    assert send(body) == (400, "refused\n")
    assert Notification.objects.count() == 0


@pytest.mark.postgres
def test_odd_values_do_no_harm(secret):
    planned_link()
    odd = {"id": "7\0" * 99, "referenceId": ["portal:"], "updatedAt": -5, "name": None}

    assert send(body_of(odd)) == (200, "0 queued\n")


def test_message_older_than_what_is_kept_is_refused(secret):
    planned_link()
    long_ago = int((timezone.now() - timedelta(days=31)).timestamp())

    assert send(body_of({"updatedAt": long_ago})) == (403, "refused\n")
    assert (waiting(), Notification.objects.count()) == ([], 0)


def test_large_body_is_refused_unread(secret):
    assert send(body_of({"description": "x" * 300_000})) == (413, "refused\n")


def test_only_post_and_no_csrf_token(secret):
    strict = Client(enforce_csrf_checks=True)

    assert [strict.get(URL).status_code, strict.put(URL).status_code] == [405, 405]
    assert send(body_of(), client=strict)[0] == 200


@pytest.mark.parametrize(
    ("kind", "pushed", "told"),
    [
        (
            "entry",
            {"name": "Keynote", "dvrWindow": "100", "explicitLive": "1", "tags": "a, b"},
            {"name": "Keynote", "dvrWindow": 100, "explicitLive": True, "tags": "b,a", "other": 5},
        ),
        (
            "schedule_resource",
            {"name": "Room", "tags": "vcprovider:newrow,custom_rs_show_chat:off,custom_a:1"},
            {"name": "Room", "tags": "vcprovider:newrow,custom_rs_show_chat:off,custom_a:1"},
        ),
    ],
)
def test_echo_of_our_own_write_calls_nobody_up(secret, kind, pushed, told):
    classes = {
        "entry": "KalturaLiveStreamEntry",
        "schedule_resource": "KalturaLocationScheduleResource",
    }
    planned_link(kind=kind, pushed=pushed, pushed_at=timezone.now())

    assert send(body_of({"objectType": classes[kind], **told})) == (200, "0 queued\n")
    assert waiting() == []


@pytest.mark.parametrize(
    ("fields", "event", "ago_s"),
    [
        ({"summary": "Keynote", "startDate": 101}, 2, 0),
        ({"summary": "Keynote"}, 2, 0),
        ({"summary": "Keynote", "startDate": 100}, 7, 0),
        ({"summary": "Keynote", "startDate": 100}, 2, 60),
    ],
    ids=["other value", "not told", "deleted", "long ago"],
)
def test_what_is_no_echo_calls_up(secret, fields, event, ago_s):
    at = timezone.now() - timedelta(seconds=ago_s)
    link = planned_link(pushed={"summary": "Keynote", "startDate": "100"}, pushed_at=at)

    send(body_of(fields, event))

    assert waiting() == [link.target.title]


def test_one_message_costs_few_queries(secret):
    planned_link()
    counts = []
    for number, fields in enumerate([{}, {"id": 78}, {"id": 78, "referenceId": "portal:x"}]):
        with CaptureQueriesContext(connection) as queries:
            send(body_of(fields, job=number))
        counts.append(len([q for q in queries if "SAVEPOINT" not in q["sql"]]))
    assert max(counts) <= 8, counts


def test_old_notes_go_with_the_sweep(simulator, secret):
    send(body_of())
    send(body_of(job=2))
    old = Notification.objects.first()
    Notification.objects.filter(pk=old.pk).update(received_at=timezone.now() - timedelta(days=31))

    reconcile.sweep()

    assert Notification.objects.count() == 1
