"""Appeals and decisions: who said that a figure is wrong, and what came of it."""

from __future__ import annotations

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone

from analytics.credits.certificates import revoke
from analytics.credits.lists import line_of
from analytics.models import AppealState, Certificate, CreditAppeal, CreditOverride, CreditRule
from events.models import User


def appeal(rule: CreditRule, user: User, text: str) -> CreditAppeal:
    """The person's open appeal; a second one while it is open changes nothing."""
    try:
        with transaction.atomic():
            return CreditAppeal.objects.create(rule=rule, user=user, text=text)
    except IntegrityError:
        return CreditAppeal.objects.get(rule=rule, user=user, state=AppealState.OPEN)


@transaction.atomic
def override(
    rule: CreditRule, user: User, credits: Decimal | None, reason: str, by: User
) -> CreditOverride:
    """Decide somebody's credits, whatever attendance says; ``credits`` None: they get none.

    A certificate that says otherwise is revoked.
    """
    row = CreditOverride.objects.create(
        rule=rule,
        user=user,
        is_earned=credits is not None,
        credits=credits or Decimal(0),
        reason=reason,
        decided_by=by,
    )
    for certificate in Certificate.objects.filter(rule=rule, user=user, revoked_at=None):
        if credits is None or certificate.credits != credits:
            revoke(certificate, by, reason)
    return row


@transaction.atomic
def decide(row: CreditAppeal, *, accept: bool, answer: str, by: User) -> bool:
    """Answer an appeal; accepted, the rule's credits are given. False when it was answered."""
    mine = CreditAppeal.objects.filter(pk=row.pk, state=AppealState.OPEN)
    state = AppealState.ACCEPTED if accept else AppealState.REJECTED
    changed = mine.update(state=state, answer=answer, decided_by=by, decided_at=timezone.now())
    if changed and accept:
        line = line_of(row.rule, row.user)
        override(row.rule, row.user, max(line.credits, row.rule.credits), answer, by)
    return bool(changed)
