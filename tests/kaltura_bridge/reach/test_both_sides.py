"""Both sides of the counter: a rule orders, the vendor's worker delivers, people read and search."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from events.models import Visibility
from kaltura_bridge.models import CaptionOrder, OrderState
from kaltura_bridge.reach.engines.sidecar import SidecarEngine
from tests.factories import RegistrationFactory
from tests.kaltura_bridge.support.captioning import look_again, recorded, rule_of, show_in_player
from tests.kaltura_bridge.support.joining import signed_in
from tests.kaltura_bridge.support.vendoring import VIDEO, VendorSite

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SAID = "WEBVTT\n\n00:05.000 --> 00:07.000\n<v Ada>We weave algebraical patterns.\n"


def test_what_a_rule_orders_is_delivered_read_and_searched(
    vendor: VendorSite, settings, tmp_path: Path
):
    settings.KALTURA_INDEX_DELAY_S = 0
    settings.REACH_VENDOR_TRANSCRIPT = "json"
    recording = recorded(event__visibility=Visibility.INVITED)
    show_in_player()
    rule_of(recording.session)
    (tmp_path / f"{VIDEO}.en.vtt").write_text(SAID)

    look_again()
    report = vendor.round(SidecarEngine({"folder": str(tmp_path)}))
    look_again()

    order = CaptionOrder.objects.get()
    session = recording.session
    page = f"/e/{session.event.slug}/sessions/{session.slug}/transcript/"
    reader = signed_in(RegistrationFactory(event=session.event).user)
    assert (report.ready, order.state) == ([int(order.task_id)], OrderState.READY)
    assert "algebraical patterns" in reader.get(page).content.decode()
    assert "algebraical" in reader.get(page, {"q": "algebraical"}).content.decode()
    assert Client().get(page).status_code == 404
