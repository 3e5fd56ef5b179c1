"""A webcast: a live entry, its three metadata records, its calendar event, its place.

Source: the recipe of Kaltura's embedded events guide.
"""

from __future__ import annotations

import json

from events.models import Session, Speaker, SpeakerRole
from kaltura_bridge import texts
from kaltura_bridge.recipes.base import Context, entry_fields, place, schedule, unix
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for

# The union of what the sources name; Kaltura's analytics knows the first only.
ADMIN_TAGS = texts.admin_tags(["kms-webcast-event", "kwebcast", "vpaas-webcast"])
LIVE_STREAM_FLASH, LIVE_STREAM = "201", "32"
CHAT = {"cnc_enabled": "1", "cnc_moderation": 1, "cnc_groupChat_mode": "groupChat"}


def webcast_specs(session: Session, context: Context) -> list[Spec]:
    entry = Ref(Kind.ENTRY, key_for(session.uuid))
    return [
        live_entry(session, context),
        record(session, entry, "KMS_KWEBCAST2", webcast_facts()),
        record(session, entry, "KMS_EVENTS3", event_facts(session)),
        record(session, entry, "EntryAdditionalInfo", additional_facts(session)),
        *schedule(session, entry, "KalturaLiveStreamScheduleEvent"),
        *place(session, entry),
    ]


def live_entry(session: Session, context: Context) -> Spec:
    create_only = {"mediaType": LIVE_STREAM_FLASH, "sourceType": LIVE_STREAM}
    if context.conversion_profile_id:
        create_only["conversionProfileId"] = context.conversion_profile_id
    fields = {
        **entry_fields(session),
        "adminTags": ADMIN_TAGS,
        "dvrStatus": "1",
        "dvrWindow": str(context.dvr_window_minutes),
        "recordStatus": "1",  # APPENDED: one recording to find
        "explicitLive": "0",
    }
    label = f"live entry “{session.title}”"
    return Spec(Kind.ENTRY, key_for(session.uuid), label, fields, create_only)


def record(session: Session, entry: Ref, profile: str, facts: dict[str, Value]) -> Spec:
    """One metadata record of the entry. Facts are its elements by name (gateway/metadata.py)."""
    label = f"{profile} of “{session.title}”"
    key = key_for(session.uuid, profile)
    return Spec(Kind.METADATA, key, label, facts, {"objectId": entry}, variant=profile)


def webcast_facts() -> dict[str, Value]:
    return {"IsKwebcastEntry": "1", "IsSelfServe": "0"}


def event_facts(session: Session) -> dict[str, Value]:
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
    facts = {
        "PresenterId": str(speaker.uuid),
        "PresenterName": texts.line(speaker.name),
        "PresenterTitle": texts.line(speaker.title),
    }
    return {name: value for name, value in facts.items() if value}


def additional_facts(session: Session) -> dict[str, Value]:
    """Details by key; each value is JSON in text."""
    return {
        "Detail/calenderReminder": json.dumps("none"),
        "Detail/cnc_widgetSettings": json.dumps(CHAT),
        "Detail/webcastType": json.dumps("kalturalive"),
    }
