"""Whose the things are that sessions point to: read before anything is sent to Kaltura."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from events.models import Event, Session, Track
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.references import HeldReference, held_references
from kaltura_bridge.delivery.options import options_for
from kaltura_bridge.delivery.references import references_of
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.recipes import Pointed
from kaltura_bridge.specs import OURS, Kind, RemoteRef, uuid_of_key

Found = Mapping[RemoteRef, HeldReference]


def pointed_at(kaltura: Kaltura, sessions: Sequence[Session]) -> dict[RemoteRef, Pointed]:
    """What of all that these sessions point to exists, and which event owns it.

    A recording belongs to whom the broadcast belongs. Raises KalturaError.
    """
    refs = {r.to for s in sessions for r in references_of(s, options_for(s))}
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


def already_sent(targets: Sequence[SyncTarget], sessions: Sequence[Session]) -> dict[int, set[str]]:
    """By target, what it points to that Kaltura was sent before: nobody asks again for that.

    A room has taken its template once and for all. Videos are looked at each time.
    """
    uuids = {s.uuid for s in sessions if any(references_of(s, options_for(s)))}
    concerned = [target.pk for target in targets if target.object_uuid in uuids and target.pk]
    if not concerned:
        return {}
    sent: dict[int, set[str]] = {}
    options = {s.uuid: options_for(s) for s in sessions}
    links = RemoteLink.objects.filter(target__in=concerned).exclude(remote_id=None)
    for link in links.select_related("target"):
        texts = sent.setdefault(link.target_id, set())
        if link.kind == Kind.ROOM:
            texts.add(options[link.target.object_uuid].room_template_id)
        elif link.kind == Kind.RESOURCE:
            texts |= {tag.partition(":")[2] for tag in link.pushed.get("tags", "").split(",")}
        elif link.kind == Kind.SCHEDULE_EVENT:
            texts.add(link.pushed.get("templateEntryId", ""))
        elif link.kind == Kind.METADATA:
            texts.add(link.pushed.get("SlidesDocEntryId", ""))
    return sent
