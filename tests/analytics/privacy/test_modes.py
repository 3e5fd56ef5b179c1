"""What each mode lets pages and files say, and who may change it."""

from __future__ import annotations

import csv
import hashlib
import io
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from analytics.models import (
    Coverage,
    EventPrivacy,
    PrivacyChange,
    PrivacyMode,
    PullRun,
    RoomRun,
    SessionPull,
    Stay,
)
from analytics.privacy.changing import change_privacy, privacy_tightened
from analytics.privacy.modes import rules_of
from events.models import TeamRole
from tests.analytics.privacy.conftest import START
from tests.factories import EventFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def choose(event, mode, **more):
    return EventPrivacy.objects.create(event=event, mode=mode, **more)


def member(event, role):
    return TeamMemberFactory(event=event, role=role).user


def answers(client, event, session):
    """Every page and file of the reports, as text."""
    pages = [("event_report", event), ("session_report", session)]
    files = [("event_csv", event), ("session_csv", session)]
    urls = [reverse(f"admin:analytics_{name}", args=[of.pk]) for name, of in [*pages, *files]]
    urls += [f"{url}?level=stay" for url in urls[2:]]
    urls += [f"{url}?show=attended" for url in urls[1:]]
    urls = [f"{url}{'&' if '?' in url else '?'}reason=Audit" for url in urls]
    return [client.get(url).getvalue().decode() for url in urls]


def rows_of(client, event):
    url = reverse("admin:analytics_event_csv", args=[event.pk])
    text = client.get(url, {"reason": "Audit"}).getvalue().decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_an_event_is_identified_unless_it_says_otherwise(event):
    rules = rules_of(event)

    assert (rules.mode, rules.names_people, rules.lists_people) == ("identified", True, True)
    assert rules.person("x", "Ada", "ada@example.org", identifier="id").name == "Ada"


def test_a_pseudonymous_event_names_nobody_anywhere(client, event, talk, crowd):
    choose(event, PrivacyMode.PSEUDONYMOUS)
    client.force_login(member(event, TeamRole.ANALYST))

    said = "\n".join(answers(client, event, talk))

    told = {
        text
        for person in crowd
        for text in (person.email, f">{person.name} ", f",{person.name},", str(person.uuid))
        if text in said
    }
    assert (told, "guest@reported" in said, ",Guest," in said) == (set(), False, False)
    assert said.count("Pseudonymous: each person stands under a code") == 3


def test_a_code_is_one_persons_in_one_event(client, event, talk, crowd):
    choose(event, PrivacyMode.PSEUDONYMOUS)
    client.force_login(member(event, TeamRole.ANALYST))
    first, again = rows_of(client, event), rows_of(client, event)
    codes = [row["attendee_id"] for row in first]

    assert codes == [row["attendee_id"] for row in again]
    assert len(set(codes)) == len(codes) == 21
    # Any other order, such as that of the accounts, would be the same in the next event.
    assert codes == sorted(codes)
    other = EventFactory()
    choose(other, PrivacyMode.PSEUDONYMOUS)
    person = str(crowd[0].uuid)
    assert rules_of(event).pseudonym(person) in codes
    assert rules_of(other).pseudonym(person) not in codes


def test_a_code_needs_the_key(event, settings, crowd):
    row, person = choose(event, PrivacyMode.PSEUDONYMOUS), str(crowd[0].uuid)
    code = rules_of(event).pseudonym(person)

    # Whoever has a copy of the database has the salt and the accounts, and tries them all.
    guesses = [row.salt.encode() + person.encode(), bytes.fromhex(row.salt) + person.encode()]
    assert code not in {f"P-{hashlib.sha256(text).hexdigest()[:16]}" for text in guesses}
    settings.SECRET_KEY = "another" * 10
    assert rules_of(event).pseudonym(person) != code


def test_an_aggregate_event_lists_nobody_and_rounds(client, event, talk, crowd):
    choose(event, PrivacyMode.AGGREGATE)
    client.force_login(member(event, TeamRole.ANALYST))

    said = answers(client, event, talk)

    assert [person for person in crowd if person.email in "".join(said)] == []
    assert "Guest" not in "".join(said)
    assert [(r["registered_attended"], r["others_attended"]) for r in rows_of(client, event)] == [
        ("10", "")
    ]
    for page in said[:2]:
        assert "groups of fewer than 5 people are not shown" in page


def test_filters_make_no_other_table_of_an_aggregate_event(client, event, talk, crowd):
    choose(event, PrivacyMode.AGGREGATE)
    client.force_login(member(event, TeamRole.ANALYST))
    url = reverse("admin:analytics_session_csv", args=[talk.pk])
    asked = ["", "?show=guests", "?show=absent", "?level=stay", "?show=attended&level=stay"]

    assert len({client.get(url + query).getvalue() for query in asked}) == 1


def test_less_is_shown_at_once_and_files_made_before_are_withdrawn(event):
    told = []
    privacy_tightened.connect(lambda event, **_: told.append(event), weak=False, dispatch_uid="t")
    manager = member(event, TeamRole.MANAGER)
    try:
        assert change_privacy(event, manager, {"mode": PrivacyMode.AGGREGATE}, "") is True
        assert change_privacy(event, manager, {"mode": PrivacyMode.AGGREGATE}, "") is False
    finally:
        privacy_tightened.disconnect(dispatch_uid="t")

    assert told == [event]
    assert rules_of(event).mode is PrivacyMode.AGGREGATE
    assert rules_of(event).files_valid_from is not None


def test_only_owners_have_more_shown_and_that_leaves_a_trace(event):
    choose(event, PrivacyMode.AGGREGATE)
    owner, manager = member(event, TeamRole.OWNER), member(event, TeamRole.MANAGER)
    looser = {"mode": PrivacyMode.IDENTIFIED}
    with pytest.raises(PermissionDenied):
        change_privacy(event, manager, looser, "I want to see")

    change_privacy(event, owner, looser, "All agreed")

    traces = PrivacyChange.objects.values_list("user", "field", "before", "after", "reason")
    assert list(traces) == [(owner.pk, "mode", "aggregate", "identified", "All agreed")]


@pytest.mark.parametrize(
    "looser",
    [
        {"mode": PrivacyMode.PSEUDONYMOUS},
        {"minimum_group": 4},
        {"asks_consent": False},
        {"retention_days": 31},
        {"retention_days": None},
        {"retention_action": "pseudonymise"},
    ],
)
def test_whatever_shows_or_keeps_more_is_the_owners(event, looser):
    choose(
        event,
        PrivacyMode.AGGREGATE,
        asks_consent=True,
        retention_days=30,
        retention_action="delete",
    )
    with pytest.raises(PermissionDenied):
        change_privacy(event, member(event, TeamRole.MANAGER), looser, "")

    assert change_privacy(event, member(event, TeamRole.OWNER), looser, "") is True


def form(**changes):
    return {
        "mode": "identified",
        "minimum_group": "5",
        "retention_days": "",
        "retention_action": "pseudonymise",
        "reason": "",
        **changes,
    }


@pytest.mark.parametrize(
    ("role", "status", "mode"),
    [
        (TeamRole.OWNER, 302, "aggregate"),
        (TeamRole.MANAGER, 302, "aggregate"),
        (TeamRole.ANALYST, 403, "identified"),
        (TeamRole.MODERATOR, 404, "identified"),
    ],
)
def test_who_changes_it_on_its_page(client, event, role, status, mode):
    client.force_login(member(event, role))
    url = reverse("admin:analytics_event_privacy", args=[event.pk])

    assert client.post(url, form(mode="aggregate")).status_code == status
    assert rules_of(event).mode == mode


def test_its_page_refuses_a_manager_who_wants_more_and_says_why(client, event):
    choose(event, PrivacyMode.AGGREGATE)
    client.force_login(member(event, TeamRole.MANAGER))
    page = client.post(reverse("admin:analytics_event_privacy", args=[event.pk]), form())

    assert page.status_code == 200
    assert "Only owners of the event may have more shown or kept." in page.content.decode()
    assert rules_of(event).mode == "aggregate"


def test_a_superuser_may_do_what_an_owner_may(event):
    choose(event, PrivacyMode.AGGREGATE)
    operator = UserFactory(is_staff=True, is_superuser=True)

    assert change_privacy(event, operator, {"mode": PrivacyMode.IDENTIFIED}, "asked") is True


def test_rows_as_reported_are_shown_only_of_events_that_name_people(client, event, talk, crowd):
    run = RoomRun.objects.create(
        source="newrow",
        remote_id="7",
        room_remote_id="1_room",
        session=talk,
        event=event,
        started_at=START,
        pulled_at=START,
    )
    Stay.objects.create(
        source="newrow", run=run, remote_key="7/1", name="Zaphod", joined_at=START, pulled_at=START
    )
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    url = reverse("admin:analytics_stay_changelist")
    before = client.get(url).content.decode()
    choose(event, PrivacyMode.PSEUDONYMOUS)
    after = client.get(url).content.decode()

    assert ("Zaphod" in before, "Zaphod" in after) == (True, False)


def test_records_of_pulls_tell_small_numbers_of_no_event_of_groups(client, event, talk):
    """How many rows a source had is how many people there were."""
    at = {"attempted_at": START, "pulled_at": START}
    counts = {"pulled_rows": 4, "expected_rows": 4}
    coverage = Coverage.objects.create(session=talk, source="report", **at, **counts)
    pull = SessionPull.objects.create(
        session=talk, source="report", asked_at=START, finished_at=START, new=4, **counts
    )
    run = PullRun.objects.create(trigger="person", event=event, until=START, totals=4, new=4)
    room = RoomRun.objects.create(
        source="newrow",
        remote_id="7",
        room_remote_id="1",
        event=event,
        started_at=START,
        pulled_at=START,
    )
    for number in range(4):
        Stay.objects.create(
            source="newrow", run=room, remote_key=f"7/{number}", joined_at=START, pulled_at=START
        )
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    def told() -> list[bool]:
        pages = []
        for row in (coverage, pull, run):
            name = f"admin:analytics_{row._meta.model_name}"
            pages += [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])]
        pages.append(reverse("admin:analytics_matching", args=[event.pk]))
        return [bool(re.search(r">\s*4\s*<", client.get(url).content.decode())) for url in pages]

    before = told()
    choose(event, PrivacyMode.AGGREGATE, minimum_group=5)

    assert (before, told()) == ([True] * 7, [False] * 7)
