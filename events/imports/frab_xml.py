"""frab's schedule.xml, as pretalx, frab and c3voc write it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from events.characters import clean_line
from events.imports.formats import check_root
from events.imports.schedule import (
    BrokenFile,
    FoundPerson,
    RawRow,
    ScheduleDay,
    ScheduleFile,
    ScheduleHeader,
)

TEXTS = (
    "date",
    "start",
    "duration",
    "end",
    "room",
    "title",
    "subtitle",
    "track",
    "type",
    "language",
    "abstract",
    "description",
)


def read(data: bytes) -> ScheduleFile:
    """Read the file. Raises BrokenFile when it is not such a file at all.

    Talk by talk, and what was read is dropped: a tree of all of it takes several times as
    much memory as the file.
    """
    days: list[ScheduleDay] = []
    rows: list[RawRow] = []
    header = None
    try:
        for step, element in _elements(data):
            path = _path(element)
            if step == "start" and not path:
                _check_root(element)
            elif step == "start" and path == ["day"]:
                days.append(_day(element))
            elif step == "end" and path == ["conference"] and header is None:
                header = _header(element)
            elif step == "end" and path == ["day", "room", "event"]:
                rows.append(
                    _row(days[-1], element, _attribute(next(element.iterancestors()), "name"))
                )
                element.clear()
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenFile(f"The file is not well-formed XML: {_sentence(error)}") from error
    if header is None:
        raise BrokenFile("The file has no <conference>: it is not a schedule.")
    return ScheduleFile(header, days, rows)


def _elements(data: bytes) -> Iterator[tuple[str, etree._Element]]:
    """Each element as it begins and ends; nothing outside is read, no entity is expanded."""
    elements: Iterator[tuple[str, etree._Element]] = etree.iterparse(
        BytesIO(data),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    return elements


def _path(element: etree._Element) -> list[str]:
    """The names from below the root down to the element."""
    names = [str(element.tag), *(str(parent.tag) for parent in element.iterancestors())]
    return names[-2::-1]


def _check_root(root: etree._Element) -> None:
    """Raises BrokenFile when the document is something else."""
    check_root(str(etree.QName(root).localname))
    if root.getroottree().docinfo.internalDTD is not None:
        # No schedule needs one, and entities are what XML bombs are made of.
        raise BrokenFile("The file has a DOCTYPE, which a schedule never needs. Remove it.")
    if root.tag != "schedule":
        raise BrokenFile(f"The file's root is <{root.tag}>; a schedule begins with <schedule>.")


def _day(day: etree._Element) -> ScheduleDay:
    return ScheduleDay(*(_attribute(day, name) for name in ("date", "start", "end")))


def _sentence(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else "it is empty"
    return text.removesuffix(" (<string>, line 0)").rstrip(".") + "."


def _header(conference: etree._Element) -> ScheduleHeader:
    names = ("title", "acronym", "start", "end", "time_zone_name", "day_change", "base_url")
    return ScheduleHeader(*(clean_line(conference.findtext(name) or "") for name in names))


def _row(day: ScheduleDay, event: etree._Element, room: str) -> RawRow:
    values: dict[str, object] = {"room": room} if room else {}
    values |= {name: event.get(name) for name in ("guid", "id") if event.get(name) is not None}
    for name in TEXTS:
        child = event.find(name)
        if child is not None:
            values[name] = _inner_text(child)
    people = event.find("persons")
    return RawRow(
        values=values,
        people=None if people is None else [_person(p) for p in people.findall("person")],
        day=day,
        where=f"line {event.sourceline}",
        links=tuple(
            (link.get("href"), _inner_text(link))
            for name in ("links/link", "attachments/attachment")
            for link in event.findall(name)
        ),
    )


def _person(person: etree._Element) -> FoundPerson:
    keys = (person.get(name) for name in ("guid", "code", "id"))
    return tuple(key for key in keys if key), _inner_text(person), None


def _inner_text(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext())


def _attribute(element: etree._Element, name: str) -> str:
    return (element.get(name) or "").strip()
