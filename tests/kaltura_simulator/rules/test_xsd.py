"""Documents are validated against the account's schemas; the errors' wording."""

from __future__ import annotations

import pytest

from kaltura_simulator.provision import metadata_schemas
from kaltura_simulator.rules import xsd

EVENTS = metadata_schemas.events()


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<StartTime>1</StartTime>",
        "<StartTime>1</StartTime><EndTime>2</EndTime><Timezone>UTC</Timezone>",
        "<Presenter><PresenterName>A</PresenterName></Presenter><Presenter/>",
    ],
)
def test_xsd_takes_what_fits(inner):
    assert xsd.problems(EVENTS, f"<metadata>{inner}</metadata>") == ""


@pytest.mark.parametrize(
    ("inner", "fault"),
    [
        (
            "<Nope/>",
            "Element &#039;Nope&#039;: This element is not expected."
            " Expected is one of ( StartTime, EndTime, Timezone, Presenter ).",
        ),
        (
            "<StartTime> 5 </StartTime>",
            "Element &#039;StartTime&#039;: &#039; 5 &#039; is not a valid value of the atomic type"
            " &#039;dateType&#039;.",
        ),
        (
            "<StartTime/>",
            "Element &#039;StartTime&#039;: &#039;&#039; is not a valid value of the atomic type"
            " &#039;dateType&#039;.",
        ),
    ],
)
def test_xsd_names_the_element_and_shows_the_line(inner, fault):
    document = f"<metadata>{inner}</metadata>"
    line = document.replace("<", "&lt;").replace(">", "&gt;")
    assert xsd.problems(EVENTS, document) == f"{fault}\n at line 1 [{line}]"


@pytest.mark.parametrize(
    "document",
    [
        "",
        "hello",
        "<metadata>",
        "<other/>",
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><metadata><Timezone>&x;</Timezone></metadata>',
        '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><metadata><Timezone>&z;</Timezone></metadata>',
        "<metadata>\x00</metadata>",
    ],
)
def test_xsd_refuses_what_is_no_document_and_reads_nothing_from_outside(document):
    problem = xsd.problems(EVENTS, document)
    assert (problem != "", "root:" in problem) == (True, False)


def test_xsd_says_what_is_no_schema():
    assert [xsd.schema_problem(text) != "" for text in (EVENTS, "<a/>", "x")] == [False, True, True]
