"""The pages as HTML, and the same facts as JSON for a page that is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kaltura_simulator.kaf.admission import ON_STAGE, ROLE_WORDS, Guest
from kaltura_simulator.kaf.launch import CLASS_MODES
from kaltura_simulator.kaf.refusals import Refused
from kaltura_simulator.kaf.stage import Stage
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import shown
from kaltura_simulator.web.html import Html, Templates, joined

#: What may be told beside an embedded entry, in this order, by the words of its address.
DETAILS = {
    "showTitle": "Title",
    "showDescription": "Description",
    "showTags": "Tags",
    "showDuration": "Length",
    "showOwner": "Owner",
    "showUploadDate": "Added",
}

_TEMPLATES = Templates(Path(__file__).parent / "templates")


def initials(name: str) -> str:
    """One or two letters that stand for a person."""
    words = [word for word in name.split() if word[0].isalnum()] or [name or "?"]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def person(visit: Data) -> dict[str, Any]:
    """A visit as the page's participant list shows it."""
    return {
        "user_id": visit["user_id"],
        "name": visit["name"],
        "initials": initials(visit["name"]),
        "role": visit["role"],
        "role_words": ROLE_WORDS.get(visit["role"], visit["role"]),
        "on_stage": visit["role"] in ON_STAGE,
    }


def count_words(number: int, what: str) -> str:
    """``1 person here``, ``2 people here``."""
    return f"{number} {'person' if number == 1 else 'people'} {what}"


def watching_words(number: int, stage: Stage) -> str:
    """How many watch, or wait while nothing plays."""
    return count_words(number, "watching" if stage.playing else "here")


def room_note(people: list[dict[str, Any]]) -> str:
    """The sentence under the tiles of a room."""
    if any(someone["on_stage"] for someone in people):
        return "Microphones and cameras are left out of this stand-in for a Kaltura room."
    return "You are in. The room comes to life when a host joins."


def room(
    guest: Guest, visit: Data, present: list[Data], beat_s: float, class_mode: str = ""
) -> Html:
    """The page of a room; the older ones say in what mode they are."""
    people = [person(v) for v in present]
    return _page(
        guest,
        "room",
        visit,
        beat_s,
        count=count_words(len(people), "here"),
        hosts=joined(_tile(p) for p in people if p["on_stage"]),
        attendees=joined(_tile(p) for p in people if not p["on_stage"]),
        stage_note=room_note(people),
        mode=_mode(class_mode),
    )


def webcast(guest: Guest, visit: Data, watching: int, stage: Stage, beat_s: float) -> Html:
    """The page of a webcast or a recording."""
    return _page(
        guest,
        "webcast",
        visit,
        beat_s,
        count=watching_words(watching, stage),
        stage=stage.stage,
        stage_words=stage.words,
        headline=stage.headline,
        stage_note=stage.note,
        clock="",
        clock_from=stage.clock_from,
        playing=" ".join(stage.playing or ()),
        about=_about(guest.entry, stage),
    )


def media(
    guest: Guest, visit: Data, stage: Stage, beat_s: float, details: Mapping[str, str]
) -> Html:
    """One embedded entry: a picture, and what its address wants told beside it."""
    rows = (
        _TEMPLATES.render("detail", name=name, label=label, text=details[name])
        for name, label in DETAILS.items()
        if details.get(name)
    )
    return _page(
        guest,
        "media",
        visit,
        beat_s,
        stage=stage.stage,
        stage_words=stage.words,
        headline=stage.headline,
        stage_note=stage.note,
        clock_from=stage.clock_from,
        playing=" ".join(stage.playing or ()),
        details=joined(rows),
    )


def _page(guest: Guest, template: str, visit: Data, beat_s: float, **values: object) -> Html:
    body = _TEMPLATES.render(
        template,
        title=guest.entry["name"],
        entry_id=guest.entry["id"],
        user_id=guest.user_id,
        user_name=guest.name,
        initials=initials(guest.name),
        role=guest.role,
        role_words=ROLE_WORDS[guest.role],
        kaf_role=guest.kaf_role,
        visit=visit["token"],
        beat_ms=round(beat_s * 1000),
        chat=_TEMPLATES.render("chat"),
        screens=_TEMPLATES.render("screens", user_name=guest.name),
        **values,
    )
    return _TEMPLATES.render("page", title=guest.entry["name"], body=body)


def _mode(class_mode: str) -> Html | str:
    words = CLASS_MODES.get(class_mode)
    return _TEMPLATES.render("mode", mode=class_mode, words=words) if words else ""


def _tile(someone: dict[str, Any]) -> Html:
    return _TEMPLATES.render("person", **someone)


def _about(entry: Data, stage: Stage) -> Html:
    when = ""
    if stage.stage == "upcoming":
        when = shown(stage.clock_from, "%A, %-d %B %Y, %H:%M UTC")
    return _TEMPLATES.render("about", when=when, text=entry.get("description") or "")


def refused(refusal: Refused) -> Html:
    """The page of somebody who may not enter."""
    body = _TEMPLATES.render(
        "refused",
        reason=refusal.reason,
        field=refusal.field,
        sentence=refusal.sentence,
        fix=refusal.fix,
        again=_TEMPLATES.render("again") if refusal.may_pass else "",
    )
    return _TEMPLATES.render("page", title="You cannot enter here", body=body)


def room_state(present: list[Data]) -> dict[str, Any]:
    """Who is in a room, for a page that is open."""
    people = [person(v) for v in present]
    count = count_words(len(people), "here")
    return {"people": people, "count": count, "note": room_note(people), "stage": None}


def webcast_state(watching: int, stage: Stage) -> dict[str, Any]:
    """What a player shows, for a page that is open."""
    shown = asdict(stage) | {"playing": " ".join(stage.playing or ())}
    return {"people": [], "count": watching_words(watching, stage), "note": "", "stage": shown}
