"""The guarded client: credentials of both kinds, and nothing half-read."""

from __future__ import annotations

import pytest
from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Client import PluginServicesProxy

from kaltura_bridge.api import ks
from kaltura_bridge.api.client import Kaltura, Request, _bare_client, new
from kaltura_bridge.api.errors import RemoteRejected, RemoteUnavailable
from tests.kaltura_bridge.support.planning import exactly_planned, in_step, planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]


def list_categories(kaltura):
    return kaltura.one(lambda c: c.category.list())


@pytest.fixture
def with_app_token(simulator, settings):
    """Settings that hold an application token and no secret; made as an account's owner would."""

    def make(hash_type):
        fields = {"hashType": hash_type} if hash_type else {}
        token = new(
            "KalturaAppToken",
            sessionType=int(ks.KsType.ADMIN),
            sessionUserId="event-portal",
            sessionPrivileges="disableentitlement",
            **fields,
        )
        made = Kaltura().one(lambda c: c.appToken.add(token))
        settings.KALTURA_APP_TOKEN_ID, settings.KALTURA_APP_TOKEN = made.id, made.token
        settings.KALTURA_ADMIN_SECRET = ""

    return make


@pytest.mark.parametrize("hash_type", ["", "SHA256", "MD5"])
def test_sync_works_with_an_application_token_of_any_hash(simulator, with_app_token, hash_type):
    with_app_token(hash_type)
    event = planned_event()

    settle(event)

    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


def test_unknown_application_token_names_the_code(simulator, with_app_token, settings):
    with_app_token("SHA256")
    settings.KALTURA_APP_TOKEN = "0" * 32

    with pytest.raises(RemoteRejected) as refused:
        list_categories(Kaltura())

    assert refused.value.code == "INVALID_APP_TOKEN_HASH"


@pytest.mark.parametrize(
    ("mode", "how", "sent", "retry_after_s"),
    [
        ("refuse", {}, True, None),
        ("cut_reply", {}, True, None),
        ("status_429", {"retry_after": 7}, False, 7.0),
        ("status_5xx", {}, True, None),
        ("rate_limited", {}, False, None),
    ],
)
def test_half_an_answer_is_none(simulator, mode, how, sent, retry_after_s):
    simulator.fault("category.list", mode, times=1, **how)

    with pytest.raises(RemoteUnavailable) as silence:
        list_categories(Kaltura())

    assert (silence.value.sent, silence.value.retry_after_s) == (sent, retry_after_s)


def test_answer_that_comes_too_late_is_none(simulator, settings):
    settings.KALTURA_TIMEOUT_S = 0.3
    simulator.fault("category.list", "slow_reply", times=1, seconds=1)

    with pytest.raises(RemoteUnavailable, match="no answer in time") as silence:
        list_categories(Kaltura())

    assert silence.value.sent


def test_connection_that_was_never_made_says_so(settings):
    settings.KALTURA_SERVICE_URL = "http://127.0.0.1:9"

    with pytest.raises(RemoteUnavailable, match="connection refused") as silence:
        list_categories(Kaltura())

    assert not silence.value.sent


def test_one_refusal_does_not_hide_the_other_answers(simulator):
    calls = [
        Request(lambda c: c.category.get(999999999)),
        Request(lambda c: c.category.list()),
    ]

    refused, listed = Kaltura().ask(calls)

    assert (refused.code, listed.totalCount > 0) == ("CATEGORY_NOT_FOUND", True)


def test_client_goes_on_after_an_error(simulator):
    kaltura = Kaltura()
    simulator.fault("category.list", "cut_reply", times=1)
    with pytest.raises(RemoteUnavailable):
        list_categories(kaltura)

    assert (list_categories(kaltura).totalCount > 0, kaltura.calls) == (True, 2)


def test_client_has_every_service_of_the_published_one():
    def services(client):
        found = {}
        for name, value in vars(client).items():
            inner = vars(value).items() if isinstance(value, PluginServicesProxy) else [("", value)]
            found |= {f"{name}.{service}": type(each) for service, each in inner}
        return {name: kind for name, kind in found.items() if kind.__module__.startswith("Kaltura")}

    published = services(KalturaClient(KalturaConfiguration()))

    assert services(_bare_client()) == services(_bare_client()) == published
    assert len(published) > 100
