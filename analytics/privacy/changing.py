"""Changing what may be shown of an event: by whom, with a trace, at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from analytics.models import EventPrivacy, PrivacyChange, PrivacyMode, RetentionAction
from events.models import Event, TeamRole, User
from events.permissions import PLANNERS, roles_of

#: Sent in the transaction of a change that shows less than before, with ``event``: whatever
#: was made of the event's attendance before is withdrawn.
privacy_tightened = Signal()

CHOICES: Final = (
    "mode",
    "minimum_group",
    "asks_consent",
    "retention_days",
    "retention_action",
)


def may_change(user: User, event: Event) -> bool:
    """Planners of the event may ask for more privacy."""
    return user.is_superuser or roles_of(user).get(event.pk, "") in PLANNERS


def may_loosen(user: User, event: Event) -> bool:
    """Its owners alone may ask for less."""
    return user.is_superuser or roles_of(user).get(event.pk, "") == TeamRole.OWNER


def privacy_of(event: Event) -> EventPrivacy:
    """The event's row; one with the defaults, not saved, where there is none."""
    return EventPrivacy.objects.filter(event=event).first() or EventPrivacy(event=event)


@transaction.atomic
def change_privacy(event: Event, user: User, wanted: Mapping[str, Any], reason: str) -> bool:
    """Change the event's privacy. Returns whether that changed anything.

    ``wanted`` has values for some of CHOICES. Raises PermissionDenied when the person may
    not change it so.
    """
    # Two at once: the row is there to be locked before it is read.
    EventPrivacy.objects.get_or_create(event=event)
    row = EventPrivacy.objects.select_for_update().get(event=event)
    before = {name: getattr(row, name) for name in CHOICES}
    after = {**before, **{name: wanted[name] for name in CHOICES if name in wanted}}
    changed = [name for name in CHOICES if before[name] != after[name]]
    if not changed:
        return False
    if not may_change(user, event):
        raise PermissionDenied("Only planners of the event change its privacy.")
    if loosens(before, after) and not may_loosen(user, event):
        raise PermissionDenied("Only owners of the event may have more shown or kept.")
    for name in changed:
        setattr(row, name, after[name])
        PrivacyChange.objects.create(
            event=event,
            user=user,
            field=name,
            before=_text(before[name]),
            after=_text(after[name]),
            reason=reason,
        )
    if shows_less(before, after):
        row.files_valid_from = timezone.now()
    row.save()
    if shows_less(before, after):
        privacy_tightened.send(sender=EventPrivacy, event=event)
    return True


def _text(value: object) -> str:
    return "" if value is None else str(value)


def shows_less(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether something that was shown is not shown any more."""
    if PrivacyMode(after["mode"]).is_stricter_than(before["mode"]):
        return True
    is_aggregate = after["mode"] == before["mode"] == PrivacyMode.AGGREGATE
    # Two roundings of the same numbers, side by side, tell more than either.
    return is_aggregate and bool(after["minimum_group"] != before["minimum_group"])


def loosens(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether more is shown, or kept for longer, than before."""
    return bool(
        PrivacyMode(before["mode"]).is_stricter_than(after["mode"])
        or after["minimum_group"] < before["minimum_group"]
        or (before["asks_consent"] and not after["asks_consent"])
        or _days(after) > _days(before)
        or (before["retention_action"], after["retention_action"])
        == (RetentionAction.DELETE, RetentionAction.PSEUDONYMISE)
    )


def _days(values: Mapping[str, Any]) -> float:
    days: int | None = values["retention_days"]
    return math.inf if days is None else days
