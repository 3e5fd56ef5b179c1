"""People who would have to be in two places at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, groupby

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from events.models import Session, SessionSpeaker, SessionStatus
from events.moving import Move, Times


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


def overlaps_after(moves: list[Move]) -> Iterator[str]:
    """Who would have to be in two places at once after these moves, in sentences."""
    moved = {move.session.pk: move.after for move in moves if move.changes}
    on_stage = (
        SessionSpeaker.objects.filter(session__event__in={m.session.event_id for m in moves})
        .exclude(session__status=SessionStatus.CANCELLED)
        .select_related("speaker", "session")
        .order_by("speaker", "session__starts_at")
    )
    for speaker, appearances in groupby(on_stage, lambda appearance: appearance.speaker):
        for one, other in combinations((a.session for a in appearances), 2):
            concerned = one.pk in moved or other.pk in moved
            if concerned and _overlap(_then(one, moved), _then(other, moved)):
                yield _("%(speaker)s would be in “%(one)s” and “%(other)s” at the same time.") % {
                    "speaker": speaker,
                    "one": one,
                    "other": other,
                }


def _then(session: Session, moved: dict[int, Times]) -> Times:
    return moved.get(session.pk, Times(session.starts_at, session.ends_at))


def _overlap(one: Times, other: Times) -> bool:
    return one.starts_at < other.ends_at and other.starts_at < one.ends_at
