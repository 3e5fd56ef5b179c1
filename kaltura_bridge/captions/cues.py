"""Captions that Kaltura holds, as cues: WebVTT, SRT and DFXP, read as players read them. Pure.

Unlike a file that somebody hands to a vendor (subtitles.py) these are there already and shown
to viewers, whatever is wrong with them: what does not parse is left out. They are anybody's
text, so they are read within bounds and cleaned of tags and of unwanted characters.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from events.characters import clean_line, clean_text
from kaltura_bridge.subtitles import CaptionCue

MOST_CUES: Final = 20_000
MOST_LETTERS: Final = 1_000  # of one cue
# Of one cue with its tags; whatever is longer is no cue.
_MOST_WRITTEN: Final = 20_000
LONGEST_MS: Final = 14 * 86_400_000

_TIME: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_LINE: Final = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}")
# Anybody may have written the file: each of these goes on to the next "<" at most.
_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]{0,200})?\s{1,20}([^<>]{1,200})>")
_TAG: Final = re.compile(r"<[^<>]{0,300}>|\{\\[^{}]{0,100}\}")
# “ANNA: …” and “>> Anna: …”, as captioners write who speaks.
_NAMED: Final = re.compile(r"(?:>>\s*)?([A-Z][\w.’' -]{1,40}):\s+(?=\S)")
_DFXP_TAG: Final = re.compile(r"<(/?)(?:\w{1,20}:)?p\b([^<>]{0,2000})>")
_ATTRIBUTE: Final = re.compile(r'\b(begin|end|dur)\s*=\s*"([^"]{1,40})"')
_CLOCK: Final = re.compile(r"(\d{1,3}):(\d{1,2}):(\d{1,2})(?:[.,:](\d{1,3}))?$")
_SECONDS: Final = re.compile(r"(\d{1,8})(?:\.(\d{1,3}))?(s|ms)$")
_BREAK: Final = re.compile(r"<(?:\w{1,20}:)?br\s{0,20}/?>")


def from_rows(rows: Iterable[Sequence[Any]]) -> list[CaptionCue]:
    """As they are kept in the database: [from, to, speaker, text]."""
    return [CaptionCue(start, end, text, speaker) for start, end, speaker, text in rows]


def as_row(cue: CaptionCue) -> list[Any]:
    """As the database keeps it."""
    return [cue.start_ms, cue.end_ms, cue.speaker, cue.text]


def parse(body: str) -> list[CaptionCue]:
    """The cues of a caption file of any of the three formats, in the order of their times."""
    text = clean_text(body)
    found = _dfxp(text) if "<tt" in text[:2000] else _blocks(text)
    cues: list[CaptionCue] = []
    for cue in found:
        if cue.text and cue.start_ms <= cue.end_ms <= LONGEST_MS:
            cues.append(cue)
        if len(cues) == MOST_CUES:
            break
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))


def _blocks(text: str) -> Iterator[CaptionCue]:
    """WebVTT and SRT: a line of two times, then lines of text up to an empty one."""
    lines = iter(text.split("\n"))
    for line in lines:
        times = _LINE.match(line)
        if times is None:
            continue
        said = []
        for line in lines:
            if not line.strip():
                break
            said.append(line)
        parts = times.groups()
        yield _cue(_ms(*parts[:4]), _ms(*parts[4:]), " ".join(said))


def _ms(hours: str | None, minutes: str, seconds: str, fraction: str) -> int:
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(fraction.ljust(3, "0"))


def _dfxp(text: str) -> Iterator[CaptionCue]:
    for attributes, said in _paragraphs(text):
        at = dict(_ATTRIBUTE.findall(attributes))
        begin, end, lasts = (_dfxp_ms(at.get(name, "")) for name in ("begin", "end", "dur"))
        if begin is not None and (end is not None or lasts is not None):
            until = end if end is not None else begin + (lasts or 0)
            yield _cue(begin, until, _BREAK.sub(" ", said))


def _paragraphs(text: str) -> Iterator[tuple[str, str]]:
    """The attributes and the content of each paragraph, in one pass; unclosed ones are none."""
    opened: re.Match[str] | None = None
    for tag in _DFXP_TAG.finditer(text):
        if not tag[1]:
            opened = tag
        elif opened:
            yield opened[2], text[opened.end() : tag.start()]
            opened = None


def _dfxp_ms(text: str) -> int | None:
    if found := _CLOCK.match(text):
        return _ms(found[1], found[2], found[3], found[4] or "0")
    if found := _SECONDS.match(text):
        whole = int(found[1])
        return whole if found[3] == "ms" else whole * 1000 + int((found[2] or "0").ljust(3, "0"))
    return None


def _cue(start_ms: int, end_ms: int, said: str) -> CaptionCue:
    said = said[:_MOST_WRITTEN]
    voice = _VOICE.search(said)
    plain = clean_line(html.unescape(_TAG.sub("", said)))
    speaker = clean_line(html.unescape(voice[1])) if voice else ""
    if not speaker and (named := _NAMED.match(plain)):
        speaker, plain = named[1], plain[named.end() :]
    # A reader of the file would take an arrow for times.
    speaker = speaker.replace("-->", "→")
    return CaptionCue(start_ms, end_ms, plain[:MOST_LETTERS].strip(), speaker[:200])
