"""Choosing an entry for another site, and the one embedded entry that is shown there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from kaltura_simulator import constants
from kaltura_simulator.api import ks
from kaltura_simulator.kaf import lists, pages, shelf
from kaltura_simulator.kaf.admission import Guest, in_channels, is_room
from kaltura_simulator.kaf.answers import opened, read_session, session_behind
from kaltura_simulator.kaf.galleries import own_entries
from kaltura_simulator.kaf.paths import MEDIA, PICKER
from kaltura_simulator.kaf.people import Person, admit_person
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.kaf.stage import stage_now
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import shown
from kaltura_simulator.state.visits import Visitor, Visits
from kaltura_simulator.state.world import World
from kaltura_simulator.web.access_log import Noted
from kaltura_simulator.web.html import Html
from kaltura_simulator.web.http import Request, Response, Router

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
WIDTH, HEIGHT = 608, 402
_THUMBNAIL = "/width/640/height/360"


def add_routes(router: Router) -> None:
    """Serve both pages."""
    router.route(PICKER, pick)
    router.route(MEDIA, media)


def pick(request: Request) -> Response:
    """The entries to choose from; what is chosen is posted to ``returnUrl``."""
    # The answer's address may send the browser on, and its new place counts too.
    targets = "http: https:"
    return opened(request, "browseandembed", lambda noted: _picker(request, noted), targets)


def media(request: Request) -> Response:
    """One entry, to be shown inside a page of another site."""
    return opened(request, "media", lambda noted: _embedded(request, noted))


def admit_to_picker(session: ks.Ks) -> Person:
    """Somebody who may choose, and whose ``returnUrl`` can be posted to; raises Refused."""
    person = admit_person(session, "returnUrl")
    return_url(person)
    return person


def return_url(person: Person) -> str:
    """Where the result goes: an address of the web, given percent-encoded or plain."""
    given = person.privileges["returnUrl"]
    address = given if _SCHEME.match(given) else unquote(given)
    try:
        parts = urlsplit(address)
        whole = _SCHEME.match(address) and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not address.isprintable() or " " in address:
        raise Refused("return-url", field="returnUrl")
    return address


# ------------------------------------------------------------------------ choosing
def _picker(request: Request, noted: Noted) -> tuple[Html, str]:
    world = request.world
    person = admit_to_picker(session_behind(request, PICKER, noted))
    target = return_url(person)
    own = [row for row in own_entries(world, person) if _can_be_chosen(row)]
    own = own if person.owns_media else []
    taken = {row["id"] for row in own}
    shared = [row for row in _shared(world, person) if row["id"] not in taken]
    forms = {
        row["id"]: lists.choice(target, result(request, person.partner, row), row["name"])
        for row in (*own, *shared)
    }
    mine, others = (shelf.items_for(world, person, rows) for rows in (own, shared))
    return lists.picker(
        person, mine, others, forms
    ), f"{lists.entries_words(len(forms))} to choose from"


def _shared(world: World, person: Person) -> list[Data]:
    """What stands in any gallery."""
    rows = world.store.listed(person.partner, "entry")
    return [r for r in rows if _can_be_chosen(r) and in_channels(world, person.partner, r["id"])]


def _can_be_chosen(entry: Data) -> bool:
    """Rooms are entered, not embedded."""
    return shelf.is_offered(entry) and not is_room(entry)


def result(request: Request, partner: int, entry: Data) -> dict[str, object]:
    """The fields that the site is sent, named as Kaltura's samples read them."""
    shows = "/".join(f"{name}/false" for name in pages.DETAILS)
    place = f"{MEDIA}entryid/{entry['id']}/{shows}/playerSize/{WIDTH}x{HEIGHT}"
    thumbnail = f"/p/{partner}/thumbnail/entry_id/{entry['id']}{_THUMBNAIL}"
    return {
        "entry_id": entry["id"],
        "url": f"{request.host_url}{place}/playerSkin/{constants.PLAYER_UICONF_ID}/",
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
class Wish:
    """What an address asks for: an entry, the session, and what to show beside it."""

    entry_id: str
    session: str
    shows: frozenset[str]

    @classmethod
    def read(cls, path: str) -> Wish:
        """The pairs of names and values in the path; a slash too many does no harm."""
        words = [word for word in path.split("/") if word]
        given = dict(zip(words[::2], words[1::2], strict=False))
        shows = frozenset(name for name in pages.DETAILS if given.get(name) == "true")
        return cls(given.get("entryid", ""), given.get("ks", ""), shows)


def _embedded(request: Request, noted: Noted) -> tuple[Html, str]:
    world = request.world
    wish = Wish.read(request.path[len(MEDIA) :])
    session = read_session(request, wish.session or request.query.get("ks", ""), noted)
    noted.params = {**session.privileges, "entryid": wish.entry_id}
    guest = admit_to_media(world, session, wish.entry_id)
    page = _play(world, guest, _details(guest.entry, wish.shows))
    return page, f"{guest.entry['name']}, embedded, for {guest.name}"


def admit_to_media(world: World, session: ks.Ks, entry_id: str) -> Guest:
    """Somebody before one embedded entry, which may stand in no gallery; raises Refused."""
    person = admit_person(session)
    if not entry_id:
        raise Refused("no-entry")
    entry = world.store.get(person.partner, "entry", entry_id)
    if entry is None or not shelf.lives(entry):
        raise Refused("entry-missing", seen=entry_id)
    if is_room(entry):
        raise Refused("not-media", seen=entry_id)
    email = person.privileges.get("email", "")
    return Guest(person.partner, entry, person.user_id, person.name, email, "attendee", person.role)


def _play(world: World, guest: Guest, details: dict[str, str]) -> Html:
    visits = Visits(world.store, world.clock, guest.partner)
    stage = stage_now(world, guest.partner, guest.entry)
    who = Visitor(guest.user_id, guest.name, guest.email, "user", guest.role)
    visit = visits.join(guest.entry["id"], "webcast", who, stage.playing)
    return pages.media(guest, visit, stage, visits.setting("beat_s"), details)


def _details(entry: Data, shows: frozenset[str]) -> dict[str, str]:
    """What is told about the entry, by the words of the address."""
    told = {
        "showTitle": str(entry.get("name") or ""),
        "showDescription": str(entry.get("description") or ""),
        "showTags": str(entry.get("tags") or ""),
        "showDuration": shelf.length_of(entry),
        "showOwner": str(entry.get("userId") or ""),
        "showUploadDate": shown(int(entry.get("createdAt") or 0), "%-d %B %Y"),
    }
    return {name: text if name in shows else "" for name, text in told.items()}
