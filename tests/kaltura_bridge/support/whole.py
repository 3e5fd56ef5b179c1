"""All that a planned session is at Kaltura, as it is held there, with names instead of ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from events.models import Session
from tests.kaltura_bridge.support.oracle import Store

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

# What Kaltura makes up or counts by itself, and nobody chose.
OWN: Final = re.compile(
    r"id|partnerId|createdAt|updatedAt|userId|creatorId|ownerId|moderation\w*|rank|totalRank|votes"
    r"|downloadUrl|searchText|licenseType|version|thumbnailUrl|replacementStatus|partnerSortValue"
    r"|rootEntryId|displayInSearch|blockAutoTranscript|plays|views|segmentDuration|\w*Time"
    r"|stream\w+|primary\w+|secondary\w+|\w*[eE]ntriesCount|\w+sCount|fullIds|appearInList|privacy"
    r"|inheritanceType|userJoinPolicy|defaultPermissionLevel|contributionPolicy|depth|_\w+"
    r"|isAggregationCategory|duration|msDuration|categoriesIds|categoryFullIds|creatorUserId"
    r"|liveStatus|classificationType|sequence|metadataProfileVersion|metadataObjectType|directSub\w+"
    r"|hlsStreamUrl|bitrates|partnerData|currentBroadcast\w+|type|liveStreamConfigurations"
)
TIMES: Final = ("preStartTime", "postEndTime")


def outcome(simulator: Simulator, session: Session) -> dict[str, list[dict[str, Any]]]:
    """Every object of the portal's, by kind, in the order in which they were made."""
    store, names = Store(simulator), _names(session)
    ids = {
        row.id: f"{kind} of {_named(key, names)}"
        for (kind, key), (row, *_) in store.ours.items()
        if row.id
    }
    found: dict[str, list[dict[str, Any]]] = {}
    for (kind, _), rows in store.ours.items():
        for row in rows:
            shown = {n: _named(v, {**names, **ids}) for n, v in row.raw.items() if _is_chosen(n, v)}
            found.setdefault(str(kind), []).append(shown)
    return found


def _names(session: Session) -> dict[str, str]:
    speakers = {str(s.uuid): "speaker" for s in session.speakers.all()}
    assert session.track is not None
    uuids = {"session": session.uuid, "event": session.event.uuid, "track": session.track.uuid}
    forms = {form: name for name, uuid in uuids.items() for form in (str(uuid), uuid.hex)}
    return speakers | forms | {session.event.slug: "slug"}


def _is_chosen(name: str, value: object) -> bool:
    if name in TIMES:
        return value != 0
    return OWN.fullmatch(name) is None and value not in (None, "", [])


def _named(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {n: _named(v, names) for n, v in value.items()}
    if not isinstance(value, bool) and str(value) in names:
        return names[str(value)]
    if isinstance(value, str):
        for old, name in names.items():
            value = value.replace(old, name)
    return value
