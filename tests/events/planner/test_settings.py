"""Rooms, hours and rules: one page, saved together or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from events.copying import clone_event
from events.models import (
    EventRoom,
    PlannerRules,
    ProgrammeChange,
    RoomHours,
    Session,
    SessionStatus,
    SpeakerHours,
)
from events.planner.forms import PlannerSettings
from events.planner.reading import rules_of
from tests.events.pages import form_values
from tests.events.planner.conftest import Desk, berlin
from tests.factories import SpeakerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def save(desk: Desk, **typed: Any) -> Any:
    url = desk.url("_settings")
    filled = form_values(desk.client.get(url).content.decode())
    more = {name.replace("__", "-"): value for name, value in typed.items()}
    return desk.client.post(url, {**filled, **more})


def test_rooms_hours_and_rules_are_saved_and_open_planners_look_again(desk, event):
    ada = SpeakerFactory(event=event, name="Ada")
    attic = EventRoom.objects.get(name="Attic")
    before = desk.client.get(desk.url("_board")).headers["ETag"]

    answer = save(
        desk,
        rooms__2__name="Cellar",
        room_hours__0__room=attic.pk,
        room_hours__0__starts_at_0="2030-05-06",
        room_hours__0__starts_at_1="09:00",
        room_hours__0__ends_at_0="2030-05-06",
        room_hours__0__ends_at_1="12:00",
        speaker_hours__0__speaker=ada.pk,
        speaker_hours__0__starts_at_0="2030-05-07",
        speaker_hours__0__starts_at_1="09:00",
        speaker_hours__0__ends_at_0="2030-05-07",
        speaker_hours__0__ends_at_1="18:00",
        rules__changeover_minutes="10",
        rules__level_room_twice="block",
    )

    assert answer.status_code == 302
    assert [column["name"] for column in desk.board()["columns"]] == ["Hall", "Attic", "Cellar"]
    hours = RoomHours.objects.get()
    assert (hours.room, hours.starts_at, hours.ends_at) == (attic, berlin("09:00"), berlin("12:00"))
    assert SpeakerHours.objects.get().starts_at == berlin("09:00", 7)
    rules = PlannerRules.objects.get()
    assert (rules.changeover_minutes, rules.levels["room_twice"]) == (10, "block")
    assert desk.client.get(desk.url("_board")).headers["ETag"] != before


def test_of_two_who_save_rules_at_once_each_makes_open_planners_look_again(desk, event):
    PlannerRules.objects.create(event=event)
    filled = form_values(desk.client.get(desk.url("_settings")).content.decode())
    both = [PlannerSettings(event, rules_of(event), filled) for _ in range(2)]

    for each in both:
        assert each.is_valid()
        each.save()

    assert PlannerRules.objects.get().revision == 2


def test_new_name_of_a_room_goes_to_its_sessions_and_to_attendees(desk, talk):
    talk("Keynote", "09:00", "Hall")
    talk("Other", "09:00", "Attic")

    save(desk, rooms__0__name="Great hall")

    rooms = dict(Session.objects.values_list("title", "location"))
    assert rooms == {"Keynote": "Great hall", "Other": "Attic"}
    assert ProgrammeChange.objects.first().after["location"] == "Great hall"


def test_rooms_that_sessions_name_are_offered_and_kept_on_save(desk, talk, event):
    for number, room in enumerate(("Saal 10", "Saal 2", "Hall")):
        talk(f"Talk {number}", "09:00", room)
    filled = form_values(desk.client.get(desk.url("_settings")).content.decode())
    offered = [filled[f"rooms-{row}-name"] for row in range(5)]
    assert (offered, event.rooms.count()) == (["Hall", "Attic", "Saal 2", "Saal 10", ""], 2)

    save(desk, rooms__2__name="Saal zwei")

    rooms = list(event.rooms.values_list("name", "position"))
    assert rooms == [("Hall", 0), ("Attic", 1), ("Saal zwei", 2), ("Saal 10", 3)]
    named = dict(Session.objects.values_list("title", "location"))
    assert named == {"Talk 0": "Saal 10", "Talk 1": "Saal zwei", "Talk 2": "Hall"}


def test_mistakes_are_said_at_their_field_and_nothing_is_saved(desk, event):
    page = save(
        desk,
        rooms__2__name="Hall",
        room_hours__0__room=EventRoom.objects.get(name="Attic").pk,
        room_hours__0__starts_at_0="2030-05-06",
        room_hours__0__starts_at_1="12:00",
        room_hours__0__ends_at_0="2030-05-06",
        room_hours__0__ends_at_1="09:00",
    )

    text = page.content.decode()
    assert "Nothing has been changed." in text
    assert "The end must be after the start." in text
    assert (event.rooms.count(), RoomHours.objects.count()) == (2, 0)


def test_rooms_that_swap_names_are_refused_in_words(desk, event):
    page = save(desk, rooms__0__name="Attic", rooms__1__name="Hall")

    assert "Change one name after the other" in page.content.decode().replace("change", "Change")
    assert list(event.rooms.values_list("name", flat=True)) == ["Hall", "Attic"]


def test_rooms_and_people_of_another_event_cannot_be_chosen(desk, event):
    foreign = SpeakerFactory()
    page = save(
        desk,
        speaker_hours__0__speaker=foreign.pk,
        speaker_hours__0__starts_at_0="2030-05-06",
        speaker_hours__0__starts_at_1="09:00",
        speaker_hours__0__ends_at_0="2030-05-06",
        speaker_hours__0__ends_at_1="10:00",
    )

    assert (page.status_code, SpeakerHours.objects.count()) == (200, 0)


def test_clone_is_planned_in_the_same_rooms_hours_and_rules(event, talk):
    room = event.rooms.first()
    RoomHours.objects.create(room=room, starts_at=berlin("09:00"), ends_at=berlin("12:00"))
    PlannerRules.objects.create(event=event, changeover_minutes=5, levels={"room_twice": "off"})

    copy = clone_event(event, title="Again", starts_on=event.starts_on.replace(month=12))

    hours = RoomHours.objects.get(room__event=copy)
    local = hours.starts_at.astimezone(copy.zone)
    assert [room.name for room in copy.rooms.all()] == ["Hall", "Attic"]
    assert (f"{local:%m-%d %H:%M}", copy.planner_rules.changeover_minutes) == ("12-06 09:00", 5)
    assert copy.planner_rules.levels == {"room_twice": "off"}


def test_new_session_waits_in_the_tray_as_a_draft(desk, event):
    answer = desk.client.post(
        desk.url("_add") + "?day=2030-05-07",
        {"title": "New talk", "minutes": "30", "session_type": "webcast"},
    )

    assert answer.status_code == 302
    session = Session.objects.get()
    assert (session.title, session.status, session.location) == (
        "New talk",
        SessionStatus.DRAFT,
        "",
    )
    assert [card["title"] for card in desk.board()["tray"]] == ["New talk"]
