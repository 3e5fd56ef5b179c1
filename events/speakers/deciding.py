"""Managers take over what people on stage propose, or decline it with a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from events.actions import save_planned
from events.changes import changes
from events.models import (
    Event,
    ProposalState,
    SpeakerLink,
    SpeakerProposal,
    StageField,
    User,
)
from events.speakers.fields import digest, material_of, present_value, write_field
from events.speakers.telling import tell_of_decision


@dataclass(frozen=True)
class StageDecision:
    """What becomes of one proposal; ``shown`` is the token of what was on the page."""

    proposal: int
    is_taken: bool
    shown: str
    word: str = ""


@dataclass
class Decided:
    """How many were decided; which were not, because they are not what was shown, or why else."""

    taken: int = 0
    declined: int = 0
    stale: int = 0
    refused: list[tuple[SpeakerProposal, str]] = field(default_factory=list)


def waiting_at(event: Event) -> Any:
    """What waits for approval, with whom and what it is about."""
    links = Prefetch("speaker__links", SpeakerLink.objects.order_by("position", "pk"))
    rows = SpeakerProposal.objects.filter(event=event, state=ProposalState.WAITING)
    rows = rows.select_related("speaker", "session", "user").prefetch_related(links)
    return rows.order_by("speaker__name", "speaker", "session", "pk")


def shown_token(proposal: SpeakerProposal) -> str:
    """What stands on the page: the wish, and what it takes the place of."""
    present = present_value(proposal.field, proposal.speaker, proposal.session)
    return digest([proposal.value, proposal.document.name or "", present])


@changes()
def decide(event: Event, decisions: Iterable[StageDecision], by: User) -> Decided:
    """Take over or decline proposals of an event, each once; their authors are owed a mail.

    What was decided or written anew since the page was made stays as it is and is counted
    as stale; what the programme cannot take stays too, with the reason.
    """
    decided = Decided()
    for decision in decisions:
        # One by one: what one of them writes is what the next is compared with.
        held = SpeakerProposal.objects.select_for_update(of=("self",), no_key=True)
        rows = held.filter(pk=decision.proposal, event=event, state=ProposalState.WAITING)
        proposal = rows.select_related("speaker__user", "speaker__event", "session__event").first()
        if proposal is None or shown_token(proposal) != decision.shown:
            decided.stale += 1
            continue
        if decision.is_taken:
            try:
                with transaction.atomic():
                    _take(proposal)
            except ValidationError as error:
                decided.refused.append((proposal, " ".join(error.messages)))
                continue
        _settle(proposal, decision, by)
        decided.taken += decision.is_taken
        decided.declined += not decision.is_taken
    return decided


def _take(proposal: SpeakerProposal) -> None:
    if proposal.field == StageField.MATERIAL:
        save_planned(material_of(proposal))
        return
    write_field(proposal.field, proposal.speaker, proposal.session, proposal.value)


def _settle(proposal: SpeakerProposal, decision: StageDecision, by: User) -> None:
    proposal.state = ProposalState.TAKEN if decision.is_taken else ProposalState.DECLINED
    proposal.word, proposal.decided_at, proposal.decided_by = decision.word, timezone.now(), by
    proposal.save(update_fields=["state", "word", "decided_at", "decided_by", "updated_at"])
    tell_of_decision(proposal)
