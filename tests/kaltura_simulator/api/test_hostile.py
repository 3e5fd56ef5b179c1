"""Random, malformed and hostile requests: always Kaltura's kind of answer, never a crash."""

from __future__ import annotations

import http.client
import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import form, ks_of
from tests.kaltura_simulator.support.clients import http as get
from tests.suites import many

FORM = "application/x-www-form-urlencoded"
ACTIONS = st.sampled_from(
    [
        ("category", "add"),
        ("category", "list"),
        ("category", "update"),
        ("category", "delete"),
        ("livestream", "add"),
        ("livestream", "update"),
        ("baseentry", "list"),
        ("room_room", "add"),
        ("metadata_metadata", "add"),
        ("metadata_metadata", "list"),
        ("schedule_scheduleevent", "add"),
        ("schedule_scheduleevent", "list"),
        ("schedule_scheduleevent", "update"),
        ("apptoken", "startSession"),
        ("session", "start"),
        ("session", "get"),
        ("user", "add"),
    ]
)
PARAMS = st.sampled_from(
    "category id filter pager liveStreamEntry entryId entry scheduleEvent scheduleEventId xmlData"
    " metadataProfileId objectType objectId secret partnerId type expiry tokenHash user session"
    " responseProfile sourceType privileges userId".split()
)
PROPERTIES = st.sampled_from(
    "objectType name id parentId summary startDate endDate recurrenceType templateEntryId idIn"
    " orderBy pageSize pageIndex mediaType referenceId tags status dvrWindow recordingOptions"
    " recurrence linkedTo name__null startDate__null objectIdEqual - 0 fields".split()
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(["KalturaCategory", "KalturaLiveStreamScheduleEvent", "-1", "{1:result:id}"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(PROPERTIES, inner, max_size=4)
    ),
    max_leaves=8,
)


def asked(kaltura: Simulator, body: bytes, content_type: str = "application/json") -> Any:
    """The answer to a POST, which must be JSON with status 200."""
    status, _, text = get(f"{kaltura.url}/api_v3/?format=1", body, content_type)
    assert status == 200
    return json.loads(text)


def is_kalturas(reply: Any) -> bool:
    """A result, or a refusal other than an internal error."""
    return not isinstance(reply, dict) or "code" not in reply or bool(reply["message"])


@pytest.fixture
def internal_errors(kaltura: Simulator) -> Any:
    """The number of internal errors, other than those that Kaltura has as well."""
    yield lambda: kaltura.requests()
    found = {
        (call["service"], call["action"], str(call["params"]))
        for call in kaltura.requests()
        if call["outcome"] == "INTERNAL_SERVERL_ERROR"
    }
    unexplained = [call for call in found if not _kaltura_fails_too(call)]
    assert unexplained == []


def _kaltura_fails_too(call: tuple[str, str, str]) -> bool:
    """Unset times, and sessions that session.get cannot read."""
    return call[:2] == ("session", "get") or "__null" in call[2]


@many(700)
@given(action=ACTIONS, params=st.dictionaries(PARAMS, VALUES, max_size=5))
def test_hostile_parameters_get_an_answer(kaltura, internal_errors, action, params):
    body = {"service": action[0], "action": action[1], "ks": ks_of(kaltura), **params}
    body["format"] = 1
    assert is_kalturas(asked(kaltura, json.dumps(body).encode()))


@many(500)
@given(text=st.one_of(st.text(max_size=200), st.text(string.ascii_letters + "-_=", max_size=200)))
def test_hostile_sessions_are_refused(kaltura, text):
    body = {"service": "category", "action": "list", "ks": text, "format": 1}
    reply = asked(kaltura, json.dumps(body).encode())
    assert reply["code"] in {"INVALID_KS", "SERVICE_FORBIDDEN"}


@many(500)
@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from(["application/json", FORM, "multipart/form-data; boundary=b", "x/y", ""]),
)
def test_hostile_bodies_get_an_answer(kaltura, body, kind):
    assert asked(kaltura, body, kind)["code"] in {
        "SERVICE_NOT_SPECIFIED",
        "SERVICE_DOES_NOT_EXISTS",
    }


@many(300)
@given(
    fields=st.dictionaries(
        st.text("abc[]:0123456789", min_size=1, max_size=30), st.text(max_size=20), max_size=6
    )
)
def test_hostile_forms_get_an_answer(kaltura, fields):
    sent = {"service": "multirequest", **fields}
    clean = {key: value.encode("utf-8", "replace").decode() for key, value in sent.items()}
    assert isinstance(asked(kaltura, form(clean), FORM), list)


@many(200)
@given(requests=st.dictionaries(st.sampled_from("0123456789"), VALUES, max_size=6))
def test_hostile_multirequests_get_a_list(kaltura, requests):
    body = {"service": "multirequest", "ks": ks_of(kaltura), "format": 1, **requests}
    assert isinstance(asked(kaltura, json.dumps(body).encode()), list)


@pytest.mark.parametrize(
    "body",
    [
        b'{"service":' + b'{"a":' * 2000 + b"1" + b"}" * 2001,
        b"{" + b'"a":[' * 5000 + b"]" * 5000 + b"}",
        b'{"service":"category","action":"get","id":' + b"9" * 5000 + b"}",
        b'{"service":"category","action":"get","id":1e999,"format":1}',
        b'{"service":["category"],"action":{"a":1},"format":1}',
        b'{"service":"multirequest","format":[],"1":"x"}',
    ],
    ids=["deep object", "deep list", "long number", "infinite", "odd names", "odd format"],
)
def test_hostile_shapes_get_an_answer(kaltura, body):
    status, _, _ = get(f"{kaltura.url}/api_v3/?format=1", body, "application/json")
    assert status == 200


def test_hostile_lengths_do_not_hold_a_thread(kaltura):
    connection = http.client.HTTPConnection("127.0.0.1", kaltura.port, timeout=10)
    connection.putrequest("POST", "/api_v3/")
    connection.putheader("Content-Length", "minus one")
    connection.endheaders()
    assert connection.getresponse().status == 400
    assert kaltura.state()["partner_id"] == 101
