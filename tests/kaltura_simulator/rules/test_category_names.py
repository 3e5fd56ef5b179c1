"""An entry's own list of category names, renewed behind an answer, and what that brings about."""

from __future__ import annotations

from typing import Any

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import call, ks_of

RENEWED_AFTER_S = 30


class Tree:
    """Categories and one live entry, by the names that the test gave them first."""

    def __init__(self, kaltura: Simulator) -> None:
        self.kaltura, self.ks, self.ids = kaltura, ks_of(kaltura), dict[str, int]()
        sent = {"name": "Talk", "mediaType": 201}
        self.entry = self._call("livestream.add", sourceType="32", liveStreamEntry=sent)["id"]

    def _call(self, action: str, **sent: Any) -> Any:
        return call(self.kaltura, action, ks=self.ks, **sent)

    def add(self, name: str, below: str = "") -> None:
        sent = {"name": name, "referenceId": f"key-{name}", "parentId": self.ids.get(below, 0)}
        self.ids[name] = self._call("category.add", category=sent)["id"]

    def rename(self, name: str, to: str) -> None:
        self._call("category.update", id=self.ids[name], category={"name": to})

    def delete(self, name: str) -> None:
        self._call("category.delete", id=self.ids[name], moveEntriesToParentCategory=0)

    def put_into(self, name: str) -> None:
        place = {"categoryId": self.ids[name], "entryId": self.entry}
        self._call("categoryentry.add", categoryEntry=place)

    def take_out_of(self, name: str) -> None:
        self._call("categoryentry.delete", entryId=self.entry, categoryId=self.ids[name])

    @property
    def names(self) -> str:
        return str(self._call("baseentry.get", entryId=self.entry)["categories"])

    @property
    def holding(self) -> dict[str, str | None]:
        """The categories that hold the entry: full name -> referenceId."""
        inside = {row["categoryId"] for row in self.kaltura.objects("categoryEntry")}
        rows = self.kaltura.objects("category")
        return {row["fullName"]: row.get("referenceId") for row in rows if row["id"] in inside}


def tree(kaltura: Simulator, background: float | None = RENEWED_AFTER_S) -> Tree:
    kaltura.set_background(background)
    found = Tree(kaltura)
    for name in ("Spring", "Autumn"):
        found.add(name)
    for name in ("Law", "Arts"):
        found.add(name, "Spring")
    found.put_into("Law")
    return found


def test_a_new_name_reaches_the_entry_later(kaltura):
    held = tree(kaltura)
    held.rename("Spring", "Summer")
    before = held.names
    kaltura.advance(RENEWED_AFTER_S + 1)
    assert (before, held.names) == ("Spring>Law", "Summer>Law")


def test_leaving_a_renamed_category_too_early_leaves_a_ghost(kaltura):
    held = tree(kaltura)
    held.rename("Law", "Rights")
    held.put_into("Arts")
    held.take_out_of("Law")
    assert held.holding == {"Spring>Arts": "key-Arts", "Spring>Law": None}
    kaltura.advance(RENEWED_AFTER_S + 1)
    assert set(held.names.split(",")) == {"Spring>Law", "Spring>Arts"}


def test_leaving_a_category_below_a_renamed_one_leaves_a_whole_tree(kaltura):
    held = tree(kaltura)
    held.rename("Spring", "Summer")
    held.put_into("Arts")
    held.take_out_of("Law")
    names = {row["fullName"]: row.get("referenceId") for row in kaltura.objects("category")}
    assert (names["Spring"], names["Spring>Law"]) == (None, None)
    assert held.holding == {"Summer>Arts": "key-Arts", "Spring>Law": None}


def test_leaving_another_category_costs_the_place_in_a_renamed_one(kaltura):
    held = tree(kaltura)
    held.put_into("Arts")
    held.rename("Arts", "Music")
    held.take_out_of("Law")
    assert held.holding == {"Spring>Arts": None}


def test_a_deleted_category_that_was_renamed_comes_back_as_a_ghost(kaltura):
    held = tree(kaltura)
    held.rename("Law", "Rights")
    held.delete("Law")
    assert held.holding == {"Spring>Law": None}


def test_leaving_after_the_names_were_renewed_leaves_nothing(kaltura):
    held = tree(kaltura)
    held.rename("Law", "Rights")
    kaltura.advance(RENEWED_AFTER_S + 1)
    held.put_into("Arts")
    held.take_out_of("Law")
    assert (held.holding, held.names) == ({"Spring>Arts": "key-Arts"}, "Spring>Arts")


def test_places_moved_before_the_name_changes_leave_nothing(kaltura):
    held = tree(kaltura)
    held.put_into("Arts")
    held.take_out_of("Law")
    held.rename("Law", "Rights")
    assert held.holding == {"Spring>Arts": "key-Arts"}


def test_names_are_renewed_at_once_where_background_work_takes_no_time(kaltura):
    held = tree(kaltura, 0)
    held.rename("Law", "Rights")
    assert held.names == "Spring>Rights"


def test_a_deleted_entry_brings_no_category_back(kaltura):
    held = tree(kaltura)
    held.rename("Law", "Rights")
    call(kaltura, "baseentry.delete", ks=held.ks, entryId=held.entry)
    held.take_out_of("Law")
    assert held.holding == {}


def test_the_delay_survives_a_restart(kaltura):
    held = tree(kaltura)
    held.rename("Law", "Rights")
    kaltura.restart()
    before = held.names
    kaltura.advance(RENEWED_AFTER_S + 1)
    assert (before, held.names) == ("Spring>Law", "Spring>Rights")
