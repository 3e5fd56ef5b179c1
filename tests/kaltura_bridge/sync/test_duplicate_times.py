"""Times that Kaltura holds twice, and where they differ; by table."""

from __future__ import annotations

import pytest

from kaltura_bridge.specs import Kind
from kaltura_bridge.sync.duplicate_times import (
    DuplicateTime,
    duplicate_times,
    duplicate_times_label,
)

CALENDAR = (Kind.SCHEDULE_EVENT, "portal:a")
PAGE = (Kind.METADATA, "portal:a/KMS_EVENTS3")


@pytest.mark.parametrize(
    ("calendar", "page", "times"),
    [
        (("10", "20"), ("10", "20"), []),
        (("11", "20"), ("10", "20"), [DuplicateTime("start", "11", "10")]),
        (
            ("11", "21"),
            ("10", "20"),
            [DuplicateTime("start", "11", "10"), DuplicateTime("end", "21", "20")],
        ),
        (("11", "21"), ("", ""), []),
    ],
)
def test_differing_moments_stand_twice(calendar, page, times):
    held = {
        CALENDAR: dict(zip(("startDate", "endDate"), calendar, strict=True)),
        PAGE: dict(zip(("StartTime", "EndTime"), page, strict=True)),
    }

    assert duplicate_times("a", held) == times


def test_what_is_in_one_place_only_is_no_twin():
    assert duplicate_times("a", {CALENDAR: {"startDate": "10", "endDate": "20"}}) == []


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["start"], "start differs between calendar and event page"),
        (["start", "end"], "start and end differ between calendar and event page"),
    ],
)
def test_duplicate_times_in_words(names, words):
    assert duplicate_times_label([DuplicateTime(name, "1", "2") for name in names]) == words
