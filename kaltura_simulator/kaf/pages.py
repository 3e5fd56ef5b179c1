"""The HTML of an entry's page, and the same content as JSON for a page that is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kaltura_simulator.kaf.access import ON_STAGE, ROLE_LABELS, AdmittedUser
from kaltura_simulator.kaf.launch import CLASS_MODES
from kaltura_simulator.kaf.player import PlayerState
from kaltura_simulator.kaf.refusals import PageRefused
from kaltura_simulator.state.store import Data
from kaltura_simulator.state.timefmt import format_time
from kaltura_simulator.web.html import Html, Templates, joined

#: The details that can be shown beside an embedded entry, in this order, by address parameter.
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
    """One or two letters for a person's avatar."""
    words = [word for word in name.split() if word[0].isalnum()] or [name or "?"]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def person(visit: Data) -> dict[str, Any]:
    """One participant, as the page lists them."""
    return {
        "user_id": visit["user_id"],
        "name": visit["name"],
        "initials": initials(visit["name"]),
        "role": visit["role"],
        "role_label": ROLE_LABELS.get(visit["role"], visit["role"]),
        "on_stage": visit["role"] in ON_STAGE,
    }


def count_label(number: int, what: str) -> str:
    """``1 person here``, ``2 people here``."""
    return f"{number} {'person' if number == 1 else 'people'} {what}"


def watching_label(number: int, player: PlayerState) -> str:
    """How many people watch, or are here while nothing plays."""
    return count_label(number, "watching" if player.playing else "here")


def room_note(people: list[dict[str, Any]]) -> str:
    """The note under the participants of a room."""
    if any(participant["on_stage"] for participant in people):
        return "This is a simulated Kaltura room, without microphones and cameras."
    return "You have joined. The meeting starts when a host joins."


def room(
    participant: AdmittedUser, visit: Data, present: list[Data], beat_s: float, class_mode: str = ""
) -> Html:
    """The page of a room; ``class_mode`` is that of the older ones."""
    people = [person(v) for v in present]
    return _page(
        participant,
        "room",
        visit,
        beat_s,
        count=count_label(len(people), "here"),
        hosts=joined(_tile(p) for p in people if p["on_stage"]),
        attendees=joined(_tile(p) for p in people if not p["on_stage"]),
        stage_note=room_note(people),
        mode=_mode(class_mode),
    )


def webcast(
    participant: AdmittedUser, visit: Data, watching: int, player: PlayerState, beat_s: float
) -> Html:
    """The page of a webcast or a recording."""
    return _page(
        participant,
        "webcast",
        visit,
        beat_s,
        count=watching_label(watching, player),
        stage=player.stage,
        stage_label=player.label,
        headline=player.headline,
        stage_note=player.note,
        clock="",
        clock_from=player.clock_from,
        playing=" ".join(player.playing or ()),
        about=_about(participant.entry, player),
    )


def media(
    participant: AdmittedUser,
    visit: Data,
    player: PlayerState,
    beat_s: float,
    details: Mapping[str, str],
) -> Html:
    """One embedded entry: a player, and the details that its address asks for."""
    rows = (
        _TEMPLATES.render("detail", name=name, label=label, text=details[name])
        for name, label in DETAILS.items()
        if details.get(name)
    )
    return _page(
        participant,
        "media",
        visit,
        beat_s,
        stage=player.stage,
        stage_label=player.label,
        headline=player.headline,
        stage_note=player.note,
        clock_from=player.clock_from,
        playing=" ".join(player.playing or ()),
        details=joined(rows),
    )


def _page(
    participant: AdmittedUser, template: str, visit: Data, beat_s: float, **values: object
) -> Html:
    body = _TEMPLATES.render(
        template,
        title=participant.entry["name"],
        entry_id=participant.entry["id"],
        user_id=participant.user_id,
        user_name=participant.name,
        initials=initials(participant.name),
        role=participant.role,
        role_label=ROLE_LABELS[participant.role],
        kaf_role=participant.kaf_role,
        visit=visit["token"],
        beat_ms=round(beat_s * 1000),
        chat=_TEMPLATES.render("chat"),
        screens=_TEMPLATES.render("screens", user_name=participant.name),
        **values,
    )
    return _TEMPLATES.render("page", title=participant.entry["name"], body=body)


def _mode(class_mode: str) -> Html | str:
    label = CLASS_MODES.get(class_mode)
    return _TEMPLATES.render("mode", mode=class_mode, label=label) if label else ""


def _tile(participant: dict[str, Any]) -> Html:
    return _TEMPLATES.render("person", **participant)


def _about(entry: Data, player: PlayerState) -> Html:
    when = ""
    if player.stage == "upcoming":
        when = format_time(player.clock_from, "%A, %-d %B %Y, %H:%M UTC")
    return _TEMPLATES.render("about", when=when, text=entry.get("description") or "")


def refused(refusal: PageRefused) -> Html:
    """The page that says why another one may not be opened, and what to do."""
    body = _TEMPLATES.render(
        "refused",
        reason=refusal.reason,
        field=refusal.field,
        sentence=refusal.sentence,
        fix=refusal.fix,
        again=_TEMPLATES.render("again") if refusal.is_temporary else "",
    )
    return _TEMPLATES.render("page", title="You cannot open this page", body=body)


def room_state(present: list[Data]) -> dict[str, Any]:
    """The participants of a room, as JSON."""
    people = [person(v) for v in present]
    count = count_label(len(people), "here")
    return {"people": people, "count": count, "note": room_note(people), "stage": None}


def webcast_state(watching: int, player: PlayerState) -> dict[str, Any]:
    """What a player shows, as JSON."""
    shown = asdict(player) | {"playing": " ".join(player.playing or ())}
    return {"people": [], "count": watching_label(watching, player), "note": "", "stage": shown}
