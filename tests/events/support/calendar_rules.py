"""What calendars ask of a subscribed file, read from its bytes and without a library.

Where a rule is from stands at it; RFC 5545 is https://www.rfc-editor.org/rfc/rfc5545, for
what Outlook makes of it see https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxcical/.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

_LINE: Final = re.compile(
    r"(?P<name>[A-Z0-9-]+)(?P<params>(?:;[A-Z0-9-]+=(?:\"[^\"]*\"|[^\";:,]*))*):"
)
_PARAM: Final = re.compile(r";([A-Z0-9-]+)=(\"[^\"]*\"|[^\";:,]*)")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_TEXTS: Final = frozenset({"SUMMARY", "DESCRIPTION", "LOCATION", "X-WR-CALNAME"})
# https://support.google.com/calendar/answer/37118: larger files are refused on import.
GOOGLE_MOST_BYTES: Final = 1024 * 1024


@dataclass
class Component:
    """``BEGIN`` to ``END``: its properties as (name, parameters, raw value), and its parts."""

    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def values(self, name: str) -> list[str]:
        return [value for each, _, value in self.lines if each == name]

    def count(self) -> Counter[str]:
        return Counter(name for name, _, _ in self.lines)


def broken_rules(body: bytes) -> list[str]:
    """Each rule that the file breaks, with the line or entry; none when every calendar takes it."""
    if wrong := [*_of_bytes(body)]:
        return wrong
    calendar = _tree(body)
    if calendar.name != "VCALENDAR":
        return ["3.4: the file is not one VCALENDAR"]
    return [*_of_calendar(calendar), *_of_zones(calendar), *_of_entries(calendar)]


def _of_bytes(body: bytes) -> Iterator[str]:
    if len(body) > GOOGLE_MOST_BYTES:
        yield "Google: larger than 1 MB"
    if not body.endswith(b"\r\n") or re.search(rb"(?<!\r)\n|\r(?!\n)", body):
        yield "3.1: a line does not end with CRLF"
    for line in body.split(b"\r\n"):
        if len(line) > 75:
            yield f"3.1: {len(line)} octets in one line: {line[:40]!r}"
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield f"3.1.4: folded inside of a letter, or not UTF-8: {line!r}"
            continue
        if _CONTROL.search(text):
            yield f"3.1: a control character: {text!r}"


def _tree(body: bytes) -> Component:
    """The components of an unfolded file."""
    root = Component("")
    stack = [root]
    for line in re.sub(r"\r\n[ \t]", "", body.decode()).split("\r\n")[:-1]:
        found = _LINE.match(line)
        name, value = (found["name"], line[found.end() :]) if found else ("", line)
        if name == "BEGIN":
            stack[-1].parts.append(Component(value))
            stack.append(stack[-1].parts[-1])
        elif name == "END":
            stack.pop()
        else:
            params = {
                key: text.strip('"')
                for key, text in _PARAM.findall(found["params"] if found else "")
            }
            stack[-1].lines.append((name, params, value))
    return root.parts[0] if len(root.parts) == 1 and not root.lines else root


def _of_calendar(calendar: Component) -> Iterator[str]:
    count = calendar.count()
    for name in ("PRODID", "VERSION"):
        if count[name] != 1:
            yield f"3.6: {name} stands {count[name]} times"
    if calendar.values("VERSION") != ["2.0"]:
        yield "3.7.4: the version is not 2.0"
    # MS-OXCICAL 2.1.3.1.1.1: a file of several appointments is published, not an invitation.
    if calendar.values("METHOD") != ["PUBLISH"]:
        yield "Outlook: METHOD is not PUBLISH"
    # RFC 7986 5.7 for Apple, MS-OXCICAL's X-PUBLISHED-TTL for Outlook.
    if not count["REFRESH-INTERVAL"] or not count["X-PUBLISHED-TTL"]:
        yield "Apple, Outlook: no hint how often to look again"
    if not all(calendar.values("X-WR-CALNAME")) or count["X-WR-CALNAME"] != 1:
        yield "Google, Apple, Outlook: the calendar has no name (X-WR-CALNAME)"
    if "" in count:
        yield f"3.1: no property: {calendar.values('')}"


def _of_zones(calendar: Component) -> Iterator[str]:
    zones = [part for part in calendar.parts if part.name == "VTIMEZONE"]
    names = [name for zone in zones for name in zone.values("TZID")]
    used = {
        params["TZID"] for part in calendar.parts for _, params, _ in part.lines if "TZID" in params
    }
    if len(names) != len(set(names)) or len(names) != len(zones):
        yield f"3.6.5: a zone without a name, or twice: {names}"
    # Outlook refuses the whole file; Google takes such times for UTC.
    if missing := used - set(names):
        yield f"3.2.19: zones without VTIMEZONE: {missing}"
    # Google knows zones by their IANA names and X-WR-TIMEZONE.
    for zone in zones:
        rules = [part for part in zone.parts if part.name in ("STANDARD", "DAYLIGHT")]
        if not rules or len(rules) != len(zone.parts):
            yield f"3.6.5: a zone without rules: {zone.values('TZID')}"
        for rule in rules:
            # https://github.com/iCalcreator/iCalcreator/issues/86: summer is an hour off.
            if rule.count()["RDATE"]:
                yield f"Outlook: reads no RDATE in zones: {zone.values('TZID')}"
            if {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO"} - set(rule.count()):
                yield f"3.6.5: an incomplete rule of {zone.values('TZID')}"


def _of_entries(calendar: Component) -> Iterator[str]:
    entries = [part for part in calendar.parts if part.name == "VEVENT"]
    seen = Counter(uid for entry in entries for uid in entry.values("UID"))
    # Google drops the second of two entries with one UID, Apple shows either.
    yield from (f"3.8.4.7: UID twice: {uid}" for uid, times in seen.items() if times > 1)
    for entry in entries:
        title = entry.values("SUMMARY")
        yield from (f"{wrong} ({title})" for wrong in _of_entry(entry))


def _of_entry(entry: Component) -> Iterator[str]:
    count = entry.count()
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "LAST-MODIFIED"):
        if count[name] != 1:
            yield f"3.6.1: {name} stands {count[name]} times"
            return
    for name, params, value in entry.lines:
        if not value.strip():
            yield f"Outlook: {name} is empty"
        if name in _TEXTS and re.search(r"(?<!\\)(?:\\\\)*(?:\\[^\\;,nN]|[;,])", value):
            yield f"3.3.11: {name} is not escaped: {value[:60]}"
        if name in ("DTSTAMP", "LAST-MODIFIED") and not re.fullmatch(r"\d{8}T\d{6}Z", value):
            yield f"3.8.7: {name} is not in UTC"
        # A time without a zone floats: it is another moment for each reader.
        if name in ("DTSTART", "DTEND") and not (value.endswith("Z") ^ ("TZID" in params)):
            yield f"3.3.5: {name} has no zone, or two"
    if "@" not in entry.values("UID")[0] or len(entry.values("UID")[0]) > 255:
        yield "RFC 5546 2.1.5, MS-OXCICAL: the UID is not global, or too long"
    if not re.fullmatch(r"\d{1,9}", entry.values("SEQUENCE")[0]):
        yield "3.8.7.4: SEQUENCE is no number"
    yield from _of_status(entry)
    # Google and Outlook drop an entry that ends before it begins.
    if _written(entry, "DTEND") <= _written(entry, "DTSTART"):
        yield "3.8.2.2: it ends before it begins"


def _of_status(entry: Component) -> Iterator[str]:
    status = entry.values("STATUS")
    if status not in (["CONFIRMED"], ["CANCELLED"]):
        yield f"3.8.1.11: STATUS is {status}"
    # Apple and Outlook go on showing a cancelled entry of a subscription; its title must tell.
    if (status == ["CANCELLED"]) != entry.values("SUMMARY")[0].startswith("Cancelled: "):
        yield "Apple, Outlook: the title does not tell that it is cancelled"


def _written(entry: Component, name: str) -> datetime:
    """The moment; times with a zone are compared as they are written in it."""
    ((params, value),) = [(params, value) for each, params, value in entry.lines if each == name]
    zone = ZoneInfo(params["TZID"]) if "TZID" in params else UTC
    return (
        datetime.strptime(value.removesuffix("Z"), "%Y%m%dT%H%M%S")
        .replace(tzinfo=zone)
        .astimezone(UTC)
    )
