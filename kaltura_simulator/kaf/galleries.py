"""Two pages that list entries: the gallery of a context, and a user's own media."""

from __future__ import annotations

from kaltura_simulator.api import ks
from kaltura_simulator.api.call import Call, internal
from kaltura_simulator.kaf import cards, list_pages
from kaltura_simulator.kaf.channels import channels_of, context_name, gallery_for
from kaltura_simulator.kaf.paths import GALLERY, MY_MEDIA
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.kaf.responses import page_response, session_in_path
from kaltura_simulator.kaf.users import KafUser, check_owner, check_user
from kaltura_simulator.media import entry_access
from kaltura_simulator.rules import category_entries, entitlement
from kaltura_simulator.rules.category_entries import ACTIVE, PENDING
from kaltura_simulator.rules.entry_types import is_deleted
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.world import World
from kaltura_simulator.web.access_log import RequestLog
from kaltura_simulator.web.html import Html
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

#: The roles of users in a gallery, by ``userContextualRole``.
CONTEXTUAL_ROLES = {
    "0": "Manager",
    "1": "Moderator",
    "2": "Contributor",
    "3": "Member",
    "4": "Visitor",
}
#: The contextual roles that see entries which wait for moderation.
_MODERATORS = frozenset({"0", "1"})


def add_routes(router: Router) -> None:
    """Serve both pages."""
    router.route(GALLERY, course_gallery)
    router.route(MY_MEDIA, my_media)


def course_gallery(request: HttpRequest) -> HttpResponse:
    """The entries in the category of a context."""
    return page_response(request, "course-gallery", lambda log: _gallery(request, log))


def my_media(request: HttpRequest) -> HttpResponse:
    """The entries that the session's user owns."""
    return page_response(request, "my-media", lambda log: _own_media(request, log))


def check_gallery(world: World, session: ks.Ks) -> KafUser:
    """A user who may see the gallery of ``contextId``; raises PageRefused."""
    user = check_user(session, "actionslimit", "contextId", "userContextualRole")
    contextual = user.privileges["userContextualRole"]
    if contextual not in CONTEXTUAL_ROLES:
        raise PageRefused("contextual-role", field="userContextualRole", seen=contextual)
    context_name(user.privileges["contextId"])
    channels_of(world, user.partner)
    return user


def _gallery(request: HttpRequest, log: RequestLog) -> tuple[Html, str]:
    world = request.world
    session = session_in_path(request, GALLERY, log)
    user = check_gallery(world, session)
    category = gallery_for(world, user.partner, user.privileges["contextId"])
    call = internal(world, user.partner, session)
    if not entitlement.opens(call, category):
        raise PageRefused("not-a-member", seen=str(category["name"]))
    contextual = user.privileges["userContextualRole"]
    items = _in_gallery(call, user, category, contextual in _MODERATORS)
    page = list_pages.gallery(user, category, CONTEXTUAL_ROLES[contextual], items)
    return page, f"The gallery {category['fullName']}: {list_pages.entries_label(len(items))}"


def _in_gallery(
    call: Call, user: KafUser, category: Data, moderates: bool
) -> list[cards.EntryCard]:
    """The entries of a category, as far as the search index knows them and the user may see."""
    world = call.world
    links = {
        link["entryId"]: link["status"]
        for link in world.store.all(user.partner, category_entries.KIND)
        if link["categoryId"] == category["id"]
    }
    shown = {ACTIVE, PENDING} if moderates else {ACTIVE}
    listed = [
        entry
        for entry in world.store.listed(user.partner, "entry")
        if links.get(entry["id"]) in shown
        and cards.is_listed(entry)
        and entry_access.may_see(call, entry)
    ]
    pending = frozenset(key for key, status in links.items() if status == PENDING)
    return cards.cards_for(world, user, listed, pending)


def _own_media(request: HttpRequest, log: RequestLog) -> tuple[Html, str]:
    user = check_owner(session_in_path(request, MY_MEDIA, log))
    items = cards.cards_for(request.world, user, own_entries(request.world, user))
    summary = f"The media of {user.user_id}: {list_pages.entries_label(len(items))}"
    return list_pages.own_media(user, items), summary


def own_entries(world: World, user: KafUser) -> list[Data]:
    """The entries that a user owns, ready or not, as far as the search index knows them."""
    rows = world.store.listed(user.partner, "entry")
    return [row for row in rows if row.get("userId") == user.user_id and not is_deleted(row)]
