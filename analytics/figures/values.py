"""What pages, files and the API say of a session or an event, as values. Pure.

The *audience* is everyone who was present but staff, people on stage and tests, who are
counted apart; all figures speak of the audience unless their name says otherwise. Somebody
*attended* whose presence inside the session's window is more than nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final, Self

RETENTION_MINUTES: Final = (5, 15, 30)
# Who was there for so much of the planned minutes, less the grace, was there long enough: an
# event chooses one of these, and each is counted, so that a choice computes nothing anew. The
# rules of credits choose their own numbers.
REACH_PERCENTS: Final = (50, 60, 70, 75, 80, 90, 100)
REACH_GRACE_MINUTES: Final = 5
# Who is there five minutes before the planned end has stayed to the end.
END_GRACE_MINUTES: Final = 5

_MOMENTS: Final = ("peak_at", "as_of")


@dataclass(frozen=True, kw_only=True)
class PresenceFigures:
    """What sessions and events have in common. Minutes have two decimals, percent have one.

    - ``registered``: people with a place at the event now
    - ``registered_attended``: of them, those who attended, whatever they are; ``no_show``: not
    - ``attended``: people of the audience, each once; ``guests`` of them have no account
    - ``staff``, ``stage``, ``tests``: people who attended and are counted apart
    - ``peak``, ``peak_at``: the most people at one moment, and the first such moment
    - ``mean_minutes``, ``median_minutes``: of the minutes present of those who attended
    - ``total_minutes``: their sum
    - ``reached``: by percent of the planned minutes, in how many visits that much less the grace
      was reached; of one session, how many people
    - ``attention_percent``, ``attention_sample``: the mean, and over how many values
    - ``live_minutes``: live minutes as reports sum them up
    - ``recording_minutes``, ``recording_viewers``: of the recording, which is no attendance
    - ``open_intervals``: attendances with a stay whose end nobody reported, which may grow
    - ``as_of``: the oldest report that any of this rests on
    """

    registered: int = 0
    registered_attended: int = 0
    attended: int = 0
    guests: int = 0
    staff: int = 0
    stage: int = 0
    tests: int = 0
    peak: int = 0
    peak_at: datetime | None = None
    mean_minutes: Decimal | None = None
    median_minutes: Decimal | None = None
    total_minutes: Decimal = Decimal("0.00")
    reached: dict[int, int] = field(default_factory=dict)
    attention_percent: Decimal | None = None
    attention_sample: int = 0
    live_minutes: Decimal | None = None
    recording_minutes: Decimal | None = None
    recording_viewers: int = 0
    open_intervals: int = 0
    as_of: datetime | None = None

    # What is counted by a number.
    _keyed: ClassVar[tuple[str, ...]] = ("reached",)

    @property
    def no_show(self) -> int:
        return max(0, self.registered - self.registered_attended)

    def as_json(self) -> dict[str, Any]:
        """For a JSON column: moments as ISO text, decimals as text."""
        return {
            key: value.isoformat()
            if isinstance(value, datetime)
            else str(value)
            if isinstance(value, Decimal)
            else value
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any], registered: int) -> Self:
        """The figures as ``as_json`` wrote them, with the present number of registered people."""
        if not stored:
            return cls(registered=registered)
        values = dict(stored)
        for name in _MOMENTS:
            values[name] = values[name] and datetime.fromisoformat(values[name])
        for name in values.keys() & _DECIMALS:
            values[name] = None if values[name] is None else Decimal(values[name])
        values["registered"] = registered
        return cls(**cls._read(values))

    @classmethod
    def _read(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Put right what JSON cannot hold: its keys are text."""
        read = {
            name: {int(key): number for key, number in (values.get(name) or {}).items()}
            for name in cls._keyed
        }
        return {**values, **read}


@dataclass(frozen=True, kw_only=True)
class SessionFigures(PresenceFigures):
    """One session in numbers.

    - ``scheduled_percent``: the mean share of the planned time
    - ``timed``: people who attended and whose times of joining are known: retention's sample
    - ``retained``: of them, still there 5, 15 and 30 minutes after they first came
    - ``stayed_to_end``: of them, there within five minutes of the planned end or later
    - ``anonymous_minutes``, ``anonymous_plays``: live, of viewers without a user id
    - ``sources``: how many people who attended each source knows of
    """

    scheduled_percent: Decimal | None = None
    timed: int = 0
    retained: dict[int, int] = field(default_factory=dict)
    stayed_to_end: int = 0
    anonymous_minutes: Decimal | None = None
    anonymous_plays: int = 0
    sources: dict[str, int] = field(default_factory=dict)

    _keyed: ClassVar[tuple[str, ...]] = ("reached", "retained")


@dataclass(frozen=True, kw_only=True)
class EventFigures(PresenceFigures):
    """An event over all its sessions; people are counted once, minutes are sums per person.

    - ``visits``: each person once for every session that they attended
    - ``sessions``: sessions that anybody attended
    """

    visits: int = 0
    sessions: int = 0


_DECIMALS: Final = frozenset(
    (
        "mean_minutes median_minutes total_minutes attention_percent live_minutes "
        "recording_minutes scheduled_percent anonymous_minutes"
    ).split()
)
