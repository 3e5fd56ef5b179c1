"""An event once more: the same programme on other days, for other people."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile

from events.actions import add_to_team, save_planned
from events.changes import changes
from events.models import (
    Event,
    EventStatus,
    EventTranslation,
    InfoBlock,
    Partner,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionStatus,
    SessionTranslation,
    Speaker,
    SpeakerLink,
    TeamRole,
    Track,
    TrackTranslation,
    User,
)
from events.models.base import free_slug
from events.moving import days_between, plan_moves
from events.planner.cloning import clone_planner
from events.signals import event_cloned

# What makes an object this one and no other; everything else is copied, fields to come included.
IDENTITY = {"id", "uuid", "created_at", "updated_at", "external_id", "status_before_removal"}
Copied = TypeVar(
    "Copied",
    Event,
    Track,
    Speaker,
    Session,
    SessionSpeaker,
    Partner,
    InfoBlock,
    SpeakerLink,
    SessionMaterial,
    EventTranslation,
    TrackTranslation,
    SessionTranslation,
)


@changes()
def clone_event(
    event: Event, *, title: str, starts_on: date, slug: str = "", owner: User | None = None
) -> Event:
    """A draft with the event's tracks, sessions, speakers and appearances, beginning another day.

    Sessions keep their time of day and their length (see ``moving``); cancelled ones
    become drafts. Not copied: ids of imports, people's registrations and favourites,
    attendance, the team. ``owner`` becomes the copy's owner. Raises ValidationError
    naming the field, or the session that cannot move.
    """
    by = days_between(event, starts_on)
    # What refers to others is read before them: what is deleted meanwhile is left out whole.
    appearances = list(SessionSpeaker.objects.filter(session__event=event).order_by("pk"))
    moves = plan_moves(event.sessions.select_related("event").order_by("pk"), by=by)
    copy = _cloned_event(event, title, slug, starts_on)
    if owner:
        add_to_team(owner, copy, TeamRole.OWNER)
    tracks = {t.pk: _saved(t, event=copy) for t in Track.objects.filter(event=event).order_by("pk")}
    speakers = {s.pk: _saved(s, event=copy) for s in event.speakers.order_by("pk")}
    sessions: dict[int, Session] = {
        move.session.pk: _saved(
            move.session,
            event=copy,
            track=tracks.get(move.session.track_id or 0),
            status=_status(move.session),
            starts_at=move.after.starts_at,
            ends_at=move.after.ends_at,
        )
        for move in moves
    }
    _clone_appearances(appearances, sessions, speakers)
    _clone_pages(event, copy, sessions, speakers)
    _clone_translations(event, copy, tracks, sessions)
    clone_planner(event, copy, speakers, by)
    event_cloned.send(Event, original=event, copy=copy, sessions=sessions)
    return copy


def free_event_slug(title: str) -> str:
    """Where an event of this name could live."""
    return free_slug(title, Event.objects.all(), "event")


def _cloned_event(event: Event, title: str, slug: str, starts_on: date) -> Event:
    copy = _copied(
        event,
        title=title,
        slug=slug or free_event_slug(title),
        status=EventStatus.DRAFT,
        starts_on=starts_on,
        ends_on=starts_on + (event.ends_on - event.starts_on),
    )
    try:
        with transaction.atomic():
            save_planned(copy)
    except IntegrityError as error:  # Of two clones at once, the other one got it.
        taken = "Another event has taken this address in the meantime. Choose a different one."
        raise ValidationError({"slug": taken}) from error
    return copy


def _clone_appearances(
    appearances: list[SessionSpeaker], sessions: dict[int, Session], speakers: dict[int, Speaker]
) -> None:
    for appearance in appearances:
        if appearance.session_id in sessions and appearance.speaker_id in speakers:
            session, speaker = sessions[appearance.session_id], speakers[appearance.speaker_id]
            _saved(appearance, session=session, speaker=speaker)


def _clone_pages(
    event: Event, copy: Event, sessions: dict[int, Session], speakers: dict[int, Speaker]
) -> None:
    """What pages show beside the programme. Files are never overwritten, so both share them."""
    for partner in Partner.objects.filter(event=event):
        _saved(partner, event=copy)
    for block in InfoBlock.objects.filter(event=event):
        _saved(block, event=copy)
    for link in SpeakerLink.objects.filter(speaker__in=speakers):
        _saved(link, speaker=speakers[link.speaker_id])
    for material in SessionMaterial.objects.filter(session__in=sessions):
        _saved(material, session=sessions[material.session_id])


def _clone_translations(
    event: Event, copy: Event, tracks: dict[int, Track], sessions: dict[int, Session]
) -> None:
    """All of them, but not of a title that is another one now."""
    for row in EventTranslation.objects.filter(event=event):
        _saved(row, event=copy, title=row.title if copy.title == event.title else "")
    for name in TrackTranslation.objects.filter(track__in=tracks):
        _saved(name, event=copy, track=tracks[name.track_id])
    for text in SessionTranslation.objects.filter(session__in=sessions):
        _saved(text, session=sessions[text.session_id])


def _status(session: Session) -> str:
    """A cancellation is of one day; on other days the session is a plan again."""
    cancelled = session.status == SessionStatus.CANCELLED
    return SessionStatus.DRAFT if cancelled else session.status


def _copied(thing: Copied, **own: Any) -> Copied:
    same = (f for f in thing._meta.concrete_fields if f.name not in IDENTITY | own.keys())
    return type(thing)(**{f.attname: _value(thing, f.attname) for f in same}, **own)


def _value(thing: Copied, name: str) -> Any:
    """A file by its name: the object for it knows whose it is."""
    value = getattr(thing, name)
    return value.name if isinstance(value, FieldFile) else value


def _saved(thing: Copied, **own: Any) -> Copied:
    """A copy on its own feet. What was valid is not checked again."""
    copy = _copied(thing, **own)
    save_planned(copy, checked=True)
    return copy
