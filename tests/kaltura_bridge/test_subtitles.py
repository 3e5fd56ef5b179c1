"""Subtitle files: what is one is read, what is none is refused, and what is written reads back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kaltura_bridge.subtitles import (
    CaptionCue,
    NotSubtitles,
    as_dfxp,
    as_srt,
    as_transcript,
    as_transcript_json,
    as_webvtt,
    plain_text,
    read_subtitles,
)

SRT = b"""\xef\xbb\xbf1\r
00:00:01,000 --> 00:00:02,500\r
<i>Good</i> morning &amp; welcome\r
everybody\r
\r
2\r
01:00:03,000 --> 01:00:04,000 X1:40 X2:600\r
{\\an8}The end\r
"""
WEBVTT = """WEBVTT - our keynote
Kind: captions

STYLE
::cue { color: red }

NOTE made by hand

intro
00:05.000 --> 00:06.000 align:start
<v Ann Lee>Grüß <b>Gott</b>

00:00:01.000 --> 00:00:02.000
<c.loud>First</c> <00:00:01.500>words
"""


def test_srt_is_read_without_its_markup():
    assert read_subtitles(SRT) == [
        CaptionCue(1000, 2500, "Good morning & welcome\neverybody"),
        CaptionCue(3_603_000, 3_604_000, "The end"),
    ]


def test_webvtt_is_read_in_order_with_its_speakers():
    assert read_subtitles(WEBVTT.encode()) == [
        CaptionCue(1000, 2000, "First words"),
        CaptionCue(5000, 6000, "Grüß Gott", "Ann Lee"),
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "belongs to no subtitle"),
        (b"WEBVTT\n", "not one subtitle"),
        (b"<html><body>Not found</body></html>", "belongs to no subtitle"),
        (b"1\nHello\n", "belongs to no subtitle"),
        (b"WEBVTT\n\nHello there\nand you", "belongs to no subtitle"),
        (b"WEBVTTX\n\n00:01.000 --> 00:02.000\nHi", "belongs to no subtitle"),
        (b"1\n00:00:01 --> 00:00:02\nHi", "belongs to no subtitle"),
        (b"1\n00:00:05,000 --> 00:00:02,000\nHi", "ends before it begins"),
        (b"PK\x03\x04\x00\x00", "no text file"),
        ("1\n00:00:01,000 --> 00:00:02,000\nGrüße".encode("latin-1"), "no text in UTF-8"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n", "not one subtitle"),
        (b" " * 10_000_001, "longer than 10 MB"),
    ],
)
def test_what_is_no_subtitle_file_is_refused(data, why):
    with pytest.raises(NotSubtitles, match=why):
        read_subtitles(data)


WORDS = st.text(st.characters(codec="utf-8"), max_size=40).map(plain_text).filter(bool)
CUES = (
    st.builds(
        lambda start, length, text: CaptionCue(start, start + length, text),
        st.integers(0, 99 * 3_600_000),
        st.integers(0, 60_000),
        # Tags are gone when a text is plain; what looks like one again is not our cue's.
        WORDS.map(lambda text: text.replace("<", "").replace("&", "").replace("{", "")).filter(
            bool
        ),
    )
    .map(lambda cue: CaptionCue(cue.start_ms, cue.end_ms, plain_text(cue.text)))
    .filter(lambda cue: bool(cue.text))
)


@given(st.lists(CUES, min_size=1, max_size=5))
def test_what_is_written_reads_back(cues):
    shown = sorted(
        (CaptionCue(c.start_ms, c.end_ms, c.text.replace("-->", "→")) for c in cues),
        key=lambda cue: (cue.start_ms, cue.end_ms),
    )

    assert read_subtitles(as_srt(shown).encode()) == shown
    assert read_subtitles(as_webvtt(shown).encode()) == shown


def test_other_forms_hold_the_same_words():
    cues = [CaptionCue(1000, 2000, "A < B\n& C", "Ann"), CaptionCue(2000, 3000, "D --> E")]
    paragraphs = etree.fromstring(as_dfxp(cues, "en").encode()).iter("{*}p")

    assert ["".join(p.itertext()) for p in paragraphs] == ["Ann: A < B& C", "D → E"]
    assert as_transcript(cues) == "Ann: A < B & C\nD → E\n"
    assert json.loads(as_transcript_json(cues))["objects"] == [
        {"startTime": 1000, "endTime": 2000, "content": [{"text": "A < B\n& C", "speaker": "Ann"}]},
        {"startTime": 2000, "endTime": 3000, "content": [{"text": "D --> E"}]},
    ]
    assert read_subtitles(as_webvtt(cues).encode())[0] == cues[0]
