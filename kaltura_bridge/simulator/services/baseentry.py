"""baseEntry: what can be done with an entry of any kind."""

from __future__ import annotations

from kaltura_bridge.simulator import entries, entry_views, lists, recordings
from kaltura_bridge.simulator.call import Call, action
from kaltura_bridge.simulator.errors import ApiError
from kaltura_bridge.simulator.given import Given
from kaltura_bridge.simulator.services import livestream
from kaltura_bridge.simulator.store import Data


@action("baseentry.get")
def get(call: Call, entryId: str, version: int) -> Data:
    """One entry, as the class it is; who comes without a session may ask, and finds none."""
    if call.session is None:
        raise ApiError("ENTRY_ID_NOT_FOUND", ENTRY_ID=entryId)
    return entry_views.shown(call, entries.find(call, entryId))


@action("baseentry.update")
def update(call: Call, entryId: str, baseEntry: Given) -> Data:
    """Change an entry; the answer shows it as the class that was sent."""
    row = entries.find(call, entryId)
    entries.refuse_strangers(call, row)
    change = livestream.change if row["type"] == entries.LIVE else entries.update
    return lists.narrowed(change(call, row, baseEntry), baseEntry.kind)


@action("baseentry.delete")
def delete(call: Call, entryId: str) -> None:
    """Delete an entry of any kind."""
    row = entries.find(call, entryId)
    entries.refuse_strangers(call, row)
    recordings.refuse_deletion(call, row)
    entries.delete(call, row)


@action("baseentry.list")
def list_entries(call: Call, filter: Given | None, pager: Given | None) -> Data:
    """Entries of every kind."""
    return entry_views.listing(call, filter, pager, "KalturaBaseEntryListResponse")


@action("baseentry.listByReferenceId")
def list_by_reference(call: Call, refId: str, pager: Given | None) -> Data:
    """Entries of every kind that carry a reference id."""
    asked = Given("KalturaBaseEntryFilter", {"referenceIdEqual": refId})
    return entry_views.listing(call, asked, pager, "KalturaBaseEntryListResponse")


@action("baseentry.count")
def count(call: Call, filter: Given | None) -> int:
    """How many entries a list with this filter would find."""
    found = entry_views.listing(call, filter, None, "KalturaBaseEntryListResponse")
    return int(found["totalCount"])
