"""What each page needs, and which of them a session opens, before anybody embeds one.

The session is posted, so that it stands in no address; it is neither kept nor noted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kaltura_simulator.api import ks
from kaltura_simulator.kaf import paths
from kaltura_simulator.kaf.admission import admit, admit_to_room, session_here
from kaltura_simulator.kaf.answers import opened
from kaltura_simulator.kaf.galleries import admit_to_gallery
from kaltura_simulator.kaf.launch import admit_to_launch
from kaltura_simulator.kaf.people import admit_owner
from kaltura_simulator.kaf.picker import admit_to_media, admit_to_picker
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.state.timefmt import shown
from kaltura_simulator.state.world import World
from kaltura_simulator.web.access_log import Noted
from kaltura_simulator.web.html import Html, Templates, joined
from kaltura_simulator.web.http import Request, Response, Router

_TEMPLATES = Templates(Path(__file__).parent / "templates")
_TYPES = {0: "USER", 1: "WIDGET", 2: "ADMIN"}
_ENTRY_PAGE = ("userId", "entryId", "role", "actionslimit")
_NAMES = ("firstName", "lastName", "email")


@dataclass(frozen=True)
class Endpoint:
    """One page: its address, where ``{ks}`` and ``{entry}`` are filled in, and its rules."""

    title: str
    address: str
    needs: tuple[str, ...]
    reads: tuple[str, ...]
    #: Raises Refused when the session (and entry) would not open the page; changes nothing.
    check: Callable[[World, ks.Ks, str], object]

    def for_session(self, text: str, entry_id: str) -> str:
        """The address to open."""
        return self.address.format(ks=quote(text, safe=""), entry=quote(entry_id, safe=""))


ENDPOINTS: dict[str, Endpoint] = {
    "view-entry": Endpoint(
        "A session: player and chat, or the room",
        paths.VIEW_ENTRY + "{ks}",
        _ENTRY_PAGE,
        (*_NAMES, "userContextualRole"),
        lambda world, session, _: admit(world, session),
    ),
    "view-room": Endpoint(
        "A room, with moderator flags",
        paths.VIEW_ROOM + "{ks}",
        _ENTRY_PAGE,
        (*_NAMES, "chatModerator", "roomModerator", "userContextualRole"),
        lambda world, session, _: admit_to_room(world, session),
    ),
    "launch": Endpoint(
        "An older room, by event or resource",
        paths.LAUNCH + "?ks={ks}",
        ("role", "eventId or resourceId"),
        (*_NAMES, "userContextualRole"),
        lambda world, session, _: admit_to_launch(world, session),
    ),
    "course-gallery": Endpoint(
        "The gallery of a context",
        paths.GALLERY + "{ks}",
        ("actionslimit", "role", "contextId", "userContextualRole"),
        _NAMES,
        lambda world, session, _: admit_to_gallery(world, session),
    ),
    "my-media": Endpoint(
        "A person's own media",
        paths.MY_MEDIA + "{ks}",
        ("role, privateOnlyRole at least",),
        _NAMES,
        lambda world, session, _: admit_owner(session),
    ),
    "browseandembed": Endpoint(
        "A picker; the choice is posted to returnUrl",
        paths.PICKER + "{ks}",
        ("role", "returnUrl, percent-encoded"),
        _NAMES,
        lambda world, session, _: admit_to_picker(session),
    ),
    "media": Endpoint(
        "One embedded entry",
        paths.MEDIA + "entryid/{entry}/ks/{ks}",
        ("role",),
        _NAMES,
        admit_to_media,
    ),
}


def add_routes(router: Router) -> None:
    """Serve the page."""
    router.route(paths.TESTER, show)


def show(request: Request) -> Response:
    """The list of pages; posted a session, with a verdict on each."""
    return opened(request, "kaftestme", lambda noted: _tester(request, noted))


def _tester(request: Request, noted: Noted) -> tuple[Html, str]:
    if request.method == "GET":
        return _page(_list({}, {}), "", ""), "The pages and what they need"
    if request.method != "POST":
        raise Refused("method")
    text, entry_id = (request.form.get(name, "").strip() for name in ("ks", "entry"))
    try:
        session = session_here(request, text)
    except Refused as refusal:
        return _page(_list({}, {}), _not_alive(refusal), entry_id), f"Dead: {refusal.reason}"
    noted.params, noted.user, noted.partner = session.privileges, session.user, session.partner
    entry_id = entry_id or session.privileges.get("entryId", "")
    refusals = _refusals(request.world, session, entry_id)
    addresses = {
        name: endpoint.for_session(text, entry_id)
        for name, endpoint in ENDPOINTS.items()
        if name not in refusals
    }
    page = _page(_list(addresses, refusals), _told(session), entry_id)
    return page, f"Opens {', '.join(addresses) or 'nothing'}"


def _refusals(world: World, session: ks.Ks, entry_id: str) -> dict[str, Refused]:
    """Why each page that does not open stays shut."""
    found = {}
    for name, endpoint in ENDPOINTS.items():
        try:
            endpoint.check(world, session, entry_id)
        except Refused as refusal:
            found[name] = refusal
    return found


# -------------------------------------------------------------------------- the page
def _page(pages: Html, told: Html | str, entry_id: str) -> Html:
    body = _TEMPLATES.render("tester", pages=pages, told=told, entry=entry_id, path=paths.TESTER)
    return _TEMPLATES.render("page", title="KAF test page", body=body)


def _list(addresses: dict[str, str], refusals: dict[str, Refused]) -> Html:
    return joined(
        _TEMPLATES.render(
            "tester_page",
            name=name,
            title=endpoint.title,
            address=endpoint.address.format(ks="KS", entry="ENTRY"),
            needs=_names(endpoint.needs),
            reads=_names(endpoint.reads),
            verdict=_verdict(name, addresses, refusals),
        )
        for name, endpoint in ENDPOINTS.items()
    )


def _names(names: tuple[str, ...]) -> Html:
    return joined(_TEMPLATES.render("tester_name", name=name) for name in names)


def _verdict(name: str, addresses: dict[str, str], refusals: dict[str, Refused]) -> Html | str:
    if name in addresses:
        return _TEMPLATES.render("tester_opens", name=name, address=addresses[name])
    if name not in refusals:
        return ""
    refusal = refusals[name]
    return _TEMPLATES.render(
        "tester_refuses",
        status=refusal.status,
        reason=refusal.reason,
        sentence=refusal.sentence,
        fix=refusal.fix,
    )


def _not_alive(refusal: Refused) -> Html:
    return _TEMPLATES.render(
        "tester_dead", reason=refusal.reason, sentence=refusal.sentence, fix=refusal.fix
    )


def _told(session: ks.Ks) -> Html:
    """What a living session says of itself."""
    rows = {
        "Account": str(session.partner),
        "User": session.user or "none",
        "Type": _TYPES.get(session.type, str(session.type)),
        "Ends": shown(session.expiry, "%Y-%m-%d %H:%M:%S UTC"),
        **session.privileges,
    }
    return _TEMPLATES.render(
        "tester_told",
        rows=joined(
            _TEMPLATES.render("detail", name=name, label=name, text=text or "set")
            for name, text in rows.items()
        ),
    )
