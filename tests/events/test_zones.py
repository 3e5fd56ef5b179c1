from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from events.models import Event
from events.zones import clock, day_shift, remember_zone, zone_for, zone_label

NOON = datetime(2030, 7, 1, 12, 0, tzinfo=UTC)
EVENT = Event(timezone="Europe/Berlin")


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("Europe/Berlin", "14:00 CEST"),
        ("Asia/Kolkata", "17:30 IST"),
        ("America/Sao_Paulo", "09:00 UTC−3"),
        ("Asia/Kathmandu", "17:45 UTC+5:45"),
        ("UTC", "12:00 UTC"),
    ],
)
def test_times_carry_their_zone(zone: str, text: str):
    assert f"{clock(NOON, ZoneInfo(zone))} {zone_label(NOON, ZoneInfo(zone))}" == text


def test_day_shift_marks_another_day():
    late = datetime(2030, 7, 1, 20, 0, tzinfo=UTC)
    day = date(2030, 7, 1)

    assert [
        day_shift(late, ZoneInfo("Europe/Berlin"), day),
        day_shift(late, ZoneInfo("Asia/Tokyo"), day),
        day_shift(late, ZoneInfo("Asia/Tokyo"), date(2030, 7, 4)),
    ] == ["", "+1 day", "−2 days"]


def zone_of(path: str, cookie: str = "") -> str:
    request = RequestFactory().get(path)
    if cookie:
        request.COOKIES["zone"] = cookie
    return zone_for(request, EVENT).key


def test_zone_is_asked_remembered_or_the_events():
    assert [
        zone_of("/"),
        zone_of("/", cookie="Asia/Tokyo"),
        zone_of("/?zone=UTC", cookie="Asia/Tokyo"),
        zone_of("/?zone=event", cookie="Asia/Tokyo"),
        zone_of("/?zone=Mars/Olympus", cookie="../../etc/passwd"),
    ] == ["Europe/Berlin", "Asia/Tokyo", "UTC", "Europe/Berlin", "Europe/Berlin"]


def remembered(path: str) -> str | None:
    response = HttpResponse()
    remember_zone(RequestFactory().get(path), response)
    morsel = response.cookies.get("zone")
    return f"{morsel.value} {morsel['max-age']}" if morsel else None


def test_remember_zone_keeps_forgets_or_does_nothing():
    assert [
        remembered("/?zone=Asia/Tokyo"),
        remembered("/?zone=event"),
        remembered("/"),
        remembered("/?zone=nowhere"),
    ] == ["Asia/Tokyo 31536000", " 0", None, None]
