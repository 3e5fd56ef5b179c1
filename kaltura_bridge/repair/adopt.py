"""What Kaltura holds, taken over into the plan: which field there means what here.

Only what the portal plans can be adopted; one table says how. The domain's own checks
apply, so a value that cannot be planned is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from django.core.exceptions import ValidationError

from events import actions
from events.models import Event, Session, Track
from kaltura_bridge.models import RecordingMode, RemoteLink, SessionDelivery, TargetKind
from kaltura_bridge.specs import Kind, key_for

Planned = Event | Track | Session
Taker = Callable[[Planned, str], None]

_MODELS: Final[Mapping[str, type[Planned]]] = {
    TargetKind.EVENT: Event,
    TargetKind.TRACK: Track,
    TargetKind.SESSION: Session,
}


def can_adopt(link: RemoteLink, name: str) -> bool:
    """Whether a field of this object means something that is planned here."""
    return _taker(link, name) is not None


def why_not(link: RemoteLink, name: str) -> str:
    """Why a field cannot be adopted; "" when it can."""
    if link.target.removed:
        return "It is deleted here."
    return "" if can_adopt(link, name) else "Nothing that is planned here stands for it."


def take_over(link: RemoteLink, theirs: Mapping[str, str]) -> None:
    """Plan these values. Saves the planned object once, and so calls it up.

    Raises ValidationError naming the field when they cannot be planned together.
    """
    planned = _MODELS[link.target.kind].objects.get(uuid=link.target.object_uuid)
    for name, value in theirs.items():
        taker = _taker(link, name)
        assert taker is not None  # can_adopt said so
        try:
            taker(planned, value)
        except (ValueError, LookupError, OverflowError) as error:
            told = f"Kaltura's “{value}” means nothing that can be planned here."
            raise ValidationError(told) from error
    actions.save_planned(planned)


def _taker(link: RemoteLink, name: str) -> Taker | None:
    kind, is_main = Kind(link.kind), link.key == key_for(link.target.object_uuid)
    if kind is Kind.METADATA:
        return _TAKERS.get((kind, name)) if link.key.endswith("KMS_EVENTS3") else None
    return _TAKERS.get((kind, name)) if is_main else None


def _text(field: str) -> Taker:
    def take(planned: Planned, value: str) -> None:
        setattr(planned, field, value)

    return take


def _moment(field: str) -> Taker:
    def take(planned: Planned, value: str) -> None:
        setattr(planned, field, datetime.fromtimestamp(int(value), UTC))

    return take


def _title(planned: Planned, value: str) -> None:
    setattr(planned, "name" if isinstance(planned, Track) else "title", value)


def _about(planned: Planned, value: str) -> None:
    """An entry's description is a session's abstract, or its description when it has none."""
    assert isinstance(planned, Session)
    if planned.abstract or not planned.description:
        planned.abstract = value
    else:
        planned.description = value


def _option(field: str, mean: Callable[[str], object]) -> Taker:
    def take(planned: Planned, value: str) -> None:
        assert isinstance(planned, Session)
        delivery, _ = SessionDelivery.objects.get_or_create(session=planned)
        setattr(delivery, field, mean(value))
        delivery.full_clean()
        delivery.save()

    return take


_RECORDING: Final = {
    "0": RecordingMode.NONE,
    "1": RecordingMode.APPENDED,
    "2": RecordingMode.PER_SESSION,
}
_TAKERS: Final[Mapping[tuple[Kind, str], Taker]] = {
    (Kind.CATEGORY, "name"): _title,
    (Kind.CATEGORY, "description"): _text("description"),
    (Kind.ENTRY, "name"): _title,
    (Kind.ENTRY, "description"): _about,
    (Kind.ENTRY, "dvrStatus"): _option("dvr", lambda v: v == "1"),
    (Kind.ENTRY, "dvrWindow"): _option("dvr_window_minutes", int),
    (Kind.ENTRY, "recordStatus"): _option("recording", _RECORDING.__getitem__),
    (Kind.ENTRY, "explicitLive"): _option("preview", lambda v: v == "1"),
    (Kind.ROOM, "name"): _title,
    (Kind.ROOM, "description"): _about,
    (Kind.RESOURCE, "name"): _title,
    (Kind.SCHEDULE_EVENT, "summary"): _title,
    (Kind.SCHEDULE_EVENT, "startDate"): _moment("starts_at"),
    (Kind.SCHEDULE_EVENT, "endDate"): _moment("ends_at"),
    (Kind.METADATA, "StartTime"): _moment("starts_at"),
    (Kind.METADATA, "EndTime"): _moment("ends_at"),
}
