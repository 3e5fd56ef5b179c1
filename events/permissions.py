"""What the members of an event's team may do with it, decided in one place.

What attendees see is decided in queries.py, what they may enter in access.py. Here,
owners and managers plan, moderators run live sessions, analysts read figures.
``user.has_perm("events.change_event", event)`` asks these rules; so does the admin.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rules.permissions import add_perm
from rules.predicates import Predicate, predicate

from events.models import Event, Registration, TeamMember, TeamRole, User

PLANNERS = frozenset({TeamRole.OWNER, TeamRole.MANAGER})
ANALYSTS = PLANNERS | {TeamRole.ANALYST}
STAFF = ANALYSTS | {TeamRole.MODERATOR}
# As access.py has it for one session: analysts read figures.
RUNNERS = PLANNERS | {TeamRole.MODERATOR}

# What an object may be about that has no event of its own.
HOLDERS = ("session", "track", "speaker")


def _event_pk(thing: Any) -> int:
    """The event that this is, or that it belongs to: by itself, or by what it is about."""
    if isinstance(thing, Event):
        return thing.pk
    if not hasattr(thing, "event_id"):
        thing = next(getattr(thing, name) for name in HOLDERS if hasattr(thing, f"{name}_id"))
    pk: int = thing.event_id
    return pk


def roles_of(user: Any) -> dict[int, str]:
    """The person's team roles by the event's primary key.

    Read once for each user object, as Django does with its own permissions: a page of the
    admin asks a dozen times. Whoever changes a role calls ``forget_roles``.
    """
    if not user.is_authenticated:
        return {}
    if not hasattr(user, "_team_roles"):
        mine = TeamMember.objects.filter(user=user.pk)
        user._team_roles = dict(mine.values_list("event_id", "role"))
    roles: dict[int, str] = user._team_roles
    return roles


def forget_roles(user: Any) -> None:
    """Read the person's roles again when somebody asks next."""
    if hasattr(user, "_team_roles"):
        del user._team_roles


def events_for_team(user: Any, roles: frozenset[str] = STAFF) -> QuerySet[Event]:
    """The events in whose team the person has one of these roles; all for superusers."""
    if user.is_superuser:
        return Event.objects.all()
    return Event.objects.filter(team__user=user, team__role__in=roles)


def is_registered(user: User, event: Event) -> bool:
    return Registration.objects.filter(user=user, event=event, withdrawn_at=None).exists()


def _has_role(roles: frozenset[str], name: str) -> Predicate:
    def test(user: Any, thing: Any = None) -> bool:
        if thing is None:
            # The admin asks without an object whether a list may be opened at all.
            return bool(user.is_staff and not roles.isdisjoint(roles_of(user).values()))
        return roles_of(user).get(_event_pk(thing), "") in roles

    asked: Predicate = predicate(test, name=name)
    return asked


is_planner = _has_role(PLANNERS, "is_planner")
is_analyst = _has_role(ANALYSTS, "is_analyst")
is_team = _has_role(STAFF, "is_team")
is_owner = _has_role(frozenset({TeamRole.OWNER}), "is_owner")

for model in ("event", "track", "session", "speaker"):
    add_perm(f"events.view_{model}", is_team)
    add_perm(f"events.change_{model}", is_planner)
for model in ("track", "session", "speaker"):
    add_perm(f"events.add_{model}", is_planner)
    add_perm(f"events.delete_{model}", is_planner)
add_perm("events.delete_event", is_owner)
add_perm("events.run_session", _has_role(RUNNERS, "is_runner"))
add_perm("events.view_invitation", is_planner)
add_perm("events.change_invitation", is_planner)
for model in ("waitinglistentry", "sessionplace"):
    add_perm(f"events.view_{model}", is_planner)
    add_perm(f"events.delete_{model}", is_planner)
for verb in ("view", "add", "change", "delete"):
    add_perm(f"events.{verb}_registration", is_planner)
    add_perm(f"events.{verb}_signupquestion", is_planner)
    add_perm(f"events.{verb}_teammember", is_owner)
    add_perm(f"events.{verb}_sessionspeaker", is_planner)
for model in (
    *("partner", "infoblock", "speakerlink", "sessionmaterial"),
    *("eventtranslation", "tracktranslation", "sessiontranslation"),
):
    add_perm(f"events.view_{model}", is_team)
    for verb in ("add", "change", "delete"):
        add_perm(f"events.{verb}_{model}", is_planner)
add_perm("events.view_sessionfeedback", is_planner)
add_perm("events.delete_sessionfeedback", is_planner)
add_perm("events.view_report", is_analyst)
add_perm("events.view_outgoingmail", is_planner)
