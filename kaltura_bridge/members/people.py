"""The members that an event's category should have, read from the domain.

Only of events with a privacy context, as nobody else's category has members of ours, and of
none that is a draft, as a draft has no category.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from events.models import Event, EventStatus, Registration, Speaker, TeamMember
from events.roles import StageRole, strongest_role
from kaltura_bridge.join.identity import ID_PREFIX
from kaltura_bridge.models import SyncTarget, TargetKind


class MemberLevel(StrEnum):
    """What a member may do in the category (Kaltura's CategoryUserPermissionLevel)."""

    MANAGER = "0"
    MODERATOR = "1"
    MEMBER = "3"


# Speakers and analysts see what attendees see.
_LEVELS: Final = {
    StageRole.PRODUCER: MemberLevel.MANAGER,
    StageRole.MODERATOR: MemberLevel.MODERATOR,
}


def level_of(role: StageRole) -> MemberLevel:
    """The level of somebody whose strongest role at the event is this."""
    return _LEVELS.get(role, MemberLevel.MEMBER)


def member_uuid(event_uuid: UUID, user_uuid: UUID) -> UUID:
    """The UUID of a person's membership in an event; with the event's, the person's again.

    One laid over the other: so a target names its person without a row that does.
    """
    return UUID(int=event_uuid.int ^ user_uuid.int)


@dataclass(frozen=True)
class CategoryMember:
    """A person who belongs to an event: what a target of kind MEMBER stands for."""

    event: Event
    user_uuid: UUID
    level: MemberLevel = MemberLevel.MEMBER

    @property
    def uuid(self) -> UUID:
        """Its own identity, as planned objects have one."""
        return member_uuid(self.event.uuid, self.user_uuid)

    @property
    def user_id(self) -> str:
        """Who it is at Kaltura, as in every KS."""
        return f"{ID_PREFIX}{self.user_uuid.hex}"

    def __str__(self) -> str:
        return self.user_id


def events_with_members() -> QuerySet[Event]:
    """Events that tell Kaltura who belongs to them."""
    chosen = Event.objects.filter(delivery__isnull=False).exclude(delivery__privacy_context="")
    return chosen.exclude(status=EventStatus.DRAFT).select_related("delivery")


def members_of(
    events: Collection[Event], users: Collection[UUID] | None = None
) -> list[CategoryMember]:
    """Whoever belongs to these events, or those of these people who do; three queries.

    The events are of ``events_with_members``. Who was erased or deactivated belongs to none.
    """
    by_pk = {event.pk: event for event in events}
    roles: dict[tuple[int, UUID], set[str]] = defaultdict(set)
    for event_pk, user_uuid, role in _roles(by_pk, users):
        roles[event_pk, user_uuid].add(role)
    return [
        CategoryMember(by_pk[event_pk], user_uuid, level_of(strongest_role(held)))
        for (event_pk, user_uuid), held in roles.items()
    ]


def _roles(
    events: Collection[int], users: Collection[UUID] | None
) -> Iterator[tuple[int, UUID, str]]:
    """Event, person and role of everybody who is registered, in a team or on a stage."""
    if not events:
        return
    wanted: dict[str, Any] = {"event__in": list(events), "user__is_active": True}
    if users is not None:
        wanted["user__uuid__in"] = list(users)
    registered = Registration.objects.filter(withdrawn_at=None, **wanted).order_by()
    for event, user in registered.values_list("event_id", "user__uuid"):
        yield event, user, ""
    team = TeamMember.objects.filter(**wanted).order_by()
    yield from team.values_list("event_id", "user__uuid", "role")
    stage = Speaker.objects.filter(**wanted).order_by().distinct()
    for event, user, role in stage.values_list("event_id", "user__uuid", "appearances__role"):
        yield event, user, role or ""


def members_behind(targets: Iterable[SyncTarget]) -> dict[tuple[str, str], CategoryMember]:
    """By kind and uuid the members that these targets stand for; who left is left out."""
    theirs = [target for target in targets if target.kind == TargetKind.MEMBER]
    if not theirs:
        return {}
    events = list(events_with_members().filter(uuid__in={t.event_uuid for t in theirs}))
    people = {member_uuid(target.event_uuid, target.object_uuid) for target in theirs}
    found = {member.uuid: member for member in members_of(events, people)}
    wanted = {target.object_uuid for target in theirs}
    return {
        (str(TargetKind.MEMBER), str(uuid)): member
        for uuid, member in found.items()
        if uuid in wanted
    }


def without_target(events: Sequence[Event]) -> list[CategoryMember]:
    """Members of these events of whom nobody ever told the sync."""
    if not events:
        return []
    known = SyncTarget.objects.filter(
        kind=TargetKind.MEMBER, event_uuid__in=[event.uuid for event in events], removed=False
    )
    uuids = set(known.values_list("object_uuid", flat=True))
    return [member for member in members_of(events) if member.uuid not in uuids]
