"""Somebody knocks at a door: what they are answered, what they are told, what they change."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from django.conf import settings
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.events.pages import form_values
from tests.permissions.doors import INDEX, MODELS, OPEN, SIGN_IN, WRONG_METHOD, Door
from tests.permissions.people import DELETED, KINDS, STAFF, THEIRS_PRIVATE, Kind, Role
from tests.permissions.rows import Belongs, Row
from tests.permissions.world import Place, World, texts_hidden_from

# What differs from one answer to the next, whoever asks about what.
_PASSING: Final = re.compile(r'value="[A-Za-z0-9]{64}"|data-now="[^"]*"')
# What may go into the fields that a form leaves empty.
_FILLED: Final = {
    "title": "Intruder",
    "name": "Intruder",
    "slug": "intruder",
    "email": "intruder@example.org",
    "user": "intruder@example.org",
    "starts_at_0": "2030-05-06",
    "starts_at_1": "10:00",
    "ends_at_0": "2030-05-06",
    "ends_at_1": "11:00",
    "starts_on": "2030-05-06",
    "ends_on": "2030-05-07",
    "timezone": "Europe/Berlin",
    "to": "1_quokkaxx",
    "first_day": "2031-05-06",
    "confirmed": "1",
}


@dataclass(frozen=True)
class Answer:
    """What came back: its class, all its text, and the rows that are not as they were."""

    said: str
    text: str
    changed: Mapping[Row, Belongs]
    sent: str


def ask(world: World, role: Role, door: Door, kind: Kind) -> Answer:
    """Knock, and let nothing of it remain."""
    place = world.places[kind]
    url = url_of(world, door, place)
    # Who is turned away at the admin's own door never gets so far that a form is read.
    reads = role in STAFF or not door.name.startswith("admin:")
    form = form_for(world, door, place, url) if door.method == "POST" and reads else {}
    return _knock(world, world.clients[role], door.method, url, form)


def url_of(world: World, door: Door, place: Place) -> str:
    return reverse(door.name, args=door.args(world, place))


def _knock(world: World, client: Client, method: str, url: str, form: Mapping[str, Any]) -> Answer:
    # What an answer has left in the browser is for the next page; each of ours is the first.
    kept = settings.SESSION_COOKIE_NAME
    for name in set(client.cookies) - {kept}:
        del client.cookies[name]
    with transaction.atomic():
        response = client.post(url, form) if method == "POST" else client.get(url)
        text = _text(response)
        changed = world.rows.changes() if method == "POST" else {}
        transaction.set_rollback(True)
    sent = " ".join([unquote(url), *(f"{value}" for value in form.values())])
    return Answer(_class_of(response), text, changed, sent)


def _class_of(response: Any) -> str:
    status, location = response.status_code, response.headers.get("Location", "")
    if status in (301, 302, 303):
        if location.startswith((reverse("account_login"), reverse("admin:login"))):
            return SIGN_IN
        return INDEX if location == reverse("admin:index") else OPEN
    # 409 and 503 are for those who may: why it is not possible now.
    return OPEN if status in (200, 409, 503) else str(status)


def _text(response: Any) -> str:
    """All that the answer says: body, address it leads to, messages for the next page."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    words = [str(message) for message in get_messages(response.wsgi_request)]
    parts = [body.decode("utf-8", "replace"), unquote(response.headers.get("Location", "")), *words]
    return "\n".join(parts)


# --- Forms -------------------------------------------------------------------------------


def form_for(world: World, door: Door, place: Place, url: str) -> dict[str, Any]:
    """What somebody sends who has seen the form of those who may."""
    if door.form.startswith("action:"):
        table = door.name.removeprefix("admin:").removesuffix("_changelist")
        about = next(model.about for model in MODELS if model.name == table)
        chosen = [world.row(each, about).pk for each in world.places.values()]
        name = door.form.removeprefix("action:")
        return {"action": name, "_selected_action": chosen, "post": "yes", "confirmed": "1"}
    if door.form == "bookmark":
        return {"keep": place.session.slug}
    if door.form == "feed":
        return {"event": place.event.slug}
    if door.form == "consent":
        return {"event": place.event.slug, "answer": "yes"}
    if door.form == "certificates":
        return {"ask": "certificate", "rule": str(place.rule.uuid)}
    if door.form == "abort":
        return {"do": "abort"}
    if door.form == "show":
        return {"do": "show"}
    if door.form == "delete":
        return {"post": "yes"}
    if door.form == "webhook":
        return {"object": "{}"}
    if not door.form:
        return {}
    query = f"?event={world.places[THEIRS_PRIVATE].event.pk}" if door.form == "add" else ""
    if (url, query) not in world.forms:
        with transaction.atomic():
            page = world.clients[Role.SUPERUSER].get(url + query)
            world.forms[url, query] = form_values(page.content.decode())
            transaction.set_rollback(True)
    seen = world.forms[url, query]
    empty = {name for name, value in seen.items() if not value}
    filled = {name: value for name, value in _FILLED.items() if name in empty}
    return {**seen, **filled, "title": "Intruder"} if "title" in seen else {**seen, **filled}


# --- What is wrong ---------------------------------------------------------------------


def complaints(
    world: World, role: Role, door: Door, kinds: Container[Kind] = KINDS
) -> Iterator[str]:
    """What one person is answered at one door, about these kinds, that the rules do not say."""
    answers = {kind: ask(world, role, door, kind) for kind in door.kinds if kind in kinds}
    for kind, answer in answers.items():
        title = f"{door.method} {door.name} as {role} ({kind.name})"
        expected = door.expect(role, kind)
        if answer.said != expected and not (expected == "told" and answer.said != "404"):
            yield f"{title}: answered {answer.said}, not {expected}"
        yield from (f"{title}: {wrong}" for wrong in _wrongs(world, role, door, answer))
    yield from _unlike(world, role, door, answers)


def _wrongs(world: World, role: Role, door: Door, answer: Answer) -> Iterator[str]:
    told = {text for text in texts_hidden_from(role, world) if text in answer.text}
    for text in sorted(text for text in told if text not in answer.sent):
        yield f"told {text!r}"
    if "/ks/" in answer.text or "ks=" in answer.text:
        yield "told a KS"
    ours = {place.event.uuid for kind, place in world.places.items() if kind.ours}
    me = world.people[role].pk if world.people[role] else None
    for (label, pk), (event, owner) in answer.changed.items():
        may = role is Role.SUPERUSER or (role in door.writes and event in ours)
        personal = not door.name.startswith("admin:") and owner is not None and owner == me
        new_account = label == "events.User" and role in door.writes
        if not (may or personal or new_account):
            yield f"changed {label} {pk}"


def _unlike(world: World, role: Role, door: Door, answers: Mapping[Kind, Answer]) -> Iterator[str]:
    """What is hidden must look like what is not there."""
    if DELETED not in answers or not door.about:
        return
    missing = answers[DELETED]
    nothing = _without(missing.text, world.places[DELETED])
    for kind, answer in answers.items():
        hidden = answer.said not in (OPEN, SIGN_IN, WRONG_METHOD) and answer.said == door.expect(
            role, kind
        )
        if not hidden or kind.seen_by(role):
            continue
        if (answer.said, _without(answer.text, world.places[kind])) != (missing.said, nothing):
            yield (
                f"{door.method} {door.name} as {role}: {kind.name} is answered "
                f"{answer.said}, what is deleted {missing.said}"
            )


def _without(text: str, place: Place) -> str:
    """The text without what stands for this place."""
    text = _PASSING.sub("*", text)
    words = {*place.own_words, place.event.slug, place.event.title, str(place.event.pk)}
    words.add(place.track.slug)
    rows = (
        "target",
        "link",
        "plan",
        "registration",
        "waiting",
        "place",
        "feedback",
        "question",
        "invitation",
        "caption_rule",
        "caption_order",
        "caption_track",
    )
    words |= {str(getattr(place, name).pk) for name in rows}
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "*")
    return text
