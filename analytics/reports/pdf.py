"""The report of an event or session as a PDF: the same figures as on its page, in tables.

The charts stay on the page, which prints them; the people are in the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from analytics.privacy.modes import PrivacyRules
from analytics.reports.comparison import figures_shown
from analytics.reports.event import event_page
from analytics.reports.figures import Figure
from analytics.reports.session import SessionReport
from analytics.reports.session_table import SessionRow
from events.exports.pdf import FAMILY, new_document
from events.i18n.dates import in_letters
from events.models import Event, Session

if TYPE_CHECKING:
    from fpdf import FPDF

# A page with more sessions takes seconds to set; the files hold all of them.
MOST_SESSIONS: Final = 100
MARGIN_MM: Final = 15

Cells = Sequence[str]


def session_pdf(
    session: Session, rules: PrivacyRules, report: SessionReport | None, now: datetime
) -> bytes:
    """One session; ``report`` is None where only groups of people are shown. Raises FontMissing."""
    zone = session.event.zone
    starts = in_letters(session.starts_at.astimezone(zone), "D d M Y, H:i")
    when = f"{starts} ({session.event.timezone})"
    document = _begun(session.title, [session.event.title, when, rules.notice], now)
    _figures(document, report.figures if report else figures_shown(session, rules))
    if report is not None:
        _heading(document, _("How complete this is"))
        state = str(report.completeness.state.label)
        _lines(document, [state, *report.completeness.reasons])
        _table(
            document,
            [_("Source"), _("State"), _("Pulled"), _("Rows")],
            (
                [
                    source.label,
                    str(source.state.label),
                    in_letters(row.pulled_at.astimezone(zone), "d M Y, H:i")
                    if (row := source.coverage) and row.pulled_at
                    else _("never"),
                    f"{row.pulled_rows} / {row.expected_rows}" if row else "–",
                ]
                for source in report.completeness.sources
            ),
            (30, 30, 25, 15),
        )
    return bytes(document.output())


def event_pdf(event: Event, rules: PrivacyRules, asked: Mapping[str, str], now: datetime) -> bytes:
    """An event, or what the filters take of it, with its sessions. Raises FontMissing."""
    days = f"{in_letters(event.starts_on, 'd M Y')} – {in_letters(event.ends_on, 'd M Y')}"
    document = _begun(event.title, [days, rules.notice], now)
    if not rules.lists_people:
        # A part of the event would tell more than its own page.
        _figures(document, figures_shown(event, rules))
        return bytes(document.output())
    page = event_page(event, asked, now)
    _figures(document, page.figures)
    _heading(document, _("Sessions"))
    _lines(document, [str(page.completeness.state.label)])
    _table(
        document,
        [
            _("Starts"),
            _("Session"),
            _("Attended"),
            _("Peak"),
            _("Median minutes"),
            _("Completeness"),
        ],
        (_session_cells(event, row) for row in page.rows[:MOST_SESSIONS]),
        (18, 36, 11, 9, 11, 15),
    )
    if len(page.rows) > MOST_SESSIONS:
        _lines(document, [_("And %(more)d more.") % {"more": len(page.rows) - MOST_SESSIONS}])
    return bytes(document.output())


def _session_cells(event: Event, row: SessionRow) -> Cells:
    figures = row.figures
    return [
        in_letters(row.session.starts_at.astimezone(event.zone), "D d M, H:i"),
        row.session.title,
        str(figures.attended),
        str(figures.peak) if figures.peak_at else "–",
        "–" if figures.median_minutes is None else str(figures.median_minutes),
        str(row.completeness.state.label),
    ]


def _begun(title: str, lines: Sequence[str], now: datetime) -> FPDF:
    """A document with its title, what it is about, and when it was made."""
    document = new_document(title)
    document.set_margin(MARGIN_MM)
    document.set_auto_page_break(True, MARGIN_MM)
    document.add_page()
    document.set_font(FAMILY, "B", 18)
    document.multi_cell(0, 9, title, align="L", new_x="LMARGIN", new_y="NEXT")
    made = _("Made on %(day)s UTC") % {"day": in_letters(now, "d M Y, H:i")}
    _lines(document, [*lines, made])
    return document


def _figures(document: FPDF, figures: Iterable[Figure]) -> None:
    rows = (
        [
            f"{each.term.label}",
            f"{each.value or '–'}{f' ({each.detail})' if each.detail else ''}",
            str(each.term.definition),
        ]
        for each in figures
    )
    _table(document, [_("Figure"), _("Value"), _("What it means")], rows, (26, 26, 48))


def _heading(document: FPDF, text: str) -> None:
    document.ln(4)
    document.set_font(FAMILY, "B", 13)
    document.multi_cell(0, 7, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _lines(document: FPDF, lines: Iterable[str]) -> None:
    document.set_font(FAMILY, "", 9)
    for line in lines:
        document.multi_cell(0, 5, line, align="L", new_x="LMARGIN", new_y="NEXT")
    document.ln(2)


def _table(document: FPDF, names: Cells, rows: Iterable[Cells], widths: tuple[int, ...]) -> None:
    """Rows under a heading that every page repeats."""
    from fpdf import FontFace  # As heavy as events/exports/pdf.py says.

    document.set_font(FAMILY, "", 8)
    with document.table(
        col_widths=widths,
        text_align="LEFT",
        line_height=4.5,
        padding=1,
        headings_style=FontFace(emphasis="BOLD"),
    ) as table:
        for cells in (names, *rows):
            table.row(list(cells))
