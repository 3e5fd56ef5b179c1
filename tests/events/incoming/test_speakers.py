"""Speakers come in from a table, are found again, and go out as they came."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from events.models import Event, IncomingState, Speaker
from tests.events.imports.test_tables import csv_of
from tests.events.incoming.test_pages import IncomingDesk
from tests.factories import EventFactory, SpeakerFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HEADER = ["Name", "Firma", "Bio", "E-Mail"]


@pytest.fixture
def event() -> Event:
    return EventFactory(slug="conf", timezone="Europe/Berlin", starts_on=date(2030, 5, 6))


@pytest.fixture
def desk(event: Event) -> IncomingDesk:
    return IncomingDesk(event)


def people() -> list[dict[str, Any]]:
    return list(Speaker.objects.order_by("pk").values())


def test_speakers_come_in_and_again_change_nothing(desk, event):
    ada = SpeakerFactory(event=event, name="Ada", title="", biography="")
    bob = SpeakerFactory(event=event, name="Robert", user=UserFactory(email="bob@example.org"))
    rows = csv_of(HEADER, ["Ada", "Engines", "Wrote.", ""], ["Bob", "", "", "bob@example.org"],
                  ["Eve", "Lab", "", ""])  # fmt: skip

    file = desk.bring(rows, kind="speakers")
    shown = desk.open(file).content.decode()
    saved = desk.save(file)
    after = people()
    again = desk.bring(rows, kind="speakers")

    assert ("Engines" in shown, saved.state) == (True, IncomingState.SAVED)
    assert file.preview["counts"] == {"new": 1, "changed": 2, "removed": 0, "unchanged": 0}
    assert [(p["id"], p["name"], p["title"], p["biography"]) for p in after] == [
        (ada.pk, "Ada", "Engines", "Wrote."), (bob.pk, "Bob", "", ""),
        (after[2]["id"], "Eve", "Lab", ""),
    ]  # fmt: skip
    assert (again.preview["counts"]["unchanged"], people()) == (3, after)


def test_one_who_could_be_two_or_stands_twice_is_an_error_of_that_cell(desk, event):
    for slug in ("k1", "k2"):
        SpeakerFactory(event=event, name="Kim Lee", slug=slug)
    rows = csv_of(["Name", "Id"], ["Kim Lee", ""], ["Eve", ""], ["Eve", ""], ["", "x-1"])

    file = desk.bring(rows, kind="speakers")

    assert [(e["where"], e["reason"]) for e in file.preview["errors"]] == [
        ("A2", "2 speakers of this event can be meant."),
        ("A4", "Row 3 is the same person."),
        ("A5", "The name is missing."),
    ]


def test_edit_meanwhile_is_shown_before_anything_is_saved(desk, event):
    ada = SpeakerFactory(event=event, name="Ada", title="Old")
    file = desk.bring(csv_of(["Name", "Title"], ["Ada", "New"]), kind="speakers")
    ada.title = "Edited"
    ada.save()

    later = desk.save(file)

    assert (later.state, Speaker.objects.get().title) == (IncomingState.READY, "Edited")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_speakers_that_were_taken_out_come_back_as_they_were(desk, event, form):
    names = ["=Ada", "Kim Lee", "kim lee", "'-x", "Smith, Jr."]
    for number, name in enumerate(names):
        SpeakerFactory(
            event=event, name=name, slug=f"s{number}", title="=1;-2", biography="* a\n\n\t=b"
        )
    SpeakerFactory(event=event, name="Bob", user=UserFactory(email="bob@example.org"))
    before = people()
    answer = desk.client.get(desk.url("_export", "speakers", form))

    file = desk.bring(answer.content, f"t.{form}", kind="speakers")

    assert file.preview["counts"] == {"new": 0, "changed": 0, "removed": 0, "unchanged": 6}
    assert (file.preview["errors"], people()) == ([], before)


def test_schedule_holds_no_table_of_speakers(desk):
    file = desk.bring("<schedule/>", "schedule.xml", kind="speakers")

    assert (file.state, file.outcome) == (
        IncomingState.BROKEN, "Speakers come in from a table (.xlsx, .csv)."
    )  # fmt: skip
