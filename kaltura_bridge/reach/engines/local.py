"""The engine without people: a speech recogniser on this machine.

It uses faster-whisper where that is installed (``pip install faster-whisper``), with a model
that is on this machine already: nothing is fetched, and no sound leaves the machine. Where
either is missing it says so and takes no job.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kaltura_bridge.reach.engines.base import (
    CaptionEngine,
    CaptionWork,
    EngineFailed,
    EngineUnavailable,
)
from kaltura_bridge.reach.languages import language_code
from kaltura_bridge.subtitles import CaptionCue, plain_text

logger = logging.getLogger(__name__)


class LocalEngine(CaptionEngine):
    """Recognises speech with the model in the folder ``model``, on ``device`` (cpu)."""

    def __init__(self, options: Mapping[str, str]) -> None:
        super().__init__(options)
        try:
            self._package: Any = importlib.import_module("faster_whisper")
        except ImportError as error:
            raise EngineUnavailable(
                "The engine “local” needs the package faster-whisper, which is not installed "
                f"({error}). Install it, or choose another engine."
            ) from None
        folder = self.options.get("model", "")
        if not folder or not Path(folder).is_dir():
            raise EngineUnavailable(
                "The engine “local” needs a model on this machine: model=/srv/whisper-small."
            )
        self._folder = folder
        self._model: Any = None

    def transcribe(self, work: CaptionWork) -> Iterable[CaptionCue]:
        if work.media is None:
            raise EngineFailed("There is no media to listen to.")
        try:
            yield from self._segments(str(work.media), work)
        except (RuntimeError, ValueError, OSError) as error:
            # The text may name files of this machine; the customer reads what is raised here.
            logger.warning("The recogniser could not read the media: %s", error)
            raise EngineFailed("The recogniser could not read the media.") from error

    def _segments(self, path: str, work: CaptionWork) -> Iterator[CaptionCue]:
        model = self._loaded()
        segments, _info = model.transcribe(
            path,
            language=language_code(work.language) or None,
            initial_prompt=", ".join(work.words) or None,
            vad_filter=True,
        )
        for segment in segments:
            text = plain_text(str(segment.text))
            if text:
                yield CaptionCue(round(segment.start * 1000), round(segment.end * 1000), text)

    def _loaded(self) -> Any:
        """Loading takes seconds and much memory, so it is done once, for the first job."""
        if self._model is None:
            self._model = self._package.WhisperModel(
                self._folder,
                device=self.options.get("device", "cpu"),
                compute_type=self.options.get("compute", "int8"),
                local_files_only=True,
            )
        return self._model
