"""Mails about places: somebody who waited has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from events.models import (
    Event,
    OutgoingMail,
    Registration,
    Session,
    SessionPlace,
    WaitingListEntry,
)
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind


def _still_registered(mails: Sequence[OutgoingMail]) -> Items:
    """The events at which the person still has a place."""
    mine = Registration.objects.filter(user=mails[0].user, withdrawn_at=None)
    events = Event.objects.filter(registrations__in=mine, pk__in=[m.event_id for m in mails])
    found = events.select_related("programme_version").in_bulk()
    return {m.pk: {"event": found[m.event_id]} for m in mails if m.event_id in found}


def _still_seated(mails: Sequence[OutgoingMail]) -> Items:
    """The sessions in which the person still has a place."""
    mine = SessionPlace.objects.filter(user=mails[0].user).exclude(taken_at=None)
    sessions = Session.objects.filter(places__in=mine, pk__in=[m.session_id for m in mails])
    found = sessions.select_related("event__programme_version").in_bulk()
    return {m.pk: {"session": found[m.session_id]} for m in mails if m.session_id in found}


EVENT_PLACE: Final = register_kind(
    MailKind(
        "event_place",
        _("You get this mail because you were on the waiting list of {event}."),
        items_of=_still_registered,
    )
)
SESSION_PLACE: Final = register_kind(
    MailKind(
        "session_place",
        _("You get this mail because you waited for a place in a session of {event}."),
        gather_s=30,
        items_of=_still_seated,
    )
)


def tell_of_registrations(event: Event, entries: Sequence[WaitingListEntry]) -> None:
    """People move up from the waiting list; in the transaction that lets them in."""
    enqueue_all(
        new_mail(EVENT_PLACE, entry.user, f"waiting:{entry.pk}", event=event) for entry in entries
    )


def tell_of_seats(session: Session, places: Sequence[SessionPlace]) -> None:
    """People move up in the line of a session; of no use after its end."""
    enqueue_all(
        new_mail(
            SESSION_PLACE,
            place.user,
            f"place:{place.pk}",
            event=session.event,
            session=session,
            expires_at=session.ends_at,
        )
        for place in places
    )
