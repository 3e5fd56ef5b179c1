"""Two lists of entries as pages: the gallery of a context, and a person's own media."""

from __future__ import annotations

from kaltura_simulator.api import ks
from kaltura_simulator.kaf import lists, shelf
from kaltura_simulator.kaf.answers import opened, session_behind
from kaltura_simulator.kaf.channels import channels_of, context_name, gallery_for
from kaltura_simulator.kaf.paths import GALLERY, MY_MEDIA
from kaltura_simulator.kaf.people import Person, admit_owner, admit_person
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World
from kaltura_simulator.web.access_log import Noted
from kaltura_simulator.web.html import Html
from kaltura_simulator.web.http import Request, Response, Router

#: What somebody may do in a gallery, by ``userContextualRole``.
CONTEXTUAL_ROLES = {
    "0": "Manager",
    "1": "Moderator",
    "2": "Contributor",
    "3": "Member",
    "4": "Visitor",
}
#: Who sees what still waits to be let in.
_MODERATING = frozenset({"0", "1"})
_PENDING, _ACTIVE = "1", "2"


def add_routes(router: Router) -> None:
    """Serve both lists."""
    router.route(GALLERY, course_gallery)
    router.route(MY_MEDIA, my_media)


def course_gallery(request: Request) -> Response:
    """The entries in the category of a context."""
    return opened(request, "course-gallery", lambda noted: _gallery(request, noted))


def my_media(request: Request) -> Response:
    """The entries that the session's user owns."""
    return opened(request, "my-media", lambda noted: _own(request, noted))


def admit_to_gallery(world: World, session: ks.Ks) -> Person:
    """Somebody who may see the gallery of their ``contextId``; raises Refused."""
    person = admit_person(session, "actionslimit", "contextId", "userContextualRole")
    contextual = person.privileges["userContextualRole"]
    if contextual not in CONTEXTUAL_ROLES:
        raise Refused("contextual-role", field="userContextualRole", seen=contextual)
    context_name(person.privileges["contextId"])
    channels_of(world, person.partner)
    return person


def _gallery(request: Request, noted: Noted) -> tuple[Html, str]:
    world = request.world
    person = admit_to_gallery(world, session_behind(request, GALLERY, noted))
    place = gallery_for(world, person.partner, person.privileges["contextId"])
    contextual = person.privileges["userContextualRole"]
    items = _in_gallery(world, person, place, contextual in _MODERATING)
    page = lists.gallery(person, place, CONTEXTUAL_ROLES[contextual], items)
    return page, f"The gallery {place['fullName']}: {lists.entries_words(len(items))}"


def _in_gallery(world: World, person: Person, place: Data, moderates: bool) -> list[shelf.Item]:
    """What stands in a category, as far as the search index knows it."""
    links = {
        link["entryId"]: str(link.get("status", _ACTIVE))
        for link in world.store.all(person.partner, "category_entry")
        if link["categoryId"] == place["id"]
    }
    shown = {_ACTIVE, _PENDING} if moderates else {_ACTIVE}
    listed = [
        entry
        for entry in world.store.listed(person.partner, "entry")
        if links.get(entry["id"]) in shown and shelf.is_offered(entry)
    ]
    waiting = frozenset(key for key, status in links.items() if status == _PENDING)
    return shelf.items_for(world, person, listed, waiting)


def _own(request: Request, noted: Noted) -> tuple[Html, str]:
    person = admit_owner(session_behind(request, MY_MEDIA, noted))
    items = shelf.items_for(request.world, person, own_entries(request.world, person))
    words = f"The media of {person.user_id}: {lists.entries_words(len(items))}"
    return lists.own_media(person, items), words


def own_entries(world: World, person: Person) -> list[Data]:
    """What somebody owns, ready or not, as far as the search index knows it."""
    rows = world.store.listed(person.partner, "entry")
    return [row for row in rows if row.get("userId") == person.user_id and shelf.lives(row)]
