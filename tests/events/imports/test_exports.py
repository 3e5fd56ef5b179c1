"""What other programs export is read whole.

The files in exports/ are made up; their structure is that of pretalx's exporters, of the
hub of c3 (https://github.com/voc/schedule/tree/master/validator/json) and of pentabarf.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from events.models import Event, Session
from tests.events.test_imports import counts, run_json

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

EXPORTS = Path(__file__).parent / "exports"


def programme() -> list[tuple[Any, ...]]:
    """Each session: what, when on the event's clock, where, in which track and language, who."""
    return [
        (
            s.title,
            f"{s.starts_at.astimezone(s.event.zone):%d %H:%M}",
            f"{s.ends_at.astimezone(s.event.zone):%d %H:%M}",
            s.location,
            s.track.name if s.track else "",
            s.language,
            [(a.speaker.name, a.speaker.external_id[-4:]) for a in s.appearances.all()],
        )
        for s in Session.objects.select_related("event", "track").order_by("starts_at")
    ]


def about() -> tuple[str, ...]:
    event = Event.objects.get()
    return event.title, event.external_id, event.timezone, str(event.starts_on), str(event.ends_on)


def imported_twice(name: str, *options: str) -> None:
    """Whole, with nothing to warn about; and the second time there is nothing to do."""
    document, code = run_json("conf", EXPORTS / name, "--apply", *options)
    again, again_code = run_json("conf", EXPORTS / name, "--apply")

    assert (counts(document), document["warnings"], code) == ((3, 0, 0, 0, 0), [], 0)
    assert (counts(again), again["event"], again_code) == ((0, 0, 0, 3, 0), "unchanged", 0)


INES, BO = ("Inês Duarte", "0031"), ("Bo Åkesson", "0032")


@pytest.mark.parametrize("name", ["pretalx.xml", "pretalx.json"])
def test_export_of_pretalx_is_read_whole(name):
    """A talk given twice is two; a night that the clocks put back is an hour longer."""
    imported_twice(name)

    assert about() == ("Tidal Days 2025", "tidal-2025", "Europe/Lisbon", "2025-10-25", "2025-10-26")
    assert programme() == [
        ("Sluices <in> practice", "25 10:00", "25 10:45", "Quay & Pier", "Waterways", "en", [INES, BO]),
        ("Night swim", "26 01:30", "26 01:30", "Quay & Pier", "", "pt-pt", []),
        ("Sluices <in> practice", "26 10:00", "26 10:45", "Quay & Pier", "Waterways", "en", [INES]),
    ]  # fmt: skip
    first, second = Session.objects.filter(title__startswith="Sluices").order_by("starts_at")
    assert first.abstract == "How a lock is kept.\n\n* gates\n* paddles"
    assert (first.description, second.abstract) == ("Bring boots.", "Once more.")
    assert Event.objects.get().speakers.count() == 2


def test_both_exports_of_pretalx_mean_the_same_sessions():
    run_json("conf", EXPORTS / "pretalx.xml", "--apply")
    document, code = run_json("conf", EXPORTS / "pretalx.json", "--apply")

    assert (counts(document), code) == ((0, 0, 0, 3, 0), 0)


def test_export_of_the_hub_is_read_whole():
    imported_twice("hub_v2.json")

    gina, sen = ("Gina", "00e1"), ("Sen", "00e2")
    assert about() == ("Dunes 24", "dunes24", "Europe/Berlin", "2024-12-27", "2024-12-28")
    assert programme() == [
        ("Opening", "27 10:30", "27 11:00", "Hall One", "Community", "en", [gina, sen]),
        ("Sand castles", "28 00:15", "28 02:15", "Stage Ridge", "Sand & Wind", "de", [gina]),
        ("Lunch", "28 13:00", "28 15:00", "", "", "", []),
    ]
    assert list(Session.objects.order_by("starts_at").values_list("abstract", "description")) == [
        ("Take a seat.", "Welcome."), ("Im Dunkeln.", ""), ("", ""),
    ]  # fmt: skip


def test_export_of_pentabarf_is_read_whole():
    """Its day changes at nine, its talks have an id and no guid, and it names no zone."""
    imported_twice("pentabarf.xml", "--timezone=Europe/Berlin")

    simone, italo = ("Simone Petersen", "228"), ("Italo Visser", "312")
    assert about() == ("Moor Meeting 2011", "", "Europe/Berlin", "2011-02-05", "2011-02-06")
    assert programme() == [
        ("What lies in peat", "05 10:00", "05 10:50", "Great Hall", "Keynotes", "english", [simone, italo]),
        ("Lantern walk", "06 02:00", "06 03:00", "Great Hall", "", "", []),
        ("Frogs", "06 09:00", "06 09:20", "Cellar", "Keynotes", "german", [simone]),
    ]  # fmt: skip
    assert sorted(Session.objects.values_list("external_id", flat=True)) == ["1204", "1206", "1207"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("room", {"guid": "unknown"}),
        ("track", {"slug": ["community"]}),
        ("abstract", {"en": 7}),
        ("participants", [{"guid": "x"}]),
    ],
)
def test_reference_that_leads_nowhere_is_warned_about(tmp_path, field, value):
    document = json.loads((EXPORTS / "hub_v2.json").read_text())
    document["schedule"]["events"][0][field] = value
    path = tmp_path / "hub.json"
    path.write_text(json.dumps(document))

    report, code = run_json("conf", path, "--apply")

    assert (counts(report), code) == ((3, 0, 0, 0, 0), 0)
    assert [warning["count"] for warning in report["warning_counts"]] == [1]


def test_end_decides_where_the_duration_is_ambiguous(tmp_path):
    """Talks of more than a day have a duration of days, hours and minutes in pretalx."""
    document = json.loads((EXPORTS / "pretalx.json").read_text())
    [first, *_] = document["schedule"]["conference"]["days"][0]["rooms"]["Quay & Pier"]
    first |= {"duration": "01:00:00", "end": "2025-10-26T09:00:00+00:00"}
    path = tmp_path / "pretalx.json"
    path.write_text(json.dumps(document))

    report, code = run_json("conf", path, "--apply")

    assert (counts(report), report["warnings"], code) == ((3, 0, 0, 0, 0), [], 0)
    assert programme()[0][1:3] == ("25 10:00", "26 09:00")
