"""Files that are no schedule but often taken for one, refused by their own name."""

from __future__ import annotations

import re

from events.imports.schedule import BrokenFile

ADVICE = "take the schedule.xml or schedule.json export"
WEB_PAGE = "a web page, not a schedule"
# How a file begins, without white space, in lower case.
BEGINNINGS = {
    b"begin:vcalendar": "an iCalendar file",
    b'["vcalendar"': "a jCal file (iCalendar in JSON)",
    b"pk\x03\x04": "a ZIP archive or a spreadsheet",
    b"\x1f\x8b": "a gzip archive",
    b"%pdf-": "a PDF",
}
ROOTS = {
    "html": WEB_PAGE,
    "icalendar": "an xCal file (iCalendar in XML)",
    "vcalendar": "an xCal file (iCalendar in XML)",
    "rss": "a news feed",
    "feed": "a news feed",
}
# A web page is rarely well-formed XML, so it is known before it is parsed.
PAGE = re.compile(rb"\s*(<\?xml[^>]*>|<!--.*?-->|\s)*<(!doctype\s+html|html)[\s>/]", re.I | re.S)


def check_beginning(data: bytes) -> None:
    """Raises BrokenFile naming the format when the file's first bytes tell it."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if PAGE.match(head):
        raise _refusal(WEB_PAGE)
    start = re.sub(rb"\s+", b"", head[:64]).lower()
    for beginning, name in BEGINNINGS.items():
        if start.startswith(beginning):
            raise _refusal(name)


def check_root(name: str) -> None:
    """Raises BrokenFile naming the format when an XML file's root element tells it."""
    if found := ROOTS.get(name.casefold()):
        raise _refusal(found)


def _refusal(name: str) -> BrokenFile:
    return BrokenFile(f"The file is {name}; {ADVICE}.")
