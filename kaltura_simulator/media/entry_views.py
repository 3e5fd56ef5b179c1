"""Entries as a caller reads them: one by one and in lists."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.params import Given
from kaltura_simulator.media import entries, entry_filters, live
from kaltura_simulator.rules.entry_types import READY
from kaltura_simulator.state.store import Data

LIVE_CLASS, LIVE_ADMIN_CLASS = "KalturaLiveStreamEntry", "KalturaLiveStreamAdminEntry"
BROADCAST_SECRETS = (
    "primaryBroadcastingUrl",
    "secondaryBroadcastingUrl",
    "primarySecuredBroadcastingUrl",
    "secondarySecuredBroadcastingUrl",
    "primaryRtspBroadcastingUrl",
    "secondaryRtspBroadcastingUrl",
    "primarySrtBroadcastingUrl",
    "primarySrtStreamId",
    "secondarySrtBroadcastingUrl",
    "secondarySrtStreamId",
    "srtPass",
)
#: With one of these a USER session may list entries that are not its own.
_NAMES_ENTRIES = (
    "idEqual",
    "idIn",
    "referenceIdEqual",
    "referenceIdIn",
    "parentEntryIdEqual",
    "redirectFromEntryId",
)
#: ``displayInSearch`` of what only the system itself is to find.
HIDDEN = -1
_NAMES_HIDDEN = (
    "idEqual",
    "idIn",
    "referenceIdEqual",
    "rootEntryIdEqual",
    "rootEntryIdIn",
    "displayInSearchEqual",
    "displayInSearchIn",
    "redirectFromEntryId",
)
#: With one of these, or one about the status, entries of every status are listed.
_NAMES_ONE = frozenset({"idEqual", "redirectFromEntryId"})


def shown(call: Call, row: Data) -> Data:
    """An entry as this caller may read it."""
    if row["objectType"] != LIVE_CLASS:
        return row
    row = row | live.view(call, row)
    if call.is_admin:
        return row | {"objectType": LIVE_ADMIN_CLASS}
    hidden = ["streamPassword"]
    if not entries.edits(call, row):
        hidden += BROADCAST_SECRETS
    return {name: value for name, value in row.items() if name not in hidden}


def as_stream(call: Call, row: Data) -> Data:
    """A live entry as the plain class, which add, update and list of liveStream give."""
    return shown(call, row) | {"objectType": LIVE_CLASS}


def listing(
    call: Call, asked: Given | None, pager: Given | None, response: str, *types: int | str
) -> Data:
    """A list of entries of these types (of any, when none is named)."""
    rows = [row for row in call.listed("entry") if not types or row["type"] in types]
    rows = _without_hidden(_with_default_status(rows, asked), asked)
    rows = [row for row in rows if _may_list(call, row, asked)]
    found = lists.ordered(
        lists.chosen(rows, asked, entry_filters.rules(call, asked)), asked, "-createdAt"
    )
    page = lists.paged(found, pager, indexed=True)
    return lists.response(response, [shown(call, row) for row in page], len(found))


def _with_default_status(rows: list[Data], asked: Given | None) -> list[Data]:
    """Ready ones, unless the filter speaks of the status or names one entry."""
    if asked and any(n in _NAMES_ONE or n.startswith("status") for n in asked.values):
        return rows
    return [row for row in rows if row["status"] == READY]


def _without_hidden(rows: list[Data], asked: Given | None) -> list[Data]:
    """Hidden entries show only to those who name them, their root, or hidden ones."""
    if asked and any(name in asked.values for name in _NAMES_HIDDEN):
        return rows
    return [row for row in rows if row.get("displayInSearch") != HIDDEN]


def _may_list(call: Call, row: Data, asked: Given | None) -> bool:
    if call.is_admin or call.holds("list", "*") or entries.owns(call, row):
        return True
    return asked is not None and any(asked.get(name) for name in _NAMES_ENTRIES)
