"""Presets of columns: one's own, shared ones, and what uses them."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from analytics.exports import ExportLevel
from analytics.exports.presets import keep_preset
from analytics.models import ColumnPreset
from events.models import Event, TeamRole, User
from tests.factories import EventFactory, TeamMemberFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FEW = ["attendee_name", "minutes"]


def analyst_of(event: Event) -> User:
    return TeamMemberFactory(event=event, role=TeamRole.ANALYST).user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def keep(user: User, event: Event, name: str = "Few", **fields) -> ColumnPreset:
    values = {"level": ExportLevel.STAY, "columns": FEW, "is_shared": False, **fields}
    return keep_preset(user, event, name, **values)


def wish(**fields) -> dict[str, object]:
    return {"level": "stay", "form": "csv", "show": "all", "reason": "Audit", **fields}


def test_an_analyst_keeps_uses_replaces_and_deletes_one(event):
    client = signed_in(analyst_of(event))
    page = reverse("admin:analytics_presets", args=[event.pk])
    files = reverse("admin:analytics_event_files", args=[event.pk])
    for columns in (["minutes"], FEW):
        reply = client.post(page, {"name": "Few", "level": "stay", "columns": columns})
        assert reply.status_code == 302
    preset = ColumnPreset.objects.get()
    assert (preset.columns, preset.is_shared) == (FEW, False)

    text = client.post(files, wish(preset=preset.pk)).getvalue().decode()
    assert text.startswith("attendee_name,minutes\r\n")
    client.post(reverse("admin:analytics_preset_delete", args=[event.pk, preset.uuid]))
    assert not ColumnPreset.objects.exists()


def test_others_use_only_what_is_shared(event):
    owner, other = analyst_of(event), analyst_of(event)
    shared, own = keep(owner, event, "Shared", is_shared=True), keep(owner, event, "Own")
    client = signed_in(other)
    files = reverse("admin:analytics_event_files", args=[event.pk])

    assert client.post(files, wish(preset=shared.pk)).getvalue().startswith(b"attendee_name,min")
    form = client.post(files, wish(preset=own.pk)).context["form"]
    assert list(form.errors) == ["preset"]
    page = client.get(reverse("admin:analytics_presets", args=[event.pk])).content.decode()
    assert ("Shared" in page, ">Own<" in page) == (True, False)
    for preset in (shared, own):
        url = reverse("admin:analytics_preset_delete", args=[event.pk, preset.uuid])
        assert client.post(url).status_code == 404
    assert ColumnPreset.objects.count() == 2


def test_presets_stay_with_their_event(event):
    other = EventFactory()
    user = analyst_of(event)
    TeamMemberFactory(event=other, user=user, role=TeamRole.ANALYST)
    preset = keep(user, other, is_shared=True)

    files = reverse("admin:analytics_event_files", args=[event.pk])
    assert list(signed_in(user).post(files, wish(preset=preset.pk)).context["form"].errors) == [
        "preset"
    ]


def test_what_does_not_fit_together_is_said(event):
    user = analyst_of(event)
    preset = keep(user, event)
    client = signed_in(user)
    files = reverse("admin:analytics_event_files", args=[event.pk])
    both = client.post(files, wish(preset=preset.pk, columns=["minutes"])).context["form"]
    other = client.post(files, wish(preset=preset.pk, level="person")).context["form"]
    page = reverse("admin:analytics_presets", args=[event.pk])
    none = client.post(page, {"name": " ", "level": "stay"}).context["form"]
    foreign = client.post(page, {"name": "A", "level": "stay", "columns": ["role"]}).context["form"]

    assert both.errors == {"preset": ["Choose a preset or columns, not both."]}
    assert other.errors == {"preset": ["This preset is of the other kind of row."]}
    assert sorted(none.errors) == ["columns", "name"]
    assert foreign.errors == {"columns": ["These are columns of the other kind of row: role."]}


def test_a_shared_name_is_taken_for_everybody_else(event):
    owner, other = analyst_of(event), analyst_of(event)
    keep(owner, event, is_shared=True)
    page = reverse("admin:analytics_presets", args=[event.pk])
    new = {"name": "Few", "level": "stay", "columns": FEW}

    form = signed_in(other).post(page, {**new, "is_shared": "on"}).context["form"]
    assert form.errors == {
        "name": ["Another analyst shares a preset of this name. Choose another."]
    }
    assert signed_in(other).post(page, new).status_code == 302
    with pytest.raises(IntegrityError), transaction.atomic():
        keep(other, event, is_shared=True)


# --- The command --------------------------------------------------------------------------


def exported(event: Event, **options) -> list[str]:
    out = io.StringIO()
    call_command("export_attendance", "--", event.slug, stdout=out, **options)
    return next(csv.reader(io.StringIO(out.getvalue(), newline="")))


def test_the_command_takes_columns_or_a_shared_preset(event):
    keep(analyst_of(event), event, is_shared=True)

    assert exported(event, columns="role, attendee_id") == ["attendee_id", "role"]
    assert exported(event, preset="Few") == FEW


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"columns": "shoe_size,role"}, "--columns: --level person has no 'shoe_size'. It has ev"),
        ({"columns": "minutes"}, "--columns: --level person has no 'minutes'."),
        ({"columns": " , "}, "--columns names none."),
        ({"preset": "Own"}, "share none of the name 'Own'. There are 'Few'."),
        ({"preset": "Few", "columns": "role"}, "--preset and --columns both say"),
        ({"bom": True, "format": "xlsx"}, "--bom is for CSV files, and --format is xlsx."),
        ({"format": "xlsx"}, "A workbook is not text: use --output FILE."),
    ],
)
def test_the_command_names_the_option_and_the_fix(event, options, said):
    user = analyst_of(event)
    keep(user, event, is_shared=True)
    keep(user, event, "Own")

    with pytest.raises(CommandError) as refused:
        call_command("export_attendance", "--", event.slug, stdout=io.StringIO(), **options)
    assert (said in str(refused.value), refused.value.returncode) == (True, 2)


def test_without_any_presets_the_command_says_so(event):
    with pytest.raises(CommandError, match="There are none yet"):
        call_command("export_attendance", "--", event.slug, preset="Few")
