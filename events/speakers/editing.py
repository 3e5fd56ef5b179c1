"""People on stage edit what is theirs: at once, or as proposals that wait for approval.

A form shows of each field what waits, or else what the programme has, and sends back by
which digests it knew both (``seen_token``). What somebody did not touch is never written; what
they touched and somebody else has changed meanwhile is shown to them once more, and nothing of
the form is saved. The profile's row is held until the commit, so of two pages of one person
the second sees what the first has saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from events.actions import NotAllowed, save_planned
from events.changes import changes
from events.files.documents import shown_name
from events.models import (
    Event,
    EventStatus,
    ProposalState,
    Session,
    SessionMaterial,
    Speaker,
    SpeakerLink,
    SpeakerProposal,
    StageField,
    StageRules,
    User,
)
from events.speakers.fields import (
    allowed_fields,
    digest,
    own_sessions,
    present_value,
    write_field,
)

#: More documents and links than these no session gets from its speakers.
MOST_MATERIALS: Final = 20


@dataclass(frozen=True)
class FieldState:
    """One field as it stands: what the programme has, and what waits to take its place."""

    present: Any
    proposal: SpeakerProposal | None = None

    @property
    def shown(self) -> Any:
        """What its owner sees in the form."""
        return self.proposal.value if self.proposal else self.present

    @property
    def token(self) -> str:
        return f"{digest(self.shown)}-{digest(self.present)}"


@dataclass(frozen=True)
class StageEdit:
    """What a form wants one field to be; ``seen`` is the token that the page had of it."""

    field: StageField
    value: Any
    seen: str
    session: Session | None = None
    picture: Any = None

    @property
    def is_untouched(self) -> bool:
        return digest(self.value) == self.seen.partition("-")[0]


@dataclass
class StageOutcome:
    """What became of a form. With ``conflicts`` nothing was saved."""

    live: list[StageField] = field(default_factory=list)
    waiting: list[StageField] = field(default_factory=list)
    withdrawn: list[StageField] = field(default_factory=list)
    conflicts: dict[StageField, FieldState] = field(default_factory=dict)


def profiles_of(user: User) -> Any:
    """All that is said about this person on stages; theirs alone.

    Of a draft of an event they know once it was they who were written to, not because a manager
    named their account.
    """
    links = Prefetch("links", SpeakerLink.objects.order_by("position", "pk"))
    was_told = Q(invitation__used_by=user) | Q(availability__asked_at__isnull=False)
    rows = Speaker.objects.filter(~Q(event__status=EventStatus.DRAFT) | was_told, user=user)
    rows = rows.select_related("event__programme_version")
    return rows.prefetch_related(links).order_by("-event__starts_on", "pk")


def field_states(
    speaker: Speaker, fields: Iterable[StageField], session: Session | None = None
) -> dict[StageField, FieldState]:
    """How these fields stand; a query for what waits."""
    waiting = {
        proposal.field: proposal
        for proposal in speaker.proposals.filter(state=ProposalState.WAITING, session=session)
        if proposal.field != StageField.MATERIAL
    }
    return {
        name: FieldState(present_value(name, speaker, session), waiting.get(name))
        for name in fields
    }


@changes()
def submit(user: User, speaker: Speaker, edits: Sequence[StageEdit]) -> StageOutcome:
    """Save what a form says, at once or as proposals, as the event wishes; all of it or nothing.

    Raises NotAllowed for a profile or session that is not theirs and for a field that the event
    keeps to itself, and ValidationError naming what the programme cannot take.
    """
    speaker, rules = _held(user, speaker)
    for edit in edits:
        if edit.field not in allowed_fields(rules):
            raise NotAllowed(
                _("The organisers keep “{field}” to themselves.").format(field=edit.field.label)
            )
    sessions = _own(speaker, {edit.session.pk for edit in edits if edit.session})
    outcome, todo = StageOutcome(), []
    for edit in edits:
        session = sessions[edit.session.pk] if edit.session else None
        now = field_states(speaker, [edit.field], session)[edit.field]
        if edit.is_untouched or edit.value == now.shown:
            continue
        if edit.seen != now.token:
            outcome.conflicts[edit.field] = now
        todo.append((edit, session, now))
    if not outcome.conflicts:
        for edit, session, now in todo:
            _save(user, speaker, rules, edit, session, now, outcome)
    return outcome


def _held(user: User, speaker: Speaker) -> tuple[Speaker, StageRules]:
    rows = Speaker.objects.select_for_update(of=("self",), no_key=True).select_related("event")
    found = rows.filter(pk=speaker.pk, user=user).first()
    if found is None:
        raise NotAllowed(_("This profile is not yours any more."))
    return found, StageRules.of(found.event)


def _own(speaker: Speaker, wanted: set[int]) -> dict[int, Session]:
    found: dict[int, Session] = own_sessions(speaker).filter(pk__in=wanted).in_bulk()
    if found.keys() != wanted:
        raise NotAllowed(_("You are not on the stage of this session any more."))
    for session in found.values():
        session.event = speaker.event
    return found


def _save(
    user: User,
    speaker: Speaker,
    rules: StageRules,
    edit: StageEdit,
    session: Session | None,
    now: FieldState,
    outcome: StageOutcome,
) -> None:
    if not rules.needs_approval or edit.value == now.present:
        if now.proposal:
            _withdraw(now.proposal)
        if edit.value == now.present:
            outcome.withdrawn.append(edit.field)
            return
        write_field(edit.field, speaker, session, edit.value, edit.picture)
        outcome.live.append(edit.field)
        return
    proposal = now.proposal or SpeakerProposal(
        event=speaker.event, speaker=speaker, session=session, field=edit.field
    )
    proposal.user, proposal.before, proposal.value = user, now.present, edit.value
    if edit.field == StageField.PICTURE:
        proposal.picture = edit.picture or edit.value
    proposal.save()
    outcome.waiting.append(edit.field)


def _withdraw(proposal: SpeakerProposal) -> None:
    proposal.state, proposal.decided_at = ProposalState.WITHDRAWN, timezone.now()
    proposal.save(update_fields=["state", "decided_at", "updated_at"])


def waits_as_picture(event: Event, name: str) -> bool:
    """Whether somebody would like this picture; until it is taken over the team alone sees it."""
    waiting = SpeakerProposal.objects.filter(event=event, state=ProposalState.WAITING)
    return waiting.filter(picture=name).exists()


# --- Documents and links beside a session ------------------------------------------------------


@changes()
def add_material(user: User, speaker: Speaker, session: Session, new: SessionMaterial) -> bool:
    """Put a document or a link beside their session; True when it waits for approval.

    Raises NotAllowed as ``submit`` does, and for more than fit.
    """
    speaker, rules = _held(user, speaker)
    session = _own(speaker, {session.pk})[session.pk]
    if StageField.MATERIAL not in allowed_fields(rules):
        raise NotAllowed(_("The organisers add documents themselves: send them yours."))
    waiting = SpeakerProposal.objects.filter(
        session=session, field=StageField.MATERIAL, state=ProposalState.WAITING
    ).count()
    if session.materials.count() + waiting >= MOST_MATERIALS:
        text = _("A session has at most {most} documents and links.")
        raise NotAllowed(text.format(most=MOST_MATERIALS))
    new.session, new.position = session, session.materials.count()
    if not rules.needs_approval:
        save_planned(new, checked=True)
        return False
    file: Any = new.file
    SpeakerProposal.objects.create(
        event=speaker.event,
        speaker=speaker,
        session=session,
        user=user,
        field=StageField.MATERIAL,
        value={"title": new.title, "url": new.url, "audience": new.audience},
        document=file,
        filename=shown_name(file.name or "") if file else "",
        size=file.size if file else 0,
    )
    return True


@changes()
def withdraw_material(user: User, speaker: Speaker, proposal: UUID) -> None:
    """Take back a document or link that still waits. Safe to repeat."""
    speaker, _rules = _held(user, speaker)
    rows = speaker.proposals.filter(field=StageField.MATERIAL, state=ProposalState.WAITING)
    for found in rows.filter(uuid=proposal):
        _withdraw(found)
