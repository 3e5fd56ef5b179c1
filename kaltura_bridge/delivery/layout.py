"""How the admin groups the delivery settings, and for which types of session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.utils.translation import gettext_lazy as _

from events.i18n.languages import Words
from events.models import SessionType
from kaltura_bridge.delivery.room_tags import ROOM_TAGS

Types = tuple[str, ...]

ON_AIR: Final[Types] = (SessionType.WEBCAST, SessionType.STUDIO)
WATCHED: Final[Types] = (*ON_AIR, SessionType.SIMULIVE)
PLAYED: Final[Types] = (SessionType.SIMULIVE,)
ROOMS: Final[Types] = (SessionType.INTERACTIVE, SessionType.WEBINAR)
EVERY_TYPE: Final[Types] = tuple(SessionType.values)
WITH_ROOM: Final[Types] = (*ROOMS, SessionType.STUDIO)


@dataclass(frozen=True)
class SettingsPart:
    """Settings under one heading, for the same types."""

    title: Words
    types: Types
    names: tuple[str, ...]


@dataclass(frozen=True)
class SettingsGroup:
    """Parts that open and close together; ``of_resources``: without effect in room entries."""

    title: Words
    parts: tuple[SettingsPart, ...]
    note: Words = ""
    of_resources: bool = False

    @property
    def types(self) -> Types:
        """Those of all its parts, in the order of the form."""
        return tuple(t for t in SessionType.values if any(t in part.types for part in self.parts))


TAG_FIELDS: Final = tuple(tag.name for tag in ROOM_TAGS.values() if not tag.by_type)


def _tag_parts() -> Iterator[SettingsPart]:
    for title, tags in groupby((ROOM_TAGS[name] for name in TAG_FIELDS), lambda tag: tag.group):
        yield SettingsPart(title, ROOMS, tuple(tag.name for tag in tags))


GROUPS: Final = (
    SettingsGroup(
        _("At the door"),
        (SettingsPart(_("People with two devices"), EVERY_TYPE, ("second_device",)),),
    ),
    SettingsGroup(
        _("Drafts"),
        (SettingsPart(_("Before they are published"), EVERY_TYPE, ("prepare_drafts",)),),
    ),
    SettingsGroup(
        _("Members and gallery"),
        (
            SettingsPart(_("Who sees what at Kaltura"), EVERY_TYPE, ("privacy_context",)),
            SettingsPart(_("A second view"), EVERY_TYPE, ("gallery",)),
        ),
    ),
    SettingsGroup(
        _("Video"),
        (
            SettingsPart(
                _("Video and clips"),
                PLAYED,
                ("source_entry_id", "pre_clip_id", "post_clip_id", "replay"),
            ),
        ),
    ),
    SettingsGroup(
        _("Recordings for attendees"),
        (
            SettingsPart(
                _("On the portal"), EVERY_TYPE, ("recordings_by_hand", "recordings_download")
            ),
            SettingsPart(_("At Kaltura"), ON_AIR, ("recordings_redirect",)),
        ),
    ),
    SettingsGroup(
        _("Webcasts"),
        (
            SettingsPart(
                _("Recording and going live"),
                ON_AIR,
                ("recording", "preview", "self_serve", "channel", "push_publish"),
            ),
            SettingsPart(
                _("Recordings"),
                ON_AIR,
                (
                    "recordings_hidden",
                    "recordings_copy_access",
                    "recordings_archived",
                    "recordings_copy_thumbnail",
                    "recordings_copy_schedule",
                ),
            ),
            SettingsPart(_("Rewinding"), WATCHED, ("dvr", "dvr_window_minutes")),
            SettingsPart(
                _("Image and slides"), WATCHED, ("thumbnail", "thumbnail_url", "slides_entry_id")
            ),
            SettingsPart(_("Quality and marks"), WATCHED, ("conversion_profile_id", "admin_tags")),
        ),
    ),
    SettingsGroup(
        _("Watching"),
        (SettingsPart(_("Player"), EVERY_TYPE, ("player", "player_uiconf_id")),),
    ),
    SettingsGroup(
        _("Chat and questions"),
        (
            SettingsPart(
                _("Beside the video"),
                WATCHED,
                ("chat", "questions", "questions_before_minutes", "questions_after_minutes"),
            ),
        ),
    ),
    SettingsGroup(
        _("Rooms"),
        (
            SettingsPart(_("How rooms are created"), WITH_ROOM, ("room_form", "room_template_id")),
            SettingsPart(_("How many sessions a room is for"), ROOMS, ("room_sharing",)),
            SettingsPart(_("Rooms made as location resources"), ROOMS, ("recording_entry_id",)),
        ),
    ),
    SettingsGroup(
        _("Owner and calendar"),
        (
            SettingsPart(_("At Kaltura"), EVERY_TYPE, ("owner_id",)),
            SettingsPart(
                _("In Kaltura's calendars"),
                EVERY_TYPE,
                ("organizer", "classification", "calendar_tags", "calendar_details"),
            ),
        ),
        _(
            "Kaltura's calendars get one event for each session, never a series: what repeats "
            "is planned as single sessions, each with its own time, room and recording."
        ),
    ),
    SettingsGroup(
        _("Room settings"),
        tuple(_tag_parts()),
        _(
            "Only for rooms that are created as location resources: Kaltura "
            "keeps these settings as tags of the resource. Room entries take "
            "look and settings from a template room."
        ),
        of_resources=True,
    ),
)
#: Settings that are on, off, or inherited.
SWITCHES: Final = (
    "dvr",
    "recordings_hidden",
    "recordings_copy_access",
    "recordings_archived",
    "recordings_copy_thumbnail",
    "recordings_copy_schedule",
    "push_publish",
    "preview",
    "self_serve",
    "calendar_details",
)
PARTS: Final = tuple(part for group in GROUPS for part in group.parts)
TYPES_OF: Final = {name: part.types for part in PARTS for name in part.names}


def type_labels(types: Iterable[str]) -> str:
    """Types of sessions as people read them."""
    return ", ".join(SessionType(type_).label.lower() for type_ in types)
