"""What a schedule has beside its talks: other languages, links, documents, pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from events.exports.frab_json import to_json
from events.exports.frab_xml import to_xml
from events.exports.schedule import schedule_of
from events.models import Event, Session, SessionMaterial, SessionTranslation, SpeakerLink
from events.programme.reading import programme_version
from tests.events.imports.test_exports import EXPORTS
from tests.events.test_imports import conference, counts, run, run_json, talk

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def written(tmp_path: Path) -> Any:
    def write(document: dict[str, Any]) -> Path:
        path = tmp_path / "schedule.json"
        path.write_text(json.dumps(document))
        return path

    return write


def hub() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((EXPORTS / "hub_v2.json").read_text())
    return document


def translations() -> list[tuple[str, ...]]:
    rows = SessionTranslation.objects.order_by("session__starts_at", "language")
    return list(
        rows.values_list(
            "session__title", "language", "title", "subtitle", "abstract", "description"
        )
    )


def materials() -> list[tuple[str, str, str]]:
    rows = SessionMaterial.objects.order_by("session__starts_at", "position")
    return list(rows.values_list("session__title", "title", "url"))


def test_texts_in_several_languages_become_translations(written):
    document = hub()
    first, second, _ = document["schedule"]["events"]
    first["title"] = {"en": "Opening", "de-DE": "Eröffnung", "tlh": "taH"}
    second["abstract"] = {"de": "Im Dunkeln.", "en": "In the dark.", "he": "בחושך"}

    report, code = run_json("conf", written(document), "--apply")
    again, _ = run_json("conf", written(document), "--apply")

    assert (counts(report), report["warnings"], code) == ((3, 0, 0, 0, 0), [], 0)
    assert translations() == [
        ("Opening", "de", "Eröffnung", "", "", "Willkommen."),
        ("Sand castles", "en", "", "", "In the dark.", ""),
        ("Sand castles", "he", "", "", "בחושך", ""),
    ]
    assert programme_version(Event.objects.get()).languages == "de,en,he"
    assert counts(again) == (0, 0, 0, 3, 0)


def test_a_changed_translation_is_shown_first_and_keeps_what_managers_added(written):
    document = hub()
    run("conf", written(document), "--apply")
    row = SessionTranslation.objects.get()
    row.title = "Von Hand"
    row.save()
    before = programme_version(Event.objects.get()).number
    document["schedule"]["events"][0]["description"]["de"] = "Hereinspaziert."

    text, _ = run("conf", written(document))
    report, code = run_json("conf", written(document), "--apply")

    assert "      description (de): Willkommen. → Hereinspaziert." in text
    assert (counts(report), code) == ((0, 1, 0, 2, 0), 0)
    assert translations() == [("Opening", "de", "Von Hand", "", "", "Hereinspaziert.")]
    assert programme_version(Event.objects.get()).number > before


def test_a_translation_that_is_too_long_is_left_out_with_a_warning(written):
    document = hub()
    document["schedule"]["events"][0]["title"] = {"en": "Opening", "de": "x" * 251}

    report, code = run_json("conf", written(document), "--apply")

    assert (counts(report), code) == ((3, 0, 0, 0, 0), 0)
    assert [warning["count"] for warning in report["warning_counts"]] == [1]
    assert translations() == [("Opening", "de", "", "", "", "Willkommen.")]


@pytest.mark.parametrize("name", ["pretalx.json", "pretalx.xml"])
def test_documents_of_a_schedule_become_links(name):
    text, _ = run("conf", EXPORTS / name)
    run("conf", EXPORTS / name, "--apply")
    again, _ = run_json("conf", EXPORTS / name, "--apply")

    address = "https://cfp.tidal.example/media/plan.pdf"
    assert f"      link: Plan ({address})" in text
    assert materials() == [("Sluices <in> practice", "Plan", address)]
    assert counts(again) == (0, 0, 0, 3, 0)


def test_links_are_added_and_none_is_taken_away(written):
    link = {"url": "https://a.example/1", "title": "One"}
    run("conf", written(conference(talk(links=[link]))), "--apply")
    session = Session.objects.get()
    session.materials.create(title="By hand", url="https://b.example/", position=7)

    more = [{"url": "https://a.example/2", "title": ""}, {"url": "https://b.example/"}]
    report, _ = run_json("conf", written(conference(talk(links=more))), "--apply")

    assert counts(report) == (0, 1, 0, 0, 0)
    assert materials() == [
        ("Opening", "One", "https://a.example/1"),
        ("Opening", "By hand", "https://b.example/"),
        ("Opening", "https://a.example/2", "https://a.example/2"),
    ]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "file:///etc/passwd", "/no/base.pdf", "https://x" + "y" * 600],
)
def test_an_address_that_is_none_is_left_out_with_a_warning(written, address):
    document = conference(talk(links=[{"url": address, "title": "Bad"}]))

    report, code = run_json("conf", written(document), "--apply")

    assert (counts(report), code) == ((1, 0, 0, 0, 0), 0)
    assert [warning["count"] for warning in report["warning_counts"]] == [1]
    assert materials() == []


def test_pictures_of_people_become_links_of_theirs(written):
    text, _ = run("conf", EXPORTS / "hub_v2.json")
    run("conf", EXPORTS / "hub_v2.json", "--apply")
    run("conf", EXPORTS / "hub_v2.json", "--apply")
    old = {"id": 9, "name": "Eve", "avatar": "https://example.net/e.png"}
    run("old", written(conference(talk(persons=[old]))), "--apply")

    assert "  + Gina: https://example.net/g.jpg" in text
    rows = SpeakerLink.objects.order_by("pk").values_list("speaker__name", "label", "url")
    assert list(rows) == [
        ("Gina", "Picture", "https://example.net/g.jpg"),
        ("Eve", "Picture", "https://example.net/e.png"),
    ]


@pytest.mark.parametrize("write", [to_json, to_xml])
def test_our_own_documents_are_known_again(written, tmp_path, write):
    """An export names them by their addresses here; read back, they are no further links."""
    run("conf", written(conference(talk())), "--apply")
    session = Session.objects.get()
    session.materials.create(title="Page", url="https://a.example/")
    document = SessionMaterial(session=session, title="Slides", filename="slides.pdf")
    document.file.name = "0" * 40 + ".pdf"
    document.save()
    path = tmp_path / "export"
    path.write_bytes(write(schedule_of(Event.objects.get(), settings.SITE_URL)))

    report, _ = run_json("conf", path)

    assert b"Slides" in path.read_bytes()
    assert counts(report) == (0, 0, 0, 1, 0)
