"""“Why can't I join?”: the same gates that decide, one by one, in words."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from itertools import product
from typing import Any

import pytest
from django.utils import timezone

from events.access import Denial, Gate, gates_of
from events.models import SessionStatus
from events.roles import StageRole
from kaltura_bridge.join import explain
from kaltura_bridge.join.destination import JoinDestination
from kaltura_bridge.join.entry_look import look_at
from tests.events.support.situations import PEOPLE, REMOTES, Situation, moments_of, sessions
from tests.factories import EventFactory, TeamMemberFactory, UserFactory
from tests.kaltura_bridge.support.joining import (
    attendee_of,
    join_url,
    linked,
    live_session,
    signed_in,
    target_of,
)

GATES = re.compile(r'<li data-gate="(\w+)">(.*?)</li>')


def test_the_first_closed_gate_is_the_answer_in_every_situation():
    wrong = []
    for session in list(sessions())[::3]:
        for now, who, remote in product(moments_of(session), PEOPLE, REMOTES):
            situation = Situation(who, session, now, remote)
            who.enter(session)
            role = who.membership.role_in(session)
            answers = list(gates_of(session, who.membership, role, now, lambda r=remote: r))
            denials = [answer.denial for answer in answers if answer.denial]
            first = denials[0] if denials else None
            if first != situation.access.denial or [a.gate for a in answers] != list(Gate):
                wrong.append((who.name, now, first, situation.access.denial))

    assert wrong == []


def test_every_denial_has_words_for_who_helps():
    assert all(str(explain.denial_text(str(denial))) for denial in Denial)
    assert str(explain.denial_text("ticket")).startswith("The entrance had been used")


def gates_on(page: Any) -> list[tuple[str, str]]:
    """What the visitor reads of each gate."""
    plain = lambda text: unescape(re.sub(r"<[^>]+>", "", text))  # noqa: E731
    return [(state, plain(text)) for state, text in GATES.findall(page.content.decode())]


@pytest.mark.django_db
def test_a_visitor_reads_as_far_as_the_first_closed_gate_and_nothing_behind_it():
    session = live_session()
    target_of(session, state="failed", error="secret inner words")

    page = signed_in(UserFactory()).get(join_url(session))

    assert gates_on(page) == [
        ("open", "✓ The session: It takes place."),
        ("closed", "✗ The event: You are not registered for this event yet."),
    ]


@pytest.mark.django_db
def test_who_is_early_reads_which_gates_are_open_already():
    start = timezone.now() + timedelta(hours=5)
    session = live_session(starts_at=start, ends_at=start + timedelta(hours=1))
    linked(session)

    page = signed_in(attendee_of(session)).get(join_url(session))

    assert [state for state, _ in gates_on(page)] == ["open", "open", "open", "closed"]
    assert "Why can't I join?" in page.content.decode()


@pytest.mark.django_db
def test_what_is_hidden_stays_hidden():
    session = live_session(event=EventFactory(is_public=False))
    stranger, missing = signed_in(UserFactory()), join_url(session).replace("join", "nothing")

    pages = [stranger.get(url) for url in (join_url(session), missing)]

    assert [page.status_code for page in pages] == [404, 404]
    assert gates_on(pages[0]) == []


@pytest.mark.django_db
def test_helpers_see_the_gates_of_people_who_may_not_even_know():
    session = live_session(status=SessionStatus.DRAFT)

    seen = explain.session_as_seen_by(attendee_of(session), session)

    assert (seen.session, [str(gate.state) for gate in seen.gates]) == (None, ["open", "closed"])
    assert seen.membership.role_in is not None


@pytest.mark.django_db
def test_the_team_sees_a_draft_and_its_gates():
    session = live_session(status=SessionStatus.DRAFT)
    owner = TeamMemberFactory(event=session.event).user

    seen = explain.session_as_seen_by(owner, session)

    assert seen.session == session
    assert seen.membership.role_in(seen.session) is StageRole.PRODUCER


@pytest.mark.parametrize("answer", ["null", "[]", '"odd"', "7"])
def test_an_answer_that_is_no_entry_is_said_and_breaks_nothing(site, settings, answer):
    settings.KALTURA_SERVICE_URL = site.url
    site.statuses["*"], site.text = 200, answer

    look = look_at(JoinDestination(entry_id="1_abcd2345"))

    assert "an answer that cannot be read" in look.text
    assert not look.is_well
