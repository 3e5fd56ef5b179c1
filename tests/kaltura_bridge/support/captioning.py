"""A session with a recording at the local Kaltura, and the vendor who captions it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from KalturaClient import KalturaClient, KalturaConfiguration
from KalturaClient.Plugins import Caption, Core, Reach

from events.models import Session
from kaltura_bridge.captions import service
from kaltura_bridge.captions.cues import as_row, parse
from kaltura_bridge.models import (
    CaptionOrder,
    CaptionRule,
    CaptionTrack,
    Recording,
    RecordingOrigin,
    RecordingStatus,
    RemoteLink,
    SyncState,
    SyncTarget,
    TargetKind,
    Transcript,
)
from kaltura_bridge.specs import Kind, key_for
from kaltura_simulator import constants
from tests.factories import SessionFactory

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

VIDEO, OTHER_VIDEO = (key for key, *_ in constants.READY_VIDEOS)
VTT = """WEBVTT

00:00:01.000 --> 00:00:04.000
<v Ada>Good morning &amp; welcome to Zürich.

00:00:05.000 --> 00:00:08.000
We speak of <b>photosynthesis</b> today.

00:01:05.000 --> 00:01:08.000
<v Ben>Photosynthesis <script>alert(1)</script> again.
"""


def recorded(entry_id: str = VIDEO, *, published: bool = True, **fields: Any) -> Recording:
    """A recording of an English webcast that ended two hours ago."""
    start = timezone.now() - timedelta(hours=3)
    times = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    session = SessionFactory(**{"language": "en", **times, **fields})
    link_to(session, f"0_{session.pk:08}", recordedEntryId=entry_id)
    return Recording.objects.create(
        session=session,
        entry_id=entry_id,
        origin=RecordingOrigin.RECORDED,
        state=RecordingStatus.READY,
        name="The recording",
        seconds=120,
        is_published=published,
        is_main=True,
        recorded_at=start,
    )


def captioned(
    *, text: str = VTT, shown: bool = True, **fields: Any
) -> tuple[Recording, CaptionTrack]:
    """A watched recording with English captions."""
    recording = recorded(**fields)
    said = Transcript.objects.create(
        session=recording.session,
        entry_id=recording.entry_id,
        looked_at=timezone.now(),
        # No worker looks at Kaltura, which has none of them.
        look_at=timezone.now() + timedelta(days=1),
    )
    cues = parse(text)
    track = CaptionTrack.objects.create(
        transcript=said,
        asset_id="1_caption",
        language="English",
        label="English",
        is_default=True,
        is_shown=shown,
        cues=[as_row(cue) for cue in cues],
        words=" ".join(f"{cue.speaker} {cue.text}".lower() for cue in cues).replace("ü", "u"),
    )
    return recording, track


def link_to(session: Session, remote_id: str, kind: Kind = Kind.ENTRY, **seen: str) -> RemoteLink:
    """The session's object at Kaltura, as if a sync had made it."""
    target, _ = SyncTarget.objects.update_or_create(
        kind=TargetKind.SESSION,
        object_uuid=session.uuid,
        defaults={
            "event_uuid": session.event.uuid,
            "title": session.title,
            "state": SyncState.SYNCED,
        },
    )
    return RemoteLink.objects.create(
        target=target, kind=kind, key=key_for(session.uuid), remote_id=remote_id, seen=seen
    )


def rule_of(session: Session, **fields: Any) -> CaptionRule:
    """Every recording in its language within a day."""
    return CaptionRule.objects.create(
        **{"event": session.event, "name": "Every recording", "within_hours": 24, **fields}
    )


def look_again() -> None:
    """A worker's pass, with everything that waits for its time due now."""
    CaptionOrder.objects.update(look_at=timezone.now())
    service.look_after_captions()


@dataclass
class CaptionVendor:
    """Who takes the orders at the local Kaltura."""

    simulator: Simulator
    client: KalturaClient = field(init=False)

    def __post_init__(self) -> None:
        partner = constants.PARTNER_ID + 200_000
        found = self.simulator.control("GET", "objects", kind="partner", partner=partner)
        secret = found["objects"][0]["adminSecret"]
        self.client = KalturaClient(KalturaConfiguration(self.simulator.url))
        made = self.client.generateSessionV2(secret, "vendor", 2, partner, 3600, "")
        self.client.setKs(made.decode())
        self.client.setPartnerId(partner)

    def jobs(self) -> list[Any]:
        return list(self.client.reach.entryVendorTask.getJobs().objects)

    def report(self, task_id: int, status: int, **fields: Any) -> None:
        told = Reach.KalturaEntryVendorTask(status=status, **fields)
        self.client.reach.entryVendorTask.updateJob(task_id, told)

    def deliver(self, text: str = VTT) -> None:
        """Caption every job there is."""
        for job in self.jobs():
            helper = KalturaClient(KalturaConfiguration(self.simulator.url))
            helper.setKs(job.accessKey)
            helper.setPartnerId(self.simulator.partner_id)
            self.report(job.id, 3)
            asset = Caption.KalturaCaptionAsset(language="English", format="3", label="English")
            made = helper.caption.captionAsset.add(job.entryId, asset)
            helper.caption.captionAsset.setContent(
                made.id, Core.KalturaStringResource(content=text)
            )
            self.report(job.id, 2, outputObjectId=made.id)


def show_in_player(**fields: Any) -> None:
    """The account shows captions of machines at once, as they come."""
    from kaltura_bridge.api.client import new
    from tests.kaltura_bridge.support.at_kaltura import at_kaltura

    changed = new("KalturaReachProfile", autoDisplayMachineCaptionsOnPlayer=True, **fields)
    at_kaltura(lambda c: c.reach.reachProfile.update(constants.REACH_PROFILE, changed))


def tasks_at(simulator: Simulator) -> list[dict[str, Any]]:
    """Every task there, whatever became of it."""
    return simulator.objects("entryVendorTask", deleted=True)
