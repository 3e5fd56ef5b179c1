"""frab's schedule.xml, as pretalx, frab and c3voc write it."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from events.characters import clean_line
from events.imports.formats import check_root
from events.imports.schedule import BrokenFile, RawRow, ScheduleDay, ScheduleFile, ScheduleHeader

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
    """Read the file. Raises BrokenFile when it is not such a file at all."""
    root = _root(data)
    conference = root.find("conference")
    if conference is None:
        raise BrokenFile("The file has no <conference>: it is not a schedule.")
    days = [
        (ScheduleDay(*(_attribute(day, name) for name in ("date", "start", "end"))), day)
        for day in root.findall("day")
    ]
    rows = [row for day, element in days for row in _rows(day, element)]
    return ScheduleFile(_header(conference), [day for day, _ in days], rows)


def _root(data: bytes) -> etree._Element:
    """The root of the document; nothing outside it is read and no entity is expanded."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BrokenFile(f"The file is not well-formed XML: {_sentence(error)}") from error
    check_root(str(etree.QName(root).localname))
    if root.getroottree().docinfo.internalDTD is not None:
        # No schedule needs one, and entities are what XML bombs are made of.
        raise BrokenFile("The file has a DOCTYPE, which a schedule never needs. Remove it.")
    if root.tag != "schedule":
        raise BrokenFile(f"The file's root is <{root.tag}>; a schedule begins with <schedule>.")
    return root


def _sentence(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else "it is empty"
    return text.removesuffix(" (<string>, line 0)").rstrip(".") + "."


def _header(conference: etree._Element) -> ScheduleHeader:
    names = ("title", "acronym", "start", "end", "time_zone_name", "day_change")
    return ScheduleHeader(*(clean_line(conference.findtext(name) or "") for name in names))


def _rows(day: ScheduleDay, element: etree._Element) -> Iterator[RawRow]:
    for room in element.findall("room"):
        for event in room.findall("event"):
            yield _row(day, event, _attribute(room, "name"))


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
    )


def _person(person: etree._Element) -> tuple[tuple[object, ...], object]:
    keys = (person.get(name) for name in ("guid", "code", "id"))
    return tuple(key for key in keys if key), _inner_text(person)


def _inner_text(element: etree._Element) -> str:
    return "".join(str(text) for text in element.itertext())


def _attribute(element: etree._Element, name: str) -> str:
    return (element.get(name) or "").strip()
