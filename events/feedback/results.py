"""What people on stage read of what was said: an average and texts, of enough people at once.

Whoever could look after each answer would learn who gave how many stars. So answers count
in groups of five, in the order in which they came: the sixth to ninth change nothing that
is shown, and the texts stand in an order of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from events.models import Session, SessionFeedback
from events.permissions import PLANNERS
from events.roles import EventMembership

GROUP: Final = 5


@dataclass(frozen=True)
class FeedbackResults:
    """``people`` is how many answers count; none, with no average, while they are too few."""

    people: int = 0
    average: float | None = None
    texts: tuple[str, ...] = ()


def may_read_results(session: Session, membership: EventMembership) -> bool:
    """People on this session's stage, and those who plan the event."""
    on_stage = {appearance.speaker_id for appearance in session.on_stage}  # type: ignore[attr-defined]
    return bool(on_stage & membership.speaker_ids) or membership.team_role in PLANNERS


def results_of(session: Session) -> FeedbackResults:
    """What may be shown now; one query."""
    given = SessionFeedback.objects.filter(session=session).order_by("pk")
    rows = list(given.values_list("stars", "text"))
    counted = rows[: len(rows) - len(rows) % GROUP]
    if not counted:
        return FeedbackResults()
    average = sum(stars for stars, _ in counted) / len(counted)
    texts = sorted((text for _, text in counted if text), key=str.casefold)
    return FeedbackResults(len(counted), round(average, 1), tuple(texts))
