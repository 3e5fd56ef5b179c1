"""Agenda, session page, join page and frame say the same, in every situation there is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from events.access import Phase, SessionAccess, SessionAction
from events.agenda.cards import Card
from events.agenda.marks import mark_of, time_left
from events.models import (
    EventStatus,
    Session,
    SessionPlace,
    SessionStatus,
    User,
    Visibility,
    WaitingListEntry,
)
from events.remote import RecordingState, RemoteState, RoomState
from kaltura_bridge.join.access import JoinRequest
from kaltura_bridge.join.denials import message_for
from kaltura_bridge.join.destination import JoinDestination
from kaltura_bridge.models import SyncState
from tests.events.support.situations import (
    PEOPLE,
    READY,
    REMOTES,
    Situation,
    a_session,
    moments_of,
    sessions,
    situations,
)
from tests.factories import (
    EventFactory,
    RegistrationFactory,
    SessionFactory,
    SessionSpeakerFactory,
    SpeakerFactory,
    TeamMemberFactory,
    UserFactory,
)
from tests.kaltura_bridge.support.joining import (
    frame_url,
    join_url,
    linked,
    signed_in,
    target_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
SECRET = "0" * 32
# What a card may say while people come in by the common door.
OPEN = (Phase.OPEN, Phase.LIVE, Phase.OVERRUN)


@pytest.fixture(autouse=True)
def kaf(settings):
    settings.KALTURA_KAF_URL = "https://101.kaf.example.org"
    settings.KALTURA_PARTNER_ID, settings.KALTURA_ADMIN_SECRET = 101, SECRET


# --- The whole product, without a database --------------------------------------------


def at_the_door(situation: Situation) -> SessionAccess:
    """The join page's answer and the frame's: both ask with this object."""
    situation.who.enter(situation.session)
    is_recorded = situation.remote.recording is RecordingState.READY
    request = JoinRequest(User(), situation.session, situation.who.membership, situation.now)
    request.destination = JoinDestination(
        recording_id="1_recorded" if is_recorded else "", room=situation.remote.room
    )
    return request.access


def card_of(session: Session, now: datetime) -> Card:
    """The session in the agenda."""
    card = Card(session, now.date(), "/", "", False, None)
    card.dress(now, BERLIN)
    return card


def entrance(access: SessionAccess) -> str:
    """What an answer comes to: the reason why not, or how the person comes in."""
    if access.denial:
        return str(access.denial)
    if access.action is SessionAction.WATCH:
        return "recording"
    return "early" if access.label == "Enter early" else "in"


def disagreements(situation: Situation, card: Card) -> list[str]:
    """What of the pages contradicts the rules, or one another."""
    page = situation.access
    enters = entrance(page)
    holds = {
        "the rules, written twice": enters == situation.outcome,
        "the button": page.lets_in == (page.action in (SessionAction.JOIN, SessionAction.WATCH)),
        "the card": page.phase == card.phase,
        "a running card": enters != "in" or card.phase in OPEN,
        "a card that has ended": enters != "recording" or card.mark.text == "Ended",
        # No recording is known to be in the making at Kaltura, so no join page meets one.
        "the door": situation.remote.recording is RecordingState.PROCESSING
        or page == at_the_door(situation),
    }
    return [what for what, agrees in holds.items() if not agrees]


@pytest.mark.proof
def test_agenda_session_page_and_door_agree_in_every_situation():
    outcomes, wrong = Counter[str](), []
    for session in sessions():
        for now in moments_of(session):
            card = card_of(session, now)
            for who, remote in product(PEOPLE, REMOTES):
                situation = Situation(who, session, now, remote)
                outcomes[situation.outcome] += 1
                if found := disagreements(situation, card):
                    wrong.append((found, situation))

    assert wrong == []
    assert outcomes.total() >= 80_000
    assert set(outcomes) == {
        "cancelled",
        "closed",
        "draft",
        "early",
        "in",
        "no_place",
        "not_configured",
        "over",
        "place_awaited",
        "preparing",
        "processing",
        "recording",
        "refused",
        "register",
        "sign_in",
        "too_early",
        "waiting",
    }


def told(access: SessionAccess) -> tuple[object, ...]:
    """Everything that people read of an answer."""
    words = message_for(access, BERLIN) if access.denial else None
    return access.phase, access.action, access.label, access.note, words


def test_time_alone_changes_an_answer_at_its_own_moment_and_at_no_other():
    wrong = []
    for session, who, remote in product(sessions(), PEOPLE, REMOTES):
        moments = moments_of(session)
        answers = [Situation(who, session, now, remote).access for now in moments]
        words = [told(answer) for answer in answers]
        for before, answer in enumerate(answers):
            for later in range(before + 1, len(moments)):
                has_come = answer.changes_at is not None and moments[later] >= answer.changes_at
                if not has_come and words[later] != words[before]:
                    wrong.append((who.name, moments[before], moments[later], words[later]))
                if answer.changes_at == moments[later] and words[later] == words[before]:
                    wrong.append((who.name, moments[before], moments[later], "nothing changed"))

    assert wrong == []


# --- One of each, over HTTP -----------------------------------------------------------


def can_be_made(remote: RemoteState) -> bool:
    """What the portal's own tables can say: a recording hangs on what was entered."""
    if remote.recording is RecordingState.PROCESSING:
        return False
    is_there = remote.room in (RoomState.READY, RoomState.NOT_CONFIGURED)
    return is_there or remote.recording is RecordingState.NONE


def private_session(visibility: Visibility) -> Session:
    return a_session(event_visibility=visibility)


def one_of_each(said: Callable[[SessionAccess], object]) -> list[Situation]:
    """One situation for everything that ``said`` tells apart, and for nothing at all."""
    hidden = [
        Situation(who, private, private.starts_at, READY)
        for private in map(private_session, (Visibility.INVITED, Visibility.REGISTERED))
        for who in PEOPLE
    ]
    found: dict[object, Situation] = {}
    for situation in (*hidden, *situations()):
        if can_be_made(situation.remote):
            seen = said(situation.access) if situation.is_visible else "not found"
            found.setdefault(seen, situation)
    return list(found.values())


def make(situation: Situation, settings: Any) -> tuple[Client, Session]:
    """The situation in the database, and the browser of the person in it."""
    planned, membership = situation.session, situation.who.membership
    fields = ("status", "registration_open", "doors_open_minutes", "overrun_minutes", "visibility")
    event = EventFactory(**{name: getattr(planned.event, name) for name in fields})
    times = {"starts_at": planned.starts_at, "ends_at": planned.ends_at}
    more = {"status": planned.status, "capacity": planned.capacity}
    session = SessionFactory(event=event, **more, **times)
    user = UserFactory()
    if membership.is_registered:
        RegistrationFactory(event=event, user=user)
    if membership.is_waiting:
        WaitingListEntry.objects.create(event=event, user=user)
    for places, taken_at in ((membership.places, planned.starts_at), (membership.awaited, None)):
        if places:
            SessionPlace.objects.create(session=session, user=user, taken_at=taken_at)
    if membership.team_role:
        TeamMemberFactory(event=event, user=user, role=membership.team_role)
    if membership.speaker_ids:
        speaker = SpeakerFactory(event=event, user=user)
        if situation.who.stage:
            SessionSpeakerFactory(session=session, speaker=speaker, role=situation.who.stage)
    make_remote(situation.remote, session, settings)
    return signed_in(user) if membership.is_signed_in else Client(), session


def make_remote(remote: RemoteState, session: Session, settings: Any) -> None:
    """What the bridge's tables and the settings must hold for this state."""
    if remote.room is RoomState.FAILED:
        target_of(session, state=SyncState.FAILED)
    if remote.room in (RoomState.READY, RoomState.NOT_CONFIGURED):
        is_recorded = remote.recording is RecordingState.READY
        seen = {"recordedEntryId": "1_recorded"} if is_recorded else {}
        linked(session, f"1_of{session.pk}", **seen)
    is_configured = remote.room is not RoomState.NOT_CONFIGURED
    settings.KALTURA_ADMIN_SECRET = SECRET if is_configured else ""


# A card says its phase, unless it is merely planned.
CARD = r'id="{}" class="card(?: card-(\w+))?(?: track-[^"]*)?".*?</li>'
MARK = re.compile(r'<span class="mark[^>]*>([^<]*)</span>')
PART = re.compile(
    r'<div id="session-access" data-access="(\w+)"(.*?)<form[^>]*data-star-form', re.S
)
BUTTON = re.compile(r'<(a|p|button) class="button button-large[^>]*>(.*?)</\1>', re.S)
DENIED = re.compile(r'data-denied="(\w+)"')


def in_the_agenda(client: Client, session: Session) -> tuple[object, ...]:
    """Phase and mark of the session's card; 404 when it is not there."""
    page = client.get(f"/e/{session.event.slug}/agenda/?day=all")
    card = re.search(CARD.format(session.slug), page.content.decode(), re.S)
    if page.status_code == 404 or not card:
        return (404,)
    mark = MARK.search(card[0])
    return card[1] or str(Phase.PLANNED), mark[1] if mark else ""


def on_its_page(client: Client, session: Session) -> tuple[object, ...]:
    """Action and label of the one button; 403 when it says how to register instead."""
    page = client.get(session.get_absolute_url())
    if page.status_code in (403, 404):
        return (page.status_code,)
    part = PART.search(page.content.decode())
    assert part, page.content.decode()
    [(_, label)] = BUTTON.findall(part[2])
    return part[1], re.sub(r"<[^>]+>", "", label)


def by_the_door(client: Client, session: Session) -> tuple[object, ...]:
    """Whether join page and frame let in; else the code of the denial, or 404.

    "its page": where the session's page says how to register.
    """
    page = client.get(join_url(session))
    address = frame_url(page) if page.status_code == 200 else f"{join_url(session)}frame/"
    return tuple(_answer(one) for one in (page, client.get(address)))


def _answer(page: Any) -> object:
    if page.status_code == 302 and page["Location"].startswith("/e/"):
        return "its page"
    if page.status_code in (200, 302):
        return "in"
    denied = DENIED.search(page.content.decode())
    return denied[1] if denied else page.status_code


def expected_of(situation: Situation) -> tuple[object, ...]:
    event, is_in = situation.session.event, situation.who.membership.belongs
    if not situation.is_visible:
        is_known = event.visibility == Visibility.REGISTERED and event.status != EventStatus.DRAFT
        if is_known and not is_in:
            return (404,), (403,), ("its page", 404)
        return (404,), (404,), (404, 404)
    access, mark = situation.access, mark_of(situation.session, situation.now)
    label = access.label.format(time_left(access.starts_at, situation.now))
    code = str(access.denial or "in")
    return (str(mark.phase), mark.text), (str(access.action), label), (code, code)


def contradictions(every: list[Situation], settings: Any) -> list[tuple[object, ...]]:
    """The situations in which a page does not show what it should."""
    wrong = []
    for situation in every:
        with time_machine.travel(situation.now, tick=False):
            client, session = make(situation, settings)
            pages = (in_the_agenda, on_its_page, by_the_door)
            found = tuple(page(client, session) for page in pages)
        if found != expected_of(situation):
            wrong.append((situation.who.name, situation.now, found, expected_of(situation)))
    return wrong


@pytest.mark.django_db
def test_every_outcome_is_the_same_on_every_page(settings):
    every = one_of_each(entrance)

    # All but "processing", which no page meets; and one that is not found.
    assert len(every) == 17
    assert contradictions(every, settings) == []


@pytest.mark.proof
@pytest.mark.django_db
def test_whatever_a_page_can_say_every_page_says(settings):
    every = one_of_each(told)

    assert len(every) >= 40
    assert contradictions(every, settings) == []


@pytest.mark.django_db
def test_who_may_not_know_of_a_session_finds_it_on_no_page(settings):
    states = product(EventStatus, SessionStatus, Visibility)
    every = [
        Situation(who, session, session.starts_at, READY)
        for event_status, status, visibility in states
        for who in PEOPLE
        for session in [
            a_session(status=status, event_status=event_status, event_visibility=visibility)
        ]
    ]
    hidden = [situation for situation in every if not situation.is_visible]

    assert len(hidden) >= 40
    assert contradictions(hidden[::7], settings) == []
