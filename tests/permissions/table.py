"""docs/permissions.md, written from the rule book in doors.py."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from django.urls import URLPattern, URLResolver, get_resolver

from tests.permissions.doors import (
    ACTIONS,
    COMMANDS,
    OPEN,
    Door,
    all_doors,
)
from tests.permissions.people import (
    DELETED,
    DRAFT,
    DRAFT_SESSION,
    KINDS,
    PRIVATE,
    SUPERUSERS,
    THEIRS,
    THEIRS_PRIVATE,
    Role,
)
from tests.permissions.people import OPEN as PUBLIC

PATH: Final = Path(__file__).resolve().parents[2] / "docs" / "permissions.md"
_OPENS: Final = {OPEN, "told"}
_OURS: Final = frozenset({PUBLIC, PRIVATE, DRAFT, DRAFT_SESSION})
#: Sets of kinds, each with its word.
_WORDS: Final = (
    (frozenset({PUBLIC, THEIRS}), "public"),
    (frozenset({PUBLIC, PRIVATE, THEIRS}), "known"),
    (_OURS, "ours"),
    (frozenset({PUBLIC, PRIVATE}), "ours, published"),
    (_OURS | {THEIRS}, "ours, public"),
    (frozenset({PUBLIC, PRIVATE, THEIRS, THEIRS_PRIVATE}), "published"),
    (frozenset(KINDS) - {DELETED}, "all"),
)
_INTRODUCTION: Final = """\
# Permissions

Who may open what, and what everybody else is answered. This page is written from the rules that
the tests hold the portal to (`python -m tests.permissions_table` writes it anew, and a test says
when it is out of date). `tests/portal/test_permissions.py` asks a selection of it in `make test`;
`tests/portal/test_permissions_matrix.py` asks all of it in `make proof`: every address, form and
action, as each of these people, about each kind of object. It also holds that

- no answer says a title, name, number, address or id of an object that the person may not know of,
  nor a KS;
- what is hidden is answered word for word like what does not exist;
- no request changes a row of an event that is not one's own to change, whatever the form holds.

The rules themselves are in `events/permissions.py` (teams), `events/queries.py` (who may know of
an event) and `events/access.py` (who may enter a room, and when).

## People

| Column | Who |
|---|---|
| anonymous | not signed in |
| signed in | an account, and nothing else |
| registered, speaker, session moderator | of our events; the last two on stage |
| analyst, moderator, manager, owner | in the team of our events, and may open the admin |
| staff, no team | may open the admin, and belongs to no team |
| superuser | everything, of every event |

The team of another event is the same people asking about *another's* objects: a role counts in its
own event only.

## Objects

Ours, ours and private (by invitation), a draft event of ours, a draft session of ours; another
team's, theirs and private, theirs and a draft; deleted ones.

## Answers

| In a cell | Means |
|---|---|
| ✓ | opens, where no object makes a difference |
| public | opens for published public events, whosever they are |
| known | the same, and for our private ones |
| ours | opens for ours, drafts too |
| ours, published | opens for ours that are no drafts |
| ours, public | ours, and published public ones of others |
| published | opens for every object that is no draft |
| all | opens for every object that there is |
| sign in | leads to the sign-in page |
| index | leads back to the admin's first page |
| 403, 404, 405 | that status |

Where an object opens for some, what follows the semicolon answers all else.
"""


def page() -> str:
    """The whole file."""
    parts = [_INTRODUCTION]
    for section, doors in groupby(all_doors_by_section(), key=lambda door: door.section):
        parts.append(f"## {section}\n\n{_table(doors)}")
    return "\n".join([*parts, _actions(), _commands()])


def all_doors_by_section() -> list[Door]:
    """Without actions, which have a table of their own; sections in the order of their first."""
    doors = [door for door in all_doors() if not door.form.startswith("action:")]
    order = list(dict.fromkeys(door.section for door in doors))
    return sorted(doors, key=lambda door: order.index(door.section))


def addresses() -> dict[str, str]:
    """Every URL name with its address, the first where several have the name."""
    found: dict[str, str] = {}
    for name, route in _walk(get_resolver()):
        found.setdefault(name, route)
    return found


def _walk(resolver: URLResolver, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    for each in resolver.url_patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLPattern):
            yield f"{space}{each.name}", route
        else:
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _walk(each, route, inner)


def _table(doors: Iterable[Door]) -> str:
    known = addresses()
    lines = [_row(["", *Role]), _row(["---"] * (len(Role) + 1))]
    seen = set()
    for door in doors:
        route = known[door.name].replace("^", "").replace("|", "\\|")
        title = f"{door.method} `/{_plain(route, door)}`"
        cells = _row([title, *(cell(door, role) for role in Role)])
        if cells not in seen:
            lines.append(cells)
        seen.add(cells)
    return "\n".join(lines) + "\n"


def _plain(route: str, door: Door) -> str:
    """The route as people write it."""
    if door.name == "admin:app_list":
        return f"admin/{door.section.removeprefix('Admin: ')}/"
    if door.name == "admin:kaltura_bridge_choice":
        return route.replace("<slug:verb>", "<verb>").replace("int:", "")
    for kind in ("slug:", "int:", "path:"):
        route = route.replace(kind, "")
    return route


def cell(door: Door, role: Role) -> str:
    """What this person is answered at this door, in a few words."""
    answers = {kind: door.expect(role, kind) for kind in door.kinds}
    opens = frozenset(kind for kind, said in answers.items() if said in _OPENS)
    refusals = list(dict.fromkeys(said for said in answers.values() if said not in _OPENS))
    if not opens:
        return " or ".join(refusals)
    if not refusals:
        return "✓"
    there = frozenset(door.kinds)
    word = next(word for kinds, word in _WORDS if kinds & there == opens)
    return f"{word}; {' or '.join(refusals)}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _actions() -> str:
    """Who is offered which action; on rows of their own events only."""
    lines = [
        "## Actions on the rows of a list\n",
        "Offered to those marked; they act on rows of their own events, whatever is sent.\n",
        _row(["List", "Action", *Role]),
        _row(["---"] * (len(Role) + 2)),
    ]
    for table, offered in ACTIONS.items():
        for action, roles in offered.items():
            marks = ("✓" if role in roles | SUPERUSERS else "" for role in Role)
            lines.append(_row([f"`{table}`", f"`{action}`", *marks]))
    return "\n".join(lines) + "\n"


def _commands() -> str:
    lines = [
        "## Commands\n",
        "`python manage.py …` asks nobody who they are: whoever has a shell on the server has its "
        "settings too. None can be reached over HTTP, and an event that does not exist is refused "
        "in words.\n",
        _row(["Command", "About"]),
        _row(["---", "---"]),
        *(_row([f"`{name}`", about]) for name, about in COMMANDS.items()),
    ]
    return "\n".join(lines) + "\n"
