"""The overview page as HTML: all of it, and the parts that change while it is open."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kaltura_simulator.kaf.access import ROLE_LABELS
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import format_time
from kaltura_simulator.state.visits import Visits
from kaltura_simulator.state.world import World
from kaltura_simulator.ui import console, faults, tree
from kaltura_simulator.ui.api_caller import CLIENT_TAG
from kaltura_simulator.ui.help import description_of
from kaltura_simulator.ui.objects import is_cancelled
from kaltura_simulator.ui.tree import CategoryNode, EntryNode
from kaltura_simulator.web.html import Html, Templates, fill, joined

CALLS_SHOWN = 40
#: The tree shows this many entries of one category; more would hide the tree.
ENTRIES_SHOWN = 50
_BY_CONSOLE = Html('<span class="kind">Console</span>')
#: The names of metadata profiles by their ids.
ProfileNames = dict[str, str]
_TEMPLATES = Templates(Path(__file__).parent / "templates")


def page(world: World, address: str, done: str = "") -> Html:
    """The whole page; ``done`` says what the console has just done."""
    return _TEMPLATES.render(
        "page",
        partner=world.options.partner_id,
        address=address,
        done=fill('<p class="done" role="status">$done</p>', done=done) if done else "",
        fault_buttons=faults.buttons(),
        **parts(world),
    )


def parts(world: World) -> dict[str, Html]:
    """The parts that change, by their names in the page."""
    return {
        "now": _now(world),
        "tree": _tree(world),
        "people": _people(world),
        "active_faults": faults.active(world),
        "calls": _calls(world),
    }


def _now(world: World) -> Html:
    clock = world.clock
    moved = round(clock.time() - time.time())
    note = "" if abs(moved) < 2 else f" · moved by {moved:+d} s"
    if clock.frozen_at is not None:
        note = " · stopped"
    return fill("$at$note", at=_time(clock.now(), "%A %-d %B %Y, %H:%M:%S UTC"), note=note)


def _time(unix: float, pattern: str = "%-d %b %H:%M") -> str:
    return format_time(unix, pattern)


# -------------------------------------------------------------------------- tree
def _tree(world: World) -> Html:
    found = tree.tree(world)
    names = _profile_names(world)
    items = [_category(category, names) for category in found.roots]
    items += _group("Without category", _entries(found.loose, names))
    events = joined(fill("<li>$event</li>", event=_event(event)) for event in found.events)
    items += _group("Events without entry", events)
    if not items:
        return Html('<p class="quiet">Empty. What the API creates appears here.</p>')
    return fill('<ul class="tree">$items</ul>', items=joined(items))


def _group(title: str, rows: Html) -> list[Html]:
    if not rows:
        return []
    return [fill('<li><p class="quiet">$title</p><ul>$rows</ul></li>', title=title, rows=rows)]


def _profile_names(world: World) -> ProfileNames:
    rows = world.store.all(world.options.partner_id, "metadata_profile")
    return {str(row["id"]): str(row.get("name") or row["id"]) for row in rows}


def _category(category: CategoryNode, names: ProfileNames) -> Html:
    return _TEMPLATES.render(
        "category",
        id=category.row["id"],
        name=category.row["name"],
        reference=_reference(category.row),
        children=joined(_category(child, names) for child in category.children),
        entries=_entries(category.entries, names),
        link=_link("category", category.row, "Edit or delete", category.row["name"]),
    )


def _entries(entries: list[EntryNode], names: ProfileNames) -> Html:
    items = [_entry(entry, names) for entry in entries[:ENTRIES_SHOWN]]
    if len(entries) > ENTRIES_SHOWN:
        more = len(entries) - ENTRIES_SHOWN
        items.append(fill('<li class="quiet">and $more more</li>', more=more))
    return joined(items)


def _entry(entry: EntryNode, names: ProfileNames) -> Html:
    facts = [fill("<span>$fact</span>", fact=fact) for fact in entry.facts]
    if entry.on_air:
        facts.insert(0, Html('<span class="on">On air</span>'))
    return _TEMPLATES.render(
        "entry",
        id=entry.row["id"],
        name=entry.row.get("name") or "",
        type=entry.type_label,
        css=entry.css,
        status=entry.status_label,
        reference=_reference(entry.row),
        facts=joined(facts),
        buttons=_buttons(entry),
        link=_link("entry", entry.row, "Edit or delete", entry.row.get("name")),
        events=joined(_event(event) for event in entry.events),
        records=joined(_record(record, names) for record in entry.records),
    )


def _buttons(entry: EntryNode) -> Html:
    buttons = [
        fill(
            '<button type="button" data-post="$path" data-body="$body"'
            ' data-focus="$key">$label</button>',
            path=button.path,
            body=json.dumps(button.body),
            key=f"{entry.row['id']} {button.label}",
            label=button.label,
        )
        for button in entry.buttons
    ]
    if not buttons:
        return Html("")
    return fill('<p class="buttons">$buttons</p>', buttons=joined(buttons))


def _event(event: Data) -> Html:
    start, end = event.get("startDate"), event.get("endDate")
    when = f"{_time(int(start))} - {_time(int(end), '%H:%M')} UTC" if start and end else ""
    object_type = str(event.get("objectType", ""))
    return _TEMPLATES.render(
        "event",
        id=event["id"],
        name=event.get("summary") or "",
        when=when,
        type=object_type.removeprefix("Kaltura").removesuffix("ScheduleEvent"),
        off=Html(' <b class="off">Cancelled</b>') if is_cancelled(event) else "",
        reference=_reference(event),
        link=_link("event", event, "Edit, cancel or delete", event.get("summary")),
    )


def _record(record: Data, names: ProfileNames) -> Html:
    name = names.get(str(record["metadataProfileId"]), record["metadataProfileId"])
    link = _link("record", record, "View or edit", name)
    version = record["version"]
    return _TEMPLATES.render("record", id=record["id"], name=name, version=version, link=link)


def _link(slug: str, row: Data, label: str, name: object) -> Html:
    """A link to the object in the console; screen readers hear the object's name too."""
    return fill(
        '<a class="edit" href="$path$slug/$id" data-focus="edit $slug $id">$label'
        '<span class="sr">: $name</span></a>',
        path=console.PREFIX,
        slug=slug,
        id=row["id"],
        label=label,
        name=name or "",
    )


def _reference(row: Data) -> Html:
    key = row.get("referenceId")
    return fill(' <code class="key">$key</code>', key=key) if key else Html("")


# ------------------------------------------------------------------------ people
def _people(world: World) -> Html:
    visits = Visits(world.store, world.clock, world.options.partner_id)
    by_place: dict[str, list[Data]] = {}
    for visit in visits.present():
        by_place.setdefault(visit["place"], []).append(visit)
    if not by_place:
        return Html('<p class="quiet">Nobody is online.</p>')
    return joined(_people_in(world, place, present) for place, present in by_place.items())


def _people_in(world: World, place: str, present: list[Data]) -> Html:
    """The people on the pages of one entry (or in the older room of a resource)."""
    entry = world.store.get(world.options.partner_id, "entry", place)
    name = f"{entry['name'] if entry else place} ({len(present)})"
    return _TEMPLATES.render("people", name=name, people=joined(_person(v) for v in present))


def _person(visit: Data) -> Html:
    return _TEMPLATES.render(
        "person",
        name=visit["name"],
        role=ROLE_LABELS.get(visit["role"], visit["role"]),
        since=_time(visit["joined"], "%H:%M:%S"),
        user_id=visit["user_id"],
    )


# ------------------------------------------------------------------------- calls
def _calls(world: World) -> Html:
    recorders = (world.recorder, world.page_recorder)
    calls = [call for recorder in recorders for call in recorder.calls(limit=CALLS_SHOWN)]
    latest = sorted(calls, key=lambda call: -call["at"])[:CALLS_SHOWN]
    if not latest:
        return Html('<p class="quiet">No requests yet.</p>')
    return fill("<ul>$calls</ul>", calls=joined(_call(call) for call in latest))


def _call(call: dict[str, Any]) -> Html:
    return _TEMPLATES.render(
        "call",
        key=f"{call['at']}-{call['request']}-{call['service']}.{call['action']}",
        at=_time(call["at"], "%H:%M:%S"),
        action=f"{call['service']}.{call['action']}",
        by=_BY_CONSOLE if call["params"].get("clientTag") == CLIENT_TAG else "",
        outcome=call["outcome"],
        css="good" if call["outcome"] == "ok" else "bad",
        took=_took(call),
        description=description_of(call["service"], call["action"]),
        caller=_caller(call),
        params=_pretty(call["params"]),
        answer=_pretty(call["answer"]),
    )


def _took(call: dict[str, Any]) -> str:
    fault = f" · fault {call['fault']}" if call["fault"] else ""
    return f"{call['ms']:.0f} ms{fault}"


def _caller(call: dict[str, Any]) -> str:
    parts: Iterable[str] = (
        f"account {call['partner']}" if call["partner"] else "",
        f"user {call['user']}" if call["user"] else "",
        f"HTTP request {call['request']}" if call["request"] else "",
    )
    return ", ".join(part for part in parts if part)


def _pretty(value: Any) -> str:
    """JSON with line breaks; a text that is not JSON as it is."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return str(value)
    return json.dumps(value, indent=2, ensure_ascii=False)
