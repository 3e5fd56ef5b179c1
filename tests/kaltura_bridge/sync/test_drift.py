"""What someone changed at Kaltura is told and left alone until a person decides."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import TeamRole
from kaltura_bridge.api.client import Kaltura, Request, new
from kaltura_bridge.models import RemoteLink, SyncTarget
from kaltura_bridge.repair import actions
from kaltura_bridge.specs import key_for
from kaltura_bridge.sync import service
from kaltura_bridge.sync.plan_report import plan_report
from tests.factories import EventFactory, TeamMemberFactory, UserFactory, WebcastFactory
from tests.kaltura_bridge.support.planning import (
    exactly_planned,
    in_step,
    planned_event,
    settle,
    states,
)

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def event(simulator):
    planned = planned_event()
    settle(planned)
    return planned


def remote_id(kind, event, title="Keynote"):
    return RemoteLink.objects.get(kind=kind, target__title=title).remote_id


def someone_renames(event, name):
    entry, change = remote_id("entry", event), new("KalturaLiveStreamEntry", name=name)
    Kaltura().ask([Request(lambda c: c.liveStream.update(entry, change))])


def keynote():
    return SyncTarget.objects.get(title="Keynote")


def entry_names(simulator):
    return {r["name"] for r in simulator.objects("entry")}


def test_change_at_kaltura_is_told_by_field_and_not_overwritten(simulator, event):
    someone_renames(event, "Renamed there")

    work = service.sync_event(event, 10)

    assert (work.writes, keynote().state, keynote().changed_there) == (
        0,
        "synced",
        "Live entry name",
    )
    link = RemoteLink.objects.get(kind="entry")
    assert link.drift == {"name": ("Keynote", "Renamed there")}
    assert "Renamed there" in entry_names(simulator)


def test_drift_command_tells_the_three_sides_by_field(simulator, event):
    someone_renames(event, "Renamed there")
    session = event.sessions.get(title="Keynote")
    session.title = "Renamed here"
    session.save()
    answer = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("kaltura_drift", event.slug, "--json", stdout=answer)

    assert ended.value.code == 1
    assert json.loads(answer.getvalue()) == {
        "drifted": [
            {
                "object": "live entry “Renamed here”",
                "kind": "entry",
                "field": "name",
                "ours": "Renamed here",
                "theirs": "Renamed there",
                "last_pushed": "Keynote",
            }
        ]
    }


def test_drift_command_tells_what_was_deleted_there(simulator, event, capsys):
    entry = remote_id("entry", event)
    Kaltura().ask([Request(lambda c: c.baseEntry.delete(entry))])

    with pytest.raises(SystemExit):
        call_command("kaltura_drift", event.slug)

    assert "live entry “Keynote”: (the object itself) is “deleted”" in capsys.readouterr().out


def test_drift_command_without_drift_says_so(simulator, event):
    answer = StringIO()

    call_command("kaltura_drift", event.slug, stdout=answer)

    assert answer.getvalue() == "No drift.\n"


def test_push_ours_overwrites_exactly_what_differs(simulator, event):
    someone_renames(event, "Renamed there")
    service.sync_event(event, 10)

    fields = actions.push(SyncTarget.objects.filter(pk=keynote().pk))
    work = service.settle(service.targets_of(event), 10)

    assert (fields, work.writes, keynote().changed_there) == (1, 1, "")
    assert "Keynote" in entry_names(simulator)


def test_change_on_both_sides_waits_for_a_person(simulator, event):
    someone_renames(event, "Renamed there")
    session = event.sessions.get(title="Keynote")
    session.title = "Renamed here"
    session.save()

    settle(event)

    target = SyncTarget.objects.get(title="Renamed here")
    assert (target.state, target.error_kind) == ("failed", "conflict")
    assert "Renamed there" in entry_names(simulator)
    actions.push(service.targets_of(event))
    settle(event)
    assert (in_step(event), "Renamed here" in entry_names(simulator)) == (True, True)


def test_deleted_at_kaltura_is_told_and_recreated_on_request_only(simulator, event):
    entry = remote_id("entry", event)
    Kaltura().ask([Request(lambda c: c.baseEntry.delete(entry))])

    service.sync_event(event, 10)
    told = states(event)["Keynote"]
    actions.recreate(service.targets_of(event))
    settle(event, 20)

    assert told == ("failed", "gone")
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)
    assert remote_id("entry", event) != entry


def drift_of(event):
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("kaltura_drift", event.slug, "--json", stdout=out)
    return json.loads(out.getvalue())["drifted"]


@pytest.mark.parametrize("title", ["Keynote", "Workshop"])
def test_cancelled_at_kaltura_is_told_as_cancelled_with_what_mends_it(simulator, event, title):
    schedule = remote_id("schedule_event", event, title)
    Kaltura().ask([Request(lambda c: c.schedule.scheduleEvent.cancel(schedule))])

    service.sync_event(event, 10)
    target = SyncTarget.objects.get(title=title)
    told = (target.state, target.get_error_kind_display(), target.error)
    row, warnings = drift_of(event)[0], plan_report(service.plan_event(event)).warnings
    actions.recreate(service.targets_of(event))
    settle(event)

    assert told == (
        "failed",
        "cancelled at Kaltura",
        f"Someone cancelled the schedule of “{title}” at Kaltura, which cannot be taken back "
        "there. Choose Recreate to replace it with a new one, or cancel the session here.",
    )
    assert (row["field"], row["theirs"]) == ("(the object itself)", "cancelled")
    assert warnings == [f"schedule of “{title}”: cancelled at Kaltura"]
    assert (exactly_planned(event, simulator), in_step(event)) == (True, True)


@pytest.mark.parametrize(
    ("title", "kind", "name"),
    [
        ("Keynote", "KalturaLiveStreamScheduleEvent", "preStartTime"),
        ("Keynote", "KalturaLiveStreamScheduleEvent", "postEndTime"),
        ("Workshop", "KalturaMeetingScheduleEvent", "preStartTime"),
    ],
)
def test_margin_changed_at_kaltura_is_drift_and_pushed_on_request(
    simulator, event, title, kind, name
):
    schedule = remote_id("schedule_event", event, title)
    change = new(kind, **{name: 300})
    Kaltura().ask([Request(lambda c: c.schedule.scheduleEvent.update(schedule, change))])

    work = service.sync_event(event, 10)
    row = drift_of(event)[0]
    actions.push(service.targets_of(event))
    settle(event)

    margins = {r["id"]: r.get(name) for r in simulator.objects("scheduleEvent")}
    assert (work.writes, row["field"], row["ours"], row["theirs"]) == (0, name, "0", "300")
    assert (margins[int(schedule)], in_step(event)) == (0, True)


def test_manager_sees_the_state_on_list_and_page(simulator, event, client):
    manager = UserFactory(is_staff=True)
    TeamMemberFactory(event=event, user=manager, role=TeamRole.MANAGER)
    client.force_login(manager)
    someone_renames(event, "Renamed there")
    service.sync_event(event, 10)
    session = event.sessions.get(title="Keynote")

    listed = client.get(reverse("admin:events_session_changelist")).content.decode()
    page = client.get(reverse("admin:events_session_change", args=[session.pk])).content.decode()

    assert "Changed at Kaltura: Live entry name" in listed
    assert "Name: planned “Keynote”, at Kaltura “Renamed there”" in page
    assert remote_id("entry", event) in page


def test_event_page_shows_the_states_of_its_tracks(simulator, event, client):
    client.force_login(TeamMemberFactory(event=event).user)
    track = SyncTarget.objects.get(kind="track")
    SyncTarget.objects.filter(pk=track.pk).update(state="failed", error_kind="refused")

    page = client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()

    url = reverse("admin:kaltura_bridge_synctarget_change", args=[track.pk])
    assert f'<a href="{url}">Failed: refused by Kaltura</a>' in page


def test_list_costs_the_same_queries_for_one_and_three_rows(simulator, client):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    planned = EventFactory()
    counts = []
    for number in (1, 2):
        WebcastFactory.create_batch(number, event=planned)
        with CaptureQueriesContext(connection) as queries:
            for name in ("events_session", "kaltura_bridge_synctarget"):
                assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_sync_list_holds_only_the_events_one_plans(simulator, event, client):
    other = planned_event()
    manager = UserFactory(is_staff=True)
    TeamMemberFactory(event=other, user=manager, role=TeamRole.MANAGER)
    analyst = UserFactory(is_staff=True)
    TeamMemberFactory(event=event, user=analyst, role=TeamRole.ANALYST)
    url = reverse("admin:kaltura_bridge_synctarget_changelist")
    one = reverse("admin:kaltura_bridge_synctarget_change", args=[keynote_of(event).pk])

    client.force_login(manager)
    listed = client.get(url).context["cl"].queryset
    refused = client.get(one).status_code
    client.force_login(analyst)

    assert {t.event_uuid for t in listed} == {other.uuid}
    assert refused == 302
    assert client.get(url).status_code == 403


def keynote_of(event):
    return service.targets_of(event).get(title="Keynote")


def test_retry_from_the_list_calls_up_only_ones_own(simulator, event, client):
    other = planned_event()
    manager = UserFactory(is_staff=True)
    TeamMemberFactory(event=other, user=manager, role=TeamRole.MANAGER)
    client.force_login(manager)
    before = keynote_of(event).version

    client.post(
        reverse("admin:kaltura_bridge_synctarget_changelist"),
        {"action": "retry_selected", "_selected_action": [keynote_of(event).pk]},
    )

    assert keynote_of(event).version == before


def test_lists_that_lag_behind_our_own_write_are_no_drift(simulator, settings):
    event = planned_event()
    settle(event)
    simulator.set_index_delay(600)
    settings.KALTURA_INDEX_DELAY_S = 600
    session = event.sessions.get(title="Keynote")
    session.title = "Keynote, renamed"
    session.save()
    settle(event)

    again = service.sync_event(event, 20)

    targets = SyncTarget.objects.values_list("state", "changed_there")
    assert (again.writes, set(targets)) == (0, {("synced", "")})


def test_object_of_another_session_is_not_written_though_it_carries_our_key(simulator, event):
    """Somebody gave the keynote's entry the key of a session that was never sent."""
    new_one = WebcastFactory(event=event, title="New one")
    entry, change = remote_id("entry", event), new("KalturaLiveStreamEntry")
    change.referenceId = key_for(new_one.uuid)
    Kaltura().ask([Request(lambda c: c.liveStream.update(entry, change))])

    service.settle(service.targets_of(event).filter(title="New one"), 5)

    assert states(event)["New one"] == ("failed", "shared")
    assert "New one" not in entry_names(simulator)
    assert key_for(new_one.uuid) not in simulator.keys("scheduleEvent")
