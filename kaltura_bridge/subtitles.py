"""Subtitle files: read into cues, and written from them.

SRT and WebVTT are read, strictly: what is no subtitle file is refused with the line that says
so, instead of becoming captions of rubbish. SRT, WebVTT, DFXP (a form of TTML) and transcripts
as text or JSON are written. Texts of cues are plain and clean: no markup, no control
characters. Nothing here knows Kaltura.

Sources: https://www.w3.org/TR/webvtt1/, https://www.w3.org/TR/ttml1/.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

from events.characters import clean_text

# Two hours of talk are some 200 KB; whatever is this long is no subtitle file.
MOST_BYTES: Final = 10_000_000
_TIME: Final = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
_TIMES: Final = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
_TAG: Final = re.compile(r"</?(?:[a-zA-Z][^<>]{0,200}|\d[\d:.]*)>|\{\\[^{}]{0,80}\}")
_VOICE: Final = re.compile(r"<v(?:\.[^\s<>]{0,200})?\s{1,20}([^<>]{1,200})>")
_BLOCK_END: Final = re.compile(r"\n[ \t]*\n+")
# Blocks of a WebVTT file that hold no cue.
_NO_CUE: Final = ("NOTE", "STYLE", "REGION")


class NotSubtitles(ValueError):
    """A file that is no subtitle file; the text says where that showed."""


@dataclass(frozen=True)
class CaptionCue:
    """What is said from ``start_ms`` to ``end_ms``, and by whom where that is known."""

    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""


# ------------------------------------------------------------------------ reading
def read_subtitles(data: bytes) -> list[CaptionCue]:
    """The cues of an SRT or WebVTT file, in the order of their starts.

    Raises NotSubtitles, also when there is not one cue in it.
    """
    text = _decoded(data)
    is_webvtt = re.match(r"WEBVTT(?:[ \t\n]|$)", text) is not None
    blocks = _BLOCK_END.split(text.strip())
    found = _webvtt_cues(blocks[1:]) if is_webvtt else _srt_cues(blocks)
    cues = sorted(found, key=lambda cue: (cue.start_ms, cue.end_ms))
    if not cues:
        raise NotSubtitles("There is not one subtitle in it.")
    return cues


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise NotSubtitles(f"It is longer than {MOST_BYTES // 1_000_000} MB.")
    if b"\0" in data:
        raise NotSubtitles("It is no text file.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotSubtitles(f"It is no text in UTF-8 (byte {error.start}).") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _webvtt_cues(blocks: Iterable[str]) -> list[CaptionCue]:
    found = []
    for block in blocks:
        if block.startswith(_NO_CUE):
            continue
        lines = block.split("\n")
        at = next((i for i, line in enumerate(lines[:2]) if "-->" in line), None)
        if at is None:
            raise _no_cue(lines[0])
        found += _cue(lines[at], lines[at + 1 :])
    return found


def _srt_cues(blocks: Iterable[str]) -> list[CaptionCue]:
    found = []
    for block in blocks:
        lines = block.split("\n")
        at = 1 if lines[0].strip().isdecimal() else 0
        if at >= len(lines) or "-->" not in lines[at]:
            raise _no_cue(lines[0])
        found += _cue(lines[at], lines[at + 1 :])
    return found


def _cue(times: str, lines: Sequence[str]) -> list[CaptionCue]:
    """The one cue, or none where nothing is shown."""
    match = _TIMES.fullmatch(times.strip())
    if match is None:
        raise _no_cue(times)
    start, end = (_milliseconds(match.groups()[at : at + 4]) for at in (0, 4))
    if end < start:
        raise NotSubtitles(f"A subtitle ends before it begins: “{times.strip()[:60]}”.")
    raw = "\n".join(lines)
    voice = _VOICE.search(raw)
    text = plain_text(raw)
    speaker = plain_text(voice[1]) if voice else ""
    return [CaptionCue(start, end, text, speaker)] if text else []


def _milliseconds(parts: Sequence[str | None]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _no_cue(line: str) -> NotSubtitles:
    return NotSubtitles(f"This line belongs to no subtitle: “{line.strip()[:60]}”.")


def plain_text(marked_up: str) -> str:
    """A cue's text without tags and positions, one blank between words, lines kept."""
    text = clean_text(html.unescape(_TAG.sub("", marked_up)))
    return "\n".join(" ".join(line.split()) for line in text.split("\n") if line.strip())


# ------------------------------------------------------------------------ writing
def as_srt(cues: Iterable[CaptionCue]) -> str:
    """The cues as SRT, numbered from 1."""
    return "\n".join(
        f"{number}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n{_line(cue)}\n"
        for number, cue in enumerate(cues, 1)
    )


def as_webvtt(cues: Iterable[CaptionCue]) -> str:
    """The cues as WebVTT, with speakers as voices."""
    blocks = [
        f"{_clock(cue.start_ms, '.')} --> {_clock(cue.end_ms, '.')}\n{_voiced(cue)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def as_dfxp(cues: Iterable[CaptionCue], language: str = "") -> str:
    """The cues as DFXP; ``language`` is a code such as ``en``."""
    lines = "".join(
        f'<p begin="{_clock(cue.start_ms, ".")}" end="{_clock(cue.end_ms, ".")}">'
        f"{escape(_line(cue)).replace(chr(10), '<br/>')}</p>\n"
        for cue in cues
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="{escape(language)}">\n'
        f"<body><div>\n{lines}</div></body>\n</tt>\n"
    )


def as_transcript(cues: Iterable[CaptionCue]) -> str:
    """What was said, a line for each cue, with its speaker where one is known."""
    return "".join(f"{_line(cue).replace(chr(10), ' ')}\n" for cue in cues)


def as_transcript_json(cues: Iterable[CaptionCue]) -> str:
    """What was said as JSON, with times in milliseconds, as Kaltura serves captions."""
    rows = [
        {
            "startTime": cue.start_ms,
            "endTime": cue.end_ms,
            "content": [{"text": cue.text, **({"speaker": cue.speaker} if cue.speaker else {})}],
        }
        for cue in cues
    ]
    return json.dumps({"objects": rows}, ensure_ascii=False)


def _clock(milliseconds: int, point: str) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{thousandths:03}"


def _line(cue: CaptionCue) -> str:
    """The text, without what a reader would take for times; a speaker stands in front."""
    text = f"{cue.speaker}: {cue.text}" if cue.speaker else cue.text
    return text.replace("-->", "→")


def _voiced(cue: CaptionCue) -> str:
    text = escape(cue.text.replace("-->", "→"))
    return f"<v {escape(cue.speaker)}>{text}" if cue.speaker else text
