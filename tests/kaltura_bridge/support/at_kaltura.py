"""What someone does at Kaltura behind the portal's back, and what is found there afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator


def link_of(kind: str, title: str = "Keynote", ending: str = "") -> RemoteLink:
    """The one object of this kind that stands for something planned."""
    return RemoteLink.objects.get(kind=kind, target__title=title, key__endswith=ending)


def page_of(title: str = "Keynote") -> RemoteLink:
    """The metadata record that holds the times of a session."""
    return link_of("metadata", title, "KMS_EVENTS3")


def at_kaltura(call: Any) -> Any:
    """One call that the portal did not make. Raises what Kaltura refused."""
    (answer,) = Kaltura().ask([Request(call)])
    if isinstance(answer, Exception):
        raise answer
    return answer


def someone_renames(link: RemoteLink, name: str) -> None:
    change = new("KalturaLiveStreamEntry", name=name)
    at_kaltura(lambda c: c.liveStream.update(link.remote_id, change))


def someone_moves(link: RemoteLink, **times: int) -> None:
    """Give a schedule event other times, in Unix seconds."""
    change = new("KalturaLiveStreamScheduleEvent", **times)
    at_kaltura(lambda c: c.schedule.scheduleEvent.update(link.remote_id, change))


def someone_cancels(link: RemoteLink) -> None:
    at_kaltura(lambda c: c.schedule.scheduleEvent.cancel(link.remote_id))


def someone_deletes(link: RemoteLink) -> None:
    deletions = {
        Kind.ENTRY: lambda c: c.baseEntry.delete(link.remote_id),
        Kind.CATEGORY: lambda c: c.category.delete(link.remote_id, 0),
        Kind.SCHEDULE_EVENT: lambda c: c.schedule.scheduleEvent.delete(link.remote_id),
    }
    at_kaltura(deletions[Kind(link.kind)])


def held_there(simulator: Simulator, kind: str, remote_id: str | None) -> dict[str, Any]:
    """One object as Kaltura has it now; {} when it has none."""
    rows = [row for row in simulator.objects(kind) if str(row["id"]) == str(remote_id)]
    return rows[0] if rows else {}
