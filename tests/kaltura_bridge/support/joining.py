"""Sessions that are at Kaltura already, for tests of the way in."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.test import Client
from django.utils import timezone

from events.models import Session, SessionType, User
from kaltura_bridge.models import RemoteLink, SyncTarget, TargetKind
from kaltura_bridge.specs import Kind, key_for
from tests.factories import RegistrationFactory, SessionFactory, UserFactory

FRAME = re.compile(r'<iframe[^>]* src="([^"]+)"')


def target_of(session: Session, **fields: Any) -> SyncTarget:
    """The session's sync state, which its save has made already."""
    about = {"event_uuid": session.event.uuid, "title": session.title}
    target, _ = SyncTarget.objects.update_or_create(
        kind=TargetKind.SESSION, object_uuid=session.uuid, defaults=about | fields
    )
    return target


def linked(session: Session, entry_id: str = "1_abcd2345", **seen: str) -> RemoteLink:
    """Say that the session has its entry or room at Kaltura."""
    in_room = session.session_type in (SessionType.INTERACTIVE, SessionType.WEBINAR)
    return RemoteLink.objects.create(
        target=target_of(session),
        kind=Kind.ROOM if in_room else Kind.ENTRY,
        key=key_for(session.uuid),
        remote_id=entry_id,
        seen=seen,
    )


def live_session(**fields: Any) -> Session:
    """A session that began ten minutes ago."""
    start = timezone.now() - timedelta(minutes=10)
    defaults = {"starts_at": start, "ends_at": start + timedelta(minutes=45)}
    return SessionFactory(**(defaults | fields))


def attendee_of(session: Session, **fields: Any) -> User:
    return RegistrationFactory(event=session.event, user=UserFactory(**fields)).user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def join_url(session: Session) -> str:
    return f"/e/{session.event.slug}/sessions/{session.slug}/join/"


def frame_url(page: Any) -> str:
    """The address in the frame of a join page."""
    found = FRAME.search(page.content.decode())
    assert found, page.content.decode()
    return unescape(found[1])


def launched(client: Client, session: Session) -> str:
    """The address at Kaltura that this person is sent to."""
    answer = client.get(frame_url(client.get(join_url(session))))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])
