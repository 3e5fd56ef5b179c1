"""A webcast from the plan to its recording, by what the portal shows and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import requests

from kaltura_bridge.api import ks
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.live.state import forget_state
from tests.kaltura_bridge.support.on_air import OnAir, on_air

pytestmark = pytest.mark.django_db


def desk_says(air: OnAir) -> str:
    """The word at the head of the desk, asked anew."""
    forget_state(air.entry_id)
    return str(air.client().get(f"{air.desk_url}state/").json()["name"])


def viewers_see(air: OnAir) -> bool:
    return bool(call(LightCall("livestream", "isLive", {"id": air.entry_id, "protocol": "auto"})))


def someone_asks(air: OnAir, text: str) -> None:
    question = {"objectType": "KalturaAnnotation", "entryId": air.entry_id, "isPublic": "1"}
    signed = ks.sync_admin_ks()
    call(LightCall("cuepoint_cuepoint", "add", {"cuePoint": {**question, "text": text}}, signed))


def questions_of(air: OnAir) -> str:
    """Kaltura's page, as the portal leads a moderator there."""
    answer = air.client("moderator").post(f"{air.desk_url}questions/open/")
    return requests.get(answer["Location"], timeout=10).text


def test_a_webcast_is_driven_by_the_portal_alone(simulator):
    air = on_air(simulator)
    planned_end = air.session.ends_at
    assert desk_says(air) == "offline"

    first = air.client().post(f"{air.desk_url}ingest/").context["shown"].points[0]
    assert simulator.encode(first.server, first.key) == air.entry_id
    assert (desk_says(air), viewers_see(air)) == ("preview", False)

    air.confirm("go-live")
    assert (desk_says(air), viewers_see(air)) == ("live", True)

    someone_asks(air, "Will there be slides?")
    assert "Will there be slides?" in questions_of(air)

    air.confirm("extend", **air.client().get(f"{air.desk_url}extend/?minutes=15").context["sent"])
    air.session.refresh_from_db()
    assert air.session.ends_at == planned_end + timedelta(minutes=15)

    simulator.advance(60)
    air.confirm("end")
    assert (desk_says(air), viewers_see(air)) == ("preview", False)
    simulator.stop_encoding(air.entry_id)
    assert desk_says(air) in {"offline", "over"}

    recordings = simulator.recordings()
    assert [row["rootEntryId"] for row in recordings] == [air.entry_id]
    assert air.entry()["recordedEntryId"] == recordings[0]["id"]
