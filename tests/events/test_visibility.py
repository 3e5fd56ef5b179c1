"""Who sees which event and session, decided on the server for every address alike."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from events.models import (
    EventStatus,
    Session,
    SessionStatus,
    TeamRole,
    User,
    Visibility,
    WaitingListEntry,
)
from events.queries import events_for
from tests.factories import (
    FIRST_START,
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    TrackFactory,
    UserFactory,
)

TOKENS: Final = re.compile(r'value="[A-Za-z0-9]{64}"|data-now="[^"]*"')

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def addresses(session: Session, speaker_slug: str) -> list[str]:
    """Every address that shows something of the event."""
    base = f"/e/{session.event.slug}/"
    return [
        base,
        f"{base}agenda/",
        f"{base}agenda.ics",
        f"{base}theme.css",
        f"{base}sessions/{session.slug}/",
        f"{base}sessions/{session.slug}.ics",
        f"{base}speakers/{speaker_slug}/",
    ]


def statuses(client: Client, session: Session) -> list[int]:
    speaker = session.speakers.get()
    found = [client.get(address).status_code for address in addresses(session, speaker.slug)]
    post = client.post(f"/e/{session.event.slug}/bookmark/", {"keep": session.slug})
    return [*found, post.status_code]


def session_of(**event_fields: object) -> Session:
    return SessionSpeakerFactory(session__event=EventFactory(**event_fields)).session


PROGRAMME = ("changes/", "changes.atom", "schedule.xml", "schedule.json")
SEEN, HIDDEN = [200] * 7 + [302], [404] * 8


def test_published_events_are_for_everyone():
    assert statuses(Client(), session_of()) == SEEN


def test_draft_events_are_for_the_team():
    session = session_of(status=EventStatus.DRAFT)
    attendee = RegistrationFactory(event=session.event).user
    member = TeamMemberFactory(event=session.event, role=TeamRole.ANALYST).user
    elsewhere = TeamMemberFactory().user

    assert statuses(Client(), session) == HIDDEN
    assert statuses(signed_in(attendee), session) == HIDDEN
    assert statuses(signed_in(elsewhere), session) == HIDDEN
    assert statuses(signed_in(member), session) == SEEN
    assert statuses(signed_in(UserFactory(is_superuser=True)), session) == SEEN


def test_unlisted_events_are_for_whoever_has_the_address():
    session = session_of(visibility=Visibility.UNLISTED)
    registered = RegistrationFactory(event=session.event).user

    page = Client().get(f"/e/{session.event.slug}/").content.decode()

    assert statuses(Client(), session) == SEEN
    assert '<meta name="robots" content="noindex">' in page
    assert "noindex" not in Client().get(session_of().event.get_absolute_url()).content.decode()
    assert session.event.title not in Client().get("/").content.decode()
    assert session.event.title not in signed_in(UserFactory()).get("/").content.decode()
    assert session.event.title in signed_in(registered).get("/").content.decode()


def test_events_for_registered_people_tell_others_how_to_get_in_and_nothing_of_the_programme():
    session = session_of(visibility=Visibility.REGISTERED)
    event = session.event
    registered = RegistrationFactory(event=event).user
    waiting = UserFactory()
    WaitingListEntry.objects.create(event=event, user=waiting)
    # The event's own page and its colours; the agenda leads to the page, a session's says how
    # to get in.
    outside = [200, 302, 404, 200, 403, 404, 404, 302]

    pages = [who.get(event.get_absolute_url()) for who in (Client(), signed_in(waiting))]

    assert statuses(Client(), session)[:-1] == outside[:-1]
    assert statuses(signed_in(UserFactory()), session) == outside
    assert statuses(signed_in(waiting), session) == outside
    assert statuses(signed_in(registered), session) == SEEN
    assert Client().get(f"{event.get_absolute_url()}agenda/")["Location"] == f"/e/{event.slug}/"
    for page in pages:
        text = page.content.decode()
        assert "The programme is for registered people." in text
        assert session.title not in text and session.slug not in text
    assert event.title in Client().get("/").content.decode()
    hidden = [Client().get(f"/e/{event.slug}/{name}").status_code for name in PROGRAMME]
    assert hidden == [404] * len(PROGRAMME)


@time_machine.travel(FIRST_START, tick=False)  # every page tells the time
def test_a_link_to_a_session_for_registered_people_leads_through_registering_and_back():
    """What it says is the same where there is no such session, so nobody learns of one."""
    session = session_of(visibility=Visibility.REGISTERED)
    event, ada = session.event, UserFactory(name="Ada")
    path, made_up = session.get_absolute_url(), f"/e/{event.slug}/sessions/nothing/"
    register_url = f"/e/{event.slug}/register/?next={quote(path, safe='')}"

    for client in (Client(), signed_in(ada)):
        link, guess = client.get(path), client.get(made_up)
        texts = [TOKENS.sub("", answer.content.decode()) for answer in (link, guess)]
        assert (link.status_code, guess.status_code) == (403, 403)
        assert (
            texts[0]
            .replace(f"/sessions/{session.slug}/", "/sessions/nothing/")
            .replace(
                quote(f"/sessions/{session.slug}/", safe=""), quote("/sessions/nothing/", safe="")
            )
            .replace(quote(quote(path, safe="")), quote(quote(made_up, safe="")))
            == texts[1]
        )
        assert session.title not in texts[0]
        joined = [client.get(f"{each}join/") for each in (path, made_up)]
        assert [answer["Location"] for answer in joined] == [path, made_up]
    assert f'href="{register_url}"' in link.content.decode()

    answer = client.post(f"/e/{event.slug}/register/", {"next": path})
    assert (answer["Location"], client.get(path).status_code) == (path, 200)
    assert client.get(made_up).status_code == 404


def test_a_page_for_who_is_not_registered_links_to_nothing_that_they_may_not_read():
    """Whatever it links to on this portal opens, but for the registration, which asks first."""
    session = session_of(visibility=Visibility.REGISTERED)
    client = signed_in(UserFactory())
    path = session.get_absolute_url()
    for page in (path, session.event.get_absolute_url(), f"/e/{session.event.slug}/register/"):
        html = client.get(page).content.decode()
        links = set(re.findall(r'<a [^>]*href="(/[^"#]*)', html)) - {path}
        answers = {link: client.get(link, follow=True).status_code for link in links}

        assert {link: code for link, code in answers.items() if code != 200} == {}, page
        assert f"/e/{session.event.slug}/agenda/" not in html, page
    RegistrationFactory(event=session.event, user=client.get(path).wsgi_request.user)
    assert f"/e/{session.event.slug}/agenda/" in client.get(path).content.decode()


def test_who_cannot_register_is_told_why():
    closed = session_of(visibility=Visibility.REGISTERED, registration_open=False)
    full = session_of(visibility=Visibility.REGISTERED, capacity=0)
    waiting = session_of(visibility=Visibility.REGISTERED)
    entry = WaitingListEntry.objects.create(event=waiting.event, user=UserFactory())
    client = signed_in(entry.user)

    texts = [
        client.get(session.get_absolute_url()).content.decode()
        for session in (closed, full, waiting)
    ]

    assert "Registration is closed. The organisers can still add you." in texts[0]
    assert "Join the waiting list</a>" in texts[1]
    assert "You are on the waiting list." in texts[2]
    assert ["register/?next=" in text for text in texts] == [False, True, False]


def test_events_that_are_not_public_are_for_those_who_belong():
    session = session_of(is_public=False)
    registered = RegistrationFactory(event=session.event).user
    withdrawn = RegistrationFactory(event=session.event, withdrawn_at=timezone.now()).user
    speaker = SpeakerFactory(event=session.event, user=UserFactory()).user

    assert statuses(Client(), session) == HIDDEN
    assert statuses(signed_in(UserFactory()), session) == HIDDEN
    assert statuses(signed_in(withdrawn), session) == HIDDEN
    assert statuses(signed_in(registered), session) == SEEN
    assert statuses(signed_in(speaker), session) == SEEN


@time_machine.travel(FIRST_START, tick=False)  # every page tells the time
def test_a_hidden_event_answers_like_one_that_does_not_exist():
    session = session_of(is_public=False)
    client = Client()

    hidden, missing = client.get(f"/e/{session.event.slug}/"), client.get("/e/nothing-here/")

    assert hidden.content.replace(session.event.slug.encode(), b"nothing-here") == missing.content


def test_nobody_registers_for_an_event_they_cannot_see():
    event, person = EventFactory(is_public=False), UserFactory()

    response = signed_in(person).post(f"/e/{event.slug}/register/")

    assert (response.status_code, event.registrations.count()) == (404, 0)


def test_draft_sessions_are_for_the_team():
    session = session_of()
    session.status = SessionStatus.DRAFT
    session.save()
    attendee = signed_in(RegistrationFactory(event=session.event).user)
    member = signed_in(TeamMemberFactory(event=session.event).user)
    path = session.get_absolute_url()

    def shown(client: Client) -> list[object]:
        agenda = client.get(f"/e/{session.event.slug}/agenda/")
        feed = client.get(f"/e/{session.event.slug}/agenda.ics").content
        speaker = client.get(session.speakers.get().get_absolute_url())
        return [
            client.get(path).status_code,
            session.title in agenda.content.decode(),
            session.title.encode() in feed,
            speaker.status_code,
        ]

    assert shown(attendee) == [404, False, False, 404]
    assert shown(member) == [200, True, True, 200]
    assert "Not published yet" in member.get(path).content.decode()


def test_cancelled_sessions_and_events_are_shown_as_cancelled():
    session = session_of(status=EventStatus.CANCELLED)
    other = SessionFactory(status=SessionStatus.CANCELLED)
    client = Client()

    assert "<strong>Cancelled.</strong> This event will not take place." in (
        client.get(f"/e/{session.event.slug}/").content.decode()
    )
    for path in (session.get_absolute_url(), other.get_absolute_url()):
        assert '<p class="button button-large button-still">Cancelled</p>' in (
            client.get(path).content.decode()
        )


def test_the_team_reads_on_every_page_that_an_event_is_a_draft():
    session = session_of(status=EventStatus.DRAFT)
    member = signed_in(TeamMemberFactory(event=session.event).user)
    speaker = session.speakers.get()
    pages = [a for a in addresses(session, speaker.slug) if a.endswith("/")]

    assert ["Only the team sees this event" in member.get(p).content.decode() for p in pages] == [
        True
    ] * 4


def test_events_for_lists_what_each_person_may_know_of():
    public = EventFactory()
    closed = EventFactory(is_public=False)
    draft = EventFactory(status=EventStatus.DRAFT)
    cancelled = EventFactory(status=EventStatus.CANCELLED)
    attendee = RegistrationFactory(event=closed).user
    manager = TeamMemberFactory(event=draft).user
    root = UserFactory(is_superuser=True)
    from django.contrib.auth.models import AnonymousUser

    def known(user: object) -> set[str]:
        return {event.slug for event in events_for(user)}

    assert known(AnonymousUser()) == {public.slug, cancelled.slug}
    assert known(attendee) == {public.slug, closed.slug, cancelled.slug}
    assert known(manager) == {public.slug, draft.slug, cancelled.slug}
    assert known(root) == {public.slug, closed.slug, draft.slug, cancelled.slug}


def test_a_session_is_found_in_its_own_event_only():
    session, other = SessionFactory(), EventFactory()

    assert Client().get(f"/e/{other.slug}/sessions/{session.slug}/").status_code == 404


def test_private_pages_are_not_kept_by_shared_caches():
    track = TrackFactory()

    caching = Client().get(f"/e/{track.event.slug}/theme.css")["Cache-Control"]

    assert caching == "private, max-age=300"
