"""Who sends which mails: claimed by a conditional update, with a lease (SQLite has no locks)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from events.holders import is_alive, new_holder, this_machine
from events.models import MailState, OutgoingMail
from events.outbox.kinds import gathering

# Longer than one mail takes: the lease is renewed before each.
LEASE: Final = timedelta(minutes=3)
# How long to wait after each attempt that failed for now, in minutes; then the mail is given up.
PAUSES_MIN: Final = (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60)


def claim(limit: int, *, pushes: bool = False) -> tuple[str, list[OutgoingMail]]:
    """Claim up to ``limit`` mails that are due, and what leaves together with them.

    ``pushes``: what goes to browsers instead. The update repeats the condition, so of two
    claimers of one row one gets it.
    """
    holder, now = new_holder(), timezone.now()
    waiting = OutgoingMail.objects.filter(subscription__isnull=not pushes)
    leads = list(waiting.filter(_due(now)).order_by("due_at", "pk")[:limit])
    if not leads:
        return holder, []
    led = Q(pk__in=[mail.pk for mail in leads]) & _due(now)
    _update_unlocked(
        waiting.filter(led | _companions(leads, now)),
        state=MailState.SENDING,
        holder=holder,
        lease_until=now + LEASE,
        attempts=F("attempts") + 1,
    )
    mine = OutgoingMail.objects.filter(holder=holder).select_related(
        "user", "event__programme_version"
    )
    return holder, list(mine.order_by("due_at", "pk"))


def _due(now: datetime) -> Q:
    waiting = Q(state=MailState.WAITING, due_at__lte=now)
    return waiting | Q(state=MailState.SENDING, lease_until__lte=now)


def _companions(leads: Iterable[OutgoingMail], now: datetime) -> Q:
    """What the same people are owed soon, of kinds whose news are put together."""
    found = Q(pk__in=[])
    for kind in gathering():
        addresses = {mail.address for mail in leads if mail.kind == kind.name}
        if addresses:
            soon = now + timedelta(seconds=kind.gather_s)
            found |= Q(
                kind=kind.name,
                address__in=addresses,
                state=MailState.WAITING,
                due_at__lte=soon,
                attempts=0,
            )
    return found


def _update_unlocked(mails: QuerySet[OutgoingMail], **changes: Any) -> None:
    """Update what nobody has locked just now, so that two claimers never wait for each other."""
    with transaction.atomic():
        free = mails.order_by("pk").select_for_update(skip_locked=True)
        mails.filter(pk__in=list(free.values_list("pk", flat=True))).update(**changes)


class Hold:
    """What one claim may do with its rows; rows that were taken over stay untouched."""

    def __init__(self, holder: str) -> None:
        self.holder = holder

    def _mine(self, mails: Iterable[OutgoingMail]) -> QuerySet[OutgoingMail]:
        pks = [mail.pk for mail in mails]
        return OutgoingMail.objects.filter(pk__in=pks, holder=self.holder, state=MailState.SENDING)

    def hand_over(self, mails: list[OutgoingMail], message_id: str) -> bool:
        """Note that the mail server gets them now; False when somebody else has taken one over."""
        now = timezone.now()
        noted = self._mine(mails).update(
            handed_at=now, message_id=message_id, lease_until=now + LEASE
        )
        if noted == len(mails):
            return True
        self.put_back(mails)
        return False

    def settle(self, mails: Iterable[OutgoingMail], state: MailState, **changes: Any) -> None:
        """The end of it, whichever; what was written for the template is not kept."""
        self._mine(mails).update(
            **_released(state, changes.pop("reason", "")),
            settled_at=timezone.now(),
            context={},
            **changes,
        )

    def put_back(self, mails: Iterable[OutgoingMail]) -> None:
        """As if they had never been claimed."""
        self._mine(mails).update(
            **_released(MailState.WAITING), **_NOT_HANDED, attempts=F("attempts") - 1
        )

    def put_off(self, mails: Iterable[OutgoingMail], reason: str) -> None:
        """Try again later, each time later; after the last pause it has failed."""
        for mail in mails:
            if mail.attempts > len(PAUSES_MIN):
                self.settle([mail], MailState.FAILED, reason=reason, **_NOT_HANDED)
                continue
            pause = timedelta(minutes=PAUSES_MIN[mail.attempts - 1])
            self._mine([mail]).update(
                **_released(MailState.WAITING, reason),
                **_NOT_HANDED,
                due_at=timezone.now() + pause,
            )


_NOT_HANDED: Final[dict[str, Any]] = {"handed_at": None, "message_id": ""}
_REASON_CHARS: Final = 300


def _released(state: MailState, reason: str = "") -> dict[str, Any]:
    short = reason[:_REASON_CHARS]
    return {"state": state, "holder": "", "lease_until": None, "reason": short}


def expire_dead_leases() -> None:
    """End the leases of senders on this machine that are no longer alive.

    Elsewhere a dead sender's lease runs out by itself; here nobody need wait for it.
    """
    held = OutgoingMail.objects.filter(
        state=MailState.SENDING, holder__startswith=f"{this_machine()}|"
    )
    holders = list(held.order_by().values_list("holder", flat=True).distinct())
    dead = [holder for holder in holders if not is_alive(holder)]
    if dead:
        _update_unlocked(held.filter(holder__in=dead), lease_until=timezone.now())
