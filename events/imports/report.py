"""What an import would do, for people (lines) and for programs (JSON whose keys stay)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from events.imports.diff import Change, Fate, ImportPlan, SessionPlan

SIGNS = {Fate.NEW: "+", Fate.CHANGED: "~", Fate.REMOVED: "-"}
HEADINGS = {
    Fate.NEW: "New",
    Fate.CHANGED: "Changed",
    Fate.REMOVED: "Removed from the schedule, to be cancelled",
}


def report_json(plan: ImportPlan, applied: bool) -> dict[str, Any]:
    return {
        **{fate.value: len(plan.of(fate)) for fate in Fate},
        "rejected": [
            {"row": shown(r.row), "field": r.field, "reason": shown(r.reason, 300)}
            for r in plan.rejected
        ],
        "applied": applied,
        "event": "new" if plan.is_new_event else "changed" if plan.event_changes else "unchanged",
        "renamed_speakers": len(plan.renamed),
        "warnings": [shown(warning, 300) for warning in plan.warnings],
        "error": "",
    }


def report_lines(plan: ImportPlan) -> Iterator[str]:
    """Everything that would change, before it does."""
    yield _event_line(plan)
    yield from (_change_line(change) for change in plan.event_changes)
    for fate, heading in HEADINGS.items():
        if found := plan.of(fate):
            yield f"{heading}:"
            for session in found:
                yield from _session_lines(plan, session)
    if plan.renamed:
        yield "Renamed people:"
        yield from (f"  ~ {shown(c.old)} → {shown(c.new)}" for _, c in plan.renamed)
    if plan.rejected:
        yield "Rejected:"
        yield from (
            f"  ! {shown(r.row)}: {shown(r.field)} {shown(r.reason, 300)}" for r in plan.rejected
        )
    yield from (f"Note: {shown(warning, 300)}" for warning in plan.warnings)


def summary(plan: ImportPlan) -> str:
    counts = [f"{len(plan.of(fate))} {fate.value}" for fate in Fate]
    return ", ".join([*counts, f"{len(plan.rejected)} rejected"]) + "."


def _event_line(plan: ImportPlan) -> str:
    event = plan.event
    state = "a new event" if plan.is_new_event else "exists"
    days = f"{event.starts_on} to {event.ends_on}, {event.timezone}"
    return f"Event {event.slug} ({state}): “{shown(event.title)}”, {days}"


def _session_lines(plan: ImportPlan, found: SessionPlan) -> Iterator[str]:
    session = found.session
    when = f"{session.starts_at.astimezone(plan.event.zone):%Y-%m-%d %H:%M}"
    known = shown(session.external_id)
    yield f"  {SIGNS[found.fate]} {when} “{shown(session.title)}” ({known})"
    if found.fate is Fate.CHANGED:
        yield from (_change_line(change) for change in found.changes)


def _change_line(change: Change) -> str:
    return f"      {change.field}: {_value(change.old)} → {_value(change.new)}"


def _value(text: str) -> str:
    return shown(text, 60) if text else "(empty)"


def shown(text: str, length: int = 160) -> str:
    """One printable line: a title must not move the cursor or colour the terminal."""
    kept = "".join(c if unicodedata.category(c) not in {"Cc", "Cs", "Cf"} else " " for c in text)
    line = " ".join(kept.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
