"""The settings of a room of the older form, which Kaltura keeps as a comma-separated list of tags.

Source: https://github.com/kaltura-vpaas/virtual-meeting-rooms. Its earlier versions write
switches as 1 and 0, the present one as ``on`` and ``off``; the newer form is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.i18n.languages import Words
from kaltura_bridge.models.delivery import validate_entry_id

#: Whether Kaltura lets people in by its own invitation link.
GUESTS: Final = "custom_rs_enable_guests_to_join"
PROVIDER: Final = "vcprovider:newrow"
BREAKING = re.compile(r"[,\x00-\x1f\x7f-\x9f\u2028\u2029]")
STREAM = re.compile(r"rtmps?://[^\s,/]+(/[^\s,]*)?", re.IGNORECASE)
DIGITS = re.compile(r"[0-9]{1,9}")
TEXT_LENGTH, ADDRESS_LENGTH = 100, 500


class TagKind(StrEnum):
    """What a setting may hold."""

    SWITCH = "switch"  # True or False
    NUMBER = "number"  # a whole number from ``low`` to ``high``
    CHOICE = "choice"  # one of ``choices``
    URL = "url"  # a web address; percent-encoded in the list
    STREAM = "stream"  # an RTMP address; in the list as it is
    ENTRY = "entry"  # an entry's id
    TEXT = "text"  # one short line without comma or colon
    MODE = "mode"  # one of ``choices``; follows from the session's type


@dataclass(frozen=True)
class RoomTag:
    """One setting: its name at Kaltura, its label here, and its possible values."""

    name: str
    kind: TagKind
    group: Words
    label: Words
    help: Words = ""
    default: object = None  # what applies at Kaltura when the tag is missing
    low: int = 1
    high: int = 999_999_999
    choices: tuple[tuple[str, Words], ...] = ()
    is_secret: bool = False  # not for those who watch

    @property
    def by_type(self) -> bool:
        """Whether it follows from the session's type, so that managers do not set it."""
        return self.kind is TagKind.MODE


RECORDING, INSIDE, CHAT, LOOK = (
    gettext_lazy("Recording"),
    gettext_lazy("In the room"),
    gettext_lazy("Chat"),
    gettext_lazy("Look and language"),
)
SIZE, BROADCAST, LISTS = (
    gettext_lazy("Size"),
    gettext_lazy("Broadcasting"),
    gettext_lazy("Playlists and library"),
)

MODES: Final = (
    ("virtual_classroom", gettext_lazy("Everyone on stage")),
    ("webinar", gettext_lazy("Attendees off stage")),
)
LANGUAGES: Final = (
    ("en-US", gettext_lazy("English")),
    ("en-VE", gettext_lazy("English, for events")),
    ("de-DE", gettext_lazy("German")),
    ("es-LA", gettext_lazy("Spanish")),
    ("fr-FR", gettext_lazy("French")),
    ("he-IL", gettext_lazy("Hebrew")),
    ("it-IT", gettext_lazy("Italian")),
    ("ja-JP", gettext_lazy("Japanese")),
    ("ko-KR", gettext_lazy("Korean")),
    ("pt-BR", gettext_lazy("Portuguese (Brazil)")),
    ("zh-CN", gettext_lazy("Chinese (simplified)")),
)
REGIONS: Final = (
    ("global", gettext_lazy("Worldwide")),
    ("us-east-1", gettext_lazy("America (us-east-1)")),
    ("eu-central-1", gettext_lazy("Europe (eu-central-1)")),
    ("ap-southeast-1", gettext_lazy("South-east Asia (ap-southeast-1)")),
    ("ap-northeast-1", gettext_lazy("North-east Asia (ap-northeast-1)")),
)


def _switch(name: str, group: Words, label: Words, default: bool, help: Words = "") -> RoomTag:
    return RoomTag(name, TagKind.SWITCH, group, label, help, default)


_TABLE: Final = (
    RoomTag(
        "custom_rs_class_mode",
        TagKind.MODE,
        INSIDE,
        gettext_lazy("Room mode"),
        gettext_lazy("Follows from the session's type."),
        "virtual_classroom",
        choices=MODES,
    ),
    _switch(
        "custom_rec_auto_start",
        RECORDING,
        gettext_lazy("Recording starts automatically"),
        False,
        gettext_lazy("When the first moderator enters, for the length of the session."),
    ),
    _switch(
        "custom_rec_set_reminder",
        RECORDING,
        gettext_lazy("Reminder to record"),
        False,
        gettext_lazy("Reminds the moderator after two minutes."),
    ),
    RoomTag(
        "custom_cat_id",
        TagKind.NUMBER,
        RECORDING,
        gettext_lazy("Category for recordings"),
        gettext_lazy("The category's ID at Kaltura."),
    ),
    _switch(
        "custom_rs_show_participant", INSIDE, gettext_lazy("Attendees see the participants"), True
    ),
    _switch("custom_rs_show_invite", INSIDE, gettext_lazy("Moderators can invite"), True),
    _switch(
        GUESTS,
        INSIDE,
        gettext_lazy("Guests can join by invitation link"),
        True,
        gettext_lazy(
            "By Kaltura's own link, past the portal: without account, registration or place, and "
            "counted as nobody. Off in events that are not public. Room entries have no such "
            "setting here: there the template room decides."
        ),
    ),
    _switch(
        "custom_rs_hide_end_session", INSIDE, gettext_lazy("Hide the “End session” button"), False
    ),
    _switch(
        "custom_rs_hide_leave_session",
        INSIDE,
        gettext_lazy("Hide the “Leave session” button"),
        False,
    ),
    _switch(
        "custom_rs_show_ondemand_page_link",
        INSIDE,
        gettext_lazy("Link to the recordings page"),
        False,
    ),
    _switch("custom_rs_show_chat", CHAT, gettext_lazy("Attendees can chat"), True),
    _switch("custom_rs_show_chat_moderators", CHAT, gettext_lazy("Chat among moderators"), True),
    _switch(
        "custom_rs_show_chat_questions", CHAT, gettext_lazy("Attendees can ask questions"), True
    ),
    _switch(
        "custom_rs_auto_clear_chat_end_of_session",
        CHAT,
        gettext_lazy("Clear the chat at the end"),
        False,
    ),
    _switch("custom_rs_show_logo", LOOK, gettext_lazy("Show the logo"), True),
    RoomTag(
        "custom_company_logo",
        TagKind.URL,
        LOOK,
        gettext_lazy("Logo"),
        gettext_lazy("Address of an image, such as https://example.org/logo.png."),
    ),
    RoomTag(
        "custom_redirect_url",
        TagKind.URL,
        LOOK,
        gettext_lazy("Page after leaving"),
        gettext_lazy(
            "Where people are sent when they leave the room, such as https://example.org/thanks."
        ),
    ),
    _switch(
        "custom_rs_show_language_selection",
        LOOK,
        gettext_lazy("People can choose a language"),
        True,
    ),
    RoomTag(
        "custom_rs_user_lang",
        TagKind.CHOICE,
        LOOK,
        gettext_lazy("Language"),
        gettext_lazy("The language of the room's user interface, for everybody."),
        choices=LANGUAGES,
    ),
    RoomTag(
        "custom_rs_room_cap",
        TagKind.NUMBER,
        SIZE,
        gettext_lazy("Maximum number of people"),
        gettext_lazy("A whole number."),
    ),
    RoomTag(
        "custom_xl_room_max",
        TagKind.NUMBER,
        SIZE,
        gettext_lazy("Maximum number of people in an XL room"),
        gettext_lazy("300 to 700, if your account has XL rooms."),
        low=300,
        high=700,
    ),
    RoomTag(
        "custom_xl_room_pres",
        TagKind.NUMBER,
        SIZE,
        gettext_lazy("Presenters in an XL room"),
        gettext_lazy("A whole number."),
    ),
    RoomTag(
        "custom_xl_room_geo",
        TagKind.CHOICE,
        SIZE,
        gettext_lazy("Region of an XL room"),
        gettext_lazy("Where its servers are."),
        choices=REGIONS,
    ),
    RoomTag(
        "custom_live_entry",
        TagKind.ENTRY,
        BROADCAST,
        gettext_lazy("Live entry to broadcast into"),
        gettext_lazy("An entry ID such as 1_abcd2345. The room can go live into it."),
    ),
    RoomTag(
        "custom_p_rtmp_url",
        TagKind.STREAM,
        BROADCAST,
        gettext_lazy("Broadcast address"),
        gettext_lazy("For a service outside Kaltura, such as rtmp://live.example.org/app."),
        is_secret=True,
    ),
    RoomTag(
        "custom_s_rtmp_url",
        TagKind.STREAM,
        BROADCAST,
        gettext_lazy("Backup broadcast address"),
        is_secret=True,
    ),
    RoomTag(
        "custom_rtmp_key",
        TagKind.TEXT,
        BROADCAST,
        gettext_lazy("Stream key"),
        gettext_lazy("Administrators of the Kaltura account can read it."),
        is_secret=True,
    ),
    _switch("custom_rs_enable_media_library", LISTS, gettext_lazy("Show the media library"), True),
    RoomTag(
        "custom_playlist_id",
        TagKind.NUMBER,
        LISTS,
        gettext_lazy("Playlist"),
        gettext_lazy("Its ID. Loaded at the start."),
    ),
    RoomTag(
        "custom_playlist_name",
        TagKind.TEXT,
        LISTS,
        gettext_lazy("Playlist name"),
        gettext_lazy("Used when no playlist ID is set."),
    ),
    _switch(
        "custom_reset_playlist_instance",
        LISTS,
        gettext_lazy("The playlist restarts each time"),
        True,
    ),
    RoomTag(
        "custom_tp_playlist_id",
        TagKind.TEXT,
        LISTS,
        gettext_lazy("Third-party playlist"),
        gettext_lazy("Its ID."),
    ),
)

#: Every setting by its name at Kaltura, in the order of forms and of the list.
ROOM_TAGS: Final[dict[str, RoomTag]] = {tag.name: tag for tag in _TABLE}
#: What stands in rooms alone, as everybody who watches may read the tags of a calendar event.
SECRETS: Final = frozenset(tag.name for tag in _TABLE if tag.is_secret)


# --- What may be stored ------------------------------------------------------


def clean(values: Mapping[str, object]) -> dict[str, object]:
    """The settings as they are stored: switches as booleans, numbers as integers.

    What is empty is left out. Raises ValidationError with a message by name for each
    setting that Kaltura does not have or would not understand.
    """
    cleaned: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for name, value in values.items():
        try:
            if not is_empty(value):
                cleaned[name] = _cleaned(name, value)
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise ValidationError(wrong)
    return {name: cleaned[name] for name in ROOM_TAGS if name in cleaned}


def is_empty(value: object) -> bool:
    """Whether a value sets nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def _cleaned(name: str, value: object) -> object:
    tag = ROOM_TAGS.get(name)
    if tag is None:
        raise ValueError(f"Kaltura's rooms have no setting “{name}”. Remove it.")
    if tag.by_type:
        raise ValueError(f"{tag.label} follows from the session's type. Change the type instead.")
    return CLEANERS[tag.kind](tag, value)


def _a_switch(tag: RoomTag, value: object) -> bool:
    written = value if isinstance(value, bool) else {"on": True, "off": False}.get(str(value))
    if written is None:
        raise ValueError(f"{tag.label}: choose on or off.")
    return written


def _a_number(tag: RoomTag, value: object) -> int:
    text = "" if isinstance(value, bool) else str(value).strip()
    number = int(text) if DIGITS.fullmatch(text) else -1
    if not tag.low <= number <= tag.high:
        text = (
            _("%(setting)s: enter a whole number from %(low)d to %(high)d.")
            if tag.high <= 1000
            else _("%(setting)s: enter a whole number, %(low)d or more.")
        )
        raise ValueError(text % {"setting": tag.label, "low": tag.low, "high": tag.high})
    return number


def _a_choice(tag: RoomTag, value: object) -> str:
    if value not in dict(tag.choices):
        known = ", ".join(choice for choice, _ in tag.choices)
        raise ValueError(f"{tag.label}: choose one of {known}.")
    return str(value)


def _a_url(tag: RoomTag, value: object) -> str:
    text = str(value).strip()
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        text = ""
    if not text or len(text) > ADDRESS_LENGTH:
        raise ValueError(
            f"{tag.label}: enter a web address that begins with https:// and has at most "
            f"{ADDRESS_LENGTH} characters."
        )
    return text


def _a_stream(tag: RoomTag, value: object) -> str:
    text = str(value).strip()
    if not STREAM.fullmatch(text) or BREAKING.search(text) or len(text) > ADDRESS_LENGTH:
        raise ValueError(
            f"{tag.label}: enter an address that begins with rtmp:// or rtmps://, without commas "
            "or spaces."
        )
    return text


def _an_entry(tag: RoomTag, value: object) -> str:
    text = str(value).strip()
    try:
        validate_entry_id(text)
    except ValidationError as error:
        raise ValueError(f"{tag.label}: {error.messages[0]}") from error
    return text


def _a_text(tag: RoomTag, value: object) -> str:
    text = str(value).strip()
    if BREAKING.search(text) or ":" in text or len(text) > TEXT_LENGTH:
        raise ValueError(
            f"{tag.label}: enter one line of at most {TEXT_LENGTH} characters, without commas and "
            "colons, which Kaltura would read as other settings."
        )
    return text


CLEANERS: Final[dict[TagKind, Callable[[RoomTag, object], object]]] = {
    TagKind.SWITCH: _a_switch,
    TagKind.NUMBER: _a_number,
    TagKind.CHOICE: _a_choice,
    TagKind.URL: _a_url,
    TagKind.STREAM: _a_stream,
    TagKind.ENTRY: _an_entry,
    TagKind.TEXT: _a_text,
}


# --- What is sent ------------------------------------------------------------


def render(*layers: Mapping[str, object]) -> str:
    """The tags as Kaltura stores them: ``vcprovider:newrow,name:value,...``.

    Later layers win over earlier ones where they set something. The order is the
    table's. Whatever was stored, one setting never becomes two.
    """
    return ",".join([PROVIDER, *_rendered(merged(layers))])


def render_for_calendar(*layers: Mapping[str, object]) -> str:
    """The same for an event in a room that has tags of its own: without what the room is, and
    without what is not for those who watch.
    """
    decided = merged(layers)
    return ",".join(_rendered({n: v for n, v in decided.items() if n not in SECRETS}))


def _rendered(decided: Mapping[str, object]) -> Iterator[str]:
    for name, tag in ROOM_TAGS.items():
        if name in decided:
            yield f"{name}:{_written(tag, decided[name])}"


def merged(layers: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """The values that apply, of several layers; an empty value sets nothing."""
    decided: dict[str, object] = {}
    for layer in layers:
        decided |= {name: value for name, value in layer.items() if not is_empty(value)}
    return decided


def _written(tag: RoomTag, value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = str(value).strip()
    return quote(text, safe="") if tag.kind is TagKind.URL else BREAKING.sub(" ", text)
