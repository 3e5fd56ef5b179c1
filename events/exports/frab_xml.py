"""frab's schedule.xml, as pretalx, c3voc's tools and schedule apps read it.

Source: https://github.com/voc/schedule/tree/master/validator/xsd
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from events.characters import clean_text
from events.exports.schedule import GENERATOR, FrabSchedule, ScheduledDay, ScheduledTalk


def to_xml(schedule: FrabSchedule) -> bytes:
    """The whole document, UTF-8."""
    root = etree.Element("schedule")
    etree.SubElement(root, "generator", name=GENERATOR)
    _text(root, "version", schedule.version)
    _conference(root, schedule)
    for day in schedule.days:
        _day(root, day, schedule.base_url)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _conference(root: etree._Element, schedule: FrabSchedule) -> None:
    event = schedule.event
    conference = etree.SubElement(root, "conference")
    values = {
        "acronym": schedule.acronym,
        "title": schedule.content.text(event, "title"),
        "start": event.starts_on.isoformat(),
        "end": event.ends_on.isoformat(),
        "days": str(len(schedule.days)),
        "timeslot_duration": "00:05",
        "base_url": schedule.base_url,
        "time_zone_name": event.timezone,
    }
    for name, value in values.items():
        _text(conference, name, value)
    for track in schedule.tracks:
        name = clean_text(schedule.content.text(track, "name"))
        etree.SubElement(conference, "track", name=name, color=track.color, slug=track.slug)


def _day(root: etree._Element, day: ScheduledDay, site: str) -> None:
    element = etree.SubElement(
        root,
        "day",
        index=str(day.index),
        date=day.date.isoformat(),
        start=day.starts_at.isoformat(),
        end=day.ends_at.isoformat(),
    )
    for name, talks in day.rooms.items():
        room = etree.SubElement(element, "room", name=clean_text(name))
        for talk in talks:
            _event(room, talk, site)


def _event(room: etree._Element, talk: ScheduledTalk, site: str) -> None:
    session = talk.session
    event = etree.SubElement(room, "event", guid=clean_text(session.guid), id=str(session.pk))
    for name, value in _fields(talk):
        _text(event, name, value)
    recording = etree.SubElement(event, "recording")
    _text(recording, "license", "")
    _text(recording, "optout", "false")
    persons = etree.SubElement(event, "persons")
    for appearance in talk.people:
        speaker = appearance.speaker
        person = etree.SubElement(
            persons, "person", id=str(speaker.pk), guid=clean_text(speaker.guid)
        )
        person.text = clean_text(speaker.name)
    for name, found in (("link", talk.links), ("attachment", talk.attachments(site))):
        group = etree.SubElement(event, f"{name}s")
        for address, title in found:
            etree.SubElement(group, name, href=clean_text(address)).text = clean_text(title)


def _fields(talk: ScheduledTalk) -> Iterator[tuple[str, str]]:
    session, texts = talk.session, talk.texts
    yield "date", talk.starts_at.isoformat()
    yield "start", f"{talk.starts_at:%H:%M}"
    yield "duration", talk.duration
    yield "room", session.location
    yield "slug", talk.slug
    yield "url", talk.url
    yield "title", texts["title"]
    yield "subtitle", texts["subtitle"]
    yield "track", talk.track
    yield "type", session.get_session_type_display()
    yield "language", session.language
    yield "abstract", texts["abstract"]
    yield "description", texts["description"]


def _text(parent: etree._Element, name: str, value: str) -> None:
    etree.SubElement(parent, name).text = clean_text(value)
