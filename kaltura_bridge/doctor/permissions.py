"""What our session may do and what the account has enabled. All of it is read, nothing tried out.

Sources: names and uses of the permissions in the server's configuration,
https://github.com/kaltura/server/tree/master/deployment/permissions; the features of live
streams in https://github.com/kaltura/server/blob/master/api_v3/services/LiveStreamService.php
and https://github.com/kaltura/server/blob/master/api_v3/lib/types/entry/KalturaLiveEntry.php.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.conf import settings

from kaltura_bridge.api.client import Request, new
from kaltura_bridge.api.errors import KalturaError, RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, warning
from kaltura_bridge.doctor.connection import CREDENTIALS
from kaltura_bridge.models import EventDelivery, SessionDelivery

NEEDED: Final = {
    "LIVE_STREAM_ADD": "add live streams",
    "LIVE_STREAM_UPDATE": "change live streams",
    "CONTENT_MANAGE_DELETE": "delete live streams",
    "CONTENT_MANAGE_EDIT_CATEGORIES": "add and change categories",
    "SCHEDULE_EVENT_MANAGE": "add and change schedule events",
    "SCHEDULE_EVENT_DELETE": "delete schedule events",
}
ACCESS_CONTROL: Final = ("CONTENT_MANAGE_ACCESS_CONTROL", "set the access control of simulives")
# Where no permission's name tells: a list that needs what its writes need.
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
PUSHING: Final = ("PUSH_PUBLISH_PERMISSION",)
RECORDING: Final = ("FEATURE_LIVE_STREAM_RECORD", "FEATURE_LIVE_STREAM_KALTURA_RECORDING")


def check_permissions(run: DoctorRun) -> CheckResult:
    """Whether the sync's session may do everything the sync does."""
    requests = [Request(lambda client: client.permission.getCurrentPermissions())]
    requests += [Request(partial(_first, service)) for service in READS.values()]
    names, *lists = run.kaltura.ask_once(requests)
    may_not = [
        what for what, answer in zip(READS, lists, strict=True) if _is_forbidden(answer)
    ] + _missing(names)
    if may_not:
        return failed(
            f"Our session may not {', '.join(may_not)}.",
            "Use KALTURA_ADMIN_SECRET, or an application token without a role. If you already do, "
            "ask Kaltura to enable these permissions for the account.",
        )
    error = next((a for a in (names, *lists) if isinstance(a, KalturaError)), None)
    if error:
        return warning(f"Not everything could be checked: {error}.", "Run the checks again later.")
    return ok("Our session may do everything the portal needs.")


def _first(service: Callable[[Any], Any], client: Any) -> object:
    """The first row of a list: the smallest request that shows whether it is allowed."""
    answer: object = service(client).list(pager=pager(1))
    return answer


def _is_forbidden(answer: object) -> bool:
    return isinstance(answer, RemoteRejected) and answer.code in FORBIDDEN


def _missing(names: object) -> list[str]:
    """What our session may not do, by the names of its permissions; [] when Kaltura gives none."""
    if isinstance(names, KalturaError):
        return []
    held = {name.strip() for name in str(names).split(",")}
    needed = dict(NEEDED)
    if settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID:
        needed |= [ACCESS_CONTROL]
    return [what for name, what in needed.items() if name not in held]


def check_live_streaming(run: DoctorRun) -> CheckResult:
    """Whether live streams are enabled for the account."""
    return _feature(run, LIVE, "Live streams", "no webcast can be created")


def check_recording(run: DoctorRun) -> CheckResult:
    """Whether the recording of live streams is enabled for the account."""
    return _feature(
        run, RECORDING, "Recording of live streams", "Kaltura refuses webcasts with a recording"
    )


def check_push_publish(run: DoctorRun) -> CheckResult:
    """Whether the account may push streams on, where somebody plans it: Kaltura says nothing."""
    asked = [
        f"“{row}”"
        for model in (EventDelivery, SessionDelivery)
        for row in model.objects.filter(push_publish=True).order_by("pk")[:3]
    ]
    if not asked:
        return ok("No event or session pushes its stream to other services.")
    consequence = f"Kaltura drops the setting of {', '.join(asked)} without a word"
    return _feature(run, PUSHING, "Pushing to other services", consequence)


def _feature(run: DoctorRun, names: tuple[str, ...], feature: str, consequence: str) -> CheckResult:
    enabled = new("KalturaPermissionFilter", nameIn=",".join(names), statusEqual=1)
    try:
        answer = run.kaltura.one(lambda client: client.permission.list(enabled, pager()))
    except RemoteRejected as error:
        return warning(
            f"Kaltura does not tell whether {names[0]} is enabled ({error.code}).",
            f"Ask Kaltura whether {names[0]} is enabled.",
        )
    if not any(row.name in names for row in listed(answer)):
        return failed(
            f"{names[0]} is not enabled for the account: {consequence}.",
            "Ask Kaltura to enable it.",
        )
    return ok(f"{feature}: enabled.")


def check_owner(run: DoctorRun) -> CheckResult:
    """Whether Kaltura knows the user who will own everything."""
    user = settings.KALTURA_USER_ID
    try:
        run.kaltura.one(lambda client: client.user.get(user))
    except RemoteRejected as error:
        if error.code != "INVALID_USER_ID":
            raise
        return warning(
            f"Kaltura does not know the user “{user}” yet.",
            "Kaltura creates the user with the first object that it owns. If another user is to "
            "own what the portal creates, set KALTURA_USER_ID.",
        )
    return ok(f"User “{user}” owns what the portal creates.")


CHECKS = (
    Check("permissions", check_permissions, needs=(CREDENTIALS,)),
    Check("live streaming", check_live_streaming, needs=(CREDENTIALS,)),
    Check("recording", check_recording, needs=(CREDENTIALS,)),
    Check("push publishing", check_push_publish, needs=(CREDENTIALS,)),
    Check("owner", check_owner, needs=(CREDENTIALS,)),
)
