"""From Django's signals about single rows to what changed in the programme (changes.py).

Each receiver names its model: one that listened to all would make Django load every row
of every model before deleting it. See "fast delete" in
https://docs.djangoproject.com/en/stable/ref/models/querysets/#delete
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import Signal, receiver

from events.changes import note_changed, note_removed
from events.models import (
    Event,
    EventTranslation,
    InfoBlock,
    Partner,
    Session,
    SessionMaterial,
    SessionSpeaker,
    SessionTranslation,
    Speaker,
    SpeakerLink,
    Track,
    TrackTranslation,
)
from events.programme.recording import note_translations, raise_version


@receiver(post_save, sender=Event)
@receiver(post_save, sender=Track)
@receiver(post_save, sender=Session)
def note_saved(
    sender: type[Event | Track | Session], instance: Event | Track | Session, using: str, **_: Any
) -> None:
    note_changed(sender, [instance.pk], using)


@receiver(post_delete, sender=Event)
@receiver(post_delete, sender=Track)
@receiver(post_delete, sender=Session)
def note_deleted(sender: type, instance: Event | Track | Session, using: str, **_: Any) -> None:
    note_removed(instance, using)


@receiver([post_save, post_delete], sender=SessionSpeaker)
def note_session_of_appearance(
    sender: type, instance: SessionSpeaker, using: str, **_: Any
) -> None:
    """Who speaks is part of the session."""
    note_changed(Session, [instance.session_id], using)


@receiver(post_save, sender=Speaker)
def note_sessions_of_speaker(
    sender: type, instance: Speaker, created: bool, using: str, **_: Any
) -> None:
    """A speaker's name stands in their sessions; a new one has none yet."""
    if not created:
        appearances = SessionSpeaker.objects.using(using).filter(speaker=instance.pk)
        sessions = list(appearances.values_list("session_id", flat=True))
        note_changed(Session, sessions, using)
        if not sessions:  # Then only the team sees their page.
            raise_version(instance.event_id, using)


@receiver(pre_delete, sender=Track)
def note_sessions_of_track(sender: type, instance: Track, using: str, **_: Any) -> None:
    """A deleted track leaves its sessions without one, by an update that sends no signal."""
    sessions = Session.objects.using(using).filter(track=instance.pk)
    note_changed(Session, sessions.values_list("pk", flat=True), using)


@receiver([post_save, post_delete], sender=Partner)
@receiver([post_save, post_delete], sender=InfoBlock)
def note_page_of_event(
    sender: type, instance: Partner | InfoBlock, using: str, signal: Signal, **_: Any
) -> None:
    """Attendees see it, and Kaltura does not: there it would be a touch for nothing."""
    _raise_version_of(Event.objects.filter(pk=instance.event_id), using, signal)


@receiver([post_save, post_delete], sender=SessionMaterial)
def note_page_of_session(
    sender: type, instance: SessionMaterial, using: str, signal: Signal, **_: Any
) -> None:
    _raise_version_of(Event.objects.filter(sessions=instance.session_id), using, signal)


@receiver([post_save, post_delete], sender=SpeakerLink)
def note_page_of_speaker(
    sender: type, instance: SpeakerLink, using: str, signal: Signal, **_: Any
) -> None:
    _raise_version_of(Event.objects.filter(speakers=instance.speaker_id), using, signal)


@receiver([post_save, post_delete], sender=EventTranslation)
@receiver([post_save, post_delete], sender=TrackTranslation)
def note_translation(
    sender: type,
    instance: EventTranslation | TrackTranslation,
    using: str,
    signal: Signal,
    **_: Any,
) -> None:
    """Attendees read it; Kaltura gets what the event's own language says."""
    _note_translations_of(Event.objects.filter(pk=instance.event_id), using, signal)


@receiver([post_save, post_delete], sender=SessionTranslation)
def note_translation_of_session(
    sender: type, instance: SessionTranslation, using: str, signal: Signal, **_: Any
) -> None:
    _note_translations_of(Event.objects.filter(sessions=instance.session_id), using, signal)


def _note_translations_of(events: QuerySet[Event], using: str, signal: Signal) -> None:
    for pk in events.using(using).values_list("pk", flat=True):
        note_translations(pk, using, first=signal is post_save)


def _raise_version_of(events: QuerySet[Event], using: str, signal: Signal) -> None:
    """What is deleted may be deleted together with its event."""
    for pk in events.using(using).values_list("pk", flat=True):
        raise_version(pk, using, first=signal is post_save)
