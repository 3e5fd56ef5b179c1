"""``/face/console/``: changes what the account holds, as Kaltura's own console would.

Nothing is written here. Each wish becomes a call of the API, and what Kaltura says
against it stands beside the form.
"""

from __future__ import annotations

from pathlib import Path

from kaltura_simulator.ui import api_caller, fields, forms, things
from kaltura_simulator.ui.api_caller import Refusal
from kaltura_simulator.ui.things import Thing, Verb
from kaltura_simulator.web import same_origin
from kaltura_simulator.web.html import Html, Templates
from kaltura_simulator.web.http import Request, Response, Router

PREFIX = "/face/console/"
#: What the face says after a wish was fulfilled.
DONE = {
    "change": "Kaltura changed it.",
    "cancel": "Kaltura called it off. It still occupies its time.",
    "delete": "Kaltura deleted it.",
    "same": "Nothing was different, so Kaltura was not asked.",
}
_TEMPLATES = Templates(Path(__file__).parent / "templates")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = [
    ("Content-Security-Policy", _POLICY),
    # Without a referrer a browser would not say either where a form comes from.
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


def add_routes(router: Router) -> None:
    """Serve the forms and take them."""
    router.route(PREFIX, serve)


def serve(request: Request) -> Response:
    """``event/12`` shows an object; a post to ``event/12/cancel`` does that to it."""
    word, _, rest = request.path[len(PREFIX) :].partition("/")
    key, _, name = rest.partition("/")
    posted = request.method == "POST"
    against = same_origin.refusal(request) if posted else ""
    if against:
        return _sorry("This was not done", against, 403)
    thing = things.find(request.world, word, key)
    if thing is None:
        return _sorry("It is not here", "This object does not exist, or not any more.", 404)
    verb = thing.kind.verb(name)
    if posted and verb:
        return _do(request, thing, verb)
    return _page(request, thing) if not name else _sorry("No such page", "Nothing is here.", 404)


def _do(request: Request, thing: Thing, verb: Verb) -> Response:
    """Ask Kaltura, and go back to where the object stands, or say why not beside the form."""
    form = request.form
    try:
        changed = fields.changes(thing.kind.fields, form) if verb.name == "change" else {}
    except fields.Unreadable as problem:
        return _page(request, thing, verb, Refusal(str(problem), head="Nothing was sent."))
    if verb.name == "change" and not changed:
        return _back("same", thing.anchor)
    refusal = api_caller.ask(request, verb.action, thing.call(verb, changed, form))
    if refusal:
        return _page(request, thing, verb, refusal)
    return _back(verb.name, thing.above if verb.name == "delete" else thing.anchor)


def _back(done: str, anchor: str) -> Response:
    """To the object's place on the face, with a word about what happened."""
    where = ("Location", f"/?done={done}#{anchor}")
    return Response(status=303, headers=[where, ("Cache-Control", "no-store")])


def _page(
    request: Request, thing: Thing, verb: Verb | None = None, refusal: Refusal | None = None
) -> Response:
    """The object and its forms; after a refusal with all that was typed."""
    body = forms.page(request.world, thing, PREFIX, verb, refusal, request.form if verb else {})
    return _answer(body, 422 if refusal else 200)


def _sorry(title: str, words: str, status: int) -> Response:
    return _answer(_TEMPLATES.render("sorry", title=title, words=words), status)


def _answer(body: Html, status: int) -> Response:
    return Response(body.encode("utf-8", "replace"), status, headers=list(_HEADERS))
