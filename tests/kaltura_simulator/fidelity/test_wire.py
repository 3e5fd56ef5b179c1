"""How the simulator reads requests and writes replies: the wire format and the types."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from KalturaClient.Plugins.Core import KalturaCategory, KalturaCategoryFilter
from lxml import etree

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import call, client_of, form, http, ks_of

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
KAF = ["KAF"]


def names_in(text: str) -> list[str]:
    return [row["name"] for row in json.loads(text)["objects"]]


def multirequest(kaltura: Simulator, **requests: Any) -> list[Any]:
    body = json.dumps({"format": 1, "ks": ks_of(kaltura), **requests}).encode()
    url = f"{kaltura.url}/api_v3/service/multirequest"
    return list(json.loads(http(url, body, JSON)[2]))


# ------------------------------------------------- routes, parameters, envelopes
@pytest.mark.parametrize(
    "path",
    [
        "service/category/action/list",
        "service/CATEGORY/action/LIST",
        "service/Category/action/List",
    ],
)
def test_routes_service_and_action_in_any_case(kaltura: Simulator, path: str):
    """``/api_v3/service/{s}/action/{a}`` is found whatever the case of its names."""
    query = f"?format=1&ks={ks_of(kaltura)}&filter:depthEqual=0"
    assert names_in(http(f"{kaltura.url}/api_v3/{path}{query}")[2]) == KAF


@pytest.mark.parametrize("way", ["json", "form with brackets", "form with colons", "path", "query"])
def test_takes_parameters_as_json_form_and_path(kaltura: Simulator, way: str):
    """Parameters mean the same as JSON, as a form, in the path and in the query."""
    url, ks = f"{kaltura.url}/api_v3/service/category/action/list", ks_of(kaltura)
    reply = {
        "json": lambda: http(
            url,
            json.dumps({"ks": ks, "format": "1", "filter": {"depthEqual": "0"}}).encode(),
            JSON,
        ),
        "form with brackets": lambda: http(
            url, form({"ks": ks, "format": "1", "filter[depthEqual]": "0"}), FORM
        ),
        "form with colons": lambda: http(
            url, form({"ks": ks, "format": "1", "filter:depthEqual": "0"}), FORM
        ),
        "path": lambda: http(f"{url}/format/1/ks/{ks}/filter:depthEqual/0"),
        "query": lambda: http(f"{url}?format=1&ks={ks}&filter[depthEqual]=0"),
    }[way]()
    assert (reply[0], names_in(reply[2])) == (200, KAF)


@pytest.mark.parametrize("first", [0, 1])
def test_numbers_requests_from_zero_or_one(kaltura: Simulator, first: int):
    """A multirequest's keys start with 0 or with 1; references count from 1 either way."""
    listing = {"service": "category", "action": "list", "filter": {"depthEqual": 0}}
    reading = {"service": "category", "action": "get", "id": "{1:result:objects:0:id}"}
    found = multirequest(kaltura, **{str(first): listing, str(first + 1): reading})
    assert [found[0]["totalCount"], found[1]["name"]] == [1, "KAF"]


def test_numbers_requests_in_a_form(kaltura: Simulator):
    """Keys of the form ``1:service`` make a multirequest too."""
    sent = {
        "format": "1",
        "ks": ks_of(kaltura),
        "1:service": "category",
        "1:action": "list",
        "1:filter:depthEqual": "0",
        "2:service": "category",
        "2:action": "get",
        "2:id": "{1:result:objects:0:id}",
    }
    text = http(f"{kaltura.url}/api_v3/service/multirequest", form(sent), FORM)[2]
    assert json.loads(text)[1]["name"] == "KAF"


def test_goes_on_after_a_refused_request(kaltura: Simulator):
    """A refused request has its error as its result, and the later ones run."""
    refused = {"service": "category", "action": "get", "id": "77"}
    pinged = {"service": "system", "action": "ping"}
    found = multirequest(kaltura, **{"1": refused, "2": pinged})
    assert (found[0]["code"], found[1:]) == ("CATEGORY_NOT_FOUND", [True])


def test_makes_a_dangling_reference_empty(kaltura: Simulator):
    """A reference to a path that does not exist becomes the empty string."""
    refused = {"service": "category", "action": "get", "id": "77"}
    adding = {
        "service": "category",
        "action": "add",
        "category": {"name": "One", "description": "<{1:result:name}>"},
    }
    assert multirequest(kaltura, **{"1": refused, "2": adding})[1]["description"] == "<>"


@pytest.mark.parametrize("path", ["category/action/get?id=77", "nosuch/action/get", "category"])
def test_answers_refusals_with_status_200_in_the_envelope(kaltura: Simulator, path: str):
    """Every refusal has status 200, ``text/xml`` and code, message and class in its envelope."""
    status, headers, body = http(f"{kaltura.url}/api_v3/service/{path}")
    tree = etree.fromstring(body.encode())
    error = tree.find("result/error")
    assert (status, headers["Content-Type"]) == (200, "text/xml")
    assert [child.tag for child in tree] == ["result", "executionTime"]
    assert [child.tag for child in error] == ["code", "message", "objectType", "args"]
    assert error.findtext("objectType") == "KalturaAPIException"


def test_answers_an_object_in_the_envelope(kaltura: Simulator):
    """An object starts with its class, booleans are 1 or 0, and nulls are empty tags."""
    made = client_of(kaltura).category.add(KalturaCategory(name="One"))
    url = f"{kaltura.url}/api_v3/service/category/action/get?id={made.id}&ks={ks_of(kaltura)}"
    result = etree.fromstring(http(url)[2].encode()).find("result")
    assert (result[0].tag, result[0].text) == ("objectType", "KalturaCategory")
    assert result.findtext("isAggregationCategory") == "0"
    assert (result.find("referenceId").text, len(result.find("referenceId"))) == (None, 0)


def test_answers_a_list_in_the_envelope(kaltura: Simulator):
    """A list holds its class, its items and their number."""
    url = f"{kaltura.url}/api_v3/service/category/action/list?ks={ks_of(kaltura)}"
    result = etree.fromstring(http(url)[2].encode()).find("result")
    assert result.findtext("objectType") == "KalturaCategoryListResponse"
    assert [item.findtext("name") for item in result.find("objects")] == ["KAF", "site", "channels"]
    assert result.findtext("totalCount") == "3"


def test_answers_no_result_as_an_empty_tag(kaltura: Simulator):
    """An action without a result answers an empty ``result``."""
    body = http(f"{kaltura.url}/api_v3/service/session/action/end?ks={ks_of(kaltura)}")[2]
    assert re.search(r"<xml><result\s*/>|<xml><result></result>", body)


def test_answers_json_for_format_1(kaltura: Simulator):
    """``format=1`` answers JSON: numbers are numbers, nulls are left out, the class is last."""
    url = f"{kaltura.url}/api_v3/service/category/action/list?format=1&ks={ks_of(kaltura)}"
    status, headers, body = http(url)
    row = json.loads(body)["objects"][0]
    assert (status, headers["Content-Type"]) == (200, JSON)
    assert (row["depth"], "description" in row, list(row)[-1]) == (0, False, "objectType")


# ----------------------------------------------------------------- content types
@pytest.mark.parametrize(
    "kind",
    [
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "text/json",
        "application/vnd.api+json",
    ],
)
def test_ignores_json_of_other_content_types(kaltura: Simulator, kind: str):
    """A JSON body is read only when its content type is exactly ``application/json``."""
    body = json.dumps({"service": "system", "action": "ping", "id": "1", "ks": "x"}).encode()
    unnamed = json.loads(http(f"{kaltura.url}/api_v3/?format=1", body, kind)[2])
    url = f"{kaltura.url}/api_v3/service/category/action/get?format=1&ks={ks_of(kaltura)}"
    named = json.loads(http(url, body, kind)[2])
    assert [unnamed["code"], named["code"]] == [
        "SERVICE_NOT_SPECIFIED",
        "MISSING_MANDATORY_PARAMETER",
    ]


# ------------------------------------------------------------ classes and values
def test_ignores_unknown_properties(kaltura: Simulator):
    """A property that the class does not have is dropped silently."""
    sent = {"objectType": "KalturaCategory", "name": "One", "nosuch": "x", "deep": {"a": ["b"]}}
    made = call(kaltura, "category.add", ks=ks_of(kaltura), category=sent)
    assert (made["name"], "nosuch" in made, "deep" in made) == ("One", False, False)


@pytest.mark.parametrize("kind", ["KalturaMediaEntry", "KalturaNoSuchThing", ""])
def test_reads_a_foreign_class_as_the_declared_one(kaltura: Simulator, kind: str):
    """A class that is no subclass of the declared one is ignored, as a running server does."""
    sent = {"objectType": kind, "name": "One"}
    made = call(kaltura, "category.add", ks=ks_of(kaltura), category=sent)
    assert (made["objectType"], made["name"]) == ("KalturaCategory", "One")


def test_takes_a_subclass(kaltura: Simulator):
    """A subclass of the declared class keeps its own properties."""
    sent = {
        "objectType": "KalturaLocationScheduleResource",
        "name": "Room",
        "tags": "vcprovider:newrow",
    }
    ks = ks_of(kaltura)
    made = call(kaltura, "schedule_scheduleresource.add", ks=ks, scheduleResource=sent)
    assert made["objectType"] == "KalturaLocationScheduleResource"


@pytest.mark.parametrize("kind", ["KalturaScheduleEvent", "KalturaEntryScheduleEvent", ""])
def test_refuses_an_abstract_class(kaltura: Simulator, kind: str):
    """Where only subclasses can be made, one of them must be named."""
    sent = {"objectType": kind, "summary": "x"}
    reply = call(kaltura, "schedule_scheduleevent.add", ks=ks_of(kaltura), scheduleEvent=sent)
    assert reply["code"] == "OBJECT_TYPE_ABSTRACT"


def test_refuses_values_that_an_enumeration_does_not_have(kaltura: Simulator):
    """A value outside its enumeration is named together with property and enumeration."""
    sent = {"name": "One", "appearInList": "2"}
    reply = call(kaltura, "category.add", ks=ks_of(kaltura), category=sent)
    assert reply["code"] == "INVALID_ENUM_VALUE"
    assert reply["args"]["ENUM_VAL"] == "2"
    assert reply["args"]["ENUM_TYPE"] == "KalturaAppearInListType"
    assert reply["args"]["PARAM_NAME"].endswith("appearInList")


def test_unsets_with_null_and_empties_with_a_dash(kaltura: Simulator):
    """``name__null`` unsets a property; ``{"-": ""}`` is the empty collection."""
    ks = ks_of(kaltura)
    entry = {"name": "x", "mediaType": 201, "description": "d", "referenceId": "ref"}
    made = call(kaltura, "livestream.add", ks=ks, sourceType="32", liveStreamEntry=entry)
    change = {"referenceId__null": "", "description__null": "", "operationAttributes": {"-": ""}}
    call(kaltura, "livestream.update", ks=ks, entryId=made["id"], liveStreamEntry=change)
    found = call(kaltura, "livestream.get", ks=ks, entryId=made["id"])
    assert (made["referenceId"], found.get("referenceId"), found["description"]) == (
        "ref",
        None,
        "",
    )
    assert (found["name"], found["operationAttributes"]) == ("x", [])


def test_accepts_numbers_as_strings_and_strings_as_numbers(kaltura: Simulator):
    """Kaltura's client sends every scalar as a string; others send numbers. Both are read."""
    ks = ks_of(kaltura)
    made = [
        call(
            kaltura,
            "category.add",
            ks=ks,
            category={"name": name, "partnerSortValue": value, "appearInList": level},
        )
        for name, value, level in (("a", "7", "1"), ("b", 7, 1))
    ]
    found = client_of(kaltura).category.list(KalturaCategoryFilter(nameOrReferenceIdStartsWith="a"))
    assert [(row["partnerSortValue"], row["appearInList"]) for row in made] == [(7, 1), (7, 1)]
    assert [row.partnerSortValue for row in found.objects] == [7]
