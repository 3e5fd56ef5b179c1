"""What recordings need: looks that succeed, files that are listed, and a copy that can be had."""

from __future__ import annotations

from typing import Any, Final

from kaltura_bridge.api import ks
from kaltura_bridge.api.client import new
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.api.player_ks import download_ks
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, skipped, warning
from kaltura_bridge.doctor.connection import CLOCK, CREDENTIALS
from kaltura_bridge.doctor.fetch import NoAnswer, status_of
from kaltura_bridge.models import Recording, RecordingLook, RecordingStatus
from kaltura_bridge.watch import addresses

#: A look that failed once or twice is trouble that passes.
_TOO_OFTEN: Final = 3
_VIEWER: Final = "portal-support"


def check_looks(run: DoctorRun) -> CheckResult:
    """Whether the worker can find out what was recorded."""
    looks = RecordingLook.objects.filter(failures__gte=_TOO_OFTEN).select_related("session")
    last = looks.order_by("-next_look_at", "-pk").first()
    if last is None:
        return ok("The worker's looks for recordings succeed.")
    return failed(
        f"The look for recordings fails again and again for {looks.count()} sessions, such as "
        f"“{last.session.title}”: {last.error}",
        "Open the event's recordings and choose Look now. If it fails again, ask Kaltura whether "
        "our session may list entries and files.",
    )


def check_files(run: DoctorRun) -> CheckResult:
    """Whether Kaltura tells the files of the newest recording that attendees can watch."""
    recording = _newest()
    if recording is None:
        return ok("No recording that anybody may watch is published yet.")
    wanted = new("KalturaFlavorAssetFilter", entryIdEqual=recording.entry_id)
    fix = "Ask Kaltura whether our session may list flavor assets, and which this video has."
    try:
        files: list[Any] = listed(
            run.kaltura.one(lambda client: client.flavorAsset.list(wanted, pager(1)))
        )
    except RemoteRejected as error:
        seen = f"Kaltura does not tell the files of {recording.entry_id} ({error.code})"
        return warning(f"{seen}, so nobody sees how large recordings are.", fix)
    if not files:
        return warning(f"Kaltura tells no file of {recording.entry_id}, which is ready.", fix)
    return ok(f"Kaltura tells the files of {recording.entry_id}.")


def check_copy(run: DoctorRun) -> CheckResult:
    """Whether a copy of it can be had where attendees are led for one."""
    recording = _newest()
    if not ks.can_mint():
        return skipped("Only KALTURA_ADMIN_SECRET can sign viewers in, and it is empty.")
    if recording is None:
        return ok("No recording that anybody may watch is published yet.")
    signed = download_ks(_VIEWER, recording.entry_id, "")
    fix = "Check KALTURA_CDN_URL and KALTURA_PLAYER_ROLE, and whether the video plays in KMC."
    try:
        status = status_of(addresses.download_url(recording.entry_id, signed))
    except NoAnswer as error:
        return failed(f"playManifest at {addresses.cdn_url()}: {error}.", fix)
    if status >= 400:
        return failed(f"Kaltura refuses a copy of {recording.entry_id} (HTTP {status}).", fix)
    return ok(f"A copy of {recording.entry_id} can be downloaded.")


def _newest() -> Recording | None:
    """Of an event without a privacy context: nobody of us is a member of the others."""
    shown = Recording.objects.filter(is_published=True, state=RecordingStatus.READY)
    guarded = shown.filter(session__event__delivery__privacy_context__gt="")
    return shown.exclude(pk__in=guarded.values("pk")).order_by("-recorded_at", "-pk").first()


CHECKS = (
    Check("looks for recordings", check_looks, needs=(CREDENTIALS,)),
    Check("files of recordings", check_files, needs=(CREDENTIALS,)),
    Check("copies of recordings", check_copy, needs=(CLOCK, CREDENTIALS)),
)
