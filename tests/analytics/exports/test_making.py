"""Files made in the background, and the page on which people ask for them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.exports import ExportLevel, attendance_csv, attendance_table, making
from analytics.exports.making import cancel_file, make_due, make_file, sweep
from analytics.models import (
    AttendanceFile,
    EventPrivacy,
    FileDownload,
    FileState,
    PrivacyMode,
    RoomRun,
    Stay,
)
from analytics.roster import PeopleFilter
from events.models import Event, TeamRole
from tests.factories import EventFactory, TeamMemberFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    """Where the files lie; everything is large."""
    settings.EXPORT_DIR = tmp_path / "exports"
    settings.EXPORT_STREAM_ROWS = 0
    return settings.EXPORT_DIR


@pytest.fixture
def analyst(client, event) -> Client:
    client.force_login(TeamMemberFactory(event=event, role=TeamRole.ANALYST).user)
    return client


def page_of(event: Event) -> str:
    return reverse("admin:analytics_event_files", args=[event.pk])


def asked(client: Client, event: Event, **more) -> AttendanceFile:
    wish = {"level": "stay", "form": "csv", "show": "all", "reason": "Audit", **more}
    reply = client.post(page_of(event), wish)
    assert (reply.status_code, reply.url) == (302, page_of(event))
    return AttendanceFile.objects.latest("pk")


def take(client: Client, file: AttendanceFile) -> tuple[int, bytes]:
    reply = client.get(reverse("admin:analytics_file", args=[file.event_id, file.uuid]))
    return reply.status_code, reply.getvalue() if reply.status_code == 200 else b""


def lying(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_large_file_is_made_by_the_worker_and_taken_by_who_asked(analyst, event, folder, form):
    file = asked(analyst, event, form=form)
    assert (file.state, take(analyst, file)[0]) == (FileState.WAITING, 404)

    make_due()
    file.refresh_from_db()
    status, content = take(analyst, file)
    written = "".join(attendance_csv(attendance_table(event, ExportLevel.STAY))).encode()
    assert (file.state, status, file.size_bytes) == (FileState.READY, 200, len(content))
    assert content == written if form == "csv" else content.startswith(b"PK")
    assert lying(folder) == [str(file.uuid)]
    assert (folder.stat().st_mode & 0o077, (folder / str(file.uuid)).stat().st_mode & 0o077) == (
        0,
        0,
    )
    download = FileDownload.objects.get()
    assert (download.user, download.name, download.reason, download.privacy) == (
        file.user,
        f"-conf-stay-v1.{form}",
        "Audit",
        "identified",
    )


def test_a_small_file_is_streamed_at_once_and_noted(analyst, event, settings):
    settings.EXPORT_STREAM_ROWS = 1000
    wish = {"level": "stay", "form": "csv", "show": "all", "reason": "Audit\n2030"}
    reply = analyst.post(page_of(event), {**wish, "columns": ["attendee_id", "minutes"]})

    assert reply.getvalue().startswith(b"attendee_id,minutes\r\n")
    assert FileDownload.objects.get().reason == "Audit 2030"
    assert not AttendanceFile.objects.exists()


def test_a_file_with_names_needs_a_reason_and_its_own_columns(analyst, event):
    wish = {"level": "stay", "form": "csv", "show": "all", "columns": ["registered"]}
    form = analyst.post(page_of(event), wish).context["form"]

    assert form.errors == {
        "reason": ["This field is required."],
        "columns": ["These are columns of the other kind of row: registered."],
    }
    EventPrivacy.objects.create(event=event, mode=PrivacyMode.PSEUDONYMOUS)
    assert analyst.post(page_of(event), {**wish, "columns": []}).status_code == 302


def test_downloads_by_address_are_noted_too(analyst, event, settings):
    settings.EXPORT_STREAM_ROWS = 1000
    url = reverse("admin:analytics_event_csv", args=[event.pk])
    analyst.get(f"{url}?reason=Board").getvalue()
    EventPrivacy.objects.create(event=event, mode=PrivacyMode.PSEUDONYMOUS)
    analyst.get(url).getvalue()
    EventPrivacy.objects.all().delete()
    analyst.get(f"{url}?reason=Audit").getvalue()

    noted = list(FileDownload.objects.values_list("reason", flat=True))
    assert noted == ["Audit", "", "Board"]
    page = analyst.get(page_of(event)).content.decode()
    assert page.count("-conf-person-v1.csv") == 2
    assert page.count("-conf-person-v1-pseudonymous.csv") == 1


@pytest.mark.parametrize("large", [True, False])
def test_addresses_obey_the_rule_of_the_page(analyst, event, settings, large):
    """No reason, or too many rows: the form has what was asked for, and nothing is streamed."""
    settings.EXPORT_STREAM_ROWS = 0 if large else 1000
    session = event.sessions.get(title="Sooner")
    url = reverse("admin:analytics_session_xlsx", args=[session.pk])
    reason = "Audit" if large else " "
    asked_for = {"level": "stay", "show": "absent", "bom": "1", "reason": reason}
    reply = analyst.get(url, asked_for)
    assert (reply.status_code, reply.url.partition("?")[0]) == (302, page_of(event))

    page = analyst.get(reply.url)
    assert page.context["form"].initial == {
        **{"level": "stay", "form": "xlsx", "show": "absent", "bom": "1"},
        "session": str(session.pk),
        **({"reason": "Audit"} if large else {}),
    }
    assert "this is the one that you asked for" in page.content.decode()
    assert not FileDownload.objects.exists()


def test_a_file_made_twice_at_once_is_made_once(analyst, event, folder, monkeypatch):
    file = asked(analyst, event)
    seen = []

    def meanwhile(*args):
        seen.append(make_file(file.pk))
        return table_of(*args)

    table_of = making.table_of
    monkeypatch.setattr(making, "table_of", meanwhile)
    assert (make_file(file.pk), seen, make_file(file.pk)) == (True, [False], False)
    assert lying(folder) == [str(file.uuid)]


def test_a_killed_worker_leaves_nothing_and_the_next_one_makes_it(
    analyst, event, folder, monkeypatch
):
    file = asked(analyst, event)

    class Killed(BaseException):
        pass

    def killed(*args, **more):
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(making, "_pieces", killed)
        # As after kill -9, what it had written stays.
        broken.setattr(Path, "unlink", lambda *args, **more: None)
        with pytest.raises(Killed):
            make_file(file.pk)
    assert len(lying(folder)) == 1
    make_due()
    assert take(analyst, file)[0] == 404

    AttendanceFile.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    make_due()
    assert take(analyst, file)[0] == 200
    assert lying(folder) == [str(file.uuid)]


def test_a_cancelled_file_stops_and_leaves_nothing(analyst, event, folder, monkeypatch):
    file = asked(analyst, event)
    monkeypatch.setattr(making, "PROGRESS_EVERY_S", 0)
    table_of = making.table_of

    def cancelled_meanwhile(found):
        address = reverse("admin:analytics_file_cancel", args=[event.pk, file.uuid])
        assert analyst.post(address).status_code == 302
        return table_of(found)

    monkeypatch.setattr(making, "table_of", cancelled_meanwhile)
    assert make_file(file.pk) is False
    file.refresh_from_db()
    assert (file.state, lying(folder), cancel_file(file)) == (FileState.CANCELLED, [], False)


def test_what_cannot_be_made_says_so(analyst, event, folder, monkeypatch):
    file = asked(analyst, event)

    def disk_full(*args, **more):
        raise OSError("No space left on device")

    monkeypatch.setattr(making, "_pieces", disk_full)
    make_due()
    file.refresh_from_db()
    assert (file.state, lying(folder)) == (FileState.FAILED, [])
    assert "It could not be made." in analyst.get(page_of(event)).content.decode()


def test_files_go_when_their_time_is_over_or_less_may_be_shown(analyst, event, folder):
    expired, withdrawn = asked(analyst, event), asked(analyst, event)
    make_due()
    now = timezone.now()
    AttendanceFile.objects.filter(pk=expired.pk).update(expires_at=now)
    assert [take(analyst, file)[0] for file in (expired, withdrawn)] == [404, 200]

    EventPrivacy.objects.create(event=event, files_valid_from=now)
    assert take(analyst, withdrawn)[0] == 404
    (folder / "left-behind").touch()
    sweep(now)
    assert lying(folder) == []
    assert set(AttendanceFile.objects.values_list("state", flat=True)) == {FileState.GONE}


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (TeamRole.OWNER, 404),
        (TeamRole.ANALYST, 404),
        (TeamRole.MODERATOR, 404),
        (None, 404),
    ],
)
def test_nobody_else_takes_or_cancels_a_file(analyst, event, role, status):
    file = asked(analyst, event)
    make_due()
    other = Client()
    user = UserFactory(is_staff=True)
    TeamMemberFactory(user=user, event=event if role else EventFactory(), role=role or "owner")
    other.force_login(user)

    addresses = [
        reverse(f"admin:analytics_{name}", args=[event.pk, file.uuid])
        for name in ("file", "file_cancel")
    ]
    assert [other.get(address).status_code for address in addresses] == [status, status]
    assert other.post(addresses[1]).status_code == status


def test_who_is_no_analyst_any_more_takes_nothing(analyst, event):
    file = asked(analyst, event)
    make_due()
    event.team.all().delete()

    assert take(analyst, file)[0] == 404


def test_the_folder_is_not_served():
    private = Path(django_settings.BASE_DIR, "var/exports")

    assert not private.is_relative_to(django_settings.STATIC_ROOT)
    assert "exports" not in str(getattr(django_settings, "MEDIA_ROOT", ""))


@pytest.mark.parametrize("mode", list(PrivacyMode))
def test_rows_are_counted_as_the_file_has_them(event, mode):
    """Else a large file would be streamed, or a small one made in the background."""
    EventPrivacy.objects.create(event=event, mode=mode)
    for level in ExportLevel:
        for show in PeopleFilter:
            table = attendance_table(event, level, show=show)
            assert making.expected_rows(table) == sum(1 for _ in table.rows)
    assert Stay.objects.count() == sum(
        run.stays.count() for run in RoomRun.objects.filter(session__event=event)
    )


def test_a_worker_that_lost_its_claim_leaves_the_file_of_the_other(
    analyst, event, folder, monkeypatch
):
    file = asked(analyst, event)
    pieces, made = making._pieces, []

    def slept(*args):
        monkeypatch.setattr(making, "_pieces", pieces)
        AttendanceFile.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        made.append(make_file(file.pk))
        return pieces(*args)

    monkeypatch.setattr(making, "_pieces", slept)
    assert (make_file(file.pk), made) == (False, [True])
    assert take(analyst, file)[0] == 200
    assert lying(folder) == [str(file.uuid)]
