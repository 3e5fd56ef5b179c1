"""Caption files as Kaltura holds them: read as players read them, whatever is wrong with them."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from KalturaClient.Plugins.Core import KalturaLanguage

from kaltura_bridge.captions.catalogue import Catalogue, CreditAccount, OrderableItem
from kaltura_bridge.captions.cues import as_row, from_rows, parse
from kaltura_bridge.captions.languages import NAMES, kaltura_name
from kaltura_bridge.captions.pricing import price_of, quote
from kaltura_bridge.subtitles import CaptionCue, as_dfxp, as_srt, as_webvtt

SPOKEN = [
    CaptionCue(0, 1500, "Grüße & <b> 3 > 2", "Ada Lee"),
    CaptionCue(3_600_000, 3_601_000, "Das Ende"),
]


@pytest.mark.parametrize("write", [as_webvtt, as_srt, as_dfxp])
def test_every_format_is_read_as_it_was_written(write):
    said = parse(write(SPOKEN))

    # SRT and DFXP hold markup as it stands, so what looks like a tag is one.
    first = SPOKEN[0] if write is as_webvtt else CaptionCue(0, 1500, said[0].text, "Ada Lee")
    assert [(c.start_ms, c.end_ms, c.speaker) for c in said] == [
        (c.start_ms, c.end_ms, c.speaker) for c in SPOKEN
    ]
    assert (said[0], said[1]) == (first, SPOKEN[1])
    assert from_rows(as_row(cue) for cue in said) == said


def test_what_does_not_parse_is_left_out():
    text = "rubbish\n\n1\n00:00:01,5 --> 00:00:02,5\n>> ANNA: Hello\n\n00:05 -> 1\nlost\n\n"
    backwards = "00:00:09.000 --> 00:00:08.000\nback\n"

    assert parse(text + backwards) == [CaptionCue(1500, 2500, "Hello", "ANNA")]
    assert parse("") == parse("<tt><p begin='x'>a</p>") == []


@given(st.text(max_size=300))
def test_no_file_breaks_the_reader(text):
    for body in (text, f"00:01.0 --> 00:02.0\n{text}", f'<tt><p begin="1s" dur="2s">{text}</p>'):
        for cue in parse(body):
            assert cue.text and "\n" not in cue.text and "\0" not in cue.text


def test_names_of_languages_are_kalturas():
    known = {value for name, value in vars(KalturaLanguage).items() if name.isupper()}

    assert set(NAMES.values()) <= known
    assert [kaltura_name(code) for code in ("de", "pt-BR", "de-AT", "tlh", "")] == [
        "German",
        "Portuguese (Brazil)",
        "German",
        "",
        "",
    ]


def item(**fields) -> OrderableItem:
    plain = {"price_per": "Minute", "unit_price": "1.5", "turnaround_s": 86_400}
    return OrderableItem(
        **{"id": 1, "name": "A", "feature": "captions", "service_type": 2, "language": "English"}
        | plain
        | fields
    )


def test_price_is_by_each_unit_begun_and_unknown_where_nobody_can_know():
    assert [price_of(item(), seconds) for seconds in (60, 61, None)] == [
        Decimal("1.5"),
        Decimal("3.0"),
        None,
    ]
    assert price_of(item(price_per="Hour"), 60) == price_of(item(price_per="Second"), 1)
    assert price_of(item(price_per=""), 60) is None
    assert price_of(item(unit_price="0"), None) == 0


def test_quote_says_what_kaltura_would_refuse():
    now = timezone.now()
    account = CreditAccount(7, "REACH", "10", "8.5", 0, 0, (2,))
    known = Catalogue((account,), (item(),), now)
    soon = now + timezone.timedelta(minutes=10)

    cheap, dear = quote(known, item(), 60, now), quote(known, item(), 600, now)
    unknown = quote(known, item(price_per=""), 60, now)
    live = item(feature="live", least_notice_min=30, most_minutes=5)

    assert (cheap.price, cheap.left, cheap.left_after) == (1.5, 1.5, 0)
    assert (cheap.problems, cheap.warnings, cheap.waits_for_approval) == ([], [], True)
    assert dear.problems == ["The credit left is less than this costs."]
    assert (unknown.price, unknown.warnings) == (
        None,
        ["What this costs is known only when the work is done."],
    )
    assert quote(known, item(), 5, now).problems == [
        "The recording is shorter than ten seconds: Kaltura takes no order for it."
    ]
    assert quote(known, live, 600, now, starts_at=soon).problems == [
        "The credit left is less than this costs.",
        "It is longer than this item allows: 5 minutes.",
        "It is too late: this item is ordered at least 30 minutes before the start.",
    ]
    assert quote(Catalogue((), (), now), item(), 60, now).problems == [
        "The account has no active REACH profile. Ask Kaltura for one."
    ]


@pytest.mark.parametrize(
    "piece", ["<tt><p><p>", "<v.", "<v ", "<", "{\\", "<p>", "</p>", "\n\n", " "]
)
@pytest.mark.parametrize("head", ["", "WEBVTT\n\n00:01.000 --> 00:02.000\n", "<tt><p begin='0s'>"])
def test_no_file_takes_long(head, piece):
    """Anybody with the account's tools may have written it."""
    body = head + piece * (1_000_000 // len(piece))
    began = time.process_time()
    parse(body)

    assert time.process_time() - began < 5
