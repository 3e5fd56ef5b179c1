"""Where the recordings of sessions come from at Kaltura: from our own tables, before anybody asks.

A live entry names its recording itself and is the root of every one; a room is the root of its
recordings; a simulive plays a video; a room of the older form records into an entry that
somebody chose. The room of a track has many sessions, and a recording there is whose time it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from events.models import Session, SessionType
from kaltura_bridge.delivery.options import options_for
from kaltura_bridge.models import RecordingOrigin, RemoteLink, RoomForm
from kaltura_bridge.recipes.redirect import REDIRECT
from kaltura_bridge.recipes.shared import MODES, shared_room
from kaltura_bridge.recipes.studio import SUFFIX as STUDIO
from kaltura_bridge.specs import Kind, key_for

#: Who overruns takes the recording along: the next session has it from its own doors on.
_OVERRUN: Final = timedelta(hours=2)


@dataclass(frozen=True)
class RecordingPlace:
    """A live entry or room. ``is_stage``: a studio's, which attendees do not see.

    ``is_led``: the desk leads its viewers elsewhere, so where it leads is no recording.
    ``leads_to``: where a redirect of the portal's own leads its viewers; "" nowhere.
    """

    remote_id: str
    kind: str
    is_stage: bool = False
    is_led: bool = False
    leads_to: str = ""

    @property
    def origin(self) -> RecordingOrigin:
        """Of what has it as its root."""
        return RecordingOrigin.ROOM if self.kind == Kind.ROOM else RecordingOrigin.CHILD


@dataclass
class SessionPlaces:
    """Where one session's recordings are: its places, and videos that it names itself.

    ``lent``: what of other events its settings may name. Whether it may have what it names,
    ownership.py says.
    """

    session: Session
    places: list[RecordingPlace] = field(default_factory=list)
    named: dict[str, RecordingOrigin] = field(default_factory=dict)
    lent: frozenset[str] = frozenset()


def places_of(sessions: Sequence[Session]) -> list[SessionPlaces]:
    """Two queries, however many sessions. They come with event, track and delivery."""
    links = _links(sessions)
    return [_of_session(session, links) for session in sessions]


def _links(sessions: Sequence[Session]) -> Mapping[str, list[RemoteLink]]:
    keys = {key for session in sessions for key in _keys(session)}
    redirects = {_redirect_key(session) for session in sessions}
    places = Q(key__in=keys, kind__in=(Kind.ENTRY, Kind.ROOM))
    held = RemoteLink.objects.filter(
        places | Q(key__in=redirects, kind=Kind.SCHEDULE_EVENT), gone=False
    )
    found: dict[str, list[RemoteLink]] = defaultdict(list)
    names = ("key", "kind", "remote_id", "led_elsewhere_id", "pushed")
    for link in held.exclude(remote_id=None).only(*names):
        found[link.key].append(link)
    return found


def _redirect_key(session: Session) -> str:
    return key_for(session.uuid, REDIRECT)


def _keys(session: Session) -> list[str]:
    own = key_for(session.uuid)
    shared = shared_room(session, options_for(session)) if session.session_type in MODES else ""
    return [own, key_for(session.uuid, STUDIO), *([shared] if shared else [])]


def _of_session(session: Session, links: Mapping[str, list[RemoteLink]]) -> SessionPlaces:
    found = SessionPlaces(session)
    own = (link.pushed.get("redirectEntryId", "") for link in links.get(_redirect_key(session), ()))
    leads_to = next(own, "")
    for key in _keys(session):
        for link in links.get(key, ()):
            is_stage = key == key_for(session.uuid, STUDIO)
            is_led = link.led_elsewhere_id == link.remote_id
            found.places.append(
                RecordingPlace(str(link.remote_id), str(link.kind), is_stage, is_led, leads_to)
            )
    options = options_for(session)
    if session.session_type == SessionType.SIMULIVE and options.source_entry_id:
        found.named[options.source_entry_id] = RecordingOrigin.SOURCE
    is_older_room = session.session_type in MODES and options.room_form == RoomForm.LEGACY
    if is_older_room and options.recording_entry_id:
        found.named[options.recording_entry_id] = RecordingOrigin.NAMED
    found.lent = options.lent_ids
    return found


def sessions_in_rooms(rooms: Iterable[str]) -> dict[str, list[Session]]:
    """All sessions of rooms that several share, by the room's entry id, in order of time."""
    links = RemoteLink.objects.filter(kind=Kind.ROOM, remote_id__in=list(rooms))
    found: dict[str, list[Session]] = {}
    for link in links.select_related("target"):
        if link.target.kind == "track":
            found[str(link.remote_id)] = _of_track(link.target.object_uuid)
    return found


def _of_track(track_uuid: UUID) -> list[Session]:
    sessions = Session.objects.filter(Q(track__uuid=track_uuid), session_type__in=list(MODES))
    return list(sessions.order_by("starts_at", "pk"))


def whose(sessions: Sequence[Session], recorded_at: datetime) -> Session | None:
    """Of a shared room: the last session whose doors were open by then, unless long over."""
    before = [session for session in sessions if session.doors_open_at <= recorded_at]
    last = before[-1] if before else None
    if last is None or recorded_at > last.doors_close_at + _OVERRUN:
        return None
    return last
