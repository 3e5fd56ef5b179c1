"""Kaltura's page for moderators: who gets there, and with what."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from events.models import SessionType
from kaltura_bridge.api import ks
from kaltura_bridge.api.light import LightCall, call
from tests.kaltura_bridge.support.on_air import OnAir, on_air

pytestmark = pytest.mark.django_db

MODERATE_IT = {"owner", "producer", "team moderator", "moderator"}
PAGE = re.compile(r'data-moderates="([^"]+)" data-user="([^"]+)"')


def moderator_url(air: OnAir) -> str:
    return f"{air.desk_url}questions/"


def opened(air: OnAir, who: str = "moderator") -> Any:
    return air.client(who).post(f"{moderator_url(air)}open/")


def test_moderators_get_to_the_questions_of_their_session(simulator):
    air = on_air(simulator)
    asked = {"objectType": "KalturaAnnotation", "entryId": air.entry_id, "isPublic": "1"}
    question = {"cuePoint": {**asked, "text": "Why so early?"}}
    call(LightCall("cuepoint_cuepoint", "add", question, ks.sync_admin_ks()))
    for who in MODERATE_IT:
        answer = opened(air, who)

        page = requests.get(answer["Location"], timeout=10)
        assert answer.status_code == 302
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert page.status_code == 200, page.text
        found = PAGE.search(page.text)
        assert found and found.groups() == (
            air.entry_id,
            f"portal-moderator-{air.session.uuid.hex}",
        )
        assert "Why so early?" in page.text


def test_the_page_before_it_holds_no_ks_and_lets_its_form_lead_there(simulator):
    air = on_air(simulator)

    page = air.client("moderator").get(moderator_url(air))

    assert page.status_code == 200
    assert "djJ8" not in page.content.decode()
    assert f"form-action 'self' {simulator.url}" in page["Content-Security-Policy"]


def test_others_find_nothing(simulator):
    air = on_air(simulator)
    for who in air.people.keys() - MODERATE_IT:
        assert air.client(who).get(moderator_url(air)).status_code == 404, who
        assert opened(air, who).status_code == 404, who


def test_in_rooms_there_is_no_such_page(simulator):
    air = on_air(simulator, synced=False, session_type=SessionType.INTERACTIVE)

    assert air.client("moderator").get(moderator_url(air)).status_code == 404


def test_before_kaltura_has_the_webcast_the_way_leads_back(simulator):
    air = on_air(simulator, synced=False)

    assert opened(air)["Location"] == moderator_url(air)


def test_the_sessions_page_leads_moderators_there_and_nobody_else(simulator):
    air = on_air(simulator)
    leads = f'href="{moderator_url(air)}"'
    for who in air.people:
        page = air.client(who).get(air.session.get_absolute_url()).content.decode()
        assert (leads in page) == (who in MODERATE_IT), who
