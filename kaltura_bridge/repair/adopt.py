"""What Kaltura holds, taken over into the plan: which field there means what here.

Only what the portal plans can be adopted; the table in fields.py says what. The domain's own checks
apply, so a value that cannot be planned is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.core.exceptions import ValidationError

from events import actions
from events.models import Event, Session, Track
from kaltura_bridge.fields import EVENT_PAGE, field_of
from kaltura_bridge.models import RemoteLink, SessionDelivery, TargetKind
from kaltura_bridge.specs import key_for

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
    """What plans a field's value; None where nothing that is planned stands for the field.

    A session's replay has times of its own, and only one record of an entry shows its times.
    """
    main = key_for(link.target.object_uuid)
    if link.key not in (main, f"{main}/{EVENT_PAGE}"):
        return None
    field = field_of(link.kind, name)
    if not field.adopts:
        return None
    plain = _take_delivery if "." in field.adopts else _take
    take = _TAKERS.get(field.adopts, plain)
    return lambda planned, text: take(planned, field.adopts, field.type.parse(text))


def _take(planned: Planned, attribute: str, value: object) -> None:
    setattr(planned, attribute, value)


def _take_title(planned: Planned, attribute: str, value: object) -> None:
    setattr(planned, "name" if isinstance(planned, Track) else "title", value)


def _take_abstract(planned: Planned, attribute: str, value: object) -> None:
    """An entry's description is a session's abstract, or its description when it has none."""
    assert isinstance(planned, Session)  # only sessions have entries with a description
    is_abstract = planned.abstract or not planned.description
    setattr(planned, "abstract" if is_abstract else "description", value)


def _take_delivery(planned: Planned, attribute: str, value: object) -> None:
    assert isinstance(planned, Session)  # only their entries have such options
    delivery, _ = SessionDelivery.objects.get_or_create(session=planned)
    setattr(delivery, attribute.removeprefix("delivery."), value)
    delivery.full_clean()
    delivery.save()


_TAKERS: Final[Mapping[str, Callable[[Planned, str, object], None]]] = {
    "title": _take_title,
    "abstract": _take_abstract,
}
