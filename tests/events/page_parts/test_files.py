"""Uploaded files, from the admin's form to who may have them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from PIL import Image

from events.copying import clone_event
from events.files.storage import documents, pictures
from events.files.sweep import sweep
from events.models import Audience, Event, Partner, SessionMaterial, Visibility
from tests.events.support.uploads import picture_bytes, upload
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

PDF = b"%PDF-1.7 some slides"


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_DIR = tmp_path / "files"
    return tmp_path / "files"


def as_user(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def answer(client: Client, path: str) -> int:
    """The status; a document that is sent is read to its end, as browsers do."""
    response = client.get(path)
    if response.streaming:
        assert b"".join(response.streaming_content) == PDF
    return int(response.status_code)


def with_picture(thing: Any, field: str = "picture", **more: Any) -> Any:
    """The object with a picture, by the same form field as everybody's."""
    form_field = type(thing)._meta.get_field(field).formfield()
    setattr(thing, field, form_field.clean(upload(picture_bytes(**more)), None))
    thing.save()
    return type(thing).objects.get(pk=thing.pk)


def material(session: Any, audience: str = Audience.PUBLIC, **more: Any) -> SessionMaterial:
    file = upload(PDF, "Slides ünd more.pdf")
    row = SessionMaterial(session=session, title="Slides", audience=audience, file=file, **more)
    row.full_clean()
    row.save()
    return row


# --- Pictures ----------------------------------------------------------------


def test_pictures_are_sent_in_the_widths_that_pages_ask_for():
    event = with_picture(EventFactory(), size=(1600, 900))
    assert event.picture.srcset.count(event.slug) == 4

    found = {}
    for width in (320, 640, 1280, 1920):
        response = Client().get(event.picture.url_at(width))
        found[width] = Image.open(BytesIO(response.content)).size
        kept = (response["Content-Type"], response["Cache-Control"])
        assert kept == ("image/webp", "private, max-age=31536000, immutable")

    assert found == {320: (320, 180), 640: (640, 360), 1280: (1280, 720), 1920: (1600, 900)}


def test_pictures_of_one_event_are_not_found_by_anothers_address():
    event, other = with_picture(EventFactory()), EventFactory()
    path = event.picture.url.replace(event.slug, other.slug)

    assert Client().get(path).status_code == 404


def test_pictures_are_not_there_for_who_may_not_know_of_the_event():
    hidden = with_picture(EventFactory(is_public=False))
    guest = RegistrationFactory(event=hidden).user

    answers = [c.get(hidden.picture.url).status_code for c in (Client(), as_user(guest))]

    assert answers == [404, 200]


def test_a_speakers_picture_belongs_to_the_programme():
    event = EventFactory(visibility=Visibility.REGISTERED)
    speaker = with_picture(SpeakerFactory(event=event))
    logo = with_picture(Partner(event=event, name="Ours"), "logo", color="#00ff00").logo
    guest = RegistrationFactory(event=event).user

    assert Client().get(speaker.picture.url).status_code == 404
    assert as_user(guest).get(speaker.picture.url).status_code == 200
    assert Client().get(logo.url).status_code == 200


def test_only_the_widths_of_pages_are_made(files):
    event = with_picture(EventFactory())

    assert Client().get(event.picture.url.replace("-640", "-641")).status_code == 404
    assert len(list((files / "pictures").iterdir())) == 1


def test_a_picture_whose_file_is_gone_is_not_found(files):
    event = with_picture(EventFactory())
    (files / "pictures" / event.picture.name).unlink()

    assert Client().get(event.picture.url).status_code == 404
    assert Client().get(event.get_absolute_url()).status_code == 200


def test_files_are_for_the_portal_alone(files):
    event = with_picture(EventFactory())

    modes = {oct(path.stat().st_mode)[-3:] for path in (files / "pictures").rglob("*")}
    assert (modes, oct((files / "pictures").stat().st_mode)[-3:]) == ({"600"}, "700")
    assert event.picture.name


# --- Documents ---------------------------------------------------------------


def test_documents_are_sent_as_files_under_their_own_name():
    row = material(SessionFactory())

    response = Client().get(row.get_absolute_url())

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Slides%20%C3%BCnd%20more.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("audience", "before", "after"),
    [
        (Audience.PUBLIC, ["stranger", "member", "guest", "speaker", "team"], None),
        (Audience.REGISTERED, ["guest", "speaker", "team"], None),
        (Audience.AFTERWARDS, ["speaker", "team"], ["guest", "speaker", "team"]),
    ],
)
def test_each_document_is_for_those_it_is_for(audience, before, after):
    session = SessionFactory()
    speaker = SpeakerFactory(event=session.event, user=UserFactory())
    SessionSpeakerFactory(session=session, speaker=speaker)
    withdrawn = RegistrationFactory(event=session.event, withdrawn_at=session.starts_at).user
    people = {
        "stranger": None,
        "member": withdrawn,
        "guest": RegistrationFactory(event=session.event).user,
        "speaker": speaker.user,
        "team": TeamMemberFactory(event=session.event).user,
    }
    row = material(session, audience)

    def having() -> list[str]:
        clients = {name: as_user(user) if user else Client() for name, user in people.items()}
        path = row.get_absolute_url()
        found = {name: answer(client, path) for name, client in clients.items()}
        shown = [n for n, c in clients.items() if path in page(c)]
        assert shown == [name for name, status in found.items() if status == 200]
        return shown

    def page(client: Client) -> str:
        return client.get(session.get_absolute_url()).content.decode()

    with time_machine.travel(session.starts_at, tick=False):
        assert having() == before
    with time_machine.travel(session.ends_at, tick=False):
        assert having() == (after or before)


def test_documents_of_drafts_are_for_the_team():
    row = material(SessionFactory(status="draft"))
    boss = TeamMemberFactory(event=row.session.event).user

    answers = [answer(c, row.get_absolute_url()) for c in (Client(), as_user(boss))]

    assert answers == [404, 200]


def test_a_document_is_not_found_beside_another_session():
    row = material(SessionFactory())
    other = SessionFactory(event=row.session.event)
    path = row.get_absolute_url().replace(f"/{row.session.slug}/", f"/{other.slug}/")

    assert Client().get(path).status_code == 404


def test_a_document_whose_file_is_gone_is_not_found(files):
    row = material(SessionFactory())
    (files / "documents" / row.file.name).unlink()

    assert Client().get(row.get_absolute_url()).status_code == 404


def test_links_stand_beside_documents_with_their_site():
    session = SessionFactory()
    SessionMaterial.objects.create(session=session, title="Code", url="https://www.code.example/x")

    html = Client().get(session.get_absolute_url()).content.decode()

    assert (
        '<a href="https://www.code.example/x" rel="noopener noreferrer" dir="auto">Code</a>' in html
    )
    assert "code.example</span>" in html


# --- The sweep ---------------------------------------------------------------


def age(keeper: Any) -> None:
    """As if all files there were two days old."""
    then = time.time() - 2 * 24 * 3600
    for path in Path(keeper.location).iterdir():
        os.utime(path, (then, then))


def test_the_sweep_keeps_what_is_named_and_nothing_else(files):
    event = with_picture(EventFactory())
    Client().get(event.picture.url)
    row = material(SessionFactory(event=event))
    with_picture(event, color="#ff0000")  # the old one is named no more
    gone = material(row.session)
    gone.delete()
    (files / "pictures" / ".part-dead").write_bytes(b"half")
    age(pictures), age(documents)

    assert sweep() == 4
    event.refresh_from_db()
    left = {path.name for path in files.rglob("*") if path.is_file()}
    assert left == {event.picture.name, row.file.name}
    assert sweep() == 0


def test_the_sweep_leaves_what_is_being_saved(files):
    (files / "pictures").mkdir(parents=True)
    (files / "pictures" / "new.webp").write_bytes(b"")

    assert sweep() == 0


def test_a_copy_of_an_event_has_all_that_its_page_shows():
    event = with_picture(EventFactory())
    row = material(SessionFactory(event=event))
    with_picture(Partner(event=event, name="Ours", level="Gold"), "logo", color="#00ff00")
    event.info_blocks.create(title="Trains", text="Come by train.")
    speaker = SpeakerFactory(event=event)
    speaker.links.create(url="https://a.example")

    copy = clone_event(event, title="Again", starts_on=event.starts_on)

    assert copy.picture.name == event.picture.name
    assert list(copy.partners.values_list("name", "level")) == [("Ours", "Gold")]
    assert list(copy.info_blocks.values_list("title", "text")) == [("Trains", "Come by train.")]
    assert [link.url for link in copy.speakers.get().links.all()] == ["https://a.example"]
    theirs = copy.sessions.get().materials.get()
    assert (theirs.filename, theirs.uuid != row.uuid) == ("Slides ünd more.pdf", True)
    row.delete()
    response = as_user(TeamMemberFactory(event=copy).user).get(theirs.get_absolute_url())
    assert b"".join(response.streaming_content) == PDF


# --- The admin ---------------------------------------------------------------


@pytest.fixture
def manager() -> Callable[[Event], Client]:
    return lambda event: as_user(TeamMemberFactory(event=event).user)


def form_of(client: Client, url: str) -> dict[str, Any]:
    """What a browser would send back."""
    from tests.events.pages import form_values

    return dict(form_values(client.get(url).content.decode()))


def test_a_manager_uploads_and_takes_back_a_picture(manager):
    event = EventFactory()
    client, url = manager(event), reverse("admin:events_event_change", args=[event.pk])

    sent = {**form_of(client, url), "picture": upload(picture_bytes()), "picture_alt": "Blue"}
    assert client.post(url, sent).status_code == 302
    event.refresh_from_db()
    assert (event.picture.name[-5:], event.picture_alt) == (".webp", "Blue")
    assert event.picture.url in client.get(url).content.decode()

    assert client.post(url, {**form_of(client, url), "picture-clear": "on"}).status_code == 302
    event.refresh_from_db()
    assert not event.picture


def test_a_bad_upload_is_refused_beside_its_field(manager):
    event = EventFactory()
    client, url = manager(event), reverse("admin:events_event_change", args=[event.pk])

    response = client.post(url, {**form_of(client, url), "picture": upload(b"<svg/>", "a.svg")})

    assert response.context["adminform"].form.errors == {
        "picture": [
            "This is no picture that can be read here. "
            "Choose a JPEG, PNG, WebP, AVIF or GIF picture."
        ]
    }


def test_a_manager_puts_partners_and_blocks_in_order(manager):
    event = EventFactory()
    client, url = manager(event), reverse("admin:events_event_change", args=[event.pk])
    rows = {
        "partners-TOTAL_FORMS": 2,
        "partners-0-name": "Second",
        "partners-0-position": 2,
        "partners-1-name": "First",
        "partners-1-position": 1,
        "partners-1-website": "first.example",
        "partners-1-logo": upload(picture_bytes("PNG")),
        "info_blocks-TOTAL_FORMS": 1,
        "info_blocks-0-title": "Trains",
        "info_blocks-0-text": "# By train\n\nCome **early**.",
        "info_blocks-0-position": 0,
    }

    assert client.post(url, {**form_of(client, url), **rows}).status_code == 302

    assert list(event.partners.values_list("name", "website")) == [
        ("First", "https://first.example"),
        ("Second", ""),
    ]
    html = client.get(event.get_absolute_url()).content.decode()
    assert html.index('alt="First"') < html.index(">Second<")
    assert '<h3 dir="auto">Trains</h3>' in html
    assert "<h4>By train</h4>" in html
    assert "<strong>early</strong>" in html


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        (
            {"file": (PDF, "a.pdf"), "url": "https://a.example"},
            {"url": ["Choose a file or write a link, not both."]},
        ),
        ({}, {"file": ["Choose a file, or write a link."]}),
        ({"url": "javascript:alert(1)"}, {"url": ["Enter a valid URL."]}),
        ({"url": "ftp://a.example/x"}, {"url": ["Enter a valid URL."]}),
    ],
    ids=["both", "neither", "script", "ftp"],
)
def test_a_row_is_a_document_or_a_link(manager, row, errors):
    session = SessionFactory()
    client = manager(session.event)
    url = reverse("admin:events_session_change", args=[session.pk])
    sent = {name: upload(*value) if name == "file" else value for name, value in row.items()}
    rows = {f"materials-0-{name}": value for name, value in sent.items()} | {
        "materials-TOTAL_FORMS": 1,
        "materials-0-title": "Slides",
        "materials-0-audience": "public",
        "materials-0-position": 0,
    }

    response = client.post(url, {**form_of(client, url), **rows})

    found = response.context["inline_admin_formsets"][1].formset.forms[0].errors
    assert {name: found[name] for name in errors} == errors
    assert not session.materials.exists()


def test_a_manager_uploads_a_document_for_afterwards(manager):
    session = SessionFactory()
    client = manager(session.event)
    url = reverse("admin:events_session_change", args=[session.pk])
    rows = {
        "materials-TOTAL_FORMS": 1,
        "materials-0-title": "Slides",
        "materials-0-file": upload(PDF, "talk.pdf"),
        "materials-0-audience": "afterwards",
        "materials-0-position": 0,
    }

    assert client.post(url, {**form_of(client, url), **rows}).status_code == 302

    row = session.materials.get()
    assert (row.filename, row.size, row.audience) == ("talk.pdf", len(PDF), "afterwards")
    assert row.get_absolute_url() in client.get(url).content.decode()


def test_a_moderator_sees_documents_and_changes_none(manager):
    row = material(SessionFactory())
    client = as_user(TeamMemberFactory(event=row.session.event, role="moderator").user)
    url = reverse("admin:events_session_change", args=[row.session.pk])

    html = client.get(url).content.decode()

    assert "Slides" in html
    assert 'name="materials-0-title"' not in html


# --- Schedules ---------------------------------------------------------------


def test_schedules_have_the_documents_and_links_that_are_for_everybody():
    row = material(SessionFactory())
    session = row.session
    link = {"title": "Code", "url": "https://a.example/x"}
    SessionMaterial.objects.create(session=session, **link)
    material(session, Audience.REGISTERED)
    base = f"/e/{session.event.slug}/schedule"

    document = Client().get(f"{base}.json").json()
    root = ElementTree.fromstring(Client().get(f"{base}.xml").content)

    [talk] = [
        talk
        for day in document["schedule"]["conference"]["days"]
        for talks in day["rooms"].values()
        for talk in talks
    ]
    address = f"http://localhost:8000{row.get_absolute_url()}"
    assert talk["links"] == [link]
    assert talk["attachments"] == [{"title": "Slides", "url": address}]
    assert [(e.get("href"), e.text) for e in root.iter("link")] == [(link["url"], "Code")]
    assert [(e.get("href"), e.text) for e in root.iter("attachment")] == [(address, "Slides")]
