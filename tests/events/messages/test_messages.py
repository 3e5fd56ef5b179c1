"""Messages to the audience: who may write one, where it stands, whom it is mailed to, and when not."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import mail as outbox
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.actions import NotAllowed
from events.caching.early_shared import EarlyShared
from events.messages.mails import owe_mails
from events.messages.sending import (
    MessageDraft,
    correct_message,
    end_expired,
    end_message,
    send_message,
)
from events.messages.views import messages_asked
from events.models import (
    AudienceMessage,
    Event,
    MailState,
    NewsPreferences,
    OutgoingMail,
    Session,
    SpeakerRole,
    TeamRole,
    User,
    Visibility,
)
from events.outbox.sending import send_due
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TEXT = 'Hall 2 is <b>closed</b> & "Maps" moves'
SHOWN = "Hall 2 is &lt;b&gt;closed&lt;/b&gt; &amp; &quot;Maps&quot; moves"


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def event() -> Event:
    today = timezone.now().date()
    return EventFactory(title="Summit", starts_on=today, ends_on=today + timedelta(days=2))


@pytest.fixture
def session(event) -> Session:
    return SessionFactory(event=event, title="Maps", starts_at=timezone.now() + timedelta(hours=3))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def member(event: Event, role: str) -> User:
    return TeamMemberFactory(event=event, role=role).user


def draft(text: str = TEXT, **fields: Any) -> MessageDraft:
    ends_at = timezone.now() + timedelta(hours=1)
    return MessageDraft(**{"text": text, "level": "info", "ends_at": ends_at} | fields)


def said(event: Event, session: Session | None = None, **fields: Any) -> AudienceMessage:
    author = UserFactory()
    return send_message(uuid4(), event, session, author, draft(**fields))


def form(event: Event, **fields: Any) -> dict[str, Any]:
    ends_at = (timezone.now() + timedelta(hours=1)).astimezone(event.zone)
    sent = {"key": uuid4(), "text": TEXT, "level": "warning", "mail_to": ""}
    return sent | {"ends_at": f"{ends_at:%Y-%m-%dT%H:%M}"} | fields


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def question(html: str) -> str:
    """Where the page asks for messages."""
    found = re.search(r'data-audience="([^"]*)"', html)
    assert found
    return unescape(found[1])


def asked(client: Client, url: str) -> list[str]:
    return [each["text"] for each in json.loads(client.get(url).content)["messages"]]


def send_mails() -> dict[str, str]:
    outbox.outbox.clear()
    owe_mails()
    send_due(10)
    return {mail.to[0]: str(mail.body) for mail in outbox.outbox}


# --- Where it stands --------------------------------------------------------------------


def test_a_message_stands_on_the_events_pages_at_once_and_is_gone_when_it_ends(event, session):
    urls = [event.get_absolute_url(), f"{event.get_absolute_url()}agenda/"]
    urls.append(session.get_absolute_url())
    readers = [Client(), signed_in(RegistrationFactory(event=event).user)]
    before = [SHOWN in page(reader, url) for reader in readers for url in urls]
    message = said(event)
    during = [SHOWN in page(reader, url) for reader in readers for url in urls]
    end_message(message)
    after = [SHOWN in page(reader, url) for reader in readers for url in urls]

    assert (before, during, after) == ([False] * 6, [True] * 6, [False] * 6)


def test_a_message_of_a_session_stands_on_its_pages_only(event, session):
    other = SessionFactory(event=event, starts_at=session.starts_at)
    message = said(event, session)
    reader = signed_in(RegistrationFactory(event=event).user)
    join = f"{session.get_absolute_url()}join/"

    def is_there(url: str) -> bool:
        return SHOWN in reader.get(url).content.decode()

    urls = [session.get_absolute_url(), join, other.get_absolute_url(), event.get_absolute_url()]
    assert [is_there(url) for url in urls] == [True, True, False, False]
    by_word = [asked(Client(), question(reader.get(url).content.decode())) for url in urls]
    assert by_word == [[message.text], [message.text], [], []]


def test_open_pages_hear_of_it_and_of_its_correction_and_its_end(event):
    url = question(page(Client(), event.get_absolute_url()))
    heard = [asked(Client(), url)]
    message = said(event)
    heard.append(asked(Client(), url))
    correct_message(message, message.version, draft("Hall 3"), mail_again=False)
    heard.append(asked(Client(), url))
    end_message(message)
    heard.append(asked(Client(), url))

    assert heard == [[], [TEXT], ["Hall 3"], []]


def test_what_is_over_is_taken_off_kept_pages_by_the_clock(event):
    message = said(event)
    url = event.get_absolute_url()
    assert SHOWN in page(Client(), url)
    with time_machine.travel(message.ends_at + timedelta(seconds=1)):
        asking = question(page(Client(), url))
        assert asked(Client(), asking) == []
        end_expired(timezone.now())
        end_expired(timezone.now())
        assert SHOWN not in page(Client(), url)
    message.refresh_from_db()
    assert message.ended_at == message.ends_at


def test_a_strangers_front_page_says_nothing_where_only_registered_people_see_the_programme(event):
    event.visibility = Visibility.REGISTERED
    event.save()
    said(event)
    stranger = page(Client(), event.get_absolute_url())
    inside = page(signed_in(RegistrationFactory(event=event).user), event.get_absolute_url())

    assert (SHOWN in stranger, "data-audience" in stranger) == (False, False)
    assert asked(Client(), question(inside)) == [TEXT]


@pytest.mark.parametrize("word", ["", "made-up", "WyIxIl0.x"])
def test_nobody_asks_without_a_word_of_ours(event, word):
    said(event)
    url = f"/e/{event.slug}/messages/"
    assert Client().get(f"{url}now/", {"of": word}).status_code == 404
    assert Client().post(f"{url}seen/", {"of": word, "id": 1}).status_code == 404


def test_a_word_is_of_no_use_when_the_event_is_long_over(event):
    url = question(page(Client(), event.get_absolute_url()))
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        assert Client().get(url).status_code == 404
        assert question(page(Client(), event.get_absolute_url())) == ""


def test_warnings_come_first_and_the_newest_of_a_kind(event):
    for text, level in (("one", "info"), ("two", "warning"), ("three", "info")):
        said(event, text=text, level=level)
    url = question(page(Client(), event.get_absolute_url()))
    assert asked(Client(), url) == ["two", "three", "one"]


# --- Who may ----------------------------------------------------------------------------


def people(event: Event, session: Session) -> dict[str, User]:
    def on_stage(role: str) -> User:
        speaker = SpeakerFactory(event=event, user=UserFactory())
        SessionSpeakerFactory(session=session, speaker=speaker, role=role)
        assert speaker.user
        return speaker.user

    team = {role: member(event, role) for role in TeamRole.values}
    return team | {
        "attendee": RegistrationFactory(event=event).user,
        "speaker": on_stage(SpeakerRole.SPEAKER),
        "stage moderator": on_stage(SpeakerRole.MODERATOR),
        "of another event": member(EventFactory(), TeamRole.OWNER),
        "superuser": UserFactory(is_staff=True, is_superuser=True),
    }


def test_planners_speak_to_the_event_and_moderators_to_their_session(event, session):
    urls = [f"/e/{event.slug}/messages/", f"{session.get_absolute_url()}messages/"]
    of_event = said(event)
    of_session = said(event, session)
    urls += [f"/e/{event.slug}/messages/{each.key}/" for each in (of_event, of_session)]
    answers = {
        name: [signed_in(user).get(url).status_code for url in urls]
        for name, user in people(event, session).items()
    }
    all_of_it, of_its_session, nothing = [200] * 4, [404, 200, 404, 200], [404] * 4
    runs = {"owner", "manager", "superuser"}
    moderates = {"moderator", "producer", "stage moderator"}
    assert answers == {
        name: all_of_it if name in runs else of_its_session if name in moderates else nothing
        for name in answers
    }
    assert runs | moderates < answers.keys()


def test_who_may_not_changes_nothing(event, session):
    message = said(event)
    url = f"/e/{event.slug}/messages/"
    for name in ("moderator", "attendee", "speaker", "of another event"):
        client = signed_in(people(event, session)[name])
        assert client.post(url, form(event)).status_code == 404
        assert client.post(f"{url}{message.key}/", {"do": "end"}).status_code == 404
    assert Client().post(url, form(event)).url.startswith("/accounts/login/")
    message.refresh_from_db()
    assert (AudienceMessage.objects.count(), message.ended_at) == (1, None)


def test_a_form_that_is_sent_twice_is_one_message(event):
    owner, sent = member(event, "owner"), form(event, mail_to="registered")
    RegistrationFactory(event=event, user=UserFactory(email="ada@example.org"))
    for _ in range(2):
        answer = signed_in(owner).post(f"/e/{event.slug}/messages/", sent)
        assert answer.status_code == 302
    message = AudienceMessage.objects.get()
    assert (message.text, message.level, message.sent_by) == (TEXT, "warning", owner)
    assert (message.session, message.mail_to, message.mail_version) == (None, "registered", 1)
    assert list(send_mails()) == ["ada@example.org"]


def test_the_time_is_in_the_zone_of_the_event_and_lies_ahead(event):
    event.timezone = "Asia/Tokyo"
    event.save()
    owner = signed_in(member(event, "owner"))
    url = f"/e/{event.slug}/messages/"
    now = timezone.now()
    for wrong in (now - timedelta(minutes=1), now + timedelta(days=15)):
        local = f"{wrong.astimezone(event.zone):%Y-%m-%dT%H:%M}"
        assert owner.post(url, form(event, ends_at=local)).status_code == 200
    for field in ("text", "level", "key"):
        assert owner.post(url, form(event, **{field: ""})).status_code == 200
    assert owner.post(url, form(event, mail_to="places")).status_code == 200
    assert AudienceMessage.objects.count() == 0
    owner.post(url, form(event))
    ends_at = AudienceMessage.objects.get().ends_at
    assert abs(ends_at - now - timedelta(hours=1)) <= timedelta(minutes=1)


def test_of_two_corrections_the_second_is_refused(event):
    message = said(event)
    correct_message(message, 1, draft("first"), mail_again=False)
    with pytest.raises(NotAllowed):
        correct_message(message, 1, draft("second"), mail_again=False)
    end_message(message)
    with pytest.raises(NotAllowed):
        correct_message(message, message.version, draft("third"), mail_again=False)
    message.refresh_from_db()
    assert message.text == "first"
    assert end_message(message) is False


def test_a_correction_by_its_page(event):
    message = said(event)
    owner = signed_in(member(event, "owner"))
    url = f"/e/{event.slug}/messages/{message.key}/"
    seen = form(event, text="Now in Hall 3", do="correct", version=1)
    assert owner.post(url, seen).status_code == 302
    late = owner.post(url, seen | {"text": "Too late"})
    message.refresh_from_db()
    assert (late.status_code, message.text, message.version) == (200, "Now in Hall 3", 2)
    assert owner.post(url, {"do": "end"}).status_code == 302
    message.refresh_from_db()
    assert message.ended_at is not None


# --- Mails ------------------------------------------------------------------------------


def somebody(name: str, **fields: Any) -> User:
    return UserFactory(email=f"{name}@example.org", **fields)


def test_each_audience_gets_it_once_by_mail(event, session):
    here = RegistrationFactory(event=event, user=somebody("here")).user
    RegistrationFactory(event=event, user=somebody("gone"), withdrawn_at=timezone.now())
    RegistrationFactory(event=event, user=somebody("closed", is_active=False))
    for name in ("stars", "quiet"):
        BookmarkFactory(session=session, user=somebody(name))
    NewsPreferences.objects.create(user=User.objects.get(email="quiet@example.org"), changed=False)
    told: dict[str, list[str]] = {}
    for audience in ("registered", "starred"):
        said(event, mail_to=audience)
        told[audience] = [*send_mails(), *send_mails()]

    assert told == {"registered": [here.email], "starred": ["stars@example.org"]}
    texts = [mail.context for mail in OutgoingMail.objects.all()]
    assert texts == [{}, {}]


def test_the_mail_says_what_the_message_says_when_it_leaves(event):
    RegistrationFactory(event=event, user=somebody("ada"))
    message = said(event, mail_to="registered", level="warning")
    owe_mails()
    correct_message(message, 1, draft("Now in Hall 3", level="warning"), mail_again=False)
    mails = send_mails()

    assert list(mails) == ["ada@example.org"]
    assert "Important: Now in Hall 3" in mails["ada@example.org"]
    html = str(outbox.outbox[0].alternatives[0][0])
    assert "Now in Hall 3" in html and "http://" in html


def test_a_correction_by_mail_replaces_what_has_not_left(event):
    RegistrationFactory(event=event, user=somebody("ada"))
    message = said(event, mail_to="registered")
    owe_mails()
    correct_message(message, 1, draft("Hall 3"), mail_again=True)
    first = send_mails()
    correct_message(message, 2, draft("Hall 4"), mail_again=True)
    second = send_mails()

    assert [("Hall 3" in each["ada@example.org"]) for each in (first, second)] == [True, False]
    assert "Hall 4" in second["ada@example.org"]
    states = list(OutgoingMail.objects.order_by("pk").values_list("state", flat=True))
    assert states == [MailState.DROPPED, MailState.SENT, MailState.SENT]


def test_mails_that_have_not_left_are_dropped_with_the_message(event):
    for name in ("ada", "bob"):
        RegistrationFactory(event=event, user=somebody(name))
    message = said(event, mail_to="registered")
    owe_mails()
    event.registrations.filter(user__email="bob@example.org").update(withdrawn_at=timezone.now())
    assert list(send_mails()) == ["ada@example.org"]

    later = said(event, mail_to="registered", text="later")
    owe_mails()
    end_message(later)
    assert send_mails() == {}
    late = said(event, mail_to="registered", text="never")
    end_message(late)
    assert send_mails() == {}
    assert message.pk


def test_the_page_says_what_became_of_each(event):
    owner = signed_in(member(event, "owner"))
    RegistrationFactory(event=event, user=somebody("ada"))
    url = f"/e/{event.slug}/messages/"
    message = said(event, mail_to="registered")
    html = page(owner, url)
    assert "By mail: being prepared." in html
    send_mails()
    reader, asks = Client(), question(page(Client(), event.get_absolute_url()))
    word = asks.partition("of=")[2]
    for _ in range(3):
        sent = {"of": word, "id": [message.pk, 999_999, "9" * 5000]}
        assert reader.post(f"{url}seen/", sent).status_code == 204
    for _ in range(2):
        html = page(owner, url)
        assert "On pages: shown in 3 browsers." in html
        assert "By mail: 1 sent, 0 waiting, 0 failed, 0 not needed any more." in html
        end_expired(timezone.now())
    message.refresh_from_db()
    assert message.shown == 3


def test_the_list_costs_the_same_however_long_it_is(event, session):
    owner = signed_in(member(event, "owner"))
    url = f"/e/{event.slug}/messages/"

    def queries() -> int:
        page(owner, url)
        with CaptureQueriesContext(connection) as seen:
            page(owner, url)
        return len(seen)

    said(event, session, mail_to="starred")
    one = queries()
    for _ in range(2):
        said(event, session, mail_to="starred")
    assert queries() == one


# --- Many at once -----------------------------------------------------------------------


def test_what_all_pages_ask_is_asked_once_a_second(event):
    said(event)
    url = question(page(Client(), event.get_absolute_url()))
    path, _, query = url.partition("?")
    count = []

    def app(environ: Any, start: Any) -> Any:
        count.append(1)
        response = messages_asked(WSGIRequest(environ), event.slug)
        start("200 OK", list(response.items()))
        return response

    early = EarlyShared(app, ("/messages/now/",))

    def get() -> bytes:
        environ = RequestFactory().get(path, QUERY_STRING=query).environ
        return b"".join(early(environ, lambda status, headers, *more: None))

    bodies = {get() for _ in range(50)}
    assert (len(bodies), len(count)) == (1, 1)
    with time_machine.travel(datetime.now() + timedelta(seconds=2)):
        get()
    assert len(count) == 2
