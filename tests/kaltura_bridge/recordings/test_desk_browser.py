"""The recordings desk and the attendees' list in a browser, upload included."""

from __future__ import annotations

import pytest
from django.urls import reverse

from events.models import TeamRole
from kaltura_bridge.models import RecordingChange, RecordingChangeState
from tests.every_page.situation import login_cookie
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.recorded import broadcast, held_session, look, processed

pytestmark = pytest.mark.django_db(transaction=True)

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def test_a_planner_hides_and_uploads_and_a_stranger_sees_the_list(simulator, live_server, page):
    session = held_session(title="Owls at night")
    manager = TeamMemberFactory(event=session.event, role=TeamRole.MANAGER).user
    site = live_server.url
    page.context.add_cookies([login_cookie(manager, site)])
    upload = reverse("admin:kaltura_bridge_recording_upload", args=[session.pk])
    page.set_viewport_size(PHONE)
    page.goto(site + upload)
    page.get_by_label("Video").set_input_files(
        {"name": "a.mp4", "mimeType": "video/mp4", "buffer": b"x" * 5_000_000}
    )
    page.get_by_role("button", name="Upload it").click()
    page.wait_for_url(f"**/recordings/of/{session.pk}/")
    change = RecordingChange.objects.get()
    assert (change.state, change.bytes_received) == (RecordingChangeState.WAITING, 5_000_000)
    assert simulator.calls("uploadToken.upload") == 2

    broadcast(simulator, session, 600)
    processed(simulator)
    look(session)
    page.set_viewport_size(DESKTOP)
    page.goto(site + reverse("admin:kaltura_bridge_recordings", args=[session.event.pk]))
    page.set_viewport_size(PHONE)
    page.goto(f"{site}/e/{session.event.slug}/recordings/")
    assert page.get_by_role("link", name="Owls at night").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(site + reverse("admin:kaltura_bridge_recording_session", args=[session.pk]))
    page.set_viewport_size(DESKTOP)
    page.get_by_role("link", name="Hide…").click()
    page.get_by_role("button", name="Hide it").click()
    page.get_by_text("The recording is hidden.").wait_for()
    page.goto(f"{site}/e/{session.event.slug}/recordings/")
    assert page.get_by_text("No recordings yet").is_visible()
