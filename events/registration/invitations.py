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

from events.actions import NotAllowed, save_planned
from events.changes import changes
from events.models import (
    EventStatus,
    Invitation,
    InvitationState,
    OutgoingMail,
    Registration,
    RegistrationRequest,
    Speaker,
    User,
    WaitingListEntry,
)
from events.outbox.enqueue import enqueue_all, new_mail
from events.outbox.kinds import Items, MailKind, register_kind
from events.registration.places import register

_SALT: Final = "events.invitation"
_KEY_CHARS: Final = 32
_NAME_CHARS: Final = 150
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
    found = Invitation.objects.filter(key=uuid.UUID(key))
    # Who speaks is asked before the programme is public.
    known = found.exclude(speaker=None, event__status=EventStatus.DRAFT)
    return known.select_related("event__programme_version", "speaker").first()


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
        for invitation in rows.select_related("event__programme_version", "speaker")
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
SPEAKER_INVITATION: Final = register_kind(
    MailKind(
        "speaker_invitation",
        gettext_lazy("You get this mail because the organisers of {event} have you on stage."),
        items_of=_still_open,
    )
)


def _send(invitations: Iterable[Invitation]) -> None:
    """Owe each of them its mail; one with a new key is another mail."""
    enqueue_all(
        new_mail(
            SPEAKER_INVITATION if invitation.speaker_id else INVITATION,
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
def invite_speaker(
    speaker: Speaker, email: str, invited_by: User, expires_at: datetime | None = None
) -> Invitation:
    """Send somebody on stage a link by which the profile becomes theirs; an earlier one ends.

    Raises NotAllowed for a profile that belongs to the account of another address.
    """
    speaker = Speaker.objects.select_for_update(of=("self",), no_key=True).get(pk=speaker.pk)
    email = email.strip().lower()
    if speaker.user and speaker.user.email.lower() != email:
        raise NotAllowed(
            _(
                "The profile of {name} belongs to an account already. Take the account out of it "
                "first, or write to its own address."
            ).format(name=speaker.name)
        )
    now = timezone.now()
    invitation, _new = Invitation.objects.update_or_create(
        speaker=speaker,
        defaults={
            "event_id": speaker.event_id,
            "email": email,
            "name": speaker.name[:_NAME_CHARS],
            "key": uuid.uuid4(),
            "invited_by": invited_by,
            "sent_at": now,
            "expires_at": expires_at or now + timedelta(days=USUAL_DAYS),
            "used_at": None,
            "used_by": None,
            "revoked_at": None,
        },
    )
    _send([invitation])
    return invitation


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
def accept(
    invitation: Invitation, user: User
) -> Registration | WaitingListEntry | RegistrationRequest:
    """Use the invitation up, and register the person it is for, or let them wait for a place.

    Raises NotAllowed when it is for somebody else, or not open any more: of two who come at
    once with one link, one registers.
    """
    if invitation.speaker_id:
        raise NotAllowed(_("This invitation is for a profile on stage."))
    use_up(invitation, user)
    return register(user, invitation.event, is_invited=True)


@changes()
def claim_profile(invitation: Invitation, user: User) -> Speaker:
    """Use the invitation up, and make the profile on stage theirs.

    Raises NotAllowed as ``accept`` does, and when the profile has become somebody else's.
    """
    use_up(invitation, user)
    rows = Speaker.objects.select_for_update(of=("self",), no_key=True)
    speaker = rows.filter(invitation=invitation).select_related("event").first()
    if speaker is None or speaker.user_id not in (None, user.pk):
        raise NotAllowed(_("This profile belongs to another account already."))
    speaker.user = user
    save_planned(speaker, ["user", "updated_at"], checked=True)
    return speaker


def use_up(invitation: Invitation, user: User) -> None:
    """Note that the person has used the link; in the transaction of what it is good for."""
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
