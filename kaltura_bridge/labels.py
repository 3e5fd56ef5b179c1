"""How sync states read to a manager: an icon and words, never colour alone."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from kaltura_bridge.fields import MOMENT
from kaltura_bridge.models import ErrorKind, SyncState, SyncTarget
from kaltura_bridge.sync.duplicate_times import DuplicateTime

ICONS = {
    SyncState.SYNCED: "✓",
    SyncState.PENDING: "…",
    SyncState.SENDING: "↻",
    SyncState.FAILED: "✗",
}
DRIFTED: Final = "≠"

# What of a target its words are made from.
SHOWN: Final = ("state", "error_kind", "changed_there", "synced_at")


def duplicate_time_message(time: DuplicateTime, zone: ZoneInfo) -> str:
    """What managers read when Kaltura holds two different times for one moment."""
    calendar, page = (MOMENT.show(text, zone) for text in (time.calendar, time.page))
    return (
        f"Kaltura holds two times for the {time.name}: {calendar} in its calendar, {page} on its "
        "event page. Players follow the calendar; people read the event page."
    )


def not_kept_text(field: str, permission: str) -> str:
    """What managers read of a field that Kaltura takes and drops without a word."""
    return _(
        "Kaltura did not keep “%(field)s”: the account has no %(permission)s. Ask Kaltura to "
        "enable it, or set it to off."
    ) % {"field": field, "permission": permission}


def since(moment: datetime | None) -> str:
    """Such as “2 minutes ago”."""
    if moment is None:
        return "never"
    if (timezone.now() - moment).total_seconds() < 60:
        return "just now"
    return f"{timesince(moment, depth=1)} ago"


def state_label(state: str, error_kind: str, changed_there: str, synced_at: datetime | None) -> str:
    """One line: in sync since when, waiting for what, failed why, changed where."""
    if state == SyncState.FAILED:
        return f"Failed: {ErrorKind(error_kind).label}"
    if state == SyncState.PENDING:
        return f"Waiting: {ErrorKind(error_kind).label}" if error_kind else "Waiting"
    if state == SyncState.SENDING:
        return "Sending"
    if changed_there:
        return f"Changed at Kaltura: {changed_there}"
    return f"In sync, checked {since(synced_at)}"


def state_mark(
    state: str | None,
    error_kind: str,
    changed_there: str,
    synced_at: datetime | None,
    url: str = "",
) -> SafeString | str:
    """The line with its icon, for lists, linked to ``url``."""
    if state is None:
        return "Not synced yet"
    drifted = state == SyncState.SYNCED and changed_there
    icon, name = (DRIFTED, "drifted") if drifted else (ICONS[SyncState(state)], state)
    label = state_label(state, error_kind, changed_there, synced_at)
    return format_html(
        '<span class="sync sync-{}"><span class="sync-icon" aria-hidden="true">{}</span> {}</span>',
        name,
        icon,
        format_html('<a href="{}">{}</a>', url, label) if url else label,
    )


def target_mark(target: SyncTarget, url: str = "") -> SafeString | str:
    """The same for a target in hand."""
    told = target.error_kind, target.changed_there, target.synced_at
    return state_mark(target.state, *told, url=url)
