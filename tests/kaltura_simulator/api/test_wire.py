"""The wire: how a request may be written, and what the answer looks like."""

from __future__ import annotations

import json
import re

import pytest

from tests.kaltura_simulator.support.clients import call, form, http, ks_of

PING = "/api_v3/service/system/action/ping"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "path",
    [
        f"{PING}?format=1",
        f"/{PING}?format=1",
        f"{PING}/format/1",
        "/api_v3/?service=system&action=ping&format=1",
        "/api_v3/index.php?service=system&action=ping&format=1",
        "/api_v3/index.php/service/SYSTEM/action/PING/format/1",
    ],
)
def test_wire_reaches_an_action_by_path_and_by_query(kaltura, path):
    assert http(kaltura.url + path)[::2] == (200, "true")


def test_wire_answers_xml_unless_asked_otherwise(kaltura):
    status, headers, body = http(kaltura.url + PING)
    assert (status, headers["Content-Type"]) == (200, "text/xml")
    assert re.fullmatch(
        r'<\?xml version="1.0" encoding="utf-8"\?><xml><result>1</result>'
        r"<executionTime>[\d.]+</executionTime></xml>",
        body,
    )


def test_wire_answers_jsonp(kaltura):
    _, headers, body = http(f"{kaltura.url}{PING}?format=9&callback=a.b<script>")
    assert (headers["Content-Type"], body) == ("application/javascript", "a.bscript(true);")


def test_wire_takes_a_json_body(kaltura):
    body = json.dumps({"ks": ks_of(kaltura), "format": 1, "filter": {"depthEqual": 0}}).encode()
    reply = http(f"{kaltura.url}/api_v3/service/category/action/list", body, "application/json")
    assert [row["name"] for row in json.loads(reply[2])["objects"]] == ["KAF"]


def test_wire_ignores_a_json_body_with_a_charset(kaltura):
    body = json.dumps({"service": "system", "action": "ping", "format": 1}).encode()
    url = f"{kaltura.url}/api_v3/?format=1"
    reply = http(url, body, "application/json; charset=utf-8")
    assert json.loads(reply[2])["code"] == "SERVICE_NOT_SPECIFIED"


@pytest.mark.parametrize("key", ["filter:fullNameEqual", "filter[fullNameEqual]"])
def test_wire_takes_forms_with_colons_and_brackets(kaltura, key):
    body = form({"ks": ks_of(kaltura), "format": "1", key: "KAF>site"})
    reply = json.loads(http(f"{kaltura.url}/api_v3/service/category/action/list", body, FORM)[2])
    assert [row["fullName"] for row in reply["objects"]] == ["KAF>site"]


def test_wire_lets_the_url_win_over_the_body(kaltura):
    body = form({"format": "2"})
    assert http(f"{kaltura.url}{PING}?format=1", body, FORM)[2] == "true"


def test_wire_takes_files_beside_a_json_part(kaltura):
    entry = call(
        kaltura,
        "livestream.add",
        ks=ks_of(kaltura),
        sourceType="32",
        liveStreamEntry={"name": "x", "mediaType": 201},
    )
    params = json.dumps({"ks": ks_of(kaltura), "format": 1, "entryId": entry["id"]})
    body = (
        f'--b\r\nContent-Disposition: form-data; name="json"\r\n\r\n{params}\r\n'
        '--b\r\nContent-Disposition: form-data; name="fileData"; filename="a.jpg"\r\n\r\nJPEG\r\n'
        "--b--\r\n"
    ).encode()
    url = f"{kaltura.url}/api_v3/service/livestream/action/updateOfflineThumbnailJpeg"
    reply = json.loads(http(url, body, "multipart/form-data; boundary=b")[2])
    assert (reply["objectType"], reply["id"]) == ("KalturaLiveStreamEntry", entry["id"])


def test_wire_answers_preflight_requests(kaltura):
    status, headers, _ = http(f"{kaltura.url}{PING}", method="OPTIONS")
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, "*")


def test_wire_answers_refusals_with_status_200_in_xml(kaltura):
    url = f"{kaltura.url}/api_v3/service/category/action/get?id=5&ks={ks_of(kaltura)}"
    status, _, body = http(url)
    assert (status, re.sub(r"<executionTime>.*", "", body)) == (
        200,
        '<?xml version="1.0" encoding="utf-8"?><xml><result><error><code>CATEGORY_NOT_FOUND</code>'
        "<message>Category id &quot;5&quot; not found</message>"
        "<objectType>KalturaAPIException</objectType><args><item>"
        "<objectType>KalturaApiExceptionArg</objectType><name>ID</name><value>5</value></item>"
        "</args></error></result>",
    )


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api_v3/?format=1", "SERVICE_NOT_SPECIFIED"),
        ("/api_v3/service/category?format=1", "ACTION_NOT_SPECIFIED"),
        ("/api_v3/service/scheduleevent/action/list?format=1", "SERVICE_DOES_NOT_EXISTS"),
        ("/api_v3/service/category/action/nosuch?format=1", "ACTION_DOES_NOT_EXISTS"),
        ("/api_v3/service/category/action/get?format=1&id=1", "SERVICE_FORBIDDEN"),
        ("/api_v3/service/category/action/get?format=1&id=1&partnerId=101", "SERVICE_FORBIDDEN"),
        ("/api_v3/service/category/action/get?format=1&id=1&ks=x", "INVALID_KS"),
    ],
)
def test_wire_refuses_what_it_cannot_route(kaltura, path, code):
    status, _, body = http(kaltura.url + path)
    assert (status, json.loads(body)["code"]) == (200, code)


def category(**fields):
    return {"objectType": "KalturaCategory", **fields}


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (category(name="x", privacy=99), "INVALID_ENUM_VALUE"),
        (category(name="bell\x07"), "INVALID_PARAMETER_CHAR"),
        (category(name=None), "WRONG_REQUEST_LANGUAGE"),
        (category(name={"a": 1}), "PROPERTY_VALIDATION_WRONG_FORMAT"),
        (category(name="x", id=5), "PROPERTY_VALIDATION_NOT_UPDATABLE"),
        (category(description="x"), "PROPERTY_VALIDATION_CANNOT_BE_NULL"),
    ],
)
def test_wire_refuses_values_of_the_wrong_kind(kaltura, sent, code):
    assert call(kaltura, "category.add", ks=ks_of(kaltura), category=sent)["code"] == code


def test_wire_drops_what_it_does_not_know(kaltura):
    sent = {"objectType": "KalturaMediaEntry", "name": "kept", "nosuch": 1, "nested": {"a": [1]}}
    made = call(kaltura, "category.add", ks=ks_of(kaltura), category=sent)
    assert (made["objectType"], made["name"]) == ("KalturaCategory", "kept")


def test_wire_names_a_missing_parameter(kaltura):
    reply = call(kaltura, "category.get", ks=ks_of(kaltura))
    assert reply == {
        "code": "MISSING_MANDATORY_PARAMETER",
        "message": 'Missing parameter "id"',
        "objectType": "KalturaAPIException",
        "args": {"PARAM_NAME": "id"},
    }


def test_wire_shortens_answers_by_a_response_profile(kaltura):
    profile = {"objectType": "KalturaDetachedResponseProfile", "type": 1, "fields": "name"}
    found = call(
        kaltura,
        "category.list",
        ks=ks_of(kaltura),
        filter={"fullNameEqual": "KAF"},
        responseProfile=profile,
    )
    assert found["objects"] == [{"name": "KAF", "objectType": "KalturaCategory"}]


def multi(kaltura, **params):
    url = f"{kaltura.url}/api_v3/service/multirequest"
    return json.loads(
        http(url, json.dumps({"format": 1, **params}).encode(), "application/json")[2]
    )


def get(key):
    return {"service": "category", "action": "get", "id": key}


@pytest.mark.parametrize("first", [0, 1])
def test_wire_runs_numbered_requests_and_goes_on_after_a_refusal(kaltura, first):
    requests = [
        {"service": "category", "action": "list", "filter": {"fullNameEqual": "KAF"}},
        get(5),
        get("{1:result:objects:0:id}"),
        get("{2:result:id}"),
    ]
    numbered = {str(number): request for number, request in enumerate(requests, first)}
    found = multi(kaltura, ks=ks_of(kaltura), **numbered)
    assert [row.get("code") or row.get("name") or row["totalCount"] for row in found] == [
        1,
        "CATEGORY_NOT_FOUND",
        "KAF",
        "CATEGORY_NOT_FOUND",
    ]


def test_wire_stops_at_a_gap_in_the_numbers(kaltura):
    found = multi(kaltura, **{"1": {"service": "system", "action": "ping"}, "3": get(1)})
    assert found == [True]


def test_wire_hands_a_session_from_one_request_to_the_next(kaltura):
    start = {
        "service": "session",
        "action": "start",
        "secret": kaltura.admin_secret,
        "type": 2,
        "partnerId": 101,
    }
    listing = {"service": "category", "action": "list", "ks": "{1:result}"}
    assert multi(kaltura, **{"1": start, "2": listing})[1]["totalCount"] == 3


def test_wire_clamps_pages_and_refuses_deep_ones(kaltura):
    made = ks_of(kaltura)
    pages = [
        call(kaltura, "category.list", ks=made, pager={"pageSize": size, "pageIndex": index})
        for size, index in ((0, 1), (2, 2), (100000, 1), (500, 21))
    ]
    assert [len(page.get("objects", [])) or page.get("code") for page in pages] == [
        3,
        1,
        3,
        "QUERY_EXCEEDED_MAX_MATCHES_ALLOWED",
    ]
