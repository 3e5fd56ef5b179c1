"""Verbs for many from lists: nothing is overwritten before somebody saw what."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from events.models import Session
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.repair.choices import Change
from kaltura_bridge.sync import service
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.at_kaltura import (
    held_there,
    link_of,
    someone_deletes,
    someone_moves,
    someone_renames,
)
from tests.kaltura_bridge.support.planning import exactly_planned, in_step, planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

MOVED = 1904289000
SESSIONS = "admin:events_session_changelist"
TARGETS = "admin:kaltura_bridge_synctarget_changelist"


@pytest.fixture
def event(simulator):
    planned = planned_event()
    settle(planned)
    return planned


@pytest.fixture
def planner(event, client: Client) -> Client:
    client.force_login(TeamMemberFactory(event=event).user)
    return client


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def of_sessions(action: str) -> dict[str, Any]:
    pks = list(Session.objects.values_list("pk", flat=True))
    return {"action": action, "_selected_action": pks}


def of_targets(action: str) -> dict[str, Any]:
    pks = list(SyncTarget.objects.values_list("pk", flat=True))
    return {"action": action, "_selected_action": pks}


def test_push_from_the_list_shows_every_field_first(simulator, event, planner):
    entry, calendar = link_of("entry"), link_of("schedule_event")
    someone_renames(entry, "Renamed there")
    someone_moves(calendar, startDate=MOVED)
    service.sync_event(event, 20)

    look = planner.post(reverse(SESSIONS), of_sessions("push_changes"))
    untouched = held_there(simulator, "entry", entry.remote_id)["name"]
    yes = {**of_sessions("push_changes"), "shown": look.context["fingerprint"]}
    done = planner.post(reverse(SESSIONS), yes)
    settle(event)

    ours, theirs = (f"Mon 6 May 2030, 11:{m} Europe/Berlin" for m in ("00", "10"))
    assert look.context["preview"].changes == [
        Change("Session “Keynote”: live entry name", "Renamed there", "Keynote"),
        Change("Session “Keynote”: schedule event start", theirs, ours),
    ]
    assert (untouched, said(done)) == (
        "Renamed there",
        ["2 fields will be pushed to Kaltura."],
    )
    assert (held_there(simulator, "entry", entry.remote_id)["name"], in_step(event)) == (
        "Keynote",
        True,
    )
    assert list(SyncTarget.objects.exclude(changed_there="")) == []


def test_yes_to_something_else_is_asked_again(simulator, event, planner):
    entry = link_of("entry")
    someone_renames(entry, "Renamed there")
    service.sync_event(event, 20)
    look = planner.post(reverse(SESSIONS), of_sessions("push_changes"))
    someone_renames(entry, "Renamed again")
    service.sync_event(event, 20)

    yes = {**of_sessions("push_changes"), "shown": look.context["fingerprint"]}
    again = planner.post(reverse(SESSIONS), yes)

    assert again.context["changed_since"] is True
    assert RemoteLink.objects.get(pk=entry.pk).drift == {"name": ("Keynote", "Renamed again")}


def test_recreate_from_the_list_of_states_shows_what(simulator, event, planner):
    entry = link_of("entry")
    someone_deletes(entry)
    service.sync_event(event, 20)

    look = planner.post(reverse(TARGETS), of_targets("recreate_selected"))
    yes = {**of_targets("recreate_selected"), "shown": look.context["fingerprint"]}
    planner.post(reverse(TARGETS), yes)
    settle(event)

    assert look.context["preview"].changes[0] == Change(
        "Session “Keynote”: live entry", f"{entry.remote_id} (deleted)", "created again"
    )
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("push_changes", "Nothing was changed at Kaltura."),
        ("recreate", "Nothing is missing at Kaltura."),
    ],
)
def test_nothing_to_do_is_said(event, planner, action, told):
    answer = planner.post(reverse(SESSIONS), of_sessions(action))

    assert said(answer) == [told]
