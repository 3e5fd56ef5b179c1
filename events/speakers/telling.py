"""Mails to people on stage: what became of what they proposed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import OutgoingMail, ProposalState, SpeakerProposal
from events.outbox.enqueue import enqueue_mail
from events.outbox.kinds import Items, MailKind, register_kind

# Whoever decides about several fields does so within minutes, and they make one mail.
_WAIT: Final = timedelta(minutes=2)


def _of_own_profile(mails: Sequence[OutgoingMail]) -> Items:
    """What was decided of profiles that are still the reader's."""
    rows = SpeakerProposal.objects.filter(
        pk__in=[mail.context.get("proposal") for mail in mails], speaker__user=mails[0].user
    )
    found = rows.select_related("speaker", "session__event").in_bulk()
    return {
        mail.pk: {
            "proposal": found[mail.context["proposal"]],
            "is_taken": found[mail.context["proposal"]].state == ProposalState.TAKEN,
            "address": stage_address(found[mail.context["proposal"]]),
        }
        for mail in mails
        if mail.context.get("proposal") in found
    }


def stage_address(proposal: SpeakerProposal) -> str:
    """The page on which its author edits it."""
    return settings.SITE_URL + reverse("events:stage_profile", args=[proposal.speaker.uuid])


STAGE_DECIDED: Final = register_kind(
    MailKind(
        "stage_decided",
        _("You get this mail because you changed your profile or sessions at {event}."),
        gather_s=int(_WAIT.total_seconds()),
        items_of=_of_own_profile,
    )
)


def tell_of_decision(proposal: SpeakerProposal) -> None:
    """In the transaction that decides. Nobody is told of a profile that is not theirs any more."""
    user = proposal.speaker.user
    if user is None or user.pk != proposal.user_id:
        return
    enqueue_mail(
        STAGE_DECIDED,
        user,
        f"proposal:{proposal.pk}",
        event=proposal.event,
        context={"proposal": proposal.pk},
        due_at=timezone.now() + _WAIT,
    )
