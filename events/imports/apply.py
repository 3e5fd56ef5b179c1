"""Saves what an ImportPlan says, through the domain's actions, in one transaction."""

from __future__ import annotations

from events.actions import delete_planned, save_planned
from events.changes import changes
from events.imports.diff import Fate, ImportPlan, SessionPlan, imported_appearances
from events.imports.schedule import Person
from events.models import Event, Session, SessionSpeaker, Speaker, Track


@changes()
def apply_plan(plan: ImportPlan) -> Event:
    """Save all of it or nothing. Rows that stay as they are are not touched at all.

    Raises ValidationError when a row was changed meanwhile in a way that now forbids it.
    """
    event = plan.event
    if plan.is_new_event:
        save_planned(event)
    elif plan.event_changes:
        save_planned(event, [*(change.field for change in plan.event_changes), "updated_at"])
    for speaker, _ in plan.renamed:
        save_planned(speaker, ["name", "updated_at"])
    for found in plan.sessions:
        if found.fate is not Fate.UNCHANGED:
            _save_session(plan, found)
    return event


def _save_session(plan: ImportPlan, found: SessionPlan) -> None:
    session = found.session
    if found.fate is Fate.NEW:
        session.event = plan.event  # Again, because a new event has its number only now.
        session.track = _saved_track(found.track, plan.event)
        save_planned(session)
    elif found.fields:
        if "track" in found.fields:
            session.track = _saved_track(found.track, plan.event)
        save_planned(session, [*found.fields, "updated_at"])
    if found.people is not None:
        _save_appearances(plan, session, found.people)


def _saved_track(track: Track | None, event: Event) -> Track | None:
    """Tracks are made when the first saved session needs them."""
    if track is not None and track.pk is None:
        track.event = event
        save_planned(track)
    return track


def _saved_speaker(speaker: Speaker, event: Event) -> Speaker:
    if speaker.pk is None:
        speaker.event = event
        save_planned(speaker)
    return speaker


def _save_appearances(plan: ImportPlan, session: Session, people: tuple[Person, ...]) -> None:
    """Put the file's people on stage in the file's order; roles stay as managers set them."""
    before = {a.speaker.external_id: a for a in imported_appearances(session)}
    for position, person in enumerate(people):
        appearance = before.pop(person.external_id, None)
        if appearance is None:
            speaker = _saved_speaker(plan.speakers[person.external_id], plan.event)
            appearance = SessionSpeaker(session=session, speaker=speaker, position=position)
            save_planned(appearance)
        elif appearance.position != position:
            appearance.position = position
            save_planned(appearance, ["position"])
    for appearance in before.values():
        delete_planned(appearance)
