"""What a file would do to its event, as a page shows it: one document with a name of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from events.imports import parse
from events.imports.apply import PreparedImport
from events.imports.diff import ImportRules, known_sessions, plan_import
from events.imports.plan import ChangeKind, FieldChange, ImportPlan, SessionPlan
from events.imports.report import one_line, summary
from events.imports.rows import agenda_of
from events.imports.schedule import BrokenFile, RejectedTalk
from events.imports.speakers import PreparedSpeakers, SpeakerImport, SpeakerPlan
from events.imports.tables.columns import (
    SESSION_FIELDS,
    SPEAKER_FIELDS,
    TableField,
    TableLayout,
    fold_header,
    guess_layout,
    headers_of,
)
from events.imports.tables.files import is_table, read_table
from events.imports.tables.sessions import SessionTable
from events.imports.tables.sheets import TableFile
from events.imports.tables.speakers import PeopleTable
from events.models import Event, IncomingFile, IncomingKind, Session, Speaker

#: Of each kind so many are shown; the counts say how many there are.
SHOWN: Final = 200
#: So many sessions may be cancelled with nobody looking; of large programmes one in twenty.
MOST_GONE: Final = 3
_LONGEST: Final = 300


@dataclass
class IncomingPlan:
    """What a page shows of a file (``document``), and what saves it (None: nothing to save)."""

    document: dict[str, Any]
    fingerprint: str = ""
    plan: ImportPlan | SpeakerImport | None = None
    outcome: str = ""

    @property
    def summary(self) -> str:
        return summary(self.plan) if self.plan else ""

    @property
    def says_nothing_new(self) -> bool:
        """Whether every row was read, and the event says all of it already."""
        return bool(self.plan and not self.plan.changes_anything and not self.plan.rejected)

    @property
    def is_harmless(self) -> bool:
        """Whether it may come in with nobody looking: no errors, and little is cancelled."""
        if self.plan is None or self.plan.rejected or not self.plan.changes_anything:
            return False
        gone = len(self.plan.of_kind(ChangeKind.REMOVED))
        return gone <= max(MOST_GONE, sum(len(self.plan.of_kind(k)) for k in ChangeKind) // 20)

    def prepared(self) -> PreparedImport | PreparedSpeakers | None:
        """Ready to be saved; None when no row could be read."""
        if self.plan is None or not self.plan.has_readable_rows:
            return None
        if isinstance(self.plan, SpeakerImport):
            return PreparedSpeakers(self.plan)
        return PreparedImport(self.plan)


def rules_of(incoming: IncomingFile, *, of_table: bool) -> ImportRules:
    chosen = incoming.rules
    return ImportRules(
        session_type=chosen["session_type"],
        status=chosen["status"],
        remove_missing=bool(chosen.get("remove_missing")),
        of_everything=of_table,
        other_schedule=bool(chosen.get("other_schedule")),
    )


def fields_of(kind: str) -> tuple[TableField, ...]:
    """What columns of such a table can be."""
    return SPEAKER_FIELDS if kind == IncomingKind.SPEAKERS else SESSION_FIELDS


def layout_of(
    table: TableFile, incoming: IncomingFile, remembered: Mapping[str, str]
) -> TableLayout:
    """As a person chose it for this file, else as headers say, those they named before too."""
    sheet = incoming.sheet if incoming.sheet in range(len(table.sheets)) else None
    layout = guess_layout(table, fields_of(incoming.kind), remembered, sheet)
    if incoming.columns is None:
        return layout
    chosen = {int(at): key for at, key in incoming.columns.items() if key}
    return TableLayout(layout.sheet, layout.header, chosen)


def choices_of(table: TableFile, layout: TableLayout) -> dict[str, Any]:
    """What the page asks about a table; so that showing it reads no file."""
    sheet = table.sheets[layout.sheet]
    first = next(iter(sheet.rows[layout.header + 1 :]), ())
    return {
        "sheets": [each.name for each in table.sheets],
        "sheet": layout.sheet,
        "header": layout.header + 1,
        "columns": [
            {
                "at": at,
                "letter": letter,
                "header": header[:80],
                "folded": fold_header(header),
                "sample": one_line(str(first[at]), 60)
                if at < len(first) and first[at] is not None
                else "",
                "field": layout.columns.get(at, ""),
            }
            for at, letter, header in headers_of(sheet, layout.header)
        ],
    }


def read_incoming(incoming: IncomingFile, remembered: Mapping[str, str]) -> IncomingPlan:
    """Compare the file with its event. Raises BrokenFile for what cannot be read at all.

    Where only the columns are unclear, the answer asks for them (``document["table"]``).
    """
    data, event = bytes(incoming.data), incoming.event
    is_of_people = incoming.kind == IncomingKind.SPEAKERS
    if not is_table(data, incoming.name):
        if is_of_people:
            raise BrokenFile(_("Speakers come in from a table (.xlsx, .csv)."))
        plan = plan_import(
            agenda_of(parse(data), event.zone), event, rules_of(incoming, of_table=False)
        )
        return _planned(plan, {})
    table = read_table(data)
    layout = layout_of(table, incoming, remembered)
    asked = {"table": choices_of(table, layout)}
    if missing := missing_columns(layout, fields_of(incoming.kind)):
        return IncomingPlan(asked, outcome=missing)
    if is_of_people:
        return _planned(PeopleTable(table, layout, event).planned(), asked)
    known = known_sessions(event)
    agenda = SessionTable(table, layout, event, known).agenda()
    plan = plan_import(agenda, event, rules_of(incoming, of_table=True), known)
    return _planned(plan, asked)


def missing_columns(layout: TableLayout, fields: tuple[TableField, ...]) -> str:
    """Which columns have to be chosen before the rows mean anything; "" for none."""
    found = set(layout.columns.values())
    missing = [
        str(each.label)
        for each in fields
        if each.is_needed
        and each.key not in found
        and not (each.key == "start" and "start_utc" in found)
    ]
    if not missing:
        return ""
    return _("Choose the column that holds: %(fields)s.") % {"fields": ", ".join(missing)}


def _planned(plan: ImportPlan | SpeakerImport, asked: dict[str, Any]) -> IncomingPlan:
    whole: dict[str, Any] = {
        "counts": {kind.value: len(plan.of_kind(kind)) for kind in ChangeKind},
        "groups": {
            kind.value: _items(plan, kind)
            for kind in (ChangeKind.NEW, ChangeKind.CHANGED, ChangeKind.REMOVED)
        },
        "errors": [_error(row) for row in plan.rejected],
        "warnings": [one_line(line, 600) for line in plan.warnings.lines()],
    }
    if isinstance(plan, ImportPlan):
        whole["event"] = [_change(change, Event) for change in plan.event_changes]
        whole["renamed"] = [_change(change, Session) for _speaker, change in plan.renamed]
    fingerprint = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    shown = {
        **whole,
        **asked,
        "groups": {kind: items[:SHOWN] for kind, items in whole["groups"].items()},
        # All of them: they go back into the corrected file.
        "bad_rows": len({(e["sheet"], e["row"]) for e in whole["errors"]}),
        "changes": plan.changes_anything,
        "readable": plan.has_readable_rows,
    }
    return IncomingPlan(shown, fingerprint, plan)


def _items(plan: ImportPlan | SpeakerImport, kind: ChangeKind) -> list[dict[str, Any]]:
    if isinstance(plan, SpeakerImport):
        return [_person(found) for found in plan.of_kind(kind)]
    return [_session(plan, found) for found in plan.of_kind(kind)]


def _person(found: SpeakerPlan) -> dict[str, Any]:
    return {
        "title": one_line(found.speaker.name),
        "when": one_line(found.speaker.title),
        "changes": [_change(change, Speaker) for change in found.changes],
    }


def _session(plan: ImportPlan, found: SessionPlan) -> dict[str, Any]:
    session = found.session
    starts_at = session.starts_at.astimezone(plan.event.zone)
    item: dict[str, Any] = {
        "title": one_line(session.title),
        "when": f"{starts_at:%Y-%m-%d %H:%M}",
        "room": one_line(session.location),
        "changes": [_change(change, Session) for change in found.changes],
    }
    if found.kind is ChangeKind.NEW:
        ends_at = session.ends_at.astimezone(plan.event.zone)
        item["when"] += f"–{ends_at:%H:%M}"
        item["people"] = one_line(", ".join(s.name for s in found.people or ()), _LONGEST)
        item["track"] = one_line(str(found.track or ""))
    return item


def _change(change: FieldChange, model: Any) -> dict[str, str]:
    return {
        "field": _label(change.field, model),
        "old": one_line(change.old, _LONGEST),
        "new": one_line(change.new, _LONGEST),
    }


def _label(name: str, model: Any) -> str:
    known = {field.name: field for field in model._meta.concrete_fields}
    if name in known:
        return str(known[name].verbose_name)
    return {"speakers": _("speakers"), "moderators": _("moderators")}.get(name, name)


def _error(row: RejectedTalk) -> dict[str, Any]:
    cell = row.cell
    labels = {each.key: str(each.label) for each in (*SPEAKER_FIELDS, *SESSION_FIELDS)}
    return {
        "where": str(cell or ""),
        "sheet": cell.sheet if cell else "",
        "row": cell.row if cell else 0,
        "column": cell.column if cell else "",
        "about": one_line(row.row),
        "field": labels.get(row.field, row.field),
        "value": one_line(cell.value, 100) if cell else "",
        "reason": one_line(row.reason, _LONGEST),
        "expected": one_line(row.expected, _LONGEST),
    }


def errors_by_row(document: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """What is wrong with each row of a table, in one text."""
    by_row: dict[int, list[str]] = {}
    for error in document.get("errors", ()):
        text = f"{error['column']} ({error['field']}): {error['reason']}"
        if error["expected"]:
            text += f" → {error['expected']}"
        by_row.setdefault(error["row"], []).append(text)
    yield from ((row, "; ".join(texts)) for row, texts in by_row.items())
