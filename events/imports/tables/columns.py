"""Which column of a table is what: guessed from its header, in the portal's five languages.

The first words of each field are those that our own exports write.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.utils.translation import gettext_lazy as _

from events.i18n.languages import Words
from events.imports.schedule import BrokenFile
from events.imports.tables.sheets import TableFile, TableSheet, is_empty, letters

#: Above a header people write a title, a date, an empty line.
HEADER_WITHIN: Final = 10


@dataclass(frozen=True)
class TableField:
    """What a column can hold; ``headers`` are what it may be called, separated by bars."""

    key: str
    label: Words
    headers: str
    is_needed: bool = False


SESSION_FIELDS: Final = (
    TableField(
        "id",
        _("Id"),
        "session id|guid|id|uuid|event id|talk id|code|sitzungs id|kennung|identificador"
        "|identifiant|מזהה",
    ),
    TableField(
        "title",
        _("Title"),
        "title|session title|talk|talk title|session|name|titel|vortrag|thema|título|titulo|charla"
        "|sesión|titre|conférence|intitulé|כותרת|שם ההרצאה|הרצאה",
        is_needed=True,
    ),
    TableField(
        "subtitle",
        _("Subtitle"),
        "subtitle|untertitel|subtítulo|subtitulo|sous titre|כותרת משנה",
    ),
    TableField("status", _("Status"), "status|state|zustand|estado|statut|état|סטטוס|מצב"),
    TableField(
        "type",
        _("Type"),
        "type|session type|kind|format|typ|art|tipo|formato|genre|סוג",
    ),
    TableField(
        "track",
        _("Track"),
        "track|topic|stream|strang|themenbereich|tema|pista|parcours|thème|מסלול",
    ),
    TableField(
        "room",
        _("Room"),
        "room|location|place|hall|venue|stage|raum|saal|ort|bühne|sala|lugar|salón|salle|lieu"
        "|חדר|אולם|מקום",
    ),
    TableField(
        "language",
        _("Language"),
        "language|lang|spoken language|sprache|idioma|lengua|langue|שפה",
    ),
    TableField("date", _("Day"), "date|day|datum|tag|fecha|día|dia|jour|date du jour|תאריך|יום"),
    TableField(
        "start",
        _("Start"),
        "start local|start|starts|start time|starts at|begin|from|time|beginn|anfang|startzeit"
        "|uhrzeit|von|inicio|comienzo|hora|hora de inicio|empieza|début|debut|heure|heure de début"
        "|de|התחלה|שעת התחלה|שעה",
        is_needed=True,
    ),
    TableField(
        "end",
        _("End"),
        "end local|end|ends|end time|ends at|until|to|finish|ende|endzeit|bis|fin|final"
        "|hora de fin|termina|heure de fin|à|סיום|סוף|שעת סיום",
    ),
    TableField(
        "duration",
        _("Length"),
        "duration|length|minutes|min|dauer|länge|minuten|duración|duracion|minutos|durée|duree|משך|דקות",
    ),
    TableField(
        "timezone",
        _("Time zone"),
        "timezone|time zone|tz|zeitzone|zona horaria|fuseau horaire|אזור זמן",
    ),
    TableField("start_utc", _("Start in UTC"), "start utc"),
    TableField("end_utc", _("End in UTC"), "end utc"),
    TableField(
        "speakers",
        _("Speakers"),
        "speakers|speaker|speaker names|presenters|presenter|persons|people|by|referenten|referent"
        "|referentin|referentinnen|sprecher|sprecherin|vortragende|ponentes|ponente|oradores"
        "|intervenants|intervenant|orateurs|orateur|מרצים|מרצה|דוברים|דובר",
    ),
    TableField(
        "moderators",
        _("Moderators"),
        "moderators|moderator|chair|host|hosts|moderation|moderatorin|moderatoren|moderadores"
        "|moderador|modérateurs|modérateur|animateur|מנחים|מנחה",
    ),
    TableField(
        "abstract",
        _("Abstract"),
        "abstract|summary|teaser|zusammenfassung|kurzbeschreibung|kurzfassung|resumen|résumé|resume|תקציר",
    ),
    TableField(
        "description",
        _("Description"),
        "description|details|beschreibung|descripción|descripcion|תיאור",
    ),
    TableField(
        "places", _("Places"), "places|capacity|seats|plätze|kapazität|plazas|aforo|capacité|מקומות"
    ),
)


SPEAKER_FIELDS: Final = (
    TableField(
        "id", _("Id"), "speaker id|guid|id|uuid|code|kennung|identificador|identifiant|מזהה"
    ),
    TableField(
        "name",
        _("Name"),
        "name|speaker|speaker name|full name|person|referent|referentin|vor und nachname|nombre"
        "|nombre completo|ponente|nom|nom complet|intervenant|שם|שם מלא|מרצה",
        is_needed=True,
    ),
    TableField(
        "title",
        _("Position and organisation"),
        "title|position|organisation|organization|company|affiliation|job title|titel|funktion"
        "|firma|cargo|organización|empresa|fonction|entreprise|תפקיד|ארגון",
    ),
    TableField(
        "biography",
        _("Biography"),
        "biography|bio|about|biographie|biografie|lebenslauf|vita|biografía|biografia|semblanza"
        "|ביוגרפיה|אודות",
    ),
    TableField(
        "address",
        _("Address of the account"),
        "address|email|e mail|mail|e mail address|adresse|e mail adresse|correo|correo electrónico"
        "|courriel|adresse e mail|אימייל|דואר אלקטרוני",
    ),
)


@dataclass(frozen=True)
class TableLayout:
    """Where a table's header is and what its columns are (``columns``: field by position)."""

    sheet: int
    header: int
    columns: Mapping[int, str]

    def column_of(self, field: str) -> int | None:
        return next((at for at, key in self.columns.items() if key == field), None)


def fold_header(value: object) -> str:
    """A header without what spellings of one differ in: case, hyphens, (notes), * for "needed"."""
    text = unicodedata.normalize("NFC", str(value or "")).casefold()
    return " ".join(re.sub(r"\([^)]*\)|[\W_]+", " ", text).split())


@cache
def _by_header(fields: tuple[TableField, ...]) -> dict[str, str]:
    return {
        fold_header(header): field.key for field in fields for header in field.headers.split("|")
    }


def known_headers(row: Iterable[object], fields: tuple[TableField, ...] = SESSION_FIELDS) -> int:
    """How many of these cells are headers that we know."""
    known = _by_header(fields)
    return len({known[name] for name in map(fold_header, row) if name in known})


def guess_layout(
    table: TableFile,
    fields: tuple[TableField, ...] = SESSION_FIELDS,
    remembered: Mapping[str, str] | None = None,
    sheet: int | None = None,
) -> TableLayout:
    """The sheet and row that hold the most headers we know, and what their columns are.

    ``remembered``: what a person said that headers mean, by their folded names ("" for nothing).
    """
    best = (-1, 0, 0)
    for number, each in enumerate(table.sheets):
        if sheet is not None and number != sheet:
            continue
        for at, row in enumerate(each.rows[:HEADER_WITHIN]):
            # The first sheet and row win a tie.
            if (known := known_headers(row, fields)) > best[0] and not all(map(is_empty, row)):
                best = (known, number, at)
    known, number, at = best
    columns: dict[int, str] = {}
    by_header = {**_by_header(fields), **(remembered or {})}
    for position, cell in enumerate(table.sheets[number].rows[at] if known >= 0 else ()):
        key = by_header.get(fold_header(cell), "")
        if key and key not in columns.values():
            columns[position] = key
    return TableLayout(number, at, columns)


def headers_of(sheet: TableSheet, header: int) -> list[tuple[int, str, str]]:
    """The columns that have a header or values: position, letter, header."""
    row = sheet.rows[header] if header < len(sheet.rows) else ()
    width = max((len(each) for each in sheet.rows[header:]), default=0)
    return [
        (at, letters(at), "" if at >= len(row) or is_empty(row[at]) else str(row[at]).strip())
        for at in range(width)
    ]


def check_layout(layout: TableLayout, fields: Sequence[TableField]) -> None:
    """Raises BrokenFile where a column is missing that every table of this kind needs."""
    found = set(layout.columns.values())
    missing = [str(field.label) for field in fields if field.is_needed and field.key not in found]
    if "start" not in found and "start_utc" in found:
        missing = [label for label in missing if label != str(_("Start"))]
    if missing:
        raise BrokenFile(
            f"No column is called {' or '.join(f'“{label}”' for label in missing)}. Name it so in "
            "the first row, or choose the column."
        )
