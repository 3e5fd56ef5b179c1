"""A webcast: a live entry, its three metadata records, its calendar event, its place.

Source: LongingForHome/Kaltura-Embedded-Events, README.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.urls import reverse

from events.models import Session, Speaker, SpeakerRole
from kaltura_bridge import texts
from kaltura_bridge.api.broadcast_ks import Purpose, purpose_user_id
from kaltura_bridge.delivery.options import DeliveryOptions, options_for
from kaltura_bridge.fields import RECORD_STATUS, UPLOADED, WEBCAST_TAGS
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.models import Chat, RecordingMode
from kaltura_bridge.recipes.base import (
    Context,
    entry_fallbacks,
    entry_fields,
    place,
    schedule,
    unix,
)
from kaltura_bridge.recipes.channel import channel_of
from kaltura_bridge.recipes.redirect import recording_redirect
from kaltura_bridge.specs import Kind, Ref, Spec, Value, key_for

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
        *recording_redirect(session, options_for(session), entry),
        *place(session, entry),
    ]


def live_specs(session: Session, options: DeliveryOptions, context: Context) -> list[Spec]:
    """What every broadcast has: the entry that viewers open, its records, its picture."""
    entry = Ref(Kind.ENTRY, key_for(session.uuid))
    more = detail_elements(session, options, "kalturalive")
    # The first makes it a webcast for KMS and KAF, the second feeds their event pages, the
    # third holds what neither has an element for.
    return [
        live_entry(session, options, context),
        record(session, entry, "KMS_KWEBCAST2", webcast_elements(options)),
        record(session, entry, "KMS_EVENTS3", event_elements(session, context)),
        record(session, entry, "EntryAdditionalInfo", more),
        *thumbnail(session, entry, options),
    ]


def live_entry(session: Session, options: DeliveryOptions, context: Context) -> Spec:
    key = key_for(session.uuid)
    fields = {
        **entry_fields(session, key),
        "adminTags": admin_tags(options),
        **quality(options),
        **rewinding(options),
        "recordStatus": RECORD_STATUS[options.recording],
        "explicitLive": str(int(options.preview)),
        **previewing(session, options),
    }
    if options.recording != RecordingMode.NONE:
        fields["recordingOptions"] = recording_options(options)
    if options.push_publish is not None:
        fields["pushPublishEnabled"] = str(int(options.push_publish))
    label = f"live entry “{session.title}”"
    creation, fallbacks = live_creation(context, options), live_fallbacks(context)
    return Spec(Kind.ENTRY, key, label, fields, creation, fallbacks=fallbacks)


def previewing(session: Session, options: DeliveryOptions) -> dict[str, Value]:
    """Who co-edits the entry, for Kaltura shows its preview to no other user: nobody's account."""
    named = purpose_user_id(Purpose.PRODUCER, session.uuid)
    return {"entitledUsersEdit": named} if options.preview else {}


def admin_tags(options: DeliveryOptions) -> str:
    """Those that make it a webcast, and those that somebody chose."""
    chosen = texts.admin_tags_read(texts.ascii_lower(options.admin_tags))
    return texts.admin_tags([*WEBCAST_TAGS, *filter(None, chosen.split(","))])


def quality(options: DeliveryOptions) -> dict[str, Value]:
    """The conversion profile where one is chosen, kept in sync.

    That of the settings is sent once: another one makes Kaltura begin a new recording, which
    nobody wants of all sessions because a setting changed.
    """
    chosen = options.conversion_profile_id
    return {"conversionProfileId": str(chosen)} if chosen else {}


def live_creation(context: Context, options: DeliveryOptions | None = None) -> dict[str, Value]:
    """What a live entry is given once, with its add."""
    chosen = options is not None and options.conversion_profile_id
    profile = "" if chosen else context.conversion_profile_id
    only: dict[str, Value] = {"mediaType": LIVE_STREAM_FLASH, "sourceType": LIVE_STREAM}
    return {**only, "conversionProfileId": profile} if profile else only


def live_fallbacks(context: Context) -> dict[str, Value]:
    """What a live entry goes back to where nothing is chosen any more."""
    profile = context.conversion_profile_id
    own: dict[str, Value] = {"conversionProfileId": profile} if profile else {}
    none: dict[str, Value] = {"pushPublishEnabled": "0", "entitledUsersEdit": ""}
    return {**entry_fallbacks(context), **own, **none}


def rewinding(options: DeliveryOptions) -> dict[str, Value]:
    if not options.dvr:
        return {"dvrStatus": "0"}
    return {"dvrStatus": "1", "dvrWindow": str(options.dvr_window_minutes)}


def recording_options(options: DeliveryOptions) -> str:
    """The whole object, as JSON: Kaltura forgets what an update leaves out."""
    chosen = {
        "shouldCopyEntitlement": options.recordings_copy_access,
        "shouldMakeHidden": options.recordings_hidden,
        "shouldAutoArchive": options.recordings_archived,
        "shouldCopyScheduling": options.recordings_copy_schedule,
        "shouldCopyThumbnail": options.recordings_copy_thumbnail,
    }
    return json.dumps({name: str(int(on)) for name, on in chosen.items()}, sort_keys=True)


def record(
    session: Session, entry: Ref, profile: str, elements: Mapping[str, Value], shape: str = ""
) -> Spec:
    """One metadata record of the entry. Elements go by name (api/adapters/metadata.py)."""
    label = f"{profile} of “{session.title}”"
    key = f"{entry.key}/{profile}"
    return Spec(
        Kind.METADATA,
        key,
        label,
        elements,
        {"objectId": entry},
        variant=profile,
        shape=shape,
        fallbacks=DETAIL_FALLBACKS,
    )


def thumbnail(session: Session, entry: Ref, options: DeliveryOptions) -> list[Spec]:
    """The picture while nothing is on air: uploaded, or fetched by Kaltura from an address."""
    found = f"{UPLOADED}{options.thumbnail}" if options.thumbnail else options.thumbnail_url
    if not found:
        return []
    key, label = f"{entry.key}/thumbnail", f"thumbnail of “{session.title}”"
    return [Spec(Kind.THUMBNAIL, key, label, {"url": found}, {"entryId": entry})]


def webcast_elements(options: DeliveryOptions) -> dict[str, Value]:
    elements: dict[str, Value] = {
        "IsKwebcastEntry": "1",
        "IsSelfServe": str(int(options.self_serve)),
    }
    if options.slides_entry_id:
        elements["SlidesDocEntryId"] = options.slides_entry_id
    return elements


def event_elements(session: Session, context: Context) -> dict[str, Value]:
    """Times and everybody on stage, moderators among them."""
    presenters = [presenter(a.speaker, session, context) for a in session.appearances.all()]
    return {
        "StartTime": unix(session.starts_at),
        "EndTime": unix(session.ends_at),
        "Timezone": session.event.timezone,
        "Presenter": json.dumps(presenters, ensure_ascii=False, sort_keys=True),
    }


def presenter(speaker: Speaker, session: Session, context: Context) -> dict[str, str]:
    """A speaker as a Presenter element; what is empty is left out, as it reads back.

    No picture: published samples put an address there, working scripts the id of a picture
    made at Kaltura.
    """
    page = reverse("events:speaker", args=[session.event.slug, speaker.slug])
    elements = {
        "PresenterId": str(speaker.uuid),
        "PresenterName": texts.line(speaker.name),
        "PresenterTitle": texts.line(speaker.title),
        "PresenterBio": texts.plain(speaker.biography),
        "PresenterLink": f"{context.site_url}{page}" if context.site_url else "",
    }
    room = context.presenter_elements
    return {n: value for n, value in elements.items() if value and (room is None or n in room)}


def detail_elements(
    session: Session, options: DeliveryOptions, webcast_type: str
) -> dict[str, Value]:
    """Details by key; each value is JSON in text."""
    return {
        "Detail/calenderReminder": json.dumps("none"),
        "Detail/cnc_widgetSettings": json.dumps(_collaboration(options)),
        "Detail/webcastType": json.dumps(webcast_type),
        **_people_details(session),
    }


# An empty list, where somebody was named before.
DETAIL_FALLBACKS: Mapping[str, Value] = dict.fromkeys(
    ("Detail/kwebcast_moderators_array", "Detail/presenters"), "[]"
)


def _people_details(session: Session) -> dict[str, Value]:
    """The moderators who have an account, and the order of the presenters.

    Of the second only the key and how its values begin are published (the events scripts of
    kaltura-vpaas/virtual-events-utils).
    """
    appearances = list(session.appearances.all())
    users = [a.speaker.user for a in appearances if a.role == SpeakerRole.MODERATOR]
    found = {
        "Detail/kwebcast_moderators_array": [kaltura_user_id(user) for user in users if user],
        "Detail/presenters": [f"presenter_{a.speaker.uuid}" for a in appearances],
    }
    return {name: json.dumps(listed) for name, listed in found.items() if listed}


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
