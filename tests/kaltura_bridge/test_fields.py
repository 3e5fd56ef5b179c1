"""The table of fields: complete, true to Kaltura's classes, and one row for each field."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from KalturaClient.Plugins import Core, Room, Schedule

from events.models import Event, Session, Track
from kaltura_bridge.fields import FIELDS, field_of, field_that_adopts, fields_of, show_value
from kaltura_bridge.models import SessionDelivery
from kaltura_bridge.recipes import Context, specs_for
from kaltura_bridge.specs import Kind
from tests.kaltura_bridge.support.recipe_cases import CASES, planned

BERLIN = ZoneInfo("Europe/Berlin")
# The classes whose properties the adapters read, by kind.
CLASSES = {
    Kind.CATEGORY: (Core.KalturaCategory,),
    Kind.ENTRY: (Core.KalturaLiveStreamEntry,),
    Kind.ROOM: (Room.KalturaRoomEntry,),
    Kind.SCHEDULE_EVENT: (
        Schedule.KalturaLiveStreamScheduleEvent,
        Schedule.KalturaLiveRedirectScheduleEvent,
    ),
    Kind.RESOURCE: (Schedule.KalturaLocationScheduleResource,),
}
CONTEXT = Context(parent_category_id="1", simulive_access_control_id="2")


@pytest.mark.django_db
@pytest.mark.parametrize("name", CASES)
def test_every_field_that_a_recipe_writes_has_a_row(name):
    session = planned(name)
    things = (session.event, session.track, session)
    specs = [spec for thing in things for spec in specs_for(thing, CONTEXT)]

    known = {(kind, field.name) for field in FIELDS for kind in field.kinds}

    assert {(spec.kind, field) for spec in specs for field in spec.fields} - known == set()


def test_no_field_has_two_rows():
    rows = Counter((kind, field.name) for field in FIELDS for kind in field.kinds)

    assert [row for row, number in rows.items() if number > 1] == []


@pytest.mark.parametrize("kind", CLASSES)
def test_every_row_names_a_property_of_kalturas_class(kind):
    properties = {name for made in CLASSES[kind] for name in vars(made())}

    assert {field.name for field in fields_of(kind)} - properties == set()


def test_what_is_adopted_is_an_attribute_of_what_is_planned():
    homes = {"": (Event, Track, Session), "delivery": (SessionDelivery,)}
    adopted = [field.adopts.rpartition(".") for field in FIELDS if field.adopts]

    assert [
        name
        for home, _, name in adopted
        if not any(name in {f.name for f in model._meta.get_fields()} for model in homes[home])
    ] == []


@pytest.mark.parametrize(
    ("kind", "name", "text", "shown"),
    [
        (Kind.ENTRY, "name", "Keynote", "Keynote"),
        (Kind.ENTRY, "name", "", "(empty)"),
        (Kind.ENTRY, "description", "a" * 161, f"{'a' * 160}…"),
        (Kind.ENTRY, "dvrStatus", "1", "on"),
        (Kind.ENTRY, "recordStatus", "0", "Not recorded"),
        (Kind.ENTRY, "recordStatus", "9", "9"),
        (Kind.METADATA, "StartTime", "1904288400", "Mon 6 May 2030, 11:00 Europe/Berlin"),
        (Kind.METADATA, "StartTime", "1904288401", "Mon 6 May 2030, 11:00:01 Europe/Berlin"),
        (Kind.METADATA, "StartTime", "soon", "soon"),
        (Kind.METADATA, "Detail/unknown", "1904288400", "1904288400"),
    ],
)
def test_values_are_shown_as_people_read_them(kind, name, text, shown):
    assert show_value(kind, name, text, BERLIN) == shown


def test_field_without_a_row_keeps_its_name():
    assert (
        field_of("metadata", "Detail/unknown").label,
        field_of("entry", "moderation").label,
    ) == ("unknown", "moderation")


@pytest.mark.parametrize("attribute", ["starts_at", "ends_at"])
def test_each_time_of_a_session_stands_in_calendar_and_event_page(attribute):
    fields = [field_that_adopts(k, attribute) for k in (Kind.SCHEDULE_EVENT, Kind.METADATA)]

    assert len({field.label for field in fields}) == 1


def test_tags_are_compared_in_our_order_and_room_settings_as_they_stand():
    assert (
        field_of(Kind.ENTRY, "tags").read("b,a"),
        field_of(Kind.RESOURCE, "tags").read("vcprovider:newrow,custom_b:1,custom_a:2"),
    ) == ("a, b", "vcprovider:newrow,custom_b:1,custom_a:2")
