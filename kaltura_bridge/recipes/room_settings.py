"""The settings of older rooms as tags, wherever they stand; what the portal decides comes last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from events.models import Event, Visibility
from kaltura_bridge.delivery import room_tags

Layers = Iterable[Mapping[str, Any]]


def room_settings(event: Event, class_mode: str, layers: Layers) -> str:
    """The tags of a room."""
    return room_tags.render(*layers, {"custom_rs_class_mode": class_mode}, _guests(event))


def calendar_settings(event: Event, layers: Layers) -> str:
    """The tags of a time in a room that has its own: these win over those of the room."""
    return room_tags.render_for_calendar(*layers, _guests(event))


def _guests(event: Event) -> dict[str, object]:
    """Kaltura lets guests in unless told otherwise; an event for some people tells it."""
    return {} if event.visibility == Visibility.PUBLIC else {room_tags.GUESTS: False}
