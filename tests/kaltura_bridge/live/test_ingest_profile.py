"""What encoders are told, from an entry as Kaltura answers it."""

from __future__ import annotations

import json
import shlex
from urllib.parse import parse_qs, urlsplit

from kaltura_bridge.live.ingest_profile import (
    IngestPoint,
    Protocol,
    ffmpeg_command,
    first_choice,
    ingest_points,
    obs_profile,
    phone_link,
)

ENTRY = {
    "streamName": "1_yo43efjn_%i",
    "primaryBroadcastingUrl": "rtmp://1_yo43efjn.p.example.test:1935/kLive?t=6c1ac379",
    "secondaryBroadcastingUrl": "rtmp://1_yo43efjn.b.example.test:1935/kLive?t=6c1ac379",
    "primarySecuredBroadcastingUrl": "rtmps://1_yo43efjn.p.example.test:443/kLive?t=6c1ac379",
    "secondarySecuredBroadcastingUrl": "rtmps://1_yo43efjn.b.example.test:443/kLive?t=6c1ac379",
    "primarySrtBroadcastingUrl": "srt://1_yo43efjn.p.example.test:7045",
    "primarySrtStreamId": "#:::e=1_yo43efjn,st=0,p=6c1ac379",
}
SECURE = IngestPoint(Protocol.RTMPS, False, ENTRY["primarySecuredBroadcastingUrl"], "1_yo43efjn_1")
SRT = IngestPoint(
    Protocol.SRT, False, ENTRY["primarySrtBroadcastingUrl"], ENTRY["primarySrtStreamId"]
)


def test_points_are_all_addresses_with_their_keys_the_secure_ones_first():
    points = ingest_points(ENTRY)

    assert [(str(p.protocol), p.is_backup, p.key) for p in points] == [
        ("RTMPS", False, "1_yo43efjn_1"),
        ("RTMPS", True, "1_yo43efjn_1"),
        ("RTMP", False, "1_yo43efjn_1"),
        ("RTMP", True, "1_yo43efjn_1"),
        ("SRT", False, "#:::e=1_yo43efjn,st=0,p=6c1ac379"),
    ]
    assert points[0] == SECURE == first_choice(points)


def test_what_kaltura_does_not_tell_or_calls_by_a_wrong_scheme_is_no_point():
    """To who may not edit the entry its addresses are null."""
    hidden = dict.fromkeys(ENTRY) | {"streamName": "1_yo43efjn_%i"}
    odd = hidden | {"primaryBroadcastingUrl": "javascript:alert(1)"}

    assert ingest_points(hidden) == ingest_points(odd) == ingest_points({}) == []
    assert first_choice([]) is None


def test_obs_reads_its_own_file():
    assert json.loads(obs_profile(SECURE)) == {
        "type": "rtmp_custom",
        "settings": {
            "server": ENTRY["primarySecuredBroadcastingUrl"],
            "key": "1_yo43efjn_1",
            "use_auth": False,
            "bwtest": False,
        },
    }
    assert json.loads(obs_profile(SRT))["settings"]["server"] == (
        "srt://1_yo43efjn.p.example.test:7045"
        "?streamid=%23%3A%3A%3Ae%3D1_yo43efjn%2Cst%3D0%2Cp%3D6c1ac379&mode=caller"
    )


def test_a_test_card_names_each_part_of_where_it_goes():
    words = shlex.split(ffmpeg_command(SECURE))

    assert words[0] == "ffmpeg"
    assert words[-7:] == [
        *("-f", "flv", "-rtmp_app", "kLive?t=6c1ac379", "-rtmp_playpath", "1_yo43efjn_1"),
        "rtmps://1_yo43efjn.p.example.test:443",
    ]
    assert shlex.split(ffmpeg_command(SRT))[-5:] == [
        *("-f", "mpegts", "-streamid", ENTRY["primarySrtStreamId"]),
        ENTRY["primarySrtBroadcastingUrl"],
    ]


def test_no_answer_of_kaltura_becomes_a_command():
    harmful = IngestPoint(Protocol.RTMP, False, "rtmp://h/a?t=$(id)", "x; rm -rf /")

    words = shlex.split(ffmpeg_command(harmful))

    assert words[-5:] == ["-rtmp_app", "a?t=$(id)", "-rtmp_playpath", "x; rm -rf /", "rtmp://h"]
    assert "'x; rm -rf /'" in ffmpeg_command(harmful)


def test_a_phone_reads_one_connection():
    link = urlsplit(phone_link(SECURE, "Keynote & more"))

    assert f"{link.scheme}://{link.netloc}{link.path}" == "larix://set/v1"
    assert parse_qs(link.query) == {
        "conn[][url]": [f"{ENTRY['primarySecuredBroadcastingUrl']}/1_yo43efjn_1"],
        "conn[][name]": ["Keynote & more"],
    }
