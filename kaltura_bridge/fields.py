"""Every field that the portal keeps in sync at Kaltura, a row each.

A row says what people call the field, how its value is compared and shown, and what in
the plan it stands for. Labels, adoption, duplicate times and what the adapters read all
come from here; what a field should hold is the recipes' business.

To add a field: a row here and a line in its recipe. Only a field whose wire form is more
than plain text also needs its adapter (``by_adapter``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from events.i18n.dates import moment
from events.i18n.languages import Words
from kaltura_bridge import texts
from kaltura_bridge.models.delivery import Classification, RecordingMode
from kaltura_bridge.specs import Kind

# The metadata record that Kaltura's own event page shows.
EVENT_PAGE: Final = "KMS_EVENTS3"
SHOWN_CHARACTERS: Final = 160
EMPTY: Final = "(empty)"


@dataclass(frozen=True)
class FieldType:
    """What the text that Kaltura holds means.

    ``show``: for people, moments in the given zone. ``parse``: for the plan; raises
    ValueError, LookupError or OverflowError for a text that means nothing there.
    """

    show: Callable[[str, ZoneInfo], str]
    parse: Callable[[str], object]


def _show_text(text: str, zone: ZoneInfo) -> str:
    is_long = len(text) > SHOWN_CHARACTERS
    return f"{text[:SHOWN_CHARACTERS].rstrip()}…" if is_long else text


def _show_moment(text: str, zone: ZoneInfo) -> str:
    if not text.isdigit():
        return text
    local = datetime.fromtimestamp(int(text), UTC).astimezone(zone)
    seconds = f":{local:%S}" if local.second else ""
    return f"{moment(local)}{seconds} {zone.key}"


def _choices(words: Mapping[str, Words], parse: Callable[[str], object]) -> FieldType:
    return FieldType(lambda text, zone: str(words.get(text, text)), parse)


TEXT: Final = FieldType(_show_text, str)
NUMBER: Final = FieldType(_show_text, int)
SWITCH: Final = _choices({"0": "off", "1": "on"}, lambda text: text == "1")
# Unix seconds, UTC.
MOMENT: Final = FieldType(_show_moment, lambda text: datetime.fromtimestamp(int(text), UTC))
RECORD_STATUS: Final[Mapping[str, str]] = {
    RecordingMode.NONE: "0",
    RecordingMode.APPENDED: "1",
    RecordingMode.PER_SESSION: "2",
}
_RECORDING_MODES: Final = {wire: mode for mode, wire in RECORD_STATUS.items()}
RECORDING: Final = _choices(
    {wire: RecordingMode(mode).label for mode, wire in RECORD_STATUS.items()},
    _RECORDING_MODES.__getitem__,
)
CLASSIFICATIONS: Final[Mapping[str, str]] = {
    Classification.PUBLIC: "1",
    Classification.PRIVATE: "2",
    Classification.CONFIDENTIAL: "3",
}
_CLASSES: Final = {wire: chosen for chosen, wire in CLASSIFICATIONS.items()}
CLASSIFICATION: Final = _choices(
    {wire: Classification(chosen).label for chosen, wire in CLASSIFICATIONS.items()},
    _CLASSES.__getitem__,
)
RECURRENCE: Final = _choices({"0": "once", "1": "repeats", "2": "one of a series"}, str)
SEEN_BY: Final = _choices({"1": "everybody", "2": "signed-in people", "3": "members"}, str)
MEMBERS_FROM: Final = _choices({"1": "those of the category above", "2": "its own"}, str)
ADDED_BY: Final = _choices({"1": "everybody", "2": "contributors"}, str)
LEVEL: Final = _choices(
    {"0": "manager", "1": "moderator", "2": "contributor", "3": "member", "4": "none"}, str
)
# The union of what the sources name; Kaltura's analytics knows the first only.
WEBCAST_TAGS: Final = ("kms-webcast-event", "kwebcast", "vpaas-webcast")
ADMIN_TAGS: Final = FieldType(
    _show_text,
    lambda text: ",".join(
        t for t in texts.admin_tags_read(text).split(",") if t not in WEBCAST_TAGS
    ),
)
# What Kaltura does with recordings: its name of each switch, and what people call it.
RECORDING_SWITCHES: Final[Mapping[str, str]] = {
    "shouldCopyEntitlement": "seen by the same people",
    "shouldMakeHidden": "hidden",
    "shouldAutoArchive": "archived",
    "shouldCopyScheduling": "take over the schedule",
    "shouldCopyThumbnail": "take over the image",
}


def _show_switches(text: str, zone: ZoneInfo) -> str:
    try:
        held = json.loads(text)
        return ", ".join(n for wire, n in RECORDING_SWITCHES.items() if held.get(wire) == "1")
    except (ValueError, AttributeError):
        return text


def _parse_switches(text: str) -> dict[str, bool]:
    held = json.loads(text)
    return {name: held.get(name) == "1" for name in RECORDING_SWITCHES}


# Before the name of a picture of ours, which is made of its content: the same is sent once.
UPLOADED: Final = "upload:"
PICTURE: Final = FieldType(
    lambda text, zone: "an uploaded image" if text.startswith(UPLOADED) else _show_text(text, zone),
    str,
)
SWITCHES: Final = FieldType(_show_switches, _parse_switches)


@dataclass(frozen=True)
class RemoteField:
    """One field of the objects of one or more kinds.

    ``name``: the property at Kaltura; in a metadata record the element, ``Detail/KEY`` for
    a detail. ``adopts``: the attribute of the planned object that takes Kaltura's value
    when a person adopts it (adopt.py knows the exceptions). ``read``: brings what Kaltura
    returns into the form in which recipes write it. ``frozen``: refused while the entry is on
    air. ``permission``: without it the account neither keeps nor shows the field, and says
    nothing of it.
    """

    kinds: tuple[Kind, ...]
    name: str
    label: str
    type: FieldType = TEXT
    adopts: str = ""
    read: Callable[[str], str] = str
    by_adapter: bool = False
    frozen: bool = False
    permission: str = ""


_CATEGORY: Final = (Kind.CATEGORY,)
_LIVE: Final = (Kind.ENTRY,)
_ENTRIES: Final = (Kind.ENTRY, Kind.ROOM)
_ROOM: Final = (Kind.ROOM,)
_CALENDAR: Final = (Kind.SCHEDULE_EVENT,)
_RESOURCE: Final = (Kind.RESOURCE,)
_RECORD: Final = (Kind.METADATA,)

FIELDS: Final[tuple[RemoteField, ...]] = (
    # Our key, by which a lost object is found again: a field like any other.
    RemoteField((*_CATEGORY, *_ENTRIES, *_CALENDAR), "referenceId", "reference ID"),
    RemoteField(_RESOURCE, "systemName", "system name"),
    RemoteField((*_CATEGORY, *_ENTRIES, *_RESOURCE), "name", "name", adopts="title"),
    RemoteField(_CATEGORY, "description", "description", adopts="description"),
    RemoteField(_CATEGORY, "parentId", "parent category"),
    RemoteField(_CATEGORY, "privacyContext", "privacy context"),
    RemoteField(_CATEGORY, "privacy", "who sees what is in it", SEEN_BY),
    RemoteField(_CATEGORY, "appearInList", "who sees the category", SEEN_BY),
    RemoteField(_CATEGORY, "inheritanceType", "members", MEMBERS_FROM),
    RemoteField(_CATEGORY, "contributionPolicy", "who may add to it", ADDED_BY),
    RemoteField((Kind.CATEGORY_USER,), "permissionLevel", "level", LEVEL),
    RemoteField(_ENTRIES, "description", "description", adopts="abstract"),
    # Kaltura returns them in an order of its own; a resource's tags are settings, in ours.
    RemoteField(_ENTRIES, "tags", "tags", read=texts.tags_read),
    RemoteField(_RESOURCE, "tags", "room settings"),
    RemoteField(_RESOURCE, "description", "description", adopts="abstract"),
    RemoteField(
        _LIVE, "adminTags", "admin tags", ADMIN_TAGS, "delivery.admin_tags", texts.admin_tags_read
    ),
    RemoteField(_ENTRIES, "userId", "owner", adopts="delivery.owner_id"),
    # Of those who co-edit it, the one that we named; others are not ours to change.
    RemoteField(_LIVE, "entitledUsersEdit", "who sees the preview", by_adapter=True),
    RemoteField(_LIVE, "dvrStatus", "rewinding (DVR)", SWITCH, "delivery.dvr", frozen=True),
    RemoteField(
        _LIVE,
        "dvrWindow",
        "minutes to rewind",
        NUMBER,
        "delivery.dvr_window_minutes",
        frozen=True,
    ),
    RemoteField(_LIVE, "recordStatus", "recording", RECORDING, "delivery.recording", frozen=True),
    RemoteField(
        _LIVE,
        "recordingOptions",
        "recording options",
        SWITCHES,
        "delivery.recordings_hidden",  # and the others of its switches
        by_adapter=True,
        frozen=True,
    ),
    RemoteField(
        _LIVE,
        "conversionProfileId",
        "conversion profile",
        NUMBER,
        "delivery.conversion_profile_id",
        frozen=True,
    ),
    # Viewers wait until the producer goes live: LiveEntry.php of the server reads this field.
    RemoteField(
        _LIVE, "explicitLive", "preview before going live", SWITCH, "delivery.preview", frozen=True
    ),
    # KalturaLiveEntry.php of the server: a property of accounts that may push.
    RemoteField(
        _LIVE,
        "pushPublishEnabled",
        "push to other services",
        SWITCH,
        "delivery.push_publish",
        permission="PUSH_PUBLISH_PERMISSION",
    ),
    RemoteField(_LIVE, "accessControlId", "access control profile"),
    RemoteField(_ROOM, "broadcastEntryId", "broadcast entry"),
    # Only Kaltura sets these two; the join page plays what they name after the session.
    RemoteField(_ENTRIES, "redirectEntryId", "replay video"),
    RemoteField(_ENTRIES, "recordedEntryId", "recorded video"),
    RemoteField(_CALENDAR, "summary", "title", adopts="title"),
    RemoteField(_CALENDAR, "description", "description", adopts="abstract"),
    RemoteField(_CALENDAR, "location", "place", adopts="location"),
    RemoteField(_CALENDAR, "organizer", "organiser", adopts="delivery.organizer"),
    RemoteField(
        _CALENDAR,
        "classificationType",
        "seen in calendars as",
        CLASSIFICATION,
        "delivery.classification",
    ),
    RemoteField(_CALENDAR, "tags", "tags", read=texts.admin_tags_read),
    RemoteField(_CALENDAR, "recurrenceType", "recurrence", RECURRENCE),
    RemoteField(_CALENDAR, "startDate", "start", MOMENT, "starts_at"),
    RemoteField(_CALENDAR, "endDate", "end", MOMENT, "ends_at"),
    RemoteField(_CALENDAR, "preStartTime", "seconds open before the start", NUMBER),
    RemoteField(_CALENDAR, "postEndTime", "seconds open after the end", NUMBER),
    RemoteField(_CALENDAR, "templateEntryId", "entry"),
    RemoteField(_CALENDAR, "sourceEntryId", "video"),
    RemoteField(_CALENDAR, "preStartEntryId", "clip before"),
    RemoteField(_CALENDAR, "postEndEntryId", "clip after"),
    RemoteField(_CALENDAR, "redirectEntryId", "replay video"),
    RemoteField(_RECORD, "StartTime", "start", MOMENT, "starts_at"),
    RemoteField(_RECORD, "EndTime", "end", MOMENT, "ends_at"),
    RemoteField(_RECORD, "Timezone", "time zone"),
    RemoteField(_RECORD, "Presenter", "speakers"),
    RemoteField(_RECORD, "IsKwebcastEntry", "webcast", SWITCH),
    RemoteField(_RECORD, "IsSelfServe", "sent from the browser", SWITCH),
    RemoteField(_RECORD, "SlidesDocEntryId", "slides"),
    # Kaltura's own spelling.
    RemoteField(_RECORD, "Detail/calenderReminder", "calendar reminder"),
    RemoteField(_RECORD, "Detail/cnc_widgetSettings", "chat and questions"),
    RemoteField(_RECORD, "Detail/webcastType", "webcast type"),
    RemoteField(_RECORD, "Detail/kwebcast_moderators_array", "moderators"),
    RemoteField(_RECORD, "Detail/presenters", "order of speakers"),
    RemoteField(_RECORD, "Detail/meetingEntryMode", "room mode"),
    RemoteField(_RECORD, "Detail/meetingEntryTimeZone", "room time zone"),
    RemoteField((Kind.THUMBNAIL,), "url", "image", PICTURE),
)
_BY_NAME: Final = {(kind, field.name): field for field in FIELDS for kind in field.kinds}


def is_without_wide_characters(kind: Kind, name: str, written: str, held: str) -> bool:
    """Whether what Kaltura holds is what we wrote, but for characters that it cannot keep."""
    read = field_of(kind, name).read
    return held != written and any(read(t) == held for t in texts.with_question_marks(written))


def fields_of(kind: Kind) -> list[RemoteField]:
    """All fields of a kind, in the order of the table."""
    return [field for field in FIELDS if kind in field.kinds]


def field_of(kind: str, name: str) -> RemoteField:
    """The row of a field; for one that we wrote once and no longer know, a plain one."""
    known = _BY_NAME.get((Kind(kind), name))
    return known or RemoteField((Kind(kind),), name, name.removeprefix("Detail/"))


def field_that_adopts(kind: Kind, attribute: str) -> RemoteField:
    """The field of a kind that stands for this attribute of the planned object."""
    return next(field for field in fields_of(kind) if field.adopts == attribute)


def frozen_fields(kind: Kind) -> frozenset[str]:
    """What Kaltura refuses to change while the entry is on air."""
    return frozenset(field.name for field in fields_of(kind) if field.frozen)


def not_kept(kind: str, written: Mapping[str, str], held: Mapping[str, str]) -> dict[str, str]:
    """The fields that Kaltura took and does not show, and the permission that each needs."""
    return {
        field.name: field.permission
        for field in fields_of(Kind(kind))
        if field.permission and field.name in written and field.name not in held
    }


def label_of(kind: str, name: str) -> str:
    """What people call a field."""
    return field_of(kind, name).label


def show_value(kind: str, name: str, text: str, zone: ZoneInfo) -> str:
    """A field's value for people."""
    return field_of(kind, name).type.show(text, zone) or EMPTY
