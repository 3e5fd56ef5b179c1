"""What Kaltura holds, adopted into the plan: which of its fields means what here.

Only what the portal plans can be adopted; the table in fields.py says what. The domain's
own checks apply, so a value that cannot be planned is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from events import actions
from events.changes import changes
from events.models import Event, Session, Track
from kaltura_bridge.delivery.options import session_delivery
from kaltura_bridge.fields import EVENT_PAGE, field_of
from kaltura_bridge.members.people import CategoryMember
from kaltura_bridge.models import RemoteLink, SessionDelivery
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync.desired import load

Planned = Event | Track | Session
Setter = Callable[[Planned, str, object], None]
_DELIVERY: Final = "delivery."


def why_not(link: RemoteLink, name: str) -> str:
    """Why a field cannot be adopted, as the end of a sentence; "" when it can."""
    if link.target.removed:
        return "it is deleted here"
    return "" if _adopts(link, name) else "it is not part of the plan"


def planned_with(link: RemoteLink, theirs: Mapping[str, str]) -> Planned:
    """The planned object as it would be with these values of Kaltura. Saves nothing.

    Raises ValidationError naming the field when they cannot be planned together.
    """
    target = link.target
    planned = load([target])[target.kind, str(target.object_uuid)]
    if isinstance(planned, CategoryMember):
        raise ValidationError(_("What a member may do follows from registration and team."))
    for name, text in theirs.items():
        _set(planned, link, name, text)
    planned.full_clean()
    if _changes_delivery(link, theirs):
        _delivery_of(planned).full_clean()
    return planned


def save_with(link: RemoteLink, theirs: Mapping[str, str]) -> None:
    """Plan these values, which queues the object for its next sync.

    Raises ValidationError as ``planned_with`` does; then nothing is saved.
    """
    planned = planned_with(link, theirs)
    with changes():
        if _changes_delivery(link, theirs):
            _delivery_of(planned).save()
        actions.save_planned(planned, checked=True)


def _adopts(link: RemoteLink, name: str) -> str:
    """The attribute that a field stands for; "" where nothing that is planned does.

    A session's replay has times of its own, and only one record of an entry shows its times.
    """
    main = key_for(link.target.object_uuid)
    is_main = link.key in (main, f"{main}/{EVENT_PAGE}")
    return field_of(link.kind, name).adopts if is_main else ""


def _changes_delivery(link: RemoteLink, names: Mapping[str, str]) -> bool:
    return any(_adopts(link, name).startswith(_DELIVERY) for name in names)


def _set(planned: Planned, link: RemoteLink, name: str, text: str) -> None:
    attribute = _adopts(link, name)
    plain = _set_delivery if attribute.startswith(_DELIVERY) else _set_attribute
    try:
        value = field_of(link.kind, name).type.parse(text)
    except (ValueError, LookupError, OverflowError) as error:
        told = f"Kaltura's value “{text}” cannot be planned here."
        raise ValidationError(told) from error
    _SETTERS.get(attribute, plain)(planned, attribute, value)


def _set_attribute(planned: Planned, attribute: str, value: object) -> None:
    setattr(planned, attribute, value)


def _set_title(planned: Planned, attribute: str, value: object) -> None:
    setattr(planned, "name" if isinstance(planned, Track) else "title", value)


def _set_abstract(planned: Planned, attribute: str, value: object) -> None:
    """An entry's description is a session's abstract, or its description when it has none."""
    assert isinstance(planned, Session)  # only sessions have entries with a description
    is_abstract = planned.abstract or not planned.description
    setattr(planned, "abstract" if is_abstract else "description", value)


def _set_delivery(planned: Planned, attribute: str, value: object) -> None:
    setattr(_delivery_of(planned), attribute.removeprefix(_DELIVERY), value)


_RECORDING_ATTRIBUTES: Final[Mapping[str, str]] = {
    "shouldCopyEntitlement": "recordings_copy_access",
    "shouldMakeHidden": "recordings_hidden",
    "shouldAutoArchive": "recordings_archived",
    "shouldCopyScheduling": "recordings_copy_schedule",
    "shouldCopyThumbnail": "recordings_copy_thumbnail",
}


def _set_recordings(planned: Planned, attribute: str, value: object) -> None:
    """One object at Kaltura holds all the switches of recordings."""
    assert isinstance(value, dict)  # as fields.py reads it
    for name, is_on in value.items():
        setattr(_delivery_of(planned), _RECORDING_ATTRIBUTES[name], is_on)


def _delivery_of(planned: Planned) -> SessionDelivery:
    """The session's own delivery; a new one, not saved, when it has none."""
    assert isinstance(planned, Session)  # only their entries have such options
    return session_delivery(planned) or SessionDelivery(session=planned)


_SETTERS: Final[Mapping[str, Setter]] = {
    "title": _set_title,
    "abstract": _set_abstract,
    "delivery.recordings_hidden": _set_recordings,
}
