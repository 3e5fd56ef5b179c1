"""What was recorded: broadcasts and meetings at the local Kaltura, found there like any others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from events.models import Event, Session, SessionStatus, SessionType
from portal.seed.attendance import sync_now
from portal.seed.local_kaltura import LocalKaltura
from portal.seed.variety import VIDEO

#: How many of the last sessions were recorded. Of the webcasts, one is still being processed.
RECORDED: Final = {SessionType.WEBCAST: 4, SessionType.INTERACTIVE: 2}
LANGUAGE: Final = "en"
# Longer than anybody looks at a demo; what a visitor records is ready soon.
STILL_PROCESSING_S: Final = 7 * 86400
READY_AFTER_S: Final = 20
# Speakers end a little early, some more than others.
_UNUSED_S: Final = (137, 48, 211, 95)


def recorded_sessions(event: Event, now: datetime) -> list[Session]:
    """The last webcasts and rooms in English that are over; webcasts first, latest first."""
    over = event.sessions.filter(
        ends_at__lte=now, status=SessionStatus.PUBLISHED, language=LANGUAGE
    )
    return [
        session
        for kind, count in RECORDED.items()
        for session in over.filter(session_type=kind).order_by("-ends_at", "-pk")[:count]
    ]


def seed_recordings(event: Event, sessions: Sequence[Session]) -> int:
    """Record these sessions and have the worker's look find that. Returns how many there are.

    Does nothing for an event that has recordings. Raises NoLocalKaltura.
    """
    from kaltura_bridge.models import Recording  # loads more than seeding without Kaltura needs
    from kaltura_bridge.recordings.looking import look_for_recordings

    known = Recording.objects.filter(session__event=event)
    if known.exists() or not sessions:
        return 0
    kaltura = LocalKaltura()
    places = sync_now(event, sessions)
    _record(kaltura, [session for session in sessions if session.pk in places], places)
    found = Session.objects.filter(pk__in=places).select_related(
        "event__delivery", "track", "delivery"
    )
    look_for_recordings(list(found))
    _show_a_video(kaltura, event)
    return known.count()


def _show_a_video(kaltura: LocalKaltura, event: Event) -> None:
    """Put a video into the event's own category: the demo's sessions stand in their tracks'."""
    from kaltura_bridge.models import RemoteLink
    from kaltura_bridge.specs import Kind, key_for

    links = RemoteLink.objects.filter(kind=Kind.CATEGORY, key=key_for(event.uuid), gone=False)
    for category_id in links.values_list("remote_id", flat=True):
        sent = {"objectType": "KalturaCategoryEntry", "entryId": VIDEO, "categoryId": category_id}
        fields = {f"categoryEntry[{name}]": value for name, value in sent.items()}
        kaltura.api("categoryentry.add", kaltura.admin_ks(), **fields)


def _record(kaltura: LocalKaltura, sessions: Sequence[Session], places: dict[int, str]) -> None:
    webcasts = [each for each in sessions if each.session_type == SessionType.WEBCAST]
    kaltura.call("recordings", {"seconds": 0})
    for session in webcasts[1:]:
        _broadcast(kaltura, places[session.pk])
    for number, session in enumerate(sessions):
        if session not in webcasts:
            length = _length_s(session, number)
            kaltura.call("recordings", {"id": places[session.pk], "seconds": length})
    lengths = {places[s.pk]: _length_s(s, number) for number, s in enumerate(webcasts[1:])}
    for recording in kaltura.call("recordings")["recordings"]:
        if seconds := lengths.get(recording["rootEntryId"]):
            kaltura.call("entry", {"id": recording["id"], "seconds": seconds})
    kaltura.call("recordings", {"seconds": STILL_PROCESSING_S})
    for session in webcasts[:1]:
        _broadcast(kaltura, places[session.pk])
    kaltura.call("recordings", {"seconds": READY_AFTER_S})


def _broadcast(kaltura: LocalKaltura, entry_id: str) -> None:
    for state in ("on_air", "off"):
        kaltura.call("entry", {"id": entry_id, "state": state})


def _length_s(session: Session, number: int) -> int:
    planned = int(session.duration.total_seconds())
    return max(60, planned - _UNUSED_S[number % len(_UNUSED_S)])
