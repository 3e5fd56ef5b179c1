"""The people of one session, a page at a time: whoever registered, was seen, or both.

Only the lines of one page are read, so a page costs the same for ten people and for ten
thousand. Files list all of them, see roster.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Lower

from analytics.figures.dialect import written
from analytics.models import SessionAttendance
from analytics.privacy.modes import PrivacyRules, ShownPerson
from analytics.roster import GUEST, PeopleFilter, UserSummary, shown_person
from events.models import Registration, Session, TeamRole, User
from events.roles import strongest_role

PEOPLE_A_PAGE: Final = 50
KEPT_S: Final = 3600


PersonRow = SessionAttendance | Registration


@dataclass(frozen=True)
class PersonLine:
    """Someone in a session's list. ``attendance`` is None for who was not seen.

    ``shown`` is what the event's privacy lets the page say of who it is, ``code`` what stands
    for the person in addresses.
    """

    attendance: SessionAttendance | None
    registered: bool
    role: str
    shown: ShownPerson
    code: str

    @property
    def attended(self) -> bool:
        return bool(self.attendance and self.attendance.attended)


class SessionPeople(Sequence[PersonLine]):
    """The lines of a filter, for Django's Paginator: a slice is read, not more.

    Those who attended come first, by name; then whoever was seen outside the window; then
    those who registered and were not seen. ``places``: how many people have a place at the
    event; ``version``: of the attendance as computed, under which the counts are kept. Under
    codes they come in the order of these: any other would tell who is who.
    """

    def __init__(
        self,
        session: Session,
        show: PeopleFilter,
        rules: PrivacyRules,
        places: int,
        version: int = 0,
    ) -> None:
        self.session = session
        self.counts = kept_counts(session, places, version)
        self._show = show
        self._rules = rules

    def __len__(self) -> int:
        return self.counts[self._show]

    def __getitem__(self, asked: Any) -> Any:
        if not isinstance(asked, slice):
            return self[asked : asked + 1][0]
        start, stop, _step = asked.indices(len(self))
        rows = (
            self._by_name(start, stop) if self._rules.names_people else self._by_code(start, stop)
        )
        return self._lines(rows)

    def _by_name(self, start: int, stop: int) -> list[PersonRow]:
        found: list[PersonRow] = list(self._seen()[start:stop])
        before = len(self) - self.counts["unseen"] if self._lists_unseen else len(self)
        if start + len(found) < stop:
            unseen = self._unseen().order_by(Lower("user__name"), "user__email", "pk")
            found += unseen[max(start - before, 0) : stop - before]
        return found

    def _by_code(self, start: int, stop: int) -> list[PersonRow]:
        """As ``_by_name``; to sort by codes, whoever stands in the list is read, if briefly."""
        seen, unseen = self._seen(), self._unseen() if self._lists_unseen else None
        order = [
            (self._rules.pseudonym(str(uuid) if uuid else key), pk, True)
            for uuid, key, pk in seen.values_list("user__uuid", "person_key", "pk").order_by()
        ]
        if unseen is not None:
            order += [
                (self._rules.pseudonym(str(uuid)), pk, False)
                for uuid, pk in unseen.values_list("user__uuid", "pk").order_by()
            ]
        wanted = [(is_seen, pk) for _code, pk, is_seen in sorted(order)[start:stop]]
        rows: dict[tuple[bool, int], PersonRow] = {
            (True, row.pk): row
            for row in seen.filter(pk__in=[pk for is_seen, pk in wanted if is_seen])
        }
        if unseen is not None:
            pks = [pk for is_seen, pk in wanted if not is_seen]
            rows.update(((False, row.pk), row) for row in unseen.filter(pk__in=pks))
        return [rows[key] for key in wanted if key in rows]

    @property
    def _lists_unseen(self) -> bool:
        return self._show in (PeopleFilter.ALL, PeopleFilter.ABSENT)

    def _seen(self) -> QuerySet[SessionAttendance]:
        registered = Registration.objects.filter(
            event=self.session.event_id, withdrawn_at=None, user=OuterRef("user")
        )
        rows = SessionAttendance.objects.filter(session=self.session).filter(_SEEN[self._show])
        if self._show is PeopleFilter.ABSENT:
            rows = rows.filter(Exists(registered))
        return (
            rows.annotate(
                is_registered=Exists(registered), sort_name=Lower(Coalesce("user__name", "name"))
            )
            .select_related("user")
            .order_by("-attended", "sort_name", "user__email", "pk")
        )

    def _unseen(self) -> QuerySet[Registration]:
        seen = SessionAttendance.objects.filter(session=self.session, user=OuterRef("user"))
        return _registered(self.session).filter(~Exists(seen)).select_related("user")

    def _lines(self, rows: Sequence[PersonRow]) -> list[PersonLine]:
        roles: Mapping[int, str] = {}
        if self._rules.names_people:
            roles = roles_in(self.session, [row.user for row in rows if row.user is not None])
        return [_line(row, roles, self._rules) for row in rows]


_SEEN: Final[dict[PeopleFilter, Q]] = {
    PeopleFilter.ALL: Q(),
    PeopleFilter.ATTENDED: Q(attended=True),
    PeopleFilter.ABSENT: Q(attended=False),
    PeopleFilter.GUESTS: Q(user__isnull=True),
}


def _registered(session: Session) -> QuerySet[Registration]:
    return Registration.objects.filter(event=session.event_id, withdrawn_at=None)


def kept_counts(session: Session, places: int, version: int) -> dict[str, int]:
    """The counts, from the cache where they are of this version; of none they are counted anew.

    Whoever gets or gives back a place changes ``places``, and raises the version a moment later.
    """
    if not version:
        return people_counts(session, places)
    key = f"analytics:people:{session.uuid}:{version}:{places}"
    counts: dict[str, int] | None = cache.get(key)
    if counts is None:
        counts = people_counts(session, places)
        cache.set(key, counts, KEPT_S)
    return counts


def people_counts(session: Session, places: int) -> dict[str, int]:
    """How many lines each filter has, and ``unseen``: those with a place who are in no report.

    ``places``: how many people have a place at the event.
    """
    registered = _registered(session).filter(user=OuterRef("user"))
    counts = (
        SessionAttendance.objects.filter(session=session)
        .annotate(has_place=Exists(registered))
        .aggregate(
            seen=Count("pk"),
            came=Count("pk", filter=Q(attended=True)),
            guests=Count("pk", filter=Q(user__isnull=True)),
            registered=Count("pk", filter=Q(has_place=True)),
            stayed_away=Count("pk", filter=Q(has_place=True, attended=False)),
        )
    )
    unseen = places - counts["registered"]
    return {
        PeopleFilter.ALL: counts["seen"] + unseen,
        PeopleFilter.ATTENDED: counts["came"],
        PeopleFilter.ABSENT: counts["stayed_away"] + unseen,
        PeopleFilter.GUESTS: counts["guests"],
        "unseen": unseen,
    }


def people_page(people: SessionPeople, asked: str | None) -> Any:
    """One page of the list; the nearest for a number that there is not."""
    return Paginator(people, PEOPLE_A_PAGE).get_page(asked)


# Few rows; written out, for to put it together costs more than to ask it.
ROLES: Final = """
SELECT user_id, role, 1 FROM {TeamMember} WHERE event_id = %s
UNION ALL
SELECT sp.user_id, ss.role, 0 FROM {SessionSpeaker} ss JOIN {Speaker} sp ON sp.id = ss.speaker_id
WHERE ss.session_id = %s AND sp.user_id IS NOT NULL"""


def roles_in(session: Session, users: Iterable[User]) -> Mapping[int, str]:
    """The role of each of these people in the session, by the rules that let them into its room.

    One query. A superuser counts as an owner only where no team gives them another role.
    """
    in_team: dict[int, str] = {}
    on_stage: dict[int, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(written(ROLES), [session.event_id, session.pk])
        for user_pk, role, is_team in cursor.fetchall():
            if is_team:
                in_team[user_pk] = role
            else:
                on_stage[user_pk].append(role)
    found = {}
    for user in users:
        own = in_team.get(user.pk) or (TeamRole.OWNER if user.is_superuser else None)
        found[user.pk] = strongest_role([*on_stage[user.pk], *([own] if own else [])])
    return found


def _line(row: PersonRow, roles: Mapping[int, str], rules: PrivacyRules) -> PersonLine:
    attendance = row if isinstance(row, SessionAttendance) else None
    user = row.user
    role = GUEST if user is None else roles.get(user.pk, "")
    return PersonLine(
        attendance=attendance,
        registered=attendance is None or bool(getattr(attendance, "is_registered", False)),
        role=role if rules.names_people else "",
        shown=shown_person(rules, UserSummary.of(user) if user else None, attendance),
        code=person_code(rules, user, attendance),
    )


def person_code(
    rules: PrivacyRules, user: User | None, attendance: SessionAttendance | None
) -> str:
    """What stands for a person in addresses: their code in the event, which tells nothing."""
    subject = str(user.uuid) if user else attendance.person_key if attendance else ""
    return rules.pseudonym(subject)
