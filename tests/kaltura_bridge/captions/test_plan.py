"""Live captions follow the plan: aborted and ordered again, and never paid twice."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import EventStatus, Session, SessionStatus
from kaltura_bridge.api.client import Kaltura
from kaltura_bridge.captions import asking, catalogue, service
from kaltura_bridge.captions.pricing import quote
from kaltura_bridge.models import (
    Account,
    CaptionFeature,
    CaptionOrder,
    OrderState,
    OrderWish,
    ReachCatalogue,
    RemoteLink,
)
from kaltura_bridge.specs import Kind
from kaltura_bridge.sync import service as sync
from kaltura_simulator import constants
from tests.factories import SessionFactory, TeamMemberFactory
from tests.kaltura_bridge.support.captioning import CaptionVendor, look_again, rule_of, tasks_at
from tests.kaltura_bridge.support.joining import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ABORTED, PENDING, PROCESSING, SCHEDULED = 7, 1, 3, 9
HOUR = timedelta(hours=1)


@pytest.fixture
def at_once(simulator, settings):
    settings.KALTURA_INDEX_DELAY_S = 0
    return simulator


def ordered(by: str = "rule") -> Session:
    """A keynote in five hours, an hour long, whose live captions are on order (for 90)."""
    start = timezone.now().replace(microsecond=0) + 5 * HOUR
    session = SessionFactory(title="Keynote", language="en", starts_at=start, ends_at=start + HOUR)
    in_sync(session)
    if by == "rule":
        rule_of(session, feature=CaptionFeature.LIVE, within_hours=None)
    else:
        order_by_hand(session)
    look_again()
    assert CaptionOrder.objects.get().state == OrderState.PENDING
    return session


def order_by_hand(session: Session) -> None:
    item = catalogue.refresh(Kaltura()).item(constants.REACH_LIVE_CAPTIONS)
    ((need, _name),) = asking.needs_of_session(session, timezone.now())
    offer = quote(
        catalogue.remembered(), item, need.seconds, timezone.now(), starts_at=need.starts_at
    )
    asking.order(TeamMemberFactory(event=session.event).user, need, offer, uuid.uuid4())


def in_sync(session: Session) -> None:
    sync.settle(sync.targets_of(session.event), 20)


def moved(session: Session, by: timedelta = HOUR, longer: timedelta = timedelta(0)) -> None:
    session.starts_at += by
    session.ends_at += by + longer
    session.save()


def at_kaltura(simulator) -> list[tuple[int, int]]:
    """Status and start of each task, the first one first."""
    found = sorted(tasks_at(simulator), key=lambda task: task["id"])
    return [(task["status"], task["taskJobData"]["startDate"]) for task in found]


def orders() -> list[tuple[str, str]]:
    return list(CaptionOrder.objects.order_by("pk").values_list("state", "plan_change"))


def used() -> float:
    return float(catalogue.refresh(Kaltura()).profiles[0].used)


def unix(session: Session) -> int:
    return int(session.starts_at.timestamp())


@pytest.mark.parametrize("by", ["rule", "person"])
@pytest.mark.parametrize("status", [PENDING, SCHEDULED])
def test_order_of_a_moved_session_is_aborted_and_placed_again(at_once, by, status):
    session = ordered(by)
    first, before = unix(session), used()
    if status == SCHEDULED:
        CaptionVendor(at_once).report(tasks_at(at_once)[0]["id"], SCHEDULED)
        look_again()

    moved(session)
    in_sync(session)
    for _ in range(3):
        look_again()

    assert at_kaltura(at_once) == [(ABORTED, first), (PENDING, unix(session))]
    assert orders() == [("aborted", "moved"), ("pending", "")]
    assert (before, used()) == (90, 90)
    old, new = CaptionOrder.objects.order_by("pk")
    assert (new.starts_at, new.ends_at) == (session.starts_at, session.ends_at)
    assert (new.rule, new.ordered_by, new.key == old.key) == (old.rule, old.ordered_by, False)
    assert tasks_at(at_once)[0]["errDescription"] == "The session was moved."


@pytest.mark.parametrize("how", ["cancelled", "unpublished", "deleted", "event cancelled"])
def test_order_is_aborted_before_its_broadcast_goes(at_once, how):
    session = ordered("person")
    event = session.event
    if how == "deleted":
        session.delete()
    elif how == "event cancelled":
        event.status = EventStatus.CANCELLED
        event.save()
    else:
        of = {"cancelled": SessionStatus.CANCELLED, "unpublished": SessionStatus.DRAFT}
        session.status = of[how]
        session.save()

    sync.settle(sync.targets_of(event), 20)

    order = CaptionOrder.objects.get()
    assert [status for status, _ in at_kaltura(at_once)] == [ABORTED]
    assert (order.state, order.plan_change) == (OrderState.ABORTED, how.rpartition(" ")[2])
    assert (order.title, order.event, used()) == ("Keynote", event, 0)
    for _ in range(2):
        look_again()
    assert len(tasks_at(at_once)) == CaptionOrder.objects.count() == 1
    page = signed_in(TeamMemberFactory(event=event).user).get(
        f"/admin/kaltura_bridge/captionorder/of/{event.pk}/"
    )
    assert "Keynote" in page.content.decode()


@pytest.mark.parametrize("first", ["not yet", "unanswered"])
def test_what_another_worker_left_to_abort_is_aborted_before_the_broadcast_goes(at_once, first):
    session = ordered("person")
    session.status = SessionStatus.CANCELLED
    session.save()
    if first == "unanswered":
        at_once.refuse("entryVendorTask.abort", times=1)
        look_again()
        Account.objects.update(paused_until=None)
    else:
        service.plan.follow_plan()

    in_sync(session)

    assert [status for status, _ in at_kaltura(at_once)] == [ABORTED]
    assert (orders(), used()) == ([("aborted", "cancelled")], 0)


def test_rule_orders_again_what_is_published_again(at_once):
    session = ordered()
    session.status = SessionStatus.DRAFT
    session.save()
    look_again()
    unpublished = orders()
    session.status = SessionStatus.PUBLISHED
    session.save()
    in_sync(session)

    look_again()
    look_again()

    assert unpublished == [("aborted", "unpublished")]
    assert orders() == [("aborted", "unpublished"), ("pending", "")]
    assert [status for status, _ in at_kaltura(at_once)] == [ABORTED, PENDING]


def test_person_pays_no_more_than_was_agreed(at_once):
    session = ordered("person")

    moved(session, longer=HOUR)
    look_again()
    look_again()

    assert [status for status, _ in at_kaltura(at_once)] == [ABORTED]
    again = CaptionOrder.objects.latest("pk")
    assert (again.state, again.reason) == (
        OrderState.WITHDRAWN,
        "The session was moved. It was not ordered again. "
        "It would cost 180.0000 instead of 90.0000.",
    )
    assert (CaptionOrder.objects.count(), used()) == (2, 0)


@pytest.mark.parametrize("by", ["rule", "person"])
def test_what_the_vendor_has_begun_stays_and_nothing_is_ordered_beside_it(at_once, by):
    session = ordered(by)
    first = unix(session)
    CaptionVendor(at_once).report(tasks_at(at_once)[0]["id"], PROCESSING)
    moved(session)
    # The portal does not know yet that it has begun: Kaltura refuses the abort.
    for _ in range(3):
        look_again()

    client = signed_in(TeamMemberFactory(event=session.event).user)
    page = client.get(f"/admin/kaltura_bridge/captionorder/session/{session.pk}/")
    assert at_kaltura(at_once) == [(PROCESSING, first)]
    assert orders() == [("processing", "")]
    words = "The session was moved, but the vendor is at work: this can no longer be aborted"
    assert words in page.content.decode()
    # Delivered in the end, it is paid, and still stands alone.
    CaptionVendor(at_once).report(tasks_at(at_once)[0]["id"], 2)
    look_again()
    look_again()
    assert orders() == [("ready", "")]
    assert (len(at_kaltura(at_once)), used()) == (1, 90)


class Killed(BaseException):
    """The worker died."""


def dying(monkeypatch, number: int, *, after: bool) -> None:
    """A worker that dies at its write of this number, once."""
    ask, seen = Kaltura.ask_once, {"writes": 0}

    def ask_and_die(self, requests):
        seen["writes"] += requests[0].write
        dies = requests[0].write and seen["writes"] == number
        if dies and not after:
            raise Killed
        answers = ask(self, requests)
        if dies:
            raise Killed
        return answers

    monkeypatch.setattr(Kaltura, "ask_once", ask_and_die)


@pytest.mark.parametrize("by", ["rule", "person"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("write", [1, 2], ids=["abort", "add"])
def test_killed_worker_moves_an_order_once(at_once, monkeypatch, by, write, after):
    session = ordered(by)
    first = unix(session)
    moved(session)
    with monkeypatch.context() as patch:
        dying(patch, write, after=after)
        with pytest.raises(Killed):
            look_again()
    CaptionOrder.objects.update(lease_until=timezone.now())  # It ran out.

    for _ in range(3):
        look_again()

    assert at_kaltura(at_once) == [(ABORTED, first), (PENDING, unix(session))]
    assert orders() == [("aborted", "moved"), ("pending", "")]
    assert used() == 90


def lose_catalogue(simulator, how: str) -> None:
    """The catalogue is refused, or comes without its rows."""
    action = "vendorCatalogItem.list"
    if how == "refused":
        simulator.answer_with(action, "SERVICE_FORBIDDEN", times=None, SERVICE="r", ACTION="l")
    else:
        simulator.lose_page(action, times=None)


@pytest.mark.parametrize("how", ["refused", "page lost"])
@pytest.mark.parametrize("is_known", [True, False])
def test_order_of_a_moved_session_outlives_a_catalogue_that_cannot_be_read(at_once, how, is_known):
    session = ordered("person")
    read_at = catalogue.remembered().read_at
    if not is_known:  # as when it could never be read
        ReachCatalogue.objects.update(profiles=[], items=[])
    catalogue.expire()
    lose_catalogue(at_once, how)
    moved(session)
    in_sync(session)
    for _ in range(3):
        look_again()

    known = catalogue.remembered()
    assert (bool(known.error), known.read_at, bool(known.items)) == (True, read_at, is_known)
    assert orders() == [("aborted", "moved"), ("pending", "")][: 1 + is_known]
    if not is_known:
        page = signed_in(TeamMemberFactory(event=session.event).user).get(
            f"/admin/kaltura_bridge/captionorder/session/{session.pk}/"
        )
        assert "ordered again once the broadcast is at Kaltura" in page.content.decode()
    at_once.clear_faults()
    catalogue.expire()
    for _ in range(2):
        look_again()
    assert orders() == [("aborted", "moved"), ("pending", "")]
    assert catalogue.refresh(Kaltura()).error == ""


@pytest.mark.parametrize("call", ["abort", "add"])
def test_lost_answer_is_looked_up_and_nothing_is_sent_twice(at_once, call):
    session = ordered("person")
    first = unix(session)
    moved(session)
    at_once.lose_reply(f"entryVendorTask.{call}")
    for _ in range(4):
        look_again()
        Account.objects.update(paused_until=None)

    assert at_kaltura(at_once) == [(ABORTED, first), (PENDING, unix(session))]
    assert orders() == [("aborted", "moved"), ("pending", "")]
    old = CaptionOrder.objects.earliest("pk")
    if call == "abort":
        assert old.reason == (
            "The session was moved. "
            "Kaltura has this order no longer: it was aborted there, or deleted."
        )


def test_session_that_is_moved_back_in_time_keeps_its_order(at_once):
    session = ordered()
    moved(session)
    service.plan.follow_plan()
    given_up = CaptionOrder.objects.get()
    moved(session, -HOUR)

    look_again()

    assert (given_up.wish, given_up.plan_change) == (OrderWish.ABORT, "moved")
    assert (orders(), CaptionOrder.objects.get().wish) == ([("pending", "")], "")
    assert at_kaltura(at_once) == [(PENDING, unix(session))]


def test_order_that_may_be_aborted_already_is_not_kept_though_it_is_moved_back(at_once):
    session = ordered("person")
    start = unix(session)
    moved(session)
    at_once.lose_reply("entryVendorTask.abort")
    look_again()
    Account.objects.update(paused_until=None)
    moved(session, -HOUR)

    for _ in range(3):
        look_again()

    assert at_kaltura(at_once) == [(ABORTED, start), (PENDING, start)]
    assert orders() == [("aborted", "moved"), ("pending", "")]


def test_nothing_is_ordered_again_before_there_is_a_calendar_event(at_once):
    session = ordered("person")
    event = RemoteLink.objects.filter(kind=Kind.SCHEDULE_EVENT, key__endswith=str(session.uuid))
    event.update(gone=True)
    for _ in range(3):
        look_again()
    before = orders()
    event.update(gone=False)
    for _ in range(2):
        look_again()

    assert before == [("aborted", "renewed")]
    assert orders() == [("aborted", "renewed"), ("pending", "")]


@pytest.mark.parametrize("by", ["rule", "person"])
def test_broadcast_made_anew_gets_an_order_of_its_own(at_once, by):
    session = ordered(by)
    other = SessionFactory(
        event=session.event, title="x", starts_at=session.starts_at, ends_at=session.ends_at
    )
    in_sync(session)
    # As if it were this session's new broadcast.
    for kind in (Kind.ENTRY, Kind.SCHEDULE_EVENT):
        link = RemoteLink.objects.get(kind=kind, key__endswith=str(other.uuid))
        own = RemoteLink.objects.filter(kind=kind, key__endswith=str(session.uuid))
        remote_id = link.remote_id
        link.delete()
        own.update(remote_id=remote_id)
    other.status = SessionStatus.DRAFT
    other.save()

    for _ in range(3):
        look_again()

    entry = RemoteLink.objects.get(kind=Kind.ENTRY, key__endswith=str(session.uuid)).remote_id
    assert orders() == [("aborted", "renewed"), ("pending", "")]
    assert CaptionOrder.objects.latest("pk").entry_id == entry
    assert [status for status, _ in at_kaltura(at_once)] == [ABORTED, PENDING]
    assert used() == 90


def test_unsent_orders_of_a_deleted_session_are_withdrawn(at_once):
    session = ordered()
    start = session.starts_at
    second = SessionFactory(
        event=session.event, title="Second", starts_at=start, ends_at=start + HOUR
    )
    in_sync(second)
    order_by_hand(second)
    second.delete()

    look_again()

    assert orders() == [("pending", ""), ("withdrawn", "deleted")]
    assert len(tasks_at(at_once)) == 1
