"""The page that makes an event once more, as planners meet it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from events.admin.previews import PreviewRow
from events.models import Event, SessionStatus, TeamRole
from tests.factories import (
    EventFactory,
    SessionFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def event() -> Event:
    event = EventFactory(title="Spring 2030", slug="spring-2030", starts_on=date(2030, 3, 30))
    track = TrackFactory(event=event)
    SpeakerFactory.create_batch(2, event=event)
    start = datetime(2030, 3, 30, 1, 30, tzinfo=UTC)  # 02:30 in Berlin
    SessionFactory(event=event, track=track, title="Night", starts_at=start)
    SessionFactory(event=event, title="Off", status=SessionStatus.CANCELLED)
    return event


@pytest.fixture
def planner(event: Event, client: Client) -> Client:
    client.force_login(TeamMemberFactory(event=event, role=TeamRole.MANAGER).user)
    return client


def url(event: Event) -> str:
    return reverse("admin:events_event_clone", args=[event.pk])


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def values_of(page: Any) -> dict[str, str]:
    """What the form's inputs hold, as the person would send them back."""
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def test_page_begins_with_the_title_and_asks_for_the_day(planner, event):
    page = planner.get(url(event))

    assert values_of(page) == {"title": "Spring 2030", "starts_on": "", "slug": ""}
    assert (page.context["form"].errors, page.context["preview"]) == ({}, None)
    assert "Registrations, favourites, attendance and the team are not copied" in (
        page.content.decode()
    )


def test_preview_tells_what_the_copy_will_hold_and_makes_nothing(planner, event):
    data = {"title": "Spring 2031", "starts_on": "2031-03-30", "preview": "1"}

    page = planner.post(url(event), data)

    preview = page.context["preview"]
    assert (preview.summary, preview.rows, preview.warnings) == (
        "A draft with 1 track, 2 sessions and 2 speakers.",
        [
            PreviewRow("The event", "30 March – 1 April 2030", "30 March – 1 April 2031"),
            PreviewRow(
                "First session: Night",
                "Sat 30 Mar 2030, 02:30–03:15 Europe/Berlin",
                "Sun 30 Mar 2031, 03:30–04:15 Europe/Berlin",
            ),
            PreviewRow(
                "Last session: Off",
                "Mon 06 May 2030, 11:00–11:45 Europe/Berlin",
                "Tue 06 May 2031, 11:00–11:45 Europe/Berlin",
            ),
        ],
        [
            "1 cancelled session will be a draft in the copy.",
            "The clocks change in between: Europe/Berlin is UTC+1 before and UTC+2 after. "
            "1 session keeps the time of day there, but will be at another hour in other time zones.",
            "“Night”: 02:30 does not exist on Sun 30 Mar 2031 in Europe/Berlin, where the clocks "
            "go forward: it will begin at 03:30.",
        ],
    )
    assert values_of(page)["slug"] == "spring-2031"
    assert list(Event.objects.all()) == [event]


def test_yes_makes_the_copy_its_owner_and_a_way_there(planner, event):
    data = {"title": "Spring 2031", "starts_on": "2031-03-30"}
    shown = planner.post(url(event), {**data, "preview": "1"})
    yes = {**values_of(shown), "shown": shown.context["preview"].fingerprint, "confirmed": "1"}

    done = planner.post(url(event), yes)
    second_click = planner.post(url(event), yes)

    copy = Event.objects.get(slug="spring-2031")
    sessions = f"{reverse('admin:events_session_changelist')}?event={copy.pk}"
    page = reverse("admin:events_event_change", args=[copy.pk])
    assert done.headers["Location"] == page
    assert said(done) == [
        f"“Spring 2031” is a draft and a copy of “Spring 2030”. Check <a href='{sessions}'>its "
        "2 sessions</a>, then publish it."
    ]
    person = event.team.get().user
    assert list(copy.team.values_list("user", "role")) == [(person.pk, TeamRole.OWNER)]
    assert (planner.get(page).status_code, planner.get(sessions).status_code) == (200, 200)
    history = planner.get(reverse("admin:events_event_history", args=[copy.pk])).content.decode()
    assert "Cloned from “Spring 2030”." in history
    assert dict(second_click.context["form"].errors) == {
        "title": ["You already have an event with this name. Choose another one for the copy."],
        "slug": ["Another event already uses this address. Choose a different one."],
    }
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        (
            {"title": "SPRING 2030"},
            {
                "title": [
                    "You already have an event with this name. Choose another one for the copy."
                ]
            },
        ),
        ({"title": ""}, {"title": ["This field is required."]}),
        ({"starts_on": ""}, {"starts_on": ["This field is required."]}),
        (
            {"starts_on": "0031-03-30"},
            {"starts_on": ["Choose a day in the years 2000 to 2199."]},
        ),
        (
            {"slug": "spring-2030"},
            {"slug": ["Another event already uses this address. Choose a different one."]},
        ),
        (
            {"slug": "a b"},
            {
                "slug": [
                    "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."
                ]
            },
        ),
    ],
)
def test_mistake_is_told_at_its_field_and_nothing_is_made(planner, event, data, errors):
    right = {"title": "Spring 2031", "starts_on": "2031-03-30"}

    page = planner.post(url(event), right | data | {"confirmed": "1"})

    assert (dict(page.context["form"].errors), page.context["preview"]) == (errors, None)
    assert list(Event.objects.all()) == [event]


def test_session_added_since_the_look_is_shown_before_anything_is_made(planner, event):
    data = {"title": "Spring 2031", "starts_on": "2031-03-30"}
    shown = planner.post(url(event), {**data, "preview": "1"})
    SessionFactory(event=event)

    again = planner.post(
        url(event),
        {**values_of(shown), "shown": shown.context["preview"].fingerprint, "confirmed": "1"},
    )

    assert "Please check again:" in again.content.decode()
    assert again.context["preview"].summary == "A draft with 1 track, 3 sessions and 2 speakers."
    assert list(Event.objects.all()) == [event]


def test_first_day_in_the_past_is_a_warning(planner, event):
    data = {"title": "Spring 2020", "starts_on": "2020-05-02", "preview": "1"}

    warnings = planner.post(url(event), data).context["preview"].warnings

    assert warnings[0] == "The first day is in the past."


def test_address_taken_between_look_and_write_is_told(planner, event, monkeypatch):
    from events.admin import clone

    def late(*args: Any, **kwargs: Any) -> Any:
        EventFactory(slug="spring-2031")
        return clone_event(*args, **kwargs)

    clone_event = clone.clone_event
    monkeypatch.setattr(clone, "clone_event", late)
    data = {"title": "Spring 2031", "starts_on": "2031-03-30"}
    shown = planner.post(url(event), {**data, "preview": "1"})
    page = planner.post(
        url(event),
        {**values_of(shown), "shown": shown.context["preview"].fingerprint, "confirmed": "1"},
    )

    assert dict(page.context["form"].errors) == {"slug": ["Event with this Slug already exists."]}
    assert Event.objects.filter(title="Spring 2031").count() == 0


def test_pages_carry_no_inline_script_or_style(planner, event):
    data = {"title": "Spring 2031", "starts_on": "2031-03-30", "preview": "1"}
    text = planner.post(url(event), data).content.decode()

    assert re.findall(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))", text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=\"", text) == []
