"""The workspace of an event: what stands in it for whom, and on which pages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from events.models import TeamRole
from events.outbox.addresses import rest_address
from tests.every_page.admin_pages import admin_pages
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.permissions.doors import all_doors
from tests.permissions.people import Role
from tests.permissions.world import World

pytestmark = pytest.mark.django_db


#: A series is about several events.
OUTSIDE = "admin:events_eventseries_"


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200
    return page.content.decode()


def links_in(html: str, part: str) -> list[str]:
    """The words of the links in a list of the workspace; what is chosen has a star."""
    found = re.search(rf"<ul{part}>(.*?)</ul>", html, re.DOTALL)
    links = re.findall(r"<a [^>]*?(aria-current)?[^>]*>([^<]+)</a>", found[1]) if found else []
    return [name for _, name in links]


def sections_of(html: str) -> list[str]:
    nav = html[html.index('class="workspace-nav"') :]
    return links_in(nav, "")


def overview_of(event: Any) -> str:
    return f"/admin/events/event/{event.pk}/overview/"


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (
            TeamRole.OWNER,
            [
                *("Overview", "Agenda", "Sessions", "People", "Registrations"),
                *("On air", "In sync", "Attendance", "Settings"),
            ],
        ),
        (TeamRole.MODERATOR, ["Overview", "Sessions", "People", "On air", "Settings"]),
        (TeamRole.ANALYST, ["Overview", "Sessions", "People", "Attendance", "Settings"]),
    ],
)
def test_only_what_somebody_may_open_is_shown(role, expected):
    event = EventFactory()
    client = client_of(TeamMemberFactory(event=event, role=role).user)

    html = shown(client, overview_of(event))

    assert sections_of(html) == expected
    nav = html[
        html.index('class="workspace-nav"') : html.index("</nav>", html.index("workspace-nav"))
    ]
    answers = {url: client.get(url).status_code for url in re.findall(r'href="([^"]+)"', nav)}
    # The dashboard of an event is an address that leads on.
    assert {status for url, status in answers.items() if "/synctarget/of/" not in url} == {200}


@pytest.mark.proof
def test_every_page_of_one_event_stands_in_its_workspace():
    """Whoever adds a page about an event says in events/desk/sections.py where it belongs."""
    world = World()
    about = {door.name for door in all_doors() if door.about}
    client = client_of(world.people[Role.OWNER])

    bare, astray = [], []
    for visit in admin_pages(world, Role.OWNER.value):
        if visit.url not in about or visit.url.startswith(OUTSIDE):
            continue
        answer = client.get(visit.path, follow=True)
        html = answer.content.decode() if "text/html" in answer["Content-Type"] else ""
        if 'class="workspace"' not in html:
            bare.append(visit.url)
        elif not re.search(r'<a [^>]*aria-current="(page|true)"', html):
            astray.append(visit.url)
    assert (bare, astray) == ([], [])


def test_lists_stand_in_it_when_they_are_narrowed_to_an_event():
    event, other = EventFactory(title="Spring days"), EventFactory(title="Autumn days")
    user = TeamMemberFactory(event=event).user
    TeamMemberFactory(event=other, user=user)
    client = client_of(user)

    html = shown(client, f"/admin/events/session/?event={event.pk}")
    whole = shown(client, "/admin/events/session/")

    assert '<a class="workspace-name"' in html and "Spring days" in html
    assert f'href="/admin/events/session/?event={other.pk}" dir="auto">Autumn days' in html
    assert 'id="nav-sidebar"' not in html
    assert 'class="workspace"' not in whole and 'id="nav-sidebar"' in whole


def test_another_teams_event_has_no_workspace_and_is_not_named():
    mine, theirs = EventFactory(), EventFactory(title="Secret days")
    client = client_of(TeamMemberFactory(event=mine).user)

    listed = shown(client, f"/admin/events/session/?event={theirs.pk}")

    assert client.get(overview_of(theirs)).status_code == 302
    assert "Secret days" not in listed and 'class="workspace"' not in listed
    for hostile in ("x", "99999999999999999999", "%00", "-1"):
        assert client.get(f"/admin/events/session/?event={hostile}").status_code in (200, 302, 400)


def test_forms_say_where_they_are():
    event = EventFactory(title="Spring days")
    session = SessionFactory(event=event, title="Keynote")
    client = client_of(TeamMemberFactory(event=event).user)

    html = shown(client, f"/admin/events/session/{session.pk}/change/")

    crumbs = re.search(r'<div class="breadcrumbs">(.*?)</div>', html, re.DOTALL)[1]
    assert re.sub(r"<[^>]+>|\s+", " ", crumbs).split() == (
        "Home &rsaquo; Spring days &rsaquo; Sessions &rsaquo; Keynote".split()
    )
    assert f'href="{overview_of(event)}"' in crumbs


# --- The overview --------------------------------------------------------------------------


def a_busy_event(sessions: int) -> Any:
    today = timezone.now()
    event = EventFactory(
        title="Spring days",
        starts_on=today.date(),
        ends_on=today.date() + timedelta(days=2),
        capacity=10,
    )
    for number in range(sessions):
        starts = today + timedelta(hours=4 + number)
        SessionFactory(
            event=event,
            title=f"Talk {number}",
            starts_at=starts,
            ends_at=starts + timedelta(minutes=30),
            status="draft" if number == 0 else "published",
        )
    for _ in range(sessions):
        RegistrationFactory(event=event)
    return event


def panels_in(html: str) -> dict[str, list[str]]:
    found = re.findall(r'<section class="overview-panel">(.*?)</section>', html, re.DOTALL)
    text = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part)).strip() for part in found]
    lines = [re.findall(r"<li[^>]*>(.*?)</li>", part, re.DOTALL) for part in found]
    said = [[re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", li)).strip() for li in ls] for ls in lines]
    return {whole.split(" ")[0]: each for whole, each in zip(text, said, strict=True)}


def test_the_overview_counts():
    event = a_busy_event(3)
    client = client_of(TeamMemberFactory(event=event).user)

    html = shown(client, overview_of(event))

    panels = panels_in(html)
    assert panels["Sessions"] == ["1 Draft", "2 Published"]
    assert panels["Registrations"] == ["3 registered", "10 places"]
    assert panels["Attendance"] == []
    assert "No session has begun yet." in html
    assert [f"Talk {n}" in html for n in range(3)] == [True, True, True]


def test_analysts_and_moderators_see_no_registrations_and_no_sync():
    event = a_busy_event(1)
    for role, expected in (
        (TeamRole.ANALYST, ["Sessions", "Attendance"]),
        (TeamRole.MODERATOR, ["Sessions"]),
    ):
        html = shown(client_of(TeamMemberFactory(event=event, role=role).user), overview_of(event))
        assert list(panels_in(html)) == expected


def test_the_overview_costs_as_much_for_many_as_for_few(django_assert_max_num_queries):
    few, many = a_busy_event(1), a_busy_event(5)
    user = TeamMemberFactory(event=few).user
    TeamMemberFactory(event=many, user=user)
    client = client_of(user)
    shown(client, overview_of(few))

    with django_assert_max_num_queries(25) as asked_few:
        shown(client, overview_of(few))
    with django_assert_max_num_queries(25) as asked_many:
        shown(client, overview_of(many))
    assert len(asked_many) == len(asked_few)


def test_what_needs_somebody_of_one_event_stands_on_its_overview():
    now = timezone.now()
    event = EventFactory(title="Now", starts_on=now.date(), ends_on=now.date())
    other = EventFactory(title="Other", starts_on=now.date(), ends_on=now.date())
    user = TeamMemberFactory(event=event).user
    TeamMemberFactory(event=other, user=user)
    for each in (event, other):
        SessionFactory(event=each, starts_at=now, ends_at=now + timedelta(hours=1))

    html = shown(client_of(user), overview_of(event))

    assert html.count("1 session is on or begins within two hours") == 1


def test_superusers_switch_between_all_events():
    event, other = (
        EventFactory(),
        EventFactory(title="Old", starts_on=date(2020, 1, 1), ends_on=date(2020, 1, 2)),
    )
    client = client_of(UserFactory(is_staff=True, is_superuser=True))

    assert f'href="{overview_of(other)}" dir="auto">Old' in shown(client, overview_of(event))


def test_mail_that_comes_back_leads_to_the_people():
    today = timezone.now().date()
    event = EventFactory(title="Now", starts_on=today, ends_on=today)
    gone = RegistrationFactory(event=event, user=UserFactory(email="Gone@example.org"))
    RegistrationFactory(event=event)
    rest_address("gone@example.org", "No such mailbox")
    client = client_of(TeamMemberFactory(event=event).user)
    address = f"/admin/events/registration/?event={event.pk}&mail=back"

    html = shown(client, overview_of(event))
    listed = shown(client, address)

    assert f'href="{address.replace("&", "&amp;")}">Mail to 1 registered person comes back' in html
    assert "1 registration" in listed
    assert f"/admin/events/registration/{gone.pk}/change/" in listed
