"""Saves what an ImportPlan says, through the domain's actions, in one transaction."""

from __future__ import annotations

from events.actions import delete_planned, save_planned
from events.changes import changes
from events.imports.diff import imported_appearances
from events.imports.plan import ChangeKind, ImportPlan, SessionPlan
from events.models import Event, Session, SessionSpeaker, Speaker, Track


@changes()
def apply_plan(plan: ImportPlan) -> Event:
    """Save all of it or nothing. What the file does not change is not written at all.

    Raises ValidationError when somebody else's change since the plan now forbids it.
    """
    event = plan.event
    if plan.is_new_event:
        save_planned(event)
    elif plan.event_changes:
        save_planned(event, [*(change.field for change in plan.event_changes), "updated_at"])
    for speaker, _ in plan.renamed:
        save_planned(speaker, ["name", "updated_at"])
    for found in plan.sessions:
        if found.kind is not ChangeKind.UNCHANGED:
            _save_session(plan, found)
    return event


def _save_session(plan: ImportPlan, found: SessionPlan) -> None:
    session = found.session
    if found.kind is ChangeKind.NEW:
        session.event = plan.event  # Again: a new event has its primary key only now.
        session.track = _saved_track(found.track, plan.event)
        save_planned(session)
    elif found.fields:
        if "track" in found.fields:
            session.track = _saved_track(found.track, plan.event)
        save_planned(session, [*found.fields, "updated_at"])
    if found.people is not None:
        _save_appearances(plan, session, found.people)


def _saved_track(track: Track | None, event: Event) -> Track | None:
    """A new track is saved with the first session in it; rejected talks leave none behind."""
    if track is not None and track.pk is None:
        track.event = event
        save_planned(track)
    return track


def _saved_speaker(speaker: Speaker, event: Event) -> Speaker:
    if speaker.pk is None:
        speaker.event = event
        save_planned(speaker)
    return speaker


def _save_appearances(plan: ImportPlan, session: Session, people: tuple[Speaker, ...]) -> None:
    """Put the file's people on stage in the file's order; roles stay as managers set them."""
    before = {a.speaker.external_id: a for a in imported_appearances(session)}
    for position, speaker in enumerate(people):
        appearance = before.pop(speaker.external_id, None)
        if appearance is None:
            saved = _saved_speaker(speaker, plan.event)
            save_planned(SessionSpeaker(session=session, speaker=saved, position=position))
        elif appearance.position != position:
            appearance.position = position
            save_planned(appearance, ["position"])
    for appearance in before.values():
        delete_planned(appearance)
