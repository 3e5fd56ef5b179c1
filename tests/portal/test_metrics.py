"""Metrics are for those who may see them."""

import re

import pytest

from kaltura_bridge.models import SyncTarget
from portal import heartbeat
from tests.factories import EventFactory, UserFactory

TOKEN = "a-token-of-the-monitoring"


@pytest.mark.django_db
def test_metrics_do_not_exist_for_strangers(client, settings):
    settings.METRICS_TOKEN = TOKEN

    answers = [
        client.get("/metrics"),
        client.get("/metrics", headers={"Authorization": "Bearer wrong"}),
        client.get("/metrics", headers={"Authorization": "Bearer "}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.django_db
def test_empty_token_opens_nothing(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_metrics_for_the_holder_of_the_token(client, settings):
    settings.METRICS_TOKEN = TOKEN
    EventFactory()
    heartbeat.beat()

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    lines = answer.content.decode().splitlines()
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'portal_events{status="published"} 1' in lines
    assert 'portal_sync_targets{state="pending"} 1' in lines
    assert any(
        re.fullmatch(r"portal_worker_heartbeat_age_seconds [\d.e-]+", line) for line in lines
    )
    samples = [line for line in lines if not line.startswith("#")]
    assert [
        line for line in samples if not re.fullmatch(r"portal_\w+({\w+=\"\w+\"})? \S+", line)
    ] == []


@pytest.mark.django_db
def test_failures_are_counted_by_kind(client, settings):
    settings.METRICS_TOKEN = TOKEN
    for kind in ("refused", "refused", "name taken", ""):
        target = SyncTarget.objects.get(object_uuid=EventFactory().uuid)
        SyncTarget.objects.filter(pk=target.pk).update(
            state="failed" if kind else "synced", error_kind=kind
        )

    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    lines = answer.content.decode().splitlines()
    assert sorted(line for line in lines if line.startswith("portal_sync_failures")) == [
        'portal_sync_failures{kind="name taken"} 1',
        'portal_sync_failures{kind="refused"} 2',
    ]


@pytest.mark.django_db
def test_metrics_for_a_superuser_and_not_for_other_staff(client):
    client.force_login(UserFactory(is_staff=True))
    as_staff = client.get("/metrics").status_code
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    assert (as_staff, client.get("/metrics").status_code) == (404, 200)
