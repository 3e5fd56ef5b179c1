"""The credit list of a rule: everybody's state, and why, from stored attendance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language

from analytics.credits.judging import CreditTerms, CreditVerdict, NamedSession, judge
from analytics.models import (
    AppealState,
    Certificate,
    CreditAppeal,
    CreditOverride,
    CreditRule,
    SessionAttendance,
)
from analytics.privacy.modes import PrivacyRules, ShownPerson, rules_of
from events.i18n.content import content_in
from events.models import Registration, User

MICROSECONDS_A_MINUTE = 60_000_000


@dataclass(frozen=True)
class CreditLine:
    """One person: what attendance says, what somebody decided, what was certified."""

    user: User
    verdict: CreditVerdict
    override: CreditOverride | None
    certificate: Certificate | None
    has_appealed: bool

    @property
    def is_earned(self) -> bool:
        return self.override.is_earned if self.override else self.verdict.is_earned

    @property
    def credits(self) -> Decimal:
        if self.override:
            return self.override.credits if self.override.is_earned else Decimal(0)
        return self.verdict.credits

    def shown(self, rules: PrivacyRules) -> ShownPerson:
        """Who it is, as far as the event's privacy lets the list say."""
        uuid = str(self.user.uuid)
        return rules.person(uuid, str(self.user), self.user.email, identifier=uuid)


class CreditListHidden(Exception):
    """The event shows groups of people only, and a credit list has a line for each person."""


def terms_of(rule: CreditRule, language: str = "") -> CreditTerms:
    """The rule in numbers, with the sessions in the order of the programme.

    ``language``: in which they are called, where they are translated; "" as they are written.
    """
    content = content_in(rule.event, language)
    sessions = [
        NamedSession(
            session.pk,
            content.text(session, "title"),
            Decimal(int(session.duration.total_seconds() * 1_000_000)) / MICROSECONDS_A_MINUTE,
        )
        for session in rule.sessions.order_by("starts_at", "pk")
    ]
    return CreditTerms(
        sessions,
        rule.minimum_percent,
        rule.grace_minutes,
        rule.needed_sessions,
        rule.credits,
        rule.minutes_per_award,
    )


def credit_list(rule: CreditRule) -> list[CreditLine]:
    """Everybody registered, or seen in one of the sessions; in six queries.

    Raises CreditListHidden in the aggregate mode. Under codes, in the order of these.
    """
    rules = rules_of(rule.event)
    if not rules.lists_people:
        raise CreditListHidden
    present = _present(rule)
    registered = Registration.objects.filter(event=rule.event, withdrawn_at=None)
    people = User.objects.filter(pk__in=registered.values("user")) | User.objects.filter(
        pk__in=list(present)
    )
    lines = _lines(rule, terms_of(rule), list(people.distinct()), present)
    if rules.names_people:
        return sorted(lines, key=lambda line: (str(line.user).casefold(), line.user.pk))
    return sorted(lines, key=lambda line: line.shown(rules).identifier)


def line_of(rule: CreditRule, user: User) -> CreditLine:
    """One person's line; for themselves, whatever the event shows to others."""
    terms = terms_of(rule, get_language() or "")
    (line,) = _lines(rule, terms, [user], _present(rule, user))
    return line


def _lines(
    rule: CreditRule,
    terms: CreditTerms,
    people: Sequence[User],
    present: Mapping[int, Mapping[int, Decimal]],
) -> list[CreditLine]:
    # The last one counts: in this order it is the one that stays.
    overrides = {row.user_id: row for row in rule.overrides.order_by("decided_at", "pk")}
    valid = Certificate.objects.filter(rule=rule, revoked_at=None)
    certificates = {row.user_id: row for row in valid}
    open_appeals = CreditAppeal.objects.filter(rule=rule, state=AppealState.OPEN)
    appealed = set(open_appeals.values_list("user_id", flat=True))
    return [
        CreditLine(
            user,
            judge(terms, present.get(user.pk, {})),
            overrides.get(user.pk),
            certificates.get(user.pk),
            user.pk in appealed,
        )
        for user in people
    ]


def _present(rule: CreditRule, user: User | None = None) -> dict[int, dict[int, Decimal]]:
    """User -> session -> the minutes present in its scheduled time."""
    rows = SessionAttendance.objects.filter(
        session__in=rule.sessions.order_by().values("pk"), user__isnull=False, attended=True
    )
    if user is not None:
        rows = rows.filter(user=user)
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for user_pk, session_pk, minutes in rows.order_by().values_list(
        "user_id", "session_id", "scheduled_minutes"
    ):
        if user_pk is not None:
            found[user_pk][session_pk] = minutes
    return found
