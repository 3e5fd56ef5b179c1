"""What the members of an event's team may do with it, decided in one place.

What attendees see is decided in queries.py, what they may enter in access.py. Here is the one
table of roles (``ROLE_POWERS``), from which all else follows: the permissions that
``user.has_perm("events.change_event", event)`` and the admin ask, who stands on a stage as what
(roles.py), whose events a page is about (``events_for_team``), and which of their sessions
(``sessions_for_team``): some roles are about certain tracks and rooms only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import Q, QuerySet
from rules.permissions import add_perm
from rules.predicates import Predicate, predicate

from events.models import (
    Event,
    EventSeries,
    Registration,
    Session,
    Speaker,
    TeamMember,
    TeamRole,
    User,
)
from events.models.people import SCOPED_ROLES
from events.team.scope import TeamScope


class Power(StrEnum):
    """What a member of the team may do."""

    SEE = "see the whole plan in the admin, drafts too"
    PLAN = "change the event, its sessions and people, and what goes to Kaltura"
    PLAN_SESSIONS = "plan sessions"
    PRODUCE = "run broadcasts and recordings"
    MODERATE = "moderate live sessions, and help people in"
    READ_FIGURES = "read attendance"
    LEAD = "decide on the team, and delete the event"


_PLANS: Final = frozenset(Power) - {Power.LEAD}
#: What each role may do. With MODERATE, PRODUCE and PLAN_SESSIONS alone, in its scope only.
ROLE_POWERS: Final[Mapping[str, frozenset[Power]]] = {
    TeamRole.OWNER: frozenset(Power),
    TeamRole.MANAGER: _PLANS,
    TeamRole.TRACK_MANAGER: frozenset({Power.SEE, Power.PLAN_SESSIONS}),
    TeamRole.MODERATOR: frozenset({Power.SEE, Power.MODERATE}),
    TeamRole.PRODUCER: frozenset({Power.SEE, Power.PRODUCE, Power.MODERATE}),
    TeamRole.ANALYST: frozenset({Power.SEE, Power.READ_FIGURES}),
    TeamRole.VIEWER: frozenset({Power.SEE}),
}


def roles_with(power: Power) -> frozenset[str]:
    return frozenset(role for role, powers in ROLE_POWERS.items() if power in powers)


PLANNERS: Final = roles_with(Power.PLAN)
SESSION_PLANNERS: Final = roles_with(Power.PLAN_SESSIONS)
PRODUCERS: Final = roles_with(Power.PRODUCE)
RUNNERS: Final = roles_with(Power.MODERATE)
ANALYSTS: Final = roles_with(Power.READ_FIGURES)
STAFF: Final = roles_with(Power.SEE)

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


@dataclass(frozen=True)
class TeamPlace:
    """Somebody's role at one event, and what it is about; without a scope, all of it."""

    role: str
    scope: TeamScope | None = None

    def holds(self, session: Any) -> bool:
        return self.scope is None or self.scope.holds_session(session)


def team_places(user: Any) -> Mapping[int, TeamPlace]:
    """The person's places in teams by the event's primary key.

    Read once for each user object, as Django does with its own permissions: a page of the
    admin asks a dozen times. Whoever changes a role calls ``forget_roles``.
    """
    if not user.is_authenticated:
        return {}
    if not hasattr(user, "_team_places"):
        user._team_places = _read_places(user.pk)
    places: Mapping[int, TeamPlace] = user._team_places
    return places


def _read_places(user_pk: int) -> dict[int, TeamPlace]:
    mine = TeamMember.objects.filter(user=user_pk).order_by()
    rows = list(mine.values_list("pk", "event_id", "role", "is_limited", "rooms"))
    limited = [pk for pk, _event, role, is_limited, _rooms in rows if _counts(role, is_limited)]
    tracks = _tracks_of(limited) if limited else {}
    return {
        event: TeamPlace(
            role,
            TeamScope(tracks.get(pk, frozenset()), frozenset(rooms))
            if _counts(role, is_limited)
            else None,
        )
        for pk, event, role, is_limited, rooms in rows
    }


def _counts(role: str, is_limited: bool) -> bool:
    return is_limited and role in SCOPED_ROLES


def _tracks_of(members: list[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    through = TeamMember.tracks.through.objects.filter(teammember__in=members)
    for member, track in through.values_list("teammember_id", "track_id"):
        found.setdefault(member, set()).add(track)
    return {member: frozenset(tracks) for member, tracks in found.items()}


def scope_in(event: Event | int, user_pk: int) -> TeamScope | None:
    """What somebody's role at this event is about, read anew; None for all of it."""
    pk = event if isinstance(event, int) else event.pk
    place = _read_places(user_pk).get(pk)
    return place.scope if place else None


def scope_for(user: Any, event: Event) -> TeamScope | None:
    """What this person's role at the event is about; None for all of it, as for superusers."""
    place = None if user.is_superuser else team_places(user).get(event.pk)
    return place.scope if place else None


def roles_of(user: Any) -> dict[int, str]:
    """The person's team roles by the event's primary key."""
    return {pk: place.role for pk, place in team_places(user).items()}


def forget_roles(user: Any) -> None:
    """Read the person's roles again when somebody asks next."""
    if hasattr(user, "_team_places"):
        del user._team_places


def events_for_team(
    user: Any, roles: frozenset[str] = STAFF, *, whole: bool = False
) -> QuerySet[Event]:
    """The events in whose team the person has one of these roles; all for superusers.

    ``whole``: only where the role is about all of the event.
    """
    if user.is_superuser:
        return Event.objects.all()
    mine = Q(team__user=user, team__role__in=roles)
    return Event.objects.filter(mine & Q(team__is_limited=False) if whole else mine)


def members_about(session: Session, roles: frozenset[str]) -> list[TeamMember]:
    """Those of the team who have one of these roles, and whose role is about this session."""
    members = TeamMember.objects.filter(event=session.event_id, role__in=roles)
    found = list(members.select_related("user").prefetch_related("tracks"))
    return [
        member
        for member in found
        if not _counts(member.role, member.is_limited)
        or TeamScope(
            frozenset(track.pk for track in member.tracks.all()), frozenset(member.rooms)
        ).holds_session(session)
    ]


def in_scope(user: Any, roles: frozenset[str], path: str = "") -> Q:
    """Narrows rows to those about sessions for which the person has one of these roles.

    ``path`` leads from a row to its session; for Session itself it is empty.
    """
    if user.is_superuser:
        return Q()
    at = f"{path}__" if path else ""
    found = Q(pk__in=())
    whole = []
    for event, place in team_places(user).items():
        if place.role not in roles:
            continue
        if place.scope is None:
            whole.append(event)
        else:
            found |= Q(**{f"{at}event": event}) & place.scope.sessions(path)
    return found | Q(**{f"{at}event__in": whole}) if whole else found


def sessions_for_team(user: Any, roles: frozenset[str] = STAFF) -> QuerySet[Session]:
    """The sessions for which the person has one of these roles; all for superusers."""
    return Session.objects.filter(in_scope(user, roles))


def planned_series(user: Any) -> QuerySet[EventSeries]:
    """The series of which the person plans an event; all for superusers."""
    if user.is_superuser:
        return EventSeries.objects.all()
    planned = events_for_team(user, PLANNERS).exclude(series=None)
    return EventSeries.objects.filter(pk__in=planned.values("series"))


def is_registered(user: User, event: Event) -> bool:
    return Registration.objects.filter(user=user, event=event, withdrawn_at=None).exists()


def _has_role(
    roles: frozenset[str], name: str, *, everywhere: bool = False, whole: bool = False
) -> Predicate:
    """Whether somebody has one of these roles, about that thing where it is about a session.

    Asked about the event: at all. A form asks about each session again. ``everywhere``: the
    whole plan is there to read, whatever a role is about. ``whole``: only if it is about all of
    the event.
    """

    def test(user: Any, thing: Any = None) -> bool:
        if thing is None:
            # The admin asks without an object whether a list may be opened at all.
            return bool(user.is_staff and not roles.isdisjoint(roles_of(user).values()))
        place = team_places(user).get(_event_pk(thing))
        if place is None or place.role not in roles:
            return False
        return everywhere or place.scope is None or (not whole and _is_within(place.scope, thing))

    asked: Predicate = predicate(test, name=name)
    return asked


def _is_within(scope: TeamScope, thing: Any) -> bool:
    if isinstance(thing, Session):
        return scope.holds_session(thing)
    if isinstance(thing, Speaker) and thing.pk:
        # Of whom nobody else plans a session.
        places = list(thing.sessions.values_list("track_id", "location"))
        return bool(places) and all(scope.holds(*place) for place in places)
    if getattr(thing, "session_id", None):
        return scope.holds_session(thing.session)
    return True


is_planner = _has_role(PLANNERS, "is_planner")
plans_session = _has_role(SESSION_PLANNERS, "plans_session")
is_analyst = _has_role(ANALYSTS, "is_analyst")
is_team = _has_role(STAFF, "is_team", everywhere=True)
is_owner = _has_role(roles_with(Power.LEAD), "is_owner")


def _plans_series(user: Any, series: Any = None) -> bool:
    """Whoever plans one event of a series names it."""
    if series is None:
        return bool(is_planner.test(user))
    return planned_series(user).filter(pk=series.pk).exists()


plans_series: Predicate = predicate(_plans_series, name="plans_series")
for model in ("event", "track", "session", "speaker"):
    add_perm(f"events.view_{model}", is_team)
for model in ("event", "track"):
    add_perm(f"events.change_{model}", is_planner)
for verb in ("add", "delete"):
    add_perm(f"events.{verb}_track", is_planner)
for verb in ("add", "change"):
    add_perm(f"events.{verb}_speaker", plans_session)
add_perm("events.delete_speaker", is_planner)
for verb in ("add", "change", "delete"):
    add_perm(f"events.{verb}_session", plans_session)
# About an event: to open its planner. What is changed there is asked about each session.
add_perm("events.plan_sessions", plans_session)
add_perm("events.delete_event", is_owner)
add_perm("events.run_session", _has_role(RUNNERS, "is_runner"))
add_perm("events.run_event", _has_role(RUNNERS, "runs_event", whole=True))
add_perm("events.produce_session", _has_role(PRODUCERS, "is_producer"))
add_perm("events.view_invitation", is_planner)
add_perm("events.change_invitation", is_planner)
for model in ("waitinglistentry", "sessionplace"):
    add_perm(f"events.view_{model}", is_planner)
    add_perm(f"events.delete_{model}", is_planner)
for verb in ("view", "add", "change", "delete"):
    add_perm(f"events.{verb}_registration", is_planner)
    add_perm(f"events.{verb}_signupquestion", is_planner)
    add_perm(f"events.{verb}_sessionpreset", is_planner)
    add_perm(f"events.{verb}_teammember", is_owner)
    add_perm(f"events.{verb}_sessionspeaker", plans_session)
for model in ("partner", "infoblock", "eventtranslation", "tracktranslation"):
    add_perm(f"events.view_{model}", is_team)
    for verb in ("add", "change", "delete"):
        add_perm(f"events.{verb}_{model}", is_planner)
for verb in ("view", "change", "delete"):
    add_perm(f"events.{verb}_eventseries", plans_series)
for model in ("sessionmaterial", "sessiontranslation", "speakerlink"):
    add_perm(f"events.view_{model}", is_team)
    for verb in ("add", "change", "delete"):
        add_perm(f"events.{verb}_{model}", plans_session)
add_perm("events.view_sessionfeedback", is_planner)
add_perm("events.delete_sessionfeedback", is_planner)
add_perm("events.view_report", is_analyst)
add_perm("events.view_outgoingmail", is_planner)
