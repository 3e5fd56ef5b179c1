"""Entries as a caller may see them: one by one and in lists."""

from __future__ import annotations

from kaltura_simulator.api import lists
from kaltura_simulator.api.call import Call
from kaltura_simulator.api.params import SentObject
from kaltura_simulator.media import entry_access, entry_filters, live
from kaltura_simulator.rules import entitlement
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
_FILTERS_BY_ENTRY = (
    "idEqual",
    "idIn",
    "referenceIdEqual",
    "referenceIdIn",
    "parentEntryIdEqual",
    "redirectFromEntryId",
)
#: ``displayInSearch`` of entries that lists hide.
HIDDEN = -1
_FILTERS_FOR_HIDDEN = (
    "idEqual",
    "idIn",
    "referenceIdEqual",
    "rootEntryIdEqual",
    "rootEntryIdIn",
    "displayInSearchEqual",
    "displayInSearchIn",
    "redirectFromEntryId",
)
#: With one of these, or one about the status, lists include entries of every status.
_FILTERS_OF_ANY_STATUS = frozenset({"idEqual", "redirectFromEntryId"})


def shown(call: Call, row: Data) -> Data:
    """An entry as this caller may see it."""
    if row["objectType"] != LIVE_CLASS:
        return row
    row = row | live.computed_properties(call, row)
    if call.is_admin:
        return row | {"objectType": LIVE_ADMIN_CLASS}
    hidden = ["streamPassword"]
    if not entry_access.can_edit(call, row):
        hidden += BROADCAST_SECRETS
    return {name: value for name, value in row.items() if name not in hidden}


def as_stream(call: Call, row: Data) -> Data:
    """A live entry as its plain class, which add, update and list of liveStream return."""
    return shown(call, row) | {"objectType": LIVE_CLASS}


def as_plain(call: Call, row: Data) -> Data:
    """An entry as the class that it was added as; administrators get no other one."""
    return shown(call, row) | {"objectType": row["objectType"]}


def listing(
    call: Call,
    sent_filter: SentObject | None,
    pager: SentObject | None,
    response: str,
    *types: int | str,
) -> Data:
    """A list of entries of these types (of any, when none is named)."""
    rows = [row for row in call.listed("entry") if not types or row["type"] in types]
    rows = _without_hidden(_with_default_status(rows, sent_filter), sent_filter)
    rows = [row for row in rows if _may_list(call, row, sent_filter)]
    if entitlement.is_enforced(call):
        rows = [row for row in rows if entry_access.may_see(call, row)]
    found = lists.sorted_by(
        lists.filtered(rows, sent_filter, entry_filters.rules(call, sent_filter)),
        sent_filter,
        "-createdAt",
    )
    page = lists.page_of(found, pager, indexed=True)
    now = [shown(call, row) for row in call.as_now("entry", page)]
    return lists.list_response(response, now, len(found))


def _with_default_status(rows: list[Data], sent_filter: SentObject | None) -> list[Data]:
    """Ready entries, unless the filter is about the status or names one entry."""
    if sent_filter and any(
        n in _FILTERS_OF_ANY_STATUS or n.startswith("status") for n in sent_filter.values
    ):
        return rows
    return [row for row in rows if row["status"] == READY]


def _without_hidden(rows: list[Data], sent_filter: SentObject | None) -> list[Data]:
    """Hidden entries only for filters that name them, their root, or ``displayInSearch``."""
    if sent_filter and any(name in sent_filter.values for name in _FILTERS_FOR_HIDDEN):
        return rows
    return [row for row in rows if row.get("displayInSearch") != HIDDEN]


def _may_list(call: Call, row: Data, sent_filter: SentObject | None) -> bool:
    if call.is_admin or call.holds("list", "*") or entry_access.is_owner(call, row):
        return True
    return sent_filter is not None and any(sent_filter.get(name) for name in _FILTERS_BY_ENTRY)
