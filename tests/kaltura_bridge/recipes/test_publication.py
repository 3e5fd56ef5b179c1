"""Drafts have nothing at Kaltura that an attendee could find, however they became drafts.

The whole product: the event's status, the session's, and whether the event prepares drafts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import timedelta
from itertools import permutations, product
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from events.models import Event, EventStatus, Session, SessionStatus
from kaltura_bridge.models import EventDelivery, RemoteLink, SyncTarget
from kaltura_bridge.sync import service
from tests.factories import TeamMemberFactory
from tests.kaltura_bridge.support.oracle import Store, differences
from tests.kaltura_bridge.support.planning import settle, states
from tests.kaltura_bridge.support.recipe_cases import (
    CASES,
    SIMULIVE_PROFILE,
    decide,
    decide_event,
    planned,
)

if TYPE_CHECKING:
    from kaltura_simulator.testing import Simulator

pytestmark = [pytest.mark.django_db(transaction=True)]

# What attendees find a session by.
SHOWN = {"category_entry", "schedule_event", "schedule_event_resource"}
BROADCAST = Counter(entry=1, metadata=3, schedule_event=1, category_entry=1)
ROOM = Counter(room=1, metadata=1, schedule_event=1, category_entry=1)
OLDER_ROOM = Counter(schedule_resource=1, schedule_event=1, schedule_event_resource=1)
WHOLE = {
    "webcast": BROADCAST,
    "channel": BROADCAST,
    "studio": BROADCAST + Counter(room=1, category_entry=1),
    "simulive": BROADCAST + Counter(schedule_event=1),
    "interactive": ROOM,
    "webinar": ROOM,
    "legacy interactive": OLDER_ROOM,
    "legacy webinar": OLDER_ROOM,
}


@dataclass(frozen=True)
class Situation:
    """How an event and its only session stand."""

    event: str
    session: str
    prepares: bool

    @property
    def is_draft(self) -> bool:
        return "draft" in (self.event, self.session)

    @property
    def is_shown(self) -> bool:
        return (self.event, self.session) == ("published", "published")

    def wanted(self, whole: Counter[str]) -> Counter[str]:
        """The session's objects by kind, when Kaltura had none before."""
        if self.is_shown:
            return whole
        if self.is_draft and not self.prepares:
            return Counter()
        return Counter({kind: n for kind, n in whole.items() if kind not in SHOWN})


SITUATIONS = [
    Situation(*each) for each in product(EventStatus.values, SessionStatus.values, (False, True))
]


@pytest.fixture(autouse=True)
def simulive_profile(settings: Any) -> None:
    settings.KALTURA_SIMULIVE_ACCESS_CONTROL_ID = SIMULIVE_PROFILE


def bring(session: Session, to: Situation) -> None:
    """Give event and session this status and the event this switch."""
    decide_event(session.event, prepare_drafts=to.prepares)
    for thing, status in ((session.event, to.event), (session, to.session)):
        fresh = type(thing).objects.get(pk=thing.pk)
        fresh.status = status
        fresh.save()


def events_in(name: str, situations: Iterable[Situation]) -> list[Session]:
    """For each situation an event of its own title with one session of the case, not sent yet.

    Each on a day of its own: they record into one entry, on which Kaltura takes one at a time.
    """
    sessions = []
    for number, situation in enumerate(situations):
        session = planned(name)
        Event.objects.filter(pk=session.event.pk).update(title=f"Spring {number}")
        starts_at = session.starts_at + timedelta(days=number)
        length = session.ends_at - session.starts_at
        Session.objects.filter(pk=session.pk).update(
            starts_at=starts_at, ends_at=starts_at + length
        )
        bring(session, situation)
        sessions.append(session)
    return sessions


def settle_all() -> None:
    service.settle(SyncTarget.objects.all(), 60)
    assert set(SyncTarget.objects.values_list("state", "error")) == {("synced", "")}


def kinds_of(store: Store, planned_object: Event | Session) -> Counter[str]:
    """How many objects of each kind Kaltura holds for one of ours."""
    uuid, found = f"portal:{planned_object.uuid}", Counter[str]()
    for (kind, key), rows in store.ours.items():
        if key.startswith(uuid):
            found[str(kind)] += len(rows)
    return found


@pytest.mark.parametrize("name", CASES)
def test_each_situation_has_what_it_should_and_no_more(simulator: Simulator, name: str) -> None:
    sessions = events_in(name, SITUATIONS)

    settle_all()

    store = Store(simulator)
    held = {
        situation: kinds_of(store, session)
        for situation, session in zip(SITUATIONS, sessions, strict=True)
    }
    assert held == {situation: situation.wanted(WHOLE[name]) for situation in SITUATIONS}
    of_events = {
        situation: kinds_of(store, session.event)
        for situation, session in zip(SITUATIONS, sessions, strict=True)
    }
    has_channel = name == "channel"
    assert of_events == {
        s: Counter(
            category=int(s.event != "draft"),
            entry=int(has_channel and (s.event != "draft" or s.prepares)),
        )
        + Counter()
        for s in SITUATIONS
    }
    assert differences(simulator, *(session.event for session in sessions)) == []


def entries_of(session: Session) -> dict[tuple[str, str], str | None]:
    """The ids of what stream keys, chats and recordings hang on."""
    links = RemoteLink.objects.filter(
        target__object_uuid=session.uuid, kind__in=["entry", "room", "schedule_resource"]
    )
    return {(link.kind, link.key): link.remote_id for link in links if link.remote_id}


STEPS = [
    *permutations([s for s in SITUATIONS if not s.prepares], 2),
    *((Situation(s.event, s.session, not s.prepares), s) for s in SITUATIONS),
]


def differ(one: Situation, other: Situation) -> int:
    """In how many ways the two situations differ."""
    return sum(a != b for a, b in zip(astuple(one), astuple(other), strict=True))


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        # One change at a time, as people make them; make proof makes several at once, too.
        pytest.param("webcast", [s for s in STEPS if differ(*s) == 1], id="webcast, one by one"),
        *(pytest.param(name, STEPS, id=name, marks=pytest.mark.proof) for name in CASES),
    ],
)
def test_each_step_from_one_situation_to_another(
    simulator: Simulator, name: str, steps: list[tuple[Situation, Situation]]
) -> None:
    """What is held after a step is what the new situation asks for; no entry is lost by it."""
    sessions = events_in(name, [before for before, _ in steps])
    settle_all()
    entries = [entries_of(session) for session in sessions]

    for session, (_, after) in zip(sessions, steps, strict=True):
        bring(session, after)
    settle_all()

    store = Store(simulator)
    wrong = []
    for session, before, (_, after) in zip(sessions, entries, steps, strict=True):
        held, now = kinds_of(store, session), entries_of(session)
        has_category = kinds_of(store, session.event)["category"] == 1
        may_be_found = bool(SHOWN & held.keys())
        if (may_be_found, has_category) != (after.is_shown, after.event != "draft"):
            wrong.append((after, held))
        if before.items() - now.items():
            wrong.append((after, before))
        if (after.is_shown or not before) and held != after.wanted(WHOLE[name]):
            wrong.append((after, held))
    assert wrong == []
    assert differences(simulator, *(session.event for session in sessions)) == []
    service.settle(SyncTarget.objects.all(), 60, force=True)
    simulator.forget_requests()
    assert service.settle(SyncTarget.objects.all(), 60, force=True).writes == 0


def test_draft_simulive_needs_no_video_yet(simulator: Simulator) -> None:
    session = planned("simulive")
    decide(session, source_entry_id="", pre_clip_id="", post_clip_id="")
    bring(session, Situation("published", "draft", prepares=True))

    settle(session.event)
    draft = states(session.event)["Keynote"]
    bring(session, Situation("published", "published", prepares=True))
    settle(session.event, 1)

    assert (draft, states(session.event)["Keynote"]) == (("synced", ""), ("failed", "incomplete"))


def test_recording_and_its_entry_outlive_the_way_back_to_a_draft(simulator: Simulator) -> None:
    session = planned("webcast")
    settle(session.event)
    entry_id = entries_of(session)["entry", f"portal:{session.uuid}"]
    assert entry_id
    simulator.set_recording(0.0)
    for state in ("on_air", "off"):
        simulator.switch(entry_id, state)
    before = [row["id"] for row in simulator.objects("entry")]

    for event_status in ("draft", "published"):
        bring(session, Situation(event_status, "draft", prepares=False))
        settle(session.event)
    bring(session, Situation("published", "published", prepares=False))
    settle(session.event)

    assert [row["id"] for row in simulator.objects("entry")] == before
    assert differences(simulator, session.event) == []


def test_add_whose_reply_was_lost_before_the_way_back_is_not_made_again(
    simulator: Simulator, settings: Any
) -> None:
    settings.KALTURA_INDEX_DELAY_S = 0.6
    simulator.set_index_delay(0.3)
    made, refused = planned("webcast"), planned("webcast")
    Event.objects.filter(pk=refused.event.pk).update(title="Autumn")
    for session, fault in ((made, "lose_reply"), (refused, "refuse")):
        bring(session, Situation("published", "published", prepares=False))
        service.settle(SyncTarget.objects.exclude(kind="session"), 20)
        simulator.fault("liveStream.add", fault, times=1)
        service.sync_due(SyncTarget.objects.filter(object_uuid=session.uuid), ignore_pause=True)
        simulator.clear_faults()
        bring(session, Situation("published", "draft", prepares=False))

    settle_all()

    store = Store(simulator)
    assert (kinds_of(store, made), kinds_of(store, refused)) == (Counter(entry=1), Counter())


def test_deleted_draft_takes_along_what_was_kept(simulator: Simulator) -> None:
    session = planned("studio")
    settle(session.event)
    bring(session, Situation("draft", "draft", prepares=False))
    settle(session.event)

    session.delete()
    service.settle(SyncTarget.objects.all(), 20)

    assert dict(Store(simulator).ours) == {}


def test_draft_whose_entry_somebody_deleted_is_in_sync(simulator: Simulator) -> None:
    """Nothing is wanted of it, so nothing is missed."""
    from tests.kaltura_bridge.support.at_kaltura import link_of, someone_deletes

    session = planned("webcast")
    settle(session.event)
    bring(session, Situation("published", "draft", prepares=False))
    settle(session.event)

    someone_deletes(link_of("entry"))
    service.sync_event(session.event, 20)
    told = states(session.event)["Keynote"]
    bring(session, Situation("published", "published", prepares=False))
    settle(session.event)

    assert told == ("synced", "")
    assert differences(simulator, session.event) == []


def test_switch_on_the_events_page_prepares_its_drafts(simulator: Simulator, client: Any) -> None:
    from tests.kaltura_bridge.admin.test_delivery import as_sent

    session = planned("webcast")
    bring(session, Situation("published", "draft", prepares=False))
    EventDelivery.objects.filter(event=session.event).delete()
    settle(session.event)
    event = Event.objects.get(pk=session.event.pk)
    client.force_login(TeamMemberFactory(event=event).user)
    page = reverse("admin:events_event_change", args=[event.pk])
    before = kinds_of(Store(simulator), session)

    answer = client.post(page, as_sent(event, {"prepare_drafts": "on"}))
    settle(event)

    assert (answer.status_code, before) == (302, Counter())
    assert kinds_of(Store(simulator), session) == Counter(entry=1, metadata=3)


@pytest.mark.parametrize(
    ("situation", "told"),
    [
        (
            Situation("draft", "published", prepares=False),
            "Draft: attendees find nothing of it at Kaltura. Publish it to send the rest.",
        ),
        (
            Situation("published", "draft", prepares=True),
            "Draft: its entry or room is prepared at Kaltura, in no channel and no calendar.",
        ),
        (Situation("published", "cancelled", prepares=True), ""),
    ],
)
def test_session_page_says_what_kaltura_has_of_a_draft(
    simulator: Simulator, client: Any, situation: Situation, told: str
) -> None:
    session = planned("webcast")
    bring(session, situation)
    client.force_login(TeamMemberFactory(event=session.event).user)

    page = client.get(reverse("admin:events_session_change", args=[session.pk]))

    notes = re.findall(r'<p class="sync-note">(.*?)</p>', page.content.decode())
    assert notes == [told] * bool(told)
