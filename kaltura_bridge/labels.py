"""How the state of a target reads to a manager: an icon and words, never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from kaltura_bridge.models import SyncState, SyncTarget
from kaltura_bridge.sync.duplicate_times import Twin

ICONS = {
    SyncState.SYNCED: "✓",
    SyncState.PENDING: "…",
    SyncState.SENDING: "↻",
    SyncState.FAILED: "✗",
}
DRIFTED: Final = "≠"

# What of a target its words are made from.
SHOWN: Final = ("state", "error_kind", "changed_there", "synced_at")
MOMENTS: Final = frozenset({"startDate", "endDate", "StartTime", "EndTime"})
# What people call Kaltura's fields; the others keep their name.
FIELD_WORDS: Final[Mapping[str, str]] = {
    "startDate": "start",
    "endDate": "end",
    "StartTime": "start",
    "EndTime": "end",
    "Timezone": "time zone",
    "Presenter": "speakers",
    "summary": "title",
    "parentId": "parent category",
    "referenceId": "our key",
    "systemName": "our key",
    "adminTags": "admin tags",
    "templateEntryId": "entry",
    "sourceEntryId": "video",
    "preStartEntryId": "clip before",
    "postEndEntryId": "clip after",
    "redirectEntryId": "replayed video",
    "broadcastEntryId": "broadcast entry",
    "accessControlId": "access control",
    "dvrStatus": "rewinding",
    "dvrWindow": "minutes to rewind",
    "recordStatus": "recording",
    "recordingOptions": "recording options",
    "explicitLive": "preview",
    "SlidesDocEntryId": "slides",
}
_SWITCH: Final = {"0": "off", "1": "on"}
VALUE_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "dvrStatus": _SWITCH,
    "explicitLive": _SWITCH,
    "IsSelfServe": _SWITCH,
    "recordStatus": {"0": "none", "1": "one of everything", "2": "one for each time on air"},
}
CLIP: Final = 160
EMPTY: Final = "(empty)"  # how a value of nothing is written


def field_words(name: str) -> str:
    """What people call a field."""
    return FIELD_WORDS.get(name, name.removeprefix("Detail/"))


def value_words(name: str, value: str, zone: ZoneInfo) -> str:
    """A field's value for people: moments in the zone with its name, long texts clipped."""
    if name in MOMENTS and value.isdigit():
        local = datetime.fromtimestamp(int(value), UTC).astimezone(zone)
        seconds = ":%S" if local.second else ""
        return f"{local.strftime(f'%a %d %b %Y, %H:%M{seconds}')} {zone.key}"
    told = VALUE_WORDS.get(name, {}).get(value, value)
    return f"{told[:CLIP].rstrip()}…" if len(told) > CLIP else told


def twin_sentence(twin: Twin, zone: ZoneInfo) -> str:
    """What it means that Kaltura holds a moment twice, differently."""
    calendar, page = (
        value_words("startDate", moment, zone) for moment in (twin.calendar, twin.page)
    )
    return (
        f"Kaltura holds two times for the {twin.name}: its calendar says {calendar}, its event "
        f"page {page}. Players follow the calendar; people read the page."
    )


def since(moment: datetime | None) -> str:
    """Such as “2 minutes ago”."""
    if moment is None:
        return "never"
    if (timezone.now() - moment).total_seconds() < 60:
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


def state_words(state: str, error_kind: str, changed_there: str, synced_at: datetime | None) -> str:
    """One line: in step since when, waiting for what, failed why, changed by someone there."""
    if state == SyncState.FAILED:
        return f"Failed: {error_kind}"
    if state == SyncState.PENDING:
        return f"Waiting: {error_kind}" if error_kind else "Waiting"
    if state == SyncState.SENDING:
        return "Sending"
    if changed_there:
        return f"Changed at Kaltura: {changed_there}"
    return f"In step, {since(synced_at)}"


def state_mark(
    state: str | None,
    error_kind: str,
    changed_there: str,
    synced_at: datetime | None,
    url: str = "",
) -> SafeString | str:
    """The line with its icon, for lists, leading to ``url``; words for what was never sent."""
    if state is None:
        return "Not planned yet"
    drifted = state == SyncState.SYNCED and changed_there
    icon, name = (DRIFTED, "drifted") if drifted else (ICONS[SyncState(state)], state)
    words = state_words(state, error_kind, changed_there, synced_at)
    return format_html(
        '<span class="sync sync-{}"><span class="sync-icon" aria-hidden="true">{}</span> {}</span>',
        name,
        icon,
        format_html('<a href="{}">{}</a>', url, words) if url else words,
    )


def target_mark(target: SyncTarget, url: str = "") -> SafeString | str:
    """The same for a target in hand."""
    told = target.error_kind, target.changed_there, target.synced_at
    return state_mark(target.state, *told, url=url)
