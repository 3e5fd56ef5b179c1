"""Invitations: a personal link by mail that works once, for one address, until it expires."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.actions import NotAllowed
from events.models import (
    EventStatus,
    Invitation,
    InvitationState,
    OutgoingMail,
    Registration,
    User,
    WaitingListEntry,
)
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.registration.places import register

_SALT: Final = "events.invitation"
_KEY_CHARS: Final = 32
#: How long a link works when nobody says otherwise, and at most.
USUAL_DAYS: Final = 30
MOST_DAYS: Final = 365


# --- The link -----------------------------------------------------------------------------


def invitation_token(invitation: Invitation) -> str:
    """The key in hexadecimal, then its signature."""
    return invitation.key.hex + _signature(invitation.key.hex)


def invitation_address(invitation: Invitation) -> str:
    """The personal link, for the mail."""
    return settings.SITE_URL + reverse("events:invitation", args=[invitation_token(invitation)])


def _signature(key: str) -> str:
    return salted_hmac(_SALT, key, algorithm="sha256").hexdigest()[:_KEY_CHARS]


def invitation_of_token(token: str) -> Invitation | None:
    """The invitation of a link; None for one that was never sent, or that was replaced."""
    key, signature = token[:_KEY_CHARS], token[_KEY_CHARS:]
    if not constant_time_compare(signature, _signature(key)):
        return None
    found = Invitation.objects.filter(key=uuid.UUID(key)).select_related("event__programme_version")
    return found.exclude(event__status=EventStatus.DRAFT).first()


def is_for(invitation: Invitation, user: User) -> bool:
    """Whether this person signs in with the address that was invited."""
    return invitation.email.lower() == user.email.lower()


# --- The mail -----------------------------------------------------------------------------


def _still_open(mails: Sequence[OutgoingMail]) -> Items:
    """Invitations that can be accepted, with their links; no link is kept in the outbox."""
    asked = {mail.about: mail.pk for mail in mails}
    rows = Invitation.objects.filter(pk__in=[mail.context.get("invitation") for mail in mails])
    return {
        asked[_about(invitation)]: {
            "invitation": invitation,
            "address": invitation_address(invitation),
        }
        for invitation in rows.select_related("event__programme_version")
        # One that was sent again meanwhile has another mail, with the link that works.
        if _about(invitation) in asked and invitation.state == InvitationState.OPEN
    }


def _about(invitation: Invitation) -> str:
    return f"{invitation.uuid}:{invitation.key}"


INVITATION: Final = register_kind(
    MailKind(
        "invitation",
        gettext_lazy("You get this mail because the organisers of {event} invite you."),
        items_of=_still_open,
    )
)


def _send(invitations: Iterable[Invitation]) -> None:
    """Owe each of them its mail; one with a new key is another mail."""
    enqueue_all(
        new_mail(
            INVITATION,
            invitation.email,
            _about(invitation),
            event=invitation.event,
            context={"invitation": invitation.pk},
            due_at=timezone.now(),
            expires_at=invitation.expires_at,
        )
        for invitation in invitations
    )


# --- What managers do -----------------------------------------------------------------------


@transaction.atomic
def invite(invitations: Sequence[Invitation]) -> None:
    """Save new invitations and owe their mails. Raises IntegrityError for one that is there."""
    Invitation.objects.bulk_create(invitations, batch_size=200)
    _send(invitations)


@transaction.atomic
def invite_again(
    invitations: Iterable[Invitation], expires_at: datetime | None = None
) -> list[Invitation]:
    """Send new links, which replace the old ones; accepted invitations are left alone.

    Expired and revoked ones are open again.
    """
    until = expires_at or timezone.now() + timedelta(days=USUAL_DAYS)
    renewed = []
    for invitation in invitations:
        key, now = uuid.uuid4(), timezone.now()
        unused = Invitation.objects.filter(pk=invitation.pk, used_at=None)
        if unused.update(key=key, sent_at=now, expires_at=until, revoked_at=None, updated_at=now):
            invitation.key, invitation.sent_at, invitation.expires_at = key, now, until
            invitation.revoked_at = None
            renewed.append(invitation)
    _send(renewed)
    return renewed


def revoke(invitations: Iterable[Invitation]) -> int:
    """End links that nobody has used. Returns how many; a mail on its way is not sent."""
    rows = Invitation.objects.filter(pk__in=[invitation.pk for invitation in invitations])
    open_still = rows.filter(used_at=None, revoked_at=None)
    return open_still.update(revoked_at=timezone.now(), updated_at=timezone.now())


# --- What the invited person does -------------------------------------------------------------


@transaction.atomic
def accept(invitation: Invitation, user: User) -> Registration | WaitingListEntry:
    """Use the invitation up, and register the person it is for, or let them wait for a place.

    Raises NotAllowed when it is for somebody else, or not open any more: of two who come at
    once with one link, one registers.
    """
    if not is_for(invitation, user):
        raise NotAllowed(_("This invitation is for another e-mail address."))
    now = timezone.now()
    still_open = Invitation.objects.filter(
        pk=invitation.pk,
        key=invitation.key,
        used_at=None,
        revoked_at=None,
        expires_at__gt=now,
    )
    if not still_open.update(used_at=now, used_by=user, updated_at=now):
        raise NotAllowed(_("This invitation cannot be used any more."))
    return register(user, invitation.event, is_invited=True)
