"""In which language pages speak, and how they tell."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from analytics.models import RejectedRow
from events.admin.extensions import extensions_of
from events.admin.forms import SessionForm
from events.i18n.languages import mail_language
from events.models import Event, EventStatus, Session
from tests.factories import EventFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db

CODES = [code for code, _ in settings.LANGUAGES]


def language_of_page(response) -> tuple[str, str, str]:
    """What the page says of itself: ``lang``, ``dir``, ``Content-Language``."""
    html = response.content.decode()
    lang, direction = re.search(r'<html lang="([^"]*)" dir="([^"]*)"', html).groups()
    return lang, direction, response["Content-Language"]


@pytest.mark.parametrize(
    ("asked", "cookie", "browser", "spoken"),
    [
        ("", "", "", "en"),
        ("", "", "fr-CH, fr;q=0.9, en;q=0.8", "fr"),
        ("", "", "xx, tlh;q=0.5", "en"),
        ("", "es", "fr", "es"),
        ("de", "es", "fr", "de"),
        ("xx", "", "fr", "fr"),
        ("", "xx", "", "en"),
    ],
)
def test_pages_speak_the_language_that_was_chosen_last(client, asked, cookie, browser, spoken):
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    headers = {"Accept-Language": browser} if browser else {}
    response = client.get("/", {"lang": asked} if asked else {}, headers=headers)
    assert language_of_page(response) == (spoken, "ltr", spoken)
    assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))


def test_hebrew_is_written_from_right_to_left(client):
    assert language_of_page(client.get("/?lang=he")) == ("he", "rtl", "he")


def test_a_choice_is_remembered_where_it_was_made_here(client):
    client.get("/?lang=de", headers={"Sec-Fetch-Site": "same-origin"})
    assert language_of_page(client.get("/"))[0] == "de"


def test_a_link_from_elsewhere_changes_no_choice(client):
    response = client.get("/?lang=de", headers={"Sec-Fetch-Site": "cross-site"})
    assert language_of_page(response)[0] == "de"
    assert language_of_page(client.get("/"))[0] == "en"


def test_the_agenda_kept_for_all_is_kept_in_each_language(client):
    event = EventFactory(status="published")
    pages = [client.get(f"{event.get_absolute_url()}agenda/?day=all&lang={code}") for code in CODES]
    assert [language_of_page(page)[0] for page in pages] == CODES


def test_the_switcher_leads_to_the_same_page_with_its_filters(client):
    event = EventFactory(status="published")
    html = client.get(f"{event.get_absolute_url()}agenda/?day=all&lang=fr").content.decode()
    footer = html[html.index('class="site-languages"') :]
    assert re.findall(r'href="([^"]*)" hreflang="(\w+)"', footer) == [
        (f"?day=all&amp;lang={code}", code) for code in CODES
    ]
    assert re.findall(r'lang="(\w+)" aria-current="true"', footer) == ["fr"]


def test_search_engines_find_a_public_page_in_every_language(client):
    event = EventFactory(status="published")
    html = client.get(event.get_absolute_url()).content.decode()
    address = f"{settings.SITE_URL}{event.get_absolute_url()}"
    assert re.findall(r'<link rel="alternate" hreflang="([^"]*)" href="([^"]*)">', html) == [
        *((code, f"{address}?lang={code}") for code in CODES),
        ("x-default", address),
    ]


def test_nobody_is_led_to_a_page_that_is_not_listed(client):
    event = EventFactory(status="published", visibility="unlisted")
    assert 'hreflang="x-default"' not in client.get(event.get_absolute_url()).content.decode()


def test_mails_are_in_the_portals_language_for_who_chose_none():
    assert mail_language(UserFactory()) == "en"


def test_a_feed_says_nothing_of_languages():
    event = EventFactory(status="published")
    response = Client().get(
        f"{event.get_absolute_url()}schedule.json", headers={"Accept-Language": "de"}
    )
    assert "Content-Language" not in response


def test_a_profile_decides_where_the_browser_remembers_nothing():
    client, ada = Client(), UserFactory(name="Ada", language="fr")
    client.force_login(ada)
    assert language_of_page(client.get("/", headers={"Accept-Language": "de"}))[0] == "fr"


def test_a_new_choice_in_the_profile_takes_the_place_of_the_browsers():
    client, ada = Client(), UserFactory(name="Ada")
    client.force_login(ada)
    client.get("/?lang=fr", headers={"Sec-Fetch-Site": "same-origin"})
    client.post("/me/profile/", {"name": "Ada", "language": "es", "timezone": ""})
    assert language_of_page(client.get("/"))[0] == "es"
    client.post("/me/profile/", {"name": "Ada", "language": "", "timezone": ""})
    assert language_of_page(client.get("/"))[0] == "en"


def test_lists_in_the_admin_have_plurals_of_their_language():
    with override("de"):
        assert str(EventStatus.DRAFT.label) == "Entwurf"
        assert str(RejectedRow._meta.verbose_name_plural) == "abgelehnte Zeilen"
        assert str(Session._meta.get_field("starts_at").verbose_name) == "beginnt"
    assert str(RejectedRow._meta.verbose_name_plural) == "rejected rows"


def test_cards_name_languages_in_the_language_of_the_page(client):
    event = EventFactory(status="published")
    SessionFactory(event=event, language="de", status="published")
    pages = {
        code: client.get(f"{event.get_absolute_url()}agenda/?day=all&lang={code}").content.decode()
        for code in ("en", "fr")
    }
    assert {
        code: re.findall("German|allemand", page, re.I)[:1] for code, page in pages.items()
    } == {
        "en": ["German"],
        "fr": ["Allemand"],
    }


def test_what_is_registered_once_speaks_every_language():
    with override("fr"):
        tools = [str(tool.label) for tool in extensions_of(Event).object_tools]
        starts = str(SessionForm.base_fields["starts_at"].widget.widgets[0].attrs["aria-label"])
    assert tools == [
        "Kaltura",
        "Plan Kaltura",
        "Deuxièmes appareils",
        "Enregistrements",
        "Sous-titres",
        "Salle de contrôle",
        "Présence",
        "Rapprochement des présences",
        "Confidentialité de la présence",
    ]
    assert starts == "Début, date"
