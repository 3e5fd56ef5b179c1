"""A person's profile, and what follows it: pages, mails, the teams' lists."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from events.i18n.languages import mail_language
from events.models import ProfilePicture, TeamRole, User
from events.outbox.letters import zone_of
from events.profile.pictures import square_jpeg
from tests.accessibility import violations
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

WHO = {"name": "Ada Lovelace", "pronouns": "she/her", "language": "", "timezone": "Asia/Tokyo"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def an_image(
    kind: str = "PNG", size: tuple[int, int] = (40, 20), color: str = "#336699", **more: Any
) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, color).save(file, kind, **more)
    return file.getvalue()


def sent(content: bytes, name: str = "me.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.postgres
def test_people_say_who_they_are():
    ada = UserFactory(name="Ada")

    answer = signed_in(ada).post("/me/profile/", {**WHO, "name": "Ada\tLovelace\u202e"})

    ada.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/me/profile/")
    assert (ada.name, ada.pronouns, ada.language, ada.timezone) == (
        "Ada Lovelace",
        "she/her",
        "",
        "Asia/Tokyo",
    )
    assert ada.name_and_pronouns == "Ada Lovelace (she/her)"


def test_what_cannot_be_is_refused_and_nothing_is_saved():
    ada = UserFactory(name="Ada")
    wrong = {"name": "", "pronouns": "x" * 41, "language": "tlh", "timezone": "Mars/Olympus"}

    page = signed_in(ada).post("/me/profile/", {**wrong, "picture": sent(b"no picture")})

    assert page.context["form"].errors.keys() == {
        *("name", "pronouns", "language", "timezone", "picture"),
    }
    assert page.context["form"].errors["picture"] == [
        "This file cannot be read as a picture. Choose a JPEG, PNG or WebP."
    ]
    assert User.objects.get(pk=ada.pk).name == "Ada"


@pytest.mark.postgres
def test_the_database_refuses_pronouns_of_two_lines():
    ada = UserFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        _raw_update("pronouns", "she\nher", ada)


def _raw_update(column: str, value: str, user: User) -> None:
    """Past the field, which would fold the value."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE events_user SET {column} = %s WHERE id = %s", [value, user.pk])


def test_agenda_and_mails_are_in_the_persons_zone():
    """What was asked for on a page goes before the profile, the profile before the event."""
    event = EventFactory(timezone="Europe/Berlin")
    SessionFactory(event=event, starts_at=datetime(2030, 5, 6, 9, 0, tzinfo=UTC))
    client = signed_in(UserFactory(timezone="Asia/Tokyo"))
    path = f"/e/{event.slug}/agenda/"

    shown = [
        client.get(f"{path}{query}").context["zone"].key
        for query in ("", "?zone=UTC", "?day=all", "?zone=event", "?day=all")
    ]

    assert shown == ["Asia/Tokyo", "UTC", "UTC", "Europe/Berlin", "Europe/Berlin"]
    user = User.objects.get()
    assert zone_of(user, event).key == "Asia/Tokyo"
    user.timezone = ""
    assert zone_of(user, event).key == "Europe/Berlin"


def test_mails_are_in_the_persons_language(settings: Any):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    ada = UserFactory(name="Ada")

    signed_in(ada).post("/me/profile/", {**WHO, "language": "de"})

    ada.refresh_from_db()
    assert mail_language(ada) == "de"
    settings.LANGUAGES = [("en", "English")]
    assert mail_language(ada) == "en"
    # A language that the portal no longer has is not lost by saving something else.
    signed_in(ada).post("/me/profile/", {**WHO, "language": "de", "name": "Countess"})
    ada.refresh_from_db()
    assert (ada.name, ada.language) == ("Countess", "de")


# --- Pictures ------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_square_without_what_came_with_it(kind):
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    ada = UserFactory()

    signed_in(ada).post(
        "/me/profile/", {**WHO, "picture": sent(an_image(kind, (900, 500), exif=exif))}
    )

    kept = bytes(ProfilePicture.objects.get(user=ada).jpeg)
    with Image.open(BytesIO(kept)) as picture:
        assert (picture.format, picture.size, picture.getexif()) == ("JPEG", (320, 320), {})
    assert b"taken at home" not in kept
    assert len(kept) < 20_000


def test_a_picture_lying_on_its_side_is_turned():
    exif = Image.Exif()
    exif[0x0112] = 6  # Turn by a quarter, clockwise.
    file = BytesIO()
    picture = Image.new("RGB", (400, 400), "red")
    picture.paste("blue", (0, 0, 400, 200))
    picture.save(file, "JPEG", exif=exif)

    with Image.open(BytesIO(square_jpeg(BytesIO(file.getvalue())))) as turned:
        right, left = turned.getpixel((300, 160)), turned.getpixel((20, 160))

    assert (right[2] > 200, left[0] > 200) == (True, True)


def test_what_is_see_through_is_white():
    file = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(file, "PNG")

    with Image.open(BytesIO(square_jpeg(BytesIO(file.getvalue())))) as picture:
        assert picture.getpixel((160, 160)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"GIF89a" + bytes(40), "cannot be read as a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "cannot be read as a picture"),
        (an_image("PNG", (300, 300))[:200], "cannot be read as a picture"),
        (an_image("PNG", (5000, 4000)), "too many pixels"),
        (bytes(8 * 1024 * 1024 + 1), "more than 8 MB"),
    ],
    ids=["gif", "svg", "cut off", "pixels", "bytes"],
)
def test_files_that_are_no_pictures_of_ours(content, said):
    ada = UserFactory()

    page = signed_in(ada).post("/me/profile/", {**WHO, "picture": sent(content)})

    assert said in page.context["form"].errors["picture"][0]
    assert not ProfilePicture.objects.exists()


def test_a_picture_of_a_large_camera_is_taken():
    """A JPEG of 40 megapixels is read at an eighth of its size."""
    with Image.open(BytesIO(square_jpeg(BytesIO(an_image("JPEG", (8000, 5000)))))) as picture:
        assert picture.size == (320, 320)


def test_a_picture_is_replaced_and_removed():
    ada = UserFactory()
    client = signed_in(ada)

    client.post("/me/profile/", {**WHO, "picture": sent(an_image())})
    first = ProfilePicture.objects.get().version
    client.post("/me/profile/", WHO)
    still = ProfilePicture.objects.get().version
    client.post("/me/profile/", {**WHO, "picture": sent(an_image(color="red"))})
    second = ProfilePicture.objects.get().version
    client.post("/me/profile/", {**WHO, "remove_picture": "on"})

    assert (first == still, first == second) == (True, False)
    assert not ProfilePicture.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("nobody", 404),
        ("themselves", 200),
        ("somebody", 404),
        ("another attendee", 404),
        (TeamRole.OWNER, 200),
        (TeamRole.MANAGER, 200),
        (TeamRole.MODERATOR, 404),
        (TeamRole.ANALYST, 404),
        ("another team", 404),
        ("superuser", 200),
    ],
)
def test_who_sees_a_picture(who, status):
    event = EventFactory()
    ada = RegistrationFactory(event=event).user
    ProfilePicture.objects.create(user=ada, jpeg=square_jpeg(BytesIO(an_image())))
    client = Client()
    match who:
        case "nobody":
            pass
        case "themselves":
            client = signed_in(ada)
        case "somebody":
            client = signed_in(UserFactory())
        case "another attendee":
            client = signed_in(RegistrationFactory(event=event).user)
        case "another team":
            client = signed_in(TeamMemberFactory(role=TeamRole.OWNER).user)
        case "superuser":
            client = signed_in(UserFactory(is_superuser=True, is_staff=True))
        case _:
            client = signed_in(TeamMemberFactory(event=event, role=who).user)

    answer = client.get(f"/people/{ada.uuid}/picture.jpg")

    assert answer.status_code == status
    if status == 200:
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
            "image/jpeg",
            "nosniff",
        )
        assert answer["Cache-Control"] == "private, max-age=3600"


def test_a_team_sees_no_picture_of_who_has_left():
    registration = RegistrationFactory(withdrawn_at=timezone.now())
    ProfilePicture.objects.create(user=registration.user, jpeg=b"x")
    owner = TeamMemberFactory(event=registration.event, role=TeamRole.OWNER).user

    answer = signed_in(owner).get(f"/people/{registration.user.uuid}/picture.jpg")

    assert answer.status_code == 404


# --- The teams and the data ------------------------------------------------------------------


def test_the_team_reads_pronouns_and_sees_the_picture():
    registration = RegistrationFactory(user__name="Ada", user__pronouns="she/her")
    user = registration.user
    ProfilePicture.objects.create(user=user, jpeg=square_jpeg(BytesIO(an_image())))
    owner = UserFactory(is_staff=True)
    TeamMemberFactory(event=registration.event, user=owner, role=TeamRole.OWNER)
    client = signed_in(owner)

    rows = client.get("/admin/events/registration/").content.decode()
    form = client.get(f"/admin/events/registration/{registration.pk}/change/").content.decode()

    assert "Ada (she/her)" in rows
    assert f'<img src="/people/{user.uuid}/picture.jpg?v=' in form


def test_administrators_change_profiles_and_remove_pictures():
    ada = UserFactory(name="Ada", timezone="UTC")
    ProfilePicture.objects.create(user=ada, jpeg=square_jpeg(BytesIO(an_image())))
    client = signed_in(UserFactory(is_superuser=True, is_staff=True))
    path = f"/admin/events/user/{ada.pk}/change/"
    page = client.get(path).content.decode()

    answer = client.post(path, {"email": ada.email, "name": "Ada", "timezone": "Asia/Tokyo"})
    client.post("/admin/events/user/", {"action": "remove_pictures", "_selected_action": [ada.pk]})

    ada.refresh_from_db()
    assert (answer.status_code, ada.timezone) == (302, "Asia/Tokyo")
    assert f'<img src="/people/{ada.uuid}/picture.jpg?v=' in page
    assert not ProfilePicture.objects.exists()


def test_my_data_has_the_profile_and_the_picture():
    ada = UserFactory(pronouns="she/her", language="en", timezone="Asia/Tokyo")
    jpeg = square_jpeg(BytesIO(an_image()))
    ProfilePicture.objects.create(user=ada, jpeg=jpeg)
    ProfilePicture.objects.create(user=UserFactory(), jpeg=b"another's")

    found = json.loads(signed_in(ada).get("/me/data/my-data.json").content)

    [account], [picture] = found["account"], found["picture"]
    assert (account["pronouns"], account["language"], account["timezone"]) == (
        "she/her",
        "en",
        "Asia/Tokyo",
    )
    assert b64decode(picture["jpeg_base64"]) == jpeg


@pytest.mark.postgres
def test_erasing_somebody_takes_the_picture_along():
    ada = UserFactory(email="ada@example.org", pronouns="she/her")
    ProfilePicture.objects.create(user=ada, jpeg=b"x")

    signed_in(ada).post("/me/data/", {"address": "ada@example.org"})

    assert not ProfilePicture.objects.exists()
    assert not User.objects.filter(pronouns="she/her").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_the_page_in_a_browser(visit, tmp_path, width, scheme):
    """With a picture chosen as people do; the page is clean before and after."""
    ada = UserFactory(name="Ada")
    file = tmp_path / "ada.jpg"
    file.write_bytes(an_image("JPEG", (600, 800)))
    page = visit("/me/profile/", user=ada, width=width, color_scheme=scheme)

    page.fill("[name=pronouns]", "she/her")
    first = page.locator("[name=timezone] option").nth(1).inner_text()
    page.select_option("[name=timezone]", "Europe/Berlin")
    page.set_input_files("[name=picture]", file)
    page.click("button:has-text('Save')")
    page.wait_for_selector(".profile-picture img")
    complaints = list(page.complaints)

    assert first == "Europe/Berlin (this device)"
    shown = page.locator(".profile-picture img")
    assert shown.evaluate("e => e.decode().then(() => e.naturalWidth)") == 320
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert (complaints, violations(page)) == ([], [])
    ada.refresh_from_db()
    assert (ada.pronouns, ada.timezone) == ("she/her", "Europe/Berlin")
