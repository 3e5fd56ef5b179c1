"""Who sees, asks for, plans and erases what: every role at every door of the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from analytics.exports import ExportLevel
from analytics.exports.making import make_due
from analytics.exports.presets import keep_preset
from analytics.models import (
    AttendanceFile,
    ColumnPreset,
    ErasureReceipt,
    FileDownload,
    FileSchedule,
)
from events.models import Event, SpeakerRole, TeamRole, User
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db]

WISH = {"level": "stay", "form": "csv", "show": "all", "reason": "Audit"}
PLAN = {**WISH, "repeats": "daily", "at": "06:00", "weekday": "0", "hours_after": "24"}
NOT_THERE = UUID(int=1)

# What differs from one answer to the next, whoever asks about what.
_PASSING = re.compile(r'data-now="[^"]*"|value="[A-Za-z0-9]{64}"')
#: Answers of those who may, of team members and staff who may not, and of everybody else.
ANALYSTS = ("owner", "manager", "analyst", "superuser")
TURNED_AWAY = ("moderator", "another event's analyst", "staff")
OUTSIDE = ("attendee", "speaker", "session moderator", "stranger", "anonymous")


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.EXPORT_DIR = tmp_path / "exports"
    return settings.EXPORT_DIR


@pytest.fixture
def theirs(event) -> User:
    """Another analyst of the event, who asked for a file, planned one and keeps a preset."""
    user = TeamMemberFactory(event=event, role=TeamRole.ANALYST).user
    fields = {name: value for name, value in WISH.items() if name != "reason"}
    AttendanceFile.objects.create(event=event, user=user, **fields)
    make_due()
    AttendanceFile.objects.create(event=event, user=user, **fields)
    FileSchedule.objects.create(event=event, user=user, repeats="daily", **fields)
    keep_preset(user, event, "Theirs", ExportLevel.STAY, ["minutes"], is_shared=True)
    return user


def browser_of(who: str, event: Event) -> Client:
    client = Client()
    user = _person(who, event)
    if user:
        client.force_login(user)
    return client


def _person(who: str, event: Event) -> User | None:
    if who in set(TeamRole):
        return TeamMemberFactory(event=event, role=who).user
    session = event.sessions.first()
    match who:
        case "superuser":
            return UserFactory(is_superuser=True, is_staff=True)
        case "another event's analyst":
            return TeamMemberFactory(event=EventFactory(), role=TeamRole.ANALYST).user
        case "staff":
            return UserFactory(is_staff=True)
        case "attendee":
            return RegistrationFactory(event=event).user
        case "stranger":
            return UserFactory()
        case "speaker" | "session moderator":
            speaker = SpeakerFactory(event=event, user=UserFactory())
            role = SpeakerRole.SPEAKER if who == "speaker" else SpeakerRole.MODERATOR
            SessionSpeakerFactory(session=session, speaker=speaker, role=role)
            return speaker.user
    return None


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:analytics_{name}", args=args)


def own_doors(event_pk: int, session_pk: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Where analysts of the event are let in: method, address, form."""
    files, plan, presets = (
        url("event_files", event_pk),
        url("plan_file", event_pk),
        url("presets", event_pk),
    )
    for page in (files, url("file_rows", event_pk), plan, presets):
        yield "get", page, {}
    yield "post", files, WISH
    yield "post", plan, PLAN
    yield "post", presets, {"name": "Mine", "level": "stay", "columns": ["minutes"]}
    for name in ("event_csv", "event_xlsx"):
        yield "get", url(name, event_pk), {"reason": "Audit"}
    for name in ("session_csv", "session_xlsx"):
        yield "get", url(name, session_pk), {"reason": "Audit"}


def foreign_doors(event_pk: int, *uuids: UUID) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What belongs to one analyst alone, whoever else reads the event's figures."""
    ready, waiting, schedule, preset = uuids
    yield "get", url("file", event_pk, ready), {}
    yield "post", url("file_cancel", event_pk, waiting), {}
    for do in ("pause", "resume", "delete"):
        yield "post", url("file_plan", event_pk, schedule), {"do": do}
    yield "post", url("preset_delete", event_pk, preset), {}


def knocked(client: Client, doors: Iterator[tuple[str, str, dict[str, Any]]]) -> list[Any]:
    """Each answer: its number and, if nothing is given, its text."""
    answers = []
    for method, address, data in doors:
        reply = getattr(client, method)(address, data)
        body = reply.getvalue() if reply.status_code in (200, 404) else b""
        sign_in = reply.status_code == 302 and reply.url.startswith("/admin/login/")
        said = _PASSING.sub("*", body.decode()) if reply.status_code == 404 else ""
        said = said.replace(quote(address, safe=""), "*").replace(address, "*")
        answers.append(("sign in" if sign_in else reply.status_code, said))
    return answers


def rows() -> tuple[Any, ...]:
    tables = (AttendanceFile, FileSchedule, ColumnPreset, FileDownload)
    return tuple(list(table.objects.order_by("pk").values_list()) for table in tables)


@pytest.mark.parametrize("who", ANALYSTS)
def test_analysts_see_ask_and_plan(event, theirs, who):
    client = browser_of(who, event)
    answers = knocked(client, own_doors(event.pk, event.sessions.first().pk))

    assert [status for status, _ in answers] == [200] * 5 + [302] * 2 + [200] * 4
    assert (FileSchedule.objects.count(), ColumnPreset.objects.count()) == (2, 2)


@pytest.mark.parametrize("who", [*ANALYSTS, *TURNED_AWAY, *OUTSIDE])
def test_nobody_has_what_another_analyst_asked_for(event, theirs, who):
    client, before = browser_of(who, event), rows()
    ready, waiting = AttendanceFile.objects.order_by("pk")
    there = [ready.uuid, waiting.uuid, FileSchedule.objects.get().uuid]
    there.append(ColumnPreset.objects.get().uuid)
    answers = knocked(client, foreign_doors(event.pk, *there))

    # As of files, plans and presets that do not exist.
    assert answers == knocked(client, foreign_doors(event.pk, *[NOT_THERE] * 4))
    expected = "sign in" if who in OUTSIDE else 404
    assert ({status for status, _ in answers}, rows()) == ({expected}, before)


@pytest.mark.parametrize("who", [*TURNED_AWAY, *OUTSIDE])
def test_who_reads_no_figures_learns_and_changes_nothing(event, theirs, who):
    client, before = browser_of(who, event), rows()
    answers = knocked(client, own_doors(event.pk, event.sessions.first().pk))

    assert answers == knocked(client, own_doors(10**6, 10**6))
    expected = "sign in" if who in OUTSIDE else 404
    assert ({status for status, _ in answers}, rows()) == ({expected}, before)


@pytest.mark.parametrize("who", ["owner", "manager", "analyst", *TURNED_AWAY, *OUTSIDE])
def test_only_superusers_erase_somebody_else(event, theirs, who):
    reply = browser_of(who, event).post(url("erase_person", theirs.pk), {"confirmed": "1"})

    assert reply.status_code in (302, 403, 404)
    assert (User.objects.filter(pk=theirs.pk).exists(), ErasureReceipt.objects.count()) == (True, 0)
