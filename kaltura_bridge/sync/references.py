"""Whose the things are that settings point to: read before anything is sent to Kaltura."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from events.models import Event, Session, Track
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.references import HeldReference, held_references
from kaltura_bridge.delivery.options import DeliveryOptions
from kaltura_bridge.delivery.references import (
    Reference,
    options_of,
    references_in,
    references_in_tags,
)
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.recipes import Pointed
from kaltura_bridge.specs import OURS, Kind, RemoteRef, uuid_of_key

Found = Mapping[RemoteRef, HeldReference]


def pointed_at(
    kaltura: Kaltura, planned: Collection[Event | Track | Session]
) -> dict[RemoteRef, Pointed]:
    """What of all that these objects point to exists, and which event owns it.

    Raises KalturaError.
    """
    refs = {reference.to for thing in planned for reference in references_in(thing)}
    return pointed_to(kaltura, refs)


def pointed_to(kaltura: Kaltura, refs: Collection[RemoteRef]) -> dict[RemoteRef, Pointed]:
    """The same of these entries and categories.

    A recording belongs to whom the broadcast belongs. Raises KalturaError.
    """
    found = held_references(kaltura, refs)
    roots = {RemoteRef(Kind.ENTRY, held.root_id) for held in found.values() if held.root_id}
    every = {**held_references(kaltura, roots - found.keys()), **found}
    owners = _owners(every)
    return {ref: Pointed(_owner_of(ref, every, owners), every[ref].video) for ref in found}


def _owner_of(ref: RemoteRef, every: Found, owners: Mapping[RemoteRef, str]) -> str:
    root = RemoteRef(Kind.ENTRY, every[ref].root_id)
    return owners[ref] or owners.get(root, "")


def _owners(every: Found) -> dict[RemoteRef, str]:
    """The event that owns each: by our links, else by the key that it carries.

    "" for what is nobody's here; the key itself where nothing here has it any more.
    """
    links = _linked(ref.remote_id for ref in every)
    by_uuid = _events_by_uuid(held.key for held in every.values())
    return {
        ref: links.get((ref.kind is Kind.CATEGORY, ref.remote_id))
        or by_uuid.get(str(uuid_of_key(held.key)))
        or (held.key if held.key.startswith(OURS) else "")
        for ref, held in every.items()
    }


def _linked(remote_ids: Iterable[str]) -> dict[tuple[bool, str], str]:
    kinds = (Kind.ENTRY, Kind.ROOM, Kind.CATEGORY)
    links = RemoteLink.objects.filter(remote_id__in=set(remote_ids), kind__in=kinds)
    rows = links.values_list("kind", "remote_id", "target__event_uuid")
    return {(kind == Kind.CATEGORY, str(i)): str(event) for kind, i, event in rows}


def _events_by_uuid(keys: Iterable[str]) -> dict[str, str]:
    """The event of each planned object that one of these keys names, by its uuid."""
    uuids = {uuid for key in keys if (uuid := uuid_of_key(key))}
    if not uuids:
        return {}
    rows = [
        *Event.objects.filter(uuid__in=uuids).values_list("uuid", "uuid"),
        *Track.objects.filter(uuid__in=uuids).values_list("uuid", "event__uuid"),
        *Session.objects.filter(uuid__in=uuids).values_list("uuid", "event__uuid"),
        *SyncTarget.objects.filter(object_uuid__in=uuids).values_list("object_uuid", "event_uuid"),
    ]
    return {str(uuid): str(event) for uuid, event in rows}


def already_sent(
    targets: Sequence[SyncTarget], planned: Collection[Event | Track | Session]
) -> dict[int, set[Reference]]:
    """By target, what it points to that Kaltura was sent before: nobody asks again for that.

    A room has taken its template once and for all. Videos are looked at each time.
    """
    options = {thing.uuid: options_of(thing) for thing in planned if references_in(thing)}
    concerned = [target.pk for target in targets if target.object_uuid in options and target.pk]
    if not concerned:
        return {}
    sent: dict[int, set[Reference]] = {}
    links = RemoteLink.objects.filter(target__in=concerned).exclude(remote_id=None)
    for link in links.select_related("target"):
        found = _sent_with(link, options[link.target.object_uuid])
        sent.setdefault(link.target_id, set()).update(found)
    return sent


def _sent_with(link: RemoteLink, options: DeliveryOptions) -> Iterator[Reference]:
    """By the name of the setting: what may be shown as slides is not looked at as a live entry."""
    pushed = link.pushed
    match link.kind:
        case Kind.ROOM:
            yield Reference.by_name("room_template_id", options.room_template_id)
        case Kind.SCHEDULE_EVENT:
            yield Reference.by_name("recording_entry_id", pushed.get("templateEntryId", ""))
        case Kind.METADATA:
            yield Reference.by_name("slides_entry_id", pushed.get("SlidesDocEntryId", ""))
    if link.kind in (Kind.RESOURCE, Kind.SCHEDULE_EVENT):
        yield from references_in_tags(pushed.get("tags", ""))
