"""Captions that arrive hidden: shown by a rule or a person, once, whatever happens between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from kaltura_bridge.api.client import Kaltura, new
from kaltura_bridge.captions import asking, results, service, showing
from kaltura_bridge.models import Account, CaptionOrder, CaptionTrack, OrderState, Transcript
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.at_kaltura import at_kaltura
from tests.kaltura_bridge.support.captioning import (
    VIDEO,
    CaptionVendor,
    look_again,
    recorded,
    rule_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def recording(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0
    return recorded()


@pytest.fixture
def hidden(simulator, recording) -> CaptionTrack:
    """What the vendor delivered to a rule that leaves it to people to show it."""
    rule_of(recording.session, shows_at_once=False)
    look_again()
    CaptionVendor(simulator).deliver()
    look_again()
    return the_track()


def the_track() -> CaptionTrack:
    return CaptionTrack.objects.defer("cues", "words").select_related("transcript__session").get()


def at_player(simulator) -> dict[str, bool]:
    """By the ids of all captions, whether Kaltura's player shows them."""
    return {row["id"]: row["displayOnPlayer"] for row in simulator.objects("captionAsset")}


def manager_of(track: CaptionTrack):
    return TeamMemberFactory(event=track.transcript.session.event).user


def as_it_stands() -> tuple[bool, str, str]:
    track = the_track()
    return track.is_shown, track.wish, track.trouble


def test_rule_shows_what_arrives_hidden_and_leaves_alone_what_people_hide(simulator, recording):
    rule_of(recording.session)
    look_again()
    CaptionVendor(simulator).deliver()

    look_again()

    track, order = the_track(), CaptionOrder.objects.get()
    assert (order.state, order.output_id) == (OrderState.READY, track.asset_id)
    assert (track.is_readable, at_player(simulator)) == (True, {track.asset_id: True})
    # Somebody hides them again at Kaltura: so they stay.
    changed = new("KalturaCaptionAsset", displayOnPlayer=False)
    at_kaltura(lambda c: c.caption.captionAsset.update(track.asset_id, changed))
    for _ in range(2):
        Transcript.objects.update(look_at=timezone.now())
        look_again()
    assert as_it_stands() == (False, "", "")
    assert at_player(simulator) == {track.asset_id: False}
    # Then there is nothing left to do, at no call.
    calls = simulator.calls()
    service.look_after_captions()
    assert simulator.calls() == calls


def test_what_a_rule_leaves_hidden_is_shown_and_hidden_by_hand(simulator, hidden):
    person = manager_of(hidden)
    look_again()
    left = (hidden.is_readable, CaptionOrder.objects.get().state, at_player(simulator))

    shown = asking.wish_shown(person, hidden, "show")
    twice = asking.wish_shown(person, hidden, "show")
    before = the_track().is_readable
    look_again()
    now = (as_it_stands(), at_player(simulator))
    hides = asking.wish_shown(person, the_track(), "hide")
    at_once = the_track().is_readable
    look_again()

    assert left == (False, OrderState.READY, {hidden.asset_id: False})
    assert (shown, twice, before) == (True, False, False)
    assert now == ((True, "", ""), {hidden.asset_id: True})
    assert (hides, at_once) == (True, False)
    assert (as_it_stands(), at_player(simulator)) == ((False, "", ""), {hidden.asset_id: False})
    assert asking.wish_shown(person, the_track(), "hide") is False


def test_lost_answer_is_asked_again_when_the_first_can_no_longer_arrive(simulator, hidden):
    simulator.lose_reply("captionAsset.update")
    asking.wish_shown(manager_of(hidden), hidden, "show")

    look_again()
    Account.objects.update(paused_until=None)
    look_again()
    waiting = as_it_stands()
    CaptionTrack.objects.update(lease_until=timezone.now())
    Account.objects.update(paused_until=None)
    look_again()

    assert waiting == (False, "show", "")
    assert (as_it_stands(), at_player(simulator)) == ((True, "", ""), {hidden.asset_id: True})


@pytest.mark.parametrize("moment", ["before it is sent", "before it is written down"])
def test_killed_worker_loses_nothing(simulator, hidden, monkeypatch, moment):
    class Killed(BaseException):
        pass

    def die(*_args, **_more):
        raise Killed

    asking.wish_shown(manager_of(hidden), hidden, "show")
    with monkeypatch.context() as patched, pytest.raises(Killed):
        about = (Kaltura, "ask_once") if moment == "before it is sent" else (showing, "_keep")
        patched.setattr(*about, die)
        showing.carry_out(Kaltura())
    held = showing.carry_out(Kaltura())
    CaptionTrack.objects.update(lease_until=timezone.now())

    look_again()

    assert held == 0
    assert (as_it_stands(), at_player(simulator)) == ((True, "", ""), {hidden.asset_id: True})


def test_newer_wish_is_told_after_the_one_under_way(simulator, hidden):
    person = manager_of(hidden)
    asking.wish_shown(person, hidden, "show")
    under_way = showing.LEASES.take(showing._wished())
    asking.wish_shown(person, the_track(), "hide")

    early = showing.carry_out(Kaltura())
    showing._keep(under_way, True, is_shown=True)
    between = the_track()
    look_again()

    assert (early, between.wish, between.is_readable) == (0, "hide", False)
    assert (as_it_stands(), at_player(simulator)) == ((False, "", ""), {hidden.asset_id: False})


def test_refusal_is_told_and_leaves_other_captions_alone(simulator, hidden):
    asking.wish_shown(manager_of(hidden), hidden, "show")
    simulator.answer_with("captionAsset.update", "SERVICE_FORBIDDEN", SERVICE="c", ACTION="u")

    look_again()

    is_shown, wish, trouble = as_it_stands()
    assert (is_shown, wish, "SERVICE_FORBIDDEN" in trouble) == (False, "", True)
    assert Account.objects.get().failures == 0
    asking.wish_shown(manager_of(hidden), hidden, "show")
    look_again()
    assert as_it_stands() == (True, "", "")


def test_trouble_that_passes_keeps_the_wish(simulator, hidden):
    asking.wish_shown(manager_of(hidden), hidden, "show")
    simulator.answer_with("captionAsset.update", "INTERNAL_SERVERL_ERROR")

    look_again()
    is_shown, wish, trouble = as_it_stands()
    CaptionTrack.objects.update(wish_at=timezone.now())
    look_again()

    assert (is_shown, wish, bool(trouble)) == (False, "show", True)
    assert as_it_stands() == (True, "", "")


def test_captions_deleted_meanwhile_are_gone(simulator, hidden):
    asking.wish_shown(manager_of(hidden), hidden, "show")
    at_kaltura(lambda c: c.caption.captionAsset.delete(hidden.asset_id))

    look_again()

    assert not CaptionTrack.objects.exists()


def test_what_kaltura_overrules_is_said(simulator, hidden):
    asking.wish_shown(manager_of(hidden), hidden, "show")

    showing._keep(showing.LEASES.take(showing._wished()), True, is_shown=False)

    assert as_it_stands() == (False, "", showing.OVERRULED)


@pytest.mark.parametrize("what", ["show", "hide"])
def test_look_that_began_before_undoes_neither_wish_nor_outcome(simulator, hidden, what):
    if what == "hide":
        asking.wish_shown(manager_of(hidden), hidden, "show")
        look_again()
    Transcript.objects.update(look_at=timezone.now() - timedelta(seconds=1))
    row = Transcript.objects.get()
    answer = Kaltura().ask([results._list_of(VIDEO)])[0]
    asking.wish_shown(manager_of(hidden), the_track(), what)
    wished = the_track()
    showing.carry_out(Kaltura())

    results._take(row, answer)

    is_shown = what == "show"
    assert (wished.wish, wished.is_readable) == (what, False)
    assert as_it_stands() == (is_shown, "", "")
    look_again()  # It is still due.
    assert as_it_stands() == (is_shown, "", "")
