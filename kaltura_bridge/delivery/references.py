"""What delivery settings point to at Kaltura: entries and categories that somebody else made.

A team may point to what has no owner in the portal, or to its own events'. Whose something
is only Kaltura knows for certain, so the sync looks (sync/references.py); a page that
answered at once would tell whoever tries ids which of them belong to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.i18n.languages import Words
from events.models import Event, Session, SessionType, Track
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.delivery import layout, room_tags
from kaltura_bridge.delivery.options import (
    DeliveryOptions,
    options_for,
    options_of_event,
    room_tags_of,
)
from kaltura_bridge.models import Delivery, RemoteLink, RoomForm, RoomSharing
from kaltura_bridge.specs import Kind, RemoteRef

VIDEOS: Final = ("source_entry_id", "pre_clip_id", "post_clip_id")
RECORDED_IN: Final = "recording_entry_id"
_ENTRY_FIELDS: Final = (*VIDEOS, "slides_entry_id", "room_template_id", RECORDED_IN)
_TAGS: Final[Mapping[str, Kind]] = {
    "custom_live_entry": Kind.ENTRY,
    "custom_cat_id": Kind.CATEGORY,
}
_LABELS: Final[Mapping[str, Words]] = {
    **dict.fromkeys(VIDEOS, _("video")),
    "slides_entry_id": _("document"),
    "room_template_id": _("template room"),
    "recording_entry_id": _("entry for the recording"),
    "custom_live_entry": _("live entry"),
    "custom_cat_id": _("category"),
}


@dataclass(frozen=True)
class Reference:
    """One setting that points to something at Kaltura."""

    name: str
    to: RemoteRef

    @classmethod
    def by_name(cls, name: str, remote_id: str) -> Reference:
        """What this setting points to with this value."""
        return cls(name, RemoteRef(_TAGS.get(name, Kind.ENTRY), remote_id))

    @property
    def label(self) -> str:
        """What people call the thing that it points to."""
        return str(_LABELS[self.name])

    @property
    def is_video(self) -> bool:
        """Whether it is played, so that it must be ready as well."""
        return self.name in VIDEOS


def options_of(planned: Event | Track | Session) -> DeliveryOptions:
    """The options by which an object is made: a track and an event have those of the event."""
    if isinstance(planned, Session):
        return options_for(planned)
    return options_of_event(planned.event if isinstance(planned, Track) else planned)


def references_in(planned: Event | Track | Session) -> list[Reference]:
    """Everything that an object sends to Kaltura as somebody else's id."""
    if isinstance(planned, Event):
        return []
    options = options_of(planned)
    if isinstance(planned, Track):
        return list(_of_shared_rooms(planned, options))
    return list(references_of(planned, options))


def references_of(session: Session, options: DeliveryOptions) -> Iterator[Reference]:
    """Everything that a session of this type sends to Kaltura as somebody else's id."""
    is_older_room = _is_older_room(session, options)
    tags = room_tags.merged(room_tags_of(session, options)) if is_older_room else {}
    names = [n for n in _ENTRY_FIELDS if is_older_room or n != "recording_entry_id"]
    for reference in _references({name: getattr(options, name) for name in names}, tags):
        if session.session_type in layout.TYPES_OF[reference.name]:
            yield reference


def _of_shared_rooms(track: Track, options: DeliveryOptions) -> Iterator[Reference]:
    """What the room settings of the event point to, where the track makes its sessions' rooms."""
    if (options.room_form, options.room_sharing) != (RoomForm.LEGACY, RoomSharing.TRACK):
        return
    types = {session.session_type for session in track.sessions.all()}
    for reference in _references({}, room_tags.merged(options.room_tags)):
        if types & set(layout.TYPES_OF[reference.name]):
            yield reference


def references_in_tags(tags: str) -> Iterator[Reference]:
    """What the settings of a room point to, from their list at Kaltura."""
    for tag in tags.split(","):
        name, _colon, remote_id = tag.strip().partition(":")
        if name in _TAGS and remote_id:
            yield Reference.by_name(name, remote_id)


def _is_older_room(session: Session, options: DeliveryOptions) -> bool:
    return options.room_form == RoomForm.LEGACY and session.session_type != SessionType.STUDIO


def _references(values: Mapping[str, Any], tags: Mapping[str, Any]) -> Iterator[Reference]:
    for name, entry_id in values.items():
        if entry_id:
            yield Reference.by_name(name, str(entry_id))
    for name in _TAGS:
        if tags.get(name):
            yield Reference.by_name(name, str(tags[name]))


def lent_to(delivery: Delivery, event: Event, user: Any) -> list[str]:
    """What the person who saves these settings lends to the event, with what was lent before.

    That is what they point to and other events own whose programme the same person plans.
    """
    values = {name: getattr(delivery, name, "") for name in _ENTRY_FIELDS}
    ids = {r.to.remote_id for r in _references(values, delivery.room_tags)}
    if not ids:
        return []
    theirs = events_for_team(user, PLANNERS).exclude(pk=event.pk).values("uuid")
    owned = RemoteLink.objects.filter(_stands_for(ids), target__event_uuid__in=theirs)
    lent = {text for link in owned for text in _ids_of(link)} | set(delivery.lent_ids)
    return sorted(ids & lent)


def _stands_for(ids: Iterable[str]) -> Q:
    kinds = Q(kind__in=[Kind.ENTRY, Kind.ROOM, Kind.CATEGORY])
    return kinds & (Q(remote_id__in=ids) | Q(seen__recordedEntryId__in=list(ids)))


def _ids_of(link: RemoteLink) -> list[str]:
    return [text for text in (link.remote_id, link.seen.get("recordedEntryId")) if text]
