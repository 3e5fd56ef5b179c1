"""The pages of the site, by URL name, each in every situation that makes it another page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core import mail
from django.urls import reverse

from events.agenda.sharing import shared_address
from events.news.wishes import Topic, off_token
from events.registration.invitations import invitation_token
from tests.every_page.situation import PASSWORD, Situation

if TYPE_CHECKING:
    from playwright.sync_api import Page

Way = Callable[["Page", str], object]


@dataclass(frozen=True)
class PageVisit:
    """One page in one situation. ``way`` leads there from ``path``, where an address alone does not."""

    url: str
    about: str
    who: str
    path: str
    status: int = 200
    way: Way | None = None

    def __str__(self) -> str:
        return f"{self.url} ({self.about or 'as it is'}) as {self.who}"


def site_pages(situation: Situation) -> list[PageVisit]:
    return [
        *_event_pages(situation),
        *_session_pages(situation),
        *_coming_in(situation),
        *_own_pages(situation),
        *_sign_in_pages(situation),
        *_account_pages(),
    ]


def _visit(
    url: str, who: str, *args: Any, about: str = "", query: str = "", **more: Any
) -> PageVisit:
    return PageVisit(url, about or query, who, reverse(url, args=args) + query, **more)


def _event_pages(situation: Situation) -> Iterator[PageVisit]:
    event = situation.event
    for who in ("nobody", "attendee", "speaker", "manager"):
        yield _visit("events:home", who)
        yield _visit("events:event", who, event.slug)
        yield _visit("events:agenda", who, event.slug, query="?day=all")
    yield _visit("events:event", "nobody", situation.full.slug, about="full")
    yield _visit("events:event", "attendee", situation.full.slug, about="waiting")
    yield _visit("events:event", "nobody", "nowhere", about="missing", status=404)
    for query in (
        "?day=all&view=grid",
        "?day=all&view=grid&by=track",
        "?track=science&q=nothing",
        "?day=all&track=science&language=de&q=session",
        "?day=all&zone=Asia/Kolkata",
    ):
        yield _visit("events:agenda", "nobody", event.slug, query=query)
    yield _visit("events:agenda", "attendee", event.slug, query="?day=all&mine=1")
    yield _visit("events:changes", "nobody", event.slug)
    yield _visit("kaltura:recordings", "nobody", event.slug)
    yield _visit("kaltura:recordings", "attendee", event.slug)
    yield _visit("events:widget", "nobody", event.slug)
    yield _visit("events:offline", "nobody")
    for who in ("nobody", "speaker"):
        yield _visit("events:speaker", who, event.slug, "ada")


def _session_pages(situation: Situation) -> Iterator[PageVisit]:
    event = situation.event
    for state in ("over", "live", "open", "soon", "later", "cancelled", "workshop", "talk"):
        for who in ("nobody", "attendee"):
            yield _visit("events:session", who, event.slug, state, about=state)
    for who in ("speaker", "manager"):
        yield _visit("events:session", who, event.slug, "live", about="live")
    yield _visit("events:session", "manager", event.slug, "draft", about="draft")
    yield _visit("events:session", "nobody", event.slug, "nothing", about="missing", status=404)
    yield _visit("events:feedback", "attendee", event.slug, "over")
    yield _visit("events:feedback", "attendee", event.slug, "later", about="too early")
    for who, state, status in (
        ("attendee", "live", 200),
        ("manager", "live", 200),
        ("member", "live", 403),
        ("attendee", "later", 403),
        ("attendee", "cancelled", 410),
    ):
        yield _visit("kaltura:join", who, event.slug, state, about=state, status=status)
    track = event.tracks.filter(sessions__status="published").first()
    assert track
    for who, status in (("nobody", 403), ("member", 403), ("attendee", 200)):
        yield _visit("kaltura:gallery", who, event.slug, about=who, status=status)
        yield _visit("kaltura:gallery_of_track", who, event.slug, track.slug, status=status)
    for who in ("manager", "speaker"):
        yield _visit("kaltura:live_desk", who, event.slug, "live", about="live")
    yield _visit("kaltura:live_desk", "manager", event.slug, "over", about="over")
    yield _visit("kaltura:live_desk", "attendee", event.slug, "live", about="missing", status=404)
    for name in ("ingest", "studio", "moderator"):
        yield _visit(f"kaltura:live_{name}", "manager", event.slug, "live")
    for name in ("go_live", "cut", "extend", "end", "swap", "back"):
        yield _visit(f"kaltura:live_{name}", "manager", event.slug, "live")
    yield _visit("kaltura:transcript", "attendee", event.slug, "recorded")
    yield _visit("kaltura:tab", "attendee", event.slug, "live")
    on_it, pause = (event.tracks.get(name__startswith=name).slug for name in ("Ethics", "Science"))
    for who in ("nobody", "attendee", "speaker"):
        yield _visit("kaltura:main_stage", who, event.slug, on_it, about="live")
    yield _visit("kaltura:main_stage", "attendee", event.slug, pause, about="pause")
    for who, state in (("nobody", "live"), ("attendee", "workshop")):
        yield _visit("kaltura:check", who, event.slug, state, about=state)


def _coming_in(situation: Situation) -> Iterator[PageVisit]:
    asking, full = situation.asking.slug, situation.full.slug
    yield _visit("events:register", "member", situation.event.slug)
    yield _visit("events:register", "member", asking, about="questions")
    yield _visit("events:register", "member", asking, about="errors", way=_send_empty)
    yield _visit("events:register", "member", full, about="full")
    yield _visit("events:withdraw", "attendee", situation.event.slug)
    yield _visit("events:withdraw", "attendee", full, about="waiting")
    for name, who in (
        ("open", "nobody"),
        ("open", "member"),
        ("another's", "member"),
        ("revoked", "nobody"),
    ):
        token = invitation_token(situation.invitations[name])
        yield _visit("events:invitation", who, token, about=name)


def _send_empty(page: Page, site: str) -> None:
    """Without the browser's own checks, so that the portal answers."""
    page.eval_on_selector_all("main form", "all => all.forEach(each => each.noValidate = true)")
    page.locator("main form [type=submit], main form button:not([type=button])").first.click()
    page.locator("main .errorlist, main [aria-invalid=true]").first.wait_for()


def _own_pages(situation: Situation) -> Iterator[PageVisit]:
    for url in ("events:my_agenda", "events:profile", "events:news_settings"):
        for who in ("member", "attendee"):
            yield _visit(url, who)
    for url in ("analytics:my_data", "analytics:my_certificates"):
        for who in ("member", "attendee"):
            yield _visit(url, who)
    shared = urlsplit(shared_address(situation.shared)).path
    yield PageVisit("events:shared_agenda", "", "nobody", shared)
    attendee = situation.people["attendee"]
    assert attendee
    for topic in Topic:
        yield _visit(
            "events:news_off", "nobody", topic.value, off_token(attendee, topic), about=topic
        )
    yield _visit("analytics:certificate", "nobody", situation.certificate.code)


# --- Accounts ------------------------------------------------------------------------------


def _sign_in_pages(situation: Situation) -> Iterator[PageVisit]:
    for name in ("login", "login_password", "signup", "reset_password", "request_login_code"):
        yield _visit(f"account_{name}", "nobody")
    for name in ("inactive", "password_reset_completed"):
        yield _visit(f"account_{name}", "nobody")
    yield _visit("socialaccount_login_cancelled", "nobody")
    yield _visit("socialaccount_login_error", "nobody", status=401)
    login, reset = reverse("account_login"), reverse("account_reset_password")
    password = reverse("account_login_password")
    ways = {
        "account_confirm_login_code": (login, _ask_for_code),
        "account_email_verification_sent": (reverse("account_signup"), _sign_up),
        "account_confirm_password_reset_code": (reset, _ask_for_password),
        "account_complete_password_reset": (reset, _type_the_code),
        "mfa_authenticate": (password, _sign_in_by_password),
    }
    for url, (path, way) in ways.items():
        yield PageVisit(url, "", "nobody", path, way=way)


def _arrive(page: Page, url: str) -> None:
    page.wait_for_url(f"**{reverse(url)}*")


def _ask_for_code(page: Page, site: str) -> None:
    page.fill("[name=login]", "member@example.org")
    page.keyboard.press("Enter")
    _arrive(page, "account_confirm_login_code")


def _sign_up(page: Page, site: str) -> None:
    page.fill("[name=name]", "Nina New")
    page.fill("[name=email]", "nina@example.org")
    page.keyboard.press("Enter")
    _arrive(page, "account_email_verification_sent")


def _ask_for_password(page: Page, site: str) -> None:
    page.fill("[name=email]", "secured@example.org")
    page.keyboard.press("Enter")
    _arrive(page, "account_confirm_password_reset_code")


def _type_the_code(page: Page, site: str) -> None:
    _ask_for_password(page, site)
    found = re.search(r"^([A-Z0-9-]{5,})$", mail.outbox[-1].body, re.MULTILINE)
    assert found
    page.fill("[name=code]", found[1])
    page.keyboard.press("Enter")
    _arrive(page, "account_complete_password_reset")


def _sign_in_by_password(page: Page, site: str) -> None:
    page.fill("[name=login]", "secured@example.org")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    _arrive(page, "mfa_authenticate")


def _account_pages() -> Iterator[PageVisit]:
    for name in ("logout", "email", "set_password"):
        yield _visit(f"account_{name}", "member")
    for name in ("change_password", "reauthenticate"):
        yield _visit(f"account_{name}", "secured")
    for who in ("member", "secured"):
        yield _visit("mfa_index", who)
        yield _visit("mfa_list_webauthn", who)
    for name in ("activate_totp", "add_webauthn", "generate_recovery_codes"):
        yield _visit(f"mfa_{name}", "member")
    for name in (
        "deactivate_totp",
        "view_recovery_codes",
        "generate_recovery_codes",
        "reauthenticate",
    ):
        yield _visit(f"mfa_{name}", "secured")
    yield _visit("mfa_reauthenticate_webauthn", "secured")
    yield _visit("usersessions_list", "member")
    yield _visit("socialaccount_connections", "member")
    for name in ("edit", "remove"):
        yield PageVisit(
            f"mfa_{name}_webauthn",
            "",
            "secured",
            reverse("mfa_list_webauthn"),
            way=_of_the_key(name),
        )


def _of_the_key(name: str) -> Way:
    def go(page: Page, site: str) -> None:
        address = page.locator(f"main a[href$='/{name}/']").first.get_attribute("href")
        page.goto(f"{site}{address}")

    return go
