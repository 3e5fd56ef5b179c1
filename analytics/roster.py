"""Whom and which sessions the reports and files list."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, groupby
from operator import itemgetter
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from analytics.models import SessionAttendance
from analytics.privacy.modes import PrivacyRules, ShownPerson, rules_of
from events.models import (
    Event,
    Session,
    SessionSpeaker,
    SessionStatus,
    TeamMember,
    TeamRole,
    User,
)
from events.roles import strongest_role

# The role of someone without an account here.
GUEST: Final = "guest"


class PeopleFilter(StrEnum):
    """Which people a report or file lists."""

    ALL = "all"
    ATTENDED = "attended"
    ABSENT = "absent"
    GUESTS = "guests"


class UserSummary(NamedTuple):
    """A user as a file names them. Light: there may be 100,000 of them."""

    pk: int
    uuid: UUID
    name: str
    email: str
    is_superuser: bool

    @classmethod
    def of(cls, user: User) -> UserSummary:
        """What of an account is needed."""
        return cls(user.pk, user.uuid, user.name, user.email, user.is_superuser)


USER_FIELDS: Final = UserSummary._fields


@dataclass(frozen=True)
class RosterEntry:
    """One line of a session's attendance: someone who registered, was seen, or both.

    ``shown`` is what the event's privacy lets pages and files say of who it is.
    """

    account: UserSummary | None
    attendance: SessionAttendance | None
    registered: bool
    role: str
    shown: ShownPerson

    @property
    def attended(self) -> bool:
        return bool(self.attendance and self.attendance.attended)

    @property
    def identifier(self) -> str:
        """The account's UUID, or the person's code in the event; empty for named guests."""
        return self.shown.identifier

    @property
    def name(self) -> str:
        return self.shown.name

    @property
    def email(self) -> str:
        return self.shown.email


_FILTERS: Final[dict[PeopleFilter, Callable[[RosterEntry], bool]]] = {
    PeopleFilter.ALL: lambda person: True,
    PeopleFilter.ATTENDED: lambda person: person.attended,
    PeopleFilter.ABSENT: lambda person: person.registered and not person.attended,
    PeopleFilter.GUESTS: lambda person: person.account is None,
}


class Roster:
    """Everyone who belongs to an event, read once: who is registered, and who has which role.

    It lists people as the event's privacy allows: in the aggregate mode nobody.
    """

    def __init__(self, event: Event, rules: PrivacyRules | None = None) -> None:
        self.rules = rules or rules_of(event)
        registered = User.objects.filter(
            Exists(event.registrations.filter(user=OuterRef("pk"), withdrawn_at=None))
        )
        accounts = registered.order_by("pk").values_list(*USER_FIELDS)
        self.registered = [UserSummary(*values) for values in accounts.iterator(chunk_size=2000)]
        self._team: dict[int, str] = dict(
            TeamMember.objects.filter(event=event).values_list("user_id", "role")
        )
        self._stage: dict[tuple[int, int], list[str]] = defaultdict(list)
        appearances = SessionSpeaker.objects.filter(
            session__event=event, speaker__user__isnull=False
        ).values_list("session_id", "speaker__user_id", "role")
        for session_pk, user_pk, role in appearances:
            if user_pk is not None:
                self._stage[session_pk, user_pk].append(role)

    def role(self, account: UserSummary | None, session: Session) -> str:
        """The person's role in the session, by the same rules that let them into its room.

        As EventMembership.role_in, but for thousands of people at a time. A superuser counts
        as an owner only where no team gives them another role.
        """
        if account is None:
            return GUEST
        roles = list(self._stage.get((session.pk, account.pk), ()))
        team = self._team.get(account.pk) or (TeamRole.OWNER if account.is_superuser else None)
        return strongest_role([*roles, team] if team else roles)

    def people(
        self, session: Session, show: PeopleFilter = PeopleFilter.ALL
    ) -> Iterator[RosterEntry]:
        """Everyone registered or seen, in the order of their accounts; then guests, by name.

        Under codes they come in the order of these: any other would tell who is who.
        """
        if not self.rules.lists_people:
            return iter(())
        found = self._people(session, show)
        if self.rules.names_people:
            return found
        return iter(sorted(found, key=lambda person: person.identifier))

    def _people(self, session: Session, show: PeopleFilter) -> Iterator[RosterEntry]:
        rows = SessionAttendance.objects.filter(session=session).select_related("user")
        known = rows.filter(user__isnull=False).order_by("user_id")
        guests = rows.filter(user__isnull=True).order_by("name", "pk")
        wanted = _FILTERS[show]
        for account, attendance, registered in chain(
            _merged_by_user(self.registered, known.iterator(chunk_size=1000)),
            ((None, row, False) for row in guests.iterator(chunk_size=1000)),
        ):
            role = self.role(account, session) if self.rules.names_people else ""
            shown = shown_person(self.rules, account, attendance)
            person = RosterEntry(account, attendance, registered, role, shown)
            if wanted(person):
                yield person


def shown_person(
    rules: PrivacyRules, account: UserSummary | None, attendance: SessionAttendance | None
) -> ShownPerson:
    """Who it is, as far as may be shown: our own name for those with an account, never what a
    source reports about someone we know; the reported one for guests.
    """
    if account is not None:
        uuid = str(account.uuid)
        return rules.person(uuid, account.name, account.email, identifier=uuid)
    if attendance is not None:
        return rules.person(attendance.person_key, attendance.name, attendance.email)
    raise ValueError("A line of the roster has an account, an attendance, or both.")


def _merged_by_user(
    registered: Iterable[UserSummary], known: Iterable[SessionAttendance]
) -> Iterator[tuple[UserSummary, SessionAttendance | None, bool]]:
    """Merge two lists sorted by user: the user, their attendance, whether they are registered.

    The attendance is never all in memory, so a session may have any number of people.
    """
    # Ordered by (pk, side), so that a person's registration comes before their attendance.
    left = ((account.pk, 0, account, None) for account in registered)
    right = ((account.pk, 1, account, row) for row in known if (account := _user_summary(row)))
    merged = heapq.merge(left, right, key=itemgetter(0, 1))
    for _, group in groupby(merged, key=itemgetter(0)):
        rows = list(group)
        yield rows[-1][2], rows[-1][3], rows[0][1] == 0


def _user_summary(row: SessionAttendance) -> UserSummary | None:
    return None if row.user is None else UserSummary.of(row.user)


def reported_sessions(event: Event) -> QuerySet[Session]:
    """The sessions a report lists: published ones, and any that somebody was seen in."""
    seen = Exists(SessionAttendance.objects.filter(session=OuterRef("pk")))
    # By the event's own manager, so that all of them have this very event; and without the
    # texts and what else no report shows.
    found = event.sessions.filter(Q(status=SessionStatus.PUBLISHED) | seen)
    return found.select_related("track").defer(*_UNSHOWN).order_by("starts_at", "pk")


_UNSHOWN: Final = (
    *("abstract", "description", "subtitle", "location", "language", "external_id"),
    *("created_at", "updated_at", "track__created_at", "track__updated_at"),
)
