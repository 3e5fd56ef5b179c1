"""The engine for people: a folder into which somebody puts subtitle files.

A file belongs to a video by its name: the entry id, then perhaps a language, then ``.vtt`` or
``.srt``: ``1_a2b3c4d5.de.vtt``. In a folder of that customer's own, named by their partner id, it
may be the reference id or the title as well: both are words that a customer chooses, so among
those of several they would fetch each other's. A job whose file is not there yet waits; it is
neither failed nor made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from kaltura_bridge.reach.engines.base import (
    CaptionEngine,
    CaptionWork,
    EngineFailed,
    EngineUnavailable,
)
from kaltura_bridge.reach.features import Feature
from kaltura_bridge.reach.languages import language_code
from kaltura_bridge.subtitles import MOST_BYTES, CaptionCue, NotSubtitles, read_subtitles


class SidecarEngine(CaptionEngine):
    """Takes captions from files in ``folder``."""

    features: ClassVar[frozenset[Feature]] = frozenset(
        {Feature.CAPTIONS, Feature.TRANSLATION, Feature.ALIGNMENT}
    )
    needs_media: ClassVar[bool] = False

    def __init__(self, options: Mapping[str, str]) -> None:
        super().__init__(options)
        folder = self.options.get("folder", "")
        if not folder:
            raise EngineUnavailable("The engine “sidecar” needs a folder: folder=/srv/subtitles.")
        self._folder = Path(folder)
        if not self._folder.is_dir():
            raise EngineUnavailable(f"There is no folder {folder}, which “sidecar” is to read.")

    def waits_for(self, work: CaptionWork) -> str:
        if self._file_for(work):
            return ""
        return f"no subtitle file {' or '.join(_shown(work))} in the folder yet"

    def transcribe(self, work: CaptionWork) -> Iterable[CaptionCue]:
        path = self._file_for(work)
        if path is None:
            raise EngineFailed("The subtitle file has gone.")
        try:
            with path.open("rb") as file:
                return read_subtitles(file.read(MOST_BYTES + 1))
        except OSError as error:
            raise EngineFailed(f"The subtitle file cannot be read: {error.strerror}.") from error
        except NotSubtitles as error:
            raise EngineFailed(f"The file for this video holds no subtitles. {error}") from None

    def _file_for(self, work: CaptionWork) -> Path | None:
        """The first file that fits. Names are compared, so none leads out of the folder."""
        own = self._folder / str(work.customer_id)
        return _first(own, work, (work.entry_id, work.reference_id, work.name)) or _first(
            self._folder, work, (work.entry_id,)
        )


def _first(folder: Path, work: CaptionWork, stems: Iterable[str]) -> Path | None:
    if not folder.is_dir():
        return None
    there = {path.name.casefold(): path for path in folder.iterdir() if path.is_file()}
    return next((there[name] for name in _names(work, stems) if name in there), None)


def _names(work: CaptionWork, stems: Iterable[str]) -> Iterator[str]:
    code = language_code(work.output_language)
    # What says no language is in the language that is spoken.
    endings = [f".{code}"] if code else []
    endings += [] if work.target_language else [""]
    for stem in filter(None, stems):
        for ending in endings:
            yield from (f"{stem}{ending}.{form}".casefold() for form in ("vtt", "srt"))


def _shown(work: CaptionWork) -> list[str]:
    code = language_code(work.output_language)
    return [f"{work.entry_id}.{code}.vtt" if code else f"{work.entry_id}.vtt"]
