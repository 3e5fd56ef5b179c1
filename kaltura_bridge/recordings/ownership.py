"""Whether a session may use a video of the account: by the rules of the delivery settings."""

from __future__ import annotations

from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected
from kaltura_bridge.models import RecordingChange, RecordingStatus
from kaltura_bridge.recordings.asking import HeldRecording, get_entry, read_recording
from kaltura_bridge.specs import Kind, RemoteRef
from kaltura_bridge.sync.references import pointed_to


def may_be_used(kaltura: Kaltura, change: RecordingChange) -> HeldRecording | None:
    """The video that a session is to take over; None when it is not there, or not its to use.

    What has no owner in the portal is, and what belongs to an event that the person who asked
    plans. The same calls are made for every id, so none is refused sooner than another. Raises
    KalturaError.
    """
    ref = RemoteRef(Kind.ENTRY, change.entry_id)
    pointed = pointed_to(kaltura, {ref}).get(ref)
    answer = kaltura.ask_once([get_entry(change.entry_id)])[0]
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        return None
    if isinstance(answer, KalturaError):
        raise answer
    held = read_recording(answer)
    is_there = held.is_video and held.status is not RecordingStatus.GONE
    if pointed is None or not is_there or not _may_use(change, pointed.owner):
        return None
    return held


def _may_use(change: RecordingChange, owner: str) -> bool:
    if owner in ("", str(change.session.event.uuid)):
        return True
    if change.asked_by is None:
        return False
    theirs = events_for_team(change.asked_by, PLANNERS).values_list("uuid", flat=True)
    return owner in {str(uuid) for uuid in theirs}
