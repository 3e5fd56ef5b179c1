"""A copy of an event is planned in the same rooms, by the same rules, in the same hours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from events.models import Event, EventRoom, PlannerRules, RoomHours, Speaker, SpeakerHours


def clone_planner(
    event: Event, copy: Event, speakers: Mapping[int, Speaker], by: timedelta
) -> None:
    """``speakers``: those of the copy by the original's primary key; ``by``: how far days move."""
    rules = PlannerRules.objects.filter(event=event).first()
    if rules:
        PlannerRules.objects.create(
            event=copy, changeover_minutes=rules.changeover_minutes, levels=rules.levels
        )
    rooms = {
        room.pk: EventRoom.objects.create(event=copy, name=room.name, position=room.position)
        for room in event.rooms.order_by("pk")
    }
    zone = event.zone
    RoomHours.objects.bulk_create(
        RoomHours(
            room=rooms[hours.room_id],
            starts_at=_later(hours.starts_at, by, zone),
            ends_at=_later(hours.ends_at, by, zone),
        )
        for hours in RoomHours.objects.filter(room__in=rooms)
    )
    SpeakerHours.objects.bulk_create(
        SpeakerHours(
            speaker=speakers[hours.speaker_id],
            starts_at=_later(hours.starts_at, by, zone),
            ends_at=_later(hours.ends_at, by, zone),
        )
        for hours in SpeakerHours.objects.filter(speaker__in=speakers)
    )


def _later(moment: datetime, by: timedelta, zone: ZoneInfo) -> datetime:
    """On the wall clock, as sessions move."""
    return moment.astimezone(zone) + by
