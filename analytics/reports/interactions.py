"""What each person did while they watched, where the live engagement report (60010) is pulled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from analytics.aggregate import person_key
from analytics.completeness import SessionCompleteness
from analytics.models import Source, ViewerTotal
from analytics.privacy.modes import PrivacyRules
from events.i18n.languages import Words
from events.models import Session
from kaltura_bridge.join.identity import kaltura_user_id

#: The report's columns, as Kaltura names them.
COLUMNS: Final[Mapping[str, Words]] = {
    "count_reaction_clicked": _("Reactions"),
    "count_raise_hand_clicked": _("Hands raised"),
    "count_group_chat_messages_sent": _("Chat messages"),
    "count_poll_answered": _("Polls answered"),
    "count_q_and_a_threads": _("Questions"),
    "count_download_attachment_clicked": _("Downloads"),
}
SHOWN: Final = 25


@dataclass(frozen=True)
class InteractionLine:
    """One person: as the event's privacy names them, and how often they did what."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Interactions:
    """Sums over everybody whose row may be kept, and those who did most, ``SHOWN`` at most."""

    sums: Sequence[tuple[Words, int]]
    lines: Sequence[InteractionLine]
    people: int
    read_at: datetime

    @property
    def columns(self) -> Sequence[Words]:
        return list(COLUMNS.values())


def knows_interactions(completeness: SessionCompleteness) -> bool:
    """Whether the report was ever read about this session; no query."""
    return any(
        source.coverage is not None
        and source.coverage.source == Source.ENGAGEMENT
        and source.coverage.pulled_rows
        for source in completeness.sources
    )


def interactions_of(session: Session, rules: PrivacyRules) -> Interactions | None:
    """None where the report was never pulled, or has none of this; one query.

    It reads every viewer's row, so the page asks for it on wish only.
    """
    rows = list(
        ViewerTotal.objects.filter(session=session, source=Source.ENGAGEMENT).select_related("user")
    )
    did = [(row, counts) for row in rows if any(counts := _counts(row.raw))]
    if not rows or not any(name in row.raw for row in rows for name in COLUMNS):
        return None
    sums = [sum(column) for column in zip(*(counts for _row, counts in did), strict=True)]
    did.sort(key=lambda pair: (-sum(pair[1]), pair[0].pk))
    return Interactions(
        sums=list(zip(COLUMNS.values(), sums or [0] * len(COLUMNS), strict=True)),
        lines=[InteractionLine(_name(row, rules), counts) for row, counts in did[:SHOWN]],
        people=len(did),
        read_at=max(row.pulled_at for row in rows),
    )


def _counts(raw: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(_count(raw.get(name)) for name in COLUMNS)


def _count(value: Any) -> int:
    """A count as Kaltura writes it; what cannot be read is 0 here, as the row itself was taken."""
    try:
        return max(0, int(float(value)))
    except (TypeError, ValueError, OverflowError):
        return 0


def _name(row: ViewerTotal, rules: PrivacyRules) -> str:
    subject = str(row.user.uuid) if row.user else person_key(row)
    name = row.user.name if row.user else row.name or row.remote_user_id
    shown = rules.person(subject, name, "", reported_id=row.remote_user_id)
    fallback = kaltura_user_id(row.user) if row.user else row.remote_user_id
    return shown.name or (fallback if rules.names_people else "")
