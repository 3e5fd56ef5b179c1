"""What an engine is: it is given a piece of work, and returns cues, or says why it cannot."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from kaltura_bridge.reach.features import Feature
from kaltura_bridge.subtitles import CaptionCue


class EngineUnavailable(Exception):
    """The engine cannot work on this machine, or not with these options; the text says why."""


class EngineFailed(Exception):
    """This work cannot be done. The customer reads the text as the reason for the error."""


@dataclass(frozen=True)
class CaptionWork:
    """One piece of work. ``language`` is what is spoken, or read; names as Kaltura has them.

    ``key`` is the job's own: the same when a killed worker's work is done again. ``media`` is
    there when the engine ``needs_media``; ``customer_id`` is the customer's partner id;
    ``starts_at`` and ``ends_at`` of live work.
    """

    key: UUID
    feature: Feature
    entry_id: str
    name: str = ""
    reference_id: str = ""
    language: str = ""
    target_language: str = ""
    words: tuple[str, ...] = ()
    notes: str = ""
    media: Path | None = None
    # Whose order it is: titles and reference ids are the customer's own words.
    customer_id: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def output_language(self) -> str:
        """The language of the captions."""
        return self.target_language or self.language


@dataclass(frozen=True)
class LiveAddresses:
    """Where Kaltura sends a live stream, and where it fetches captions of it (a WebSocket)."""

    media_url: str
    media_key: str
    caption_url: str
    caption_token: str
    input_delay_s: int = 0


class CaptionEngine(ABC):
    """Makes captions. Options come from the command line or the settings, as texts.

    The constructor raises EngineUnavailable where it could not work anyway, so that no job is
    taken that nobody here can do.
    """

    features: ClassVar[frozenset[Feature]] = frozenset({Feature.CAPTIONS})
    needs_media: ClassVar[bool] = True

    def __init__(self, options: Mapping[str, str]) -> None:
        self.options = dict(options)

    def waits_for(self, work: CaptionWork) -> str:
        """Why this work cannot begin yet, in words; then the job is left where it is."""
        return ""

    @abstractmethod
    def transcribe(self, work: CaptionWork) -> Iterable[CaptionCue]:
        """The cues, better one by one than all at the end. Raises EngineFailed."""

    def provide_live(self, work: CaptionWork) -> LiveAddresses:
        """Addresses for live work; the same ones whenever the same work asks again."""
        raise EngineFailed("This vendor makes no live captions.")

    def end_live(self, work: CaptionWork) -> None:  # noqa: B027 - most have nothing to end
        """The live event is over. Raises EngineFailed when there were no captions."""
