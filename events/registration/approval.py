"""Registrations that wait for approval; cancelled and moved by the team, each with a mail.

Whoever asks is no guest yet: no place is taken, and nothing opens. Approving registers them by
the same rules as everybody (places.py), so where all places are taken they stand in line. Every
decision is one conditional update in the transaction that acts on it: of two who decide about
one person the first counts, and the second is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.actions import NotAllowed
from events.models import (
    Event,
    EventStatus,
    OutgoingMail,
    Registration,
    RegistrationRequest,
    RequestState,
    User,
    WaitingListEntry,
)
from events.outbox.enqueue import enqueue_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.registration.places import hold_events, register, withdraw

_APPROVED, _IN_LINE, _DECLINED, _CANCELLED, _MOVED, _MOVED_IN_LINE = (
    "approved",
    "in_line",
    "declined",
    "cancelled",
    "moved",
    "moved_in_line",
)


@dataclass
class DecidedRegistrations:
    """How many became what; ``left``: those that were not what the page showed any more."""

    registered: int = 0
    in_line: int = 0
    declined: int = 0
    cancelled: int = 0
    left: int = 0


# --- The mail -----------------------------------------------------------------------------------


def _with_events(mails: Sequence[OutgoingMail]) -> Items:
    """What was decided, with the event that it is about and where somebody was moved to.

    Who is no longer registered, or in line, is not told that they are.
    """
    user = mails[0].user
    pks = {mail.context.get("to") or mail.event_id for mail in mails}
    events = Event.objects.select_related("programme_version").in_bulk([pk for pk in pks if pk])
    here = Registration.objects.filter(user=user, event__in=pks, withdrawn_at=None)
    in_line = WaitingListEntry.objects.filter(user=user, event__in=pks)
    have = set(here.values_list("event_id", flat=True))
    wait = set(in_line.values_list("event_id", flat=True))
    found: Items = {}
    for mail in mails:
        what, pk = mail.context.get("what"), mail.context.get("to") or mail.event_id
        is_true = {
            _APPROVED: pk in have,
            _MOVED: pk in have,
            _IN_LINE: pk in wait,
            _MOVED_IN_LINE: pk in wait,
        }
        if pk in events and is_true.get(str(what), True):
            found[mail.pk] = {**mail.context, "event": events[pk], "before": mail.event}
    return found


REGISTRATION_TOLD: Final = register_kind(
    MailKind(
        "registration_told",
        gettext_lazy("You get this mail because you registered for {event}."),
        items_of=_with_events,
    )
)


def _tell(user: User, event: Event, about: str, what: str, word: str, **more: Any) -> None:
    enqueue_mail(
        REGISTRATION_TOLD,
        user,
        about,
        event=event,
        context={"what": what, "word": word, **more},
    )


# --- Asked for -----------------------------------------------------------------------


def waiting_requests(event: Event) -> Any:
    """Who waits for approval, whoever asked first."""
    rows = RegistrationRequest.objects.filter(event=event, state=RequestState.WAITING)
    return rows.select_related("user").order_by("asked_at", "pk")


@transaction.atomic
def decide_requests(
    event: Event, pks: Iterable[int], approve: bool, by: User, word: str = ""
) -> DecidedRegistrations:
    """Let people in, or not; each is owed a mail. Raises NotAllowed for an event that is not open.

    Who was decided about, or gave up, since the page was made is left as they are.
    """
    if approve and event.status != EventStatus.PUBLISHED:
        raise NotAllowed(_("This event is not open."))
    hold_events([event.pk])
    decided = DecidedRegistrations()
    rows = RegistrationRequest.objects.filter(event=event, pk__in=list(pks))
    for request in rows.select_related("user").order_by("asked_at", "pk"):
        state = RequestState.APPROVED if approve else RequestState.DECLINED
        now = timezone.now()
        waiting = RegistrationRequest.objects.filter(pk=request.pk, state=RequestState.WAITING)
        if not waiting.update(state=state, word=word, decided_at=now, decided_by=by):
            decided.left += 1
            continue
        about = f"request:{request.pk}:{now.isoformat()}"
        if not approve:
            decided.declined += 1
            _tell(request.user, event, about, _DECLINED, word)
            continue
        became = register(request.user, event, is_invited=True)
        is_here = isinstance(became, Registration)
        decided.registered += is_here
        decided.in_line += not is_here
        _tell(request.user, event, about, _APPROVED if is_here else _IN_LINE, word)
    return decided


# --- Cancelled and moved by the team -------------------------------------------------


@transaction.atomic
def cancel_registrations(event: Event, pks: Iterable[int], word: str = "") -> DecidedRegistrations:
    """Give people's places back for them; each is owed a mail, and who waits moves up."""
    hold_events([event.pk])
    decided = DecidedRegistrations()
    for registration in _of_event(event, pks):
        if not registration.is_active:
            decided.left += 1
            continue
        withdraw(registration.user, event)
        decided.cancelled += 1
        _tell(registration.user, event, _about(registration), _CANCELLED, word)
    return decided


@transaction.atomic
def move_registrations(
    event: Event, pks: Iterable[int], to: Event, word: str = ""
) -> DecidedRegistrations:
    """Give people a place at another event instead, or in its line; each is owed a mail.

    Raises NotAllowed when the other event is not open. Of two who move each other's people
    neither waits for the other: both hold the events in one order.
    """
    if to.pk == event.pk:
        raise NotAllowed(_("Choose another event."))
    if to.status != EventStatus.PUBLISHED:
        raise NotAllowed(_("“{event}” is not open: publish it first.").format(event=to))
    hold_events([event.pk, to.pk])
    decided = DecidedRegistrations()
    for registration in _of_event(event, pks):
        if not registration.is_active:
            decided.left += 1
            continue
        withdraw(registration.user, event)
        became = register(registration.user, to, is_invited=True)
        is_here = isinstance(became, Registration)
        decided.registered += is_here
        decided.in_line += not is_here
        what = _MOVED if is_here else _MOVED_IN_LINE
        _tell(registration.user, event, _about(registration), what, word, to=to.pk)
    return decided


def _of_event(event: Event, pks: Iterable[int]) -> Any:
    rows = Registration.objects.filter(event=event, pk__in=list(pks))
    return rows.select_related("user").order_by("pk")


def _about(registration: Registration) -> str:
    return f"registration:{registration.pk}:{timezone.now().isoformat()}"
