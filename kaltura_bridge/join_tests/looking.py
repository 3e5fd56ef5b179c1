"""What a viewer of a session would open, and whether that looks like an error.

``prepare`` reads the database and mints; ``carry_out`` speaks to Kaltura and uses no database, so
several sessions are looked at at once. The made-up viewer has an id of its own, owns nothing, and
attendance leaves it out; scripts of the page do not run, so nobody enters a room by it.

Kaltura publishes no texts and no status codes of KAF's refusals. So every status from 400 on is
one, and of a page that says 200 its visible words are looked through, without the session's own.
Source: the KAF integration guide on the pages. The words are the simulator's and what such pages
commonly say: no error page of a real KAF has been seen.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any, Final

from events.models import Session, TeamMember, TeamRole
from kaltura_bridge.api import ks
from kaltura_bridge.api.errors import KalturaError, RemoteRejected
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.api.masking import mask_secrets
from kaltura_bridge.api.player_ks import player_ks
from kaltura_bridge.delivery.options import is_for_members, privacy_context_of
from kaltura_bridge.join import embeds
from kaltura_bridge.join.destination import JoinDestination, KafPage, destination_of
from kaltura_bridge.join.identity import JOIN_TESTER_ID, kaltura_user_id
from kaltura_bridge.join_tests.fetching import (
    FetchedPage,
    LeadsElsewhere,
    NotFetched,
    fetch_page,
    origin_of,
)
from kaltura_bridge.models import JoinFault, PlayerChoice
from kaltura_bridge.watch import addresses

logger = logging.getLogger(__name__)

_TIMEOUT_S: Final = 6.0
_BLOCK: Final = "1"  # KalturaRuleActionType
# What a page may say instead of what was asked for, in lower case. Of these only what the
# simulator says was seen; the others are a guess until a real page tells.
ERROR_TEXTS: Final = (
    "access denied",
    "access is denied",
    "an error occurred",
    "an error has occurred",
    "error occurred",
    "internal server error",
    "invalid ks",
    "no permission to",
    "not authorized",
    "not authorised",
    "page not found",
    "permission denied",
    "session has expired",
    "session expired",
    "service unavailable",
    "this page cannot be opened",
    "you do not have permission",
    "video is unavailable",
)
# What it says of a room that is well, and waits for whoever leads it.
_WAITS: Final = ("opens when a moderator has joined", "waiting for the moderator")
_HIDDEN: Final = re.compile(r"(?is)<(script|style|template|noscript)\b.*?</\1\s*>|<!--.*?-->")
_TAG: Final = re.compile(r"(?s)<[^>]*>")
_DETAIL_CHARS: Final = 300


@dataclass(frozen=True)
class LookOutcome:
    """What was opened, and the fault with a sentence; "" for none. Holds no secret."""

    what: str
    fault: str = ""
    detail: str = ""


@dataclass(frozen=True)
class PreparedLook:
    """A look that needs no database any more. ``words``: what the session itself may say."""

    what: str
    work: Callable[[], LookOutcome] | None = field(repr=False, default=None)
    outcome: LookOutcome | None = None


def prepare(session: Session) -> PreparedLook:
    """Decide what its viewers would open, and mint for it."""
    destination = destination_of(session)
    if not ks.can_mint():
        text = "KALTURA_ADMIN_SECRET is empty, and only it signs people in."
        return _failed("sign-in", JoinFault.NOT_CONFIGURED, text)
    if not destination.entry_id:
        text = "The session has no entry or room at Kaltura that people could enter."
        return _failed("sync", JoinFault.NOT_READY, text)
    is_played = destination.page is KafPage.ENTRY and destination.player.choice != PlayerChoice.KAF
    try:
        return _player(session, destination) if is_played else _kaf(session, destination)
    except KalturaError as error:
        return _failed("sign-in", JoinFault.NOT_CONFIGURED, str(error))


def carry_out(look: PreparedLook) -> LookOutcome:
    """Open it. Never raises."""
    if look.outcome is not None:
        return look.outcome
    assert look.work
    try:
        return look.work()
    except NotFetched as error:
        return _said(look.what, JoinFault.NO_ANSWER, f"{look.what}: {error}.")
    except LeadsElsewhere as error:
        text = f"{look.what} leads to {error}, where nobody signs viewers in."
        return _said(look.what, JoinFault.ELSEWHERE, text)
    except RemoteRejected as error:
        text = f"Kaltura refuses the player ({error.code}). {error}"
        return _said(look.what, JoinFault.REFUSED, text)
    except KalturaError as error:
        return _said(look.what, JoinFault.NO_ANSWER, f"Kaltura's API: {error}.")
    except Exception as error:  # One odd answer must not end the looks at other sessions.
        # Its name alone: its text may hold the address, and that a KS.
        name = type(error).__name__
        logger.warning("The join test of %s broke off: %s", look.what, name)
        return _said(look.what, JoinFault.NO_ANSWER, f"{look.what}: unreadable ({name}).")


def _failed(what: str, fault: JoinFault, text: str) -> PreparedLook:
    return PreparedLook(what, outcome=_said(what, fault, text))


def _said(what: str, fault: str, text: str) -> LookOutcome:
    return LookOutcome(what, str(fault), mask_secrets(" ".join(text.split()))[:_DETAIL_CHARS])


# --- KAF -------------------------------------------------------------------------------


def _kaf(session: Session, destination: JoinDestination) -> PreparedLook:
    visitor = ks.Visitor(JOIN_TESTER_ID, "Join test")
    entry_id = destination.entry_id
    if destination.page is KafPage.LAUNCH:
        url = embeds.launch_url(ks.kaf_launch_ks(visitor, entry_id))
    elif destination.page is KafPage.ROOM:
        url = embeds.view_room_url(ks.kaf_room_ks(visitor, entry_id))
    else:
        url = embeds.view_entry_url(ks.kaf_entry_ks(visitor, entry_id))
    words = _own_words(session)
    what = "Kaltura's page"
    return PreparedLook(what, lambda: _judged(what, fetch_page(url), words))


def _own_words(session: Session) -> list[str]:
    """What a page may well say because the session does.

    Only what could be taken for a refusal: "Access", as a title, must not hide "Access denied".
    """
    own = (session.title, session.subtitle, session.abstract, session.description)
    texts = (plain(text) for text in (*own, session.event.title) if text)
    odd = (text for text in texts if any(said in text for said in (*ERROR_TEXTS, *_WAITS)))
    return sorted(odd, key=len, reverse=True)


def plain(text: str) -> str:
    """The visible words of a page, in lower case, one space between them."""
    return " ".join(unescape(_TAG.sub(" ", _HIDDEN.sub(" ", text))).lower().split())


def _judged(what: str, page: FetchedPage, words: Sequence[str]) -> LookOutcome:
    said = plain(page.text)
    for own in words:
        said = said.replace(own, " ")
    if any(text in said for text in _WAITS):
        return LookOutcome(what)
    if page.status >= 500:
        return _said(what, JoinFault.SERVER_ERROR, f"{what} fails (HTTP {page.status}).")
    found = next((text for text in ERROR_TEXTS if text in said), "")
    if page.status >= 400:
        also = f" It says “{found}”." if found else ""
        return _said(what, JoinFault.REFUSED, f"{what} is refused (HTTP {page.status}).{also}")
    if found:
        return _said(what, JoinFault.ERROR_TEXT, f"{what} opens, but says “{found}”.")
    return LookOutcome(what)


# --- A player of our pages -----------------------------------------------------------


def _player(session: Session, destination: JoinDestination) -> PreparedLook:
    chosen, entry_id = destination.player, destination.entry_id
    uiconf_id = int(chosen.uiconf_id or 0)
    signed = _viewers_ks(session, entry_id)
    url = addresses.v7_script(uiconf_id)
    if chosen.choice is PlayerChoice.IFRAME:
        url = addresses.iframe_url(uiconf_id, entry_id, signed)
    if chosen.choice is PlayerChoice.V2:
        url = addresses.v2_url(uiconf_id, entry_id, signed)
    what = f"Kaltura's player {uiconf_id}"

    def work() -> LookOutcome:
        # A script holds every message that a player may show, so only its status counts.
        page = fetch_page(url)
        found = _judged(what, FetchedPage(page.status, ""), [])
        return found if found.fault else _playback(what, entry_id, signed)

    return PreparedLook(what, work)


def _viewers_ks(session: Session, entry_id: str) -> str:
    """As watch/player.py mints it. What is for members is asked for as the event's owner."""
    context, user_id = privacy_context_of(session.event), JOIN_TESTER_ID
    if context and is_for_members(session.event):
        owners = TeamMember.objects.filter(event=session.event, role=TeamRole.OWNER)
        owner = owners.select_related("user").order_by("pk").first()
        user_id = kaltura_user_id(owner.user) if owner else user_id
    return player_ks(user_id, entry_id, context, timedelta())


def _playback(what: str, entry_id: str, signed: str) -> LookOutcome:
    """What the player asks before it plays; off air a broadcast has no sources, and is well."""
    options = {"objectType": "KalturaPlaybackContextOptions"}
    params = {"entryId": entry_id, "contextDataParams": options}
    context = call(LightCall("baseentry", "getPlaybackContext", params, signed), _TIMEOUT_S)
    if not isinstance(context, dict):
        return _said(what, JoinFault.NO_ANSWER, "Kaltura's answer cannot be read.")
    if any(str(act.get("type")) == _BLOCK for act in _rows(context, "actions")):
        told = ", ".join(str(m.get("message", "")) for m in _rows(context, "messages"))
        return _said(what, JoinFault.BLOCKED, f"Kaltura blocks playback: {told or 'no reason'}.")
    url = next((str(source.get("url", "")) for source in _rows(context, "sources")), "")
    if not url or origin_of(url) not in addresses.player_origins():
        return LookOutcome(what)
    manifest = "The player's manifest"
    return _judged(manifest, FetchedPage(fetch_page(f"{url}/ks/{signed}").status, ""), [])


def _rows(context: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = context.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
