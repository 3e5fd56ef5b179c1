"""What the domain tells the rest of the portal, in the transaction of the change.

Whoever writes (an action, the admin, a command, the shell) ends in Django's own
``post_save`` and ``post_delete``; from there these signals are sent, so no writer
can forget them. Only ``QuerySet.update()`` and ``bulk_create()`` stay silent: the
portal does not use them on these models.

Receivers get ``instance``, and for removals the instance as it last was.

``event_cloned`` is sent once a copy of an event is whole: ``original``, ``copy`` and
``sessions`` (the copy's session by the original's ``pk``). Apps that keep something of
their own with an event or a session copy it then, in the same transaction.
"""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import Signal, receiver

from events.models import Event, Session, SessionSpeaker, Speaker, Track

event_changed, event_removed = Signal(), Signal()
track_changed, track_removed = Signal(), Signal()
session_changed, session_removed = Signal(), Signal()
event_cloned = Signal()

CHANGED = {Event: event_changed, Track: track_changed, Session: session_changed}
REMOVED = {Event: event_removed, Track: track_removed, Session: session_removed}


@receiver(post_save)
def send_changed(sender: type, instance: Any, **kwargs: Any) -> None:
    if signal := CHANGED.get(sender):
        signal.send(sender, instance=instance)


@receiver(post_delete)
def send_removed(sender: type, instance: Any, **kwargs: Any) -> None:
    if signal := REMOVED.get(sender):
        signal.send(sender, instance=instance)


@receiver([post_save, post_delete], sender=SessionSpeaker)
def appearance_changes_session(sender: type, instance: SessionSpeaker, **kwargs: Any) -> None:
    """Who speaks is part of the session. Gone sessions tell of themselves."""
    if session := Session.objects.filter(pk=instance.session_id).first():
        session_changed.send(Session, instance=session)


@receiver(post_save, sender=Speaker)
def speaker_changes_sessions(sender: type, instance: Speaker, **kwargs: Any) -> None:
    for session in instance.sessions.all():
        session_changed.send(Session, instance=session)


@receiver(pre_delete, sender=Track)
def remember_sessions_of_track(sender: type, instance: Any, **kwargs: Any) -> None:
    """A track that goes leaves its sessions without one, by an update that sends no signal."""
    instance.sessions_before = list(instance.sessions.values_list("pk", flat=True))


@receiver(post_delete, sender=Track)
def gone_track_changes_sessions(sender: type, instance: Any, **kwargs: Any) -> None:
    for session in Session.objects.filter(pk__in=instance.sessions_before):
        session_changed.send(Session, instance=session)
