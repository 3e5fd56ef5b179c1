"""Parquet where pyarrow is there, and a sentence where it is not."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from analytics.exports import ExportLevel, attendance_table, parquet
from analytics.exports.columns import CellKind
from analytics.exports.making import make_due
from analytics.models import AttendanceFile, EventPrivacy, PrivacyMode
from events.models import TeamRole
from tests.factories import TeamMemberFactory

NOW = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db]


@pytest.mark.postgres
@pytest.mark.parametrize("level", list(ExportLevel))
@pytest.mark.parametrize("mode", list(PrivacyMode))
def test_every_value_is_there_with_its_type(event, level, mode, monkeypatch):
    reader = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(parquet, "GROUP_ROWS", 7)
    EventPrivacy.objects.create(event=event, mode=mode)
    table = attendance_table(event, level)
    seen = []
    pieces = parquet.attendance_parquet(table, made_by="Ada", now=NOW, watch=seen.append)
    found = reader.read_table(io.BytesIO(b"".join(pieces)))

    rows = [list(row) for row in table.rows]
    for column, kept in zip(table.chosen, found.schema, strict=True):
        assert (kept.name, str(kept.type)) == (column.name, expected_type(column))
    for row, values in zip(found.to_pylist(), rows, strict=True):
        for column, value in zip(table.chosen, values, strict=True):
            assert row[column.name] == as_kept(column.kind, value)
    about = json.loads(found.schema.metadata[b"about"])
    assert about[1] == ["event", event.title, event.slug]
    assert seen[-1] == len(rows)


def expected_type(column) -> str:
    if column.kind is CellKind.NUMBER:
        return f"decimal128(18, {column.decimals})" if column.decimals else "int64"
    types = {
        CellKind.TIME: "timestamp[ms, tz=UTC]",
        CellKind.LOCAL_TIME: "timestamp[ms]",
        CellKind.BOOL: "bool",
    }
    return types.get(column.kind, "string")


def as_kept(kind: CellKind, value: object) -> object:
    if kind is CellKind.LOCAL_TIME:
        return datetime.fromisoformat(value).replace(tzinfo=None)
    if isinstance(value, datetime | bool | int | Decimal) or value is None:
        return value
    return str(value)


@pytest.fixture
def absent(monkeypatch) -> None:
    """As where pyarrow is not installed."""
    monkeypatch.setattr(parquet, "find_spec", lambda name: None)


def test_where_it_is_absent_the_page_says_why(client, event, absent):
    client.force_login(TeamMemberFactory(event=event, role=TeamRole.ANALYST).user)
    url = reverse("admin:analytics_event_files", args=[event.pk])
    page = client.get(url).content.decode()
    wish = {"level": "stay", "form": "parquet", "show": "all", "reason": "Audit"}

    assert "Parquet needs pyarrow, which is not installed here" in page
    assert client.post(url, wish).context["form"].errors == {"form": [parquet.why_unavailable()]}


def test_where_it_is_absent_the_command_refuses(event, absent, tmp_path):
    path = tmp_path / "stays.parquet"
    with pytest.raises(CommandError, match="--format parquet needs pyarrow") as refused:
        call_command("export_attendance", "--", event.slug, format="parquet", output=path)

    assert (refused.value.returncode, list(tmp_path.iterdir())) == (2, [])


def test_a_planned_one_fails_with_the_sentence_where_it_went_away(
    event, absent, settings, tmp_path
):
    """Planned while pyarrow was there: every attempt fails, until the plan is given up."""
    settings.EXPORT_DIR = tmp_path
    user = TeamMemberFactory(event=event, role=TeamRole.ANALYST).user
    AttendanceFile.objects.create(
        event=event, user=user, level="stay", form="parquet", show="all", asked_at=NOW
    )
    make_due()

    file = AttendanceFile.objects.get()
    assert (file.state, file.error) == ("failed", parquet.why_unavailable())
    assert list(tmp_path.iterdir()) == []


def test_times_are_never_of_the_machine(event):
    """A reader gets the moment that the CSV file has, whatever its own zone."""
    reader = pytest.importorskip("pyarrow.parquet")
    table = attendance_table(event, ExportLevel.STAY)
    pieces = parquet.attendance_parquet(table, made_by="Ada", now=NOW)
    found = reader.read_table(io.BytesIO(b"".join(pieces)))

    joined = found.column("joined_utc").to_pylist()
    assert joined[0].utcoffset() == timedelta(0)
    assert joined[0] == datetime(2030, 5, 6, 9, tzinfo=UTC)
