"""Writing to a team: roles, what they are about, handing an event over, leaving."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import uuid4

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from events.actions import NotAllowed
from events.changes import changes
from events.models import Event, TeamMember, TeamRole, Track, User
from events.models.people import SCOPED_ROLES
from events.outbox.enqueue import enqueue_mail
from events.permissions import forget_roles
from events.team.mails import ROLE_MAIL


class LastOwner(NotAllowed):
    """An event always has somebody who decides on its team."""


class NoMember(NotAllowed):
    """The person is not in the team, or not any more."""


def rename_rooms_of_team(event: Event, names: Mapping[str, str]) -> None:
    """Roles about a room stay about it under its new name."""
    for member in TeamMember.objects.filter(event=event, is_limited=True):
        rooms = [names.get(room, room) for room in member.rooms]
        if rooms != member.rooms:
            member.rooms = rooms
            member.save(update_fields=["rooms"])


@changes()
def set_place(
    event: Event,
    user: User,
    role: str,
    *,
    tracks: Iterable[Track] = (),
    rooms: Iterable[str] = (),
) -> TeamMember:
    """Give somebody a role, and say what it is about; without tracks and rooms, everything.

    Raises LastOwner where the event would be left without an owner.
    """
    team = team_of(event)
    member = next((each for each in team if each.user_id == user.pk), None)
    if member is None:
        member = TeamMember(event=event, user=user)
    elif member.role == TeamRole.OWNER != role:
        _keep_an_owner(team, member)
    has_scope = role in SCOPED_ROLES
    chosen, named = (list(tracks), sorted(set(rooms))) if has_scope else ([], [])
    member.role, member.rooms = role, named
    member.is_limited = bool(chosen or named)
    member.save()
    member.tracks.set(chosen)
    _let_into_admin(user)
    _tell(member)
    forget_roles(user)
    return member


def _let_into_admin(user: User) -> None:
    """What somebody sees and changes there, their roles decide."""
    if not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])


def _tell(member: TeamMember) -> None:
    # Every change is news of its own, whichever came before.
    enqueue_mail(ROLE_MAIL, member.user, str(uuid4()), event=member.event)


@changes()
def leave_team(event: Event, user: User) -> None:
    """Take somebody out of the team; safe to repeat. Raises LastOwner."""
    team = team_of(event)
    for member in team:
        if member.user_id == user.pk:
            _keep_an_owner(team, member)
            member.delete()
    forget_roles(user)


@changes()
def hand_over(event: Event, giver: User, taker: User) -> None:
    """The taker owns the event, the giver manages it from now on; safe to repeat.

    Raises NoMember when either has left meanwhile, or when the giver is no owner.
    """
    team = {member.user_id: member for member in team_of(event)}
    mine, theirs = team.get(giver.pk), team.get(taker.pk)
    if theirs is None:
        raise NoMember(_("This person is not in the team any more."))
    if mine is None or mine.role != TeamRole.OWNER:
        raise NoMember(_("You do not own this event any more."))
    if mine == theirs:
        raise NoMember(_("You own this event already."))
    theirs.role, theirs.rooms, theirs.is_limited = TeamRole.OWNER, [], False
    theirs.save()
    theirs.tracks.clear()
    mine.role = TeamRole.MANAGER
    mine.save(update_fields=["role"])
    for member in (mine, theirs):
        _tell(member)
    for user in (giver, taker):
        forget_roles(user)


def owners_of(event: Event) -> QuerySet[TeamMember]:
    return TeamMember.objects.filter(event=event, role=TeamRole.OWNER)


def team_of(event: Event) -> list[TeamMember]:
    """The team, until the commit nobody else's: of two who leave at once the second waits."""
    # Of the event, for a row that is not there yet cannot be locked.
    list(Event.objects.select_for_update(of=("self",)).filter(pk=event.pk).values_list("pk"))
    rows = TeamMember.objects.filter(event=event).select_related("user", "event")
    return list(rows.order_by("pk"))


def _keep_an_owner(team: list[TeamMember], leaving: TeamMember) -> None:
    owners = {member.pk for member in team if member.role == TeamRole.OWNER}
    if owners == {leaving.pk}:
        raise LastOwner(
            _("An event needs an owner. Hand it over to somebody else in the team first.")
        )
