"""Whether a session may use a video of the account: by the rules of the delivery settings.

What a broadcast or a room recorded itself is the session's own. All that something merely points
to (settings, a redirect, a person) may be another event's, whose attendees alone are to see it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from events.models import Session
from events.permissions import PLANNERS, events_for_team
from kaltura_bridge.api.client import Kaltura, wire
from kaltura_bridge.api.errors import ABSENT, KalturaError, RemoteRejected
from kaltura_bridge.delivery.options import options_for
from kaltura_bridge.delivery.references import RECORDED_IN, VIDEOS
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingChangeKind,
    RecordingOrigin,
    RecordingStatus,
    SessionDelivery,
)
from kaltura_bridge.recipes import Pointed
from kaltura_bridge.recordings.asking import (
    Asked,
    HeldRecording,
    ask_places,
    get_entry,
    read_recording,
)
from kaltura_bridge.recordings.choosing import POINTED
from kaltura_bridge.recordings.places import SessionPlaces, places_of
from kaltura_bridge.specs import Kind, RemoteRef, key_for
from kaltura_bridge.sync.references import pointed_to

Owners = Mapping[RemoteRef, Pointed]


# --- What a look finds ------------------------------------------------------------------------


def foreign_videos(
    kaltura: Kaltura, places: Sequence[SessionPlaces], asked: Asked
) -> dict[int, frozenset[str]]:
    """By session, what it points to and may not have. No call where nothing points anywhere.

    Raises KalturaError.
    """
    pointed = _pointed_at(places, asked)
    refs = {RemoteRef(Kind.ENTRY, entry_id) for ids in pointed.values() for entry_id in ids}
    if not refs:
        return dict.fromkeys(pointed, frozenset())
    owners, taken = pointed_to(kaltura, refs), _taken_over({ref.remote_id for ref in refs})
    found = {}
    for each in places:
        ids = pointed[each.session.pk] - each.lent
        event = str(each.session.event.uuid)
        foreign = {
            i for i in ids & asked.recordings.keys() if not _may_have(event, i, owners, taken)
        }
        found[each.session.pk] = frozenset(foreign)
    return found


def _pointed_at(places: Sequence[SessionPlaces], asked: Asked) -> dict[int, set[str]]:
    """By session, all that is not certainly its own, with what its rows have from before."""
    sessions = [each.session.pk for each in places]
    rows = Recording.objects.filter(session__in=sessions, origin__in=POINTED)
    found: dict[int, set[str]] = {each.session.pk: set(each.named) for each in places}
    for session, entry_id in rows.values_list("session", "entry_id"):
        found[session].add(entry_id)
    for each in places:
        roots = [place.remote_id for place in each.places]
        led = {asked.places[root].redirect_id for root in roots if root in asked.places}
        own = {child.entry_id for root in roots for child in asked.by_root.get(root, ())}
        found[each.session.pk] = (found[each.session.pk] | led) - own - {""}
    return found


def _may_have(event: str, entry_id: str, owners: Owners, taken: Mapping[str, set[str]]) -> bool:
    """What is nobody's is for all to point to, until an event has made it its recording."""
    found = owners.get(RemoteRef(Kind.ENTRY, entry_id))
    if found is None or found.owner:
        return found is not None and found.owner == event
    return event in taken.get(entry_id, {event})


def _taken_over(ids: Collection[str]) -> dict[str, set[str]]:
    """The events in which a person chose one of these as a recording."""
    rows = Recording.objects.filter(entry_id__in=ids, origin=RecordingOrigin.REPLACED)
    found: dict[str, set[str]] = {}
    alive = rows.exclude(state=RecordingStatus.GONE).order_by()
    for entry_id, event in alive.values_list("entry_id", "session__event__uuid"):
        found.setdefault(entry_id, set()).add(str(event))
    return found


# --- What a person orders ---------------------------------------------------------------------


def may_be_used(kaltura: Kaltura, change: RecordingChange) -> HeldRecording | None:
    """The video that a session is to take over; None when it is not there, or not its to use.

    What no other event has is, and what belongs to events that the person who asked plans. The
    same calls are made for every id, so none is refused sooner than another. Raises
    KalturaError.
    """
    ref = RemoteRef(Kind.ENTRY, change.entry_id)
    pointed = pointed_to(kaltura, {ref}).get(ref)
    answer = kaltura.ask_once([get_entry(change.entry_id)])[0]
    if isinstance(answer, RemoteRejected) and answer.code in ABSENT:
        return None
    if isinstance(answer, KalturaError):
        raise answer
    held = read_recording(answer)
    is_there = held.is_video and held.status is not RecordingStatus.GONE
    owners = _using(change.entry_id) | {pointed.owner if pointed else ""}
    if pointed is None or not is_there or not _may_use(change, owners):
        return None
    return held


def may_be_cut(kaltura: Kaltura, change: RecordingChange, source: Recording) -> bool:
    """Whether a part of this recording may still be made a video of. Raises KalturaError."""
    ref = RemoteRef(Kind.ENTRY, source.entry_id)
    pointed = pointed_to(kaltura, {ref}).get(ref)
    if pointed is None or source.entry_id in options_for(change.session).lent_ids:
        return True
    return _may_use(change, {pointed.owner})


def _may_use(change: RecordingChange, owners: Collection[str]) -> bool:
    others = set(owners) - {"", str(change.session.event.uuid)}
    if not others:
        return True
    if change.asked_by is None:
        return False
    theirs = events_for_team(change.asked_by, PLANNERS).values_list("uuid", flat=True)
    return others <= {str(uuid) for uuid in theirs}


def _using(entry_id: str) -> set[str]:
    """The events that have this video already, among their recordings or in their settings."""
    rows = Recording.objects.filter(entry_id=entry_id).exclude(state=RecordingStatus.GONE)
    named = Q()
    for name in (*VIDEOS, RECORDED_IN):
        named |= Q(**{name: entry_id})
    chosen = SessionDelivery.objects.filter(named).order_by()
    events: set[UUID] = {
        *rows.order_by().values_list("session__event__uuid", flat=True),
        *chosen.values_list("session__event__uuid", flat=True),
    }
    return {str(uuid) for uuid in events}


# --- What may be destroyed --------------------------------------------------------------------


def made_key(session: Session, key: UUID) -> str:
    """The reference of the video that an order with this key makes for a session."""
    return key_for(session.uuid, f"recording-{key.hex}")


def is_of_session(kaltura: Kaltura, session: Session, raw: Any) -> bool:
    """Whether an entry, as Kaltura tells it now, is certainly this session's own.

    One of its places is the root of it or names it as its recording, or the portal has made it
    for the session; and no other session has it. Raises KalturaError.
    """
    held = read_recording(raw)
    others = Recording.objects.filter(entry_id=held.entry_id).exclude(session=session)
    if others.exists():
        return False
    if wire(getattr(raw, "referenceId", "")) in _made_for(session):
        return True
    roots = {place.remote_id for place in places_of([session])[0].places}
    if held.root_id in roots:
        return True
    asked = Asked()
    if roots:
        ask_places(kaltura, roots, asked)
    return any(place.recorded_id == held.entry_id for place in asked.places.values())


def _made_for(session: Session) -> set[str]:
    made = (RecordingChangeKind.CLIP, RecordingChangeKind.UPLOAD)
    orders = RecordingChange.objects.filter(session=session, kind__in=made)
    return {made_key(session, key) for key in orders.values_list("key", flat=True)}
