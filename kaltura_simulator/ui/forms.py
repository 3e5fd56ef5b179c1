"""One object's page in the console: what it is, and a form for each thing that can be done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import shown
from kaltura_simulator.state.world import World
from kaltura_simulator.ui.api_caller import Refusal
from kaltura_simulator.ui.fields import WAS, Field
from kaltura_simulator.ui.things import CANCELLED, Thing, Verb
from kaltura_simulator.web.html import Html, Templates, fill, joined

_TEMPLATES = Templates(Path(__file__).parent / "templates")
_WORDS = {
    ("event", "cancel"): "It stays on the calendar, called off, and still occupies its time.",
    ("event", "delete"): "It leaves the calendar, and its bookings of resources go with it.",
    ("entry", "delete"): "Its records go with it. Its events stay on the calendar.",
    ("category", "delete"): "All categories inside it go with it. No entry is deleted.",
}
_BUTTONS = {"change": "Change", "cancel": "Cancel", "delete": "Delete"}


def page(
    world: World,
    thing: Thing,
    path: str,
    verb: Verb | None,
    refusal: Refusal | None,
    typed: Mapping[str, str],
) -> Html:
    """The page. ``verb`` was refused, with what was ``typed`` into its form."""
    sections = [
        _section(
            world,
            thing,
            wish,
            f"{path}{thing.word}/{thing.key}/{wish.name}",
            _refused(refusal) if wish == verb and refusal else Html(""),
            typed if wish == verb else {},
        )
        for wish in thing.kind.verbs
        if wish.name != "cancel" or str(thing.row.get("status")) != CANCELLED
    ]
    return _TEMPLATES.render(
        "console",
        what=thing.kind.words,
        name=_name(world, thing),
        id=thing.key,
        anchor=thing.anchor,
        facts=_facts(world, thing),
        sections=joined(sections),
    )


def _name(world: World, thing: Thing) -> str:
    if thing.word != "record":
        return f"“{thing.name}”"
    return profile_name(world, thing.row)


def profile_name(world: World, record: Data) -> str:
    """What the schema of a metadata record is called."""
    key = record["metadataProfileId"]
    profile = world.store.get(world.options.partner_id, "metadata_profile", key)
    return str((profile or {}).get("name") or key)


def _facts(world: World, thing: Thing) -> Html:
    """What else there is to know, in a line."""
    row = thing.row
    found = [
        f"on {_entry_words(world, row['templateEntryId'])}" if row.get("templateEntryId") else "",
        f"of {_entry_words(world, row['objectId'])}" if thing.word == "record" else "",
        f"version {row['version']}" if thing.word == "record" else "",
        "called off" if thing.word == "event" and str(row.get("status")) == CANCELLED else "",
        f"its owner's key {row['referenceId']}" if row.get("referenceId") else "",
    ]
    return joined(fill("<span>$fact</span>", fact=fact) for fact in found if fact)


def _entry_words(world: World, key: str) -> str:
    entry = world.store.get(world.options.partner_id, "entry", key)
    return f"“{entry['name']}”" if entry else key


# ------------------------------------------------------------------------- forms
def _section(
    world: World, thing: Thing, wish: Verb, action: str, problem: Html, typed: Mapping[str, str]
) -> Html:
    inside = _fields(thing, typed) if wish.name == "change" else _choice(world, thing, wish, typed)
    return _TEMPLATES.render(
        "console_form",
        verb=wish.name,
        button=f"{_BUTTONS[wish.name]} {thing.kind.words.lower()}",
        words=_WORDS.get((thing.word, wish.name), "Only what you change is sent."),
        action=action,
        problem=problem,
        inside=inside,
    )


def _refused(refusal: Refusal) -> Html:
    code = fill("<code>$code</code> ", code=refusal.code) if refusal.code else Html("")
    return _TEMPLATES.render("console_refused", head=refusal.head, code=code, words=refusal.words)


def _choice(world: World, thing: Thing, wish: Verb, typed: Mapping[str, str]) -> Html:
    """Of a category that hangs in another: what happens to its entries. Else nothing."""
    if "moveEntriesToParentCategory" not in wish.sends or not thing.row.get("parentId"):
        return Html("")
    parent = world.store.get(world.options.partner_id, "category", thing.row["parentId"])
    keeps = typed.get("moveEntriesToParentCategory", "1") != "0"
    return _TEMPLATES.render(
        "console_entries",
        parent=(parent or {}).get("name", ""),
        up=Html(" checked") if keeps else "",
        out="" if keeps else Html(" checked"),
    )


def _fields(thing: Thing, typed: Mapping[str, str]) -> Html:
    made = [_field(field, thing.row, typed) for field in thing.kind.fields]
    if thing.word == "record":
        version = typed.get("version", thing.row["version"])
        made.append(fill('<input type="hidden" name="version" value="$now">', now=version))
    return joined(made)


def _field(field: Field, row: Data, typed: Mapping[str, str]) -> Html:
    stored = field.shown(row.get(field.name))
    text = typed.get(field.name, stored)
    return _TEMPLATES.render(
        "console_field",
        name=field.name,
        words=field.words,
        hint=_hint(field, row),
        control=_control(field, text),
        was=WAS + field.name,
        stored=typed.get(WAS + field.name, stored),
    )


def _hint(field: Field, row: Data) -> str:
    """What a field is about; of a time, when it is now, in words."""
    value = row.get(field.name)
    if field.kind == "moment" and value is not None:
        return f"Now: {shown(int(value), '%A %-d %B %Y, %H:%M:%S')} UTC."
    return field.hint


_CONTROLS = {
    "line": '<input id="$name" name="$name" value="$text" autocomplete="off" $by>',
    "moment": '<input type="datetime-local" step="1" id="$name" name="$name" value="$text" $by>',
    # A browser drops a line break behind the tag, so there is one to drop.
    "lines": '<textarea id="$name" name="$name" rows="4" $by>\n$text</textarea>',
    "document": '<textarea class="document" id="$name" name="$name" rows="16" spellcheck="false"'
    ' autocapitalize="none" $by>\n$text</textarea>',
    "choice": '<select id="$name" name="$name" $by>$options</select>',
}


def _control(field: Field, text: str) -> Html:
    options = joined(_option(value, words, text) for value, words in _choices(field, text))
    by = fill('aria-describedby="hint-$name"', name=field.name)
    return fill(_CONTROLS[field.kind], name=field.name, text=text, options=options, by=by)


def _choices(field: Field, text: str) -> list[tuple[str, str]]:
    """The choices of a field; one more when what stands there is none of them."""
    known = [(str(value), words) for value, words in field.choices]
    return known if text in dict(known) else [(text, text or "Not set"), *known]


def _option(value: str, words: str, text: str) -> Html:
    chosen = Html(" selected") if value == text else ""
    option = '<option value="$value"$chosen>$words</option>'
    return fill(option, value=value, words=words, chosen=chosen)
