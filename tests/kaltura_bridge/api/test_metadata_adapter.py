"""Metadata documents: ordered by the account's XSD, ours over theirs, nothing else lost."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kaltura_bridge import texts
from kaltura_bridge.api.account import Profile
from kaltura_bridge.api.adapters.metadata import parse, render
from kaltura_simulator.provision import metadata_schemas

EVENTS = Profile("1", metadata_schemas.events())
DETAILS = Profile("2", metadata_schemas.additional_info())
WEBCAST = Profile("3", metadata_schemas.kwebcast())


def is_valid(xml, profile):
    return etree.XMLSchema(etree.fromstring(profile.xsd.encode())).validate(etree.fromstring(xml))


def test_elements_stand_in_the_order_of_the_xsd():
    facts = {
        "Presenter": json.dumps([{"PresenterName": "Ada", "PresenterId": "1"}]),
        "Timezone": "Europe/Berlin",
        "EndTime": "20",
        "StartTime": "10",
    }

    xml = render(facts, EVENTS)

    assert xml == (
        "<metadata><StartTime>10</StartTime><EndTime>20</EndTime><Timezone>Europe/Berlin</Timezone>"
        "<Presenter><PresenterId>1</PresenterId><PresenterName>Ada</PresenterName></Presenter>"
        "</metadata>"
    )
    assert is_valid(xml, EVENTS)


def test_what_we_do_not_manage_stays():
    before = "<metadata><SlidesDocEntryId>1_slides</SlidesDocEntryId></metadata>"

    xml = render({"IsSelfServe": "0", "IsKwebcastEntry": "1"}, WEBCAST, before)

    assert parse(xml) == {
        "SlidesDocEntryId": "1_slides",
        "IsKwebcastEntry": "1",
        "IsSelfServe": "0",
        "Presenter": "[]",
    }
    assert is_valid(xml, WEBCAST)


def test_detail_is_replaced_by_key_and_never_doubled():
    before = render({"Detail/a": '"1"', "Detail/b": '"2"'}, DETAILS)

    xml = render({"Detail/a": '"3"'}, DETAILS, before)

    assert {n: v for n, v in parse(xml).items() if n.startswith("Detail/")} == {
        "Detail/a": '"3"',
        "Detail/b": '"2"',
    }
    assert is_valid(xml, DETAILS)


@pytest.mark.parametrize("xml", ["", "<metadata>", "not xml"])
def test_broken_document_of_kaltura_is_an_error_not_an_empty_record(xml):
    with pytest.raises(etree.XMLSyntaxError):
        parse(xml)


@given(st.text(max_size=80))
def test_any_title_goes_in_and_comes_back_the_same(title):
    name = texts.line(title)
    facts = {"Presenter": json.dumps([{"PresenterName": name}] if name else [])}

    xml = render(facts, EVENTS)

    assert json.loads(parse(xml)["Presenter"]) == json.loads(facts["Presenter"])
    assert is_valid(xml, EVENTS)


@given(st.text(max_size=400))
def test_cleaned_text_is_stable_and_fits(text):
    for clean in (texts.line, texts.summary):
        once = clean(text)
        assert (clean(once), len(once.encode()) <= 256) == (once, True)
    name = texts.category_name(text, "uuid")
    assert (texts.category_name(name, "uuid"), set("<>,") & set(name)) == (name, set())
