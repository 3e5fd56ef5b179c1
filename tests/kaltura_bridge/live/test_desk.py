"""Who finds a live desk, and what it says at each moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from events.models import SessionStatus, SessionType
from kaltura_bridge.live.action_views import ACTIONS
from kaltura_bridge.live.numbers import LiveNumber
from kaltura_bridge.models import LaunchTicket
from tests.kaltura_bridge.support.on_air import OnAir, on_air

pytestmark = pytest.mark.django_db

RUN_IT = {"owner", "producer", "team moderator", "moderator", "speaker"}
PRODUCE_IT = {"owner", "producer"}
PASSING = re.compile(r'value="[A-Za-z0-9]{64}"|data-now="[^"]*"')


def steps(page) -> list[str]:
    return [str(title) for title, _ in page.context["steps"]]


def state_of(air: OnAir, who: str = "producer") -> dict:
    # Past the five seconds for which one answer is everybody's.
    from kaltura_bridge.live.state import forget_state

    forget_state(air.entry_id)
    return air.client(who).get(f"{air.desk_url}state/").json()


def test_only_those_who_run_a_session_find_its_desk(simulator):
    air = on_air(simulator)
    for who in air.people:
        client = air.client(who)
        for address in ("", "state/", "go-live/"):
            may = PRODUCE_IT if address == "go-live/" else RUN_IT
            answer = client.get(air.desk_url + address)
            assert answer.status_code == (200 if who in may else 404), (who, address)
            if who not in may:
                nothing = client.get(air.desk_url.replace(air.session.slug, "nothing") + address)
                told = answer.content.decode().replace(air.session.slug, "nothing")
                assert PASSING.sub("", told) == PASSING.sub("", nothing.content.decode()), who
        for slug in ACTIONS:
            answer = client.post(f"{air.desk_url}{slug}/")
            assert answer.status_code == (200 if who in PRODUCE_IT else 404), (who, slug)
    assert simulator.calls("livestream.update") == 0


def test_speakers_find_no_desk_of_a_draft(simulator):
    air = on_air(simulator, status=SessionStatus.DRAFT, synced=False)

    found = {who: air.client(who).get(air.desk_url).status_code for who in RUN_IT}

    assert found == {
        "owner": 200,
        "producer": 200,
        "team moderator": 200,
        "moderator": 404,
        "speaker": 404,
    }


def test_each_person_sees_the_steps_that_are_theirs(simulator):
    air = on_air(simulator)

    seen = {who: steps(air.client(who).get(air.desk_url)) for who in ("producer", "speaker")}

    assert {"Check", "Prepare", "Go live", "End", "Numbers"} <= set(seen["producer"])
    assert seen["speaker"] == ["Check", "Prepare"]


def test_desk_follows_the_broadcast(simulator):
    air = on_air(simulator)
    seen = [state_of(air)["name"]]
    for state in ("preview", "on_air", "off"):
        simulator.switch(air.entry_id, state)
        seen.append(state_of(air)["name"])

    assert seen == ["offline", "preview", "live", "offline"]
    assert re.fullmatch(r"As of \d\d:\d\d:\d\d \(Europe/Berlin\)", state_of(air)["as_of"])


def test_state_is_asked_without_a_ks(simulator):
    air = on_air(simulator)
    simulator.switch(air.entry_id, "preview")
    simulator.forget_requests()

    said = state_of(air)

    assert said["detail"] == "The picture arrives at Kaltura. Viewers do not see it yet."
    asked = simulator.requests("livestream.isLive") + simulator.requests("livestream.getDetails")
    assert [(request["user"], "ks" in request["params"]) for request in asked] == [("", False)] * 2


def test_same_state_is_told_once(simulator):
    air = on_air(simulator)
    client = air.client("speaker")
    first = client.get(f"{air.desk_url}state/")

    again = client.get(f"{air.desk_url}state/", headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "private, no-cache"


def test_desk_of_a_room_asks_kaltura_nothing(simulator):
    air = on_air(simulator, session_type=SessionType.INTERACTIVE)
    simulator.forget_requests()

    page = air.client("moderator").get(air.desk_url)

    assert page.context["state"].name == "room"
    assert steps(page) == ["Check", "Prepare"]
    assert simulator.requests() == []


def test_desk_opens_while_kaltura_is_away(simulator):
    air = on_air(simulator)
    simulator.refuse()

    page = air.client().get(air.desk_url)

    assert page.status_code == 200
    assert page.context["state"].name == "unknown"
    assert "Kaltura has not answered" in page.content.decode()


def test_session_page_and_admin_lead_to_the_desk(simulator, settings):
    air = on_air(simulator, synced=False)
    session_url = air.session.get_absolute_url()

    for who in air.people:
        leads = air.desk_url in air.client(who).get(session_url).content.decode()
        assert leads == (who in RUN_IT), who

    change = reverse("admin:events_session_change", args=[air.session.pk])
    for who, leads in (("producer", True), ("analyst", False)):
        user = air.people[who]
        user.is_staff = True
        user.save()
        assert (air.desk_url in air.client(who).get(change).content.decode()) == leads, who


def test_numbers_say_who_counted(simulator):
    air = on_air(simulator)
    now = timezone.now()
    attendee = air.people["attendee"]
    LaunchTicket.objects.create(
        digest="1" * 64,
        user=attendee,
        session=air.session,
        expires_at=now + timedelta(minutes=2),
        redeemed_at=now,
    )
    simulator.switch(air.entry_id, "on_air")
    unix = simulator.state()["now"]
    simulator.add_visits(
        [
            {"entryId": air.entry_id, "userId": "one", "joined": unix - 120, "left": unix},
            {"entryId": air.entry_id, "userId": "two", "joined": unix - 120, "left": unix - 60}
            | {"device": "Mobile", "attention": 90},
        ]
    )
    air.client("stranger").get(air.desk_url.replace("/live/", "/join/"))

    told = {str(n.label): n.value for n in numbers_of(air)}
    engaged = told.pop("Engaged in the last whole minute")
    assert told == {
        "Watching now": 1,
        "Most at one time": 2,
        "Watched on: Computer": 1,
        "Watched on: Mobile": 1,
        "Most within a minute": 2,
        "People who came in": 1,
        "Join rate": 0.2,
        "Not let in, or met an error": 1,
    }
    assert engaged in (0, 1)  # of which minute hangs on the second
    asked = [request["action"] for request in simulator.requests("livereports.getReport")]
    assert asked == ["getReport"]


def numbers_of(air: OnAir, who: str = "producer") -> list[LiveNumber]:
    panels = [
        panel for _, made in air.client(who).get(air.desk_url).context["steps"] for panel in made
    ]
    return next(panel.context["numbers"] for panel in panels if panel.key == "numbers")


def test_a_report_that_the_account_lacks_is_said_and_one_not_wanted_is_not_asked(
    simulator, settings
):
    air = on_air(simulator)
    settings.KALTURA_FURTHER_REPORTS = frozenset({"platforms"})
    simulator.answer_with("report.getTable", "SERVICE_FORBIDDEN")
    simulator.forget_requests()

    page = air.client().get(air.desk_url).content.decode()

    assert "The account does not have Kaltura&#x27;s report Devices (10004)" in page
    assert "Most within a minute" not in page
    assert simulator.calls("report.getGraphs") == 0


def test_numbers_that_nobody_knows_are_not_made_up(simulator):
    air = on_air(simulator)
    simulator.fault("livereports.getReport", "api_error", code="INTERNAL_SERVERL_ERROR", times=None)

    page = air.client().get(air.desk_url).content.decode()

    assert "Not known" in page and "INTERNAL_SERVERL_ERROR" in page


EARLY = "Only producers see it yet. People on stage come in from"
WHO_SEES = {
    26 * 60: f"{EARLY} Sat 4 Jul 2026, 14:00 (Europe/Berlin) on, viewers from Sat 4 Jul 2026, "
    "14:45 (Europe/Berlin) on.",
    95: f"{EARLY} 13:35 (Europe/Berlin) on, viewers from 14:20 (Europe/Berlin) on.",
    30: "Producers and people on stage see it. Viewers come in from 13:15 (Europe/Berlin) on.",
    5: "Viewers see it.",
    -30: "Viewers see it.",
    -80: "Whoever is inside still sees it. The doors are closed: nobody else comes in.",
}


def test_live_says_who_sees_it_and_from_when_others_do(simulator):
    air = on_air(simulator)
    now = datetime(2026, 7, 3, 11, 0, tzinfo=UTC)
    simulator.switch(air.entry_id, "on_air")
    said = {}

    for starts_in_min in WHO_SEES:
        start = now + timedelta(minutes=starts_in_min)
        air.session.starts_at, air.session.ends_at = start, start + timedelta(minutes=45)
        air.session.save()
        with time_machine.travel(now, tick=False):
            state = state_of(air)
        said[starts_in_min] = (state["name"], state["detail"])

    assert said == {minutes: ("live", detail) for minutes, detail in WHO_SEES.items()}
