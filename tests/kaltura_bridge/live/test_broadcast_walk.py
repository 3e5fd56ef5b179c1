"""A webcast driven by the portal alone, in browsers: from the plan in the admin to its recording.

Producer, moderator, speaker, attendee and stranger each have a browser of their own, and what
Kaltura saw of them is compared at the end.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from events.models import Session, SessionType, SpeakerRole, TeamRole
from kaltura_bridge.api import ks
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.live.state import forget_state
from kaltura_bridge.sync import service
from tests.browser import soon, wait_until
from tests.every_page.situation import login_cookie
from tests.factories import (
    RegistrationFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    UserFactory,
)
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.live.test_launching import unpacked
from tests.test_whole_loop import Browsers, browsers, plan_a_session, plan_the_event  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from kaltura_simulator.testing import Simulator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.proof]

SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 360, "height": 740}}


class Walk:
    """Everybody's browser, the session, and the desk."""

    def __init__(self, opened: Browsers, simulator: Simulator, size: dict[str, int]) -> None:
        self.opened, self.simulator, self.size = opened, simulator, size
        self.session: Session

    def browser(self, user: Any) -> Page:
        page = self.opened.open()
        page.set_viewport_size(self.size)  # type: ignore[arg-type]
        if user:
            page.context.add_cookies([login_cookie(user, self.opened.portal)])  # type: ignore[list-item]
        return page

    @property
    def desk_url(self) -> str:
        return f"/e/{self.session.event.slug}/sessions/{self.session.slug}/live/"

    @property
    def entry_id(self) -> str:
        return str(remote_entry_id(self.session))

    def sees(self, page: Page, state: str) -> None:
        """The page says so by itself, or when it looks again."""
        forget_state(self.entry_id)
        page.goto(self.desk_url)
        wait_until(page, f"document.querySelector('[data-desk-state={state}]') !== null")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def do(self, page: Page, action: str, confirm: str) -> str:
        page.locator("main").get_by_role("link", name=action, exact=True).click()
        page.get_by_role("button", name=confirm).click()
        page.wait_for_url(f"**{self.desk_url}")
        return str(page.locator(".notice").first.inner_text())


def planned_in_the_admin(walk: Walk, page: Page, user: Any) -> None:
    plan_the_event(page, "Open Days", {user.email: TeamRole.MANAGER.value})
    plan_a_session(page, "Keynote", SessionType.WEBCAST)
    walk.session = Session.objects.select_related("event").get(title="Keynote")
    page.goto(f"/admin/events/session/{walk.session.pk}/change/")
    page.locator(".delivery-group > summary", has_text="Webcasts").click()
    page.locator("#id_delivery-0-preview").select_option("on")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    service.settle(service.targets_of(walk.session.event), 20)


def on_stage(walk: Walk, role: str, name: str) -> Any:
    user = UserFactory(name=name)
    speaker = SpeakerFactory(event=walk.session.event, user=user)
    SessionSpeakerFactory(session=walk.session, speaker=speaker, role=role)
    return user


def somebody_asks(walk: Walk, text: str) -> None:
    note = {"objectType": "KalturaAnnotation", "entryId": walk.entry_id, "text": text}
    params = {"cuePoint": {**note, "isPublic": "1"}}
    call(LightCall("cuepoint_cuepoint", "add", params, ks.sync_admin_ks()))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_webcast_is_driven_by_the_portal_alone(browsers, simulator, settings, size):  # noqa: F811
    walk = Walk(browsers, simulator, size)
    manager = UserFactory(
        name="Mona Manager", email="mona@example.org", is_staff=True, is_superuser=True
    )
    producer = walk.browser(manager)
    planned_in_the_admin(walk, producer, manager)
    people: dict[str, Any] = {
        "moderator": on_stage(walk, SpeakerRole.MODERATOR, "Max Moderator"),
        "speaker": on_stage(walk, SpeakerRole.SPEAKER, "Sue Speaker"),
        "attendee": RegistrationFactory(event=walk.session.event, user__name="Ada").user,
        "stranger": UserFactory(name="Steve Stranger"),
    }
    pages = {who: walk.browser(user) for who, user in people.items()}
    simulator.forget_requests()

    # Nothing is on air, and each sees what is theirs.
    producer.goto(f"/admin/events/session/{walk.session.pk}/change/")
    producer.get_by_role("link", name="Live desk").first.click()
    walk.sees(producer, "offline")
    for who, panels in {"moderator": ["Moderator view"], "speaker": []}.items():
        walk.sees(pages[who], "offline")
        shown = pages[who].locator("main")
        for name in ("Ingest addresses", "Webcasting Studio", "Go live", "End now"):
            assert shown.get_by_role("link", name=name, exact=True).count() == 0, (who, name)
        assert shown.get_by_role("link", name="Moderator view").count() == len(panels)
    for who in ("attendee", "stranger"):
        answer = pages[who].goto(walk.desk_url)
        assert answer and answer.status == 404
        assert browsers.complaints.pop().endswith("404 (Not Found)")
    attendee = pages["attendee"]
    attendee.goto(walk.desk_url.replace("/live/", "/join/"))
    attendee.locator("iframe").wait_for(state="detached")

    # The encoder, by what is shown.
    producer.get_by_role("link", name="Ingest addresses").click()
    producer.get_by_role("button", name="Show the addresses").click()
    server, key = (producer.locator(f"#{name}-1").input_value() for name in ("server", "key"))
    assert simulator.encode(server, key) == walk.entry_id
    walk.sees(producer, "preview")
    assert attendee.locator("iframe").count() == 0

    # Live: who waited is in without a click.
    assert walk.do(producer, "Go live", "Show it to everybody").startswith("You are live")
    walk.sees(producer, "live")
    attendee.frame_locator("iframe").get_by_text("Ada").first.wait_for(timeout=30_000)
    assert soon(lambda: len(simulator.visits(userId=kaltura_user_id(people["attendee"]))) == 1)

    # Questions, and what opens Kaltura's program.
    somebody_asks(walk, "Will there be slides?")
    moderator = pages["moderator"]
    moderator.goto(walk.desk_url)
    moderator.get_by_role("link", name="Moderator view").click()
    with moderator.context.expect_page() as opened:
        moderator.get_by_role("button", name="Open the moderator view").click()
    opened.value.get_by_text("Will there be slides?").wait_for()
    moderators_ks = parse_qs(urlsplit(opened.value.url).query)["ks"][0]
    second = walk.browser(manager)  # the system's question about the program stays in its tab
    second.goto(f"{walk.desk_url}studio/")
    with second.expect_response("**/live/studio/launch/") as answered:
        second.get_by_role("button", name="Open on Windows").click()
    launched = unpacked(answered.value.headers["location"])

    # Longer, then the end.
    ends_at = walk.session.ends_at
    walk.sees(producer, "live")
    producer.get_by_label("Minutes more").fill("20")
    producer.get_by_role("button", name="Extend").click()
    producer.get_by_role("button", name="Move the end").click()
    producer.wait_for_url(f"**{walk.desk_url}")
    walk.session.refresh_from_db()
    assert walk.session.ends_at == ends_at + timedelta(minutes=20)
    service.settle(service.targets_of(walk.session.event), 20)
    simulator.advance(60)
    assert walk.do(producer, "End now", "End it for everybody") == "The session has ended."
    simulator.stop_encoding(walk.entry_id)
    simulator.advance(60)
    service.settle(service.targets_of(walk.session.event), 20)
    producer.goto(walk.desk_url)
    producer.get_by_text("There is a recording.").wait_for()

    assert [row["rootEntryId"] for row in simulator.recordings()] == [walk.entry_id]
    assert_kaltura_saw_no_more(walk)
    entry = {"sview": walk.entry_id, "list": walk.entry_id, "download": walk.entry_id}
    work = {"setrole": ks.PRODUCER_ROLE, **entry}
    assert held(launched["ks"], settings) == {**work, "edit": walk.entry_id}
    assert held(moderators_ks, settings) == work


def held(signed: str, settings: Any) -> dict[str, str]:
    """The privileges of a KS, by name."""
    fields = decode(signed, settings.KALTURA_ADMIN_SECRET)
    return {name: value for name, value in fields.items() if not name.startswith("_")}


def assert_kaltura_saw_no_more(walk: Walk) -> None:
    """Of the web process: who called what. State is asked as anybody would, without a KS."""
    seen: dict[str, set[str]] = {}
    for request in walk.simulator.requests():
        if request["user"].startswith("portal-") or not request["user"]:
            seen.setdefault(request["user"], set()).add(
                f"{request['service']}.{request['action']}".lower()
            )
    assert seen == {
        "": {"livestream.islive", "livestream.getdetails"},
        f"portal-ingest-{walk.session.uuid.hex}": {"livestream.get"},
        f"portal-live-{walk.entry_id}": {
            "livestream.get",
            "livestream.update",
            "livereports.getreport",
            "report.gettable",
            "report.getgraphs",
        },
    }
