"""The main job from end to end, through nothing but what people and operators have.

Planned in the admin, brought to the local Kaltura, joined in a browser by someone who
signed in with a mailed code, pulled, and found in the file. Only one thing is arranged:
the local Kaltura's clock, so that seconds in a browser are minutes of attendance.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from events.models import Event, Session, SessionType, TeamRole, User
from kaltura_bridge.join.destination import remote_entry_id
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import SyncState
from kaltura_bridge.sync import service
from tests.factories import EventFactory, RegistrationFactory, TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.joining import live_session

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FrameLocator, Page

    from kaltura_simulator.testing import Simulator

pytestmark = pytest.mark.django_db(transaction=True)

ZONE = ZoneInfo("Europe/Berlin")
CODE = re.compile(r"^([A-Z0-9-]{5,})$", re.MULTILINE)
MINUTE = 60
ATTENDED = {
    "attendee_name": "Ada Lovelace",
    "role": "attendee",
    "registered": "true",
    "attended": "true",
    "matched_by": "user_id",
}
SAID_OF_PEOPLE = [
    *ATTENDED,
    *"attendee_id first_joined_utc last_left_utc join_count".split(),
    *"minutes_present live_minutes sources".split(),
]


@dataclass
class Browsers:
    """A browser of its own for each person, all of them watched for complaints."""

    chromium: Browser
    portal: str
    simulator: Simulator
    complaints: list[str]

    def open(self) -> Page:
        """A browser nobody is signed in with."""
        context = self.chromium.new_context(
            locale="en-GB", timezone_id="Europe/Berlin", base_url=self.portal
        )
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._note(page, message))
        return page

    def _note(self, page: Page, message: Any) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(f"{page.url}: {message.text}")


@pytest.fixture
def browsers(chromium: Browser, live_portal: str, simulator: Simulator) -> Iterator[Browsers]:
    """The test fails when a page, ours or Kaltura's, breaks the policy or logs an error."""
    known = set(chromium.contexts)
    made = Browsers(chromium, live_portal, simulator, [])
    yield made
    for context in set(chromium.contexts) - known:
        context.close()
    assert made.complaints == []


# --- What people do -------------------------------------------------------------


def type_the_mailed_code(page: Page, email: str) -> None:
    page.locator(".code-form").wait_for()
    (letter,) = [message for message in mail.outbox if message.to == [email]][-1:]
    found = CODE.search(str(letter.body))
    assert found, letter.body
    page.locator("[name=code]").fill(found[1])
    page.locator(".code-form").get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "/code" not in url and "/confirm" not in url)


def sign_in(page: Page, email: str, path: str = "/") -> None:
    """With an account there is already."""
    page.goto(f"/accounts/login/?next={path}")
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    type_the_mailed_code(page, email)


def sign_up(page: Page, name: str, email: str) -> None:
    """From the sign-in page, for want of an account."""
    page.get_by_role("link", name="Create an account").click()
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(email)
    page.get_by_role("button", name="Continue").click()
    type_the_mailed_code(page, email)


def plan_the_event(page: Page, title: str, team: dict[str, str]) -> None:
    """A new event of today in the admin, with its team by e-mail address."""
    today = timezone.now().astimezone(ZONE).date()
    page.goto("/admin/events/event/add/")
    page.locator("#id_title").fill(title)
    page.locator("#id_status").select_option("published")
    page.locator("#id_timezone").select_option(ZONE.key)
    page.locator("#id_starts_on").fill((today - timedelta(days=1)).isoformat())
    page.locator("#id_ends_on").fill((today + timedelta(days=1)).isoformat())
    for row, (email, role) in enumerate(team.items()):
        if row:
            page.locator("#team-group .add-row a").click()
        page.locator(f"#id_team-{row}-user").fill(email)
        page.locator(f"#id_team-{row}-role").select_option(role)
    save(page)


def plan_a_session(page: Page, title: str, session_type: SessionType) -> None:
    """A new session in the admin that has been on for 40 minutes."""
    start = (timezone.now() - timedelta(minutes=40)).astimezone(ZONE)
    page.goto("/admin/events/session/add/")
    page.locator("#id_title").fill(title)
    page.locator("#id_session_type").select_option(session_type)
    page.locator("#id_status").select_option("published")
    for name, moment in (("starts", start), ("ends", start + timedelta(minutes=90))):
        page.locator(f"#id_{name}_at_0").fill(f"{moment:%Y-%m-%d}")
        page.locator(f"#id_{name}_at_1").fill(f"{moment:%H:%M}")
    save(page)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was added successfully").wait_for()


def join_from_the_agenda(page: Page, title: str) -> FrameLocator:
    """Open the agenda, the session, the room. Returns what is in the frame."""
    page.get_by_role("link", name="Agenda", exact=True).first.click()
    page.get_by_role("link", name=title).first.click()  # Among what is on now.
    page.get_by_role("link", name="Join now").click()
    inside = page.frame_locator("iframe")
    inside.locator("main.place").wait_for()
    return inside


def leave(page: Page, back_at: Session) -> None:
    page.get_by_role("link", name="Leave").click()
    page.wait_for_url(lambda url: url.endswith(back_at.get_absolute_url()))


def register(page: Page, event: Event) -> None:
    page.get_by_role("button", name="Register").click()
    page.get_by_text(f"You are registered for {event}.").wait_for()


def a_stay(
    page: Page, simulator: Simulator, user: User, session: Session, minutes: int
) -> dict[str, Any]:
    """Join, see who one is there, stay and leave. Returns the visit as Kaltura recorded it."""
    inside = join_from_the_agenda(page, session.title)
    assert says(inside) == (user.name, "attendee", "viewerRole")
    assert inside.locator(".me").inner_text().split("\n")[-2:] == [user.name, "Attendee"]
    page.wait_for_timeout(1500)
    simulator.advance(minutes * MINUTE)
    page.wait_for_timeout(1500)
    leave(page, session)
    return the_visit(simulator, user, session)


# --- What came of it ------------------------------------------------------------


def says(inside: FrameLocator) -> tuple[str | None, ...]:
    """Who Kaltura's page believes is there, and with which powers."""
    place = inside.locator("main.place")
    return tuple(place.get_attribute(f"data-{name}") for name in ("user-name", "role", "kaf-role"))


def the_visit(simulator: Simulator, user: User, session: Session) -> dict[str, Any]:
    """The one visit of a person to a session, as the local Kaltura recorded it, once over."""
    for _ in range(50):
        where = {"entryId": str(remote_entry_id(session)), "userId": kaltura_user_id(user)}
        (visit,) = simulator.visits(**where)
        if visit["left"] is not None:
            return visit
        time.sleep(0.1)
    raise AssertionError(f"Kaltura never heard that {user} left {session}.")


def exported(event: Event) -> dict[tuple[str, str], dict[str, str]]:
    """The attendance file by e-mail address and session: what it says of people."""
    out = io.StringIO()
    call_command("export_attendance", event.slug, stdout=out)
    rows = csv.DictReader(io.StringIO(out.getvalue(), newline=""))
    return {
        (row["attendee_email"], row["session_title"]): {name: row[name] for name in SAID_OF_PEOPLE}
        for row in rows
        if row["attendee_email"] == "ada@example.org"
    }


def utc(unix: int) -> str:
    return f"{datetime.fromtimestamp(unix, UTC):%Y-%m-%dT%H:%M:%SZ}"


def plan_in_the_admin(browsers: Browsers) -> tuple[Event, Session, Session]:
    """An event made by hand, with a webcast and a room that are live now."""
    UserFactory(email="chief@example.org", is_staff=True, is_superuser=True)
    UserFactory(email="manager@example.org", is_staff=True)
    UserFactory(email="moderator@example.org", is_staff=True)
    chief, manager = browsers.open(), browsers.open()
    sign_in(chief, "chief@example.org", "/admin/")
    team = {
        "manager@example.org": TeamRole.MANAGER.value,
        "moderator@example.org": TeamRole.MODERATOR.value,
    }
    plan_the_event(chief, "Open Days", team)
    sign_in(manager, "manager@example.org", "/admin/")
    plan_a_session(manager, "Keynote", SessionType.WEBCAST)
    plan_a_session(manager, "Workshop", SessionType.INTERACTIVE)
    event = Event.objects.get(title="Open Days")
    return event, event.sessions.get(title="Keynote"), event.sessions.get(title="Workshop")


def an_event_on_air(simulator: Simulator) -> Event:
    """A webcast that viewers see and a live room of an event, both at Kaltura."""
    event = EventFactory(title="Open Days")
    webcast = live_session(event=event, title="Keynote")
    live_session(event=event, title="Workshop", session_type=SessionType.INTERACTIVE)
    service.sync_due()
    simulator.switch(str(remote_entry_id(webcast)), "on_air")
    return event


def bring_in_step(event: Event) -> None:
    """The saves' signals left all of it waiting; one pass of the worker does it."""
    states = service.targets_of(event).values_list("title", "state")
    assert sorted(states) == [
        (title, SyncState.PENDING) for title in ("Keynote", "Open Days", "Workshop")
    ]
    service.sync_due()
    assert set(states.all().values_list("state", flat=True)) == {SyncState.SYNCED}


# --- The loop -------------------------------------------------------------------


def test_from_the_admin_to_the_attendance_file(browsers, simulator):
    """An attendee finds, joins and leaves both live sessions; the file says how long."""
    event, webcast, room = plan_in_the_admin(browsers)
    bring_in_step(event)
    # 35 minutes ago at Kaltura: whatever happens there now is over by our clock.
    simulator.advance(-35 * MINUTE)
    simulator.set_visits(beat_s=0.5)
    simulator.switch(str(remote_entry_id(webcast)), "on_air")

    page = browsers.open()
    page.goto("/")
    page.get_by_role("link", name="Open Days").first.click()
    page.get_by_role("link", name="Sign in to register").click()
    sign_up(page, "Ada Lovelace", "ada@example.org")
    register(page, event)
    ada = User.objects.get(email="ada@example.org")
    watched = a_stay(page, simulator, ada, webcast, minutes=10)
    met = a_stay(page, simulator, ada, room, minutes=7)
    call_command("pull_attendance", event.slug, stdout=io.StringIO())

    # The clock's jump and the seconds in the browser: no figure of the portal's own.
    seconds_met = met["left"] - met["joined"]
    [[entry_id, playback, since, until]] = watched["views"]
    assert (entry_id, playback) == (remote_entry_id(webcast), "live")
    assert 7 * MINUTE + 2 <= seconds_met < 8 * MINUTE
    assert 10 * MINUTE + 2 <= until - since < 11 * MINUTE
    assert exported(event) == {
        ("ada@example.org", "Keynote"): {
            **ATTENDED,
            "attendee_id": str(ada.uuid),
            "first_joined_utc": "",  # The reports know sums only.
            "last_left_utc": "",
            "join_count": "",
            "minutes_present": f"{(until - since) / MINUTE:.2f}",
            "live_minutes": f"{(until - since) / MINUTE:.2f}",
            "sources": "report",
        },
        ("ada@example.org", "Workshop"): {
            **ATTENDED,
            "attendee_id": str(ada.uuid),
            "first_joined_utc": utc(met["joined"]),
            "last_left_utc": utc(met["left"]),
            "join_count": "1",
            "minutes_present": f"{seconds_met / MINUTE:.2f}",
            "live_minutes": "",
            "sources": "newrow",
        },
    }


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x,userContextualRole:0", "x\u201auserContextualRole\u22360"),
        ("edit:*", "edit\u2236\u2217"),
    ],
)
def test_a_name_that_reads_like_a_privilege_stays_a_name(browsers, simulator, name, shown):
    """Typed into the sign-up form; in the room beside someone who must see it as it is."""
    simulator.set_visits(beat_s=0.5)
    event = an_event_on_air(simulator)
    ada = RegistrationFactory(event=event, user=UserFactory(name="Ada Lovelace")).user
    neighbour, page = browsers.open(), browsers.open()
    sign_in(neighbour, ada.email, event.get_absolute_url())
    beside = join_from_the_agenda(neighbour, "Workshop")

    page.goto(event.get_absolute_url())
    page.get_by_role("link", name="Sign in to register").click()
    sign_up(page, name, "mallory@example.org")
    register(page, event)
    found = {}
    for title in ("Keynote", "Workshop"):
        inside = join_from_the_agenda(page, title)
        found[title] = (says(inside), inside.locator(".me strong").inner_text())
    seen_by_ada = beside.locator(".seats .person", has_text=shown)
    seen_by_ada.wait_for()

    attendee = ((shown, "attendee", "viewerRole"), shown)
    assert found == {"Keynote": attendee, "Workshop": attendee}
    assert seen_by_ada.get_attribute("data-role") == "attendee"
    assert page.locator(".stage-me").inner_text() == name


def test_a_moderator_of_the_team_moderates_in_the_room(browsers, simulator):
    """On stage in the room, its flags in the KS; leaving is asked twice."""
    event = an_event_on_air(simulator)
    moderator = UserFactory(name="Moe Derator", is_staff=True)
    TeamMemberFactory(event=event, user=moderator, role=TeamRole.MODERATOR)
    page = browsers.open()
    sign_in(page, moderator.email, event.get_absolute_url())

    in_webcast = says(join_from_the_agenda(page, "Keynote"))
    inside = join_from_the_agenda(page, "Workshop")
    in_room, on_stage = says(inside), inside.locator(".tiles .person").inner_text().split("\n")
    page.get_by_role("link", name="Leave").click()
    page.get_by_role("heading", name="Leave the stage?").wait_for()
    page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    page.wait_for_url(lambda url: url.endswith("/sessions/workshop/"))

    # The flags that tell a moderator from a presenter exist in rooms only.
    assert in_webcast == ("Moe Derator", "instructor", "viewerRole")
    assert in_room == ("Moe Derator", "moderator", "viewerRole")
    assert on_stage[-2:] == ["Moe Derator", "Moderator"]
