"""Replies read as rows say the same as the client's own objects."""

from __future__ import annotations

import pytest

from kaltura_bridge.api.client import Kaltura, Request, wire
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.api.rows import Row, class_name_of
from kaltura_bridge.fields import FIELDS
from tests.kaltura_bridge.support.planning import settle
from tests.kaltura_bridge.support.recipe_cases import CASES, SIMULIVE_PROFILE, planned

pytestmark = [pytest.mark.django_db(transaction=True)]

LISTS = (
    lambda c: c.category.list(None, pager()),
    lambda c: c.baseEntry.list(None, pager()),
    lambda c: c.schedule.scheduleEvent.list(None, pager()),
    lambda c: c.schedule.scheduleResource.list(None, pager()),
)
NAMES = {field.name for field in FIELDS if not field.by_adapter} | {"id", "createdAt", "status"}


@pytest.mark.parametrize("name", CASES)
def test_rows_have_the_properties_of_the_clients_objects(simulator, settings, name):
    settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID = SIMULIVE_PROFILE
    settle(planned(name, title="Łódź & <Ålesund>").event)
    kaltura = Kaltura()

    own = [listed(answer) for answer in kaltura.ask([Request(call) for call in LISTS])]
    rows = [listed(a) for a in kaltura.ask([Request(call, as_row=True) for call in LISTS])]

    assert [[said(raw) for raw in raws] for raws in rows] == [
        [said(raw) for raw in raws] for raws in own
    ]
    assert {type(raw) for raws in rows for raw in raws} == {Row}


def said(raw):
    return class_name_of(raw), {name: wire(getattr(raw, name, "")) for name in NAMES}


def test_row_lacks_nothing_quietly(simulator):
    (parent,) = listed(Kaltura().one(lambda c: c.category.list(None, pager(1)), as_row=True))

    assert (parent.nobodyMadeThis, wire(parent.nobodyMadeThis)) == (NotImplemented, "")
    with pytest.raises(AttributeError):
        parent.__nobody__  # noqa: B018  (what copying and pickling look for)


def test_refusal_is_no_row(simulator):
    answers = Kaltura().ask([Request(lambda c: c.category.get(987654), as_row=True)])

    assert [(type(a), a.code) for a in answers] == [(RemoteRejected, "CATEGORY_NOT_FOUND")]
