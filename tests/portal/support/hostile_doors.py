"""Every way into the portal: each form field, query parameter, path argument and header.

Nothing is listed by hand that can be read off the running portal: the URL resolver knows the
addresses, the pages know their forms, the admin knows what its lists filter by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.cookies import SimpleCookie
from typing import Any

import lxml.html
from django.contrib import admin
from django.db import transaction
from django.db.models import Field
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

Pairs = tuple[tuple[str, str], ...]


class Way(StrEnum):
    """Where a hostile value goes."""

    FORM = "form"
    QUERY = "query"
    PATH = "path"
    HEADER = "header"


@dataclass(frozen=True)
class Door:
    """One field, of one form or address, for one kind of visitor; the rest is as the page has it."""

    visitor: str
    way: Way
    path: str
    field: str
    others: Pairs = ()

    def __str__(self) -> str:
        return f"{self.visitor} {self.way} {self.path} {self.field}"


#: Parameters that views and Django's admin read from an address.
PARAMETERS = (
    *("next", "zone", "day", "q", "track", "type", "language", "room", "favourites", "past", "v"),
    *("page", "show", "level", "bom", "ticket", "kind", "event", "p", "o", "e", "all", "status"),
    *("_popup", "_to_field", "_changelist_filters", "_facets", "app_label", "model_name"),
    *("field_name", "term", "action", "value", "confirmed", "anything", "starts_on", "title"),
    *("a", "b", "year", "print"),
)
HEADERS = (
    *("HTTP_HOST", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "HTTP_REFERER"),
    *("HTTP_ORIGIN", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_RANGE"),
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_HX_REQUEST", "HTTP_USER_AGENT"),
    *("HTTP_X_KALTURA_SIGNATURE", "HTTP_X_KALTURA_HASH_ALGO", "HTTP_X_REQUEST_ID"),
    *("HTTP_ACCEPT_ENCODING", "HTTP_AUTHORIZATION", "CONTENT_TYPE"),
    *("REMOTE_ADDR", "HTTP_X_CSRFTOKEN", "HTTP_X_REQUESTED_WITH", "HTTP_IF_UNMODIFIED_SINCE"),
)
COOKIES = ("zone", "sessionid", "csrftoken", "messages")
LOOKUPS = ("exact", "in", "gte", "isnull", "year", "month", "date", "time", "regex", "range", "id")
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def addresses(arguments: dict[str, list[dict[str, str]]]) -> Iterator[str]:
    """Every address of the portal, with the ``arguments`` that belong to its beginning."""
    for route in _routes(get_resolver()):
        names = _ARGUMENT.findall(route)
        if not names:
            yield f"/{route}"
            continue
        for beginning, found in sorted(arguments.items()):
            if f"/{route}".startswith(beginning):
                usable = [known for known in found if known.keys() >= {*names}]
                yield from (f"/{_ARGUMENT.sub(lambda m: known[m[1]], route)}" for known in usable)  # noqa: B023


def routes() -> list[str]:
    """The routes with arguments, each as it is in its URLconf."""
    return [route for route in _routes(get_resolver()) if _ARGUMENT.search(route)]


def _routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        elif isinstance(pattern, URLPattern) and "^" not in route and "(?P" not in route:
            yield route


def doors_of(visitor: str, client: Client, paths: Iterable[str]) -> list[Door]:
    """Each field of each form that this visitor finds at ``paths``, and each parameter there."""
    found: dict[tuple[str, str, str], Door] = {}
    for path in paths:
        for name in (*PARAMETERS, *_lookups(path)):
            _note(found, Door(visitor, Way.QUERY, path, name))
        for door in _fields(visitor, client, path):
            _note(found, door)
    return list(found.values())


def _note(found: dict[tuple[str, str, str], Door], door: Door) -> None:
    found.setdefault((door.way, door.path, door.field), door)


def header_doors(visitor: str, paths: Iterable[str]) -> list[Door]:
    """Each header and cookie that somebody reads."""
    return [
        Door(visitor, Way.HEADER, path, name) for path in paths for name in (*HEADERS, *COOKIES)
    ]


def path_doors(visitor: str, arguments: dict[str, list[dict[str, str]]]) -> list[Door]:
    """Each argument of each address."""
    doors = []
    for route in routes():
        names = _ARGUMENT.findall(route)
        known = next(
            (
                one
                for beginning, found in sorted(arguments.items(), reverse=True)
                if f"/{route}".startswith(beginning)
                for one in found
                if one.keys() >= {*names}
            ),
            dict.fromkeys(names, "1"),
        )
        others = tuple((name, known[name]) for name in names)
        doors += [Door(visitor, Way.PATH, f"/{route}", name, others) for name in names]
    return doors


def path_with(door: Door, value: str) -> str:
    """The address of a path door with ``value`` (percent-encoded) as its argument."""
    filled = {**dict(door.others), door.field: value}
    return _ARGUMENT.sub(lambda match: filled[match[1]], door.path)


def _lookups(path: str) -> Iterator[str]:
    """What the query string of a list in the admin may filter by."""
    parts = path.strip("/").split("/")
    if len(parts) != 3 or parts[0] != "admin":
        return
    for model in admin.site._registry:
        if (model._meta.app_label, model._meta.model_name) == (parts[1], parts[2]):
            for field in model._meta.get_fields():
                yield field.name
                if isinstance(field, Field):
                    yield from (f"{field.name}__{lookup}" for lookup in LOOKUPS)


# --- Forms ------------------------------------------------------------------


def _fields(visitor: str, client: Client, path: str) -> Iterator[Door]:
    """The forms of a page, and those that it shows after they are sent as they are."""
    with undone(client):
        shown = _forms(_html(client.get(path)), path)
    for action, method, pairs, choices in shown:
        yield from _doors(visitor, action, method, pairs)
        if method != "post" or not action.startswith("/admin/"):
            continue
        for sent in _sent(pairs, choices):
            for next_form in _forms(_tried(client, action, sent), action):
                yield from _doors(visitor, next_form[0], next_form[1], next_form[2])


def _doors(visitor: str, action: str, method: str, pairs: Pairs) -> Iterator[Door]:
    way = Way.FORM if method == "post" else Way.QUERY
    for name in dict.fromkeys(name for name, _ in pairs):
        yield Door(visitor, way, action, name, tuple(pair for pair in pairs if pair[0] != name))


def _sent(pairs: Pairs, choices: dict[str, list[str]]) -> Iterator[Pairs]:
    """The form as it is; of a list in the admin, each bulk action over its rows."""
    if "action" not in choices:
        yield pairs
    for choice in choices.get("action", []):
        yield (*(pair for pair in pairs if pair[0] != "action"), ("action", choice))


def _tried(client: Client, path: str, pairs: Pairs) -> Any:
    """The page that a form leads to; nothing of it is kept."""
    data: dict[str, list[str]] = {}
    for name, value in pairs:
        data.setdefault(name, []).append(value)
    with undone(client):
        return _html(client.post(path, data))


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """Whatever happens inside, afterwards the database and the visitor's cookies are as before."""
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        client.cookies = SimpleCookie(cookies)


def read(answer: Any) -> bytes:
    """All of an answer; some are made while they are read, and closed at their end."""
    return b"".join(answer) if answer.streaming else answer.content


def _html(answer: Any) -> Any:
    body = read(answer)
    if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
        return None
    return lxml.html.fromstring(body) if body.strip() else None


def _forms(page: Any, path: str) -> list[tuple[str, str, Pairs, dict[str, list[str]]]]:
    """Where each form goes and how, its fields, and the choices of its menus."""
    found = []
    for form in () if page is None else page.forms:
        action = (form.get("action") or path).split("?")[0].split("#")[0] or path
        if not action.startswith("/"):
            action = path
        pairs, choices = _controls(form)
        if pairs:
            found.append((action, (form.get("method") or "get").lower(), pairs, choices))
    return found


def _controls(form: Any) -> tuple[Pairs, dict[str, list[str]]]:
    pairs: list[tuple[str, str]] = []
    choices: dict[str, list[str]] = {}
    for control in form.xpath(".//input|.//select|.//textarea|.//button"):
        name = control.get("name")
        if not name or "__prefix__" in name or name == "csrfmiddlewaretoken":
            continue
        if control.tag == "select":
            options = [option.get("value", "") for option in control.iter("option")]
            choices[name] = [option for option in options if option]
            chosen = [
                o.get("value", "") for o in control.iter("option") if o.get("selected") is not None
            ]
            pairs += [(name, value) for value in chosen or options[:1]]
        elif control.tag == "textarea":
            pairs.append((name, control.text or ""))
        elif control.get("type") in ("radio", "checkbox"):
            if control.get("checked") is not None or name == "_selected_action":
                pairs.append((name, control.get("value") or "on"))
            elif all(name != other for other, _ in pairs) and control.get("type") == "radio":
                pairs.append((name, control.get("value") or ""))
        elif name not in ("_continue", "_addanother", "_saveasnew"):
            pairs.append((name, control.get("value") or ""))
    return tuple(pairs), choices


def with_value(door: Door, values: dict[str, str]) -> list[tuple[str, str]]:
    """The pairs to send: the form's own, with ``values`` in place of those they name."""
    kept = [pair for pair in door.others if pair[0] not in values]
    return [*kept, *values.items()]
