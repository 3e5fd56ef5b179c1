"""People who would have to be in two places at once."""

from __future__ import annotations

from django.db.models import QuerySet

from events.models import Session, SessionSpeaker, SessionStatus


def overlapping_appearances(session: Session) -> QuerySet[SessionSpeaker]:
    """Where else this session's people are on stage while it runs."""
    people = session.appearances.values("speaker")
    return (
        SessionSpeaker.objects.filter(
            speaker__in=people,
            session__starts_at__lt=session.ends_at,
            session__ends_at__gt=session.starts_at,
        )
        .exclude(session=session)
        .exclude(session__status=SessionStatus.CANCELLED)
        .select_related("speaker", "session")
    )
