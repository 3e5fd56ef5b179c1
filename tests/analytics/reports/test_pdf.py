"""The reports as PDF files say what their pages say."""

from __future__ import annotations

import subprocess
from shutil import which
from typing import Any

import pytest
from django.urls import reverse

from analytics.models import EventPrivacy, PrivacyMode
from tests.analytics.test_admin import figures_of

pytestmark = pytest.mark.django_db


def words(body: bytes) -> str:
    """The text of a PDF in one line; empty where no program reads it."""
    assert body.startswith(b"%PDF-")
    if (program := which("pdftotext")) is None:
        return ""
    told = subprocess.run(
        [program, "-raw", "-", "-"], input=body, capture_output=True, check=True, timeout=20
    )
    return " ".join(told.stdout.decode().split())


@pytest.fixture
def reader(client: Any, analyst: Any) -> Any:
    client.force_login(analyst)
    return client


def test_files_say_what_the_pages_say(reader, event, sessions):
    for name, pk in (("session", sessions["Soil"].pk), ("event", event.pk)):
        figures = figures_of(reader.get(reverse(f"admin:analytics_{name}_report", args=[pk])))
        reply = reader.get(reverse(f"admin:analytics_{name}_pdf", args=[pk]))
        said = words(reply.content)

        assert reply["Content-Type"] == "application/pdf"
        assert "no-store" in reply["Cache-Control"]
        if said:
            missing = [each for each in figures.items() if " ".join(each) not in said]
            assert (missing, "Totals disagree" in said) == ([], True)


def test_a_filtered_file_has_only_what_was_chosen(reader, event):
    url = reverse("admin:analytics_event_pdf", args=[event.pk])
    if said := words(reader.get(url + "?track=yard").content):
        assert ("Closing" in said, "Opening" in said, "Visits 7" in said) == (True, False, True)


def test_an_aggregate_file_tells_no_rows_and_no_exact_number(reader, event, sessions):
    EventPrivacy.objects.create(event=event, mode=PrivacyMode.AGGREGATE, minimum_group=3)
    for name, pk in (("session", sessions["Soil"].pk), ("event", event.pk)):
        body = reader.get(reverse(f"admin:analytics_{name}_pdf", args=[pk])).content
        if said := words(body):
            assert "Aggregate: numbers are rounded to multiples of 3" in said
            assert ("5 / 9" in said, "Peak" in said) == (False, False)


def test_without_its_font_the_page_says_what_to_install(reader, event, settings):
    settings.PDF_FONT = "/nowhere/font.ttf"
    reply = reader.get(reverse("admin:analytics_event_pdf", args=[event.pk]), follow=True)

    assert "Install Debian&#x27;s fonts-dejavu-core" in reply.content.decode()
