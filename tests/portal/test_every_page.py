"""Every page of the portal in a real browser; a page that nobody listed fails here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Error

from tests.accessibility import violations
from tests.every_page import not_pages
from tests.every_page.admin_pages import admin_pages
from tests.every_page.site_pages import PageVisit, site_pages
from tests.every_page.situation import a_situation, login_cookie
from tests.every_page.trouble_pages import in_trouble, trouble_pages
from tests.factories import UserFactory
from tests.permissions.doors import FORBIDDEN, WRONG_METHOD, all_doors
from tests.permissions.people import KINDS, Role
from tests.permissions.table import addresses
from tests.permissions.world import World
from tests.portal.support.oidc_provider import running_provider

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Look = Callable[[PageVisit], list[str]]
# What Chromium says of the features that Kaltura's room asks for under names of its own.
_ROOM_FEATURES = re.compile(r"Unrecognized feature|Allow attribute will take precedence")
# Best practice, not WCAG, in the markup of Django's forms and of allauth's tables: a column of
# buttons has no title, and the label of a search is a picture with a text.
_NOT_OURS = re.compile(r'empty-table-header: <th|label-title-only: .*id="searchbar"')
EVERYWHERE = [(360, "dark"), (1280, "light")]


@pytest.mark.django_db
def test_every_address_of_the_site_is_a_page_or_says_why_not():
    listed = {visit.url for visit in site_pages(a_situation())}
    known = {name for name in addresses() if not name.startswith("admin:")}

    assert listed | set(not_pages.SITE) == known
    assert listed & set(not_pages.SITE) == set()


@pytest.mark.django_db
def test_every_address_of_the_admin_is_a_page_or_says_why_not():
    """The rule book of permissions knows them all (see test_permissions.py)."""
    listed = {visit.url for visit in admin_pages(World(), "superuser")}
    answers = {
        door.name: door.expect(Role.SUPERUSER, KINDS[0])
        for door in all_doors()
        if door.name.startswith("admin:") and door.method == "GET"
    }
    # Closed to superusers, too, or there for forms only.
    never = {name for name, said in answers.items() if said in (FORBIDDEN, WRONG_METHOD)}

    assert set(answers) - listed - never == set(not_pages.ADMIN) - never
    assert set(not_pages.ADMIN) <= set(answers)
    assert listed & set(not_pages.ADMIN) == set()


class Walk:
    """One browser that opens page after page, as whoever is named."""

    def __init__(self, page: Page, site: str, people: dict[str, Any]) -> None:
        self.page, self.site = page, site
        self._cookies = {
            name: login_cookie(user, site) if user else None for name, user in people.items()
        }
        self._said: list[str] = []
        self._who: str | None = None
        page.on("pageerror", lambda error: self._said.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        is_meant = re.search(r"status of [45]\d\d", message.text) or _ROOM_FEATURES.match(
            message.text
        )
        if message.type in ("error", "warning") and not is_meant:
            self._said.append(message.text)

    def wrongs(self, visit: PageVisit) -> list[str]:
        """What is wrong with one page: its status, the console, its width, and what axe finds."""
        try:
            found = self._open(visit)
        except Error as refusal:
            return [f"cannot be reached: {refusal}"]
        by = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [f"scrolls sideways by {by}"] if by > 0 else []
        # axe itself offends the policy: read the complaints before it runs.
        found += self._said
        found += [each for each in violations(self.page) if not _NOT_OURS.match(each)]
        self._said.clear()
        return found

    def _open(self, visit: PageVisit) -> list[str]:
        self.be(visit.who)
        answer = self.page.goto(self.site + visit.path, wait_until="load")
        if visit.way:
            visit.way(self.page, self.site)
            self._who = None  # Whoever it has made of us.
            return []
        assert answer
        found = [] if answer.status == visit.status else [f"answers {answer.status}"]
        is_there = self.page.url == self.site + visit.path
        return found if is_there else [*found, f"leads to {self.page.url}"]

    def all_wrongs(self, visits: list[PageVisit]) -> dict[str, list[str]]:
        return {str(visit): found for visit in visits if (found := self.wrongs(visit))}

    def be(self, who: str) -> None:
        if who == self._who:
            return
        self.page.context.clear_cookies()
        if cookie := self._cookies[who]:
            self.page.context.add_cookies([cookie])
        self._who = who


@pytest.fixture
def walk(chromium: Browser, live_portal: str, settings: Any) -> Iterator[Callable[..., Walk]]:
    """Opens a browser for a walk: ``walk(people, width, scheme)``."""
    contexts = []
    site = live_portal.replace("127.0.0.1", "localhost")  # Passkeys want a name.
    settings.SITE_URL = site

    def start(people: dict[str, Any], width: int, scheme: str) -> Walk:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale="en-GB",
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return Walk(context.new_page(), site, people)

    yield start
    for context in contexts:
        context.close()


def give_passkey(walk: Walk, who: str) -> None:
    """With Chromium's own virtual authenticator."""
    page = walk.page
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    walk.be(who)
    page.goto(f"{walk.site}/accounts/2fa/webauthn/add/")
    page.get_by_label("Name").fill("My laptop")
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda address: not address.endswith("/add/"))


@pytest.mark.django_db(transaction=True)
def test_each_page_of_the_site_is_clean_on_a_phone(simulator: Any, walk: Callable[..., Walk]):
    """Each in the first of its situations; make proof walks through all of them."""
    situation = a_situation()
    walker = walk(situation.people, 360, "dark")
    give_passkey(walker, "secured")
    firsts = {visit.url: visit for visit in reversed(site_pages(situation))}

    assert walker.all_wrongs(list(firsts.values())) == {}


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), EVERYWHERE)
def test_every_page_of_the_site_is_clean(simulator: Any, walk: Callable[..., Walk], width, scheme):
    situation = a_situation()
    walker = walk(situation.people, width, scheme)
    give_passkey(walker, "secured")

    assert walker.all_wrongs(site_pages(situation)) == {}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "dark"), pytest.param(1280, "light", marks=pytest.mark.proof)]
)
def test_every_page_of_trouble_is_clean(
    walk: Callable[..., Walk], settings: Any, tmp_path: Path, width, scheme
):
    """Errors, and what only the demo or a provider of sign-ins brings along."""
    people = {"nobody": None, "member": UserFactory(email="member@example.org")}
    with running_provider() as provider:
        in_trouble(settings, provider, tmp_path)
        assert walk(people, width, scheme).all_wrongs(list(trouble_pages())) == {}


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["superuser", "manager", "analyst"])
@pytest.mark.parametrize(("width", "scheme"), EVERYWHERE)
def test_every_page_of_the_admin_is_clean(
    simulator: Any, walk: Callable[..., Walk], width, scheme, who
):
    world = World()
    people = {role.value: user for role, user in world.people.items()}
    walker = walk(people, width, scheme)

    assert walker.all_wrongs(admin_pages(world, who)) == {}
