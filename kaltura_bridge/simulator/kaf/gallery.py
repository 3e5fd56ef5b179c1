"""A person's own media, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kaltura_bridge.simulator.doorbook import Noted, troubled
from kaltura_bridge.simulator.html import Html, Templates, joined
from kaltura_bridge.simulator.http import Request, Response
from kaltura_bridge.simulator.kaf import pages
from kaltura_bridge.simulator.kaf.admission import session_here
from kaltura_bridge.simulator.kaf.door import _HEADERS
from kaltura_bridge.simulator.kaf.refusals import Refused

if TYPE_CHECKING:
    from kaltura_bridge.simulator import ks
    from kaltura_bridge.simulator.http import Router
    from kaltura_bridge.simulator.store import Data
    from kaltura_bridge.simulator.world import World

MY_MEDIA = "/hosted/index/my-media/ks/"
#: The roles that have media of their own, from the least up.
OWNING_ROLES = ("privateOnlyRole", "adminRole", "unmoderatedAdminRole")
_DELETED = "3"
_TEMPLATES = Templates(Path(__file__).parent / "templates")


class RoleTooLow(Refused):
    """The role of the session has no media of its own."""

    status = 403
    may_pass = False
    fix = "Use privateOnlyRole, adminRole or unmoderatedAdminRole."

    def __init__(self, role: str) -> None:
        super().__init__("role-too-low", field="role")
        self._role = role

    @property
    def sentence(self) -> str:
        """What is wrong."""
        return f"The role {self._role} has no media of its own."


def open_door(router: Router) -> None:
    """Serve the page."""
    router.route(MY_MEDIA, my_media)


def my_media(request: Request) -> Response:
    """The entries that the session's user owns."""
    noted = Noted(request, "kaf", "my-media")
    return troubled(request, noted, lambda: _answered(request, noted))


def _answered(request: Request, noted: Noted) -> Response:
    try:
        session = _admitted(request, noted)
    except Refused as refusal:
        noted.write(refusal.reason, f"{refusal.status}: {refusal.sentence}")
        return _page(pages.refused(refusal), refusal.status)
    noted.write("ok", f"The media of {session.user}")
    return _page(_listing(session.user, _owned(request.world, session)))


def _admitted(request: Request, noted: Noted) -> ks.Ks:
    if request.method != "GET":
        raise Refused("method")
    session = session_here(request, request.path[len(MY_MEDIA) :].partition("/")[0])
    noted.params, noted.user, noted.partner = session.privileges, session.user, session.partner
    role = session.privileges.get("role", "")
    if not role:
        raise Refused("missing", field="role")
    if role not in OWNING_ROLES:
        raise RoleTooLow(role)
    if session.privileges.get("userId", session.user) != session.user:
        raise Refused("user-mismatch", field="userId")
    return session


def _owned(world: World, session: ks.Ks) -> list[Data]:
    rows = world.store.all(session.partner, "entry")
    return [r for r in rows if r.get("userId") == session.user and str(r["status"]) != _DELETED]


def _listing(user: str, entries: list[Data]) -> Html:
    items = joined(_TEMPLATES.render("owned", id=e["id"], name=e["name"]) for e in entries)
    body = _TEMPLATES.render("my_media", user_id=user, count=len(entries), items=items)
    return _TEMPLATES.render("page", title="My Media", body=body)


def _page(page: Html, status: int = 200) -> Response:
    return Response(page.encode("utf-8", "replace"), status, headers=list(_HEADERS))
