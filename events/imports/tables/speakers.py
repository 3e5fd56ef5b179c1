"""Rows of a table -> speakers, found again by id, by the address of their account, or by name."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from events.characters import fold_name
from events.imports.people import key_of_name
from events.imports.plan import ChangeKind, FieldChange
from events.imports.speakers import SpeakerImport, SpeakerPlan
from events.imports.tables.columns import SPEAKER_FIELDS, TableLayout, check_layout
from events.imports.tables.judging import JudgedRow, judged_rows, limited, rejections_of
from events.imports.tables.sheets import TableFile
from events.models import Event, Speaker

_LIMITS: Final = {
    key: int(getattr(Speaker._meta.get_field(name), "max_length", None) or 0)
    for key, name in (("id", "external_id"), ("name", "name"), ("title", "title"))
}
_WRITTEN: Final = ("name", "title", "biography")
#: Where a workbook ends a text that does not fit into a cell.
_CELL_END: Final = 32_767


class PeopleTable:
    """A sheet of speakers, read against the event that it is brought into."""

    def __init__(self, table: TableFile, layout: TableLayout, event: Event) -> None:
        check_layout(layout, SPEAKER_FIELDS)
        self.rows = judged_rows(table.sheets[layout.sheet], layout)
        self.plan = SpeakerImport(event)
        for note in table.notes:
            self.plan.warnings.note(note)
        self.by_key: dict[str, Speaker] = {}
        self.by_name: dict[str, list[Speaker]] = defaultdict(list)
        self.by_address: dict[str, list[Speaker]] = defaultdict(list)
        for speaker in event.speakers.select_related("user"):
            self.by_key[speaker.guid] = speaker
            self.by_name[fold_name(speaker.name)].append(speaker)
            if speaker.user:
                self.by_address[speaker.user.email.casefold()].append(speaker)
        # What rows were called that are gone: they mean the one that was kept, and rename nobody.
        self.gone: dict[str, set[str]] = defaultdict(set)
        for alias in event.speaker_aliases.select_related("speaker"):
            self.by_key.setdefault(alias.guid, alias.speaker)
            self.gone[alias.speaker.guid].add(fold_name(alias.name))
            if not self.by_name.get(fold_name(alias.name)):
                self.by_name[fold_name(alias.name)] = [alias.speaker]
        self.seen: dict[str, int] = {}

    def planned(self) -> SpeakerImport:
        """Every row judged, and compared with who is here."""
        for row in self.rows:
            self._identify(row)
        for row in self.rows:
            found = self._planned(row)
            if row.errors or found is None:
                self.plan.rejected += rejections_of(row)
            else:
                self.plan.speakers.append(found)
        return self.plan

    def _identify(self, row: JudgedRow) -> None:
        """Who the row is. One person on two rows is an error of the second."""
        row.external_id = row.read("id", limited(_LIMITS["id"])) or ""
        name = row.read("name", limited(_LIMITS["name"])) or ""
        address = row.read("address", limited(0)) or ""
        where = "id" if row.external_id else "name"
        if row.external_id:
            row.known = self.by_key.get(row.external_id)
            row.external_id = row.known.guid if row.known else row.external_id
        else:
            found = self.by_address.get(address.casefold()) if address else None
            where = "address" if found else "name"
            row.known = self._only(row, where, found or self.by_name.get(fold_name(name), []))
            row.external_id = row.known.guid if row.known else key_of_name(fold_name(name))
        if (first := self.seen.setdefault(row.external_id, row.number)) != row.number:
            row.refuse(
                where,
                _("Row %(n)d is the same person.") % {"n": first},
                _("one row for each person; two of one name need ids"),
            )

    def _only(self, row: JudgedRow, where: str, found: list[Speaker]) -> Speaker | None:
        if len(found) > 1:
            row.refuse(
                where,
                _("%(n)d speakers of this event can be meant.") % {"n": len(found)},
                _("the id of one: %(ids)s")
                % {"ids": " / ".join(speaker.guid for speaker in found[:3])},
            )
        return found[0] if len(found) == 1 else None

    def _planned(self, row: JudgedRow) -> SpeakerPlan | None:
        speaker = row.known or Speaker(event=self.plan.event, external_id=row.external_id)
        kind = ChangeKind.UNCHANGED if row.known else ChangeKind.NEW
        found = SpeakerPlan(kind, speaker)
        for name in _WRITTEN:
            if name not in row.cells:
                continue
            new = row.read(name, limited(_LIMITS.get(name, 0), long=name == "biography"))
            old = getattr(speaker, name)
            if new is None or new == old.strip() or _is_cut(new, old):
                continue
            if name == "name" and fold_name(new) in self.gone.get(speaker.guid, ()):
                continue
            setattr(speaker, name, new)
            if row.known:
                found.kind = ChangeKind.CHANGED
                found.changes.append(FieldChange(name, old, new))
        if not speaker.name and not row.errors:
            row.refuse("name", _("The name is missing."), _("a name"))
        if not row.errors:
            self._check(row, speaker)
        return found

    def _check(self, row: JudgedRow, speaker: Speaker) -> None:
        try:
            speaker.clean_fields(exclude=["event", "user"])
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                row.refuse(name if name in row.cells else "name", " ".join(messages))


def _is_cut(new: str, old: str) -> bool:
    return len(old) > len(new) >= _CELL_END - 2 and old.startswith(new)
