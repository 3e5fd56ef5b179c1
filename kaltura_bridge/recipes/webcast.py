"""A webcast: a live entry, its three metadata records, its calendar event, its place.

Source: LongingForHome/Kaltura-Embedded-Events, README.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from events.models import Session, Speaker, SpeakerRole
from kaltura_bridge import texts
from kaltura_bridge.delivery.options import DeliveryOptions, options_for
from kaltura_bridge.fields import RECORD_STATUS
from kaltura_bridge.models import Chat, RecordingMode
from kaltura_bridge.recipes.base import Context, entry_fields, place, schedule, unix
from kaltura_bridge.recipes.channel import channel_of
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for

# The union of what the sources name; Kaltura's analytics knows the first only.
ADMIN_TAGS = texts.admin_tags(["kms-webcast-event", "kwebcast", "vpaas-webcast"])
# mediaType and sourceType of what an encoder sends (enums of kaltura/server; "flash" is history).
LIVE_STREAM_FLASH, LIVE_STREAM = "201", "32"
LIVE_EVENT = "KalturaLiveStreamScheduleEvent"
QUESTIONS = {Chat.OFF: 0, Chat.ON: 1, Chat.SCHEDULED: 2}
GROUP_CHAT = {Chat.OFF: "disabled", Chat.ON: "groupChat", Chat.SCHEDULED: "schedule"}


def webcast_specs(session: Session, context: Context) -> list[Spec]:
    entry = Ref(Kind.ENTRY, key_for(session.uuid))
    channel = channel_of(session)
    return [
        *live_specs(session, options_for(session), context),
        *schedule(
            session,
            LIVE_EVENT,
            {"templateEntryId": entry, **({"sourceEntryId": channel} if channel else {})},
            shape="source" if channel else "",
        ),
        *place(session, entry),
    ]


def live_specs(session: Session, options: DeliveryOptions, context: Context) -> list[Spec]:
    """What every broadcast has: the entry that viewers open, its records, its picture."""
    entry = Ref(Kind.ENTRY, key_for(session.uuid))
    more = detail_elements(options, "kalturalive")
    # The first makes it a webcast for KMS and KAF, the second feeds their event pages, the
    # third holds what neither has an element for.
    return [
        live_entry(session, options, context),
        record(session, entry, "KMS_KWEBCAST2", webcast_elements(options)),
        record(session, entry, "KMS_EVENTS3", event_elements(session)),
        record(session, entry, "EntryAdditionalInfo", more),
        *thumbnail(session, entry, options),
    ]


def live_entry(session: Session, options: DeliveryOptions, context: Context) -> Spec:
    key = key_for(session.uuid)
    fields = {
        **entry_fields(session, key),
        "adminTags": ADMIN_TAGS,
        **rewinding(options),
        "recordStatus": RECORD_STATUS[options.recording],
        "explicitLive": str(int(options.preview)),
    }
    if options.recording != RecordingMode.NONE:
        fields["recordingOptions"] = recording_options(options)
    label = f"live entry “{session.title}”"
    return Spec(Kind.ENTRY, key, label, fields, live_creation(context))


def live_creation(context: Context) -> dict[str, Value]:
    """What a live entry is given once, with its add."""
    profile = context.conversion_profile_id
    only: dict[str, Value] = {"mediaType": LIVE_STREAM_FLASH, "sourceType": LIVE_STREAM}
    return {**only, "conversionProfileId": profile} if profile else only


def rewinding(options: DeliveryOptions) -> dict[str, Value]:
    if not options.dvr:
        return {"dvrStatus": "0"}
    return {"dvrStatus": "1", "dvrWindow": str(options.dvr_window_minutes)}


def recording_options(options: DeliveryOptions) -> str:
    """The whole object, as JSON: Kaltura forgets what an update leaves out."""
    chosen = {
        "shouldCopyEntitlement": "1",
        "shouldMakeHidden": str(int(options.recordings_hidden)),
        "shouldAutoArchive": "1",
    }
    return json.dumps(chosen, sort_keys=True)


def record(
    session: Session, entry: Ref, profile: str, elements: Mapping[str, Value], shape: str = ""
) -> Spec:
    """One metadata record of the entry. Elements go by name (api/adapters/metadata.py)."""
    label = f"{profile} of “{session.title}”"
    key = f"{entry.key}/{profile}"
    return Spec(
        Kind.METADATA, key, label, elements, {"objectId": entry}, variant=profile, shape=shape
    )


def thumbnail(session: Session, entry: Ref, options: DeliveryOptions) -> list[Spec]:
    """The picture while nothing is on air, fetched by Kaltura from an address of ours."""
    if not options.thumbnail_url:
        return []
    key, label = f"{entry.key}/thumbnail", f"thumbnail of “{session.title}”"
    return [Spec(Kind.THUMBNAIL, key, label, {"url": options.thumbnail_url}, {"entryId": entry})]


def webcast_elements(options: DeliveryOptions) -> dict[str, Value]:
    elements: dict[str, Value] = {
        "IsKwebcastEntry": "1",
        "IsSelfServe": str(int(options.self_serve)),
    }
    if options.slides_entry_id:
        elements["SlidesDocEntryId"] = options.slides_entry_id
    return elements


def event_elements(session: Session) -> dict[str, Value]:
    presenters = [
        presenter(appearance.speaker)
        for appearance in session.appearances.all()
        if appearance.role == SpeakerRole.SPEAKER
    ]
    return {
        "StartTime": unix(session.starts_at),
        "EndTime": unix(session.ends_at),
        "Timezone": session.event.timezone,
        "Presenter": json.dumps(presenters, ensure_ascii=False, sort_keys=True),
    }


def presenter(speaker: Speaker) -> dict[str, str]:
    """A speaker as a Presenter element; what is empty is left out, as it reads back."""
    elements = {
        "PresenterId": str(speaker.uuid),
        "PresenterName": texts.line(speaker.name),
        "PresenterTitle": texts.line(speaker.title),
    }
    return {name: value for name, value in elements.items() if value}


def detail_elements(options: DeliveryOptions, webcast_type: str) -> dict[str, Value]:
    """Details by key; each value is JSON in text."""
    return {
        "Detail/calenderReminder": json.dumps("none"),
        "Detail/cnc_widgetSettings": json.dumps(_collaboration(options)),
        "Detail/webcastType": json.dumps(webcast_type),
    }


def _collaboration(options: DeliveryOptions) -> dict[str, object]:
    """Chat and questions; minutes only where questions open by schedule."""
    widget: dict[str, object] = {
        "cnc_enabled": "1",
        "cnc_moderation": QUESTIONS[Chat(options.questions)],
        "cnc_groupChat_mode": GROUP_CHAT[Chat(options.chat)],
    }
    if options.questions == Chat.SCHEDULED:
        widget["cnc_moderation_preBroadcast"] = str(options.questions_before_minutes)
        widget["cnc_moderation_postBroadcast"] = str(options.questions_after_minutes)
    return widget
