"""What our session may do, and what the account was given. All of it is read, nothing tried out.

Sources: permission names in the server's deployment/permissions; features in
LiveStreamService.php and KalturaLiveEntry.php.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api.client import Request, new
from kaltura_bridge.api.errors import KalturaError, RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.doctor.base import Check, Exam, Finding, failed, ok, warning
from kaltura_bridge.doctor.door import CREDENTIALS

NEEDED: Final = {
    "LIVE_STREAM_ADD": "add live streams",
    "LIVE_STREAM_UPDATE": "change live streams",
    "CONTENT_MANAGE_DELETE": "delete live streams",
    "CONTENT_MANAGE_EDIT_CATEGORIES": "add and change categories",
    "SCHEDULE_EVENT_MANAGE": "plan schedule events",
    "SCHEDULE_EVENT_DELETE": "delete schedule events",
}
ACCESS_CONTROL: Final = ("CONTENT_MANAGE_ACCESS_CONTROL", "choose access control for simulives")
# Where no name tells: a list that needs what its writes need.
READS: Final[dict[str, Callable[[Any], Any]]] = {
    "see live streams": lambda client: client.liveStream,
    "see categories": lambda client: client.category,
    "see rooms": lambda client: client.room.room,
    "see metadata profiles": lambda client: client.metadata.metadataProfile,
    "see schedule events": lambda client: client.schedule.scheduleEvent,
    "see schedule resources": lambda client: client.schedule.scheduleResource,
}
FORBIDDEN: Final = frozenset({"SERVICE_FORBIDDEN", "FEATURE_FORBIDDEN"})
LIVE: Final = ("FEATURE_LIVE_STREAM",)
RECORDING: Final = ("FEATURE_LIVE_STREAM_RECORD", "FEATURE_LIVE_STREAM_KALTURA_RECORDING")


def look_at_permissions(exam: Exam) -> Finding:
    """Whether the sync's session may do what the sync does."""
    ask = [Request(lambda client: client.permission.getCurrentPermissions())]
    ask += [Request(partial(_first, service)) for service in READS.values()]
    names, *lists = exam.kaltura.ask_once(ask)
    may_not = [
        what for what, answer in zip(READS, lists, strict=True) if _is_forbidden(answer)
    ] + _unnamed(names)
    if may_not:
        return failed(
            f"Our session may not {', '.join(may_not)}.",
            "Take KALTURA_ADMIN_SECRET, or an application token without a role of its own; if it "
            "is that already, ask Kaltura to switch it on for the account.",
        )
    trouble = next((a for a in (names, *lists) if isinstance(a, KalturaError)), None)
    if trouble:
        return warning(
            f"Not all of it could be asked: {trouble}.", "Run the checks again in a while."
        )
    return ok("Our session may make all that is planned.")


def _first(service: Callable[[Any], Any], client: Any) -> object:
    """The first row of a list: as little as can be asked."""
    answer: object = service(client).list(pager=pager(1))
    return answer


def _is_forbidden(answer: object) -> bool:
    return isinstance(answer, RemoteRejected) and answer.code in FORBIDDEN


def _unnamed(names: object) -> list[str]:
    """What our session may not do by the names of its permissions; nothing if there are none."""
    if isinstance(names, KalturaError):
        return []
    held = {name.strip() for name in str(names).split(",")}
    needed = dict(NEEDED)
    if settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID:
        needed |= [ACCESS_CONTROL]
    return [what for name, what in needed.items() if name not in held]


def look_at_live_streaming(exam: Exam) -> Finding:
    """Whether the account may have live streams at all."""
    return _feature(
        exam, LIVE, "Live streams", "Without it no webcast can be made. Ask Kaltura to switch on"
    )


def look_at_recording(exam: Exam) -> Finding:
    """Whether live streams are recorded."""
    return _feature(
        exam,
        RECORDING,
        "Recording of live streams",
        "Without it Kaltura refuses webcasts that are to be recorded. Ask Kaltura to switch on",
    )


def _feature(exam: Exam, names: tuple[str, ...], what: str, why: str) -> Finding:
    wanted = new("KalturaPermissionFilter", nameIn=",".join(names), statusEqual=1)
    try:
        answer = exam.kaltura.one(lambda client: client.permission.list(wanted, pager()))
    except RemoteRejected as error:
        return warning(
            f"Kaltura does not tell whether the account has it ({error.code}).",
            f"Ask Kaltura whether {names[0]} is on.",
        )
    if not any(row.name in names for row in listed(answer)):
        return failed(f"The account does not have {names[0]}.", f"{why} it.")
    return ok(f"{what}: on.")


def look_at_owner(exam: Exam) -> Finding:
    """Whether the user who will own everything is known to Kaltura."""
    user = settings.KALTURA_USER_ID
    try:
        exam.kaltura.one(lambda client: client.user.get(user))
    except RemoteRejected as error:
        if error.code != "INVALID_USER_ID":
            raise
        return warning(
            f"Kaltura does not know the user “{user}” yet.",
            "Kaltura makes it with the first object that it owns. If someone else is to own what "
            "the portal makes, set KALTURA_USER_ID.",
        )
    return ok(f"User “{user}” owns what is made.")


CHECKS = (
    Check("permissions", look_at_permissions, needs=(CREDENTIALS,)),
    Check("live streaming", look_at_live_streaming, needs=(CREDENTIALS,)),
    Check("recording", look_at_recording, needs=(CREDENTIALS,)),
    Check("owner", look_at_owner, needs=(CREDENTIALS,)),
)
