"""What a person did in the planner, in steps of which the last ten can be undone and redone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from events.models import Event, PlannerStep, Session, User

KEPT: Final = 10


@dataclass(frozen=True)
class PlannedPlace:
    """Where and when a session is."""

    starts_at: datetime
    ends_at: datetime
    location: str
    track_id: int | None

    @classmethod
    def of(cls, session: Session) -> PlannedPlace:
        return cls(session.starts_at, session.ends_at, session.location, session.track_id)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> PlannedPlace:
        times = {name: datetime.fromisoformat(kept[name]) for name in ("starts_at", "ends_at")}
        return cls(**{**kept, **times})

    def as_json(self) -> dict[str, Any]:
        times = {"starts_at": self.starts_at.isoformat(), "ends_at": self.ends_at.isoformat()}
        return {**asdict(self), **times}


@dataclass(frozen=True)
class PlaceChange:
    """A session by its primary key, where it was and where it came."""

    session: int
    before: PlannedPlace
    after: PlannedPlace

    @property
    def back(self) -> PlaceChange:
        return PlaceChange(self.session, self.after, self.before)


def note_step(event: Event, user: User, words: str, done: Iterable[PlaceChange]) -> PlannerStep:
    """Remember what somebody did; what they had undone before cannot be redone any more."""
    mine = PlannerStep.objects.filter(event=event, user=user)
    mine.filter(is_undone=True).delete()
    step = PlannerStep.objects.create(
        event=event, user=user, words=words[:300], changes=[_as_json(change) for change in done]
    )
    old = mine.order_by("-pk").values_list("pk", flat=True)[KEPT:]
    mine.filter(pk__in=list(old)).delete()
    return step


def last_step(event: Event, user: User) -> PlannerStep | None:
    """What would be undone next."""
    return _steps(event, user, is_undone=False).first()


def undone_step(event: Event, user: User) -> PlannerStep | None:
    """What would be redone next."""
    return _steps(event, user, is_undone=True).last()


def is_turned(event: Event, user: User, pk: int | None, *, is_undone: bool) -> bool:
    """Whether this step of theirs is undone, or done again, already."""
    mine = PlannerStep.objects.filter(event=event, user=user, is_undone=is_undone)
    return pk is not None and mine.filter(pk=pk).exists()


def changes_of(step: PlannerStep) -> list[PlaceChange]:
    return [
        PlaceChange(
            kept["session"],
            PlannedPlace.from_json(kept["before"]),
            PlannedPlace.from_json(kept["after"]),
        )
        for kept in step.changes
    ]


def _steps(event: Event, user: User, *, is_undone: bool) -> QuerySet[PlannerStep]:
    return PlannerStep.objects.filter(event=event, user=user, is_undone=is_undone).order_by("-pk")


def _as_json(change: PlaceChange) -> dict[str, Any]:
    return {
        "session": change.session,
        "before": change.before.as_json(),
        "after": change.after.as_json(),
    }
