"""Which delivery settings stand together in the admin, and for which types of session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from events.models import SessionType
from kaltura_bridge.delivery.room_tags import ROOM_TAGS

Types = tuple[str, ...]

ON_AIR: Final[Types] = (SessionType.WEBCAST, SessionType.STUDIO)
WATCHED: Final[Types] = (*ON_AIR, SessionType.SIMULIVE)
PLAYED: Final[Types] = (SessionType.SIMULIVE,)
ROOMS: Final[Types] = (SessionType.INTERACTIVE, SessionType.WEBINAR)
WITH_ROOM: Final[Types] = (*ROOMS, SessionType.STUDIO)


@dataclass(frozen=True)
class Part:
    """A few settings under one heading, for the same types."""

    title: str
    types: Types
    names: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """What opens and closes as one."""

    title: str
    parts: tuple[Part, ...]
    note: str = ""

    @property
    def types(self) -> Types:
        return tuple(t for t in SessionType.values if any(t in part.types for part in self.parts))


TAG_FIELDS: Final = tuple(tag.name for tag in ROOM_TAGS.values() if not tag.by_type)


def _tag_parts() -> Iterator[Part]:
    for title, tags in groupby((ROOM_TAGS[name] for name in TAG_FIELDS), lambda tag: tag.group):
        yield Part(title, ROOMS, tuple(tag.name for tag in tags))


GROUPS: Final = (
    Group(
        "Video",
        (
            Part(
                "What is played",
                PLAYED,
                ("source_entry_id", "pre_clip_id", "post_clip_id", "replay"),
            ),
        ),
    ),
    Group(
        "Webcasts",
        (
            Part(
                "Recording and going live",
                ON_AIR,
                ("recording", "recordings_hidden", "preview", "self_serve", "channel"),
            ),
            Part("Rewinding", WATCHED, ("dvr", "dvr_window_minutes")),
            Part("Picture and slides", WATCHED, ("thumbnail_url", "slides_entry_id")),
        ),
    ),
    Group(
        "Chat and questions",
        (
            Part(
                "Beside the video",
                WATCHED,
                ("chat", "questions", "questions_before_minutes", "questions_after_minutes"),
            ),
        ),
    ),
    Group(
        "Rooms",
        (Part("How rooms are made", WITH_ROOM, ("room_form", "room_template_id")),),
    ),
    Group(
        "Room settings",
        tuple(_tag_parts()),
        "These are for location resources only: Kaltura keeps them as tags of the resource. "
        "Room entries take their look and their settings from a template room.",
    ),
)
PARTS: Final = tuple(part for group in GROUPS for part in group.parts)
TYPES_OF: Final = {name: part.types for part in PARTS for name in part.names}


def words(types: Iterable[str]) -> str:
    """Types of sessions as people read them."""
    return ", ".join(SessionType(type_).label.lower() for type_ in types)
