"""Browse, Search and Embed: the picker for another site, and the entry embedded there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from kaltura_simulator import constants
from kaltura_simulator.api import ks
from kaltura_simulator.kaf import cards, list_pages, pages
from kaltura_simulator.kaf.access import AdmittedUser, is_in_channels
from kaltura_simulator.kaf.galleries import own_entries
from kaltura_simulator.kaf.paths import MEDIA, PICKER
from kaltura_simulator.kaf.player import player_state
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.kaf.responses import page_response, session_for_page, session_in_path
from kaltura_simulator.kaf.users import KafUser, check_user
from kaltura_simulator.rules.entry_types import is_deleted, is_room
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import format_time
from kaltura_simulator.state.visits import VisitingUser, Visits
from kaltura_simulator.state.world import World
from kaltura_simulator.web.access_log import RequestLog
from kaltura_simulator.web.html import Html
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
WIDTH, HEIGHT = 608, 402
_THUMBNAIL = "/width/640/height/360"


def add_routes(router: Router) -> None:
    """Serve both pages."""
    router.route(PICKER, pick)
    router.route(MEDIA, media)


def pick(request: HttpRequest) -> HttpResponse:
    """The entries to choose from; the chosen one is posted to ``returnUrl``."""
    # returnUrl may redirect the browser, and form-action covers the redirect too.
    targets = "http: https:"
    return page_response(request, "browseandembed", lambda log: _picker(request, log), targets)


def media(request: HttpRequest) -> HttpResponse:
    """One entry, to be shown inside a page of another site."""
    return page_response(request, "media", lambda log: _embedded(request, log))


def check_picker(session: ks.Ks) -> KafUser:
    """A user of the picker, with a ``returnUrl`` that can be posted to; raises PageRefused."""
    user = check_user(session, "returnUrl")
    return_url(user)
    return user


def return_url(user: KafUser) -> str:
    """Where the chosen entry is posted: a web address, percent-encoded or plain."""
    text = user.privileges["returnUrl"]
    address = text if _SCHEME.match(text) else unquote(text)
    try:
        parts = urlsplit(address)
        is_valid = _SCHEME.match(address) and parts.hostname and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or not address.isprintable() or " " in address:
        raise PageRefused("return-url", field="returnUrl")
    return address


# ------------------------------------------------------------------------ choosing
def _picker(request: HttpRequest, log: RequestLog) -> tuple[Html, str]:
    world = request.world
    user = check_picker(session_in_path(request, PICKER, log))
    target = return_url(user)
    own = [row for row in own_entries(world, user) if _can_be_chosen(row)]
    own = own if user.owns_media else []
    own_ids = {row["id"] for row in own}
    shared = [row for row in _shared(world, user) if row["id"] not in own_ids]
    forms = {
        row["id"]: list_pages.choice(target, result(request, user.partner, row), row["name"])
        for row in (*own, *shared)
    }
    mine, others = (cards.cards_for(world, user, rows) for rows in (own, shared))
    page = list_pages.picker(user, mine, others, forms)
    return page, f"{list_pages.entries_label(len(forms))} to choose from"


def _shared(world: World, user: KafUser) -> list[Data]:
    """The entries of all galleries."""
    rows = world.store.listed(user.partner, "entry")
    return [r for r in rows if _can_be_chosen(r) and is_in_channels(world, user.partner, r["id"])]


def _can_be_chosen(entry: Data) -> bool:
    """Anything but a room: rooms are joined, not embedded."""
    return cards.is_listed(entry) and not is_room(entry)


def result(request: HttpRequest, partner: int, entry: Data) -> dict[str, object]:
    """The fields that the site is sent, named as Kaltura's samples read them."""
    shows = "/".join(f"{name}/false" for name in pages.DETAILS)
    path = f"{MEDIA}entryid/{entry['id']}/{shows}/playerSize/{WIDTH}x{HEIGHT}"
    thumbnail = f"/p/{partner}/thumbnail/entry_id/{entry['id']}{_THUMBNAIL}"
    return {
        "entry_id": entry["id"],
        "url": f"{request.host_url}{path}/playerSkin/{constants.PLAYER_UICONF_ID}/",
        "title": entry.get("name") or "",
        "fullDescription": entry.get("description") or "",
        "tags": entry.get("tags") or "",
        "thumbnailUrl": request.host_url + thumbnail,
        "duration": entry.get("duration") or 0,
        "createdAt": entry.get("createdAt") or 0,
        "width": WIDTH,
        "height": HEIGHT,
    }


# ------------------------------------------------------------------------ embedded
@dataclass(frozen=True)
class EmbedRequest:
    """The address of an embedded entry: the entry, the session, and the details to show."""

    entry_id: str
    session: str
    shows: frozenset[str]

    @classmethod
    def read(cls, path: str) -> EmbedRequest:
        """Read ``name/value`` pairs from the path; empty segments are skipped."""
        segments = [segment for segment in path.split("/") if segment]
        params = dict(zip(segments[::2], segments[1::2], strict=False))
        shows = frozenset(name for name in pages.DETAILS if params.get(name) == "true")
        return cls(params.get("entryid", ""), params.get("ks", ""), shows)


def _embedded(request: HttpRequest, log: RequestLog) -> tuple[Html, str]:
    world = request.world
    embed = EmbedRequest.read(request.path[len(MEDIA) :])
    session = session_for_page(request, embed.session or request.query.get("ks", ""), log)
    log.params = {**session.privileges, "entryid": embed.entry_id}
    participant = check_media(world, session, embed.entry_id)
    page = _play(world, participant, _details(participant.entry, embed.shows))
    return page, f"{participant.entry['name']}, embedded, for {participant.name}"


def check_media(world: World, session: ks.Ks, entry_id: str) -> AdmittedUser:
    """The viewer of an embedded entry, which need not be in any gallery; raises PageRefused."""
    user = check_user(session)
    if not entry_id:
        raise PageRefused("no-entry")
    entry = world.store.get(user.partner, "entry", entry_id)
    if entry is None or is_deleted(entry):
        raise PageRefused("entry-missing", seen=entry_id)
    if is_room(entry):
        raise PageRefused("not-media", seen=entry_id)
    email = user.privileges.get("email", "")
    return AdmittedUser(user.partner, entry, user.user_id, user.name, email, "attendee", user.role)


def _play(world: World, participant: AdmittedUser, details: dict[str, str]) -> Html:
    visits = Visits(world.store, world.clock, participant.partner)
    player = player_state(world, participant.partner, participant.entry)
    visitor = VisitingUser(
        participant.user_id, participant.name, participant.email, "user", participant.role
    )
    visit = visits.join(participant.entry["id"], "webcast", visitor, player.playing)
    return pages.media(participant, visit, player, visits.setting("beat_s"), details)


def _details(entry: Data, shows: frozenset[str]) -> dict[str, str]:
    """The details to show about the entry, by address parameter."""
    details = {
        "showTitle": str(entry.get("name") or ""),
        "showDescription": str(entry.get("description") or ""),
        "showTags": str(entry.get("tags") or ""),
        "showDuration": cards.length_of(entry),
        "showOwner": str(entry.get("userId") or ""),
        "showUploadDate": format_time(int(entry.get("createdAt") or 0), "%-d %B %Y"),
    }
    return {name: text if name in shows else "" for name, text in details.items()}
