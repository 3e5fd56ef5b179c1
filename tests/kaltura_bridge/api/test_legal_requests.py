"""The check of every request that the portal sends can fail, and knows what it checks."""

from __future__ import annotations

import pytest

from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.api.errors import KalturaError
from tests import legality
from tests.kaltura_bridge.support.planning import planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

LIST = {"service": "category", "action": "list"}
FILTER = {"objectType": "KalturaCategoryFilter", "idIn": "1"}


def entry(**properties):
    return {
        "service": "livestream",
        "action": "update",
        "entryId": "0_aaaaaaaa",
        "liveStreamEntry": {"objectType": "KalturaLiveStreamEntry", **properties},
    }


@pytest.mark.parametrize(
    ("request_", "complaint"),
    [
        (
            {"service": "categories", "action": "list"},
            "categories.list: Kaltura has no such action",
        ),
        ({"service": "category", "action": "lst"}, "category.lst: Kaltura has no such action"),
        (
            {"service": "scheduleevent", "action": "list"},
            "scheduleevent.list: Kaltura has no such action",
        ),
        ({**LIST, "filters": FILTER}, "category.list filters: there is no such name"),
        (
            {**LIST, "filter": {"objectType": "KalturaKategoryFilter"}},
            "category.list filter: there is no class 'KalturaKategoryFilter'",
        ),
        (
            {**LIST, "filter": {**FILTER, "referenceIdIn": "x"}},
            "category.list filter KalturaCategoryFilter.referenceIdIn is unknown",
        ),
        ({**LIST, "filter": "id=1"}, "category.list filter: 'id=1' is no object"),
        (
            {**LIST, "filter": {**FILTER, "idEqual": "one"}},
            "category.list filter KalturaCategoryFilter.idEqual: 'one' is no int",
        ),
        (
            entry(createdAt="1"),
            "livestream.update liveStreamEntry KalturaLiveStreamEntry.createdAt is read-only",
        ),
        (
            entry(dvrStatus="7"),
            "livestream.update liveStreamEntry KalturaLiveStreamEntry.dvrStatus: "
            "'7' is none of its values",
        ),
        (
            entry(explicitLive="perhaps"),
            "livestream.update liveStreamEntry KalturaLiveStreamEntry.explicitLive: "
            "'perhaps' is none of its values",
        ),
    ],
)
def test_illegal_request_is_told_by_what_is_wrong(request_, complaint):
    assert legality.complaints({"1": {**LIST, "filter": FILTER}, "2": request_}) == [complaint]


def test_legal_requests_are_not_complained_of():
    sent = {"1": {**LIST, "filter": FILTER}, "2": entry(dvrStatus="1", description__null="")}

    assert legality.complaints({**sent, "ks": "x", "format": "2"}) == []


def test_single_call_is_named_by_its_address():
    url = "http://localhost/api_v3/service/category/action/list"

    assert legality.complaints({"filter": FILTER}, url) == []
    assert legality.complaints({"filtre": FILTER}, url) == [
        "category.list filtre: there is no such name"
    ]


def test_property_that_the_client_would_drop_without_a_word_is_told():
    thing = new("KalturaCategory", name="Spring", fullName="A>Spring", colour="red")

    assert legality.unsendable(thing) == [
        "KalturaCategory.fullName is set, but Kaltura takes none",
        "KalturaCategory.colour is set, but Kaltura takes none",
    ]


def test_requests_of_the_portal_pass_through_the_check(simulator, requests_sent):
    """And an illegal one among them would fail the test it happens in."""
    settle(planned_event())
    legal = list(requests_sent)
    wrong = new("KalturaCategoryFilter", idEqual="one")

    with pytest.raises(KalturaError):
        raise Kaltura().ask([Request(lambda c: c.category.list(wrong)), Request(_delete)])[1]

    assert (legal, list(requests_sent)) == (
        [],
        ["category.list filter KalturaCategoryFilter.idEqual: 'one' is no int"],
    )
    requests_sent.clear()


def _delete(client):
    return client.category.delete(1)
