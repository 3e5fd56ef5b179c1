"""Rows of a table -> talks, each cell judged by itself; who and what they are is looked up here.

A schedule of another program knows its talks and people by ids. A table is written by people:
where it has no id, a session is known by its title, and a person by name or address. So that
nothing is doubled, whatever could be two things is an error of that cell.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypeVar, overload
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from events.bounds import LONGEST_SESSION, MOST_PLACES
from events.characters import clean_line, fold_name
from events.imports.schedule import (
    Agenda,
    ScheduleHeader,
    SchedulePerson,
    Talk,
    WarningList,
)
from events.imports.tables.cells import (
    MOMENT_EXAMPLE,
    BadCell,
    FoundMoment,
    in_zone,
    length_of,
    moment_of,
    text_of,
    whole_number,
)
from events.imports.tables.columns import (
    SESSION_FIELDS,
    TableLayout,
    check_layout,
    fold_header,
)
from events.imports.tables.judging import JudgedRow, judged_rows, limited, rejections_of
from events.imports.tables.people import read_person, written_names
from events.imports.tables.sheets import TableFile
from events.models import Event, Session, SessionStatus, SessionType, Speaker, SpeakerRole, Track
from events.zones import known_zones

Value = TypeVar("Value")

_LONG: Final = frozenset({"abstract", "description"})
_TEXTS: Final = {
    "subtitle": "subtitle",
    "abstract": "abstract",
    "description": "description",
    "room": "location",
    "language": "language",
    "track": "track",
}
_LIMITS: Final = {
    key: int(getattr(model._meta.get_field(name), "max_length", None) or 0)
    for key, model, name in (
        ("id", Session, "external_id"),
        ("title", Session, "title"),
        ("subtitle", Session, "subtitle"),
        ("room", Session, "location"),
        ("language", Session, "language"),
        ("track", Track, "name"),
        ("speakers", Speaker, "name"),
    )
}
#: Where a workbook ends a text that does not fit into a cell.
_CELL_END: Final = 32_767
# Ids that no person has for a nickname: ours, and numbers of schedules.
_MADE_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{2,}")
SAME_TITLE: Final = (
    "A row has an id that is new here, and the title of a session that is here; it becomes a "
    "second one. Give it that session's id if it is the same."
)
CELL_FULL: Final = "A text is cut off at the end of its cell; the longer one that is here is kept."


class SessionTable:
    """A sheet of sessions, read against the event that it is brought into."""

    def __init__(
        self, table: TableFile, layout: TableLayout, event: Event, known: Mapping[str, Session]
    ) -> None:
        check_layout(layout, SESSION_FIELDS)
        self.sheet, self.layout, self.event = table.sheets[layout.sheet], layout, event
        self.known = known
        self.columns = {key: at for at, key in layout.columns.items()}
        self.warnings = WarningList()
        for note in table.notes:
            self.warnings.note(note)
        self._find_people()

    def agenda(self) -> Agenda:
        """Every row judged: talks, and cells that keep theirs out. Raises BrokenFile for none."""
        rows = judged_rows(self.sheet, self.layout)
        self._identify(rows)
        agenda = Agenda(ScheduleHeader("", "", "", "", ""), [], warnings=self.warnings)
        for row in rows:
            talk = self._talk(row)
            if row.errors or talk is None:
                agenda.rejected += rejections_of(row)
            else:
                agenda.talks.append(talk)
        return agenda

    # --- Which session a row is ------------------------------------------------

    def _identify(self, rows: list[JudgedRow]) -> None:
        self._by_id(rows)
        unnamed: dict[str, list[JudgedRow]] = defaultdict(list)
        for row in rows:
            if not row.external_id and row.title:
                unnamed[fold_name(row.title)].append(row)
        claimed = {row.external_id for row in rows}
        here: dict[str, list[Session]] = defaultdict(list)
        for guid, session in self.known.items():
            if guid not in claimed:
                here[fold_name(session.title)].append(session)
        taken = claimed | self.known.keys()
        for title, group in unnamed.items():
            self._by_title(title, group, here.get(title, []), taken)
        for row in rows:
            if not row.known and "id" in self.columns and here.get(fold_name(row.title)):
                self.warnings.note(SAME_TITLE, row.name)

    def _by_id(self, rows: list[JudgedRow]) -> None:
        for row in rows:
            row.external_id = row.read("id", _identifier) or ""
        counts = Counter(row.external_id for row in rows if row.external_id)
        for row in rows:
            row.known = self.known.get(row.external_id)
            if counts[row.external_id] > 1:
                row.refuse(
                    "id",
                    _("%(n)d rows have this id, so nobody can tell which is meant.")
                    % {"n": counts[row.external_id]},
                    _("an id of its own for each session, or none"),
                )

    def _by_title(
        self, title: str, rows: list[JudgedRow], here: list[Session], taken: set[str]
    ) -> None:
        """Rows without an id: first who begins at the same time, then one after the other."""
        left = sorted(here, key=lambda s: (s.starts_at, s.pk))
        starts = {_minute(session.starts_at): session for session in left}
        for row in rows:
            start = self._quiet_start(row)
            if start and (session := starts.pop(_minute(start), None)):
                row.known = session
                left.remove(session)
        waiting = [row for row in rows if row.known is None]
        for row in sorted(waiting, key=lambda r: (self._quiet_start(r) or _NEVER, r.number)):
            if left:
                row.known = left.pop(0)
                continue
            row.external_id = _new_id(title, taken)
            taken.add(row.external_id)
        for row in rows:
            if row.known:
                row.external_id = row.known.guid

    def _quiet_start(self, row: JudgedRow) -> datetime | None:
        before = list(row.errors)
        try:
            return self._moments(row)[0]
        finally:
            row.errors[:] = before

    # --- A talk -----------------------------------------------------------------

    def _talk(self, row: JudgedRow) -> Talk | None:
        title = row.read("title", _limited("title"))
        if title == "":
            row.refuse("title", _("The title is missing."), _("a title"))
        starts_at, ends_at = self._moments(row)
        texts: dict[str, Any] = {
            name: self._text(row, key, name) if key in row.cells else None
            for key, name in _TEXTS.items()
        }
        more = self._more(row)
        stage = self._stage(row)
        if row.errors or not title or starts_at is None or ends_at is None:
            return None
        return Talk(
            external_id=row.external_id,
            name=row.name,
            title=title,
            starts_at=starts_at,
            ends_at=ends_at,
            kind=None,
            people=tuple(stage) if stage is not None else None,
            roles=stage,
            more=more,
            cells=row.places,
            **texts,
        )

    def _text(self, row: JudgedRow, key: str, name: str) -> str | None:
        text = row.read(key, _limited(key))
        here = getattr(row.known, name, "") if row.known and key in _LONG else ""
        if text and len(here) > len(text) >= _CELL_END - 2 and here.startswith(text):
            self.warnings.note(CELL_FULL, row.name)
            return str(here)
        return text

    def _more(self, row: JudgedRow) -> dict[str, object]:
        more: dict[str, object] = {}
        if status := row.read("status", _choice(SessionStatus)):
            more["status"] = status
        if kind := row.read("type", _choice(SessionType)):
            more["session_type"] = kind
        if "places" in row.cells:
            more["capacity"] = row.read("places", lambda value: whole_number(value, MOST_PLACES))
        return more

    # --- When it is ---------------------------------------------------------------

    def _moments(self, row: JudgedRow) -> tuple[datetime | None, datetime | None]:
        zone = row.read("timezone", self._zone) or self.event.zone
        starts_at = self._start(row, zone)
        if starts_at is None:
            # The end cannot be known, but its cells are judged all the same.
            row.read("end", moment_of)
            row.read("duration", length_of)
            return None, None
        ends_at = self._end(row, zone, starts_at)
        known = row.known
        if known and ends_at:
            # Tables have minutes; what is within one is no change.
            if _minute(known.starts_at) == starts_at:
                starts_at = known.starts_at
            if _minute(known.ends_at) == ends_at and known.ends_at > starts_at:
                ends_at = known.ends_at
        return starts_at, ends_at

    def _zone(self, value: object) -> ZoneInfo | None:
        name = text_of(value)
        if not name:
            return None
        if name not in known_zones():
            raise BadCell(
                _("There is no time zone of this name."), _("a name such as Europe/Berlin")
            )
        return ZoneInfo(name)

    def _start(self, row: JudgedRow, zone: ZoneInfo) -> datetime | None:
        meant = self._utc(row, "start_utc")
        found = row.read("start", moment_of)
        day = row.read("date", moment_of)
        if row.errors and (found is None or (day is None and "date" in row.cells)):
            return None
        found, day = found or FoundMoment(), day or FoundMoment()
        if found.instant:
            return found.instant
        at = found.day or day.day
        # A spreadsheet keeps a day as its midnight.
        clock = found.clock if "start" in row.cells else day.clock
        if found.day and day.day and found.day != day.day:
            row.refuse("date", _("The start is on another day."), found.day.isoformat())
            return None
        where = "start" if "start" in row.cells else "start_utc"
        if at is None and clock is None:
            if meant is None:
                row.refuse(where, _("The start is missing."), MOMENT_EXAMPLE)
            return meant
        if at is None or clock is None:
            where = "date" if at is None and "date" in row.cells else where
            what = _("The day is missing.") if at is None else _("The time of day is missing.")
            row.refuse(where, what, MOMENT_EXAMPLE)
            return None
        return self._agreed(row, "start", lambda: in_zone(at, clock, zone, _minute(meant)), meant)

    def _end(self, row: JudgedRow, zone: ZoneInfo, starts_at: datetime) -> datetime | None:
        meant = self._utc(row, "end_utc")
        before = len(row.errors)
        found = row.read("end", moment_of) or FoundMoment()
        length = row.read("duration", length_of)
        if len(row.errors) > before:
            return None
        ends_at = found.instant
        if ends_at is None and found.clock:
            clock = found.clock
            day = found.day or starts_at.astimezone(zone).date()
            ends_at = self._agreed(
                row, "end", lambda: in_zone(day, clock, zone, _minute(meant)), meant
            )
            if ends_at is None:
                return None
            if not found.day and ends_at <= starts_at:
                # Ten in the evening to one o'clock.
                next_day = day + timedelta(days=1)
                ends_at = row.read("end", lambda value: in_zone(next_day, clock, zone))
        elif ends_at is None and found.day:
            row.refuse("end", _("The time of day is missing."), MOMENT_EXAMPLE)
            return None
        return self._checked_end(row, starts_at, ends_at, length, meant)

    def _checked_end(
        self,
        row: JudgedRow,
        starts_at: datetime,
        ends_at: datetime | None,
        length: timedelta | None,
        meant: datetime | None,
    ) -> datetime | None:
        where = "end" if "end" in row.cells else "duration"
        if ends_at and length and ends_at != starts_at + length:
            row.refuse(
                "duration", _("The end and the length disagree."), _("one of both, or both alike")
            )
            return None
        ends_at = ends_at or (starts_at + length if length else meant)
        if ends_at is None:
            where = where if where in row.cells else "start"
            row.refuse(where, _("The end is missing."), _("an end, or how long it takes"))
        elif ends_at <= starts_at:
            row.refuse(where, _("The end is not after the start."), MOMENT_EXAMPLE)
        elif ends_at - starts_at > LONGEST_SESSION:
            row.refuse(
                where,
                _("It would take more than %(days)d days.") % {"days": LONGEST_SESSION.days},
                MOMENT_EXAMPLE,
            )
        else:
            return ends_at
        return None

    def _utc(self, row: JudgedRow, name: str) -> datetime | None:
        """What our exports say beside the local time: it decides where an hour comes twice."""
        found = row.read(name, moment_of)
        if found is None or found.day is None or found.clock is None:
            return None
        return found.instant or datetime.combine(found.day, found.clock, UTC)

    def _agreed(
        self,
        row: JudgedRow,
        name: str,
        local: Callable[[], datetime],
        meant: datetime | None,
    ) -> datetime | None:
        """The local time counts; where only the one in UTC was edited, that must be said."""
        found = row.read(name, lambda value: local())
        if found is None or meant is None:
            return found
        if _minute(meant) == found:
            return meant
        known = getattr(row.known, f"{name}s_at", None)
        if known and _minute(known) == found:
            row.refuse(
                f"{name}_utc",
                _("This was edited, and the local time beside it was not."),
                _("edit the local time; this cell may be empty"),
            )
        return found

    # --- Who is on stage -------------------------------------------------------------

    def _find_people(self) -> None:
        self.by_name: dict[str, list[Speaker]] = defaultdict(list)
        self.by_key: dict[str, Speaker] = {}
        self.by_address: dict[str, list[Speaker]] = defaultdict(list)
        if self.event.pk is None:
            return
        for speaker in self.event.speakers.select_related("user"):
            self.by_name[fold_name(speaker.name)].append(speaker)
            self.by_key[speaker.guid] = speaker
            if speaker.user:
                self.by_address[speaker.user.email.casefold()].append(speaker)
        # Who stood there twice: a file that means a row that is gone means the one that was kept.
        for alias in self.event.speaker_aliases.select_related("speaker"):
            self.by_key.setdefault(alias.guid, alias.speaker)
            if not self.by_name.get(fold_name(alias.name)):
                self.by_name[fold_name(alias.name)] = [alias.speaker]

    def _stage(self, row: JudgedRow) -> dict[SchedulePerson, str] | None:
        """Everybody on stage with their role; None when no column says it.

        Who has the other role, of which there is no column, stays.
        """
        if "speakers" not in row.cells and "moderators" not in row.cells:
            return None
        now = list(row.known.appearances.all()) if row.known else []
        stage: dict[SchedulePerson, str] = {}
        for name, role in (
            ("speakers", SpeakerRole.SPEAKER),
            ("moderators", SpeakerRole.MODERATOR),
        ):
            if name in row.cells:
                for person in row.read(name, lambda value: self._people(value, now)) or ():
                    if stage.setdefault(person, role) != role:
                        row.refuse(
                            name,
                            _("%(name)s is both a speaker and a moderator.")
                            % {"name": person.name},
                            _("each person once"),
                        )
        for appearance in now:
            column = "moderators" if appearance.role == SpeakerRole.MODERATOR else "speakers"
            person = _as_person(appearance.speaker)
            if column not in row.cells:
                stage[person] = appearance.role
        return stage

    def _people(self, value: object, now: Sequence[Any]) -> list[SchedulePerson]:
        text = text_of(value, long=True)
        names = written_names(text)
        # "Lovelace, Ada" may be one of the event's speakers, whose name nobody put in quotes.
        if self.by_name.get(fold_name(text)) and not all(map(self._is_known, names)):
            names = [clean_line(text)]
        return list(dict.fromkeys(self._person(name, now) for name in names))

    def _is_known(self, written: str) -> bool:
        return bool(
            self.by_name.get(fold_name(written)) or self.by_key.get(read_person(written).key)
        )

    def _person(self, written: str, now: Sequence[Any]) -> SchedulePerson:
        if found := self.by_name.get(fold_name(written)):
            return self._only(found, written, now)
        person = read_person(written)
        if person.key and (speaker := self.by_key.get(person.key)):
            return _as_person(speaker)
        if _MADE_ID.fullmatch(person.key):
            # Exported from elsewhere, where two have this name.
            return SchedulePerson((person.key,), person.name)
        if person.address:
            return self._by_written_address(person.name, person.address, now)
        if len(written) > _LIMITS["speakers"]:
            raise BadCell(
                _("A name has %(n)d characters; %(most)d are kept.")
                % {"n": len(written), "most": _LIMITS["speakers"]},
                _("names between commas"),
            )
        return SchedulePerson((), written)

    def _by_written_address(self, name: str, address: str, now: Sequence[Any]) -> SchedulePerson:
        if found := self.by_address.get(address.casefold()):
            return self._only(found, address, now)
        if name:
            known = self.by_name.get(fold_name(name))
            return self._only(known, name, now) if known else SchedulePerson((), name)
        raise BadCell(
            _("No speaker of this event has the address %(address)s.") % {"address": address},
            _("the person's name"),
        )

    def _only(self, found: list[Speaker], written: str, now: Sequence[Any]) -> SchedulePerson:
        """The one who is meant: of several the one who is on stage already."""
        here = {appearance.speaker_id for appearance in now}
        if len(found) > 1:
            found = [speaker for speaker in found if speaker.pk in here] or found
        if len(found) > 1:
            ids = " / ".join(f"{s.name} [{s.guid}]" for s in found[:3])
            raise BadCell(
                _("%(n)d speakers of this event are called %(name)s.")
                % {"n": len(found), "name": written},
                ids,
            )
        return _as_person(found[0])


_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def _as_person(speaker: Speaker) -> SchedulePerson:
    return SchedulePerson((speaker.guid,), speaker.name)


def _identifier(value: object) -> str:
    return limited(_LIMITS["id"])(value)


def _limited(key: str) -> Callable[[object], str]:
    return limited(_LIMITS.get(key, 0), long=key in _LONG)


def _choice(choices: Any) -> Callable[[object], str]:
    """One of the words of a field, as we write it or as the page shows it; "" for an empty cell."""

    def read(value: object) -> str:
        text = fold_header(text_of(value))
        if not text:
            return ""
        for each in choices:
            if text in {fold_header(each.value), fold_header(each.label)}:
                return str(each.value)
        raise BadCell(
            _("This is none of the words that can stand here."), ", ".join(choices.values)
        )

    return read


@overload
def _minute(moment: datetime) -> datetime: ...
@overload
def _minute(moment: None) -> None: ...
def _minute(moment: datetime | None) -> datetime | None:
    return moment.replace(second=0, microsecond=0) if moment else None


def _new_id(title: str, taken: Iterable[str]) -> str:
    """An id for a session that came without one: made of its title, so people recognise it."""
    base = f"title:{title}"
    if len(base) > 180:
        base = f"{base[:140]} {sha256(base.encode()).hexdigest()[:32]}"
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base} #{number}"
    return found
