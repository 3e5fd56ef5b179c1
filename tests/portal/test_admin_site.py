"""The admin's own doors lead nowhere that its lists would not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

PRIVATE = {"is_public": False, "status": "draft"}
MAKERS: dict[str, Callable[[Any], Any]] = {
    "event": lambda event: event,
    "session": lambda event: SessionFactory(event=event, slug="secret", status="draft"),
    "speaker": lambda event: SpeakerFactory(event=event, slug="secret"),
}


def on_site(client: Client, thing: Any, number: str = "{}") -> tuple[int, str]:
    """What "view on site" answers: its status, and where it leads."""
    kind = number.format(ContentType.objects.get_for_model(thing).pk)
    answer = client.get(f"/admin/r/{kind}/{thing.pk}/")
    return answer.status_code, answer.headers.get("Location", "")


@pytest.mark.parametrize("make", MAKERS.values(), ids=list(MAKERS))
def test_view_on_site_leads_ones_own_team_only(client, make):
    ours, theirs = (make(EventFactory(**PRIVATE)) for _ in range(2))
    member = TeamMemberFactory(event=getattr(ours, "event", ours))
    client.force_login(member.user)

    assert on_site(client, ours) == (302, f"http://testserver{ours.get_absolute_url()}")
    assert on_site(client, theirs) == (404, "")
    # Django takes "+7" for a number, too.
    assert on_site(client, theirs, "+{}") == (404, "")


def test_view_on_site_knows_nothing_of_people_and_other_tables(client):
    event = EventFactory()
    client.force_login(TeamMemberFactory(event=event).user)

    for thing in (UserFactory(), RegistrationFactory(event=event)):
        assert on_site(client, thing) == (404, "")
    assert client.get("/admin/r/none/1/").status_code == 404
    assert client.get("/admin/r/99999999/1/").status_code == 404


def test_view_on_site_is_closed_to_staff_without_a_team(client):
    client.force_login(UserFactory(is_staff=True))

    assert on_site(client, EventFactory()) == (404, "")


def test_the_page_of_an_event_links_to_the_site(client):
    event = EventFactory(**PRIVATE)
    client.force_login(TeamMemberFactory(event=event).user)
    kind = ContentType.objects.get_for_model(event).pk

    page = client.get(reverse("admin:events_event_change", args=[event.pk])).content.decode()

    assert f'href="/admin/r/{kind}/{event.pk}/"' in page


@pytest.mark.parametrize("page", ["change", "delete"])
@pytest.mark.parametrize(
    ("field", "status"), [("", 200), ("id", 200), ("title", 400), ("nothing", 400), ("\0", 400)]
)
def test_a_row_is_looked_up_by_a_field_that_there_is(admin_client, page, field, status):
    address = f"/admin/events/event/{EventFactory().pk}/{page}/"

    assert admin_client.get(address, {"_to_field": field}).status_code == status


def test_a_form_has_no_more_rows_than_anybody_needs(admin_client):
    address = f"/admin/events/event/{EventFactory().pk}/change/"

    answer = admin_client.post(address, {"tracks-TOTAL_FORMS": "99999", "tracks-INITIAL_FORMS": 0})

    assert "at most 300 forms" in answer.content.decode()
    assert len(re.findall(rb'id="id_tracks-\d+-name"', answer.content)) == 300
