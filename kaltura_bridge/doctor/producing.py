"""What people who produce webcasts need: the Studio, its slides, their role, their addresses."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.conf import settings

from kaltura_bridge.api import ks
from kaltura_bridge.api.broadcast_ks import LEAST, ingest_ks, studio_ks
from kaltura_bridge.api.client import new, wire
from kaltura_bridge.api.errors import RemoteRejected
from kaltura_bridge.api.light import LightCall, call
from kaltura_bridge.api.lists import listed, pager
from kaltura_bridge.api.studio_apps import SLIDES_PROFILE, WEBCASTING, System, studio_apps
from kaltura_bridge.doctor.base import Check, CheckResult, DoctorRun, failed, ok, skipped, warning
from kaltura_bridge.doctor.connection import CLOCK, CREDENTIALS
from kaltura_bridge.doctor.kaf import NO_ENTRY
from kaltura_bridge.live.ingest_profile import IngestPoint, Protocol, ingest_points
from kaltura_bridge.models import RemoteLink
from kaltura_bridge.specs import Kind

INGEST: Final = "ingest addresses"
CANNOT_SIGN: Final = "Only KALTURA_ADMIN_SECRET can sign producers in, and it is empty."
# What the Studio does with its KS: go live, and read who is there.
PRODUCES: Final = frozenset({"LIVE_STREAM_UPDATE", "WEBCAST_PRODUCER_PERMISSION"})
NOBODY: Final = UUID(int=0)


def check_studio(run: DoctorRun) -> CheckResult:
    """Whether Kaltura names the Webcasting Studio's downloads, for both systems."""
    programs = new("KalturaUiConfFilter", objTypeEqual=WEBCASTING)
    rows = listed(run.kaltura.one(lambda c: c.uiConf.listTemplates(programs, pager())))
    apps = studio_apps((wire(row.id), wire(row.config)) for row in rows)
    fix = "Ask Kaltura for the webcasting module, or send producers the program yourself."
    if missing := [s.label for s in System if s not in {app.system for app in apps}]:
        return warning(f"Kaltura names no Webcasting Studio for {' and '.join(missing)}.", fix)
    versions = ", ".join(f"{app.label} {app.version}" for app in apps)
    return ok(f"Webcasting Studio: {versions}.")


def check_slides_profile(run: DoctorRun) -> CheckResult:
    """Whether slides that producers upload can be converted."""
    by_name = new("KalturaConversionProfileFilter", systemNameEqual=SLIDES_PROFILE)
    rows = listed(run.kaltura.one(lambda c: c.conversionProfile.list(by_name, pager())))
    if rows:
        return ok(f"Profile {wire(rows[0].id)} ({wire(rows[0].name)}) converts slides.")
    chosen = settings.KALTURA_SLIDES_PROFILE_ID
    fix = "Set KALTURA_SLIDES_PROFILE_ID to the conversion profile for slides, or ask Kaltura."
    if not chosen:
        return warning(
            f"The account has no conversion profile {SLIDES_PROFILE}, and "
            "KALTURA_SLIDES_PROFILE_ID is empty: no slides can be uploaded in the Studio.",
            fix,
        )
    try:
        profile = run.kaltura.one(lambda client: client.conversionProfile.get(chosen))
    except RemoteRejected as error:
        if error.code != "CONVERSION_PROFILE_ID_NOT_FOUND":
            raise
        return failed(f"The account has no conversion profile {chosen} for slides.", fix)
    return ok(f"Profile {chosen} ({wire(profile.name)}) converts slides.")


def check_role(run: DoctorRun) -> CheckResult:
    """Whether Kaltura knows the role that the Studio and the moderator view ask for."""
    if not ks.can_mint():
        return skipped(CANNOT_SIGN)
    signed = studio_ks(NOBODY, NO_ENTRY, LEAST)
    fix = f"Ask Kaltura to give the account the role {ks.PRODUCER_ROLE}."
    try:
        names = call(LightCall("permission", "getCurrentPermissions", ks=signed))
    except RemoteRejected as error:
        if error.code in {"SERVICE_DOES_NOT_EXISTS", "ACTION_DOES_NOT_EXISTS"}:
            return ok(f"Kaltura does not tell what the role {ks.PRODUCER_ROLE} may do.")
        if error.code != "INVALID_OBJECT_ID":
            raise
        return failed(f"Kaltura knows no role {ks.PRODUCER_ROLE}: no producer gets in.", fix)
    held = {name.strip() for name in str(names).split(",")}
    if missing := PRODUCES - held:
        return failed(f"The role {ks.PRODUCER_ROLE} lacks {', '.join(sorted(missing))}.", fix)
    return ok(f"The role {ks.PRODUCER_ROLE} may produce webcasts.")


def check_ingest(run: DoctorRun) -> CheckResult:
    """Whether a producer is told where to send the stream of the webcast made last."""
    if not ks.can_mint():
        return skipped(CANNOT_SIGN)
    link = _newest_webcast()
    if link is None:
        return skipped("Kaltura has no webcast of this portal yet.")
    points = _points(link)
    if not points:
        return failed(
            f"Kaltura does not tell the addresses of {link.remote_id} to who may edit it.",
            "Ask Kaltura whether live streaming is set up for the account.",
        )
    kinds = " and ".join(sorted({str(point.protocol) for point in points}))
    return ok(f"Kaltura tells producers where to send {kinds}.")


def check_srt(run: DoctorRun) -> CheckResult:
    """Whether encoders may send SRT."""
    link = _newest_webcast()
    if link is None or not ks.can_mint():
        return skipped("Nothing to ask about.")
    if not any(point.protocol is Protocol.SRT for point in _points(link)):
        return warning(
            f"Kaltura gives {link.remote_id} no SRT address: encoders have to send RTMPS.",
            "Ask Kaltura whether SRT can be switched on, if somebody needs it.",
        )
    return ok("Encoders may send SRT.")


def _newest_webcast() -> RemoteLink | None:
    made = RemoteLink.objects.filter(kind=Kind.ENTRY, gone=False).exclude(remote_id="")
    return made.exclude(remote_id=None).order_by("-pk").first()


def _points(link: RemoteLink) -> list[IngestPoint]:
    remote_id = str(link.remote_id)
    asked = LightCall("livestream", "get", {"entryId": remote_id}, ingest_ks(NOBODY, remote_id))
    entry: Any = call(asked)
    return ingest_points(entry) if isinstance(entry, dict) else []


CHECKS = (
    Check("Webcasting Studio", check_studio, needs=(CREDENTIALS,)),
    Check("slides profile", check_slides_profile, needs=(CREDENTIALS,)),
    Check("producer role", check_role, needs=(CREDENTIALS,)),
    # That KS lives for a minute, so clocks that differ by more make it worthless.
    Check(INGEST, check_ingest, needs=(CLOCK, CREDENTIALS)),
    Check("SRT", check_srt, needs=(INGEST,)),
)
