"""What delivery settings must be together; each rule names the field and the way out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from events.models import Event, Session, SessionStatus, SessionType
from kaltura_bridge.delivery.options import EMPTY, DeliveryOptions
from kaltura_bridge.models import Chat, RecordingMode

Problem = tuple[str, str]  # field, sentence


@dataclass(frozen=True)
class Case:
    """What one form decides, over what it inherits."""

    own: Mapping[str, Any]
    inherited: DeliveryOptions
    planned: Event | Session

    def has(self, name: str) -> bool:
        return self.own.get(name) not in EMPTY

    def value(self, name: str) -> Any:
        return self.own[name] if self.has(name) else getattr(self.inherited, name)


def needs_video(planned: Event | Session) -> bool:
    """Whether there is nothing to show without a video."""
    return (
        isinstance(planned, Session)
        and planned.session_type == SessionType.SIMULIVE
        and planned.status == SessionStatus.PUBLISHED
    )


def _rewinding(case: Case) -> Iterator[Problem]:
    if case.has("dvr_window_minutes") and not case.value("dvr"):
        yield (
            "dvr_window_minutes",
            "Viewers may not rewind, so this has no meaning. Empty it, or let viewers rewind.",
        )


def _hidden_recordings(case: Case) -> Iterator[Problem]:
    if case.own.get("recordings_hidden") and case.value("recording") == RecordingMode.NONE:
        yield (
            "recordings_hidden",
            "Nothing is recorded, so there is nothing to hide. Choose a recording, or leave this.",
        )


def _question_times(case: Case) -> Iterator[Problem]:
    if case.value("questions") == Chat.SCHEDULED:
        return
    for name in ("questions_before_minutes", "questions_after_minutes"):
        if case.has(name):
            yield (
                name,
                "Questions have these minutes only when they open around the session. Choose "
                f"“{Chat.SCHEDULED.label}” for questions and answers, or empty this.",
            )


def _video(case: Case) -> Iterator[Problem]:
    if needs_video(case.planned) and not case.has("source_entry_id"):
        yield (
            "source_entry_id",
            "A published simulive session needs a video to play. Give its entry id, or make the "
            "session a draft.",
        )


def _clips(case: Case) -> Iterator[Problem]:
    for name in ("pre_clip_id", "post_clip_id"):
        if not case.has(name):
            continue
        if not case.has("source_entry_id"):
            yield name, "A clip needs a video to play. Give the video, or empty this."
        elif case.own[name] == case.own["source_entry_id"]:
            yield name, "This is the video to play itself. Give another entry, or empty this."


RULES: Final[tuple[Callable[[Case], Iterator[Problem]], ...]] = (
    _rewinding,
    _hidden_recordings,
    _question_times,
    _video,
    _clips,
)


def problems(case: Case) -> Iterator[Problem]:
    """All that is wrong, by field."""
    for rule in RULES:
        yield from rule(case)
