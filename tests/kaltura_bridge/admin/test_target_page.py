"""The page of one target: what differs, each choice with its preview, and who may."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.models import Session, TeamRole
from kaltura_bridge.models import RemoteLink, SyncAttempt, SyncTarget
from kaltura_bridge.repair.choices import Change
from kaltura_bridge.repair.diff import duplicate_times_of, objects_of
from kaltura_bridge.sync import service
from kaltura_bridge.sync.duplicate_times import DuplicateTime
from tests.factories import TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.at_kaltura import (
    held_there,
    link_of,
    someone_cancels,
    someone_moves,
    someone_renames,
)
from tests.kaltura_bridge.support.planning import in_step, planned_event, settle

pytestmark = [pytest.mark.django_db(transaction=True)]

# The keynote runs from 9:00 UTC, 11:00 in Berlin; someone at Kaltura starts it at 9:10.
PLANNED, MOVED = "1904288400", "1904289000"


@pytest.fixture
def event(simulator):
    planned = planned_event()
    settle(planned)
    return planned


@pytest.fixture
def planner(event, client: Client) -> Client:
    client.force_login(TeamMemberFactory(event=event).user)
    return client


def keynote() -> SyncTarget:
    return SyncTarget.objects.get(title="Keynote")


def page_url(target: SyncTarget) -> str:
    return reverse("admin:kaltura_bridge_synctarget_change", args=[target.pk])


def choice_url(link: RemoteLink, verb: str) -> str:
    return reverse("admin:kaltura_bridge_choice", args=[link.target_id, link.pk, verb])


def moved_start(event) -> RemoteLink:
    link = link_of("schedule_event")
    someone_moves(link, startDate=int(MOVED))
    service.sync_event(event, 20)
    return RemoteLink.objects.get(pk=link.pk)


def confirm(client: Client, url: str, data: dict[str, Any]) -> Any:
    """Look, then say yes to what was shown."""
    shown = client.get(url, data).context["preview"].fingerprint
    return client.post(url, {**data, "shown": shown})


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def words(page: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def differing(target: SyncTarget) -> list[tuple[str, str, str, str, str]]:
    return [
        (view.label, f.label, f.shown_planned, f.shown_written, f.shown_held)
        for view in objects_of(target)
        for f in view.fields
    ]


# --- What the page shows -----------------------------------------------------


def test_page_shows_exactly_the_field_that_someone_moved_in_the_events_zone(event, planner):
    moved_start(event)

    page = planner.get(page_url(keynote()))

    ours, theirs = (f"Mon 6 May 2030, 11:{m} Europe/Berlin" for m in ("00", "10"))
    assert differing(keynote()) == [("Schedule of “Keynote”", "start", ours, ours, theirs)]
    assert (ours in words(page), theirs in words(page), "Changed at Kaltura" in words(page)) == (
        True,
        True,
        True,
    )


def test_page_of_what_is_in_step_offers_no_choice(event, planner):
    page = planner.get(page_url(keynote()))

    assert (differing(keynote()), "Push" in words(page)) == ([], False)


def test_page_tells_three_sides_when_both_moved(event, planner):
    link = link_of("entry")
    someone_renames(link, "Renamed there")
    Session.objects.filter(title="Keynote").update(title="Renamed here")
    service.sync_event(event, 20)

    assert differing(keynote()) == [
        ("Live entry “Renamed here”", "name", "Renamed here", "Keynote", "Renamed there")
    ]


def test_what_moved_here_alone_goes_by_itself(event, planner):
    Session.objects.filter(title="Keynote").update(title="Renamed here")

    page = planner.get(page_url(keynote()))

    assert (len(differing(keynote())), "Push" in words(page)) == (2, False)
    assert words(page).count("Will be pushed with the next sync.") == 2


def test_page_says_in_plain_words_that_kaltura_holds_two_times(event, planner):
    moved_start(event)

    page = planner.get(page_url(keynote()))

    assert duplicate_times_of(keynote()) == [DuplicateTime("start", MOVED, PLANNED)]
    assert (
        "Kaltura holds two times for the start: Mon 6 May 2030, 11:10 Europe/Berlin in its "
        "calendar, Mon 6 May 2030, 11:00 Europe/Berlin on its event page."
    ) in words(page)


def test_field_that_cannot_be_adopted_says_why(event, planner):
    link = link_of("entry")
    RemoteLink.objects.filter(pk=link.pk).update(seen={**link.pushed, "tags": "other"})

    page = planner.get(page_url(keynote()))

    assert "Cannot be adopted: it is not part of the plan." in words(page)


def test_history_is_paged_newest_first(event, planner):
    SyncAttempt.objects.all().delete()
    for number in range(25):
        SyncAttempt.objects.create(target=keynote(), outcome="synced", message=f"try {number}.")

    first, second = (planner.get(page_url(keynote()), {"page": n}) for n in (1, 2))

    assert [a.message for a in first.context["history"]][:2] == ["try 24.", "try 23."]
    assert [a.message for a in second.context["history"]][-1] == "try 0."


def test_page_costs_the_same_queries_for_many_objects(event, planner):
    counts = []
    for title in ("Workshop", "Keynote"):
        with CaptureQueriesContext(connection) as queries:
            planner.get(page_url(SyncTarget.objects.get(title=title)))
        counts.append(len(queries))

    assert counts[1] - counts[0] <= 1  # speakers and delivery of a webcast


# --- Choices -----------------------------------------------------------------


def test_push_shows_what_it_overwrites_and_then_does_it(simulator, event, planner):
    link = moved_start(event)
    url, data = choice_url(link, "push"), {"field": "startDate"}

    look = planner.get(url, data)
    untouched = held_there(simulator, "scheduleEvent", link.remote_id)["startDate"]
    done = confirm(planner, url, data)
    settle(event)

    preview = look.context["preview"]
    assert (preview.summary, untouched) == (
        "Start at Kaltura changes from “Mon 6 May 2030, 11:10 Europe/Berlin” to "
        "“Mon 6 May 2030, 11:00 Europe/Berlin”.",
        int(MOVED),
    )
    assert (done.url, said(done)) == (
        page_url(keynote()),
        ["1 field will be pushed to Kaltura."],
    )
    assert held_there(simulator, "scheduleEvent", link.remote_id)["startDate"] == int(PLANNED)
    assert (in_step(event), differing(keynote())) == (True, [])


def test_adopt_shows_what_follows_and_then_does_it(simulator, event, planner):
    link = moved_start(event)
    url, data = choice_url(link, "adopt"), {"field": "startDate"}

    look = planner.get(url, data)
    before = Session.objects.get(title="Keynote").starts_at.timestamp()
    confirm(planner, url, data)
    settle(event)

    ours, theirs = (f"Mon 6 May 2030, 11:{m} Europe/Berlin" for m in ("00", "10"))
    preview = look.context["preview"]
    assert preview.summary == (
        f"The session's start changes to “{theirs}”. Other objects at Kaltura are updated to match."
    )
    assert preview.changes == [
        Change("In the plan: start", ours, theirs),
        Change("KMS_EVENTS3 of “Keynote”: start", ours, theirs),
    ]
    assert (before, Session.objects.get(title="Keynote").starts_at.timestamp()) == (
        int(PLANNED),
        int(MOVED),
    )
    assert (in_step(event), differing(keynote()), duplicate_times_of(keynote())) == (True, [], [])


def test_adopt_that_cannot_be_planned_says_so_before_anything(event, planner):
    link = link_of("schedule_event")
    someone_moves(link, startDate=int(PLANNED) + 7200, endDate=int(PLANNED) + 9000)
    service.sync_event(event, 20)

    look = planner.get(choice_url(link, "adopt"), {"field": "startDate"})

    assert look.context["preview"].refusal == "The end must be after the start."
    assert Session.objects.get(title="Keynote").starts_at.timestamp() == int(PLANNED)


def test_yes_to_something_else_is_shown_again(simulator, event, planner):
    link = moved_start(event)
    url, data = choice_url(link, "adopt"), {"field": "startDate"}
    shown = planner.get(url, data).context["preview"].fingerprint
    someone_moves(link, startDate=int(MOVED) + 60)
    service.sync_event(event, 20)

    again = planner.post(url, {**data, "shown": shown})

    assert (again.status_code, again.context["changed_since"]) == (200, True)
    assert Session.objects.get(title="Keynote").starts_at.timestamp() == int(PLANNED)


def test_ignored_field_can_be_compared_again(simulator, event, planner):
    link = moved_start(event)

    confirm(planner, choice_url(link, "ignore"), {"field": "startDate"})
    settle(event)
    ignored = (differing(keynote()), "Stop ignoring" in words(planner.get(page_url(keynote()))))
    confirm(planner, choice_url(link, "unignore"), {"field": "startDate"})
    settle(event)

    assert (ignored, len(differing(keynote()))) == (([], True), 1)


def test_cancelled_event_is_recreated_after_a_look(simulator, event, planner):
    link = link_of("schedule_event")
    someone_cancels(link)
    service.sync_event(event, 20)

    look = planner.get(choice_url(link, "recreate"))
    done = confirm(planner, choice_url(link, "recreate"), {})
    settle(event)

    assert look.context["preview"].changes == [
        Change(
            "Session “Keynote”: schedule event", f"{link.remote_id} (cancelled)", "created again"
        )
    ]
    assert (said(done), in_step(event)) == (["1 object will be recreated."], True)


def test_unlink_and_link_again(simulator, event, planner):
    entry = link_of("entry")

    unlinked = confirm(planner, choice_url(entry, "unlink"), {})
    settle(event)
    back = confirm(planner, choice_url(entry, "link-again"), {})
    settle(event)

    assert (said(unlinked), said(back)) == (
        ["6 objects unlinked. Kaltura keeps them."],
        ["6 objects linked again."],
    )
    assert (link_of("entry").remote_id, in_step(event)) == (entry.remote_id, True)


def test_relink_to_what_cannot_be_says_why(event, planner):
    look = planner.get(choice_url(link_of("entry"), "relink"), {"to": "12"})

    assert look.context["preview"].refusal == (
        "“12” is not the ID of a live entry. Copy it from Kaltura."
    )


def test_retry_calls_it_up(event, planner):
    before = keynote().version

    done = planner.post(reverse("admin:kaltura_bridge_retry", args=[keynote().pk]))

    assert (done.url, keynote().version > before) == (page_url(keynote()), True)


def test_choices_stand_in_the_admins_log(event, planner):
    from django.contrib.admin.models import LogEntry

    confirm(planner, choice_url(moved_start(event), "push"), {"field": "startDate"})

    assert [entry.change_message for entry in LogEntry.objects.all()] == [
        "Push: Schedule of “Keynote”. Start at Kaltura changes from “Mon 6 May 2030, 11:10 "
        "Europe/Berlin” to “Mon 6 May 2030, 11:00 Europe/Berlin”."
    ]


# --- Who may -----------------------------------------------------------------


def strangers(event) -> dict[str, Any]:
    other = planned_event()
    return {
        "nobody": None,
        "attendee": UserFactory(),
        "manager of another event": TeamMemberFactory(event=other).user,
        "analyst": TeamMemberFactory(event=event, role=TeamRole.ANALYST).user,
        "moderator": TeamMemberFactory(event=event, role=TeamRole.MODERATOR).user,
    }


def test_only_planners_of_that_event_look_and_choose(event):
    link = moved_start(event)
    url = choice_url(link, "push")
    planner = Client()
    planner.force_login(TeamMemberFactory(event=event).user)
    shown = planner.get(url, {"field": "startDate"}).context["preview"].fingerprint
    answers = {}
    for name, user in strangers(event).items():
        client = Client()
        if user:
            client.force_login(user)
        answers[name] = [
            client.get(page_url(keynote_of(event))).status_code,
            client.get(url, {"field": "startDate"}).status_code,
            client.post(url, {"field": "startDate", "shown": shown}).status_code,
            client.post(reverse("admin:kaltura_bridge_retry", args=[link.target_id])).status_code,
        ]

    assert answers == {
        "nobody": [302, 302, 302, 302],
        "attendee": [302, 302, 302, 302],
        "manager of another event": [302, 404, 404, 404],
        "analyst": [302, 404, 404, 404],
        "moderator": [302, 404, 404, 404],
    }
    assert set(RemoteLink.objects.get(pk=link.pk).drift) == {"startDate"}


def test_choice_is_of_that_target_and_of_a_known_verb(event, planner):
    other = planned_event()
    settle(other)
    theirs = RemoteLink.objects.filter(kind="entry").exclude(target__event_uuid=event.uuid).get()
    foreign = reverse("admin:kaltura_bridge_choice", args=[keynote_of(event).pk, theirs.pk, "push"])
    unknown = choice_url(RemoteLink.objects.filter(target=keynote_of(event)).first(), "destroy")

    assert [planner.get(url).status_code for url in (foreign, unknown)] == [404, 404]


def keynote_of(event) -> SyncTarget:
    return SyncTarget.objects.get(title="Keynote", event_uuid=event.uuid)
