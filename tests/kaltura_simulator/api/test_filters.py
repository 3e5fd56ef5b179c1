"""Filters: what their properties mean, for entries, categories and people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from KalturaClient.Plugins import Core

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import call, client_of, ks_of


class Library:
    """Categories with a few entries, and the names that a filter finds."""

    def __init__(self, kaltura: Simulator):
        self.kaltura = kaltura
        self.client = client_of(kaltura)
        self.ids: dict[str, Any] = {}
        self._categories()
        self._entries()

    def _categories(self) -> None:
        for name, above in (("Conf", None), ("Day", "Conf"), ("Other", None)):
            parent = self.ids[above] if above else 0
            sent = Core.KalturaCategory(name=name, parentId=parent, tags=f"tag{name}")
            self.ids[name] = self.client.category.add(sent).id

    def _entries(self) -> None:
        clip = Core.KalturaMediaEntry(name="Clip of ants", mediaType=1, tags="bees, wasps")
        clip.categoriesIds = str(self.ids["Day"])
        self.ids["clip"] = self.client.media.add(clip).id
        live = Core.KalturaLiveStreamEntry(name="Live wasps", mediaType=201, adminTags="kwebcast")
        live.startDate, live.categoriesIds = 2_000_000_000, str(self.ids["Conf"])
        self.ids["live"] = self.client.liveStream.add(live, "32").id
        plain = Core.KalturaLiveStreamEntry(
            name="Plain", mediaType=201, entitledUsersEdit="ann,bob"
        )
        self.ids["plain"] = self.client.liveStream.add(plain, "32").id
        self.kaltura.set_length(self.ids["clip"], 300)

    def names(self, service: str, **asked: Any) -> list[str]:
        """The names of the objects that a list with this filter returns."""
        sent = {
            name: value.format(**self.ids) if isinstance(value, str) else value
            for name, value in asked.items()
        }
        if service == "baseentry":
            sent |= {
                "statusIn": "2,7",
                "idIn": ",".join(self.ids[n] for n in ("clip", "live", "plain")),
            }
        found = call(self.kaltura, f"{service}.list", ks=ks_of(self.kaltura), filter=sent)
        by_id = {str(value): name for name, value in self.ids.items()}
        return sorted(by_id[str(row["id"])] for row in found["objects"] if str(row["id"]) in by_id)


@pytest.fixture
def library(kaltura: Simulator) -> Iterator[Library]:
    """Three categories and three entries."""
    yield Library(kaltura)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"categoryAncestorIdIn": "{Conf}"}, ["clip", "live"]),
        ({"categoriesIdsMatchOr": "{Conf}"}, ["live"]),
        ({"categoriesIdsMatchOr": "{Conf},{Day}"}, ["clip", "live"]),
        ({"categoriesIdsMatchAnd": "{Conf},{Day}"}, []),
        ({"categoriesIdsNotContains": "{Conf}"}, ["clip", "plain"]),
        ({"categoriesIdsEmpty": 1}, ["plain"]),
        ({"categoriesIdsEmpty": 0}, ["clip", "live"]),
        ({"categoriesMatchOr": "conf"}, ["clip", "live"]),
        ({"categoriesMatchOr": "Con"}, []),
        ({"categoriesMatchAnd": "Conf,Conf>Day"}, ["clip"]),
        ({"categoriesNotContains": "Conf>Day"}, ["live", "plain"]),
        ({"categoriesFullNameIn": "Conf"}, ["live"]),
        ({"tagsNameMultiLikeOr": "wasps"}, ["clip", "live"]),
        ({"tagsNameMultiLikeAnd": "wasps,ants"}, ["clip"]),
        ({"tagsAdminTagsMultiLikeOr": "kwebcast,bees"}, ["clip", "live"]),
        ({"tagsAdminTagsNameMultiLikeAnd": "kwebcast,wasps"}, ["live"]),
        ({"searchTextMatchAnd": "live,wasps"}, ["live"]),
        ({"searchTextMatchOr": "ants,plain"}, ["clip", "plain"]),
        ({"freeText": "plain"}, ["plain"]),
        ({"entitledUsersEditMatchOr": "bob,eve"}, ["plain"]),
        ({"entitledUsersEditMatchAnd": "bob,eve"}, []),
        ({"isRoot": 1}, ["clip", "live", "plain"]),
        ({"isRoot": 0}, []),
    ],
)
def test_entry_filter_finds(library: Library, asked: dict[str, Any], found: list[str]):
    assert library.names("baseentry", **asked) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"startDateLessThanOrEqualOrNull": 1_999_999_999}, ["clip", "plain"]),
        ({"startDateGreaterThanOrEqualOrNull": 2_000_000_000}, ["clip", "live", "plain"]),
        ({"startDateGreaterThanOrEqual": 2_000_000_000}, ["live"]),
        ({"durationTypeMatchOr": "medium,long"}, ["clip"]),
        ({"durationTypeMatchOr": "notavailable"}, ["live", "plain"]),
        ({"mediaTypeEqual": 201}, ["live", "plain"]),
        ({"sourceTypeIn": "32"}, ["live", "plain"]),
    ],
)
def test_media_filter_finds(library: Library, asked: dict[str, Any], found: list[str]):
    filter_class = {"objectType": "KalturaMediaEntryFilter"}
    assert library.names("baseentry", **filter_class, **asked) == found


def test_live_filter_finds_what_is_on_air_and_what_stands_in(library: Library):
    stream = {"objectType": "KalturaLiveStreamEntryFilter"}
    library.kaltura.switch(library.ids["plain"], "on_air")
    redirected = Core.KalturaLiveStreamEntry(redirectEntryId=library.ids["clip"])
    library.client.liveStream.update(library.ids["live"], redirected)

    assert library.names("baseentry", isLive=1, **stream) == ["plain"]
    assert library.names("baseentry", isLive=0, **stream) == ["clip", "live"]
    assert library.names("baseentry", redirectFromEntryId="{live}") == ["clip"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"ancestorIdIn": "{Conf}"}, ["Day"]),
        ({"fullNameStartsWithIn": "conf>,oth"}, ["Day", "Other"]),
        ({"idOrInheritedParentIdIn": "{Conf},{Other}"}, ["Conf", "Other"]),
        ({"tagsMultiLikeOr": "tagConf,tagDay"}, ["Conf", "Day"]),
        ({"memberEqual": "ann"}, ["Conf", "Day"]),
        ({"membersIn": "bob,nobody"}, ["Day"]),
        ({"managerEqual": "ANN"}, ["Conf"]),
    ],
)
def test_category_filter_finds(library: Library, asked: dict[str, Any], found: list[str]):
    for user in ("ann", "bob"):
        library.client.user.add(Core.KalturaUser(id=user))
    for category, user, level in (("Conf", "ann", 0), ("Day", "ann", 3), ("Day", "bob", 3)):
        member = Core.KalturaCategoryUser(categoryId=library.ids[category], userId=user)
        member.permissionLevel = level
        library.client.categoryUser.add(member)

    assert library.names("category", **asked) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"idOrScreenNameStartsWith": "AD"}, ["ada"]),
        ({"idOrScreenNameStartsWith": "count"}, ["ada"]),
        ({"firstNameOrLastNameStartsWith": "love"}, ["ada"]),
        ({"roleIdEqual": "5"}, []),
    ],
)
def test_user_filter_finds(kaltura: Simulator, asked: dict[str, Any], found: list[str]):
    person = Core.KalturaUser(id="ada", screenName="Countess", firstName="Ada", lastName="Lovelace")
    client_of(kaltura).user.add(person)

    listed = call(kaltura, "user.list", ks=ks_of(kaltura), filter=asked)

    assert [row["id"] for row in listed["objects"]] == found
