"""The last gate: who plans some tracks or rooms changes nothing of the others, in whichever way.

Pages, forms and the planner ask permissions.py first, and say in words what is not allowed. This
stands behind all of them: whatever a person of the team saves through the admin (a form whose
keys were forged, a bulk action, a version put back, what a page of another app writes), a session
beyond their scope refuses it, and the whole request is undone.
"""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.utils.translation import gettext as _

from events.history.authors import author
from events.models import (
    ChangeSource,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionTranslation,
)
from events.permissions import PLANNERS, team_places
from events.team.scope import SessionPlaceName, TeamScope

_GUARDED: Final = {ChangeSource.ADMIN, ChangeSource.PLANNER, ChangeSource.IMPORT}


def scope_of_author(event_pk: int) -> TeamScope | None:
    """What the person who acts now may change of this event; None for all that pages let them."""
    now = author()
    user = now.person() if now.source in _GUARDED else None
    if user is None or not user.is_authenticated or user.is_superuser:
        return None
    place = team_places(user).get(event_pk)
    return place.scope if place and place.role not in PLANNERS else None


@receiver(pre_save, sender=Session, dispatch_uid="team_guards_sessions")
def guard_session(instance: Session, raw: bool, using: str, **_: Any) -> None:
    scope = None if raw else scope_of_author(instance.event_id)
    if scope is None:
        return
    before = None if instance._state.adding else _place_of(instance.pk, using)
    if not scope.allows(before, (instance.track_id, instance.location)):
        raise PermissionDenied(beyond_scope())


@receiver(pre_delete, sender=Session, dispatch_uid="team_guards_deleted_sessions")
def guard_deleted(instance: Session, **_: Any) -> None:
    scope = scope_of_author(instance.event_id)
    if scope is not None and not scope.holds_session(instance):
        raise PermissionDenied(beyond_scope())


def guard_part(instance: Any, **kwargs: Any) -> None:
    """What stands beside a session: who speaks, what can be read, translations."""
    if not kwargs.get("raw"):
        guard_deleted(instance.session)


for _part in (SessionSpeaker, SessionMaterial, SessionTranslation):
    for _signal in (pre_save, pre_delete):
        _signal.connect(
            guard_part, sender=_part, dispatch_uid=f"team_guards_{_part.__name__}_{id(_signal)}"
        )


def beyond_scope() -> str:
    return _("Your role in the team is about other tracks or rooms.")


def _place_of(pk: int, using: str) -> SessionPlaceName | None:
    rows = Session.objects.using(using).filter(pk=pk)
    return rows.values_list("track_id", "location").first()
