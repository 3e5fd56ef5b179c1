"""The face as HTML: the whole page, and the parts that change while it is open."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kaltura_simulator.kaf.admission import ROLE_WORDS
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import shown
from kaltura_simulator.state.visits import Visits
from kaltura_simulator.state.world import World
from kaltura_simulator.ui import console, tree, trouble
from kaltura_simulator.ui.api_caller import CLIENT_TAG
from kaltura_simulator.ui.help import lesson_for
from kaltura_simulator.ui.things import CANCELLED
from kaltura_simulator.ui.tree import Category, Entry
from kaltura_simulator.web.html import Html, Templates, fill, joined

CALLS_SHOWN = 40
#: The tree shows this many entries of one category; more would hide the tree.
ENTRIES_SHOWN = 50
_BY_CONSOLE = Html('<span class="kind">Console</span>')
#: What metadata profiles are called, by their ids.
Names = dict[str, str]
_TEMPLATES = Templates(Path(__file__).parent / "templates")


def page(world: World, address: str, done: str = "") -> Html:
    """The whole page; ``done`` says what the console has just done."""
    return _TEMPLATES.render(
        "page",
        partner=world.options.partner_id,
        address=address,
        done=fill('<p class="done" role="status">$done</p>', done=done) if done else "",
        faults=trouble.buttons(),
        **parts(world),
    )


def parts(world: World) -> dict[str, Html]:
    """What changes, by its name in the page."""
    return {
        "now": _now(world),
        "tree": _tree(world),
        "people": _people(world),
        "waiting": trouble.waiting(world),
        "calls": _calls(world),
    }


def _now(world: World) -> Html:
    clock = world.clock
    moved = round(clock.time() - time.time())
    note = "" if abs(moved) < 2 else f" · moved by {moved:+d} s"
    if clock.frozen_at is not None:
        note = " · stopped"
    return fill("$at$note", at=_moment(clock.now(), "%A %-d %B %Y, %H:%M:%S UTC"), note=note)


def _moment(unix: float, form: str = "%-d %b %H:%M") -> str:
    return shown(unix, form)


# -------------------------------------------------------------------------- tree
def _tree(world: World) -> Html:
    found = tree.tree(world)
    names = _profile_names(world)
    pieces = [_category(category, names) for category in found.roots]
    pieces += _group("In no category", _entries(found.loose, names))
    events = joined(fill("<li>$event</li>", event=_event(event)) for event in found.events)
    pieces += _group("On no entry", events)
    if not pieces:
        return Html(
            '<p class="quiet">Nothing yet. The first API call that adds something shows.</p>'
        )
    return fill('<ul class="tree">$body</ul>', body=joined(pieces))


def _group(title: str, rows: Html) -> list[Html]:
    if not rows:
        return []
    return [fill('<li><p class="quiet">$title</p><ul>$rows</ul></li>', title=title, rows=rows)]


def _profile_names(world: World) -> Names:
    rows = world.store.all(world.options.partner_id, "metadata_profile")
    return {str(row["id"]): str(row.get("name") or row["id"]) for row in rows}


def _category(category: Category, names: Names) -> Html:
    return _TEMPLATES.render(
        "category",
        id=category.row["id"],
        name=category.row["name"],
        reference=_reference(category.row),
        children=joined(_category(child, names) for child in category.children),
        entries=_entries(category.entries, names),
        link=_link("category", category.row, "Change or delete", category.row["name"]),
    )


def _entries(entries: list[Entry], names: Names) -> Html:
    shown = [_entry(entry, names) for entry in entries[:ENTRIES_SHOWN]]
    if len(entries) > ENTRIES_SHOWN:
        more = len(entries) - ENTRIES_SHOWN
        shown.append(fill('<li class="quiet">and $more more</li>', more=more))
    return joined(shown)


def _entry(entry: Entry, names: Names) -> Html:
    facts = [fill("<span>$fact</span>", fact=fact) for fact in entry.facts]
    if entry.on_air:
        facts.insert(0, Html('<span class="on">On air</span>'))
    return _TEMPLATES.render(
        "entry",
        id=entry.row["id"],
        name=entry.row.get("name") or "",
        type=entry.type_words,
        css=entry.css,
        status=entry.status_words,
        reference=_reference(entry.row),
        facts=joined(facts),
        buttons=_buttons(entry),
        link=_link("entry", entry.row, "Change or delete", entry.row.get("name")),
        events=joined(_event(event) for event in entry.events),
        records=joined(_record(record, names) for record in entry.records),
    )


def _buttons(entry: Entry) -> Html:
    made = [
        fill(
            '<button type="button" data-post="$path" data-body="$body"'
            ' data-focus="$key">$words</button>',
            path=button.path,
            body=json.dumps(button.body),
            key=f"{entry.row['id']} {button.words}",
            words=button.words,
        )
        for button in entry.buttons
    ]
    return fill('<p class="buttons">$made</p>', made=joined(made)) if made else Html("")


def _event(event: Data) -> Html:
    start, end = event.get("startDate"), event.get("endDate")
    when = f"{_moment(int(start))} - {_moment(int(end), '%H:%M')} UTC" if start and end else ""
    kind = str(event.get("objectType", "")).removeprefix("Kaltura").removesuffix("ScheduleEvent")
    off = str(event.get("status")) == CANCELLED
    return _TEMPLATES.render(
        "event",
        id=event["id"],
        name=event.get("summary") or "",
        when=when,
        type=kind,
        off=Html(' <b class="off">Called off</b>') if off else "",
        reference=_reference(event),
        link=_link("event", event, "Change, cancel or delete", event.get("summary")),
    )


def _record(record: Data, names: Names) -> Html:
    name = names.get(str(record["metadataProfileId"]), record["metadataProfileId"])
    link = _link("record", record, "Show or change", name)
    version = record["version"]
    return _TEMPLATES.render("record", id=record["id"], name=name, version=version, link=link)


def _link(word: str, row: Data, words: str, name: object) -> Html:
    """Where the console changes an object; its name is there for those who hear the page."""
    return fill(
        '<a class="change" href="$path$word/$id" data-focus="change $word $id">$words'
        '<span class="sr">: $name</span></a>',
        path=console.PREFIX,
        word=word,
        id=row["id"],
        words=words,
        name=name or "",
    )


def _reference(row: Data) -> Html:
    key = row.get("referenceId")
    return fill(' <code class="key">$key</code>', key=key) if key else Html("")


# ------------------------------------------------------------------------ people
def _people(world: World) -> Html:
    visits = Visits(world.store, world.clock, world.options.partner_id)
    here: dict[str, list[Data]] = {}
    for visit in visits.present():
        here.setdefault(visit["place"], []).append(visit)
    if not here:
        return Html('<p class="quiet">Nobody is anywhere at the moment.</p>')
    return joined(_place(world, place, present) for place, present in here.items())


def _place(world: World, place: str, present: list[Data]) -> Html:
    entry = world.store.get(world.options.partner_id, "entry", place)
    name = f"{entry['name'] if entry else place} ({len(present)})"
    return _TEMPLATES.render("place", name=name, people=joined(_person(v) for v in present))


def _person(visit: Data) -> Html:
    return _TEMPLATES.render(
        "person",
        name=visit["name"],
        role=ROLE_WORDS.get(visit["role"], visit["role"]),
        since=_moment(visit["joined"], "%H:%M:%S"),
        user_id=visit["user_id"],
    )


# ------------------------------------------------------------------------- calls
def _calls(world: World) -> Html:
    every = [
        *world.recorder.calls(limit=CALLS_SHOWN),
        *world.page_recorder.calls(limit=CALLS_SHOWN),
    ]
    latest = sorted(every, key=lambda call: -call["at"])[:CALLS_SHOWN]
    if not latest:
        return Html('<p class="quiet">No request so far.</p>')
    return fill("<ul>$calls</ul>", calls=joined(_call(call) for call in latest))


def _call(call: dict[str, Any]) -> Html:
    good = call["outcome"] == "ok"
    return _TEMPLATES.render(
        "call",
        key=f"{call['at']}-{call['request']}-{call['service']}.{call['action']}",
        at=_moment(call["at"], "%H:%M:%S"),
        action=f"{call['service']}.{call['action']}",
        by=_BY_CONSOLE if call["params"].get("clientTag") == CLIENT_TAG else "",
        outcome=call["outcome"],
        css="good" if good else "bad",
        took=_took(call),
        lesson=lesson_for(call["service"], call["action"]),
        caller=_caller(call),
        params=_pretty(call["params"]),
        answer=_pretty(call["answer"]),
    )


def _took(call: dict[str, Any]) -> str:
    fault = f" · fault {call['fault']}" if call["fault"] else ""
    return f"{call['ms']:.0f} ms{fault}"


def _caller(call: dict[str, Any]) -> str:
    named: Iterable[str] = (
        f"account {call['partner']}" if call["partner"] else "",
        f"user {call['user']}" if call["user"] else "",
        f"HTTP request {call['request']}" if call["request"] else "",
    )
    return ", ".join(part for part in named if part)


def _pretty(value: Any) -> str:
    """JSON with line breaks; a text that is no JSON as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False)
