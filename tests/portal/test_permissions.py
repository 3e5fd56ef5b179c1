"""The rule book of permissions is whole, its page is current, and a selection of it holds."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command, get_commands
from django.test import RequestFactory

from tests.factories import UserFactory
from tests.permissions import table
from tests.permissions.asking import ask, complaints
from tests.permissions.doors import ACTIONS, COMMANDS, Door, all_doors
from tests.permissions.people import DELETED, OPEN, THEIRS_DRAFT, THEIRS_PRIVATE, Kind, Role
from tests.permissions.world import World

OUR_APPS = {"portal", "analytics", "kaltura_bridge", "events"}


def test_the_page_says_what_the_rules_say():
    assert table.PATH.read_text(encoding="utf-8") == table.page(), (
        "docs/permissions.md is out of date: python -m tests.permissions_table"
    )


def test_every_address_has_rules():
    """Who adds an address says in tests/permissions/doors.py who may open it."""
    named = {door.name for door in all_doors()}
    known = table.addresses()

    assert sorted(name for name in known if not name.endswith("None")) == sorted(named)
    # Django's own redirect from a row to its form, and its answer to all that is not there.
    assert {name for name in known if name.endswith("None")} == {"admin:None"}


@pytest.mark.django_db
def test_every_action_has_rules():
    request = RequestFactory().get("/admin/")
    request.user = UserFactory(is_staff=True, is_superuser=True)
    offered = {
        f"{model._meta.app_label}_{model._meta.model_name}": set(page.get_actions(request))
        for model, page in admin.site._registry.items()
    }

    ruled = {name: set(roles) for name, roles in ACTIONS.items()}
    assert {name: actions for name, actions in offered.items() if actions} == ruled


@pytest.mark.django_db
def test_actions_are_offered_to_those_who_may():
    world, request = World(), RequestFactory().get("/admin/")
    for role in set(Role) - {Role.ANONYMOUS}:
        request.user = world.people[role]
        for model, page in admin.site._registry.items():
            ruled = ACTIONS.get(f"{model._meta.app_label}_{model._meta.model_name}", {})
            may = {name for name, who in ruled.items() if role in who or role is Role.SUPERUSER}
            opens = request.user.is_staff and page.has_view_or_change_permission(request)
            offered = set(page.get_actions(request)) if opens else set()
            assert (role, model._meta.label, offered) == (role, model._meta.label, may)


def test_every_command_has_rules():
    ours = {name for name, app in get_commands().items() if str(app) in OUR_APPS}

    assert ours == set(COMMANDS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "command",
    ["export_attendance", "kaltura_plan", "kaltura_sync", "kaltura_drift", "pull_attendance"],
)
def test_commands_refuse_an_event_that_is_gone(command):
    out = StringIO()

    with pytest.raises(CommandError) as refusal:
        call_command(command, "quokka-days", stdout=out, stderr=out)

    assert "quokka-days" in str(refusal.value)
    assert (refusal.value.returncode, out.getvalue()) == (2, "")


@pytest.mark.django_db
@pytest.mark.postgres
@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.REGISTERED, Role.MANAGER])
def test_what_is_hidden_stays_hidden(role):
    """A selection of the matrix: every page about an object, for what another team hides."""
    world = World()
    pages = [door for door in all_doors() if door.method == "GET" and door.about]

    wrong = [
        each for door in pages for each in complaints(world, role, door, (THEIRS_DRAFT, DELETED))
    ]
    assert wrong == []


# --- The matrix sees what is wrong --------------------------------------------------------


@pytest.mark.django_db
def test_the_matrix_notices_an_answer_that_the_rules_do_not_say():
    world, door = World(), Door("Site", "events:home", lambda role, kind: "403")

    assert list(complaints(world, Role.MEMBER, door)) == [
        "GET events:home as signed in (ours): answered open, not 403"
    ]


@pytest.mark.django_db
def test_the_matrix_notices_what_is_told():
    world = World()
    ours, hidden = world.places[OPEN].event, world.places[THEIRS_PRIVATE].event
    page = next(door for door in all_doors() if door.name == "events:event")
    ours.tagline = f"Like {hidden.title}"
    ours.save()

    assert list(complaints(world, Role.MANAGER, page, (OPEN,))) == [
        f"GET events:event as manager (ours): told {hidden.title!r}"
    ]


@pytest.mark.django_db
def test_the_matrix_notices_a_change():
    world = World()
    cancel = next(
        door
        for door in all_doors()
        if door.form == "action:cancel_selected" and "event_" in door.name
    )
    kind: Kind = cancel.kinds[0]

    answer = ask(world, Role.MANAGER, cancel, kind)

    ours = {place.event.uuid for kind, place in world.places.items() if kind.ours}
    assert answer.changed
    assert {event for event, _ in answer.changed.values()} <= ours
    # Nothing of it remains.
    assert not ask(world, Role.ANONYMOUS, cancel, kind).changed
