"""What an import would do, for people (lines) and for programs (JSON whose keys stay)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from events.imports.plan import ChangeKind, FieldChange, ImportPlan, RecognisedRows, SessionPlan

SIGNS = {ChangeKind.NEW: "+", ChangeKind.CHANGED: "~", ChangeKind.REMOVED: "-"}
HEADINGS = {
    ChangeKind.NEW: "New",
    ChangeKind.CHANGED: "Changed",
    ChangeKind.REMOVED: "Removed from the schedule, to be cancelled",
}


def report_json(plan: ImportPlan, applied: bool) -> dict[str, Any]:
    return {
        **{kind.value: len(plan.of_kind(kind)) for kind in ChangeKind},
        "rejected": [
            {"row": one_line(r.row), "field": r.field, "reason": one_line(r.reason, 300)}
            for r in plan.rejected
        ],
        "applied": applied,
        "event": "new" if plan.is_new_event else "changed" if plan.event_changes else "unchanged",
        "renamed_speakers": len(plan.renamed),
        "pictures": len(plan.pictures),
        "recognised": {
            "sessions": len(plan.recognised.sessions),
            "speakers": len(plan.recognised.speakers),
        },
        "warnings": [one_line(warning, 600) for warning in plan.warnings.lines()],
        "warning_counts": [
            {"warning": one_line(w, 300), "count": count, "examples": _examples(plan, w)}
            for w, count in plan.warnings.counts.items()
        ],
        "on_stage": [
            {
                "id": one_line(p.session.guid, 200),
                "title": one_line(p.session.title, 250),
                "people": [one_line(speaker.name, 200) for speaker in p.people],
            }
            for p in plan.sessions
            if p.people
        ],
        "error": "",
    }


def report_lines(plan: ImportPlan) -> Iterator[str]:
    """Everything that would change, before it does."""
    yield _event_line(plan)
    yield from (_change_line(change) for change in plan.event_changes)
    for kind, heading in HEADINGS.items():
        if found := plan.of_kind(kind):
            yield f"{heading}:"
            for session in found:
                yield from _session_lines(plan, session)
    if plan.renamed:
        yield "Renamed people:"
        yield from (f"  ~ {one_line(c.old)} → {one_line(c.new)}" for _, c in plan.renamed)
    if plan.pictures:
        yield "Links to pictures of people:"
        yield from (f"  + {one_line(str(p.speaker))}: {one_line(p.url)}" for p in plan.pictures)
    if plan.rejected:
        yield "Rejected:"
        yield from (
            f"  ! {one_line(r.row)}: {one_line(r.field)} {one_line(r.reason, 300)}"
            for r in plan.rejected
        )
    if plan.recognised.sessions or plan.recognised.speakers:
        yield _recognised_line(plan.recognised)
    yield from (f"Note: {one_line(warning, 600)}" for warning in plan.warnings.lines())


def _examples(plan: ImportPlan, warning: str) -> list[str]:
    return [one_line(example, 300) for example in plan.warnings.examples[warning]]


def summary(plan: ImportPlan) -> str:
    counts = [f"{len(plan.of_kind(kind))} {kind.value}" for kind in ChangeKind]
    return ", ".join([*counts, f"{len(plan.rejected)} rejected"]) + "."


def _event_line(plan: ImportPlan) -> str:
    event = plan.event
    state = "a new event" if plan.is_new_event else "exists"
    days = f"{event.starts_on} to {event.ends_on}, {event.timezone}"
    return f"Event {event.slug} ({state}): “{one_line(event.title)}”, {days}"


def _recognised_line(found: RecognisedRows) -> str:
    counts = [(len(found.sessions), "session"), (len(found.speakers), "speaker")]
    named = " and ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n)
    return (
        f"Recognised by the ids of this portal: {named} made by hand. No later schedule "
        "cancels them."
    )


def _session_lines(plan: ImportPlan, found: SessionPlan) -> Iterator[str]:
    session = found.session
    when = f"{session.starts_at.astimezone(plan.event.zone):%Y-%m-%d %H:%M}"
    known = one_line(session.guid)
    yield f"  {SIGNS[found.kind]} {when} “{one_line(session.title)}” ({known})"
    if found.kind is ChangeKind.NEW and found.people:
        yield f"      on stage: {one_line(', '.join(s.name for s in found.people), 300)}"
    if found.kind is ChangeKind.NEW:
        yield from (f"      in {each}" for each in found.translations)
        yield from (f"      link: {one_line(f'{m} ({m.url})')}" for m in found.links)
    if found.kind is ChangeKind.CHANGED:
        yield from (_change_line(change) for change in found.changes)


def _change_line(change: FieldChange) -> str:
    return f"      {change.field}: {_value(change.old)} → {_value(change.new)}"


def _value(text: str) -> str:
    return one_line(text, 60) if text else "(empty)"


def one_line(text: str, length: int = 160) -> str:
    """One printable line: a title must not move the cursor or colour the terminal."""
    kept = "".join(c if unicodedata.category(c) not in {"Cc", "Cs", "Cf"} else " " for c in text)
    line = " ".join(kept.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
