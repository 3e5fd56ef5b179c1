"""The console's page of one object, with a form for each action that it allows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import format_time
from kaltura_simulator.state.world import World
from kaltura_simulator.ui.api_caller import Refusal
from kaltura_simulator.ui.fields import WAS, Field
from kaltura_simulator.ui.objects import ConsoleAction, ConsoleObject
from kaltura_simulator.web.html import Html, Templates, fill, joined

_TEMPLATES = Templates(Path(__file__).parent / "templates")
#: What happens when a form is sent, by the object's slug and the action.
_CONSEQUENCES = {
    ("event", "cancel"): "A cancelled event stays on the calendar and still blocks its time.",
    ("event", "delete"): "The event is deleted, together with its bookings of resources.",
    ("entry", "delete"): "Its metadata is deleted too. Its events stay on the calendar.",
    ("category", "delete"): "All categories inside it are deleted too. No entry is deleted.",
}
_VERBS = {"change": "Edit", "cancel": "Cancel", "delete": "Delete"}


def page(
    world: World,
    item: ConsoleObject,
    path: str,
    refused_action: ConsoleAction | None,
    refusal: Refusal | None,
    typed: Mapping[str, str],
) -> Html:
    """The page. ``refused_action`` failed with ``refusal``; ``typed`` was in its form."""
    sections = [
        _section(
            world,
            item,
            action,
            f"{path}{item.slug}/{item.key}/{action.name}",
            _refused(refusal) if action == refused_action and refusal else Html(""),
            typed if action == refused_action else {},
        )
        for action in item.type.actions
        if action.name != "cancel" or not item.is_cancelled
    ]
    return _TEMPLATES.render(
        "console",
        type=item.type.label,
        name=_name(world, item),
        id=item.key,
        anchor=item.anchor,
        facts=_facts(world, item),
        sections=joined(sections),
    )


def _name(world: World, item: ConsoleObject) -> str:
    if item.slug != "record":
        return f"“{item.name}”"
    return profile_name(world, item.row)


def profile_name(world: World, record: Data) -> str:
    """The name of a metadata record's profile."""
    key = record["metadataProfileId"]
    profile = world.store.get(world.options.partner_id, "metadata_profile", key)
    return str((profile or {}).get("name") or key)


def _facts(world: World, item: ConsoleObject) -> Html:
    """The line below the name."""
    row, is_record = item.row, item.slug == "record"
    facts = [
        f"on {_entry_name(world, row['templateEntryId'])}" if row.get("templateEntryId") else "",
        f"of {_entry_name(world, row['objectId'])}" if is_record else "",
        f"version {row['version']}" if is_record else "",
        "cancelled" if item.is_cancelled else "",
        f"reference ID {row['referenceId']}" if row.get("referenceId") else "",
    ]
    return joined(fill("<span>$fact</span>", fact=fact) for fact in facts if fact)


def _entry_name(world: World, key: str) -> str:
    entry = world.store.get(world.options.partner_id, "entry", key)
    return f"“{entry['name']}”" if entry else key


# ------------------------------------------------------------------------- forms
def _section(
    world: World,
    item: ConsoleObject,
    action: ConsoleAction,
    address: str,
    problem: Html,
    typed: Mapping[str, str],
) -> Html:
    is_change = action.name == "change"
    inputs = _inputs(item, typed) if is_change else _entries_choice(world, item, action, typed)
    heading = f"{_VERBS[action.name]} {item.type.label.lower()}"
    return _TEMPLATES.render(
        "console_form",
        action=action.name,
        heading=heading,
        button="Save changes" if is_change else heading,
        consequence=_CONSEQUENCES.get((item.slug, action.name), "Only changed fields are sent."),
        address=address,
        problem=problem,
        inputs=inputs,
    )


def _refused(refusal: Refusal) -> Html:
    code = fill("<code>$code</code> ", code=refusal.code) if refusal.code else Html("")
    return _TEMPLATES.render(
        "console_refused", heading=refusal.heading, code=code, message=refusal.message
    )


def _entries_choice(
    world: World, item: ConsoleObject, action: ConsoleAction, typed: Mapping[str, str]
) -> Html:
    """For a category inside another one: what happens to its entries. Else nothing."""
    if "moveEntriesToParentCategory" not in action.extra_params or not item.row.get("parentId"):
        return Html("")
    parent = world.store.get(world.options.partner_id, "category", item.row["parentId"])
    moves_up = typed.get("moveEntriesToParentCategory", "1") != "0"
    return _TEMPLATES.render(
        "console_entries",
        parent=(parent or {}).get("name", ""),
        move=Html(" checked") if moves_up else "",
        remove="" if moves_up else Html(" checked"),
    )


def _inputs(item: ConsoleObject, typed: Mapping[str, str]) -> Html:
    inputs = [_input(field, item.row, typed) for field in item.type.fields]
    if item.slug == "record":
        version = typed.get("version", item.row["version"])
        inputs.append(fill('<input type="hidden" name="version" value="$now">', now=version))
    return joined(inputs)


def _input(field: Field, row: Data, typed: Mapping[str, str]) -> Html:
    stored = field.text_of(row.get(field.name))
    text = typed.get(field.name, stored)
    return _TEMPLATES.render(
        "console_field",
        name=field.name,
        label=field.label,
        hint=_hint(field, row),
        control=_control(field, text),
        was=WAS + field.name,
        stored=typed.get(WAS + field.name, stored),
    )


def _hint(field: Field, row: Data) -> str:
    """The hint of a field; for a time, its present value spelled out."""
    value = row.get(field.name)
    if field.kind == "moment" and value is not None:
        return f"Now: {format_time(int(value), '%A %-d %B %Y, %H:%M:%S')} UTC."
    return field.hint


_CONTROLS = {
    "line": '<input id="$name" name="$name" value="$text" autocomplete="off" $by>',
    "moment": '<input type="datetime-local" step="1" id="$name" name="$name" value="$text" $by>',
    # A browser drops one line break after the tag, so there is one to drop.
    "lines": '<textarea id="$name" name="$name" rows="4" $by>\n$text</textarea>',
    "document": '<textarea class="document" id="$name" name="$name" rows="16" spellcheck="false"'
    ' autocapitalize="none" $by>\n$text</textarea>',
    "choice": '<select id="$name" name="$name" $by>$options</select>',
}


def _control(field: Field, text: str) -> Html:
    options = joined(_option(value, label, text) for value, label in _choices(field, text))
    by = fill('aria-describedby="hint-$name"', name=field.name)
    return fill(_CONTROLS[field.kind], name=field.name, text=text, options=options, by=by)


def _choices(field: Field, text: str) -> list[tuple[str, str]]:
    """The choices of a field; one more when the stored value is none of them."""
    known = [(str(value), label) for value, label in field.choices]
    return known if text in dict(known) else [(text, text or "Not set"), *known]


def _option(value: str, label: str, text: str) -> Html:
    selected = Html(" selected") if value == text else ""
    option = '<option value="$value"$selected>$label</option>'
    return fill(option, value=value, label=label, selected=selected)
