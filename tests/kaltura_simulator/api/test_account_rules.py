"""The account's own data, impersonation, and what response profiles add to replies."""

from __future__ import annotations

from typing import Any

import pytest
from KalturaClient.Plugins.Core import (
    KalturaBaseEntryFilter,
    KalturaCategory,
    KalturaCategoryEntry,
    KalturaCategoryEntryFilter,
    KalturaDetachedResponseProfile,
    KalturaLiveStreamEntry,
    KalturaPartner,
    KalturaResponseProfile,
    KalturaResponseProfileMapping,
    KalturaResponseProfileType,
)

from kaltura_simulator.testing import Simulator
from tests.kaltura_simulator.support.clients import USER, call, client_of, code_of, ks_of


# ---------------------------------------------------------------------- sessions
def test_partner_of_a_session_is_text_in_json(kaltura: Simulator):
    ks = ks_of(kaltura)

    read = call(kaltura, "session.get", ks=ks)
    widget = call(kaltura, "session.startWidgetSession", widgetId="_101")

    assert (read["partnerId"], read["sessionType"], widget["partnerId"]) == ("101", "2", 101)


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"impersonatedPartnerId": 101}, ("START_SESSION_ERROR", "0")),
        ({"impersonatedPartnerId": 101, "partnerId": 99}, ("START_SESSION_ERROR", "99")),
        ({"impersonatedPartnerId": 99, "partnerId": 101}, ("START_SESSION_ERROR", "101")),
        (
            {"impersonatedPartnerId": 101, "partnerId": 101, "secret": "x"},
            ("START_SESSION_ERROR", "101"),
        ),
        ({"impersonatedPartnerId": 101, "partnerId": 101, "type": 7}, ("INVALID_ENUM_VALUE", None)),
    ],
)
def test_impersonation_without_the_right_secret_and_partner_is_refused(
    kaltura: Simulator, fields: dict[str, Any], outcome: tuple[str, str | None]
):
    sent = {"secret": kaltura.admin_secret} | fields

    reply = call(kaltura, "session.impersonate", ks=ks_of(kaltura), **sent)

    assert (reply["code"], reply["args"].get("PID")) == outcome


def test_impersonation_of_oneself_gives_a_session(kaltura: Simulator):
    sent = {"secret": kaltura.user_secret, "impersonatedPartnerId": 101, "partnerId": 101}
    text = call(
        kaltura, "session.impersonate", ks=ks_of(kaltura), userId="ann", privileges="a:1", **sent
    )

    read = call(kaltura, "session.get", ks=ks_of(kaltura), session=text)

    assert (read["userId"], read["sessionType"], read["privileges"]) == ("ann", "0", "a:1")


def test_impersonation_by_session_keeps_what_is_not_named(kaltura: Simulator):
    old = ks_of(kaltura, USER, "ann", "sview:0_a")

    made = call(kaltura, "session.impersonateByKs", ks=ks_of(kaltura), session=old, expiry=60)
    refused = call(kaltura, "session.impersonateByKs", ks=ks_of(kaltura), session="x")

    kept = {name: made[name] for name in ("userId", "sessionType", "privileges", "expiry")}
    wanted = {"userId": "ann", "sessionType": 0, "privileges": "sview:0_a", "expiry": 60}
    assert (kept, refused["code"]) == (wanted, "START_SESSION_ERROR")


def test_an_entry_without_a_session_is_not_found(kaltura: Simulator):
    reply = call(kaltura, "baseentry.get", entryId="0_videoone", partnerId=101)
    listed = call(kaltura, "baseentry.list", partnerId=101)

    assert (reply["code"], listed["code"]) == ("ENTRY_ID_NOT_FOUND", "SERVICE_FORBIDDEN")


# ----------------------------------------------------------------------- partner
def test_partner_names_itself_and_hides_its_secrets(kaltura: Simulator):
    client = client_of(kaltura)
    client.partner.update(KalturaPartner(name="Conference"))

    info = client.partner.getInfo()
    raw = call(kaltura, "partner.get", ks=ks_of(kaltura))

    assert (info.id, info.name, info.status.getValue()) == (101, "Conference", 1)
    assert sorted(raw) == ["adminUserId", "id", "name", "objectType", "status", "type"]
    assert code_of(client.partner.get, 99) == "UNKNOWN_PARTNER_ID"


def test_partner_is_closed_to_viewers_and_secrets_to_all(kaltura: Simulator):
    login = {"partnerId": 101, "adminEmail": "x@example.test", "cmsPassword": "no"}

    info = call(kaltura, "partner.getInfo", ks=ks_of(kaltura, USER))
    own_secrets = call(kaltura, "partner.getSecrets", ks=ks_of(kaltura), **login)
    secrets = call(kaltura, "partner.getSecrets", **login)

    codes = [info["code"], own_secrets["code"], secrets["code"]]
    assert codes == ["SERVICE_FORBIDDEN", "USER_DATA_ERROR", "USER_DATA_ERROR"]


# ------------------------------------------------------------- response profiles
def _entry_in_a_category(kaltura: Simulator) -> tuple[str, int]:
    client = client_of(kaltura)
    entry = client.liveStream.add(KalturaLiveStreamEntry(name="Keynote", mediaType=201), "32")
    place = client.category.add(KalturaCategory(name="Day one"))
    client.categoryEntry.add(KalturaCategoryEntry(categoryId=place.id, entryId=entry.id))
    return entry.id, place.id


def _with_categories() -> KalturaDetachedResponseProfile:
    include = KalturaResponseProfileType.INCLUDE_FIELDS
    places = KalturaDetachedResponseProfile(
        name="cats", type=include, fields="categoryId", filter=KalturaCategoryEntryFilter()
    )
    places.mappings = [
        KalturaResponseProfileMapping(parentProperty="id", filterProperty="entryIdEqual")
    ]
    return KalturaDetachedResponseProfile(type=include, fields="id,name", relatedProfiles=[places])


def test_response_profile_brings_what_belongs_to_each_object(kaltura: Simulator):
    entry_id, category_id = _entry_in_a_category(kaltura)
    client = client_of(kaltura)
    client.setResponseProfile(_with_categories())

    found = client.baseEntry.list(KalturaBaseEntryFilter(idEqual=entry_id)).objects[0]
    alone = client.baseEntry.get(entry_id)

    for entry in (found, alone):
        places = entry.relatedObjects["cats"]
        assert [place.categoryId for place in places.objects] == [category_id]
        assert places.objects[0].entryId == ""


def test_response_profile_in_json_holds_the_related_lists_by_name(kaltura: Simulator):
    entry_id, category_id = _entry_in_a_category(kaltura)
    profile = {
        "objectType": "KalturaDetachedResponseProfile",
        "fields": "id",
        "relatedProfiles": [
            {
                "objectType": "KalturaDetachedResponseProfile",
                "name": "cats",
                "fields": "categoryId",
                "filter": {"objectType": "KalturaCategoryEntryFilter"},
                "mappings": [
                    {
                        "objectType": "KalturaResponseProfileMapping",
                        "parentProperty": "id",
                        "filterProperty": "entryIdEqual",
                    }
                ],
            }
        ],
    }

    reply = call(
        kaltura, "baseentry.get", ks=ks_of(kaltura), entryId=entry_id, responseProfile=profile
    )

    link = {"categoryId": category_id, "objectType": "KalturaCategoryEntry"}
    places = {
        "totalCount": 1,
        "objects": [link],
        "objectType": "KalturaCategoryEntryListResponse",
    }
    assert reply == {
        "id": entry_id,
        "type": 7,
        "objectType": "KalturaLiveStreamAdminEntry",
        "relatedObjects": {"cats": places},
    }


def test_response_profile_is_kept_changed_copied_and_forgotten(kaltura: Simulator):
    client = client_of(kaltura)
    sent = KalturaResponseProfile(name="short", systemName="short", fields="id", type=1)

    kept = client.responseProfile.add(sent)
    copy = client.responseProfile.clone(kept.id, KalturaResponseProfile(systemName="copy"))
    changed = client.responseProfile.update(kept.id, KalturaResponseProfile(fields="id,name"))
    client.responseProfile.delete(copy.id)

    assert (copy.name, copy.systemName, copy.fields) == ("short", "copy", "id")
    assert (changed.fields, changed.version) == ("id,name", 2)
    assert [row.id for row in client.responseProfile.list().objects] == [kept.id]
    assert code_of(client.responseProfile.get, copy.id) == "RESPONSE_PROFILE_ID_NOT_FOUND"
    assert code_of(client.responseProfile.add, sent) == "RESPONSE_PROFILE_DUPLICATE_SYSTEM_NAME"


def test_response_profile_that_is_named_cuts_and_an_unknown_one_does_not(kaltura: Simulator):
    client = client_of(kaltura)
    sent = KalturaResponseProfile(name="short", systemName="short", fields="id", type=1)
    kept = client.responseProfile.add(sent)

    def shown(**holder: Any) -> list[str]:
        profile = {"objectType": "KalturaResponseProfileHolder", **holder}
        reply = call(
            kaltura, "media.get", ks=ks_of(kaltura), entryId="0_videoone", responseProfile=profile
        )
        return sorted(reply)

    assert shown(systemName="short") == shown(id=kept.id) == ["id", "objectType"]
    assert len(shown(systemName="nosuch")) > 20


def _related(kind: str, *inner: dict[str, Any], **fields: Any) -> dict[str, Any]:
    related = {
        "objectType": "KalturaDetachedResponseProfile",
        "name": "them",
        "filter": {"objectType": kind},
    }
    return related | fields | {"relatedProfiles": list(inner)}


@pytest.mark.parametrize(
    ("related", "code"),
    [
        (
            _related("KalturaMetadataFilter", _related("KalturaMetadataFilter")),
            "MUST_FILTER_ON_OBJECT_ID",
        ),
        (
            _related(
                "KalturaCategoryFilter",
                _related("KalturaCategoryFilter", _related("KalturaCategoryFilter")),
            ),
            "RESPONSE_PROFILE_MAX_NESTING_LEVEL",
        ),
        (
            _related("KalturaCategoryFilter", pager={"pageSize": 101}),
            "PROPERTY_VALIDATION_MAX_VALUE",
        ),
        (_related("KalturaUserFilter"), "SERVICE_FORBIDDEN"),
    ],
)
def test_related_profiles_ask_for_no_more_than_the_caller_may(
    kaltura: Simulator, related: dict[str, Any], code: str
):
    profile = {"objectType": "KalturaDetachedResponseProfile", "relatedProfiles": [related]}
    ks = ks_of(kaltura, USER)

    reply = call(kaltura, "media.get", ks=ks, entryId="0_videoone", responseProfile=profile)

    assert reply["code"] == code
