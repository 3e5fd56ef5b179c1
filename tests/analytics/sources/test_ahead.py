import threading
from collections import Counter

import pytest

from analytics.sources.ahead import AT_ONCE, NewrowAhead
from analytics.sources.listing import Listing
from analytics.sources.newrow import NewrowRefused, NewrowUnavailable

QUESTIONS = [(f"1_room{n}", 0, 100) for n in range(30)]
RUN = {"id": "7", "date_start": "1800000000", "date_end": "1800003600"}


class Source:
    """A Newrow that lets nobody go before as many ask as may; ``broken`` rooms do not answer."""

    def __init__(self, broken=()):
        self.broken = set(broken)
        self.asked = Counter()
        self.at_once = self.most = 0
        self.lock = threading.Lock()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def runs(self, room, since, until):
        with self.lock:
            self.asked[room] += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        threading.Event().wait(0.01)
        with self.lock:
            self.at_once -= 1
        if room in self.broken:
            raise NewrowUnavailable("No answer.")
        return Listing([{**RUN, "id": f"{room}-run"}], 1)

    def stays(self, room, run):
        if room == "1_room3":
            raise NewrowRefused("No.")
        return Listing([{"room": room, "run": run}], 1)


def test_rooms_are_asked_ahead_within_limits_and_answers_come_in_order():
    source = Source()

    with NewrowAhead(QUESTIONS, client=lambda: source) as newrow:
        seen = []
        for room, since, until in QUESTIONS:
            (run,) = newrow.runs(room, since, until).rows
            if room == "1_room3":
                with pytest.raises(NewrowRefused):
                    newrow.stays(room, run["id"])
                continue
            seen += newrow.stays(room, run["id"]).rows
            assert newrow.asked_at is not None

    expected = [{"room": room, "run": f"{room}-run"} for room, *_ in QUESTIONS if room != "1_room3"]
    assert seen == expected
    assert source.asked == Counter(room for room, *_ in QUESTIONS)
    assert 1 < source.most <= AT_ONCE


def test_a_source_that_does_not_answer_is_asked_one_by_one():
    source = Source(broken=[room for room, *_ in QUESTIONS])

    with NewrowAhead(QUESTIONS, client=lambda: source) as newrow:
        for question in QUESTIONS[:3]:
            with pytest.raises(NewrowUnavailable):
                newrow.runs(*question)

    assert source.asked == Counter(room for room, *_ in QUESTIONS[:3])


def test_a_room_may_be_asked_about_for_two_sessions_at_the_same_time():
    source = Source()

    with NewrowAhead([QUESTIONS[0], QUESTIONS[0]], client=lambda: source) as newrow:
        assert newrow.runs(*QUESTIONS[0]).rows == newrow.runs(*QUESTIONS[0]).rows
