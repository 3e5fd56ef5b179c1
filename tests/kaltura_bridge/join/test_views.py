"""The way in, from the join page to Kaltura's page, and all the ways out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events.models import EventStatus, SessionStatus, SessionType, SpeakerRole, TeamRole
from kaltura_bridge.join import tickets
from kaltura_bridge.join.destination import destination_of, remote_entry_id
from kaltura_bridge.join.identity import kaltura_user_id
from kaltura_bridge.join.page import _PAGES as join_pages
from kaltura_bridge.models import LaunchTicket, SyncState
from tests.environment import ADMIN_SECRET
from tests.factories import (
    BookmarkFactory,
    EventFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.api.test_ks import decode
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    frame_url,
    join_url,
    launched,
    linked,
    live_session,
    signed_in,
    target_of,
)

pytestmark = pytest.mark.django_db
KAF = "https://101.kaf.example.org"
NOW = timezone.now


@pytest.fixture(autouse=True)
def kaf(settings):
    settings.KALTURA_KAF_URL = KAF


def fields_of(address: str) -> dict[str, str]:
    """What the KS in an address at Kaltura says, without its expiry."""
    fields = decode(address.rsplit("/", 1)[1], ADMIN_SECRET)
    lifetime = int(fields.pop("_e")) - NOW().timestamp()
    assert 350 < lifetime <= 361
    return fields


def recording_of(session) -> str:
    """What the domain hears of a recording."""
    return destination_of(session).state.recording


def denial_of(client: Client, session) -> tuple[int, str, str, str]:
    """Status, code and the one action of a denial page."""
    page = client.get(join_url(session))
    text = page.content.decode()
    code = re.search(r'data-denied="(\w+)"', text)
    action = re.search(r'<a class="button" href="([^"]+)">([^<]+)</a>', text)
    assert code and action, text
    return page.status_code, code[1], action[1], action[2]


def test_join_page_frames_our_own_address_and_keeps_the_ks_out(client):
    session = live_session(title="Opening")
    linked(session)
    user = attendee_of(session, name="Jane Doe")
    client.force_login(user)

    page = client.get(join_url(session))

    text = page.content.decode()
    assert page.status_code == 200
    assert re.fullmatch(rf"{join_url(session)}frame/\?ticket=[\w.-]{{50,80}}", frame_url(page))
    assert (ADMIN_SECRET in text, "/ks/" in text, "djJ8" in text) == (False, False, False)
    assert "Opening" in text and "Jane Doe" in text
    assert f"microphone {KAF}; camera {KAF}; speakers {KAF}; usermedia {KAF}" in text


def test_join_page_headers_seal_it_and_open_only_that_kaf(client):
    session = live_session()
    linked(session)
    client.force_login(attendee_of(session))

    page = client.get(join_url(session))

    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert policy["frame-src"] == f"'self' {KAF}"
    assert policy["frame-ancestors"] == "'none'"
    assert (policy["default-src"], "script-src" in policy) == ("'self'", False)
    assert page["Cache-Control"] == "no-store, private"
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Frame-Options"] == "DENY"
    assert f'camera=(self "{KAF}")' in page["Permissions-Policy"]
    assert "style=" not in page.content.decode()
    assert re.findall(r"<script(?![^>]* src=)", page.content.decode()) == []


def test_frame_redirects_to_the_webcasts_page_signed_for_this_person(client):
    session = live_session()
    linked(session)
    user = attendee_of(session, name="Jane van Doe")
    client.force_login(user)

    answer = client.get(frame_url(client.get(join_url(session))))

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{KAF}/hosted/index/view-entry/ks/djJ8")
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert fields_of(answer["Location"]) == {
        "actionslimit": "-1",
        "userId": kaltura_user_id(user),
        "entryId": "1_abcd2345",
        "role": "viewerRole",
        "userContextualRole": "3",
        "firstName": "Jane van",
        "lastName": "Doe",
        "locale": "en",
        "_t": "0",
        "_u": kaltura_user_id(user),
    }


@pytest.mark.parametrize("session_type", [SessionType.INTERACTIVE, SessionType.WEBINAR])
def test_rooms_open_their_own_page_with_the_moderators_flags(session_type):
    session = live_session(session_type=session_type)
    linked(session)
    user = TeamMemberFactory(event=session.event, role=TeamRole.MODERATOR).user

    address = launched(signed_in(user), session)

    fields = fields_of(address)
    assert address.startswith(f"{KAF}/embeddedrooms/index/view-room/ks/")
    assert {
        name: fields[name]
        for name in ("role", "userContextualRole", "chatModerator", "roomModerator")
    } == {
        "role": "viewerRole",
        "userContextualRole": "0",
        "chatModerator": "1",
        "roomModerator": "1",
    }


def test_another_events_moderator_and_speaker_is_an_attendee_here():
    session = live_session(session_type=SessionType.INTERACTIVE)
    linked(session)
    user = attendee_of(session)
    elsewhere = SessionFactory()
    TeamMemberFactory(event=elsewhere.event, user=user, role=TeamRole.OWNER)
    foreign = SpeakerFactory(event=elsewhere.event, user=user)
    SessionSpeakerFactory(session=elsewhere, speaker=foreign, role=SpeakerRole.MODERATOR)
    SessionSpeakerFactory(session=session, speaker=foreign, role=SpeakerRole.MODERATOR)

    fields = fields_of(launched(signed_in(user), session))

    powers = ("role", "userContextualRole", "chatModerator", "roomModerator")
    assert [fields[name] for name in powers] == ["viewerRole", "3", "0", "0"]


def test_a_speaker_enters_early_and_presents():
    session = live_session(
        session_type=SessionType.INTERACTIVE,
        starts_at=NOW() + timedelta(minutes=50),
        ends_at=NOW() + timedelta(minutes=90),
    )
    linked(session)
    user = UserFactory()
    SessionSpeakerFactory(session=session, speaker=SpeakerFactory(event=session.event, user=user))

    fields = fields_of(launched(signed_in(user), session))

    powers = ("role", "userContextualRole", "chatModerator", "roomModerator")
    assert [fields[name] for name in powers] == ["viewerRole", "0", "0", "0"]


def test_a_used_ticket_opens_nothing_and_offers_the_way_back():
    session = live_session()
    linked(session)
    client = signed_in(attendee_of(session))
    address = frame_url(client.get(join_url(session)))
    client.get(address)

    again = client.get(address)

    assert again.status_code == 403
    assert 'data-denied="ticket"' in again.content.decode()
    assert f'href="{join_url(session)}" target="_top"' in again.content.decode()
    assert again["X-Frame-Options"] == "SAMEORIGIN"
    assert again["Cache-Control"] == "no-store, private"


def test_somebody_elses_ticket_opens_nothing_and_stays_good():
    session = live_session()
    linked(session)
    client = signed_in(attendee_of(session))
    address = frame_url(client.get(join_url(session)))

    theirs = signed_in(attendee_of(session)).get(address)
    nobodys = Client().get(address)

    assert (theirs.status_code, nobodys.status_code) == (403, 403)
    assert client.get(address).status_code == 302


@pytest.mark.parametrize("query", ["", "?ticket=", "?ticket=abc", "?ticket=" + "x" * 5000])
def test_no_ticket_no_entrance(query):
    session = live_session()
    linked(session)

    answer = signed_in(attendee_of(session)).get(f"{join_url(session)}frame/{query}")

    assert (answer.status_code, LaunchTicket.objects.count()) == (403, 0)


def test_reloading_the_join_page_gives_a_new_ticket():
    session = live_session()
    linked(session)
    client = signed_in(attendee_of(session))

    first, second = (frame_url(client.get(join_url(session))) for _ in range(2))

    assert first != second
    assert [client.get(address).status_code for address in (first, second)] == [302, 302]


def test_the_frames_address_opened_by_itself_leads_back_without_using_the_ticket():
    session = live_session()
    linked(session)
    client = signed_in(attendee_of(session))
    address = frame_url(client.get(join_url(session)))

    alone = client.get(address, headers={"Sec-Fetch-Dest": "document"})
    framed = client.get(address, headers={"Sec-Fetch-Dest": "iframe"})

    assert alone["Location"] == join_url(session)
    assert framed["Location"].startswith(KAF)


def test_a_place_lost_between_page_and_frame_closes_the_frame():
    session = live_session()
    linked(session)
    user = attendee_of(session)
    client = signed_in(user)
    address = frame_url(client.get(join_url(session)))
    user.registrations.update(withdrawn_at=NOW())

    answer = client.get(address)

    assert answer.status_code == 403
    assert 'data-denied="register"' in answer.content.decode()


def test_nobody_is_asked_to_sign_in_and_comes_back_here(client):
    session = live_session()
    linked(session)

    assert denial_of(client, session) == (
        403,
        "sign_in",
        f"/accounts/login/?next={join_url(session).replace('/', '%2F')}",
        "Sign in",
    )


def test_a_stranger_is_asked_to_register():
    session = live_session()
    linked(session)

    assert denial_of(signed_in(UserFactory()), session) == (
        403,
        "register",
        f"/e/{session.event.slug}/",
        "Register",
    )


def test_a_cancelled_session_and_one_of_a_cancelled_event_say_so():
    session = live_session(status=SessionStatus.CANCELLED)
    other = live_session(event=EventFactory(status=EventStatus.CANCELLED))
    expected = [
        (410, "cancelled", f"/e/{one.event.slug}/agenda/", "See the agenda")
        for one in (session, other)
    ]

    assert [denial_of(signed_in(attendee_of(one)), one) for one in (session, other)] == expected


def test_drafts_are_the_teams_and_do_not_exist_for_others():
    session = live_session(status=SessionStatus.DRAFT)
    team = TeamMemberFactory(event=session.event).user

    assert signed_in(attendee_of(session)).get(join_url(session)).status_code == 404
    assert denial_of(signed_in(team), session)[:2] == (403, "draft")


def test_private_events_do_not_exist_for_strangers():
    session = live_session(event=EventFactory(is_public=False))
    linked(session)

    assert signed_in(UserFactory()).get(join_url(session)).status_code == 404
    assert signed_in(attendee_of(session)).get(join_url(session)).status_code == 200


def test_too_early_counts_down_and_opens_by_itself():
    session = live_session(starts_at=NOW() + timedelta(hours=5), ends_at=NOW() + timedelta(hours=6))
    linked(session)

    page = signed_in(attendee_of(session)).get(join_url(session))

    text = page.content.decode()
    assert page.status_code == 403
    assert 'data-denied="too_early"' in text
    assert "Europe/Berlin" in text
    counted = re.search(r'data-count-to="([^"]+)" data-text="The doors open in {}"', text)
    asked = re.search(r'data-ask-at="([^"]+)"', text)
    assert counted and asked
    assert datetime.fromisoformat(counted[1]) == session.doors_open_at
    # An hour before, people on stage may enter: the next moment that changes anything.
    assert datetime.fromisoformat(asked[1]) == session.starts_at - timedelta(hours=1)


def test_over_without_a_recording_says_so():
    session = live_session(starts_at=NOW() - timedelta(hours=5), ends_at=NOW() - timedelta(hours=4))
    linked(session)

    assert denial_of(signed_in(attendee_of(session)), session) == (
        403,
        "over",
        f"/e/{session.event.slug}/agenda/",
        "See what comes next",
    )
    assert recording_of(session) == "none"


@pytest.mark.postgres
@pytest.mark.parametrize("session_type", [SessionType.WEBCAST, SessionType.INTERACTIVE])
def test_over_with_a_recording_plays_it(session_type):
    session = live_session(
        starts_at=NOW() - timedelta(hours=5),
        ends_at=NOW() - timedelta(hours=4),
        session_type=session_type,
    )
    linked(session, recordedEntryId="1_recorded", redirectEntryId="")

    address = launched(signed_in(attendee_of(session)), session)

    assert urlsplit(address).path.startswith("/hosted/index/view-entry/ks/")
    assert fields_of(address)["entryId"] == "1_recorded"
    assert recording_of(session) == "ready"


def test_not_yet_at_kaltura_waits_and_asks_again():
    session = live_session()
    target_of(session)
    client = signed_in(attendee_of(session))

    page = client.get(join_url(session))

    assert denial_of(client, session) == (503, "preparing", join_url(session), "Try again")
    assert (page["Retry-After"], 'data-ask-every-s="10"' in page.content.decode()) == ("10", True)
    assert remote_entry_id(session) is None


def test_refused_by_kaltura_is_not_the_visitors_fault():
    session = live_session()
    target_of(session, state=SyncState.FAILED, error="secret inner words")
    client = signed_in(attendee_of(session))

    assert denial_of(client, session)[:2] == (503, "refused")
    assert "secret inner words" not in client.get(join_url(session)).content.decode()


def test_an_entry_deleted_at_kaltura_is_not_offered():
    session = live_session()
    link = linked(session)
    link.gone = True
    link.save()

    assert denial_of(signed_in(attendee_of(session)), session)[1] == "preparing"


def test_an_application_token_alone_is_told_in_plain_words(settings):
    settings.KALTURA_ADMIN_SECRET = ""
    session = live_session()
    linked(session)

    assert denial_of(signed_in(attendee_of(session)), session)[:2] == (503, "not_configured")


def test_denials_are_sealed_too(client):
    page = client.get(join_url(live_session()))

    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store, private", "no-referrer")


def test_the_page_has_no_form_that_no_referrer_would_break():
    session = live_session()
    linked(session)

    page = signed_in(attendee_of(session)).get(join_url(session))

    assert 'method="post"' not in page.content.decode()


def test_only_the_stage_is_asked_before_leaving():
    session = live_session()
    linked(session)
    manager = TeamMemberFactory(event=session.event).user

    pages = [
        signed_in(user).get(join_url(session)).content.decode()
        for user in (manager, attendee_of(session))
    ]

    assert ["data-leave-dialog" in page for page in pages] == [True, False]
    assert "producer" in pages[0]


def test_the_next_favourite_is_announced():
    session = live_session()
    linked(session)
    user = attendee_of(session)
    soon = live_session(
        event=session.event,
        title="Next talk",
        starts_at=NOW() + timedelta(minutes=30),
        ends_at=NOW() + timedelta(minutes=60),
    )
    BookmarkFactory(user=user, session=soon)
    BookmarkFactory(user=user, session=session)
    BookmarkFactory(
        session=live_session(event=session.event, starts_at=NOW() + timedelta(minutes=5))
    )

    text = signed_in(user).get(join_url(session)).content.decode()

    assert f'<a class="button" href="{join_url(soon)}">Go there</a>' in text
    assert text.count("data-next-at") == 1


def test_the_page_and_the_frame_cost_the_same_few_queries_at_any_size(django_assert_num_queries):
    session = live_session()
    linked(session)
    user = attendee_of(session)
    client = signed_in(user)
    for _ in range(3):
        SessionSpeakerFactory(session=session)
        attendee_of(session)
        BookmarkFactory(user=user, session=SessionFactory(event=session.event))
    client.get(join_url(session))  # From now on the event's colours are known.

    with django_assert_num_queries(4):
        page = client.get(join_url(session))
    with django_assert_num_queries(8):  # Two of them are the savepoint around the ticket.
        client.get(frame_url(page))


@pytest.mark.postgres
@pytest.mark.parametrize("name", ["frame", "tab"])
def test_who_comes_in_all_the_time_is_stopped_and_leaves_no_rows(name):
    session = live_session()
    linked(session)
    user = attendee_of(session)
    client = signed_in(user)
    address = f"{join_url(session)}{name}/?ticket={tickets.issue(user, session)}"
    about = {"user": user, "session": session, "expires_at": NOW() + tickets.KEPT}
    LaunchTicket.objects.bulk_create(
        LaunchTicket(digest=str(number), **about) for number in range(tickets.MOST)
    )

    stopped = client.get(address)
    rows = LaunchTicket.objects.count()
    other = launched(signed_in(attendee_of(session)), session)
    LaunchTicket.objects.filter(user=user).update(expires_at=NOW() + tickets.KEPT - tickets.WITHIN)
    later = client.get(address)

    assert (stopped.status_code, rows) == (429, tickets.MOST)
    assert "That was a lot of attempts" in stopped.content.decode()
    assert (other.startswith(KAF), later.status_code) == (True, 302)


def test_what_is_kept_of_the_page_holds_nothing_of_anybody():
    session = live_session()
    linked(session)
    BookmarkFactory(
        user=(reader := attendee_of(session, name="Jane Doe")),
        session=live_session(event=session.event, starts_at=NOW() + timedelta(minutes=30)),
    )

    pages, digests = [], []
    for user in (reader, attendee_of(session, name="O'Hara <b>")):
        join_pages.forget()
        pages.append(signed_in(user).get(join_url(session)).content.decode())
        digests += [kept.content.digest for kept in join_pages._recent.values()]

    assert (len(digests), len(set(digests))) == (2, 1)
    assert ["Jane Doe" in page for page in pages] == [True, False]
    assert 'dir="auto">O&#x27;Hara &lt;b&gt;</strong>' in pages[1]
    assert pages[0].count("data-next-at") == 1 and "data-next-at" not in pages[1]


def test_join_page_leads_those_who_run_the_session_to_its_live_desk():
    session = live_session()
    linked(session)
    manager = TeamMemberFactory(event=session.event, role=TeamRole.MANAGER).user
    analyst = TeamMemberFactory(event=session.event, role=TeamRole.ANALYST).user
    desk = f'href="{session.get_absolute_url()}live/"'

    leads = [
        desk in signed_in(person).get(join_url(session)).content.decode()
        for person in (manager, analyst, attendee_of(session))
    ]

    assert leads == [True, False, False]


def test_no_recording_is_looked_for_before_the_end(django_assert_num_queries):
    session = live_session(session_type=SessionType.SIMULIVE)
    linked(session, redirectEntryId="1_redirect")

    with django_assert_num_queries(1):
        assert recording_of(session) == "none"


def test_the_session_page_asks_for_the_room_only_at_the_door():
    """One query, and only for who would come in: the agenda's visitors cost nothing."""
    session = live_session(starts_at=NOW() + timedelta(hours=5), ends_at=NOW() + timedelta(hours=6))
    linked(session)
    people = {
        "nobody": Client(),
        "attendee": signed_in(attendee_of(session)),
        "producer": signed_in(TeamMemberFactory(event=session.event).user),
    }

    def asked(client: Client) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(session.get_absolute_url())
        return sum("kaltura_bridge_synctarget" in query["sql"] for query in queries)

    assert {name: asked(client) for name, client in people.items()} == {
        "nobody": 0,
        "attendee": 0,
        "producer": 1,
    }


WEB_PROCESS = """
import sys
connected = []
sys.addaudithook(lambda name, args: connected.append(args) if name == "socket.connect" else None)
import portal.wsgi
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0, skip_checks=True)
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.kaltura_bridge.support.joining import attendee_of, frame_url, join_url, linked, live_session
session = live_session()
linked(session)
client = Client(HTTP_HOST="localhost")
client.force_login(attendee_of(session))
connected.clear()  # saving the session rang the worker's bell
page = client.get(join_url(session))
answer = client.get(frame_url(page))
loaded = sorted(name for name in sys.modules if name.split(".")[0] == "KalturaClient")
print(page.status_code, answer.status_code, loaded, connected)
"""


def test_the_web_process_joins_without_kalturas_client_and_without_a_connection(tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/web.sqlite3",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "EMBEDDED_WORKER": "false",
    }
    root = Path(__file__).resolve().parents[3]

    done = subprocess.run(
        [sys.executable, "-c", WEB_PROCESS],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "200 302 [] []\n"), done.stderr
