"""Sessions that begin as what an event has many of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from events.models import Event, Session, SessionPreset, TeamRole
from tests.factories import EventFactory, SessionFactory, TeamMemberFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(client) -> Event:
    event = EventFactory(timezone="Europe/Berlin")
    client.force_login(TeamMemberFactory(event=event, role=TeamRole.MANAGER).user)
    return event


@pytest.fixture
def workshop(event) -> SessionPreset:
    return SessionPreset.objects.create(
        event=event,
        name="Workshop",
        session_type="interactive",
        minutes=90,
        location="Room 2",
        capacity=20,
        abstract="What you will learn:",
    )


def test_session_begins_as_its_preset_and_ends_when_it_says(client, event, workshop):
    page = f"{reverse('admin:events_session_add')}?event={event.pk}&preset={workshop.pk}"
    shown = client.get(page)
    form = shown.context["adminform"].form

    done = client.post(
        page,
        {
            "event": event.pk,
            "title": "Soldering",
            "session_type": form["session_type"].value(),
            "status": "draft",
            "starts_at_0": "2030-05-06",
            "starts_at_1": "10:00",
            "location": form["location"].value(),
            "capacity": form["capacity"].value(),
            "abstract": form["abstract"].value(),
            **{
                f"{prefix}-{name}": "0"
                for prefix in ("appearances", "materials", "translations", "delivery")
                for name in ("TOTAL_FORMS", "INITIAL_FORMS")
            },
        },
    )

    assert done.status_code == 302, done.context["errors"]
    session = Session.objects.get()
    assert form["ends_at"].help_text == "Empty: 90 minutes after the start."
    assert (session.session_type, session.location, session.capacity, session.abstract) == (
        "interactive",
        "Room 2",
        20,
        "What you will learn:",
    )
    assert (session.starts_at, session.ends_at) == (
        datetime(2030, 5, 6, 8, 0, tzinfo=UTC),
        datetime(2030, 5, 6, 9, 30, tzinfo=UTC),
    )


def test_form_leads_to_the_presets_of_its_own_event_only(client, event, workshop):
    theirs = SessionPreset.objects.create(event=EventFactory(), name="Secret kind", minutes=7)
    page = reverse("admin:events_session_add")

    plain = client.get(f"{page}?event={event.pk}").content.decode()
    forged = client.get(f"{page}?event={event.pk}&preset={theirs.pk}")

    assert "Start from a preset:" in plain
    assert f"preset={workshop.pk}" in plain
    assert "Secret kind" not in plain + forged.content.decode()
    assert forged.context["adminform"].form["ends_at"].help_text == ""


def test_preset_begins_as_what_a_session_is(client, event):
    session = SessionFactory(
        event=event,
        session_type="webinar",
        location="Hall",
        starts_at=datetime(2030, 5, 6, 8, 0, tzinfo=UTC),
        ends_at=datetime(2030, 5, 6, 8, 50, tzinfo=UTC),
    )
    theirs = SessionFactory(location="Their hall")
    form = client.get(reverse("admin:events_session_change", args=[session.pk])).content.decode()
    page = f"{reverse('admin:events_sessionpreset_add')}?event={event.pk}&session="

    made = client.get(f"{page}{session.pk}").context["adminform"].form
    forged = client.get(f"{page}{theirs.pk}").content.decode()

    assert f"{page}{session.pk}".replace("&", "&amp;") in form
    assert [made[name].value() for name in ("session_type", "location", "minutes")] == [
        "webinar",
        "Hall",
        50,
    ]
    assert "Their hall" not in forged


def test_another_teams_event_in_the_address_shows_nothing_of_it(client, event):
    theirs = SessionFactory(location="Their hall", abstract="Their secret")
    page = reverse("admin:events_sessionpreset_add")

    forged = client.get(f"{page}?event={theirs.event.pk}&session={theirs.pk}").content.decode()

    assert "Their hall" not in forged
    assert "Their secret" not in forged
