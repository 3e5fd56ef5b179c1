"""A video that is played as if it were live, and stays on afterwards.

Sources: plugins/schedule/base/lib/model/LiveStreamScheduleEvent.php and the class
kSimuliveUtils of kaltura/server; the scripts of kaltura-vpaas/virtual-events-utils. The
server plays it from the start (less the clip before) to the end (plus the clip after).
"""

from __future__ import annotations

from datetime import timedelta

from events.models import Session
from kaltura_bridge.delivery.options import DeliveryOptions, options_for
from kaltura_bridge.models import ErrorKind
from kaltura_bridge.recipes.base import (
    CannotSend,
    Context,
    Video,
    entry_fields,
    is_shown,
    place,
    schedule,
)
from kaltura_bridge.recipes.redirect import redirect_spec
from kaltura_bridge.recipes.webcast import (
    LIVE_EVENT,
    admin_tags,
    detail_elements,
    event_elements,
    live_creation,
    live_fallbacks,
    quality,
    record,
    rewinding,
    thumbnail,
    webcast_elements,
)
from kaltura_bridge.specs import Kind, Ref, RemoteRef, Spec, Value, key_for

SIMULIVE = "simulive"
CLIPS = {
    "sourceEntryId": "source_entry_id",
    "preStartEntryId": "pre_clip_id",
    "postEndEntryId": "post_clip_id",
}


def simulive_specs(session: Session, context: Context) -> list[Spec]:
    """Raises CannotSend without a video, or while Kaltura still works on it.

    A cancelled session or a draft plays none, so it needs none.
    """
    options, is_on = options_for(session), is_shown(session)
    if is_on and not options.source_entry_id:
        raise CannotSend(ErrorKind.INCOMPLETE, "Choose the video to play, under Delivery.")
    videos = {i: _video(i, context) for i in options.foreign_entries if is_on}
    entry = Ref(Kind.ENTRY, key_for(session.uuid))
    clips: dict[str, Value] = {
        name: chosen for name, option in CLIPS.items() if (chosen := getattr(options, option))
    }
    main = schedule(
        session, LIVE_EVENT, {"templateEntryId": entry, **clips}, shape="+".join(sorted(clips))
    )
    more = detail_elements(session, options, SIMULIVE)
    return [
        _entry(session, options, context),
        record(session, entry, "KMS_KWEBCAST2", webcast_elements(options) | {"IsSelfServe": "0"}),
        record(session, entry, "KMS_EVENTS3", event_elements(session, context)),
        record(session, entry, "EntryAdditionalInfo", more),
        *thumbnail(session, entry, options),
        *main,
        *_redirect(session, options, entry, videos.get(options.post_clip_id)),
        *place(session, entry),
    ]


def _video(entry_id: str, context: Context) -> Video:
    pointed = (context.pointed or {}).get(RemoteRef(Kind.ENTRY, entry_id))
    video = pointed.video if pointed else None
    if video is None:  # nobody looked; what is not there was refused before
        return Video(ready=True, duration_s=0)
    if not video.ready:
        raise CannotSend(
            ErrorKind.VIDEO_NOT_READY, f"Kaltura is still processing the video {entry_id}."
        )
    return video


def _entry(session: Session, options: DeliveryOptions, context: Context) -> Spec:
    key = key_for(session.uuid)
    fields = {
        **entry_fields(session, key),
        "adminTags": admin_tags(options),
        **quality(options),
        **rewinding(options),
        # Nothing is on air: there is nothing to record, and no preview to hold back.
        "recordStatus": "0",
        "explicitLive": "0",
    }
    if context.simulive_access_control_id:
        fields["accessControlId"] = context.simulive_access_control_id
    label = f"live entry “{session.title}”"
    creation, fallbacks = live_creation(context, options), live_fallbacks(context)
    return Spec(Kind.ENTRY, key, label, fields, creation, shape=SIMULIVE, fallbacks=fallbacks)


def _redirect(
    session: Session, options: DeliveryOptions, entry: Ref, after: Video | None
) -> list[Spec]:
    """From the end on, the entry leads to the video itself."""
    if not options.replay or not is_shown(session):
        return []
    start = session.ends_at + timedelta(seconds=after.duration_s if after else 0)
    return [redirect_spec(session, entry, options.source_entry_id, start)]
