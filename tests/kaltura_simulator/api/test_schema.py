"""The table of Kaltura's types agrees with the installed client."""

from __future__ import annotations

from kaltura_simulator.api import build_schema, schema


def test_schema_is_what_the_installed_client_says():
    assert build_schema.TABLE.read_text("utf-8") == build_schema.written(build_schema.build()), (
        "Run python -m kaltura_simulator.api.build_schema."
    )


def test_schema_knows_inherited_properties_first():
    names = list(schema.properties("KalturaLiveStreamScheduleEvent"))
    assert (names[0], "preStartTime" in names, "templateEntryId" in names) == ("id", True, True)


def test_schema_knows_what_may_not_be_written():
    flags = {
        name: schema.properties("KalturaMediaEntry")[name].flag
        for name in ("id", "mediaType", "name")
    }
    assert flags == {"id": "r", "mediaType": "i", "name": ""}


def test_schema_finds_actions_in_any_case():
    action = schema.action("livestream", "ISLIVE")
    assert action is not None
    assert (action.label, [p.name for p in action.parameters]) == (
        "liveStream->isLive",
        ["id", "protocol"],
    )
