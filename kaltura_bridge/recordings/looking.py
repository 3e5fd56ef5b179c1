"""The worker's look for recordings: many sessions at once, and again until there is no more to see.

Attendees' clicks never ask Kaltura. What a look finds is written session by session, each in a
transaction of its own; whoever is killed in between leaves looks that are due again within
minutes, and a second look at the same time writes the same rows.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from events.models import Session
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.api.errors import KalturaError, user_message
from kaltura_bridge.captions.asking import apply_rules_soon
from kaltura_bridge.models import (
    Recording,
    RecordingChange,
    RecordingLook,
    RecordingOrigin,
    RecordingStatus,
    RemoteLink,
)
from kaltura_bridge.recordings import schedule
from kaltura_bridge.recordings.asking import (
    Asked,
    HeldPlace,
    HeldRecording,
    ask_places,
    ask_recordings,
    ask_sizes,
)
from kaltura_bridge.recordings.cuts import cancel_failed_cuts
from kaltura_bridge.recordings.looks import make_looks
from kaltura_bridge.recordings.ownership import foreign_videos
from kaltura_bridge.recordings.places import (
    RecordingPlace,
    SessionPlaces,
    places_of,
    sessions_in_rooms,
    whose,
)
from kaltura_bridge.recordings.writing import FoundRecording, write_found
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import pause

logger = logging.getLogger(__name__)

BATCH: Final = 100  # sessions looked at together
#: Who claims a look has this long for it.
CLAIMED_FOR: Final = timedelta(minutes=5)
#: A session that nobody ever looked for is looked for when it is no older than this.
OLDEST: Final = timedelta(days=365)


def look_due(for_s: float) -> int:
    """Look for the recordings of every session that is due; how many sessions that were."""
    until, looked = time.monotonic() + for_s, 0
    while time.monotonic() < until and not pause.is_paused():
        sessions = _claim(timezone.now())
        if not sessions:
            break
        look_for_recordings(sessions)
        looked += len(sessions)
    return looked


def _due(now: datetime) -> list[Session]:
    is_due = Q(recording_look__next_look_at__lte=now)
    is_new = Q(recording_look=None, starts_at__lte=now, starts_at__gt=now - OLDEST)
    sessions = Session.objects.filter(is_due | is_new).select_related(
        "event__delivery", "track", "delivery", "recording_look"
    )
    return list(sessions.order_by("recording_look__next_look_at", "pk")[:BATCH])


def _claim(now: datetime) -> list[Session]:
    """Those that are due and that nobody else claims at this moment."""
    due = _due(now)
    make_looks([s.pk for s in due if getattr(s, "recording_look", None) is None])
    mine = []
    for session in due:
        held = RecordingLook.objects.filter(session=session, next_look_at__lte=timezone.now())
        if held.update(next_look_at=now + CLAIMED_FOR):
            mine.append(session)
    return mine


def look_for_recordings(sessions: Sequence[Session], kaltura: Kaltura | None = None) -> None:
    """Ask Kaltura for all these sessions together and keep what there is.

    Never raises KalturaError: a failure is kept with each session's look, which is tried again
    later and later.
    """
    kaltura = kaltura or Kaltura()
    make_looks([session.pk for session in sessions])
    places = places_of(sessions)
    try:
        asked = _ask(kaltura, places)
        foreign = foreign_videos(kaltura, places, asked)
        found = _found(places, asked, foreign)
        cancel_failed_cuts(kaltura, asked)
        sizes = ask_sizes(kaltura, _without_size(found))
    except KalturaError as error:
        _note_failure(sessions, error)
        return
    changed: set[int] = set()
    for each in places:
        pk = each.session.pk
        if write_found(each.session, found[pk], asked, sizes, foreign=foreign[pk]):
            changed.add(each.session.event_id)
        _note_look(each.session)
    apply_rules_soon(changed)


def _ask(kaltura: Kaltura, places: Sequence[SessionPlaces]) -> Asked:
    roots = {place.remote_id for each in places for place in each.places}
    asked = Asked()
    if roots:
        ask_places(kaltura, roots, asked)
    rows = Recording.objects.filter(session__in=[each.session.pk for each in places])
    known = set(rows.exclude(state=RecordingStatus.GONE).values_list("entry_id", flat=True))
    named = {entry_id for each in places for entry_id in each.named}
    named |= {i for held in asked.places.values() for i in (held.recorded_id, held.redirect_id)}
    ask_recordings(kaltura, (known | named) - {""}, asked)
    return asked


def _found(
    places: Sequence[SessionPlaces], asked: Asked, foreign: Mapping[int, Collection[str]]
) -> dict[int, dict[str, FoundRecording]]:
    """Session pk -> its recordings by entry id, each with how it came to be there."""
    rooms = {place.remote_id for each in places for place in each.places if place.kind == Kind.ROOM}
    sharing = sessions_in_rooms(rooms)
    redirects = {held.redirect_id for held in asked.places.values()} - {""}
    links = RemoteLink.objects.filter(kind=Kind.ENTRY, remote_id__in=redirects)
    broadcasts = set(links.values_list("remote_id", flat=True))
    found: dict[int, dict[str, FoundRecording]] = {}
    for each in places:
        mine: dict[str, FoundRecording] = {}
        pk = each.session.pk
        for entry_id, origin, is_stage in _named(each, asked, sharing):
            held = asked.recordings.get(entry_id)
            is_video = held is not None and held.is_video and entry_id not in broadcasts
            if held and is_video and entry_id not in mine and entry_id not in foreign[pk]:
                mine[entry_id] = FoundRecording(held, origin, is_stage)
        found[pk] = mine
    return found


def _named(
    each: SessionPlaces, asked: Asked, sharing: dict[str, list[Session]]
) -> Iterable[tuple[str, RecordingOrigin, bool]]:
    """What counts first stands first: an entry has the origin under which it is told first."""
    for entry_id, origin in each.named.items():
        yield entry_id, origin, False
    for place in each.places:
        held = asked.places.get(place.remote_id)
        of_root = {child.entry_id: child for child in asked.by_root.get(place.remote_id, ())}
        says_itself = held and not _is_echo(held.recorded_id, place, of_root)
        if (
            held
            and says_itself
            and _is_recorded(held, of_root)
            and not sharing.get(place.remote_id)
        ):
            yield held.recorded_id, RecordingOrigin.RECORDED, place.is_stage
        if held and held.redirect_id and not place.is_led and held.redirect_id != place.leads_to:
            yield held.redirect_id, RecordingOrigin.REDIRECT, place.is_stage
        for child in of_root.values():
            if _is_whose(each.session, child, sharing.get(place.remote_id)):
                yield child.entry_id, place.origin, place.is_stage


def _is_echo(entry_id: str, place: RecordingPlace, of_root: Collection[str]) -> bool:
    """Whether it is told because the portal leads there, though other broadcasts followed.

    While a redirect lasts, Kaltura tells where it leads as what was recorded last, too. Whoever
    believed that would lead to the first of several recordings for good.
    """
    return bool(entry_id) and entry_id == place.leads_to and len(of_root) > 1


def _is_recorded(held: HeldPlace, of_root: Collection[str]) -> bool:
    """While a redirect is scheduled, Kaltura tells where it leads as what was recorded, too."""
    return bool(held.recorded_id) and (
        held.recorded_id in of_root or held.recorded_id != held.redirect_id
    )


def _is_whose(session: Session, child: HeldRecording, sharing: Sequence[Session] | None) -> bool:
    if not sharing:
        return True
    owner = whose(sharing, child.created_at)
    return owner is not None and owner.pk == session.pk


def _without_size(found: dict[int, dict[str, FoundRecording]]) -> set[str]:
    """Ready videos whose size nobody has asked for; a video that was cut is asked for again."""
    ready = {
        entry_id: each.held
        for mine in found.values()
        for entry_id, each in mine.items()
        if each.held.status is RecordingStatus.READY
    }
    rows = Recording.objects.filter(entry_id__in=ready, bytes__gt=0, state=RecordingStatus.READY)
    known = {
        entry_id
        for entry_id, seconds, is_changing in rows.values_list("entry_id", "seconds", "is_changing")
        if seconds == ready[entry_id].seconds and not is_changing
    }
    return ready.keys() - known


def _note_look(session: Session) -> None:
    now = timezone.now()
    with transaction.atomic():
        recordings = list(Recording.objects.filter(session=session))
        open_ = RecordingChange.objects.filter(session=session, finished_at=None)
        newest = open_.aggregate(at=Max("asked_at"))["at"]
        after = schedule.next_look_after(session, recordings, now, asked_at=newest)
        RecordingLook.objects.filter(session=session).update(
            looked_at=now, next_look_at=now + after, failures=0, error=""
        )


def _note_failure(sessions: Sequence[Session], error: KalturaError) -> None:
    logger.warning("The look for recordings of %d sessions failed: %s", len(sessions), error)
    now = timezone.now()
    text = user_message("the look for recordings", error)
    for look in RecordingLook.objects.filter(session__in=sessions):
        again = now + schedule.after_failure(look.failures)
        RecordingLook.objects.filter(pk=look.pk).update(
            next_look_at=again, failures=look.failures + 1, error=text
        )
