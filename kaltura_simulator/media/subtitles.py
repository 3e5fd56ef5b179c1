"""Parses subtitles into cues, and writes them as WebVTT segments or JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass

SRT, DFXP, WEBVTT = "1", "2", "3"
#: File ending and content type of each caption format.
FORMS = {
    SRT: ("srt", "text/plain; charset=utf-8"),
    DFXP: ("dfxp", "application/ttml+xml; charset=utf-8"),
    WEBVTT: ("vtt", "text/vtt; charset=utf-8"),
}
_TIMES = re.compile(
    r"(?:(\d+):)?(\d{1,2}):(\d{2})[,.](\d{3})\s+-->\s+(?:(\d+):)?(\d{1,2}):(\d{2})[,.](\d{3})"
)


@dataclass(frozen=True)
class Cue:
    """A text on the screen; ``start`` and ``end`` in milliseconds."""

    start: int
    end: int
    text: str


def cues(text: str) -> list[Cue]:
    """The cues of an SRT or WebVTT text; other blocks are skipped."""
    found = []
    for block in re.split(r"\r?\n\r?\n+", text.lstrip("\ufeff").strip()):
        lines = block.splitlines()
        at = next((i for i, line in enumerate(lines) if "-->" in line), None)
        times = _TIMES.search(lines[at]) if at is not None else None
        if at is not None and times:
            start, end = _milliseconds(times.groups()[:4]), _milliseconds(times.groups()[4:])
            found.append(Cue(start, end, "\n".join(lines[at + 1 :])))
    return found


def is_of_form(text: str, form: str) -> bool:
    """Whether a text can be read as what its asset says it is; other forms are not looked at."""
    begins = text.lstrip("\ufeff").lstrip()
    if form == SRT:
        return bool(cues(text)) and not begins.startswith("WEBVTT")
    if form == WEBVTT:
        return begins.startswith("WEBVTT")
    return form != DFXP or _is_dfxp(begins)


def _is_dfxp(text: str) -> bool:
    return re.match(r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:\w+:)?tt\b", text, re.S) is not None


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _clock(value: int) -> str:
    seconds, thousandths = divmod(value, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{thousandths:03}"


def moved(text: str, form: str, cuts: list[tuple[int, int]]) -> str:
    """An SRT or WebVTT text as it fits to parts of its video, one after another.

    ``cuts``: where each begins and how long it is, in milliseconds.
    """
    kept, before = [], 0
    for offset, length in cuts:
        for cue in cues(text):
            start, end = max(cue.start - offset, 0), min(cue.end - offset, length)
            if start < end:
                kept.append(Cue(before + start, before + end, cue.text))
        before += length
    blocks = [f"{_clock(cue.start)} --> {_clock(cue.end)}\n{cue.text}\n" for cue in kept]
    if form == WEBVTT:
        return "\n".join(["WEBVTT\n", *blocks])
    return "\n".join(f"{n}\n{_as_srt(block)}" for n, block in enumerate(blocks, 1))


def _as_srt(block: str) -> str:
    times, newline, text = block.partition("\n")
    return f"{times.replace('.', ',')}{newline}{text}"


def webvtt(found: list[Cue], segment_s: int, index: int, timestamp: int) -> str:
    """One segment as WebVTT, with the timestamp map that ties it to the stream's clock."""
    since, until = (index - 1) * segment_s * 1000, index * segment_s * 1000
    head = f"WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:{timestamp * 90},LOCAL:00:00:00.000\n"
    inside = [cue for cue in found if cue.start < until and cue.end > since]
    blocks = [f"{_clock(cue.start)} --> {_clock(cue.end)}\n{cue.text}\n" for cue in inside]
    return "\n".join([head, *blocks])


def playlist(length_ms: int, segment_s: int) -> str:
    """The HLS playlist of all segments of a clip; one without a length has none."""
    count = -(-length_ms // (segment_s * 1000))
    lines = [
        "#EXTM3U",
        f"#EXT-X-TARGETDURATION:{segment_s}",
        "#EXT-X-VERSION:3",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
    ]
    for index in range(1, count + 1):
        left = min(segment_s, length_ms / 1000 - (index - 1) * segment_s)
        lines += [f"#EXTINF:{left:.3f},", f"segmentIndex/{index}.vtt"]
    return "\r\n".join([*lines, "#EXT-X-ENDLIST", ""])


def as_json(found: list[Cue]) -> dict[str, object]:
    """Cues as JSON, for transcripts."""
    objects = [
        {"startTime": cue.start, "endTime": cue.end, "content": [{"text": cue.text}]}
        for cue in found
    ]
    return {"objects": objects}
