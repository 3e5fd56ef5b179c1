"""What Kaltura cannot do twice at a time: the planner's conflicts beside the events' own."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from events.models import SessionType
from events.planner.board import Board, SlotThing
from events.planner.kinds import SharedKind, ThingsOf, register_kind
from kaltura_bridge.models import EventDelivery, RoomSharing, SessionDelivery
from kaltura_bridge.recipes.shared import MODES


def _rooms_of_tracks(board: Board) -> ThingsOf:
    """The room that sessions share with their track: it holds one of them at a time."""
    names: dict[int, str] = {}
    shared = EventDelivery.objects.filter(event=board.event, room_sharing=RoomSharing.TRACK)
    if shared.exists():
        names = dict(board.event.tracks.values_list("pk", "name"))
    return lambda slot: (
        [SlotThing((slot.track_id, slot.session_type), names[slot.track_id])]
        if slot.track_id in names and slot.session_type in MODES
        else []
    )


def _sources(board: Board) -> ThingsOf:
    """The video that a simulive session plays."""
    entries = _entries(board, "source_entry_id")
    return lambda slot: (
        [SlotThing(entries[slot.pk], entries[slot.pk])]
        if slot.session_type == SessionType.SIMULIVE and slot.pk in entries
        else []
    )


def _recordings(board: Board) -> ThingsOf:
    """The entry into which a room records: until the session is closed, not only until its end."""
    entries = _entries(board, "recording_entry_id")
    lasts = timedelta(minutes=board.event.overrun_minutes)
    return lambda slot: (
        [SlotThing(entries[slot.pk], entries[slot.pk], lasts)] if slot.pk in entries else []
    )


def _entries(board: Board, field: str) -> dict[int, str]:
    rows = SessionDelivery.objects.filter(session__event=board.event).exclude(**{field: ""})
    return dict(rows.values_list("session_id", field))


KINDS: Final = (
    SharedKind(
        "resource_twice",
        _("A track's room at Kaltura twice at the same time"),
        _("“%(one)s” and “%(other)s” are both in the room of the track %(thing)s at %(time)s."),
        _rooms_of_tracks,
    ),
    SharedKind(
        "source_busy",
        _("A simulive video twice at the same time"),
        _("“%(one)s” and “%(other)s” both play the video %(thing)s at %(time)s."),
        _sources,
    ),
    SharedKind(
        "recording_running",
        _("A recording that is still running"),
        _(
            "“%(one)s” may still be recorded into %(thing)s when “%(other)s” begins: %(minutes)d "
            "min after %(time)s."
        ),
        _recordings,
        is_gap=True,
    ),
)


def register() -> None:
    for kind in KINDS:
        register_kind(kind)
