"""Where an encoder sends its stream: for producers who ask, for a while, and noted."""

from __future__ import annotations

import logging
import re
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.utils import timezone

from events.models import SessionType
from kaltura_bridge.live import ingest
from kaltura_bridge.live.ingest_profile import IngestPoint, Protocol
from kaltura_bridge.models import EventDelivery
from tests.kaltura_bridge.support.on_air import OnAir, on_air

pytestmark = pytest.mark.django_db

PRODUCE_IT = {"owner", "producer"}
TOKEN = re.compile(r"t=([A-Za-z0-9]+)")


def ingest_url(air: OnAir) -> str:
    return f"{air.desk_url}ingest/"


def token_of(entry: dict[str, Any]) -> str:
    found = TOKEN.search(entry["primaryBroadcastingUrl"])
    assert found
    return found[1]


def everything_stored() -> str:
    """All that stands in any table, as text."""
    return "\n".join(str(row) for model in apps.get_models() for row in model.objects.values())


def test_addresses_are_shown_on_asking_with_texts_to_copy(simulator):
    air = on_air(simulator)
    hidden = air.client().get(ingest_url(air))
    simulator.forget_requests()

    shown = air.client().post(ingest_url(air))

    entry, text = air.entry(), unescape(shown.content.decode())
    key = f"{air.entry_id}_1"
    assert token_of(entry) not in hidden.content.decode()
    assert shown.context["shown"].points == [
        IngestPoint(Protocol.RTMPS, False, entry["primarySecuredBroadcastingUrl"], key),
        IngestPoint(Protocol.RTMPS, True, entry["secondarySecuredBroadcastingUrl"], key),
        IngestPoint(Protocol.RTMP, False, entry["primaryBroadcastingUrl"], key),
        IngestPoint(Protocol.RTMP, True, entry["secondaryBroadcastingUrl"], key),
        IngestPoint(
            Protocol.SRT, False, entry["primarySrtBroadcastingUrl"], entry["primarySrtStreamId"]
        ),
        IngestPoint(
            Protocol.SRT, True, entry["secondarySrtBroadcastingUrl"], entry["secondarySrtStreamId"]
        ),
    ]
    for point in shown.context["shown"].points:
        assert f'value="{point.server}"' in text
        assert f'value="{point.key}"' in text
    assert "rtmp_custom" in text
    assert "testsrc2" in text
    assert "<svg" in text
    assert [call["action"] for call in simulator.requests()] == ["get"]


def test_what_was_shown_leaves_the_page_by_itself_and_no_cache_keeps_it(simulator):
    air = on_air(simulator)

    shown = air.client().post(ingest_url(air))

    assert shown["Refresh"] == f"300;url={ingest_url(air)}"
    assert shown["Cache-Control"] == "no-store, private"
    assert shown["Referrer-Policy"] == "same-origin"
    assert "Refresh" not in air.client().get(ingest_url(air))


def test_each_look_is_noted_and_what_was_seen_stands_nowhere(simulator, caplog):
    caplog.set_level(logging.DEBUG)
    air = on_air(simulator)
    for who in ("producer", "producer", "owner"):
        air.client(who).post(ingest_url(air))

    noted = LogEntry.objects.filter(change_message__contains="ingest").order_by("pk")

    said = f"Live desk: was shown the ingest addresses of the session ({air.entry_id})"
    assert [(line.user, line.object_id, line.change_message) for line in noted] == [
        (air.people[who], str(air.session.pk), said) for who in ("producer", "producer", "owner")
    ]
    kept = everything_stored() + str(getattr(cache, "_cache", ""))
    assert air.entry_id in kept
    assert token_of(air.entry()) not in kept + caplog.text


@pytest.mark.postgres
def test_who_asks_all_the_time_is_refused_in_words_and_that_is_noted_once(simulator):
    air = on_air(simulator)
    simulator.forget_requests()
    answers = [air.client().post(ingest_url(air)) for _ in range(ingest.MOST + 2)]

    assert [answer.status_code for answer in answers] == [200] * ingest.MOST + [429, 429]
    assert "we stop for ten minutes" in answers[-1].content.decode()
    assert "Refresh" not in answers[-1]
    assert simulator.calls("liveStream.get") == ingest.MOST
    notes = LogEntry.objects.filter(change_message__contains="refused the ingest addresses")
    assert [note.user for note in notes] == [air.people["producer"]]
    assert air.client("owner").post(ingest_url(air)).status_code == 200
    LogEntry.objects.update(action_time=timezone.now() - ingest.WITHIN)
    assert air.client().post(ingest_url(air)).status_code == 200


def test_whoever_does_not_produce_is_told_what_is_told_of_nothing(simulator):
    air = on_air(simulator)
    simulator.forget_requests()
    for who in air.people:
        if who in PRODUCE_IT:
            continue
        for method in (air.client(who).get, air.client(who).post):
            assert method(ingest_url(air)).status_code == 404, who

    assert simulator.calls() == 0
    assert not LogEntry.objects.filter(change_message__contains="ingest").exists()


def test_a_form_of_another_site_shows_nothing(simulator):
    from django.test import Client

    air = on_air(simulator)
    client = Client(enforce_csrf_checks=True)
    client.force_login(air.people["producer"])

    assert client.post(ingest_url(air)).status_code == 403


@pytest.mark.parametrize(
    "session_type", [SessionType.SIMULIVE, SessionType.INTERACTIVE, SessionType.WEBINAR]
)
def test_what_no_encoder_feeds_has_no_addresses(simulator, session_type):
    air = on_air(simulator, synced=False, session_type=session_type)

    assert air.client().get(ingest_url(air)).status_code == 404
    assert air.client().get(air.desk_url).content.decode().count("/live/ingest/") == 0


def test_before_kaltura_has_the_webcast_nothing_can_be_asked(simulator):
    air = on_air(simulator, synced=False)

    page = air.client().post(ingest_url(air))

    assert page.status_code == 200
    assert "Kaltura does not have the broadcast yet" in page.content.decode()
    assert simulator.calls("liveStream.get") == 0


def test_when_kaltura_does_not_answer_it_is_said_and_nothing_noted(simulator):
    air = on_air(simulator)
    simulator.fault("liveStream.get", "status_5xx")

    page = air.client().post(ingest_url(air))

    assert page.status_code == 200
    assert "Kaltura did not tell the addresses (HTTP 503)." in page.content.decode()
    assert "Refresh" not in page
    assert not LogEntry.objects.filter(change_message__contains="ingest").exists()


def test_an_event_with_a_channel_shows_the_one_address_of_it(simulator):
    air = on_air(simulator, synced=False)
    EventDelivery.objects.filter(event=air.session.event).update(channel=True)
    air.sync()
    channel = next(
        row for row in simulator.objects("liveStream") if row["referenceId"].endswith("/channel")
    )

    page = air.client().post(ingest_url(air))

    points = page.context["shown"].points
    assert points[0].server == channel["primarySecuredBroadcastingUrl"]
    assert {point.key for point in points if point.protocol != "SRT"} == {f"{channel['id']}_1"}
    assert "documents such channels only with a diagram" in page.content.decode()
    noted = LogEntry.objects.get(change_message__contains="ingest")
    assert noted.change_message.endswith(f"of the event's channel ({channel['id']})")


@pytest.mark.parametrize("protocol", list(Protocol))
def test_an_encoder_gets_in_with_what_was_shown(simulator, protocol):
    air = on_air(simulator)
    shown = air.client().post(ingest_url(air)).context["shown"]

    for point in shown.points:
        if point.protocol is protocol:
            assert simulator.encode(point.server, point.key) == air.entry_id
            assert air.entry()["_streaming"]
            simulator.stop_encoding(air.entry_id)
