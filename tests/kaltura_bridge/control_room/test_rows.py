"""What a control room says of each session, as it stands here and at Kaltura."""

from __future__ import annotations

import re
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from analytics.models import EventPrivacy, PrivacyMode
from events.models import Session, SessionStatus, SessionType, TeamRole
from kaltura_bridge.join.denial_counts import note_denial
from kaltura_bridge.live.state import FRESH_S, forget_state
from kaltura_bridge.models import (
    EventDelivery,
    JoinTest,
    LaunchTicket,
    RecordingMode,
    RemoteLink,
    SyncAttempt,
    SyncState,
)
from kaltura_bridge.specs import Kind
from tests.browser import soon
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import linked, live_session, signed_in, target_of
from tests.kaltura_bridge.support.on_air import on_air

pytestmark = pytest.mark.django_db(transaction=True)

ONE, ALL = "admin:kaltura_bridge_control_room", "admin:kaltura_bridge_control_rooms"
ROW = re.compile(r'<tr data-key="(\d+)".*?</tr>', re.DOTALL)
CELL = re.compile(
    r'<td class="control-cell control-level-(\d)" data-cell="([\w-]+)".*?>(.*?)</td>', re.DOTALL
)


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def cells(page: Any, session: Session) -> dict[str, tuple[int, str]]:
    """Level and words of each cell of a session's row."""
    for found in ROW.finditer(page.content.decode()):
        if found[1] == str(session.pk):
            return {name: (int(level), words(text)) for level, name, text in CELL.findall(found[0])}
    raise AssertionError("It has no row.")


def shown(page: Any) -> list[int]:
    return [int(pk) for pk in ROW.findall(page.content.decode())]


def planner_of(session: Session, role: str = TeamRole.MANAGER) -> Client:
    return signed_in(TeamMemberFactory(event=session.event, role=role).user)


def room(client: Client, session: Session) -> Any:
    return client.get(reverse(ONE, args=[session.event_id]))


def test_broadcast_is_followed_from_off_air_to_live(simulator):
    air = on_air(simulator)
    client = air.client()
    off = cells(room(client, air.session), air.session)
    simulator.switch(air.entry_id, "preview")
    forget_state(air.entry_id)
    preview = cells(room(client, air.session), air.session)
    simulator.switch(air.entry_id, "on_air")
    forget_state(air.entry_id)
    live = cells(room(client, air.session), air.session)

    assert off["air"] == (3, "✗ Off air")
    assert preview["air"] == (3, "✗ Preview Viewers do not see it.")
    people = live.pop("people")
    assert (people[0], people[1].split()[2:4]) == (1, ["of", "1"])
    assert live == {
        "published": (1, "✓ Published"),
        "kaltura": (1, "✓ In sync"),
        "times": (1, "✓ Agree"),
        "air": (1, "✓ Live"),
        "recording": (1, "✓ On"),
        "join-test": (0, "– Not yet"),
        "error": (0, "– None"),
    }


def test_looks_at_thirty_broadcasts_are_two_requests_in_five_seconds(simulator):
    first = on_air(simulator)
    for number in range(29):
        linked(live_session(event=first.session.event), entry_id=f"1_other{number:03d}")
    client = first.client()
    simulator.forget_requests()
    began = time.monotonic()

    pages = [room(client, first.session) for _ in range(8)]

    most = 2 * ((time.monotonic() - began) // FRESH_S + 1)
    asked = {r["request"] for r in simulator.requests() if r["action"] in ("getDetails", "isLive")}
    assert (len(shown(pages[0])), 2 <= len(asked) <= most) == (30, True)
    assert cells(pages[-1], first.session)["air"] == (3, "✗ Off air")


def test_kaltura_that_hangs_holds_up_no_control_room_and_is_told(simulator):
    air = on_air(simulator)
    client = air.client()
    room(client, air.session)
    simulator.set_latency(4)
    forget_state(air.entry_id)

    def said() -> str:
        return cells(room(client, air.session), air.session)["air"][1]

    began = timezone.now()
    assert said() == "✗ Off air"
    assert timezone.now() - began < timedelta(seconds=3)
    assert soon(lambda: "Kaltura has said no more since" in said())


@pytest.fixture
def alone(settings):
    """Kaltura is away, at once."""
    settings.KALTURA_SERVICE_URL = "http://127.0.0.1:9"


# A quarter past eleven in the evening in Berlin: an hour later is tomorrow there, and not in UTC.
@pytest.mark.parametrize("now", [None, datetime(2030, 5, 6, 21, 15, tzinfo=UTC)])
def test_times_that_differ_at_kaltura_are_shown(alone, now):
    with time_machine.travel(now) if now else nullcontext():
        _times_that_differ_are_shown()


def _times_that_differ_are_shown():
    session = live_session()
    linked(session)
    target = target_of(session, state=SyncState.SYNCED)
    starts, ends = (int(m.timestamp()) for m in (session.starts_at, session.ends_at))
    calendar = RemoteLink.objects.create(
        target=target,
        kind=Kind.SCHEDULE_EVENT,
        key=f"portal:{session.uuid}",
        remote_id="7",
        seen={"startDate": str(starts + 3600), "endDate": str(ends + 3600)},
    )
    client = planner_of(session)
    late = (session.starts_at + timedelta(hours=1)).astimezone(session.event.zone)
    until = (session.ends_at + timedelta(hours=1)).astimezone(session.event.zone)

    differs = cells(room(client, session), session)["times"]
    target_of(session, state=SyncState.PENDING)
    on_its_way = cells(room(client, session), session)["times"]
    RemoteLink.objects.filter(pk=calendar.pk).update(
        seen={"startDate": str(starts), "endDate": str(ends)}
    )
    agrees = cells(room(client, session), session)["times"]
    calendar.delete()
    unread = cells(room(client, session), session)["times"]

    text = f"Kaltura: {late:%H:%M}–{until:%H:%M}"
    if late.date() != session.starts_at.astimezone(session.event.zone).date():
        text = f"Kaltura: {late:%Y-%m-%d %H:%M}–{until:%H:%M}"
    assert differs == (3, f"✗ {text}")
    assert on_its_way == (2, f"… {text}")
    assert (agrees, unread) == ((1, "✓ Agree"), (2, "… Not read yet"))


def test_sync_trouble_is_told_with_its_reason_and_kept_as_last_error(alone):
    session = live_session()
    linked(session)
    client = planner_of(session)
    target = target_of(
        session, state=SyncState.FAILED, error_kind="forbidden", error="KS lacks a role."
    )
    failed = cells(room(client, session), session)
    SyncAttempt.objects.create(target=target, outcome=SyncState.FAILED, message="KS lacks a role.")
    target_of(session, state=SyncState.SYNCED, error_kind="", error="", changed_there="name")
    drifted = cells(room(client, session), session)
    target_of(session, changed_there="")
    RemoteLink.objects.update(gone=True)
    without = cells(room(client, session), session)

    assert failed["kaltura"] == (3, "✗ Failed: permission missing")
    assert failed["error"] == (3, "✗ Now KS lacks a role.")
    assert drifted["kaltura"] == (2, "… Changed there: name")
    assert drifted["error"][0] == 0 and drifted["error"][1].endswith("KS lacks a role.")
    assert without["kaltura"] == (3, "✗ Nothing to enter")


def test_room_is_in_use_once_somebody_came_in(alone):
    session = live_session(session_type=SessionType.INTERACTIVE)
    linked(session)
    client = planner_of(session)
    empty = cells(room(client, session), session)
    for number in range(3):
        RegistrationFactory(event=session.event)
        LaunchTicket.objects.create(
            digest=f"{number}",
            user=UserFactory(),
            session=session,
            expires_at=timezone.now() + timedelta(days=1),
            redeemed_at=timezone.now(),
        )
    note_denial(session)
    used = cells(room(client, session), session)

    assert (empty["air"], empty["people"]) == ((2, "… Nobody yet"), (1, "✓ 0 of 0 came in"))
    assert used["air"] == (1, "✓ In use")
    assert used["people"] == (2, "… 3 of 3 came in, 1 not let in")
    assert used["recording"] == (0, "– In the room")


def test_small_numbers_are_kept_back_where_the_event_has_it_so(alone):
    session = live_session(session_type=SessionType.INTERACTIVE)
    linked(session)
    EventPrivacy.objects.create(event=session.event, mode=PrivacyMode.AGGREGATE, minimum_group=5)
    LaunchTicket.objects.create(
        digest="1",
        user=UserFactory(),
        session=session,
        expires_at=timezone.now() + timedelta(days=1),
        redeemed_at=timezone.now(),
    )
    RegistrationFactory.create_batch(7, event=session.event)

    found = cells(room(planner_of(session), session), session)

    assert found["people"] == (1, "✓ ? of 5 small numbers are kept back")
    assert found["air"] == (1, "✓ In use")


def test_hours_hold_what_is_on_was_on_or_comes(alone):
    now = timezone.now()
    event = EventFactory()

    def at(hours: float, **fields: Any) -> Session:
        start = now + timedelta(hours=hours)
        times = {"starts_at": start, "ends_at": start + timedelta(minutes=30)}
        return SessionFactory(event=event, **(times | fields))

    long = at(-9, ends_at=now + timedelta(hours=9))
    was = at(-2.3)
    soon_ = at(1.9)
    draft = at(1, status=SessionStatus.DRAFT)
    at(-2.6), at(2.1)
    cancelled = at(0.5, status=SessionStatus.CANCELLED)
    target_of(cancelled, state=SyncState.SYNCED)
    failing = at(0.7, status=SessionStatus.CANCELLED)
    target_of(failing, state=SyncState.FAILED, error_kind="refused", error="No.")
    client = planner_of(draft)

    page = room(client, draft)

    assert shown(page) == [each.pk for each in (long, was, failing, draft, soon_)]
    assert cells(page, draft)["published"] == (3, "✗ Draft Attendees do not see it.")
    assert cells(page, failing)["published"] == (0, "– Cancelled")


def test_each_sees_the_events_that_they_run_and_the_buttons_for_them(alone):
    ours, theirs = live_session(), live_session()
    linked(ours)
    linked(theirs, entry_id="1_theirs01")

    def look(client: Client) -> tuple[list[int], int, list[str]]:
        everything = client.get(reverse(ALL))
        one = room(client, ours)
        buttons = re.search(r'class="control-buttons">(.*?)</td>', everything.content.decode())
        labels = re.findall(r"<(?:a|button)[^>]*>([^<]+)", buttons[1]) if buttons else []
        return shown(everything), one.status_code, labels

    every = ["Live desk", "Moderate", "Test joining", "Extend", "Swap source", "Retry"]
    assert look(planner_of(ours)) == ([ours.pk], 200, every)
    assert look(planner_of(ours, TeamRole.MODERATOR)) == ([ours.pk], 200, every[:3])
    assert look(planner_of(ours, TeamRole.ANALYST)) == ([], 404, [])
    assert look(planner_of(theirs)) == ([theirs.pk], 404, every)
    boss = UserFactory(is_staff=True, is_superuser=True)
    assert look(signed_in(boss)) == ([ours.pk, theirs.pk], 200, every)


def test_control_room_costs_the_same_queries_for_1_and_40_rows(alone):
    session = live_session(track=None)
    linked(session)
    EventDelivery.objects.create(event=session.event, recording=RecordingMode.NONE)
    client = planner_of(session)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert room(client, session).status_code == 200
        return len(queries)

    cost()
    one = cost()
    track = TrackFactory(event=session.event)
    for number in range(39):
        linked(live_session(event=session.event, track=track), entry_id=f"1_other{number:03d}")

    assert (cost(), len(shown(room(client, session)))) == (one, 40)
    assert one <= 20


def test_state_is_told_once_and_only_what_changed(alone):
    first = live_session()
    linked(first)
    second = live_session(event=first.event)
    linked(second, entry_id="1_second01")
    client = planner_of(first)
    url = reverse("admin:kaltura_bridge_control_room_state", args=[first.event_id])

    whole = client.get(url)
    have = ",".join(whole.json()["order"])
    same = client.get(url, headers={"If-None-Match": whole["ETag"], "X-Have-Rows": have})
    target_of(second, state=SyncState.FAILED, error_kind="refused", error="No.")
    changed = client.get(url, headers={"If-None-Match": whole["ETag"], "X-Have-Rows": have})

    assert list(whole.json()["rows"]) == [str(first.pk), str(second.pk)]
    assert (same.status_code, same.content) == (304, b"")
    assert list(changed.json()["rows"]) == [str(second.pk)]
    assert "1 session needs somebody" in words(changed.json()["summary"]) or changed.json()["order"]
    assert "no-cache" in changed["Cache-Control"] and "now;" in changed["Server-Timing"]


def test_retry_leads_back_to_the_control_room_and_nowhere_else(alone):
    session = live_session()
    target = target_of(session, state=SyncState.FAILED, error_kind="refused", error="No.")
    client = planner_of(session)
    url = reverse("admin:kaltura_bridge_retry", args=[target.pk])
    back = reverse(ONE, args=[session.event_id])

    home = client.post(url, {"back": back})
    away = client.post(url, {"back": "https://evil.example.org/"})

    assert home["Location"] == back
    assert away["Location"].endswith(f"/synctarget/{target.pk}/change/")
    target.refresh_from_db()
    assert target.state == SyncState.PENDING


def test_join_test_is_told_as_it_went(alone):
    session = live_session()
    linked(session)
    client = planner_of(session)
    at = timezone.now()
    clock = f"{at.astimezone(session.event.zone):%H:%M}"

    def cell(**fields: Any) -> tuple[int, str]:
        JoinTest.objects.update_or_create(
            session=session, defaults={"for_start": session.starts_at, **fields}
        )
        return cells(room(client, session), session)["join-test"]

    detail = "Kaltura's page is refused (HTTP 403)."
    assert cell() == (0, "– Not yet")
    assert cell(looked_at=at) == (1, f"✓ Well at {clock}")
    assert cell(fault="refused", detail=detail) == (2, f"… Refused at {clock} {detail}")
    assert cell(told="refused") == (3, f"✗ Refused at {clock} {detail}")
