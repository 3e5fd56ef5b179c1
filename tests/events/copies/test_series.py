"""The same event again and again: its days, its copies, its page."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from events.actions import NotAllowed, publish_event, save_planned
from events.copying import ClonePart, clone_event
from events.models import (
    Event,
    EventSeries,
    EventStatus,
    InfoBlock,
    Partner,
    SessionMaterial,
    SessionPreset,
    SignUpQuestion,
    TeamRole,
    Visibility,
)
from events.series.dates import RepeatEvery, repeated
from events.series.making import clone_repeatedly
from tests.factories import (
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)


@pytest.mark.parametrize(
    ("first", "interval", "days"),
    [
        ("2027-01-06", RepeatEvery.WEEK, ["2027-01-06", "2027-01-13", "2027-01-20"]),
        ("2027-01-06", RepeatEvery.FORTNIGHT, ["2027-01-06", "2027-01-20", "2027-02-03"]),
        # The second Tuesday.
        ("2026-12-08", RepeatEvery.MONTH, ["2026-12-08", "2027-01-12", "2027-02-09"]),
        # A fifth Friday, where there is one; the last where there are four.
        ("2027-01-29", RepeatEvery.MONTH, ["2027-01-29", "2027-02-26", "2027-03-26"]),
        ("2028-02-29", RepeatEvery.YEAR, ["2028-02-29", "2029-02-28", "2030-02-28"]),
    ],
)
def test_days_of_a_series(first, interval, days):
    found = repeated(date.fromisoformat(first), interval, 3)

    assert [f"{day}" for day in found] == days


@pytest.mark.parametrize("first", [date(2027, 1, day) for day in range(1, 32)])
def test_monthly_days_keep_their_weekday_once_a_month(first):
    days = repeated(first, RepeatEvery.MONTH, 24)

    assert {day.weekday() for day in days} == {first.weekday()}
    assert [(d.year * 12 + d.month) - (2027 * 12 + 1) for d in days] == list(range(24))


def test_days_beyond_the_calendar_are_an_error():
    for interval in RepeatEvery:
        with pytest.raises(OverflowError):
            repeated(date(9999, 12, 30), interval, 3)


@pytest.fixture
def event(db: Any) -> Event:
    event = EventFactory(
        title="Open hour", slug="open-hour", starts_on=date(2027, 1, 6), ends_on=date(2027, 1, 6)
    )
    TrackFactory(event=event)
    session = SessionFactory(event=event)
    SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=event))
    SessionMaterial.objects.create(session=session, title="Slides", url="https://example.org/")
    Partner.objects.create(event=event, name="ACME")
    InfoBlock.objects.create(event=event, title="Getting there", text="By train.")
    SignUpQuestion.objects.create(event=event, label="Diet?", version=4)
    SignUpQuestion.objects.create(event=event, label="Shoe size?", is_retired=True)
    SessionPreset.objects.create(event=event, name="Talk", minutes=30)
    return event


def held(event: Event) -> dict[str, int]:
    return {
        "sessions": event.sessions.count(),
        "speakers": event.speakers.count(),
        "documents": SessionMaterial.objects.filter(session__event=event).count(),
        "pages": Partner.objects.filter(event=event).count()
        + InfoBlock.objects.filter(event=event).count(),
        "questions": event.questions.count(),
    }


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            set(ClonePart),
            {"sessions": 1, "speakers": 1, "documents": 1, "pages": 2, "questions": 1},
        ),
        (set(), {"sessions": 0, "speakers": 0, "documents": 0, "pages": 0, "questions": 0}),
        (
            {ClonePart.SPEAKERS, ClonePart.DOCUMENTS},
            {"sessions": 0, "speakers": 1, "documents": 0, "pages": 0, "questions": 0},
        ),
        (
            {ClonePart.SESSIONS, ClonePart.QUESTIONS},
            {"sessions": 1, "speakers": 0, "documents": 0, "pages": 0, "questions": 1},
        ),
    ],
)
def test_copy_has_the_parts_that_were_asked_for(event, parts, expected):
    copy = clone_event(event, title="Again", starts_on=date(2027, 2, 3), parts=parts)

    assert held(copy) == expected
    assert (copy.tracks.count(), copy.session_presets.get().minutes) == (1, 30)
    assert (
        list(copy.questions.values_list("label", "version"))
        == [("Diet?", 1)] * expected["questions"]
    )


@pytest.mark.postgres
def test_several_copies_make_a_series_with_the_original(event):
    days = [date(2027, 1, 13), date(2027, 1, 20)]

    copies = clone_repeatedly(event, title="Open hour", days=days, slug="second", in_series=True)

    event.refresh_from_db()
    assert [(c.title, c.slug, c.starts_on, c.series_id) for c in copies] == [
        ("Open hour, 13 January 2027", "second", days[0], event.series_id),
        ("Open hour, 20 January 2027", "open-hour-20-january-2027", days[1], event.series_id),
    ]
    assert (event.series.title, event.series.slug) == ("Open hour", "open-hour")
    # Once more: the same series.
    clone_repeatedly(event, title="Extra", days=[date(2027, 5, 1)], in_series=True)
    assert EventSeries.objects.get().events.count() == 4


def test_nothing_is_made_when_one_copy_cannot_be(event):
    with pytest.raises(ValidationError):
        clone_repeatedly(
            event, title="Late", days=[date(2027, 2, 3), date(2199, 12, 31), date(2200, 1, 7)]
        )

    assert list(Event.objects.all()) == [event]


def test_template_is_never_published_and_its_copies_are_events(event, client):
    owner = TeamMemberFactory(event=event, role=TeamRole.OWNER).user
    client.force_login(owner)
    event.status, event.is_template = EventStatus.PUBLISHED, True

    with pytest.raises(ValidationError) as refused:
        save_planned(event)
    event.status = EventStatus.DRAFT
    save_planned(event)
    with pytest.raises(NotAllowed):
        publish_event(event)
    bulk = client.post(
        reverse("admin:events_event_changelist"),
        {"action": "publish_selected", "_selected_action": [event.pk]},
        follow=True,
    )
    boss = Client()
    boss.force_login(UserFactory(is_staff=True, is_superuser=True))
    added = boss.get(reverse("admin:events_event_add")).content.decode()
    copy = clone_repeatedly(event, title="Hour", days=[date(2027, 3, 3)], in_series=True)[0]

    event.refresh_from_db()
    assert refused.value.message_dict == {
        "status": ["A template stays a draft. Clone it to make an event from it."]
    }
    assert "1 template stays a draft: clone it to make an event from it." in bulk.content.decode()
    assert event.status == EventStatus.DRAFT
    assert reverse("admin:events_event_clone", args=[event.pk]) in added
    assert (copy.is_template, copy.series.title, event.series) == (False, "Hour", None)
    assert "Open hour" not in client.get("/").content.decode()


def test_series_page_lists_what_the_visitor_may_know_of(event, client):
    series = EventSeries.objects.create(title="Open hours")
    titles = {
        "Open to all": {},
        "Unlisted": {"visibility": Visibility.UNLISTED},
        "Invited": {"visibility": Visibility.INVITED},
        "Planned": {"status": EventStatus.DRAFT},
        "Members": {"visibility": Visibility.REGISTERED},
    }
    made = {
        title: EventFactory(title=title, series=series, **{"status": EventStatus.PUBLISHED, **more})
        for title, more in titles.items()
    }
    owner = TeamMemberFactory(event=made["Planned"], role=TeamRole.OWNER).user
    page = series.get_absolute_url()

    def seen(visitor: Client) -> set[str]:
        text = visitor.get(page).content.decode()
        return {title for title in titles if title in text}

    stranger, team = seen(client), Client()
    team.force_login(owner)
    link = f'href="{page}"'
    assert stranger == {"Open to all", "Members"}
    assert seen(team) == {"Open to all", "Members", "Planned"}
    assert link in client.get(made["Open to all"].get_absolute_url()).content.decode()
    assert link not in client.get(made["Unlisted"].get_absolute_url()).content.decode()
    Event.objects.exclude(title__in=["Planned", "Invited"]).update(series=None)
    assert client.get(page).status_code == 404
    assert client.get("/series/none/").status_code == 404


def test_new_title_of_a_series_is_on_its_events_at_once(event, client):
    series = EventSeries.objects.create(title="Open hours")
    shown = EventFactory(series=series, status=EventStatus.PUBLISHED)
    address = shown.get_absolute_url()
    before = client.get(address).content.decode()

    series.title = "Closed hours"
    save_planned(series)
    renamed = client.get(address).content.decode()
    series.delete()
    gone = client.get(address).content.decode()

    assert ["hours" in text for text in (before, renamed, gone)] == [True, True, False]
    assert "Closed hours" in renamed


def test_series_is_named_by_those_who_plan_its_events_only(event, client):
    mine = EventSeries.objects.create(title="Mine")
    theirs = EventSeries.objects.create(title="Theirs")
    event.series = mine
    save_planned(event)
    EventFactory(series=theirs)
    manager = TeamMemberFactory(event=event, role=TeamRole.MANAGER).user
    analyst = TeamMemberFactory(event=event, role=TeamRole.ANALYST).user
    form = reverse("admin:events_event_change", args=[event.pk])

    client.force_login(manager)
    listed = client.get(reverse("admin:events_eventseries_changelist")).content.decode()
    own, other = (
        client.get(reverse("admin:events_eventseries_change", args=[s.pk])).status_code
        for s in (mine, theirs)
    )
    choices = [
        str(label)
        for _pk, label in client.get(form).context["adminform"].form.fields["series"].choices
    ]
    client.force_login(analyst)
    refused = client.get(reverse("admin:events_eventseries_change", args=[mine.pk])).status_code

    assert ("Mine" in listed, "Theirs" in listed) == (True, False)
    assert (own, other, refused) == (200, 302, 403)
    assert ("Mine" in choices, "Theirs" in choices) == (True, False)
