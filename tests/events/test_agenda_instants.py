"""List, grid, mail, calendar and schedule.json agree on every instant and every written day.

In six zones, at both edges of summer time, for sessions at the edge, over midnight and over
days, read in the event's own zone and in another.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from icalendar import Calendar

from events.models import Event, OutgoingMail
from events.news.items import item_of
from tests.factories import EventFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

# Clocks that go forward, back, at midnight, by half an hour, and in the other half of the year.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Pacific/Auckland",
    "Africa/Cairo",
)
HALF_HOUR = timedelta(minutes=30)


def edges_of(zone: ZoneInfo) -> list[datetime]:
    """The moments of 2030 at which clocks change."""
    hours = [datetime(2030, 1, 1, tzinfo=UTC) + n * HALF_HOUR for n in range(2 * 24 * 365)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return [hours[at] for at in range(1, len(hours)) if offsets[at] != offsets[at - 1]]


def a_programme(zone: ZoneInfo, edge: datetime, slug: str = "edge") -> Event:
    day = edge.astimezone(zone).date()

    def local(days: int, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day + timedelta(days=days), time(hour, minute), zone)

    event = EventFactory(
        slug=slug,
        timezone=zone.key,
        starts_on=day - timedelta(days=1),
        ends_on=day + timedelta(days=1),
    )
    spans = {
        "evening": (local(-1, 20), local(-1, 23)),
        "midnight": (local(-1, 23, 30), local(0, 0) + HALF_HOUR),
        "edge": (edge - HALF_HOUR, edge + HALF_HOUR),
        "after": (edge + HALF_HOUR, edge + 2 * HALF_HOUR),
        "days": (local(-1, 10), local(1, 18)),
        "morning": (local(0, 9), local(0, 9, 45)),
    }
    for name, (starts_at, ends_at) in spans.items():
        SessionFactory(
            event=event,
            slug=name,
            title=name,
            location="Lab" if name == "days" else "Hall",
            starts_at=starts_at.astimezone(UTC),
            ends_at=ends_at.astimezone(UTC),
        )
    return event


def page(query: str) -> str:
    return Client().get(f"/e/edge/agenda/?day=all&{query}").content.decode()


def days_in(html: str) -> list[tuple[date, str]]:
    """Each day that is written as a heading, and what follows it."""
    parts = re.split(r"<h2>(\w+ \d+ \w+ \d{4})</h2>", html)
    written = [datetime.strptime(text, "%A %d %B %Y").date() for text in parts[1::2]]
    return list(zip(written, parts[2::2], strict=True))


def zone_name(local: datetime) -> str:
    name = local.tzname() or ""
    if name.isalpha():
        return name
    minutes = int(local.utcoffset().total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes > 0 else "−"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


def written(session, zone: ZoneInfo, day: date, *, with_zone: bool) -> str:
    """The span as people read it under the heading of ``day``, made here from the instants."""
    start, end = session.starts_at.astimezone(zone), session.ends_at.astimezone(zone)
    days = (end.date() - start.date()).days
    dash = "–" if not days or (days == 1 and end.time() <= time(5)) else f" – {end:%a} "
    shift = (start.date() - day).days
    mark = f" ({'+' if shift > 0 else '−'}{abs(shift)} day{'s' * (abs(shift) > 1)})" * bool(shift)
    return f"{start:%H:%M}{dash}{end:%H:%M}" + f" {zone_name(start)}" * with_zone + mark


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("number", [0, 1])
def test_every_page_and_file_agrees_on_every_instant_and_day(name, number):
    zone = ZoneInfo(name)
    edge = edges_of(zone)[number]
    event = a_programme(zone, edge)
    sessions = {session.slug: session for session in event.sessions.all()}
    instants = {slug: (each.starts_at, each.ends_at) for slug, each in sessions.items()}

    calendar = Calendar.from_ical(Client().get("/e/edge/agenda.ics").content)
    assert {
        str(item["SUMMARY"]): (item["DTSTART"].dt.astimezone(UTC), item["DTEND"].dt.astimezone(UTC))
        for item in calendar.walk("VEVENT")
    } == instants

    schedule = json.loads(Client().get("/e/edge/schedule.json").content)["schedule"]
    of_json, day_of = {}, {}
    for day in schedule["conference"]["days"]:
        for talk in (talk for room in day["rooms"].values() for talk in room):
            starts_at = datetime.fromisoformat(talk["date"])
            day_of[talk["title"]] = date.fromisoformat(day["date"])
            hours, minutes = map(int, talk["duration"].split(":")[-2:])
            of_json[talk["title"]] = (
                starts_at,
                starts_at + timedelta(hours=hours, minutes=minutes),
            )
    of_json.pop("days"), day_of.pop("days")
    assert of_json == {slug: each for slug, each in instants.items() if slug != "days"}

    for shown in (zone, ZoneInfo(ZONES[(ZONES.index(name) + 1) % len(ZONES)])):
        listed, headings = {}, {}
        for day, part in days_in(page(f"zone={shown.key}")):
            for slug, span in re.findall(r'<li id="(\w+)".*?<small>(.*?)</small>', part):
                listed[slug], headings[slug] = unescape(span), day
        assert {slug: headings[slug] for slug in day_of} == day_of
        assert listed == {
            slug: written(each, shown, headings[slug], with_zone=True)
            for slug, each in sessions.items()
        }

        letter = OutgoingMail(user=UserFactory.build(timezone=shown.key), event=event)
        mailed = {slug: item_of(each, letter) for slug, each in sessions.items()}
        assert {slug: item["when"] for slug, item in mailed.items()} == {
            slug: written(each, shown, each.starts_at.astimezone(shown).date(), with_zone=True)
            for slug, each in sessions.items()
        }

        drawn, placed = {}, {}
        for day, part in days_in(page(f"view=grid&zone={shown.key}")):
            begins = datetime.fromtimestamp(int(re.search(r'data-begins="(\d+)"', part)[1]), UTC)
            cells = r'<li id="(\w+)" class="[^"]*? s(\d+) e(\d+) .*?<small>(.*?)</small>'
            for slug, start, end, span in re.findall(cells, part):
                drawn[slug] = (day, unescape(span))
                placed[slug] = tuple(begins + int(n) * timedelta(minutes=5) for n in (start, end))
            for css, label in re.findall(r'"grid-hour (\w+)"[^>]*><span>(\d\d:\d\d)', part):
                at = begins + int(css[1:]) * timedelta(minutes=5)
                assert f"{at.astimezone(shown):%H:%M}" == label
        assert drawn == {
            slug: (headings[slug], written(each, shown, headings[slug], with_zone=False))
            for slug, each in sessions.items()
        }
        starts = {slug: each[0] for slug, each in placed.items()}
        assert starts == {slug: each[0] for slug, each in instants.items()}
        assert {slug: each[1] for slug, each in placed.items() if slug != "days"} == {
            slug: each[1] for slug, each in instants.items() if slug != "days"
        }
        # It goes on in the grids of the days after, written with the day on which it began.
        later = re.findall(
            r'<li class="cell[^"]*".*?<small>(\w+) (\d\d:\d\d)', page(f"view=grid&zone={shown.key}")
        )
        start = sessions["days"].starts_at.astimezone(shown)
        assert set(later) == {(f"{start:%a}", f"{start:%H:%M}")}
