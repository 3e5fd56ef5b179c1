"""The test page: which privileges each KAF page needs, and which pages a session opens.

The session is posted, so that it is in no address; it is neither stored nor logged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kaltura_simulator.api import ks
from kaltura_simulator.kaf import paths
from kaltura_simulator.kaf.access import check_entry_page, check_room_page, session_of_account
from kaltura_simulator.kaf.galleries import check_gallery
from kaltura_simulator.kaf.launch import check_launch
from kaltura_simulator.kaf.picker import check_media, check_picker
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.kaf.responses import page_response
from kaltura_simulator.kaf.users import check_owner
from kaltura_simulator.state.timefmt import format_time
from kaltura_simulator.state.world import World
from kaltura_simulator.web.access_log import RequestLog
from kaltura_simulator.web.html import Html, Templates, joined
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

_TEMPLATES = Templates(Path(__file__).parent / "templates")
_TYPES = {0: "USER", 1: "WIDGET", 2: "ADMIN"}
_ENTRY_PAGE = ("userId", "entryId", "role", "actionslimit")
_NAMES = ("firstName", "lastName", "email")


@dataclass(frozen=True)
class PageSpec:
    """One KAF page: its address, with ``{ks}`` and ``{entry}`` to fill in, and its rules."""

    title: str
    address: str
    needs: tuple[str, ...]
    reads: tuple[str, ...]
    #: Raises PageRefused when the session (and entry) do not open the page; changes nothing.
    check: Callable[[World, ks.Ks, str], object]

    def for_session(self, text: str, entry_id: str) -> str:
        """The address to open."""
        return self.address.format(ks=quote(text, safe=""), entry=quote(entry_id, safe=""))


PAGES: dict[str, PageSpec] = {
    "view-entry": PageSpec(
        "A session: player and chat, or the room",
        paths.VIEW_ENTRY + "{ks}",
        _ENTRY_PAGE,
        (*_NAMES, "userContextualRole"),
        lambda world, session, _: check_entry_page(world, session),
    ),
    "view-room": PageSpec(
        "A room, with moderator flags",
        paths.VIEW_ROOM + "{ks}",
        _ENTRY_PAGE,
        (*_NAMES, "chatModerator", "roomModerator", "userContextualRole"),
        lambda world, session, _: check_room_page(world, session),
    ),
    "launch": PageSpec(
        "An older room, by event or resource",
        paths.LAUNCH + "?ks={ks}",
        ("role", "eventId or resourceId"),
        (*_NAMES, "userContextualRole"),
        lambda world, session, _: check_launch(world, session),
    ),
    "course-gallery": PageSpec(
        "The gallery of a context",
        paths.GALLERY + "{ks}",
        ("actionslimit", "role", "contextId", "userContextualRole"),
        _NAMES,
        lambda world, session, _: check_gallery(world, session),
    ),
    "my-media": PageSpec(
        "A person's own media",
        paths.MY_MEDIA + "{ks}",
        ("role, privateOnlyRole at least",),
        _NAMES,
        lambda world, session, _: check_owner(session),
    ),
    "browseandembed": PageSpec(
        "A picker; the choice is posted to returnUrl",
        paths.PICKER + "{ks}",
        ("role", "returnUrl, percent-encoded"),
        _NAMES,
        lambda world, session, _: check_picker(session),
    ),
    "media": PageSpec(
        "One embedded entry",
        paths.MEDIA + "entryid/{entry}/ks/{ks}",
        ("role",),
        _NAMES,
        check_media,
    ),
}


def add_routes(router: Router) -> None:
    """Serve the page."""
    router.route(paths.TESTER, show)


def show(request: HttpRequest) -> HttpResponse:
    """The list of pages; after a session was posted, with the verdict on each."""
    return page_response(request, "kaftestme", lambda log: _tester(request, log))


def _tester(request: HttpRequest, log: RequestLog) -> tuple[Html, str]:
    if request.method == "GET":
        return _page(_list({}, {}), "", ""), "The pages and what they need"
    if request.method != "POST":
        raise PageRefused("method")
    text, entry_id = (request.form.get(name, "").strip() for name in ("ks", "entry"))
    try:
        session = session_of_account(request, text)
    except PageRefused as refusal:
        return _page(_list({}, {}), _rejected(refusal), entry_id), f"Invalid: {refusal.reason}"
    log.params, log.user, log.partner = session.privileges, session.user, session.partner
    entry_id = entry_id or session.privileges.get("entryId", "")
    refusals = _refusals(request.world, session, entry_id)
    addresses = {
        name: page_spec.for_session(text, entry_id)
        for name, page_spec in PAGES.items()
        if name not in refusals
    }
    page = _page(_list(addresses, refusals), _session_details(session), entry_id)
    return page, f"Opens {', '.join(addresses) or 'nothing'}"


def _refusals(world: World, session: ks.Ks, entry_id: str) -> dict[str, PageRefused]:
    """Why each page that does not open is refused, by its name."""
    found = {}
    for name, page_spec in PAGES.items():
        try:
            page_spec.check(world, session, entry_id)
        except PageRefused as refusal:
            found[name] = refusal
    return found


# -------------------------------------------------------------------------- the page
def _page(pages: Html, result: Html | str, entry_id: str) -> Html:
    body = _TEMPLATES.render(
        "tester", pages=pages, result=result, entry=entry_id, path=paths.TESTER
    )
    return _TEMPLATES.render("page", title="KAF test page", body=body)


def _list(addresses: dict[str, str], refusals: dict[str, PageRefused]) -> Html:
    return joined(
        _TEMPLATES.render(
            "tester_page",
            name=name,
            title=page_spec.title,
            address=page_spec.address.format(ks="KS", entry="ENTRY"),
            needs=_names(page_spec.needs),
            reads=_names(page_spec.reads),
            verdict=_verdict(name, addresses, refusals),
        )
        for name, page_spec in PAGES.items()
    )


def _names(names: tuple[str, ...]) -> Html:
    return joined(_TEMPLATES.render("tester_name", name=name) for name in names)


def _verdict(name: str, addresses: dict[str, str], refusals: dict[str, PageRefused]) -> Html | str:
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


def _rejected(refusal: PageRefused) -> Html:
    return _TEMPLATES.render(
        "tester_rejected", reason=refusal.reason, sentence=refusal.sentence, fix=refusal.fix
    )


def _session_details(session: ks.Ks) -> Html:
    """The content of a valid session."""
    rows = {
        "Account": str(session.partner),
        "User": session.user or "none",
        "Type": _TYPES.get(session.type, str(session.type)),
        "Ends": format_time(session.expiry, "%Y-%m-%d %H:%M:%S UTC"),
        **session.privileges,
    }
    return _TEMPLATES.render(
        "tester_session",
        rows=joined(
            _TEMPLATES.render("detail", name=name, label=name, text=text or "set")
            for name, text in rows.items()
        ),
    )
