"""Somebody who stands on the stage of an event twice becomes one again.

One row is kept; what is said about the person is chosen field by field, and everything that
hangs on the others moves over: sessions, links, hours, proposals, the invitation, the account.
Ids and addresses of the rows that go lead to the one that is kept (``SpeakerAlias``), so the next
import of a schedule finds the person again, and links to the old page do too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Prefetch
from django.utils import timezone
from django.utils.translation import gettext as _

from events.actions import NotAllowed, delete_planned, save_planned
from events.changes import changes
from events.characters import fold_name
from events.drafts.gathering import live_now
from events.models import (
    Event,
    InvitationState,
    PlannerRules,
    ProposalState,
    SessionSpeaker,
    Speaker,
    SpeakerAlias,
    SpeakerAvailability,
    SpeakerLink,
    SpeakerProposal,
    SpeakerRole,
    StageField,
)
from events.signals import people_withdrew
from events.speakers.fields import digest

#: Each of these is chosen; the account among them.
CHOSEN: Final = ("name", "title", "biography", "picture", "user", "slug")
#: More at once are compared by nobody.
MOST_MERGED: Final = 6
#: What refers to a speaker and is moved here by name; a test knows of every other.
MOVED: Final = frozenset(
    {
        "SessionSpeaker",
        "SpeakerLink",
        "SpeakerHours",
        "SpeakerProposal",
        "SpeakerAlias",
        "Invitation",
        "SpeakerAvailability",
    }
)


@dataclass(frozen=True)
class DoubleHint:
    """People who may be one, and why; ``is_sure`` when more than a name says so."""

    speakers: tuple[Speaker, ...]
    why: str
    is_sure: bool


def speakers_to_merge(event: Event, pks: Iterable[int]) -> list[Speaker]:
    """Those of the event, in the order in which they came, with all that the page shows."""
    appearances = SessionSpeaker.objects.select_related("session").order_by("session__starts_at")
    rows = Speaker.objects.filter(event=event, pk__in=list(pks)[:MOST_MERGED])
    rows = rows.select_related("user", "invitation").order_by("pk")
    return list(rows.prefetch_related(Prefetch("appearances", appearances), "links", "hours"))


def merge_token(speakers: Sequence[Speaker]) -> str:
    """What the page showed: a merge counts only while they are still so."""
    return digest(
        [
            [
                speaker.pk,
                *(str(getattr(speaker, name) or "") for name in CHOSEN),
                sorted((a.session_id, a.role) for a in speaker.appearances.all()),
                [[link.url, link.label] for link in speaker.links.all()],
                [
                    [each.starts_at.isoformat(), each.ends_at.isoformat()]
                    for each in speaker.hours.all()
                ],
            ]
            for speaker in speakers
        ]
    )


@changes()
@live_now()
def merge_speakers(
    event: Event, pks: Sequence[int], kept: int, choices: Mapping[str, int], shown: str
) -> Speaker:
    """Make one of them all. ``choices``: from whose row each field comes, by primary key.

    At once, also where changes are collected: half of a merge would be two people again.
    Raises NotAllowed when they are not what was shown any more, or not of this event.
    """
    held = Speaker.objects.select_for_update(of=("self",), no_key=True)
    list(held.filter(event=event, pk__in=pks).order_by("pk").values_list("pk", flat=True))
    speakers = speakers_to_merge(event, pks)
    rows = {speaker.pk: speaker for speaker in speakers}
    if len(rows) < 2 or rows.keys() != set(pks) or merge_token(speakers) != shown:
        raise NotAllowed(_("They are not what you saw any more. Look again."))
    if kept not in rows or not set(choices.values()) <= rows.keys():
        raise NotAllowed(_("Choose among the people that are shown."))
    keeper = rows.pop(kept)
    keeper.event = event
    before = {speaker.user_id for speaker in speakers} - {None}
    chosen = {name: getattr({**rows, kept: keeper}[pk], name) for name, pk in choices.items()}
    for other in rows.values():
        _move_all(keeper, other)
    # First the rows that go: no two of an event have one address.
    for other in rows.values():
        delete_planned(Speaker.objects.filter(pk=other.pk))
    for name, value in chosen.items():
        setattr(keeper, name, value.name if name == "picture" else value)
    save_planned(keeper, [*chosen, "updated_at"])
    PlannerRules.touch(event)
    # Who has lost a profile is to be looked at anew, as whoever leaves.
    if lost := before - {keeper.user_id}:
        people_withdrew.send(sender=Event, event=event, user_ids=sorted(lost))
    return keeper


def _move_all(keeper: Speaker, other: Speaker) -> None:
    _move_appearances(keeper, other)
    _move_links(keeper, other)
    other.hours.update(speaker=keeper)
    _move_proposals(keeper, other)
    _move_invitation(keeper, other)
    _move_answer(keeper, other)
    SpeakerAlias.objects.filter(speaker=other).update(speaker=keeper)
    SpeakerAlias.objects.create(
        event=keeper.event, speaker=keeper, guid=other.guid, name=other.name, slug=other.slug
    )


def _move_appearances(keeper: Speaker, other: Speaker) -> None:
    """In a session of both they stand once, in the stronger role, as far in front as either."""
    mine = {row.session_id: row for row in SessionSpeaker.objects.filter(speaker=keeper)}
    for row in SessionSpeaker.objects.filter(speaker=other).order_by("pk"):
        same = mine.get(row.session_id)
        if same is None:
            row.speaker = keeper
            save_planned(row, ["speaker"], checked=True)
            continue
        if row.role == SpeakerRole.MODERATOR:
            same.role = SpeakerRole.MODERATOR
        same.position = min(same.position, row.position)
        delete_planned(row)
        save_planned(same, ["role", "position"], checked=True)


def _move_links(keeper: Speaker, other: Speaker) -> None:
    known = set(SpeakerLink.objects.filter(speaker=keeper).values_list("url", flat=True))
    position = len(known)
    for link in SpeakerLink.objects.filter(speaker=other).order_by("position", "pk"):
        if link.url not in known:
            known.add(link.url)
            link.speaker, link.position = keeper, position
            save_planned(link, ["speaker", "position"], checked=True)
            position += 1


def _move_proposals(keeper: Speaker, other: Speaker) -> None:
    """Of two that wait for one field the newer stays; the older one counts as taken back."""
    waiting = SpeakerProposal.objects.filter(
        speaker__in=[keeper, other], state=ProposalState.WAITING
    ).exclude(field=StageField.MATERIAL)
    newest: dict[tuple[str, int | None], SpeakerProposal] = {}
    for proposal in waiting.order_by("updated_at", "pk"):
        earlier = newest.get((proposal.field, proposal.session_id))
        if earlier:
            earlier.state, earlier.decided_at = ProposalState.WITHDRAWN, timezone.now()
            earlier.save(update_fields=["state", "decided_at", "updated_at"])
        newest[proposal.field, proposal.session_id] = proposal
    SpeakerProposal.objects.filter(speaker=other).update(speaker=keeper)


def _move_invitation(keeper: Speaker, other: Speaker) -> None:
    """An open link goes on to work, if there is none to the row that is kept."""
    theirs, own = getattr(other, "invitation", None), getattr(keeper, "invitation", None)
    if theirs is None or (own and own.state in (InvitationState.OPEN, InvitationState.USED)):
        return
    if own:
        own.delete()
    theirs.speaker = keeper
    theirs.save(update_fields=["speaker", "updated_at"])
    # Django remembers both sides of a relation of one to one.
    keeper._state.fields_cache["invitation"] = theirs
    other._state.fields_cache.pop("invitation", None)


def _move_answer(keeper: Speaker, other: Speaker) -> None:
    """Whoever of them was asked, reminded or has answered, was."""
    theirs = SpeakerAvailability.objects.filter(speaker=other).first()
    if theirs is None:
        return
    own, _new = SpeakerAvailability.objects.get_or_create(speaker=keeper)
    for name in ("asked_at", "reminded_at", "answered_at"):
        setattr(own, name, getattr(own, name) or getattr(theirs, name))
    own.save()


# --- Who may be there twice -----------------------------------------------------------------------


def probable_doubles(event: Event) -> list[DoubleHint]:
    """People of an event who share an account or an address, or at least a name."""
    rows = Speaker.objects.filter(event=event).select_related("user", "invitation")
    everybody = list(rows.annotate(session_count=Count("appearances")).order_by("name", "pk"))
    by_address: dict[str, list[Speaker]] = defaultdict(list)
    by_name: dict[str, list[Speaker]] = defaultdict(list)
    for speaker in everybody:
        invitation = getattr(speaker, "invitation", None)
        email = speaker.user.email if speaker.user else invitation.email if invitation else ""
        if email:
            by_address[email.lower()].append(speaker)
        by_name[fold_name(speaker.name)].append(speaker)
    sure = [tuple(group) for group in by_address.values() if len(group) > 1]
    named = [tuple(group) for group in by_name.values() if len(group) > 1]
    found = [DoubleHint(group, _("the same account or address"), True) for group in sure]
    return found + [
        DoubleHint(group, _("the same name; they may be two people"), False)
        for group in named
        if not any(set(group) <= set(known) for known in sure)
    ]
