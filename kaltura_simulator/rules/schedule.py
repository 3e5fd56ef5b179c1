"""Rules of the calendar: how long an event may be, and what it may overlap.

Kaltura's: plugins/schedule/base/services/ScheduleEventService.php in
https://github.com/kaltura/server.
"""

from __future__ import annotations

from kaltura_simulator.api import schema
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.errors import ApiError
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.rules import entry_types
from kaltura_simulator.state.store import Data

CANCELLED, ACTIVE, DELETED = 1, 2, 3
NOT_RECURRING = 0
MAX_PRIORITY = 9
MEDIA_CLIP, PLAYLIST = 1, 5
MAX_SUMMARY_BYTES = 256
DAY_S = 86400
BLACKOUT = "KalturaBlackoutScheduleEvent"
#: The maximum duration of an event, by class.
MAX_SECONDS = {
    "KalturaRecordScheduleEvent": DAY_S,
    "KalturaLiveStreamScheduleEvent": DAY_S,
    BLACKOUT: DAY_S,
    "KalturaMeetingScheduleEvent": 3 * DAY_S,
}
MAX_SECONDS_OTHERS = 730 * DAY_S
Span = tuple[int, int]


def defaults(kind: str) -> Data:
    """The default properties of an event of a class."""
    known = schema.properties(kind)
    start: Data = {"blackoutConflicts": [], "preStartTime": 0, "postEndTime": 0, "liveFeatures": []}
    return {name: value for name, value in start.items() if name in known}


def window(row: Data) -> Span:
    """The time that an event occupies, with what plays before its start and after its end."""
    before, after = row.get("preStartTime") or 0, row.get("postEndTime") or 0
    if row["objectType"] != "KalturaLiveStreamScheduleEvent":
        before = after = 0
    return row["startDate"] - before, row["endDate"] + after


def check_span(row: Data) -> None:
    """Refuse an event that ends before it starts or is too long, and negative margins."""
    start, end = row["startDate"], row["endDate"]
    if start > end:
        raise ApiError("INVALID_SCHEDULE_END_BEFORE_START", END=end, START=start)
    most = MAX_SECONDS.get(row["objectType"], MAX_SECONDS_OTHERS)
    if row.get("recurrenceType") == NOT_RECURRING and end - start > most:
        raise ApiError("MAX_SCHEDULE_DURATION_REACHED", MAX=most)
    for name in ("preStartTime", "postEndTime"):
        if (row.get(name) or 0) < 0:
            raise ApiError("INVALID_FIELD_VALUE", FIELD_NAME=name)


def check_entries(call: Call, sent: SentObject) -> None:
    """The entries that an event plays must exist; its ``templateEntryId`` need not."""
    for name in ("sourceEntryId", "preStartEntryId", "postEndEntryId", "redirectEntryId"):
        if name not in sent:
            continue
        key = sent.get(name, "")
        row = call.get("entry", key)
        if row is None or row["status"] == entry_types.DELETED:
            raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=key)
        _check_type(call, name, row)


def _check_type(call: Call, name: str, row: Data) -> None:
    if name in {"preStartEntryId", "postEndEntryId"}:
        fits = row["type"] == MEDIA_CLIP
    elif name == "sourceEntryId" and not call.is_admin:
        fits = row["type"] in {MEDIA_CLIP, PLAYLIST}
    else:
        fits = True
    if not fits:
        raise ApiError("INVALID_FIELD_VALUE", FIELD_NAME=name)


def margins_of_clips(call: Call, row: Data) -> Data:
    """The margins of an event: as long as the clips that play before and after it."""
    found: Data = {}
    pairs = (("preStartEntryId", "preStartTime"), ("postEndEntryId", "postEndTime"))
    for clip_name, time_name in pairs:
        clip = call.get("entry", row.get(clip_name) or "")
        if clip is not None:
            found[time_name] = int(clip.get("duration") or 0)
    return found


def refuse_overlap(call: Call, row: Data, span: Span) -> None:
    """Refuse an event that overlaps another one on its entry; cancelled ones still count.

    Other events are read from the search index, so two quick adds can both pass.
    """
    everywhere = row["objectType"] == BLACKOUT
    entry_id = row.get("templateEntryId")
    if row.get("recurrenceType") != NOT_RECURRING or not (entry_id or everywhere):
        return
    others = call.listed("schedule_event") if everywhere else _events_on(call, entry_id)
    for other in others:
        if other["id"] == row.get("id") or other["status"] == DELETED:
            continue
        start, end = window(other)
        if span[0] < end and start < span[1]:
            raise ApiError("SCHEDULE_TIME_IN_USE")


def with_blackouts(call: Call, row: Data) -> Data:
    """An event with the blackouts that it falls into, in spite of which it was made."""
    if "blackoutConflicts" not in row:
        return row
    start, end = row["startDate"], row["endDate"]
    found = [
        {name: value for name, value in other.items() if name != "blackoutConflicts"}
        for other in call.listed("schedule_event")
        if other["objectType"] == BLACKOUT and other["status"] == ACTIVE
        if other["startDate"] < end and start < other["endDate"]
    ]
    return row | {"blackoutConflicts": found}


def _events_on(call: Call, entry_id: str | None) -> list[Data]:
    return call.where("schedule_event", entry_id, listed=True)


def mark_entry(call: Call, row: Data) -> None:
    """Set the entry's ``capabilities``: it is scheduled, perhaps as simulive."""
    if row["objectType"] != "KalturaLiveStreamScheduleEvent":
        return
    entry = call.get("entry", row.get("templateEntryId") or "")
    if entry is None or entry["type"] != entry_types.LIVE:
        return
    wanted = ["live_schedule_capability"]
    if row.get("sourceEntryId"):
        wanted.append("simulive_capability")
    have = [piece for piece in str(entry["capabilities"]).split(",") if piece]
    added = [name for name in wanted if name not in have]
    if added:
        call.change("entry", entry["id"], capabilities=",".join([*have, *added]))


def booking_key(event_id: int, resource_id: int) -> str:
    """The key of a booking in the store."""
    return f"{event_id}:{resource_id}"
