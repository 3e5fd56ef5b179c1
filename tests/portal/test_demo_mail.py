"""The demo's mailbox exists in the demo only."""

import importlib

import pytest
from django.core.mail import EmailMessage, get_connection
from django.urls import clear_url_caches

from portal import urls
from portal.demo import mail


@pytest.fixture
def in_demo(settings, tmp_path):
    """The portal as the demo routes it."""
    settings.DEMO = True
    settings.DEMO_MAIL_DIR = tmp_path
    importlib.reload(urls)
    clear_url_caches()
    yield
    settings.DEMO = False
    importlib.reload(urls)
    clear_url_caches()


def send(subject: str, body: str) -> None:
    """Through Django, as the demo is set up."""
    connection = get_connection("portal.demo.mail.EmailBackend")
    EmailMessage(subject, body, to=["Ada <ada@example.org>"], connection=connection).send()


@pytest.mark.django_db
def test_mailbox_does_not_exist_outside_the_demo(client, settings, tmp_path):
    settings.DEMO_MAIL_DIR = tmp_path
    send("Your code", "ABCD-EFGH")

    answer = client.get("/demo/mail/")

    assert answer.status_code == 404
    assert b"ABCD-EFGH" not in answer.content


@pytest.mark.django_db
def test_mailbox_shows_mails_newest_first_and_escaped(client, in_demo):
    send("First", "Hello <b>you</b>")
    send("Second", "Your code is:\n\nABCD-EFGH\n")

    page = client.get("/demo/mail/").content.decode()

    assert page.index("Second") < page.index("First")
    assert "<strong>ABCD-EFGH</strong>" in page
    assert "Hello &lt;b&gt;you&lt;/b&gt;" in page
    assert "ada@example.org" in page


def test_backend_keeps_the_last_mails(settings, tmp_path):
    settings.DEMO_MAIL_DIR = tmp_path
    for number in range(52):
        send(f"Mail {number}", "Text")

    kept = list(mail.kept(tmp_path).values())

    assert (len(kept), kept[0].subject, kept[-1].subject) == (50, "Mail 2", "Mail 51")
    assert (kept[-1].to, kept[-1].body, kept[-1].code) == (["ada@example.org"], "Text", "")
