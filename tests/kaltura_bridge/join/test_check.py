"""The check before joining: asks for nothing by itself, sends nothing, and works as a list too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from events.models import Session, SessionType
from tests.accessibility import violations
from tests.factories import EventFactory
from tests.kaltura_bridge.support.joining import join_url, live_session


def check_url(session: Session) -> str:
    return f"{join_url(session)}check/"


@pytest.mark.django_db
def test_it_is_a_list_of_what_to_check_for_whoever_may_know_of_the_session(client, settings):
    settings.KALTURA_KAF_URL = "https://101.kaf.example.org"
    session = live_session(session_type=SessionType.INTERACTIVE)
    hidden = live_session(event=EventFactory(is_public=False))

    page = client.get(check_url(session))

    text = page.content.decode()
    assert page.status_code == 200
    assert [name in text for name in ("cookies", "kaltura", "sound", "microphone", "camera")] == (
        [True] * 5
    )
    assert "connect-src 'self' https://101.kaf.example.org" in page["Content-Security-Policy"]
    assert 'camera=(self "https://101.kaf.example.org")' in page["Permissions-Policy"]
    assert client.get(check_url(hidden)).status_code == 404


@pytest.mark.django_db
def test_who_only_watches_needs_neither_microphone_nor_camera():
    text = Client().get(check_url(live_session())).content.decode()

    needed, _, optional = text.partition("Only if you are on stage")
    assert ('data-check-of="camera"' in needed, 'data-check-of="camera"' in optional) == (
        False,
        True,
    )


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_nothing_is_asked_before_a_button_is_pressed(
    simulator, live_portal, page: Any
):
    session = live_session(session_type=SessionType.INTERACTIVE)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.add_init_script(
        "window.asked = []; navigator.mediaDevices.getUserMedia = "
        "what => { window.asked.push(what); return Promise.reject(new Error('no')); };"
    )
    page.goto(live_portal + check_url(session))
    page.get_by_role("button", name="Try the camera").wait_for()
    before = (page.evaluate("window.asked.length"), [u for u in asked if simulator.url in u])
    found = violations(page)

    page.locator("[data-check-of=kaltura] [data-try]").click()
    page.locator("[data-check-of=kaltura][data-works=yes]").wait_for()
    page.locator("[data-check-of=cookies] [data-try]").click()
    page.locator("[data-check-of=cookies][data-works=yes]").wait_for()
    page.get_by_role("button", name="Try the camera").click()
    page.locator("[data-check-of=camera][data-works=no]").wait_for()

    assert before == (0, [])
    assert found == []
    assert page.evaluate("JSON.stringify(window.asked)") == '[{"video":true}]'
    assert page.locator("[data-check-of=camera] [data-mend]").is_visible()
    assert {url for url in asked if not url.startswith(live_portal)} == {f"{simulator.url}/version"}


@pytest.mark.django_db(transaction=True)
def test_in_a_browser_a_blocked_host_is_said(settings, live_portal, page: Any):
    settings.KALTURA_KAF_URL = "http://127.0.0.1:9"
    page.goto(live_portal + check_url(live_session()))

    page.locator("[data-check-of=kaltura] [data-try]").click()

    page.locator("[data-check-of=kaltura][data-works=no]").wait_for()
    assert page.get_by_text("VPN or blocker").is_visible()
