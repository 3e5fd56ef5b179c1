"""``/ui/console/``: edits the account's objects, as Kaltura's Management Console does.

Nothing is written here. Each form becomes an API call, and what Kaltura refuses is
shown beside the form.
"""

from __future__ import annotations

from pathlib import Path

from kaltura_simulator.ui import api_caller, fields, forms, objects
from kaltura_simulator.ui.api_caller import Refusal
from kaltura_simulator.ui.objects import ConsoleAction, ConsoleObject
from kaltura_simulator.web import same_origin
from kaltura_simulator.web.html import Html, Templates
from kaltura_simulator.web.http import HttpRequest, HttpResponse, Router

PREFIX = "/ui/console/"
#: What the overview page says after a form was sent, by its ``done`` parameter.
DONE = {
    "change": "Saved.",
    "cancel": "Cancelled. The event still blocks its time.",
    "delete": "Deleted.",
    "same": "There were no changes, so nothing was sent.",
}
_TEMPLATES = Templates(Path(__file__).parent / "templates")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = [
    ("Content-Security-Policy", _POLICY),
    # With no-referrer a browser would send "null" as the origin of a form.
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


def add_routes(router: Router) -> None:
    """Serve the forms and take them."""
    router.route(PREFIX, serve)


def serve(request: HttpRequest) -> HttpResponse:
    """``event/12`` shows an object; a post to ``event/12/cancel`` does that to it."""
    slug, _, rest = request.path[len(PREFIX) :].partition("/")
    key, _, name = rest.partition("/")
    posted = request.method == "POST"
    refusal = same_origin.form_refusal(request) if posted else ""
    if refusal:
        return _message("Request refused", refusal, 403)
    item = objects.find(request.world, slug, key)
    if item is None:
        return _message("Not found", "This object does not exist, or was deleted.", 404)
    action = item.type.action(name)
    if posted and action:
        return _submit(request, item, action)
    return _page(request, item) if not name else _message("Not found", "No such page.", 404)


def _submit(request: HttpRequest, item: ConsoleObject, action: ConsoleAction) -> HttpResponse:
    """Make the call; then back to the overview, or to the form with the refusal."""
    form = request.form
    try:
        changed = fields.changes(item.type.fields, form) if action.name == "change" else {}
    except fields.InvalidInput as problem:
        refusal = Refusal(str(problem), heading="Nothing was sent.")
        return _page(request, item, action, refusal)
    if action.name == "change" and not changed:
        return _redirect("same", item.anchor)
    refused = api_caller.call_api(request, action.api_action, item.params(action, changed, form))
    if refused:
        return _page(request, item, action, refused)
    return _redirect(action.name, item.parent_anchor if action.name == "delete" else item.anchor)


def _redirect(done: str, anchor: str) -> HttpResponse:
    """To the object on the overview page, with a message about what was done."""
    location = ("Location", f"/?done={done}#{anchor}")
    return HttpResponse(status=303, headers=[location, ("Cache-Control", "no-store")])


def _page(
    request: HttpRequest,
    item: ConsoleObject,
    action: ConsoleAction | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """The object and its forms; after a refusal with everything that was typed."""
    typed = request.form if action else {}
    body = forms.page(request.world, item, PREFIX, action, refusal, typed)
    return _html(body, 422 if refusal else 200)


def _message(title: str, text: str, status: int) -> HttpResponse:
    return _html(_TEMPLATES.render("message", title=title, text=text), status)


def _html(body: Html, status: int) -> HttpResponse:
    return HttpResponse(body.encode("utf-8", "replace"), status, headers=list(_HEADERS))
